using System.Globalization;
using System.Text.RegularExpressions;

namespace Mandos.Interop.Clients;

/// <summary>Our responder and browser beside avahi, and several servers on one link.</summary>
public sealed partial class DiscoveryTests : InteropTest
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);

    [Fact]
    public async Task Avahi_browse_finds_and_resolves_our_server_and_reports_its_removal()
    {
        var segment = await Lab.SwitchAsync();
        var machine = await Lab.MachineAsync("server", DebianRelease.Bookworm, segment);
        var browse = await ObserverAsync(segment);
        var server = await StartOursAsync(machine);
        var seen = await browse.WaitForLineAsync("^=;", Patience, Token);
        var address = await Switch.LinkLocalAddressAsync(machine, "eth0", Token);
        // event, interface, protocol, name, type, domain, host, address, port, TXT
        Assert.Equal(
            $"=;eth0;IPv6;Mandos;_mandos._tcp;local;server.local;{address};8888", string.Join(';', Unescape(seen).Split(';')[..9]));
        server.Process.Signal("TERM");
        Assert.Contains(";Mandos;", await browse.WaitForLineAsync("^-;", Patience, Token), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Avahi_browse_finds_our_server_over_IPv4_when_it_has_no_IPv6()
    {
        var segment = await Lab.SwitchAsync();
        var machine = await Lab.MachineAsync("server", DebianRelease.Bookworm, segment, "10.1.0.1/24");
        var browse = await ObserverAsync(segment, "10.1.0.9/24");
        await StartOursAsync(machine, options => options with { UseIPv6 = false });
        var seen = await browse.WaitForLineAsync("^=;", Patience, Token);
        Assert.Equal("=;eth0;IPv4;Mandos;_mandos._tcp;local;server.local;10.1.0.1;8888", string.Join(';', Unescape(seen).Split(';')[..9]));
    }

    [Fact]
    public async Task The_second_of_our_servers_takes_another_name()
    {
        var segment = await Lab.SwitchAsync();
        var browse = await ObserverAsync(segment);
        await StartOursAsync(await Lab.MachineAsync("one", DebianRelease.Bookworm, segment));
        Assert.Contains(";Mandos;", Unescape(await browse.WaitForLineAsync("^=;.*;one.local;", Patience, Token)), StringComparison.Ordinal);
        await StartOursAsync(await Lab.MachineAsync("two", DebianRelease.Bookworm, segment));
        Assert.Contains(
            ";Mandos #2;", Unescape(await browse.WaitForLineAsync("^=;.*;two.local;", Patience, Token)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Our_server_takes_another_name_if_avahi_already_uses_it()
    {
        var segment = await Lab.SwitchAsync();
        var browse = await ObserverAsync(segment);
        await PublishAsync(segment);
        await browse.WaitForLineAsync("^=;.*;other.local;", Patience, Token);
        await StartOursAsync(await Lab.MachineAsync("server", DebianRelease.Bookworm, segment));
        Assert.Contains(
            ";Mandos #2;", Unescape(await browse.WaitForLineAsync("^=;.*;server.local;", Patience, Token)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Avahi_chooses_another_name_when_our_server_holds_the_first()
    {
        var segment = await Lab.SwitchAsync();
        var browse = await ObserverAsync(segment);
        await StartOursAsync(await Lab.MachineAsync("server", DebianRelease.Bookworm, segment));
        await browse.WaitForLineAsync("^=;.*;server.local;", Patience, Token);
        await PublishAsync(segment);
        Assert.Contains(
            ";Mandos #2;", Unescape(await browse.WaitForLineAsync("^=;.*;other.local;", Patience, Token)), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("original", "original")]
    [InlineData("ours", "original")]
    [InlineData("original", "ours")]
    public async Task With_two_servers_on_one_link_the_one_that_knows_the_client_answers(string knowing, string ignorant)
    {
        var pair = await Pair.MakeAsync(Lab, DebianRelease.Trixie, DebianRelease.Trixie, "Curve25519");
        var third = await Lab.MachineAsync("third", DebianRelease.Trixie, pair.Segment);
        var stranger = await KeySet.OfOursAsync(third, Token);
        await MandosServer.StartAsync(
            third, Named(ignorant), new() { Clients = Stanza.Make("stranger", stranger.KeyId, [1]), Zeroconf = true }, Token);
        await pair.ServeAsync(Named(knowing), Password.Plain, options => options with { Zeroconf = true }, Token);
        var done = await MandosClient.RunAsync(pair.Client, Implementation.Ours, Token, "--interface=eth0");
        Assert.Equal(Password.Plain, done.OrThrow().Output);
    }

    [Fact]
    public async Task Our_server_is_found_even_if_avahi_runs_on_its_machine()
    {
        var pair = await Pair.MakeAsync(Lab, DebianRelease.Bookworm, DebianRelease.Bookworm, "Curve25519");
        await SystemBus.StartAvahiAsync(pair.Server, Token);
        await pair.ServeAsync(Implementation.Ours, Password.Plain, options => options with { Zeroconf = true }, Token);
        foreach (var client in new[] { Implementation.Ours, Implementation.Original })
        {
            var done = await MandosClient.RunAsync(pair.Client, client, Token, "--interface=eth0");
            Assert.Equal(Password.Plain, done.OrThrow().Output);
        }
    }

    /// <summary>How soon, virtual time tells: see the unit tests of the browser.</summary>
    [Theory]
    [InlineData("original")]
    [InlineData("ours")]
    public async Task A_server_that_appears_late_is_found(string implementation)
    {
        var pair = await Pair.MakeAsync(Lab, DebianRelease.Bookworm, DebianRelease.Bookworm, "Curve25519");
        await using var client = MandosClient.Start(pair.Client, Implementation.Ours, "--interface=eth0");
        // So late that the quick queries of the start are over.
        await Task.Delay(TimeSpan.FromSeconds(4), Token);
        await pair.ServeAsync(Named(implementation), Password.Plain, options => options with { Zeroconf = true }, Token);
        var done = await client.WaitAsync(Patience, Token);
        Assert.Equal(Password.Plain, done.OrThrow().Output);
    }

    private static Implementation Named(string name) => name == "ours" ? Implementation.Ours : Implementation.Original;

    private async Task<RunningProcess> ObserverAsync(Switch segment, string? address = null)
    {
        var observer = await Lab.MachineAsync("observer", DebianRelease.Bookworm, segment, address);
        await SystemBus.StartAvahiAsync(observer, Token);
        return Avahi.Browse(observer);
    }

    private async Task PublishAsync(Switch segment)
    {
        var other = await Lab.MachineAsync("other", DebianRelease.Bookworm, segment);
        await SystemBus.StartAvahiAsync(other, Token);
        Avahi.Publish(other, "Mandos", 4711);
    }

    private static Task<MandosServer> StartOursAsync(Machine machine, Func<ServerOptions, ServerOptions>? adjust = null)
    {
        var options = new ServerOptions { Clients = Stanza.Make("other", new string('a', 64), [1]), Zeroconf = true };
        return MandosServer.StartAsync(machine, Implementation.Ours, adjust?.Invoke(options) ?? options, Token);
    }

    private static string Unescape(string line) =>
        DecimalEscape().Replace(line, m => ((char)int.Parse(m.Groups[1].Value, CultureInfo.InvariantCulture)).ToString());

    [GeneratedRegex(@"\\(\d{3})")]
    private static partial Regex DecimalEscape();
}
