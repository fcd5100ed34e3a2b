namespace Mandos.Interop.Clients;

/// <summary>Independent TLS programs in the place of the other end; a relay does the line before TLS for them.</summary>
public sealed class TlsPeerTests : InteropTest
{
    private const string OriginalPriority = "SECURE128:!CTYPE-X.509:+CTYPE-RAWPK:!RSA:!VERS-ALL:+VERS-TLS1.3:%PROFILE_ULTRA";

    private static readonly byte[] SecretBytes = [.. Enumerable.Range(0, 40000).Select(i => (byte)(i * 31 >> 2))];

    /// <summary>Options of OpenSSL 3.5, and what it must say about the connection.</summary>
    public static TheoryData<string, string> OpenSslCases => new()
    {
        { "-no_ticket", "X25519MLKEM768" },
        { "-groups X25519MLKEM768", "X25519MLKEM768" },
        { "-groups X25519", "X25519" },
        // Offers a share of a group that we put last or do not have, and names one that we want: HelloRetryRequest.
        { "-groups *secp521r1:X25519MLKEM768", "X25519MLKEM768" },
        { "-groups *X448:X25519", "X25519" },
        { "-groups P-256", "prime256v1|secp256r1" },
        { "-ciphersuites TLS_CHACHA20_POLY1305_SHA256", "TLS_CHACHA20_POLY1305_SHA256" },
        { "-ciphersuites TLS_AES_128_GCM_SHA256", "TLS_AES_128_GCM_SHA256" },
    };

    public static TheoryData<string, string> GnuTlsCases
    {
        get
        {
            var cases = new TheoryData<string, string>();
            foreach (var release in DebianRelease.All)
            {
                foreach (var more
                    in new[] { "", ":-GROUP-ALL:+GROUP-X25519", ":-GROUP-ALL:+GROUP-SECP384R1:+GROUP-X25519",
                        ":-CIPHER-ALL:+CHACHA20-POLY1305", ":-CIPHER-ALL:+AES-128-GCM" })
                    cases.Add(release.Suite, more);
            }

            return cases;
        }
    }

    [Theory, MemberData(nameof(OpenSslCases))]
    public async Task Our_client_gets_its_password_from_OpenSSL(string options, string said)
    {
        var (machine, secret) = await ClientAloneAsync(DebianRelease.Trixie);
        await GreetingRelay.StripAsync(machine, 8888, 9999, Token);
        var peer = OpenSsl.Client(machine, 9999, secret, options.Split(' '));
        var done = await MandosClient.RunAsync(machine, Implementation.Ours, Token, "--connect=127.0.0.1:8888");
        Assert.Equal(Password.Plain, done.OrThrow().Output);
        Assert.Matches(said, (await peer.WaitAsync(TimeSpan.FromSeconds(10), Token)).Text);
    }

    [Theory, MemberData(nameof(GnuTlsCases))]
    public async Task Our_client_gets_its_password_from_GnuTLS(string release, string priority)
    {
        var (machine, secret) = await ClientAloneAsync(DebianRelease.Named(release));
        await GreetingRelay.StripAsync(machine, 8888, 9999, Token);
        GnuTls.Client(machine, 9999, secret, GnuTls.Priority + priority);
        var done = await MandosClient.RunAsync(machine, Implementation.Ours, Token, "--connect=127.0.0.1:8888");
        Assert.Equal(Password.Plain, done.OrThrow().Output);
    }

    [Theory, MemberData(nameof(OpenSslCases))]
    public async Task Our_server_delivers_the_secret_to_OpenSSL(string options, string said)
    {
        var machine = await ServedAsync(DebianRelease.Trixie, SecretBytes);
        var peer = await OpenSsl.ServerAsync(machine, 9999, Token, options.Replace("*", "", StringComparison.Ordinal).Split(' '));
        GreetingRelay.Add(machine, "127.0.0.1", 8888, 9999);
        var done = await peer.WaitAsync(TimeSpan.FromSeconds(10), Token);
        Assert.True(done.Output.AsSpan().IndexOf(SecretBytes) >= 0, done.Text);
        Assert.Matches(said, done.Text);
    }

