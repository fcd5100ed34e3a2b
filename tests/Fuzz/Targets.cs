using System.Text;
using Mandos.Client.Agent;
using Mandos.Core.Discovery;
using Mandos.Core.Durations;
using Mandos.Core.Exchange;
using Mandos.Core.Keys;
using Mandos.Core.OpenPgp;
using Mandos.Server.Clients;
using Mandos.Server.Configuration;
using Mandos.Server.Store.Import;

namespace Mandos.Fuzz;

/// <summary>Every parser of bytes from outside, with the golden recordings as seeds.</summary>
internal static class Targets
{
    public static IEnumerable<FuzzTarget> All =>
    [
        new("dns", DnsSeeds(), bytes => _ = DnsMessage.TryParse(bytes, out _)),
        new("openpgp-message-cv25519", Files("openpgp/cv25519-*.pgp"), Message("openpgp/cv25519-seckey.txt", "openpgp/cv25519-pubkey.txt")),
        new("openpgp-message-rsa", Files("openpgp/rsa-*.pgp"), Message("keys/seckey.txt", "keys/pubkey.txt")),
        new("openpgp-secret-key", Files("openpgp/*-seckey.txt"), bytes => OrKeyFormat(() => SecretKeyRing.Parse(bytes).Dispose())),
        new("openpgp-public-key", Files("openpgp/*-pubkey.txt"), bytes => OrKeyFormat(() => PublicKeyRing.Parse(bytes))),
        new("tls-key", Files("keys/*.pem"), bytes => OrKeyFormat(() => TlsKeyPair.Parse(bytes, bytes).Dispose())),
        new("priority", Texts("SECURE128:!CTYPE-X.509:+CTYPE-RAWPK:!RSA:!VERS-ALL:+VERS-TLS1.3:%PROFILE_ULTRA", "NORMAL:-GROUP-ALL:+GROUP-X25519"),
            bytes => _ = TlsPriority.TryParse(Encoding.UTF8.GetString(bytes), out _, out _)),
        new("duration", Texts("P1Y2M3DT4H5M6S", "PT5M", "5m 30s", "P1W"), bytes => _ = Duration.TryParse(Encoding.UTF8.GetString(bytes), out _, out _)),
        new("greeting", Texts("1\r\n", "  1 foo\n", "-7\r\n"), Greeting),
        new("ask-file", Texts("[Ask]\nPID=181\nSocket=/run/systemd/ask-password/sck.50ea\nNotAfter=0\nMessage=disk\nId=cryptsetup:/dev/sda3\n", "#\n[Ask]\nSocket=/a\\sb\nPID=1\n[x]\n"),
            bytes => _ = AskFile.TryParse(bytes, out _, out _)),
        new("clients.conf", [.. Texts("[DEFAULT]\nhost = %(name)s\n[a]\nname: b%%\n  c\n; x\n", "[a]b]\nkey = %(key)s\n"), .. Files("clients-conf-parse-observations.txt")],
            bytes => ConfigurationFile.Parse("clients.conf", bytes, null, [])),
        new("clients.pickle", [Golden.Bytes("clients.pickle.sample"), .. PickleSeeds()], SavedState),
    ];

    private static Action<byte[]> Message(string secretFile, string publicFile)
    {
        var secretKeys = SecretKeyRing.Parse(Golden.Bytes(secretFile));
        var publicKeys = PublicKeyRing.Parse(Golden.Bytes(publicFile));
        return bytes => MessageReader.Read(bytes, secretKeys, publicKeys).Plaintext?.Dispose();
    }

    private static void OrKeyFormat(Action parse)
    {
        try
        {
            parse();
        }
        catch (KeyFormatException)
        {
            // The documented answer to bytes that are no key.
        }
    }

    private static void SavedState(byte[] bytes)
    {
        try
        {
            var state = OriginalState.Parse(bytes);
            foreach (var client in state.Clients.Values.Concat(state.Configured.Values))
            {
                _ = client.Settings(new ClientSettings());
                _ = (client.Key(), client.Fingerprint(), client.Enabled(), client.Bytes("encrypted_secret"));
                _ = (client.Instant("expires"), client.Number("last_checker_status"));
            }
        }
        catch (PickleException)
        {
            // The documented answer to what the original does not write.
        }
    }

    private static void Greeting(byte[] bytes)
    {
        if (GreetingLine.TryFind(bytes, out var line, out _))
            GreetingLine.Judge(bytes.AsSpan(0, line));
    }

    private static byte[][] Texts(params string[] texts) => [.. texts.Select(Encoding.UTF8.GetBytes)];

    private static byte[][] Files(string pattern) =>
        [.. Directory.GetFiles(Golden.Path(""), pattern).Select(File.ReadAllBytes).Where(b => b.Length < 20_000)];

    // Short ones, so that a change hits an operation rather than a text.
    private static byte[][] PickleSeeds() =>
    [
        Encoding.Latin1.GetBytes("\u0080\u0002}(X\u0001\0\0\0a}X\u0007\0\0\0timeoutcdatetime\ntimedelta\nK\0M\u002c\u0001K\0\u0087Rsu}\u0086q\u0001."),
        Encoding.Latin1.GetBytes("\u0080\u0002](K\u0001\u008a\u0001\u0005NeX\u0001\0\0\0ar\u0001\u0001\0\0j\u0001\u0001\0\0)\u0085\u0086(\u0088\u0089tq\u0002h\u0002\u0087."),
    ];

    // A question, and an answer with a name that points back (RFC 1035, section 4.1.4).
    private static byte[][] DnsSeeds() =>
    [
        Convert.FromHexString("000000000001000000000000075F6D616E646F73045F746370056C6F63616C00000C0001"),
        Convert.FromHexString("000084000000000200000000075F6D616E646F73045F746370056C6F63616C00000C0001000011940009064D616E646F73C00CC02A0021800100000078000A0000000010670168C019"),
    ];
}
