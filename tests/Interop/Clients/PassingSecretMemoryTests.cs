namespace Mandos.Interop.Clients;

/// <summary>
/// Where a password lies in the memory of each program that it passes. The program is caught while it prints, by a pipe that
/// is full, or after it has printed.
/// </summary>
public sealed class PassingSecretMemoryTests : InteropTest
{
    private const string Fifo = "/run/full";
    private const string PasswordFile = "/run/laboratory/long-password";
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    /// <summary>More than pipes and small buffers hold, and it does not compress.</summary>
    private static readonly byte[] Password = MakePassword();

    [Theory]
    [InlineData("RSA-4096")]
    [InlineData("Curve25519")]
    public async Task While_printing_the_client_has_the_password_only_in_locked_pages_and_no_keys(string kind)
    {
        var pair = await Pair.MakeAsync(Lab, DebianRelease.Bookworm, DebianRelease.Bookworm, kind);
        await pair.ServeAsync(Implementation.Ours, Password, Token);
        await using var reader = await FullPipeAsync(pair.Client);
        await using var client = StartInto(
            Fifo, pair.Client, Implementation.Ours.Client, [.. KeySet.ClientOptions, $"--connect={Pair.ServerIPv4}:8888"]);
        await reader.WaitForLineAsync("^full$", Limit, Token);

        AssertLocked(client.Inner(), SecretParts.OfBytes("the password", Password));
        Assert.Empty(ProcessPages.Search(client.Inner(), SecretParts.OfKeys(pair.Keys)));
        // The other process had the keys, and has ended; it may wait for its exit status to be read.
        var began = TimeProvider.System.GetTimestamp();
        while (HaveMemory(client) && TimeProvider.System.GetElapsedTime(began) < Limit)
            await Task.Delay(20, Token);
        Assert.False(HaveMemory(client));
    }

    /// <summary>A hook may take half a minute to stop.</summary>
    [Fact]
    public async Task A_client_that_waits_for_a_stop_hook_no_longer_has_the_password_in_memory()
    {
        const string hooks = "/etc/mandos/network-hooks.d", output = "/run/output";
        var pair = await Pair.MakeAsync(Lab, DebianRelease.Bookworm, DebianRelease.Bookworm, "Curve25519");
        await pair.ServeAsync(Implementation.Ours, Password, Token);
        pair.Client.WriteFile(
            $"{hooks}/slow",
            "#!/bin/sh\n[ $MODE = stop ] || exit 0\ntouch /run/stopping\nexec sleep 600\n",
            (UnixFileMode)0b111_101_101);
        await using var client = StartInto(
            output, pair.Client, Implementation.Ours.Client,
            [.. KeySet.ClientOptions, $"--connect={Pair.ServerIPv4}:8888", $"--network-hook-dir={hooks}"]);
        await pair.Client.ShellAsync("for i in $(seq 1500); do [ -e /run/stopping ] && exit 0; sleep 0.02; done; exit 1", Token);
        Assert.Equal(Password, pair.Client.ReadFile(output));

        var parts = SecretParts.OfBytes("the password", Password);
        // The hook is the only other process; the one that had the network has exited.
        foreach (var process in new[] { client.Inner() }.Concat(ProcessTree.Descendants(client.Inner())))
            Assert.Empty(ProcessPages.Search(process, parts));
        Assert.False(client.HasExited, client.Errors);
    }

    [Fact]
    public async Task Plugin_runner_keeps_the_password_in_locked_pages_only()
    {
        var machine = await Lab.MachineAsync("client", DebianRelease.Bookworm);
        machine.WriteFile(PasswordFile, Password, (UnixFileMode)0b110_100_100);
        machine.WriteFile("/srv/plugins.d/give", $"#!/bin/sh\ncat {PasswordFile}\n", (UnixFileMode)0b111_101_101);
        await machine.ShellAsync("chmod 755 /srv /srv/* /run/laboratory; touch /srv/empty.conf", Token);
        await using var reader = await FullPipeAsync(machine);
        await using var runner = StartInto(
            Fifo, machine, await Plugins.PathAsync(machine, Implementation.Ours, "plugin-runner", Token), "--plugin-dir=/srv/plugins.d",
            "--config-file=/srv/empty.conf");
        await reader.WaitForLineAsync("^full$", Limit, Token);
        AssertLocked(runner.Inner(), SecretParts.OfBytes("the password", Password));
    }

