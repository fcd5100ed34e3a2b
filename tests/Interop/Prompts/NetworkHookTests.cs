namespace Mandos.Interop.Prompts;

/// <summary>Network hooks of both clients get the same.</summary>
public sealed class NetworkHookTests : InteropTest
{
    private const string Hooks = "/etc/mandos/network-hooks.d";

    public static TheoryData<string> Options => ["", "--interface=eth0", "--debug", "--delay=1.5", "--interface=eth0 --interface=nosuch"];

    [Theory, MemberData(nameof(Options))]
    public async Task Our_hooks_get_the_same_arguments_and_environment_as_the_originals(string options)
    {
        var pair = await ServedAsync();
        pair.Client.WriteFile(
            $"{Hooks}/recorder",
            $"#!/bin/sh\n{{ echo \"$# arguments\"; env | grep -E '^(MANDOSNETHOOKDIR|DEVICE|MODE|VERBOSITY|DELAY)=' | sort; "
            + "[ $MODE = stop ] || echo \"CONNECT=$CONNECT\"; id -u; } >>/run/laboratory/record\necho never on standard output\n",
            (UnixFileMode)0b111_101_101);
        var original = await RecordAsync(pair, Implementation.Original, options);
        var ours = await RecordAsync(pair, Implementation.Ours, options);
        Assert.Contains("MODE=stop", original, StringComparison.Ordinal);
        Assert.Equal(original, ours);
    }

    [Fact]
    public async Task Hooks_run_in_order_and_other_files_do_not_run()
    {
        var pair = await ServedAsync();
        const UnixFileMode executable = (UnixFileMode)0b111_101_101;
        foreach (var name in new[] { "20-second", "10-first", "30.third_A" })
            pair.Client.WriteFile($"{Hooks}/{name}", $"#!/bin/sh\necho {name} >>/run/laboratory/record\n", executable);
        pair.Client.WriteFile($"{Hooks}/00-not-executable", "#!/bin/sh\necho no >>/run/laboratory/record\n");
        foreach (var name in new[] { "backup~", "a b", "#auto#" })
            pair.Client.WriteFile($"{Hooks}/{name}", "#!/bin/sh\necho no >>/run/laboratory/record\n", executable);
        Assert.Equal(await RecordAsync(pair, Implementation.Original, ""), await RecordAsync(pair, Implementation.Ours, ""));
        Assert.Equal(
            "10-first\n20-second\n30.third_A\n10-first\n20-second\n30.third_A\n", await RecordAsync(pair, Implementation.Ours, ""));
    }

    [Fact]
    public async Task A_hook_that_fails_does_not_stop_the_client()
    {
        var pair = await ServedAsync();
        pair.Client.WriteFile($"{Hooks}/failing", "#!/bin/sh\necho ran >>/run/laboratory/record\nexit 3\n", (UnixFileMode)0b111_101_101);
        pair.Client.WriteFile(
            $"{Hooks}/killed", "#!/bin/sh\necho ran >>/run/laboratory/record\nkill -KILL $$\n", (UnixFileMode)0b111_101_101);
        Assert.Equal("ran\nran\nran\nran\n", await RecordAsync(pair, Implementation.Ours, ""));
    }

    [Fact]
    public async Task A_hook_can_provide_the_interface_that_the_client_uses()
    {
        var pair = await ServedAsync();
        await pair.Client.ShellAsync("ip link set eth0 down; ip link set eth0 name hidden", Token);
        pair.Client.WriteFile(
            $"{Hooks}/rename",
            "#!/bin/sh\nif [ $MODE = start ]; then ip link set hidden name eth0; ip address replace 10.1.0.2/24 dev eth0; else ip "
                + "link set eth0 down; ip link set eth0 name hidden; fi\n",
            (UnixFileMode)0b111_101_101);
        pair.Client.WriteFile("/run/laboratory/record", "");
        await RecordAsync(pair, Implementation.Ours, "");
        Assert.Contains("hidden", await pair.Client.ShellAsync("ip -o link", Token), StringComparison.Ordinal);
    }

    private async Task<Pair> ServedAsync()
    {
        var pair = await Pair.MakeAsync(Lab, DebianRelease.Bookworm, DebianRelease.Bookworm, "Curve25519");
        await pair.ServeAsync(Implementation.Ours, Password.Plain, Token);
        return pair;
    }

    private static async Task<string> RecordAsync(Pair pair, Implementation implementation, string options)
    {
        pair.Client.WriteFile("/run/laboratory/record", "");
        var done = await MandosClient.RunAsync(
            pair.Client, implementation, Token,
            [$"--connect={Pair.ServerIPv4}:8888", $"--network-hook-dir={Hooks}",
                .. options.Split(' ', StringSplitOptions.RemoveEmptyEntries)]);
        Assert.Equal(Password.Plain, done.OrThrow().Output);
        return System.Text.Encoding.UTF8.GetString(pair.Client.ReadFile("/run/laboratory/record"));
    }
}
