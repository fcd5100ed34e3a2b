using System.CommandLine;
using Mandos.CommandLine;
using Mandos.Keygen.Actions;
using Mandos.Keygen.Commands;
using Mandos.Keygen.Failures;
using Mandos.Keygen.KeyFiles;
using Mandos.Keygen.Keys;

namespace Mandos.Keygen;

/// <summary>The command line of mandos-keygen: upstream's options, short forms and exit codes.</summary>
internal sealed class KeygenCommand
{
    private readonly Option<string?> _dir = PlainOption.Text(
        "--dir", "DIR", $"Directory of the key files; default {KeyDirectory.Default}, or {KeyDirectory.Older} if the former does not exist",
        "-d");
    private readonly Option<string?> _type = PlainOption.Text("--type", "TYPE", "OpenPGP key type: ed25519 (default) or RSA", "-t");
    private readonly Option<string?> _length = PlainOption.Text(
        "--length", "BITS", "OpenPGP key length of an RSA key; default 4096. Without --type it implies RSA", "-l");
    private readonly Option<string?> _subtype = PlainOption.Text(
        "--subtype", "TYPE", "OpenPGP subkey type: cv25519 (default) or RSA", "-s");
    private readonly Option<string?> _sublength = PlainOption.Text(
        "--sublength", "BITS", "OpenPGP subkey length of an RSA key; default 4096. Without --subtype it implies RSA", "-L");
    private readonly Option<string?> _name = PlainOption.Text("--name", "NAME", "Name of the client; default is the host name", "-n");
    private readonly Option<string?> _email = PlainOption.Text("--email", "ADDRESS", "Email address in the OpenPGP key", "-e");
    private readonly Option<string?> _comment = PlainOption.Text("--comment", "TEXT", "Comment in the OpenPGP key", "-c");
    private readonly Option<string?> _expire = PlainOption.Text(
        "--expire", "TIME",
        "When the OpenPGP key expires, as in gpg: 0 (never, default), NUMBER of days, NUMBERw, NUMBERm, NUMBERy, or YYYY-MM-DD", "-x");
    private readonly Option<string?> _tlsKeyType = PlainOption.Text(
        "--tls-keytype", "TYPE", "TLS key type: ed25519 (default), ed448, ecdsa, secp256r1, secp384r1, secp521r1 or rsa", "-T");
    private readonly Option<bool> _force = PlainOption.Flag(
        "--force", "Replace key files that exist; the old ones are kept as numbered backups", "-f");
    private readonly Option<bool> _password = PlainOption.Flag(
        "--password", "Ask for a password, encrypt it to the keys, and print a section for clients.conf", "-p");
    private readonly Option<string?> _passFile = PlainOption.Text(
        "--passfile", "FILE", "Like --password, with the bytes of FILE as the password; - is standard input", "-F");
    private readonly Option<bool> _check = PlainOption.Flag(
        "--check", "Report whether the boot client can use the key files; nothing is changed");
    private readonly Option<string?> _secret = PlainOption.Text(
        "--secret", "FILE",
        "With --check: report whether the secret in FILE, a section of clients.conf or only the secret, can be decrypted; - is "
            + "standard input");
    private readonly Option<bool> _noSsh = PlainOption.Flag(
        "--no-ssh", "With --password and --passfile: do not look for an SSH host key", "-S");

    public KeygenCommand()
    {
        Program = new GnuProgram(
            "mandos-keygen",
            $"""
            Generates the keys of a Mandos client, or encrypts a password to them and prints the client's section for clients.conf.

            {Subcommands.Help}
            """,
            usageError: 1, helpExit: 0, helpAliases: ["-h"], versionAliases: ["-v"]);
        foreach (var option
            in new Option[] { _dir, _type, _length, _subtype, _sublength, _name, _email, _comment, _expire, _tlsKeyType, _force, _password,
                _passFile, _check, _secret, _noSsh })
            Program.Command.Options.Add(option);
    }

    public GnuProgram Program { get; }

    /// <summary>
    /// Parses the command line. Null if everything has been printed and the program exits with <paramref name="exitCode"/>.
    /// </summary>
    /// <exception cref="KeygenException">A value is invalid.</exception>
    public KeygenOptions? Parse(IReadOnlyList<string> arguments, TextWriter output, TextWriter error, TimeProvider time, out int exitCode)
    {
        if (Program.Parse(arguments, output, error, out exitCode) is not { } result)
            return null;
        string? Get(Option<string?> option) => result.GetValue(option);
        var (primary, subkey) = OpenPgpKeyType.Choose(Get(_type), Get(_length), Get(_subtype), Get(_sublength));
        var check = result.GetValue(_check);
        if (!check && Get(_secret) is not null)
            throw new KeygenException("option '--secret' needs --check", "try 'mandos-keygen --help'");
        if (check && (result.GetValue(_password) || Get(_passFile) is not null || result.GetValue(_force)))
            throw new KeygenException("--check cannot be used with --force, --password or --passfile", "try 'mandos-keygen --help'");
        return new()
        {
            Check = check,
            SecretFile = Get(_secret),
            Directory = KeyDirectory.Choose(Get(_dir)),
            Primary = primary,
            Subkey = subkey,
            Name = Get(_name),
            Email = Get(_email) ?? "",
            Comment = Get(_comment) ?? "",
            Validity = KeyExpiry.Parse(Get(_expire) ?? "0", time),
            TlsKeyType = TlsKeyTypes.Parse(Get(_tlsKeyType) ?? "ed25519"),
            Force = result.GetValue(_force),
            EncryptPassword = result.GetValue(_password) || Get(_passFile) is not null,
            PasswordFile = Get(_passFile),
            Ssh = !result.GetValue(_noSsh),
        };
    }
}
