namespace Mandos.Keygen.Enrolment;

/// <summary>How the section gets to the server.</summary>
internal enum SectionRoute
{
    /// <summary>Into its files, over ssh.</summary>
    Files,

    /// <summary>By mandos-ctl there, over ssh.</summary>
    Bus,

    /// <summary>It is printed, and the operator pastes it.</summary>
    Print,
}

/// <summary>The options of enroll, unenroll and rotate.</summary>
internal sealed record EnrolmentOptions
{
    /// <summary>The server for ssh, <c>[USER@]SERVER</c>; null if it is not needed.</summary>
    public string? Server { get; init; }

    /// <summary>The directory of the key files.</summary>
    public required string Directory { get; init; }

    /// <summary>The name of the client; null for the name of this host.</summary>
    public string? Name { get; init; }

    /// <summary>The file with the passphrase; null to ask for it.</summary>
    public string? PasswordFile { get; init; }

    /// <summary>The encrypted devices; empty for those of crypttab.</summary>
    public IReadOnlyList<string> Devices { get; init; } = [];

    /// <summary>Whether Mandos gets a passphrase of its own in a free key slot.</summary>
    public bool NewKeySlot { get; init; }

    public SectionRoute Via { get; init; }

    /// <summary>The only step to run, with what it needs; null for all.</summary>
    public string? Step { get; init; }

    /// <summary>Print what would be done.</summary>
    public bool DryRun { get; init; }

    /// <summary>Look for an SSH host key for the checker.</summary>
    public bool Ssh { get; init; } = true;

    /// <summary>With unenroll: remove the key files.</summary>
    public bool RemoveKeys { get; init; }

    /// <summary>With rotate: take the rotation back.</summary>
    public bool Abort { get; init; }

    /// <summary>With rotate: drop the old keys.</summary>
    public bool Finish { get; init; }

    /// <summary>With rotate: drop the old keys without the proof that they are not needed.</summary>
    public bool Force { get; init; }

    /// <summary>The server without the user: whose key slot it is.</summary>
    public string ServerName => Server is null ? "" : Server[(Server.LastIndexOf('@') + 1)..];
}