    /// <summary>What is put behind the original's priority string, and what OpenSSL, which offers all, must say was agreed upon.</summary>
    public static TheoryData<string, string> Priorities => new()
    {
        { ":-GROUP-ALL:+GROUP-SECP384R1", "secp384r1" },
        { ":-CIPHER-ALL:+CHACHA20-POLY1305", "TLS_CHACHA20_POLY1305_SHA256" },
    };

    [Theory, MemberData(nameof(Priorities))]
    public async Task The_priority_string_of_our_client_takes_effect(string change, string said)
    {
        var (machine, secret) = await ClientAloneAsync(DebianRelease.Trixie);
        await GreetingRelay.StripAsync(machine, 8888, 9999, Token);
        var peer = OpenSsl.Client(machine, 9999, secret, "-groups", "X25519:secp384r1");
        var done = await MandosClient.RunAsync(
            machine, Implementation.Ours, Token, "--connect=127.0.0.1:8888", $"--priority={OriginalPriority}{change}");
        Assert.Equal(Password.Plain, done.OrThrow().Output);
        Assert.Contains(said, (await peer.WaitAsync(TimeSpan.FromSeconds(10), Token)).Text, StringComparison.Ordinal);
    }

    [Theory, MemberData(nameof(Priorities))]
    public async Task The_priority_string_of_our_server_takes_effect(string change, string said)
    {
        var machine = await ServedAsync(DebianRelease.Trixie, "a short secret"u8.ToArray(), $"--priority={OriginalPriority}{change}");
        var peer = await OpenSsl.ServerAsync(machine, 9999, Token, "-groups", "X25519:secp384r1");
        GreetingRelay.Add(machine, "127.0.0.1", 8888, 9999);
        var text = (await peer.WaitAsync(TimeSpan.FromSeconds(10), Token)).Text;
        Assert.Contains("a short secret", text, StringComparison.Ordinal);
        Assert.Contains(said, text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Our_server_answers_a_request_for_another_key_share()
    {
        var machine = await ServedAsync(DebianRelease.Trixie, "a short secret"u8.ToArray());
        var peer = await OpenSsl.ServerAsync(machine, 9999, Token, "-groups", "secp256r1", "-msg");
        GreetingRelay.Add(machine, "127.0.0.1", 8888, 9999);
        var done = await peer.WaitAsync(TimeSpan.FromSeconds(10), Token);
        Assert.Contains("a short secret", done.Text, StringComparison.Ordinal);
        // Two ClientHellos: one before and one after the HelloRetryRequest.
        Assert.Equal(
            2,
            done.Text.Split('\n').Count(
                l => l.StartsWith("<<<", StringComparison.Ordinal) && l.Contains("ClientHello", StringComparison.Ordinal)));
    }

    [Theory, MemberData(nameof(GnuTlsCases))]
    public async Task Our_server_delivers_the_secret_to_GnuTLS(string release, string priority)
    {
        // gnutls-serv shows text only, by line.
        var machine = await ServedAsync(DebianRelease.Named(release), "a secret of plain text\n"u8.ToArray());
        var peer = await GnuTls.ServerAsync(machine, 9999, Token, GnuTls.Priority + priority);
        GreetingRelay.Add(machine, "127.0.0.1", 8888, 9999);
        await peer.WaitForLineAsync("received.*a secret of plain text", TimeSpan.FromSeconds(10), Token);
    }

    /// <summary>A client machine, and the encrypted password that its keys open.</summary>
    private async Task<(Machine Machine, byte[] Secret)> ClientAloneAsync(DebianRelease release)
    {
        // The client wants a network interface, also for the loopback address.
        var machine = await Lab.MachineAsync("client", release, await Lab.SwitchAsync());
        var keys = await KeySet.OfOursAsync(machine, Token);
        keys.InstallOn(machine);
        return (machine, Stanza.Secret(await keys.StanzaAsync(machine, Password.Plain, Token)));
    }

    /// <summary>A machine with a client's keys and our server, which has <paramref name="secret"/> for them.</summary>
    private async Task<Machine> ServedAsync(DebianRelease release, byte[] secret, params string[] more)
    {
        var machine = await Lab.MachineAsync("both", release);
        var keys = await KeySet.OfOursAsync(machine, Token);
        keys.InstallOn(machine);
        await MandosServer.StartAsync(
            machine, Implementation.Ours, new() { Clients = Stanza.Make("client", keys.KeyId, secret), More = more }, Token);
        return machine;
    }
}
