using System.Text;
using System.Text.RegularExpressions;

namespace Mandos.Interop.Prompts;

/// <summary>The password agent with those who really ask: systemd-ask-password of both releases, and beside the original's agent.</summary>
public sealed partial class PasswordAgentTests : InteropTest
{
    private const string OriginalsAgent = "/usr/lib/dracut/modules.d/90mandos/password-agent";
    private static readonly string[] OurRoles = [Implementation.Ours.Client, "password-agent"];
    private static readonly string[] KeyOptions =
    [
        "--pubkey=/etc/mandos/keys/pubkey.txt", "--seckey=/etc/mandos/keys/seckey.txt",
        "--tls-pubkey=/etc/mandos/keys/tls-pubkey.pem", "--tls-privkey=/etc/mandos/keys/tls-privkey.pem",
    ];

    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(15);

    [Theory]
    [InlineData("bookworm")]
    [InlineData("trixie")]
    public async Task One_client_run_answers_all_questions_asked_through_systemd(string suite)
    {
        var machine = await MachineAsync(suite);
        PutClient(machine, "while ! [ -e /run/go ]; do sleep 0.02; done; printf 'pass word'");
        await using var root = AskBySystemd(machine, "cryptsetup:/dev/sda3");
        await using var swap = AskBySystemd(machine, "cryptsetup:/dev/sda4");
        await QuestionsBecomeAsync(machine, 2);
        // Longer than this test takes.
        await using var agent = Start(machine, OurRoles, "--linger=1000");
        await QuestionsBecomeAsync(machine, 2, "[ -s /run/runs ]");
        await using var data = AskBySystemd(machine, "cryptsetup:/dev/sdb");
        await QuestionsBecomeAsync(machine, 3);
        machine.WriteFile("/run/go", "");
        foreach (var asker in new[] { root, swap, data })
            Assert.Equal("pass word\n", (await asker.WaitAsync(Soon, Token)).OrThrow().Text);
        await using var late = AskBySystemd(machine, "cryptsetup:/dev/sdc");
        Assert.Equal("pass word\n", (await late.WaitAsync(Soon, Token)).OrThrow().Text);
        agent.Signal("TERM");
        Assert.Equal(128 + 15, (await agent.WaitAsync(Soon, Token)).ExitCode);
        Assert.Equal("run\n", Encoding.UTF8.GetString(machine.ReadFile("/run/runs")));
    }

    [Theory]
    [InlineData("bookworm")]
    [InlineData("trixie")]
    public async Task After_a_wrong_password_the_disk_can_ask_again_and_the_user_can_answer(string suite)
    {
        var machine = await MachineAsync(suite);
        PutClient(machine, "printf wrong");
        await using var first = AskBySystemd(machine, "cryptsetup:/dev/sda3");
        await QuestionsBecomeAsync(machine, 1);
        await using var agent = Start(machine, OurRoles);
        Assert.Equal("wrong\n", (await first.WaitAsync(Soon, Token)).OrThrow().Text);
        await using var again = AskBySystemd(machine, "cryptsetup:/dev/sda3");
        await QuestionsBecomeAsync(machine, 1);
        await Task.Delay(1500, Token);
        Assert.False(again.HasExited);
        Assert.Equal("run\n", Encoding.UTF8.GetString(machine.ReadFile("/run/runs")));
        await machine.ShellAsync(
            "printf typed | /lib/systemd/systemd-reply-password 1 $(sed -n s/^Socket=//p /run/systemd/ask-password/ask.*)", Token);
        Assert.Equal("typed\n", (await again.WaitAsync(Soon, Token)).OrThrow().Text);
    }

    [Fact]
    public async Task The_password_kept_for_the_next_disk_is_only_in_locked_pages()
    {
        const string password = "a password of its own 71c2e5";
        var machine = await MachineAsync("bookworm");
        PutClient(machine, $"printf '{password}'");
        await using var root = AskBySystemd(machine, "cryptsetup:/dev/sda3");
        await QuestionsBecomeAsync(machine, 1);
        await using var agent = Start(machine, OurRoles, "--linger=1000");
        Assert.Equal(password + "\n", (await root.WaitAsync(Soon, Token)).OrThrow().Text);
        var findings = ProcessPages.Search(
            agent.Inner(), new Dictionary<string, byte[]> { ["the password"] = Encoding.ASCII.GetBytes(password) });
        Assert.NotEmpty(findings);
        Assert.All(findings, finding => Assert.True(finding.IsLocked, finding.ToString()));
        Assert.NotEqual("0 kB", ProcessTree.Status(agent.Inner(), "VmLck"));
    }

