namespace Mandos.Peers.Keys;

/// <summary>A section of clients.conf as mandos-keygen prints it.</summary>
public static class Stanza
{
    /// <summary>The encrypted password in it.</summary>
    public static byte[] Secret(string stanza)
    {
        var lines = stanza.Split('\n').SkipWhile(l => !l.StartsWith("secret", StringComparison.Ordinal)).Skip(1)
            .TakeWhile(l => l.StartsWith(' ') || l.StartsWith('\t'));
        return Convert.FromBase64String(string.Concat(lines.Select(l => l.Trim())));
    }

    /// <summary>A section that gives <paramref name="secret"/> to the holder of a TLS key.</summary>
    public static string Make(string name, string keyId, byte[] secret) =>
        // The fingerprint decides nothing, but 1.8.16 does not start without one.
        $"[{name}]\nkey_id = {keyId}\nfingerprint = {new string('0', 40)}\nsecret =\n    {Convert.ToBase64String(secret)}\n";
}
