namespace Mandos.Core.Linux.Files;

/// <summary>The kind of a change in a watched directory.</summary>
public enum DirectoryChangeKind
{
    /// <summary>A file was written to its end, or moved in.</summary>
    FileReady,

    /// <summary>A file was removed, or moved out.</summary>
    FileGone,

    /// <summary>Some changes were lost: the whole directory must be read again.</summary>
    Overflow,

    /// <summary>The directory no longer exists; there will be no further changes.</summary>
    DirectoryGone,
}

/// <summary>A change in a watched directory.</summary>
/// <param name="kind">The kind of change.</param>
/// <param name="name">The file's name without its directory; empty if the change concerns no file.</param>
public sealed class DirectoryChange(DirectoryChangeKind kind, string name)
{
    /// <summary>The kind of change.</summary>
    public DirectoryChangeKind Kind => kind;

    /// <summary>The file's name without its directory; empty if the change concerns no file.</summary>
    public string Name => name;
}
