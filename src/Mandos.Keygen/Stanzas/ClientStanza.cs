using Mandos.Core.Keys;
using Mandos.Keygen.Keys;

namespace Mandos.Keygen.Stanzas;

/// <summary>
/// A client's section for the server's clients.conf, in the grammar of Python's configparser, where percent signs are doubled.
/// </summary>
internal sealed record ClientStanza(string Name, KeyId? KeyId, string Fingerprint, ReadOnlyMemory<byte> Secret, SshHostKey? HostKey)
{
    public void WriteTo(TextWriter output)
    {
        output.WriteLine($"[{Name}]");
        output.WriteLine($"host = {Name.Replace("%", "%%", StringComparison.Ordinal)}");
        if (KeyId is { } keyId)
            output.WriteLine($"key_id = {keyId}");
        output.WriteLine($"fingerprint = {Fingerprint}");
        output.WriteLine("secret =");
        foreach (var line in Convert.ToBase64String(Secret.Span).Chunk(Pem.LineLength))
            output.WriteLine($"    {new string(line)}");
        if (HostKey is not null)
            WriteChecker(output, HostKey);
    }

    // The server expands the fingerprint when it reads the file, and the host, quoted, when it runs the command.
    private static void WriteChecker(TextWriter output, SshHostKey key)
    {
        var quiet = "";
        if (key.Quiet)
        {
            quiet = "-q ";
            output.WriteLine("# Note: ssh-keyscan has the option -q only since OpenSSH 9.8. If the server has an older version,");
            output.WriteLine("# remove it from the next line.");
        }

        output.WriteLine(
            $"checker = ssh-keyscan {quiet}-t {key.ScanType} %%(host)s | grep --fixed-strings --line-regexp --quiet "
                + "--regexp=%%(host)s\" %(ssh_fingerprint)s\"");
        output.WriteLine($"ssh_fingerprint = {key.KeyType} {key.Base64}");
    }
}