    [Fact]
    public async Task Mandos_keygen_keeps_the_password_in_locked_pages_only_and_wipes_it_before_printing()
    {
        var machine = await Lab.MachineAsync("client", DebianRelease.Bookworm);
        var keys = await KeySet.OfOursAsync(machine, Token);
        keys.InstallOn(machine);
        machine.WriteFile(PasswordFile, Password);
        var parts = SecretParts.OfBytes("the password", Password);
        await using var reader = await FullPipeAsync(machine);
        await using var giver = machine.Start(
            new(), "/bin/sh", "-c",
            $"mkfifo /run/passfile; exec 3>/run/passfile; cat {PasswordFile} >&3; echo given; until [ -e /run/go ]; do sleep 0.02; done");
        await machine.ShellAsync("until [ -p /run/passfile ]; do sleep 0.02; done", Token);
        await using var keygen = StartInto(
            Fifo, machine, Implementation.Ours.Keygen, $"--dir={KeySet.Folder}", "--passfile=/run/passfile", "--no-ssh", "--name=client");
        await giver.WaitForLineAsync("^given$", Limit, Token);
        AssertLocked(keygen.Inner(), parts.Take(1).ToDictionary());

        machine.WriteFile("/run/go", "");
        await reader.WaitForLineAsync("^full$", Limit, Token);
        Assert.Empty(ProcessPages.Search(keygen.Inner(), parts));
    }

    [Theory]
    [InlineData("--type=ed25519")]
    [InlineData("--type=rsa", "--length=2048", "--sublength=2048")]
    public async Task Mandos_keygen_keeps_new_keys_in_locked_pages_only(params string[] kind)
    {
        var machine = await Lab.MachineAsync("client", DebianRelease.Bookworm);
        // It is held where all keys are written, and are about to get their names.
        await using var keygen = machine.Start(
            new(), "/usr/bin/strace",
            ["-f", "-qq", "-o", "/run/trace", "-e", "inject=rename,renameat,renameat2:delay_exit=600s", Implementation.Ours.Keygen,
                $"--dir={KeySet.Folder}", .. kind, "--name=client"]);
        await machine.ShellAsync($"until [ -e {KeySet.Folder}/.mandos-keygen.ready/seckey.txt ]; do sleep 0.05; done", Token);
        var files = KeySet.Names.ToDictionary(name => name, name => machine.ReadFile($"{KeySet.Folder}/.mandos-keygen.ready/{name}"));
        var process = ProcessTree.Descendants(keygen.Inner()).Single(process => ProcessTree.Name(process) == "mandos-keygen");
        var findings = ProcessPages.Search(process, SecretParts.OfKeys(new(Implementation.Ours, files)));
        Assert.NotEmpty(findings);
        // The objects of BouncyCastle are among them; no page of this process is dumped.
        Assert.All(findings, finding => Assert.True(finding.IsResident, finding.ToString()));
    }

    private static bool HaveMemory(RunningProcess client) =>
        ProcessTree.Descendants(client.Inner()).Any(process => ProcessTree.Status(process, "VmSize").Length > 0);

    private static byte[] MakePassword()
    {
        var bytes = new byte[100_000];
        new Random(4711).NextBytes(bytes);
        return bytes;
    }

    /// <summary>All of them are there, and none of them in a page that can be swapped out or dumped.</summary>
    private static void AssertLocked(int process, Dictionary<string, byte[]> parts)
    {
        var findings = ProcessPages.Search(process, parts);
        Assert.All(findings, finding => Assert.True(finding.IsLocked, finding.ToString()));
        Assert.Equal(parts.Keys.Order(), findings.Select(finding => finding.What).Distinct().Order());
    }

    private static async Task<RunningProcess> FullPipeAsync(Machine machine)
    {
        var reader = machine.Start(new(), "/usr/bin/python3", machine.PutScript("full-pipe.py"), Fifo);
        await reader.WaitForLineAsync("^ready$", Limit, Token);
        return reader;
    }

    private static RunningProcess StartInto(string output, Machine machine, string program, params IEnumerable<string> arguments) =>
        machine.Start(new(), "/bin/sh", ["-c", $"exec \"$@\" >{output}", "sh", program, .. arguments]);
}
