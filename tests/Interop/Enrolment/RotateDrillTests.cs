using System.Globalization;
using System.Text.RegularExpressions;

namespace Mandos.Interop.Enrolment;

/// <summary>
/// SIGKILL before each system call by which a rotation changes the key directory, and after the last one. Each run goes on where the one
/// before was killed, so every state is also one that a run begins with. In each state, both the keys that an image would get now and those
/// in the image get the password from the real server with the real client.
/// </summary>
public sealed partial class RotateDrillTests : InteropTest
{
    private const string Keys = "/etc/keys/mandos", Dropped = $"{Keys}/.mandos-keygen.dropped";
    private const string Calls = "mkdir,mkdirat,rename,renameat,renameat2,link,linkat,unlink,unlinkat,rmdir,openat,write,pwrite64";

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private readonly HashSet<string> _fetched = [];

    /// <summary>One system call, as strace selects it: the calls of this name that have this path, and their number.</summary>
    private sealed record Point(string Call, string Path, int Number);

    [Fact]
    public async Task Killed_before_each_change_of_the_keys_the_machine_unlocks_and_the_next_run_goes_on()
    {
        var site = await StartAsync();
        var begin = await PointsAsync(site);
        await site.RebootAsync();
        var finish = await PointsAsync(site);
        Assert.InRange(begin.Count, 25, 60);
        Assert.InRange(finish.Count, 8, 40);

        foreach (var point in begin)
            await KillAsync(site, point);
        (await RotateAsync(site)).OrThrow();
        await AssertUnlocksAsync(site, "after the begin");
        await site.RebootAsync();
        // The files of the dropped keys are removed in the order of the directory, which is another one in each rotation.
        foreach (var point in finish.Where(point => !point.Path.StartsWith(Dropped, StringComparison.Ordinal)))
            await KillAsync(site, point);
        await RemoveOneByOneAsync(site);

        await AssertUnlocksAsync(site, "after the finish");
        Assert.Equal("4\n", await site.Client.ShellAsync($"ls -A {Keys} | wc -l", Token));
        Assert.Equal("1\n", await site.Server.ShellAsync($"grep -c key_id {site.File}", Token));
    }

    [Theory]
    [InlineData("mv")]
    [InlineData("cp")]
    public async Task Killed_between_the_steps_on_the_server_the_machine_unlocks_and_the_next_run_goes_on(string program)
    {
        var site = await StartAsync();
        foreach (var isFinish in new[] { false, true })
        {
            foreach (var isAfter in new[] { false, true })
            {
                Break(site, program, isAfter);
                Assert.Equal(1, (await RotateAsync(site)).ExitCode);
                await site.Server.ShellAsync($"rm /usr/local/sbin/{program}", Token);
                await AssertUnlocksAsync(site, $"{program}, {(isAfter ? "after" : "before")} it");
            }

            // What the server would do at its next start.
            await site.Server.ShellAsync("kill -HUP $(cat /run/mandos.pid)", Token);
            (await RotateAsync(site)).OrThrow();
            await AssertUnlocksAsync(site, "completed");
            if (!isFinish)
                await site.RebootAsync();
        }

        Assert.Equal("1\n", await site.Server.ShellAsync($"grep -c key_id {site.File}", Token));
    }

    private async Task<EnrolmentSite> StartAsync()
    {
        var site = await EnrolmentSite.StartAsync(Lab, DebianRelease.Bookworm, Implementation.Ours);
        await site.ShareConnectionAsync();
        (await site.KeygenAsync(EnrolmentSite.Passphrase, "enroll", "server", "--name=client")).OrThrow();
        return site;
    }

    private static Task<CompletedProcess> RotateAsync(EnrolmentSite site) => site.KeygenAsync("", "rotate", "server");

