using System.Runtime.InteropServices;

namespace Mandos.Core.Linux.Netlink;

/// <summary>The index of an interface in the kernel (if_nametoindex(3)).</summary>
public static partial class InterfaceIndex
{
    /// <summary>Returns the index; 0 if the interface does not exist.</summary>
    public static int Of(string name) => (int)IfNameToIndex(name);

    [LibraryImport(LibC.Name, EntryPoint = "if_nametoindex", StringMarshalling = StringMarshalling.Utf8)]
    private static partial uint IfNameToIndex(string name);
}
