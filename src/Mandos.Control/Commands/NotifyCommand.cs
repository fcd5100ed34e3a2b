using System.ComponentModel;
using System.CommandLine;
using System.Diagnostics;
using Mandos.Control.Hosting;
using Mandos.Core.Linux;

namespace Mandos.Control.Commands;

/// <summary>Tries the notifications, which are sent by a program of their own.</summary>
internal sealed class NotifyCommand : ControlCommand
{
    /// <summary>The program that sends notifications; this one speaks to the bus alone.</summary>
    private const string Notifier = "mandos-notify";

    private readonly Argument<IReadOnlyList<string>> _action =
        Names("test: send a message to each target of mandos-notify.conf(5), or to those that are named");

    internal NotifyCommand()
        : base("notify", "Tries the notifications ('notify test'): sends a message to each target of mandos-notify(8).") =>
        Program.Command.Arguments.Add(_action);

    private protected override Task<int> RunAsync(CommandRun run, CancellationToken cancellationToken) =>
        run.Arguments.GetValue(_action)?.ToArray() switch
        {
            ["test", .. var targets] => TestAsync(run, targets, cancellationToken),
            [var unknown, ..] => throw new UsageError($"unknown action '{unknown}', not test"),
            _ => throw new UsageError("needs test"),
        };

    private static async Task<int> TestAsync(CommandRun run, string[] targets, CancellationToken cancellationToken)
    {
        // Beside this program, wherever it was installed.
        var program = Path.Combine(Path.GetDirectoryName(Environment.ProcessPath) ?? "/usr/sbin", Notifier);
        var start = new ProcessStartInfo(program, ["--test", .. run.Json ? ["--json"] : Array.Empty<string>(), "--", .. targets]);
        await run.Output.FlushAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            using var process = Process.Start(start)!;
            await process.WaitForExitAsync(cancellationToken).ConfigureAwait(false);
            return process.ExitCode == 0 ? 0 : 1;
        }
        catch (Win32Exception e)
        {
            throw new ControlFailure(
                $"{program} cannot be started: {SystemFailure.Reason(e)}", "is the package mandos-web-dotnet installed?");
        }
    }
}
