using System.Text;

namespace Mandos.Interop.Clients;

/// <summary><c>mandos-client --test</c> with both servers, the real cryptsetup and a LUKS2 header in a file.</summary>
public sealed class RehearsalTests : InteropTest
{
    private const string Disk = "/root/disk";
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    public static TheoryData<string, string> Servers => new()
    {
        { Implementation.Original.Name, "bookworm" },
        { Implementation.Original.Name, "trixie" },
        { Implementation.Ours.Name, "bookworm" },
    };

    [Theory, MemberData(nameof(Servers))]
    public async Task The_password_is_found_on_the_network_and_opens_the_disk(string server, string release)
    {
        var pair = await Pair.MakeAsync(Lab, DebianRelease.Named(release), DebianRelease.Bookworm, "Curve25519");
        await pair.ServeAsync(Named(server), Password.Plain, options => options with { Zeroconf = true }, Token);
        await FormatAsync(pair.Client, Password.Plain);
        var before = await pair.Client.ShellAsync("ip address; ip route; ip -6 route", Token);
        var done = await TestAsync(pair.Client, $"--device={Disk}");
        Assert.Equal((0, ""), (done.ExitCode, done.Errors));
        Assert.StartsWith("using interface eth0\nfound server \"", done.Text, StringComparison.Ordinal);
        Assert.Contains(
            $"\n{Disk}: the password opens it\nok: the password ({Password.Plain.Length} bytes) arrived", done.Text, StringComparison.Ordinal);
        Assert.DoesNotContain(Encoding.UTF8.GetString(Password.Plain).Trim(), done.Text, StringComparison.Ordinal);
        Assert.Equal(before, await pair.Client.ShellAsync("ip address; ip route; ip -6 route", Token));
    }

    [Fact]
    public async Task Our_server_logs_a_rehearsal_and_does_not_extend_the_timeout()
    {
        var machine = await BusMachine.MakeAsync(Lab, DebianRelease.Bookworm, Implementation.Ours);
        var keys = await KeySet.OfOursAsync(machine, Token);
        keys.InstallOn(machine);
        var stanza = await keys.StanzaAsync(machine, Password.Plain, Token);
        var server = await MandosServer.StartAsync(
            machine, Implementation.Ours, new() { Clients = $"{stanza}\nchecker = sleep 1000\nextended_timeout = P1D\n", Bus = true }, Token);
        var bus = new BusMachine(machine, server, Token);
        await bus.WaitForNameAsync();
        var name = stanza[(stanza.IndexOf('[', StringComparison.Ordinal) + 1)..stanza.IndexOf(']', StringComparison.Ordinal)];
        var expires = await bus.PropertyAsync(name, "Expires");
        Assert.Equal(0, (await TestAsync(machine, "--connect=127.0.0.1:8888")).ExitCode);
        await server.Process.WaitForLineAsync("secret delivered for a rehearsal$", Limit, Token);
        Assert.Equal(expires, await bus.PropertyAsync(name, "Expires"));
        // The same without the option is a boot.
        (await MandosClient.RunAsync(machine, Implementation.Ours, Token, "--connect=127.0.0.1:8888", "--interface=none")).OrThrow();
        await server.Process.WaitForLineAsync("secret delivered$", Limit, Token);
        Assert.NotEqual(expires, await bus.PropertyAsync(name, "Expires"));
    }

    [Fact]
    public async Task What_would_keep_the_machine_from_booting_is_critical()
    {
        var pair = await Pair.MakeAsync(Lab, DebianRelease.Bookworm, DebianRelease.Bookworm, "Curve25519");
        await FormatAsync(pair.Client, "another"u8.ToArray());
        var stanza = await pair.Keys.StanzaAsync(pair.Client, Password.Plain, Token);
        var server = await MandosServer.StartAsync(pair.Server, Implementation.Ours, new() { Clients = stanza }, Token);
        var wrong = await TestAsync(pair.Client, $"--connect={Pair.ServerIPv4}:8888", $"--device={Disk}", "--device=/root/none");
        Assert.Equal(2, wrong.ExitCode);
        Assert.Contains($"error: {Disk}: the password does not open it\n", wrong.Text, StringComparison.Ordinal);
        Assert.Contains("error: /root/none: cannot be tested: cryptsetup: ", wrong.Text, StringComparison.Ordinal);
        Assert.EndsWith($", but it does not open {Disk}, /root/none\n", wrong.Text, StringComparison.Ordinal);

        await server.Process.DisposeAsync();
        await MandosServer.StartAsync(pair.Server, Implementation.Ours, new() { Clients = $"{stanza}\nenabled = False\n" }, Token);
        var disabled = await TestAsync(pair.Client, $"--connect={Pair.ServerIPv4}:8888", "--time-limit=1");
        Assert.Equal(2, disabled.ExitCode);
        Assert.Contains("unknown there, disabled or denied", disabled.Text, StringComparison.Ordinal);
        Assert.EndsWith("critical: no password within 1 s\n", disabled.Text, StringComparison.Ordinal);

        await pair.Client.ShellAsync($"mv {KeySet.Folder}/seckey.txt {KeySet.Folder}/old", Token);
        var keyless = await TestAsync(pair.Client, $"--connect={Pair.ServerIPv4}:8888");
        Assert.Equal(2, keyless.ExitCode);
        Assert.Contains($"error: cannot open the OpenPGP secret key \"{KeySet.Folder}/seckey.txt\": ", keyless.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_user_who_cannot_read_the_keys_learns_that_root_can()
    {
        var pair = await Pair.MakeAsync(Lab, DebianRelease.Bookworm, DebianRelease.Bookworm, "Curve25519");
        var done = await pair.Client.RunAsync(
            new(), Limit, Token, "/usr/bin/setpriv", "--reuid=65534", "--clear-groups", "--", Implementation.Ours.Client, "--test");
        Assert.Equal(3, done.ExitCode);
        Assert.EndsWith("unknown: the test cannot be made; run it as root\n", done.Text, StringComparison.Ordinal);
    }

    private static Implementation Named(string name) =>
        name == Implementation.Ours.Name ? Implementation.Ours : Implementation.Original;

    private Task<CompletedProcess> TestAsync(Machine machine, params string[] arguments) =>
        machine.RunAsync(new(), Limit, Token, Implementation.Ours.Client, ["--test", .. arguments]);

    private async Task FormatAsync(Machine machine, byte[] password)
    {
        machine.WriteFile("/run/laboratory/pass", password);
        await machine.ShellAsync(
            $"truncate -s 32M {Disk}; cryptsetup luksFormat --batch-mode --type luks2 --pbkdf pbkdf2 --pbkdf-force-iterations 1000 "
                + $"--key-file=/run/laboratory/pass {Disk}; rm /run/laboratory/pass",
            Token);
    }
}
