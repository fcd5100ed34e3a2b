using System.Runtime.InteropServices;

namespace Mandos.Core.Linux.Netlink;

/// <summary>The number that the kernel gave an interface (if_nametoindex(3)).</summary>
public static partial class InterfaceIndex
{
    /// <summary>0 if no such interface.</summary>
    public static int Of(string name) => (int)IfNameToIndex(name);

    [LibraryImport(LibC.Name, EntryPoint = "if_nametoindex", StringMarshalling = StringMarshalling.Utf8)]
    private static partial uint IfNameToIndex(string name);
}