    /// <summary>A rotation that is not killed, and its changes of the key directory.</summary>
    private static async Task<List<Point>> PointsAsync(EnrolmentSite site)
    {
        const string log = "/run/trace";
        (await TraceAsync(site, isFirstStep: false, ["-y", "-o", log, "-e", $"trace={Calls}"])).OrThrow();
        var points = new List<Point>();
        var seen = new Dictionary<(string Call, string Path), int>();
        foreach (var line in StraceLog.Calls(site.Client.ReadFile(log)))
        {
            if (Change().Match(line) is not { Success: true } change || line.Contains("= -1 ", StringComparison.Ordinal))
                continue;
            var call = change.Groups[1].Value;
            if (call == "openat" && !line.Contains("O_CREAT", StringComparison.Ordinal))
                continue;
            var paths = Paths().Matches(line).Select(path => path.Groups[1].Value).Distinct().ToList();
            foreach (var path in paths)
                seen[(call, path)] = seen.GetValueOrDefault((call, path)) + 1;
            points.Add(new(call, paths[0], seen[(call, paths[0])]));
        }

        return points;
    }

    private async Task KillAsync(EnrolmentSite site, Point point)
    {
        // The rest of the run would not be reached.
        var isFirstStep = point.Path.Contains("/next", StringComparison.Ordinal)
            && !point.Call.StartsWith("rename", StringComparison.Ordinal);
        var killed = await TraceAsync(
            site, isFirstStep,
            [
                "-o", "/dev/null", "-P", point.Path, "-e", $"trace={point.Call}", "-e",
                string.Create(CultureInfo.InvariantCulture, $"inject={point.Call}:signal=KILL:when={point.Number}"),
            ]);
        Assert.True(killed.ExitCode == 128 + 9, $"{point} does not occur: {killed.ExitCode}\n{killed.Errors}");
        await AssertUnlocksAsync(site, point.ToString());
    }

    /// <summary>Runs that are killed before their second removal of a file, until one has nothing more to remove.</summary>
    private async Task RemoveOneByOneAsync(EnrolmentSite site)
    {
        const int least = 5, most = 12;
        var kills = 0;
        while (await TraceAsync(
            site, isFirstStep: false, ["-o", "/dev/null", "-e", "trace=unlink", "-e", "inject=unlink:signal=KILL:when=2"])
                is { ExitCode: not 0 } killed)
        {
            Assert.Equal((128 + 9, true), (killed.ExitCode, kills < most));
            await AssertUnlocksAsync(site, $"{++kills} files removed");
        }

        Assert.InRange(kills, least, most);
    }

    private static Task<CompletedProcess> TraceAsync(EnrolmentSite site, bool isFirstStep, string[] options)
    {
        string[] step = isFirstStep ? ["--step=keys"] : [];
        return site.Client.RunAsync(
            new(), Patience, Token, "/usr/bin/strace",
            ["-f", "-qq", .. options, Implementation.Ours.Keygen, "rotate", "server", .. step]);
    }

    /// <summary>
    /// Fetches with the keys that a hook would copy now, and with those in the image, if either has changed, or the server's file.
    /// </summary>
    private async Task AssertUnlocksAsync(EnrolmentSite site, string state)
    {
        var digests = await site.Client.ShellAsync(
            $"rm -rf /run/hooked; mkdir /run/hooked; for file in {Keys}/* {Keys}/.mandos-keygen.ready/*; do "
                + $"[ ! -f \"$file\" ] || cp \"$file\" /run/hooked; done; sha256sum /run/hooked/* {site.ImageKeys}/*", Token);
        if (!_fetched.Add(digests + await site.Server.ShellAsync($"sha256sum {site.File}", Token)))
            return;
        foreach (var keys in new[] { "/run/hooked", site.ImageKeys })
            Assert.Equal((state, keys, EnrolmentSite.Passphrase), (state, keys, await site.PasswordAsync(keys)));
    }

    /// <summary>A program that the script on the server runs kills the script, before or after its work.</summary>
    private static void Break(EnrolmentSite site, string program, bool isAfter)
    {
        var work = $"/bin/{program} \"$@\"";
        site.Server.WriteFile(
            $"/usr/local/sbin/{program}", $"#!/bin/sh\n{(isAfter ? work : ":")}\n/bin/kill -9 $PPID\n", (UnixFileMode)0b111_101_101);
    }

    [GeneratedRegex(@"^\d+ +(\w+)\(.*/etc/keys/mandos")]
    private static partial Regex Change();

    [GeneratedRegex(@"[""<](/etc/keys/mandos[^"">]*)["">]")]
    private static partial Regex Paths();
}
