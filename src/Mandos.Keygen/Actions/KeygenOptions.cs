using Mandos.Keygen.Keys;

namespace Mandos.Keygen.Actions;

/// <summary>The options from the command line, parsed and checked.</summary>
internal sealed record KeygenOptions
{
    /// <summary>The directory of the key files.</summary>
    public required string Directory { get; init; }

    public required OpenPgpKeyType Primary { get; init; }

    public required OpenPgpKeyType Subkey { get; init; }

    /// <summary>The name; null for the name of this host, which is determined when needed.</summary>
    public string? Name { get; init; }

    public string Email { get; init; } = "";

    public string Comment { get; init; } = "";

    /// <summary>How long the OpenPGP keys are valid; null for unlimited.</summary>
    public TimeSpan? Validity { get; init; }

    public required TlsKeyType TlsKeyType { get; init; }

    /// <summary>Replace existing keys.</summary>
    public bool Force { get; init; }

    /// <summary>Check the key files instead of creating keys.</summary>
    public bool Check { get; init; }

    /// <summary>With <see cref="Check"/>: the file with a secret to decrypt; null for none.</summary>
    public string? SecretFile { get; init; }

    /// <summary>Print a section for clients.conf instead of creating keys.</summary>
    public bool EncryptPassword { get; init; }

    /// <summary>The file with the password; null to prompt for it.</summary>
    public string? PasswordFile { get; init; }

    /// <summary>Look for an SSH host key.</summary>
    public bool Ssh { get; init; } = true;
}
