namespace Mandos.Interop.Clients;

/// <summary>What our key tool makes, in the hands of gpg, certtool, openssl, sq and the original's key tool.</summary>
public sealed class KeyToolTests : InteropTest
{
    public static TheoryData<string> Releases => [.. DebianRelease.All.Select(r => r.Suite)];

    /// <summary>Release, options of our key tool, how gpg lists the algorithms of primary key and subkey.</summary>
    public static TheoryData<string, string, string, string> Kinds
    {
        get
        {
            var kinds = new TheoryData<string, string, string, string>();
            foreach (var release in DebianRelease.All)
            {
                kinds.Add(release.Suite, "", "ed25519", "cv25519");
                kinds.Add(release.Suite, "--type=RSA --length=4096 --subtype=RSA --sublength=4096", "rsa4096", "rsa4096");
            }

            return kinds;
        }
    }

    [Theory, MemberData(nameof(Kinds))]
    public async Task Gpg_imports_our_keys_and_lists_their_capabilities(string release, string options, string primary, string subkey)
    {
        var (machine, _) = await MachineWithKeysAsync(release, options);
        await machine.ShellAsync("gpg --batch --import /etc/keys/mandos/pubkey.txt /etc/keys/mandos/seckey.txt", Token);
        // sec or ssb, validity, length, algorithm, ..., capabilities (12th field), ..., curve (17th)
        var listed = (await machine.ShellAsync("gpg --batch --with-colons --list-secret-keys", Token))
            .Split('\n')
            .Select(l => l.Split(':'))
            .ToList();
        var sec = Assert.Single(listed, l => l[0] == "sec");
        var ssb = Assert.Single(listed, l => l[0] == "ssb");
        Assert.Equal(primary, Algorithm(sec));
        Assert.Equal(subkey, Algorithm(ssb));
        Assert.Contains('c', sec[11]);
        Assert.Contains('s', sec[11]);
        Assert.Contains('a', sec[11]);
        Assert.Equal("e", ssb[11]);
        Assert.Contains(listed, l => l[0] == "uid" && l[9].Contains("client", StringComparison.Ordinal));
    }

    [Theory, MemberData(nameof(Releases))]
    public async Task Certtool_reads_our_TLS_keys_and_agrees_on_the_key_id(string release)
    {
        var (machine, keys) = await MachineWithKeysAsync(release, "");
        var id = await machine.ShellAsync("certtool --key-id --hash=sha256 --infile=/etc/keys/mandos/tls-pubkey.pem", Token);
        Assert.Equal(keys.KeyId, id.Trim());
        var text = await machine.ShellAsync("certtool --key-info --infile=/etc/keys/mandos/tls-privkey.pem", Token);
        Assert.Contains("EdDSA (Ed25519)", text, StringComparison.Ordinal);
    }

    [Theory, MemberData(nameof(Releases))]
    public async Task OpenSSL_confirms_that_our_TLS_keys_match(string release)
    {
        var (machine, keys) = await MachineWithKeysAsync(release, "");
        var derived = await machine.ShellAsync("openssl pkey -in /etc/keys/mandos/tls-privkey.pem -pubout", Token);
        Assert.Equal(System.Text.Encoding.ASCII.GetString(keys.Files["tls-pubkey.pem"]).Trim(), derived.Trim());
    }

    [Theory, MemberData(nameof(Releases))]
    public async Task The_stanza_has_the_key_id_and_fingerprint_that_certtool_and_gpg_report(string release)
    {
        var (machine, keys) = await MachineWithKeysAsync(release, "");
        var stanza = await keys.StanzaAsync(machine, Password.Plain, Token);
        await machine.ShellAsync("gpg --batch --import /etc/keys/mandos/pubkey.txt", Token);
        var fingerprint = await machine.ShellAsync(
            "gpg --batch --with-colons --fingerprint | sed -n 's/^fpr:*\\([0-9A-F]*\\):$/\\1/p' | head -n 1", Token);
        Assert.Contains($"fingerprint = {fingerprint.Trim()}\n", stanza, StringComparison.Ordinal);
        Assert.Contains($"key_id = {keys.KeyId}\n", stanza, StringComparison.Ordinal);
    }

