using Mandos.Keygen.Keys;

namespace Mandos.Keygen;

/// <summary>What the command line asked for, parsed and checked.</summary>
internal sealed record KeygenOptions
{
    /// <summary>Where the key files are.</summary>
    public required string Directory { get; init; }

    public required OpenPgpKeyType Primary { get; init; }

    public required OpenPgpKeyType Subkey { get; init; }

    /// <summary>Null: the name of this host, asked for when it is needed.</summary>
    public string? Name { get; init; }

    public string Email { get; init; } = "";

    public string Comment { get; init; } = "";

    /// <summary>How long the OpenPGP keys are valid; null is forever.</summary>
    public TimeSpan? Validity { get; init; }

    public required TlsKeyType TlsKeyType { get; init; }

    /// <summary>Replace keys that exist.</summary>
    public bool Force { get; init; }

    /// <summary>Judge the key files rather than make any.</summary>
    public bool Check { get; init; }

    /// <summary>With <see cref="Check"/>: the file with a secret to decrypt; null for none.</summary>
    public string? SecretFile { get; init; }

    /// <summary>Print a section for clients.conf rather than make keys.</summary>
    public bool EncryptPassword { get; init; }

    /// <summary>The file with the password; null asks for it.</summary>
    public string? PasswordFile { get; init; }

    /// <summary>Look for an SSH host key.</summary>
    public bool Ssh { get; init; } = true;
}
