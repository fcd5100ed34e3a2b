using System.Globalization;
using Mandos.Client.CommandLine;
using Mandos.Client.Hosting;
using Mandos.Client.Launching;
using Mandos.Core.Linux.Files;
using Mandos.Core.Linux.FileDescriptors;
using Mandos.Core.Linux.Privileges;
using Mandos.Core.Secrets;

namespace Mandos.Client.Supervision;

/// <summary>
/// <c>--test</c>: fetches the password on the running machine as a boot would, and prints what happens, but not the password. The last line
/// states the result. Exit codes are those of monitoring plugins: see <see cref="Ok"/> and below.
/// </summary>
internal sealed class Rehearsal(ClientOptions options, RehearsalOptions rehearsal, TimeProvider time)
{
    /// <summary>The password arrived, and it opens all given devices.</summary>
    internal const int Ok = 0;

    /// <summary>As <see cref="Ok"/>, with warnings.</summary>
    internal const int Warnings = 1;

    /// <summary>There is no password, or it does not open a device: the machine would not boot unattended.</summary>
    internal const int Critical = 2;

    /// <summary>The test could not be made.</summary>
    internal const int Unknown = 3;

    /// <summary>The possible paths of our own executable, which is also the network process.</summary>
    internal IReadOnlyList<string> Programs { get; init; } = OwnExecutable.Paths();

    /// <summary>The descriptor for the report.</summary>
    internal int Output { get; init; } = PasswordOutput.Descriptor;

    /// <summary>Tests whether a password opens a device.</summary>
    internal DeviceTest Devices { get; init; } = new();

    /// <summary>Runs to the end; returns one of the exit codes above.</summary>
    /// <exception cref="OperationCanceledException">A signal arrived.</exception>
    internal async Task<int> RunAsync(CancellationToken stop)
    {
        if (!RehearsalReport.TryStart(Output, options.Debug, out var report, out var error))
        {
            new Messages(RoleNames.Client, options.Debug).Error($"cannot make a pipe: {error}");
            return Unknown;
        }

        using (report)
        {
            var (exitCode, summary) = await TestAsync(report, stop);
            await report.EndAsync();
            if (exitCode == Ok && report.HasWarnings)
                exitCode = Warnings;
            new Messages(RoleNames.Client, options.Debug, Output).Write($"{Name(exitCode)}: {summary}\n");
            return exitCode;
        }
    }

    private static string Name(int exitCode) => exitCode switch
    {
        Ok => "ok",
        Warnings => "warning",
        Critical => "critical",
        _ => "unknown",
    };

    private async Task<(int ExitCode, string Summary)> TestAsync(RehearsalReport report, CancellationToken stop)
    {
        var start = time.GetTimestamp();
        var (exitCode, received) = await FetchAsync(report, stop);
        if (received is null)
            return exitCode switch
            {
                // Only root can read the keys.
                ExitCode.Unavailable when Credentials.EffectiveUser != 0 => (Unknown, "the test cannot be made; run it as root"),
                ExitCode.OsError or ExitCode.Software => (Unknown, "the test cannot be made; the reason is given above"),
                ExitCode.Success => (Critical, string.Create(
                    CultureInfo.InvariantCulture, $"no password within {rehearsal.Limit.TotalSeconds:0.###} s")),
                _ => (Critical, "no password; the reason is given above"),
            };
        using var password = received;
        var took = time.GetElapsedTime(start);
        var arrived = string.Create(
            CultureInfo.InvariantCulture, $"the password ({password.Length} bytes) arrived within {took.TotalSeconds:0.0} s");
        var closed = new List<string>();
        foreach (var device in rehearsal.Devices)
        {
            if (!await Devices.OpensAsync(device, password, report.Messages, report.Descriptor, stop))
                closed.Add(device);
        }

        if (closed.Count > 0)
            return (Critical, $"{arrived}, but it does not open {string.Join(", ", closed)}");
        return (Ok, rehearsal.Devices.Count == 0 ? arrived : $"{arrived} and opens {string.Join(", ", rehearsal.Devices)}");
    }

    /// <summary>
    /// Fetches the password; the caller owns it. Without it, the exit code is that of the client, or <see cref="ExitCode.Success"/> if the
    /// time is over.
    /// </summary>
    private async Task<(int ExitCode, SecretBuffer? Password)> FetchAsync(RehearsalReport report, CancellationToken stop)
    {
        var problem = Descriptor.Pipe(out var source, out var target);
        if (!problem.Ok)
        {
            report.Messages.Error($"cannot make a pipe: {problem}");
            return (ExitCode.OsError, null);
        }

        using (target)
        {
            var output = new ChildOutput(source, PasswordLimits.Largest);
            using var limit = new CancellationTokenSource(rehearsal.Limit, time);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, stop);
            var supervisor = new Supervisor(options, report.Messages, time)
            {
                Programs = Programs,
                Output = target.Number,
                Errors = report.Descriptor,
            };
            try
            {
                var exitCode = await supervisor.RunAsync(either.Token);
                // The end of the output.
                target.Dispose();
                if (exitCode == ExitCode.Success)
                    return (ExitCode.Success, await output.TakeAsync(time));
                output.Forget();
                return (exitCode, null);
            }
            catch (OperationCanceledException) when (!stop.IsCancellationRequested)
            {
                output.Forget();
                return (ExitCode.Success, null);
            }
            catch
            {
                output.Forget();
                throw;
            }
        }
    }
}
