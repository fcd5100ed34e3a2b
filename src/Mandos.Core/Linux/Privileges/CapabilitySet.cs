namespace Mandos.Core.Linux.Privileges;

/// <summary>Capabilities (capabilities(7)), as bits.</summary>
[Flags]
public enum CapabilitySet : ulong
{
    None = 0,

    /// <summary>Read every file and directory, regardless of its owner.</summary>
    ReadAnyFile = 1UL << 2,

    /// <summary>Bind to ports below 1024.</summary>
    BindLowPort = 1UL << 10,

    /// <summary>Use raw sockets, as ping does; bind a socket to an interface.</summary>
    RawNetwork = 1UL << 13,
}