    [Theory, MemberData(nameof(Kinds))]
    public async Task Gpg_decrypts_our_message_and_verifies_the_signature(string release, string options, string primary, string subkey)
    {
        _ = (primary, subkey);
        var (machine, keys) = await MachineWithKeysAsync(release, options);
        foreach (var password in Password.Odd.Values.Append(Password.Plain))
        {
            machine.WriteFile("/run/laboratory/secret.pgp", Stanza.Secret(await keys.StanzaAsync(machine, password, Token)));
            await machine.ShellAsync("gpg --batch --import /etc/keys/mandos/seckey.txt", Token);
            var done = await machine.RunAsync(
                new(), TimeSpan.FromSeconds(20), Token, "/usr/bin/gpg", "--batch", "--trust-model=always", "--decrypt",
                "/run/laboratory/secret.pgp");
            Assert.Equal(password, done.OrThrow().Output);
            Assert.Contains("Good signature", done.Errors, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Sq_decrypts_our_message_and_verifies_the_signature()
    {
        var (machine, keys) = await MachineWithKeysAsync("trixie", "");
        machine.WriteFile("/run/laboratory/secret.pgp", Stanza.Secret(await keys.StanzaAsync(machine, Password.Plain, Token)));
        var done = await machine.RunAsync(
            new(), TimeSpan.FromSeconds(20), Token, "/usr/bin/sq", "decrypt",
            "--recipient-file=/etc/keys/mandos/seckey.txt", "--signer-file=/etc/keys/mandos/pubkey.txt", "/run/laboratory/secret.pgp");
        Assert.Equal(Password.Plain, done.OrThrow().Output);
    }

    [Theory, MemberData(nameof(Releases))]
    public async Task Our_server_accepts_the_stanza_that_the_originals_key_tool_writes_for_our_keys(string release)
    {
        var pair = await Pair.MakeAsync(Lab, DebianRelease.Named(release), DebianRelease.Named(release), "Curve25519");
        var stanza = await pair.Keys.StanzaAsync(pair.Client, Password.Plain, Implementation.Original, Token);
        await MandosServer.StartAsync(pair.Server, Implementation.Ours, new() { Clients = stanza }, Token);
        var done = await MandosClient.RunAsync(pair.Client, Implementation.Ours, Token, $"--connect={Pair.ServerIPv4}:8888");
        Assert.Equal(Password.Plain, done.OrThrow().Output);
    }

    [Theory, MemberData(nameof(Releases))]
    public async Task Our_key_tool_writes_a_section_for_the_originals_keys_and_the_original_reads_it(string release)
    {
        var pair = await Pair.MakeAsync(Lab, DebianRelease.Named(release), DebianRelease.Named(release), "RSA-4096");
        var stanza = await pair.Keys.StanzaAsync(pair.Client, Password.Plain, Implementation.Ours, Token);
        await MandosServer.StartAsync(pair.Server, Implementation.Original, new() { Clients = stanza }, Token);
        var done = await MandosClient.RunAsync(pair.Client, Implementation.Original, Token, $"--connect={Pair.ServerIPv4}:8888");
        Assert.Equal(Password.Plain, done.OrThrow().Output);
    }

    /// <summary>No SSH server runs: a script in the place of ssh-keyscan answers on both machines, as it would.</summary>
    [Theory, MemberData(nameof(Releases))]
    public async Task The_originals_server_runs_the_SSH_checker_of_our_stanza(string release)
    {
        const string hostKey = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ2w1m3xkM3yq5Yw0Zb0v1b2c3d4e5f6g7h8i9j0k1l2";
        var pair = await Pair.MakeAsync(Lab, DebianRelease.Named(release), DebianRelease.Named(release), "Curve25519");
        foreach (var machine in new[] { pair.Client, pair.Server })
        {
            machine.WriteFile(
                "/usr/local/bin/ssh-keyscan",
                $"#!/bin/sh\nfor host; do :; done\necho \"$*\" >>/run/laboratory/asked\ncase \"$*\" in *ed25519*) echo \"$host "
                    + $"{hostKey}\" ;; esac\n",
                (UnixFileMode)0b111_101_101);
        }

        await pair.Server.ShellAsync("touch /run/laboratory/asked; chmod 666 /run/laboratory/asked", Token);
        pair.Client.WriteFile("/run/laboratory/password", Password.Plain);
        var stanza = (await pair.Client.RunAsync(
            new(), TimeSpan.FromSeconds(30), Token, Implementation.Ours.Keygen, "--passfile=/run/laboratory/password",
            "--name=client")).OrThrow().Text;
        Assert.Contains("checker = ssh-keyscan", stanza, StringComparison.Ordinal);
        await MandosServer.StartAsync(pair.Server, Implementation.Original, new() { Clients = stanza + "interval = PT1S\n" }, Token);

        await pair.Server.Running("log-sink.py").WaitForLineAsync("Checker for client succeeded", TimeSpan.FromSeconds(20), Token);
        Assert.Contains(
            "-t ed25519 client\n", System.Text.Encoding.ASCII.GetString(pair.Server.ReadFile("/run/laboratory/asked")),
            StringComparison.Ordinal);
        var done = await MandosClient.RunAsync(pair.Client, Implementation.Ours, Token, $"--connect={Pair.ServerIPv4}:8888");
        Assert.Equal(Password.Plain, done.OrThrow().Output);
    }

    /// <summary>Root can do no more on a read-only file system than others, so there it is no advice.</summary>
    [Theory]
    [InlineData("mount -t tmpfs -o ro,mode=700 none /srv/keys", "0", "Read-only file system", "")]
    [InlineData("chmod 755 /srv /srv/keys", "65534", "Permission denied", "hint: run this as root\n")]
    public async Task Running_as_root_is_suggested_only_where_it_helps(string preparation, string user, string reason, string hint)
    {
        var machine = await Lab.MachineAsync("client", DebianRelease.Bookworm);
        await machine.ShellAsync($"mkdir -p /srv/keys; {preparation}", Token);
        var done = await machine.RunAsync(
            new(), TimeSpan.FromSeconds(30), Token, "/usr/bin/setpriv", $"--reuid={user}", "--clear-groups", Implementation.Ours.Keygen,
            "--dir=/srv/keys", "--name=client");
        Assert.Equal(1, done.ExitCode);
        Assert.Equal($"mandos-keygen: error: the key directory /srv/keys cannot be written: {reason}\n{hint}", done.Errors);
    }

    private async Task<(Machine Machine, KeySet Keys)> MachineWithKeysAsync(string release, string options)
    {
        var machine = await Lab.MachineAsync("client", DebianRelease.Named(release));
        var keys = await KeySet.OfOursAsync(machine, Token, options.Split(' ', StringSplitOptions.RemoveEmptyEntries));
        keys.InstallOn(machine);
        return (machine, keys);
    }

    private static string Algorithm(string[] fields) => fields[3] == "1" ? $"rsa{fields[2]}" : fields[16];
}
