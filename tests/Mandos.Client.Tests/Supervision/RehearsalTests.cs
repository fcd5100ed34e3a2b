using Mandos.Client.CommandLine;
using Mandos.Client.Supervision;
using Mandos.Client.Tests.Network;
using Mandos.Core.Linux.FileDescriptors;
using Mandos.Core.Secrets;

namespace Mandos.Client.Tests.Supervision;

/// <summary>
/// The report and the exit code of <c>--test</c>, with shell scripts as the network process and as cryptsetup. The real ones are in the
/// tests with real peers.
/// </summary>
[Trait("needs", "root")]
public sealed class RehearsalTests : IDisposable
{
    private const string Password = "printf '\\004\\000\\000\\000pass'";

    private readonly NetworkNamespace _network = new();
    private readonly string _folder = Directory.CreateTempSubdirectory("mandos").FullName;

    public void Dispose()
    {
        _network.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task A_password_that_arrives_is_ok_and_is_not_printed()
    {
        var (exitCode, report) = await RunAsync($"echo mandos-client: found it >&2; {Password}");
        Assert.Equal(Rehearsal.Ok, exitCode);
        Assert.Matches("^found it\nok: the password \\(4 bytes\\) arrived within [0-9]+\\.[0-9] s\n$", report);
    }

    [Fact]
    public async Task A_warning_is_counted()
    {
        var (exitCode, report) = await RunAsync($"echo mandos-client: warning: not signed >&2; {Password}");
        Assert.Equal(Rehearsal.Warnings, exitCode);
        Assert.StartsWith("warning: not signed\nwarning: the password", report, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Each_device_is_tested_with_the_password_unchanged()
    {
        var (exitCode, report) = await RunAsync(Password, ["/dev/one", "/dev/two"]);
        Assert.Equal(Rehearsal.Ok, exitCode);
        Assert.StartsWith("/dev/one: the password opens it\n/dev/two: the password opens it\nok: ", report, StringComparison.Ordinal);
        Assert.EndsWith(" and opens /dev/one, /dev/two\n", report, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/dev/wrong", "error: /dev/wrong: the password does not open it")]
    [InlineData("/dev/missing", "error: /dev/missing: cannot be tested: cryptsetup: exit status 4")]
    public async Task A_device_that_does_not_open_is_critical(string device, string expected)
    {
        var (exitCode, report) = await RunAsync(Password, [device, "/dev/one"]);
        Assert.Equal(Rehearsal.Critical, exitCode);
        Assert.Contains($"{expected}\n", report, StringComparison.Ordinal);
        Assert.Contains("/dev/one: the password opens it\n", report, StringComparison.Ordinal);
        Assert.EndsWith($", but it does not open {device}\n", report, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_cryptsetup_a_device_cannot_be_tested()
    {
        File.Delete(Path.Combine(_folder, "cryptsetup"));
        var (exitCode, report) = await RunAsync(Password, ["/dev/one"], cryptsetup: "");
        Assert.Equal(Rehearsal.Critical, exitCode);
        Assert.Contains("error: /dev/one: cannot run cryptsetup: ", report, StringComparison.Ordinal);
    }

    [Fact]
    public async Task No_password_within_the_limit_is_critical()
    {
        var (exitCode, report) = await RunAsync("exec sleep 600", limit: TimeSpan.FromSeconds(0.5));
        Assert.Equal(Rehearsal.Critical, exitCode);
        Assert.EndsWith("critical: no password within 0.5 s\n", report, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("exit 69", Rehearsal.Critical, "critical: no password; the reason is given above")]
    [InlineData("exit 71", Rehearsal.Unknown, "unknown: the test cannot be made; the reason is given above")]
    public async Task A_network_process_that_cannot_work_is_not_ok(string script, int expected, string last)
    {
        var (exitCode, report) = await RunAsync($"{script}");
        Assert.Equal(expected, exitCode);
        Assert.EndsWith($"{last}\n", report, StringComparison.Ordinal);
    }

    [Fact]
    public async Task No_interface_is_changed_and_no_hook_is_run()
    {
        var options = Options("--interface=own0", "--network-hook-dir=/lib/hooks");
        Assert.Equal(["none", "own0"], options.Interfaces);
        Assert.Null(options.NetworkHookDirectory);
        await _network.IpAsync("link add own0 type veth peer name peer0");
        var (exitCode, _) = await RunAsync($"{Password}; sleep 0.2", options: options);
        Assert.Equal(Rehearsal.Ok, exitCode);
        Assert.DoesNotContain(",UP", await _network.IpAsync("-o link show own0"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--device=/dev/sda", "option '--device' needs --test")]
    [InlineData("--time-limit=5", "option '--time-limit' needs --test")]
    [InlineData("--test --time-limit=x", "option '--time-limit': invalid number of seconds 'x'")]
    public void Its_options_need_it(string arguments, string expected)
    {
        using var error = new StringWriter();
        Assert.Null(new ClientCommandLine().Parse(arguments.Split(' '), TextWriter.Null, error, out var exitCode));
        Assert.Equal(64, exitCode);
        Assert.Contains(expected, error.ToString(), StringComparison.Ordinal);
    }

    private static ClientOptions Options(params string[] arguments) =>
        new ClientCommandLine().Parse(["--test", .. arguments], TextWriter.Null, TextWriter.Null, out _)!;

    private async Task<(int ExitCode, string Report)> RunAsync(
        string networkProcess, string[]? devices = null, TimeSpan? limit = null, ClientOptions? options = null,
        string cryptsetup = "case $password$6 in pass/dev/missing) exit 4 ;; pass/dev/wrong) exit 2 ;; pass*) exit 0 ;; esac; exit 2")
    {
        var fake = Script("fake", networkProcess);
        if (cryptsetup.Length > 0)
            Script("cryptsetup", $"password=$(cat; echo .); password=${{password%.}}; {cryptsetup}");
        foreach (var key in new[] { "pub", "sec", "tls-pub", "tls-priv" })
            await File.WriteAllTextAsync(Path.Combine(_folder, key), "key\n");
        options = (options ?? Options("--interface=lo")) with
        {
            Keys = new(
                Path.Combine(_folder, "pub"), Path.Combine(_folder, "sec"), Path.Combine(_folder, "tls-pub"),
                Path.Combine(_folder, "tls-priv")),
        };
        Assert.True(Descriptor.Pipe(out var source, out var target).Ok);
        using (source)
        {
            int exitCode;
            using (target)
            {
                var rehearsal = new Rehearsal(options, new(devices ?? [], limit ?? TimeSpan.FromMinutes(1)), TimeProvider.System)
                {
                    Programs = [fake],
                    Output = target.Number,
                    Devices = new() { Programs = [Path.Combine(_folder, "cryptsetup")] },
                };
                exitCode = await _network.RunAsync(() => rehearsal.RunAsync(TestContext.Current.CancellationToken));
            }

            using var report = SecretInput.ReadToEnd(source.Number, 1 << 20, out _);
            return (exitCode, System.Text.Encoding.UTF8.GetString(report!.Span));
        }
    }

    private string Script(string name, string content)
    {
        var path = Path.Combine(_folder, name);
        File.WriteAllText(path, $"#!/bin/sh\n{content}\n");
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        return path;
    }
}
