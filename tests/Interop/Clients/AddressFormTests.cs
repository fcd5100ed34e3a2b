namespace Mandos.Interop.Clients;

/// <summary>Every form of an address by which the original reaches a server reaches it here, too.</summary>
public sealed class AddressFormTests : InteropTest
{
    private static readonly string[] Forms =
    [
        "10.1.0.1:8888", "10.1.0.1:08888",
        "::ffff:10.1.0.1:8888", "[::ffff:10.1.0.1]:8888", "[::FFFF:10.1.0.1]:8888", "[::ffff:a01:1]:8888", "::ffff:0a01:0001:8888",
        "[0:0:0:0:0:ffff:10.1.0.1]:8888", "0:0:0:0:0:FFFF:a01:1:8888",
        "fd00:1::1:8888", "[fd00:1::1]:8888", "[FD00:1:0:0:0:0:0:1]:8888", "fd00:0001:0000:0000:0000:0000:0000:0001:8888",
        "[fd00:1::0.0.0.1]:8888",
    ];

    public static TheoryData<string> Releases => [.. DebianRelease.All.Select(r => r.Suite)];

    [Theory, MemberData(nameof(Releases))]
    public async Task Our_client_connects_to_every_address_that_the_originals_connects_to(string release)
    {
        var pair = await Pair.MakeAsync(Lab, DebianRelease.Named(release), DebianRelease.Named(release), "Curve25519");
        await pair.ServeAsync(Implementation.Ours, Password.Plain, Token);
        // Without a scope, and without --interface: the only link is the one.
        var link = (await pair.Server.ShellAsync("ip -6 -o address show dev eth0 scope link | sed 's/.*inet6 //; s:/.*::'", Token)).Trim();
        foreach (var form in Forms.Append($"[{link}]:8888").Append($"{link}:8888").Append($"[{link.ToUpperInvariant()}]:8888"))
        {
            foreach (var implementation in new[] { Implementation.Original, Implementation.Ours })
            {
                var done = await MandosClient.RunAsync(pair.Client, implementation, Token, $"--connect={form}");
                Assert.Equal((form, implementation, 0), (form, implementation, done.ExitCode));
                Assert.Equal(Password.Plain, done.Output);
            }
        }

        // The first is one that there is no way to.
        var named = await MandosClient.RunAsync(
            pair.Client, Implementation.Ours, Token, "--server=[::ffff:10.9.9.9]:8888", "--server=[::ffff:10.1.0.1]:8888");
        Assert.Equal(Password.Plain, named.OrThrow().Output);
    }
}