    [Fact]
    public async Task A_question_that_is_not_about_a_disk_is_left_to_other_agents()
    {
        var machine = await MachineAsync("bookworm");
        PutClient(machine, "printf secret");
        await using var other = AskBySystemd(machine, "home:joe");
        await QuestionsBecomeAsync(machine, 1);
        await using var agent = Start(machine, OurRoles);
        await agent.WaitForLineAsync(
            "question \"Please enter passphrase\" is not answered: it does not seem to ask for a disk's password, its Id is \"home:joe\"",
            Soon, Token);
        await agent.WaitForLineAsync("hint: .* --any-id", Soon, Token);
        await Task.Delay(1000, Token);
        Assert.False(agent.HasExited || other.HasExited);
        await using var disk = AskBySystemd(machine, "cryptsetup:/dev/sda3");
        Assert.Equal("secret\n", (await disk.WaitAsync(Soon, Token)).OrThrow().Text);
        Assert.False(other.HasExited);
    }

    [Theory]
    [InlineData("bookworm", "pw")]
    [InlineData("bookworm", "")]
    [InlineData("bookworm", "pw\\n")]
    [InlineData("bookworm", "a\\0b\\377")]
    [InlineData("trixie", "pw\\n")]
    public async Task The_answer_matches_the_originals_byte_for_byte(string suite, string printed)
    {
        var machine = await MachineAsync(suite);
        PutClient(machine, $"printf '{printed}'");
        var original = await AnswerOfAsync(machine, [OriginalsAgent]);
        var ours = await AnswerOfAsync(machine, OurRoles);
        Assert.StartsWith("answer 2b", original, StringComparison.Ordinal);
        Assert.Equal(original, ours);
    }

