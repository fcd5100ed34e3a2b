namespace Mandos.Core.Linux.Files;

/// <summary>What happened in a watched directory.</summary>
public enum DirectoryChangeKind
{
    /// <summary>A file was written to its end, or moved in.</summary>
    FileReady,

    /// <summary>A file was removed, or moved out.</summary>
    FileGone,

    /// <summary>Some changes were lost: look at the whole directory.</summary>
    Overflow,

    /// <summary>The directory is no more; nothing else will come.</summary>
    DirectoryGone,
}

/// <summary>One change in a watched directory.</summary>
/// <param name="kind">What happened.</param>
/// <param name="name">The file's name without its directory; empty where no file is meant.</param>
public sealed class DirectoryChange(DirectoryChangeKind kind, string name)
{
    /// <summary>What happened.</summary>
    public DirectoryChangeKind Kind => kind;

    /// <summary>The file's name without its directory; empty where no file is meant.</summary>
    public string Name => name;
}
