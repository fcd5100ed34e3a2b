using System.Text;
using Mandos.Interop.Images;

namespace Mandos.Interop.Prompts;

/// <summary>
/// mandos-to-cryptroot-unlock beside cryptsetup's own functions and its askpass on a terminal, as in an initramfs; what
/// cannot be had without a boot, the opening of a disk, is a comparison of the password.
/// </summary>
public sealed partial class CryptrootUnlockTests : InteropTest
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(1);
    private static readonly byte[] Password = Encoding.UTF8.GetBytes("a pass\0word of 24 byt\\es\n");

    /// <summary>As cryptsetup's boot script does: asks until the disk opens, a second apart; then the next disk.</summary>
    private const string Asker =
        """
        #!/bin/sh
        . /lib/cryptsetup/functions
        mkdir -p /run/disks/opened
        for CRYPTTAB_NAME in "$@"; do
            CRYPTTAB_SOURCE=/dev/$CRYPTTAB_NAME CRYPTTAB_KEY=none CRYPTTAB_OPTIONS=luks tries=0
            export CRYPTTAB_OPTION_tries=0
            while true; do
                (run_keyscript $tries) >/run/disks/answer
                ! cmp -s /run/disks/answer /run/disks/$CRYPTTAB_NAME || break
                echo "$CRYPTTAB_NAME: bad password"
                tries=$((tries + 1))
                sleep 1
            done
            : >/run/disks/opened/$CRYPTTAB_NAME
            echo "$CRYPTTAB_NAME: set up successfully"
        done
        """;

    /// <summary>Takes the place of the real one: the password comes at once, after a while, or never, and is counted.</summary>
    private const string Runner =
        """
        #!/bin/sh
        trap 'sleep 0.5; echo ended >>/run/laboratory/runner; exit 143' TERM
        echo "$0 $*" >>/run/laboratory/runner
        while ! [ -e /run/laboratory/served ]; do sleep 0.05; done
        cat /run/laboratory/served
        """;

    public static TheoryData<string> Releases => [.. DebianRelease.All.Select(r => r.Suite)];

    [Theory, MemberData(nameof(Releases))]
    public async Task One_fetch_opens_disks_that_ask_one_after_the_other(string suite)
    {
        var machine = await InitramfsAsync(DebianRelease.Named(suite));
        foreach (var disk in new[] { "root", "swap" })
            machine.WriteFile($"/run/disks/{disk}", Password);
        machine.WriteFile("/run/laboratory/served", Password);
        await using var unlocking = Unlock(machine);
        var console = await OnTerminal(machine, [], "root", "swap");
        Assert.Equal(0, console.ExitCode);
        Assert.Contains("Please unlock disk root: ", console.Text, StringComparison.Ordinal);
        Assert.Contains("swap: set up successfully", console.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("bad password", console.Text, StringComparison.Ordinal);
        Assert.Equal(
            "/lib/mandos/plugin-runner --disable=askpass-fifo --disable=password-prompt --disable=plymouth\n",
            Encoding.UTF8.GetString(machine.ReadFile("/run/laboratory/runner")));
        await EndsWellAsync(unlocking);
        await machine.ShellAsync(
            "! grep -rlaF 'word of 24' /run /tmp /lib/cryptsetup /lib/mandos --exclude=served --exclude-dir=disks", Token);
    }

    [Theory, MemberData(nameof(Releases))]
    public async Task The_prompt_appears_before_the_password_and_is_answered_when_it_arrives(string suite)
    {
        var machine = await InitramfsAsync(DebianRelease.Named(suite));
        machine.WriteFile("/run/disks/root", Password);
        await using var unlocking = Unlock(machine);
        await using var console = Terminal(machine, [], "root");
        await WaitForFileAsync(machine, "/lib/cryptsetup/passfifo");
        Assert.False(console.HasExited);
        machine.WriteFile("/run/laboratory/new", Password);
        await machine.ShellAsync("mv /run/laboratory/new /run/laboratory/served", Token);
        Assert.Contains("root: set up successfully", (await console.WaitAsync(Limit, Token)).Text, StringComparison.Ordinal);
        await EndsWellAsync(unlocking);
    }

    [Theory, MemberData(nameof(Releases))]
    public async Task A_typed_password_wins_and_the_boot_script_stops_the_fetch(string suite)
    {
        var machine = await InitramfsAsync(DebianRelease.Named(suite));
        machine.WriteFile("/run/disks/root", "typed");
        await using var unlocking = Unlock(machine);
        var console = await OnTerminal(machine, ["Please unlock disk root: ", "typed"], "root");
        Assert.Contains("root: set up successfully", console.Text, StringComparison.Ordinal);
        Assert.False(unlocking.HasExited);

        // What the boot does next: it goes on only when plugin-runner has undone everything.
        await machine.ShellAsync("/scripts/local-premount/mandos; tail -n 1 /run/laboratory/runner | grep -qx ended", Token);
        await unlocking.WaitAsync(Limit, Token);
        await machine.ShellAsync("! test -e /run/mandos-to-cryptroot-unlock.pid; ! pgrep -r R,S,D -f '/lib/[m]andos/'", Token);
    }

    [Theory, MemberData(nameof(Releases))]
    public async Task A_wrong_password_is_tried_once_and_the_servers_next_one_unlocks_the_disk(string suite)
    {
        var machine = await InitramfsAsync(DebianRelease.Named(suite));
        machine.WriteFile("/run/disks/root", Password);
        machine.WriteFile("/run/laboratory/served", "wrong");
        await using var unlocking = Unlock(machine);
        await using var console = Terminal(machine, [], "root");
        await unlocking.WaitForLineAsync("warning: disk root rejected the fetched password", Limit, Token);
        machine.WriteFile("/run/laboratory/new", Password);
        await machine.ShellAsync("mv /run/laboratory/new /run/laboratory/served", Token);
        var shown = (await console.WaitAsync(Limit, Token)).Text;
        Assert.Single(System.Text.RegularExpressions.Regex.Matches(shown, "bad password"));
        Assert.Equal(
            2,
            Encoding.UTF8.GetString(machine.ReadFile("/run/laboratory/runner"))
                .Split('\n')
                .Count(line => line.Contains("--disable", StringComparison.Ordinal)));
        await EndsWellAsync(unlocking);
    }

    [Fact]
    public async Task The_password_is_only_in_locked_pages_and_a_replaced_one_is_wiped()
    {
        const string wrong = "a wrong password 5f0c17a2", right = "the right password 93bd6e41";
        var machine = await InitramfsAsync(DebianRelease.Bookworm);
        machine.WriteFile("/run/disks/root", right);
        machine.WriteFile("/run/laboratory/served", wrong);
        await using var unlocking = Unlock(machine);
        await using var console = Terminal(machine, [], "root");
        await unlocking.WaitForLineAsync("warning: disk root rejected the fetched password", Limit, Token);
        var parts = new Dictionary<string, byte[]> { [wrong] = Encoding.ASCII.GetBytes(wrong), [right] = Encoding.ASCII.GetBytes(right) };
        AssertLockedOnly(wrong, ProcessPages.Search(unlocking.Inner(), parts));

        machine.WriteFile("/run/laboratory/new", right);
        await machine.ShellAsync("mv /run/laboratory/new /run/laboratory/served", Token);
        Assert.Contains("root: set up successfully", (await console.WaitAsync(Limit, Token)).Text, StringComparison.Ordinal);
        AssertLockedOnly(right, ProcessPages.Search(unlocking.Inner(), parts));
        // What entered the machine stopped as well.
        unlocking.Signal("CONT");
        await EndsWellAsync(unlocking);
    }

    [Theory, MemberData(nameof(Releases))]
    public async Task After_a_wrong_password_from_the_server_a_typed_one_unlocks_the_disk(string suite)
    {
        var machine = await InitramfsAsync(DebianRelease.Named(suite));
        machine.WriteFile("/run/disks/root", "typed");
        machine.WriteFile("/run/laboratory/served", "wrong");
        await using var unlocking = Unlock(machine);
        var console = await OnTerminal(machine, ["root: bad password", "", "unlock disk root", "typed"], "root");
        Assert.Contains("root: set up successfully", console.Text, StringComparison.Ordinal);
        await EndsWellAsync(unlocking);
    }

    [Fact]
    public async Task Finding_and_answering_the_question_starts_no_process()
    {
        var machine = await InitramfsAsync(DebianRelease.Bookworm);
        machine.WriteFile("/run/disks/root", Password);
        machine.WriteFile("/run/laboratory/served", Password);
        await using var unlocking = Start(
            machine, "/usr/bin/strace", "-D", "-f", "-qq", "-e", "trace=execve,openat,open", "-o", "/run/trace",
            "/lib/mandos/mandos-to-cryptroot-unlock");
        await OnTerminal(machine, [], "root");
        await machine.ShellAsync("/scripts/local-premount/mandos", Token);
        await unlocking.WaitAsync(Limit, Token);
        var trace = StraceLog.Calls(machine.ReadFile("/run/trace"))
            .Where(line => line.Contains("= 0", StringComparison.Ordinal) && line.Contains("execve(", StringComparison.Ordinal))
            .ToList();
        Assert.Contains(trace, line => line.Contains("execve(\"/lib/mandos/plugin-runner\"", StringComparison.Ordinal));
        Assert.All(
            trace,
            line => Assert.Matches("execve\\(\"(/lib/mandos/(plugin-runner|mandos-to-cryptroot-unlock)|(/usr)?/bin/(sleep|cat))\"", line));
    }

    /// <summary>A machine that looks like the initramfs: our program under its names, scripts, configuration.</summary>
    private async Task<Machine> InitramfsAsync(DebianRelease release)
    {
        var machine = await Lab.MachineAsync("client", await InitramfsChroot.GetAsync(release, Token));
        await Lab.ShellOnHostAsync($"{Golden.Root}/scripts/install.sh {machine.HostPath("")} /usr client >&2");
        machine.WriteFile("/lib/mandos/plugin-runner", Runner, InitramfsMachine.Executable);
        machine.WriteFile("/run/laboratory/asker", Asker, InitramfsMachine.Executable);
        machine.WriteFile("/conf/conf.d/mandos/plugin-runner.conf", "--debug\n");
        await machine.ShellAsync(
            """
            cp -r /usr/share/initramfs-tools/scripts /scripts
            ln -s /usr/lib/x86_64-linux-gnu/mandos/plugins.d/mandos-client /lib/mandos/mandos-to-cryptroot-unlock
            ln -s mandos-to-cryptroot-unlock /lib/mandos/kernel-parameters
            echo 'configure_networking() { : >/run/laboratory/configured; }' >>/scripts/functions
            """, Token);
        return machine;
    }

    private static RunningProcess Unlock(Machine machine) => Start(machine, "/lib/mandos/mandos-to-cryptroot-unlock");

    /// <summary>As init-premount does.</summary>
    private static RunningProcess Start(Machine machine, string program, params string[] arguments) =>
        machine.Start(new(), "/bin/sh", ["-c", "echo $$ >/run/mandos-to-cryptroot-unlock.pid; exec \"$@\"", "sh", program, .. arguments]);

    private static RunningProcess Terminal(Machine machine, string[] typed, params string[] disks) =>
        machine.Start(
            new() { LogOutput = true }, "/usr/bin/python3",
            [machine.PutScript("terminal.py"), .. typed, "--", "/run/laboratory/asker", .. disks]);

    private static async Task<CompletedProcess> OnTerminal(Machine machine, string[] typed, params string[] disks)
    {
        await using var terminal = Terminal(machine, typed, disks);
        return await terminal.WaitAsync(Limit, Token);
    }

    private static void AssertLockedOnly(string password, IReadOnlyList<ProcessPages.Finding> findings)
    {
        Assert.Contains(findings, finding => finding.What == password);
        Assert.All(findings, finding => Assert.Equal((password, true), (finding.What, finding.IsLocked)));
    }

    private static async Task EndsWellAsync(RunningProcess unlocking)
    {
        Assert.False(unlocking.HasExited);
        unlocking.Signal("TERM");
        var done = await unlocking.WaitAsync(Limit, Token);
        Assert.True(done.ExitCode == 0, done.Errors);
        Assert.Empty(done.Output);
    }

    private static async Task WaitForFileAsync(Machine machine, string path)
    {
        var began = TimeProvider.System.GetTimestamp();
        while (!File.Exists(machine.HostPath(path)))
        {
            Assert.True(TimeProvider.System.GetElapsedTime(began) < Limit, $"{path} did not appear");
            await Task.Delay(20, Token);
        }
    }
}
