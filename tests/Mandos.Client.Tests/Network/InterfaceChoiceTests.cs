namespace Mandos.Client.Tests.Network;

/// <summary>Names that are there, or no longer, and what lies below an interface, with real ones.</summary>
[Trait("needs", "root")]
public sealed class InterfaceChoiceTests : NetworkSessionTest
{
    [Fact]
    public async Task When_no_preferred_interface_appears_all_usable_ones_are_used_and_this_is_reported()
    {
        await ConnectCableAsync();

        await Here.RunAsync(async () =>
        {
            await using var session = await StartAsync([], Long, preferred: ["eth7"], grace: Short);
            Assert.Equal(
                "interface \"eth7\" does not exist; if it does not appear within 0.2 s, all usable interfaces are used instead",
                Warnings[0]);
            Assert.Equal(("own0", true), await NextChangeAsync(session) is var change ? (change.Name, change.Usable) : default);
            Assert.Equal("interface \"eth7\" did not appear; all usable interfaces are used instead: \"own0\"", Warnings[1]);
        });

        Assert.False(await IsUpAsync("own0"));
    }

    [Fact]
    public async Task A_preferred_interface_that_appears_in_time_is_the_only_one_used()
    {
        await ConnectCableAsync();
        await ConnectCableAsync("own1", "peer1");

        await Here.RunAsync(async () =>
        {
            await using var session = await StartAsync([], Long, preferred: ["late0"]);
            await Here.IpAsync("link set own1 name late0");
            Assert.Equal("late0", (await NextChangeAsync(session)).Name);
            Assert.Equal(["late0"], session.Chosen.Select(link => link.Name));
            Assert.False(await IsUpAsync("own0"));
        });
    }

    [Fact]
    public async Task An_interface_is_also_known_by_its_alternative_names()
    {
        await ConnectCableAsync();
        await Here.IpAsync("link property add dev own0 altname enp9s0");

        await Here.RunAsync(async () =>
        {
            await using var session = await StartAsync(["enp9s0"], Long);
            Assert.Equal("own0", (await NextChangeAsync(session)).Name);
        });

        Assert.Empty(Warnings);
    }

    [Theory]
    [InlineData("link add link own0 name upper0 type macvlan")]
    [InlineData("link add upper0 type bridge && ip link set own0 master upper0")]
    public async Task Lower_interfaces_of_a_chosen_interface_are_brought_up_with_it_and_down_again(string make)
    {
        await ConnectCableAsync();
        await IpAllAsync(make);

        await Here.RunAsync(async () =>
        {
            await using var session = await StartAsync(["upper0"], Long);
            Assert.Equal("upper0", (await NextChangeAsync(session)).Name);
            Assert.True(await IsUpAsync("own0"));
            Assert.Equal(["upper0"], session.Chosen.Select(link => link.Name));
        });

        Assert.False(await IsUpAsync("own0"));
        Assert.False(await IsUpAsync("upper0"));
        Assert.Empty(Warnings);
    }

    [Fact]
    public async Task An_interface_that_cannot_be_brought_up_is_retried_when_the_reason_is_gone()
    {
        await ConnectCableAsync();
        // Two of them with one hardware address cannot be up at once.
        await IpAllAsync(
            "link add link own0 name first0 address 02:00:00:00:00:07 type macvlan && ip link set own0 up && ip link set first0 up");
        await Here.IpAsync("link add link own0 name second0 address 02:00:00:00:00:07 type macvlan");

        await Here.RunAsync(async () =>
        {
            await using var session = await StartAsync(["second0"], Long);
            while (Warnings.Count == 0)
                await Task.Delay(50);
            Assert.Matches("^cannot bring up interface \"second0\": .*(busy|in use)", Warnings[0]);
            await Here.IpAsync("link del first0");
            Assert.Equal("second0", (await NextChangeAsync(session)).Name);
        });

        Assert.Single(Warnings);
        Assert.False(await IsUpAsync("second0"));
    }

    [Theory]
    [InlineData("address add 10.9.9.9/24 dev own0 && ip route add default via 10.9.9.1", "default via 10.9.9.1")]
    [InlineData("-6 address add fd09::9/64 dev own0 nodad", "fd09::/64")]
    [InlineData("link set own0 down && ip link set own0 up", "")]
    [InlineData("link add br0 type bridge && ip link set own0 master br0 && ip link set br0 up", "")]
    [InlineData(
        "link add link own0 name upper0 type macvlan && ip link set upper0 up && ip address add 10.8.8.8/24 dev upper0", "10.8.8.0/24")]
    public async Task An_interface_that_another_process_configured_meanwhile_stays_up_with_its_routes(string configure, string route)
    {
        await ConnectCableAsync();
        var before = await Here.SettingAsync("conf/own0/optimistic_dad");

        await Here.RunAsync(async () =>
        {
            await using var session = await StartAsync(["own0"], Long);
            await NextChangeAsync(session);
            await IpAllAsync(configure);
            // It has heard of all that happened before this.
            await Here.IpAsync("link add last0 type bridge");
            while (!session.Chosen.IsEmpty && !session.HasSeen("last0"))
                await Task.Delay(20);
        });

        Assert.True(await IsUpAsync("own0"));
        Assert.Contains(route, await IpAllAsync("route && ip -6 route"), StringComparison.Ordinal);
        Assert.Equal(before, await Here.SettingAsync("conf/own0/optimistic_dad"));
    }

    /// <summary>Commands of ip(8), one after the other.</summary>
    private async Task<string> IpAllAsync(string commands)
    {
        var output = "";
        foreach (var command in commands.Split(" && ip "))
            output += await Here.IpAsync(command);
        return output;
    }

    [Fact]
    public async Task Addresses_that_an_interface_had_before_do_not_keep_it_up()
    {
        await ConnectCableAsync();
        await Here.IpAsync("address add 10.9.9.9/24 dev own0");

        await Here.RunAsync(async () =>
        {
            await using var session = await StartAsync([], Long);
            await NextChangeAsync(session);
        });

        Assert.False(await IsUpAsync("own0"));
    }
}