    /// <summary>Stopped while the question is renamed into place, an agent gets both events of the new file by one read.</summary>
    [Theory]
    [InlineData("bookworm", true)]
    [InlineData("trixie", true)]
    [InlineData("bookworm", false)]
    public async Task A_question_renamed_into_place_is_not_missed_as_it_is_by_the_original(string suite, bool ours)
    {
        var machine = await MachineAsync(suite);
        PutClient(machine, "while ! [ -e /run/go ]; do sleep 0.02; done; printf secret");
        await using var first = await AskAsync(machine, "first");
        await using var agent = Start(machine, ours ? OurRoles : [OriginalsAgent], ours ? ["--linger=0"] : []);
        await QuestionsBecomeAsync(machine, 1, "[ -s /run/runs ]");
        agent.Signal("STOP");
        await using var second = await AskAsync(machine, "second");
        // What entered the machine for it stopped as well.
        agent.Signal("CONT");
        await Lab.ShellOnHostAsync($"kill -s CONT {agent.ProcessId}");
        await Task.Delay(200, Token);
        machine.WriteFile("/run/go", "");
        Assert.Equal("answer 2b73656372657400", await first.WaitForLineAsync("^answer", Soon, Token));
        Assert.Equal(0, (await agent.WaitAsync(Soon, Token)).ExitCode);
        if (ours)
        {
            Assert.Equal("answer 2b73656372657400", await second.WaitForLineAsync("^answer", Soon, Token));
            await second.WaitAsync(Soon, Token);
        }
        else
        {
            Assert.False(second.HasExited);
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_line_break_in_the_name_of_a_disk_does_not_redirect_the_password_as_in_the_original(bool ours)
    {
        var machine = await MachineAsync("bookworm");
        PutClient(machine, "printf secret");
        await using var thief = await AskAsync(machine, "thief");
        await machine.ShellAsync("rm /run/systemd/ask-password/ask.thief", Token);
        await using var asker = await AskAsync(machine, "root", "disk\nSocket=/run/systemd/ask-password/sck.thief");
        await using var agent = Start(machine, ours ? OurRoles : [OriginalsAgent]);
        if (ours)
        {
            await agent.WaitForLineAsync(
                "question \"ask.root\" is not answered: line 9 has a duplicate key or an invalid value", Soon, Token);
            Assert.False(thief.HasExited);
        }
        else
        {
            Assert.Equal("answer 2b73656372657400", await thief.WaitForLineAsync("^answer", Soon, Token));
        }
    }

    [Theory]
    [InlineData("bookworm")]
    [InlineData("trixie")]
    public async Task With_a_real_client_and_only_the_capabilities_of_the_unit_the_disk_gets_its_password(string suite)
    {
        var release = DebianRelease.Named(suite);
        var pair = await Pair.MakeAsync(Lab, DebianRelease.Bookworm, release, "Curve25519");
        await pair.ServeAsync(Implementation.Original, Password.Plain, options => options with { Zeroconf = true }, Token);
        var unit = await File.ReadAllTextAsync(Path.Combine(UnitFolder, "ask-password-mandos.service"), Token);
        var capabilities = string.Join(
            ',',
            Regex.Matches(unit, "(?m)^CapabilityBoundingSet=(.*)$")
                .SelectMany(m => m.Groups[1].Value.Split(' '))
                .Select(c => "+" + c.ToLowerInvariant()[4..]));
        await InstallKeysAsync(pair.Client, "root");
        await pair.Client.ShellAsync("ip address flush dev eth0; ip link set eth0 down", Token);

        await using var asker = await AskAsync(pair.Client, "root");
        await using var agent = pair.Client.Start(
            new(), "/usr/bin/setpriv",
            ["--bounding-set", $"-all,{capabilities}", "--", .. OurRoles, "--linger=0", "--user=4711", "--group=4712", "--",
                Implementation.Ours.Client, .. KeyOptions]);
        var answer = await asker.WaitForLineAsync("^answer", Soon, Token);
        Assert.Equal($"answer 2b{Convert.ToHexStringLower(Password.Plain)}00", answer);
        Assert.Equal(0, (await agent.WaitAsync(Soon, Token)).ExitCode);
        Assert.DoesNotContain("error", agent.Errors, StringComparison.Ordinal);
        Assert.Contains("state DOWN", await pair.Client.ShellAsync("ip link show eth0", Token), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_network_process_runs_as_the_given_user_and_group()
    {
        var pair = await Pair.MakeAsync(Lab, DebianRelease.Bookworm, DebianRelease.Bookworm, "Curve25519");
        await InstallKeysAsync(pair.Client, "4711");
        var silent = await HostileServer.StartAsync(pair.Server, 8888, "silent", Token);
        await using var asker = await AskAsync(pair.Client, "root");
        await using var agent = pair.Client.Start(
            new(), OurRoles[0],
            [.. OurRoles[1..], "--user=4711", "--group=4712", "--", Implementation.Ours.Client, .. KeyOptions,
                $"--connect={Pair.ServerIPv4}:8888"]);
        await silent.WaitForConnectionAsync(Token);
        var client = Assert.Single(ProcessTree.Children(agent.Inner()));
        var network = Assert.Single(ProcessTree.Children(client));
        // It took the user's ids for its network process, and is root again for hooks.
        Assert.Equal("0\t0\t0\t0", ProcessTree.Status(client, "Uid"));
        Assert.Equal("", ProcessTree.Status(client, "Groups"));
        Assert.Equal("4711\t4711\t4711\t4711", ProcessTree.Status(network, "Uid"));
        Assert.Equal("4712\t4712\t4712\t4712", ProcessTree.Status(network, "Gid"));

        // Another agent answered: nothing is left to do.
        await pair.Client.ShellAsync("rm /run/systemd/ask-password/ask.*", Token);
        Assert.Equal(0, (await agent.WaitAsync(Soon, Token)).ExitCode);
        Assert.False(Directory.Exists($"/proc/{client}") || Directory.Exists($"/proc/{network}"));
    }

    [Theory]
    [InlineData("bookworm")]
    [InlineData("trixie")]
    public async Task Systemd_accepts_the_units(string suite)
    {
        var machine = await MachineAsync(suite);
        await machine.ShellAsync(
            "mkdir -p /lib/mandos; cp /opt/mandos/mandos-client /lib/mandos; ln -s mandos-client /lib/mandos/password-agent", Token);
        foreach (var unit in Directory.EnumerateFiles(UnitFolder, "ask-password-mandos.*"))
            machine.WriteFile($"/run/systemd/system/{Path.GetFileName(unit)}", await File.ReadAllTextAsync(unit, Token));
        var done = await machine.RunAsync(
            new(), TimeSpan.FromSeconds(30), Token, "/usr/bin/systemd-analyze", "verify", "--man=no",
            "/run/systemd/system/ask-password-mandos.path", "/run/systemd/system/ask-password-mandos.service");
        Assert.Equal(
            (0, ""),
            (
                done.ExitCode,
                string.Join('\n', done.Errors.Split('\n').Where(l => l.Contains("ask-password-mandos", StringComparison.Ordinal)))));
    }

    [Fact]
    public async Task The_self_test_of_the_published_program_passes()
    {
        var machine = await MachineAsync("bookworm");
        var done = await machine.RunAsync(new(), Soon, Token, OurRoles[0], [.. OurRoles[1..], "--test"]);
        Assert.Equal(0, done.ExitCode);
        Assert.EndsWith("1..7\n", done.Text, StringComparison.Ordinal);
    }

    private static string UnitFolder => Path.Combine(Golden.Root, "initramfs-hooks", "dracut", "90mandos");

    /// <summary>systemd, which does not run here, would have made the directory.</summary>
    private async Task<Machine> MachineAsync(string suite)
    {
        var machine = await Lab.MachineAsync("machine", DebianRelease.Named(suite));
        await machine.ShellAsync("mkdir -p /run/systemd/ask-password", Token);
        return machine;
    }

    /// <summary>As in an image of dracut: ours has keys of root, the original's has them of the user.</summary>
    private static Task<string> InstallKeysAsync(Machine machine, string owner) => machine.ShellAsync(
        $"mkdir -p -m 700 /etc/mandos/keys; cp /etc/keys/mandos/* /etc/mandos/keys; chmod 600 /etc/mandos/keys/*; chown -R {owner} "
            + "/etc/mandos/keys",
        Token);

    /// <summary>A stand-in for the client that counts how often it is started. The shell becomes its real user, who is not root.</summary>
    private static void PutClient(Machine machine, string script)
    {
        machine.WriteFile("/run/runs", "", (UnixFileMode)0b110_110_110);
        machine.WriteFile("/run/client", $"#!/bin/sh\necho run >> /run/runs\n{script}\n", (UnixFileMode)0b111_101_101);
    }

    private static RunningProcess Start(Machine machine, string[] agent, params string[] options) =>
        machine.Start(new(), agent[0], [.. agent[1..], .. options, "--", "/run/client"]);

    private static RunningProcess AskBySystemd(Machine machine, string id) =>
        machine.Start(new(), "/usr/bin/systemd-ask-password", "--no-tty", "--timeout=0", $"--id={id}", "Please enter passphrase");

    private static async Task<RunningProcess> AskAsync(Machine machine, string name, string message = "Please enter passphrase")
    {
        var asker = machine.Start(new(), "/usr/bin/python3", machine.PutScript("asker.py"), name, $"cryptsetup:/dev/{name}", message);
        await asker.WaitForLineAsync("^asked$", Soon, Token);
        return asker;
    }

    private static async Task<string> AnswerOfAsync(Machine machine, string[] agent)
    {
        await machine.ShellAsync("rm -f /run/systemd/ask-password/*", Token);
        await using var asker = await AskAsync(machine, "root");
        await using var running = Start(machine, agent);
        return await asker.WaitForLineAsync("^answer", Soon, Token);
    }

    /// <summary>Waits until there are so many questions, and something else is so.</summary>
    private static Task<string> QuestionsBecomeAsync(Machine machine, int count, string also = "true") => machine.ShellAsync(
        $"until [ $(find /run/systemd/ask-password -name 'ask.*' 2>/dev/null | wc -l) = {count} ] && {also}; do sleep 0.02; done", Token);
}
