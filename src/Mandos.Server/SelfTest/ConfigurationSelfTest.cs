using Mandos.Configuration;
using Mandos.Server.ClientFiles;

namespace Mandos.Server.SelfTest;

/// <summary>
/// Tests the grammar of clients.conf: defaults, comments, continuation, interpolation, base64; an invalid client is left out.
/// </summary>
internal static class ConfigurationSelfTest
{
    private static ReadOnlySpan<byte> Sample =>
        """
        # a comment
        [DEFAULT]
        timeout = PT7M
        domain: example.org

        [web 1]
        key_id = D99DF7B54A7ED79E 5E57CDD9C0461686 B1F30E43C8EDC1F4 D248ECEB49FCFB23
        host = web1.%(domain)s ; no comment
        checker = ping %%(host)s
        secret =
            b3BhcXVl
            IGJ5dGVz
        approval_delay = 5m

        [bad]
        key_id = 0123
        secret = AAAA

        [off]
        key_id = 0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef
        enabled = no
        secret = AAAA
        """u8;

    internal static void Run()
    {
        var problems = new List<ConfigurationProblem>();
        using var document = ConfigurationFile.Parse("sample", Sample, ClientsReader.BuiltIn, problems);
        SelfTestFailure.Unless(document is not null, $"the sample is refused: {string.Join("; ", problems)}");
        var reader = new ClientsReader(new PathExpansion(static _ => null, static _ => null), problems);
        reader.Read(document!);
        try
        {
            Check(reader);
        }
        finally
        {
            foreach (var client in reader.Clients)
                client.Secret.Dispose();
        }
    }

    private static void Check(ClientsReader reader)
    {
        SelfTestFailure.UnlessSame("web 1, off", string.Join(", ", reader.Clients.Select(c => c.Name)), "clients");
        SelfTestFailure.UnlessSame("bad", string.Join(", ", reader.LeftOut), "clients left out");
        var (web, off) = (reader.Clients[0], reader.Clients[1]);
        SelfTestFailure.UnlessSame("web1.example.org ; no comment", web.Settings.Host, "host");
        SelfTestFailure.UnlessSame("ping %(host)s", web.Settings.Checker, "checker");
        SelfTestFailure.UnlessSame("0:07:00", web.Settings.Timeout.ToString(), "timeout");
        SelfTestFailure.UnlessSame("0:05:00", web.Settings.ApprovalDelay.ToString(), "approval_delay");
        SelfTestFailure.Unless(web.Secret.Memory.Span.SequenceEqual("opaque bytes"u8), "a secret is read as something else");
        SelfTestFailure.Unless(web.Enabled && !off.Enabled, "enabled and disabled are mixed up");
    }
}
