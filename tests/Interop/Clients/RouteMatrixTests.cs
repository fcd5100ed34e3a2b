namespace Mandos.Interop.Clients;

/// <summary>One end of ours, one of Debian's, of both releases; every way to find each other; keys of both key tools.</summary>
public sealed class RouteMatrixTests : InteropTest
{
    public static TheoryData<string, string, string> Cases
    {
        get
        {
            var cases = new TheoryData<string, string, string>();
            foreach (var release in DebianRelease.All)
            {
                foreach (var route in Route.All)
                {
                    cases.Add(release.Suite, route, "RSA-4096");
                    cases.Add(release.Suite, route, "Curve25519");
                }
            }

            return cases;
        }
    }

    [Theory, MemberData(nameof(Cases))]
    public async Task Our_client_gets_its_password_from_the_originals_server(string release, string route, string keys) =>
        await FetchAsync(DebianRelease.Named(release), route, keys, client: Implementation.Ours, server: Implementation.Original);

    [Theory, MemberData(nameof(Cases))]
    public async Task The_originals_client_gets_its_password_from_our_server(string release, string route, string keys) =>
        await FetchAsync(DebianRelease.Named(release), route, keys, client: Implementation.Original, server: Implementation.Ours);

    [Theory]
    [InlineData("link-local", "Curve25519")]
    [InlineData("multicast", "Curve25519")]
    [InlineData("multicast over IPv4", "RSA-4096")]
    public async Task Our_client_gets_its_password_from_our_server(string route, string keys) =>
        await FetchAsync(DebianRelease.Trixie, route, keys, client: Implementation.Ours, server: Implementation.Ours);

    /// <summary>The original takes an address without a scope only, and its interface from the option.</summary>
    [Theory]
    [InlineData("[{0}%eth0]:8888")]
    [InlineData("{0}%eth0:8888")]
    public async Task A_link_local_address_for_connect_can_include_its_interface(string form)
    {
        var pair = await Pair.MakeAsync(Lab, DebianRelease.Bookworm, DebianRelease.Bookworm, "Curve25519");
        await (await Lab.SwitchAsync("other")).ConnectAsync(pair.Client, Token, "eth1");
        await pair.ServeAsync(Implementation.Original, Password.Plain, Token);
        var address = string.Format(
            System.Globalization.CultureInfo.InvariantCulture, form, await Switch.LinkLocalAddressAsync(pair.Server, "eth0", Token));
        var done = await MandosClient.RunAsync(pair.Client, Implementation.Ours, Token, $"--connect={address}");
        Assert.Equal(Password.Plain, done.OrThrow().Output);
    }

    private async Task FetchAsync(DebianRelease release, string route, string keys, Implementation client, Implementation server)
    {
        var pair = await Pair.MakeAsync(Lab, release, release, keys);
        await pair.ServeAsync(server, Password.Plain, options => Route.Adjust(route, options), Token);
        var done = await MandosClient.RunAsync(pair.Client, client, Token, await Route.OptionsAsync(route, pair, Token));
        Assert.Equal(Password.Plain, done.OrThrow().Output);
    }
}
