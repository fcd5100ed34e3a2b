using System.Globalization;
using Mandos.Client.Hosting;
using Mandos.Core.Linux;
using Mandos.Core.Linux.FileDescriptors;
using Mandos.Core.Linux.Files;
using Mandos.Core.Linux.Privileges;
using Mandos.Core.Linux.Processes;

namespace Mandos.Client.Plugins;

/// <summary>A plymouthd that can be restarted.</summary>
/// <param name="process">The process ID of the running daemon.</param>
/// <param name="program">The path of the program.</param>
/// <param name="arguments">The arguments that it was started with, its own name first.</param>
internal sealed class PlymouthDaemon(int process, string program, IReadOnlyList<string> arguments)
{
    private const string UsualProgram = "/sbin/plymouthd";

    // The daemon goes into the background as soon as it accepts connections.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan EndsWithin = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(10);

    private const int Attempts = 5;

    /// <summary>Reads how the daemon in this process was started; if that is not visible, assumes the usual way.</summary>
    internal static PlymouthDaemon Of(int process)
    {
        var file = SymbolicLink.Target($"/proc/{process.ToString(CultureInfo.InvariantCulture)}/exe");
        var given = ProcessCommandLine.Of(process);
        if (file is null || Path.GetFileName(file) != PlymouthPresence.Daemon || given.Count == 0)
            return new(process, UsualProgram, [UsualProgram, "--mode=boot", "--attach-to-session"]);
        // plymouthd overwrites the first letter of its name if systemd must not stop it; the path of its file is unchanged.
        return new(process, file, given[0].StartsWith('/') ? given : [file, .. given.Skip(1)]);
    }

    /// <summary>
    /// Stops the running daemon and starts a new one, with the splash shown as before. Needs root, at least as the saved user ID.
    /// </summary>
    internal async Task RestartAsync(Messages messages, TimeProvider time)
    {
        _ = Credentials.ActAs(0);
        // The daemon needs root as its real user ID, not only as its effective one.
        var error = Credentials.Become(0, 0);
        if (!error.Ok)
        {
            messages.Warning($"the question stays on the splash screen: cannot become root: {error}");
            return;
        }

        // On a busy machine the old daemon answers and exits slowly. While it is alive it owns the socket, and a new one exits immediately
        // (with exit code 0).
        for (var attempt = 1; attempt <= Attempts; attempt++)
        {
            await EndAsync(messages, time);
            error = await StartAsync(time);
            if (!error.Ok)
            {
                messages.Warning($"cannot start \"{program}\" again: {error}");
                return;
            }

            using var started = await PlymouthConnection.TryOpenAsync(PlymouthConnection.Address, time, CancellationToken.None);
            if (started is not null && started.DaemonProcess != process && await started.ShowSplashAsync(CancellationToken.None))
                return;
            messages.Debug?.Invoke("the new plymouthd does not respond");
        }

        messages.Warning("plymouthd does not show its splash screen again");
    }

    private async Task EndAsync(Messages messages, TimeProvider time)
    {
        using var old = await PlymouthConnection.TryOpenAsync(PlymouthConnection.Address, time, CancellationToken.None);
        // The old daemon removes its files just before it exits; they must not be those of the new one.
        if (old?.DaemonProcess == process)
            _ = await old.QuitAsync(CancellationToken.None);
        if (!await IsGoneAsync(process, time))
            messages.Debug?.Invoke("plymouthd is slow to exit");
    }

    private static async Task<bool> IsGoneAsync(int process, TimeProvider time)
    {
        var began = time.GetTimestamp();
        while (ProcessCommandLine.Of(process).Count > 0)
        {
            if (time.GetElapsedTime(began) > EndsWithin)
                return false;
            await Task.Delay(Look, time, CancellationToken.None);
        }

        return true;
    }

    private async Task<Errno> StartAsync(TimeProvider time)
    {
        // The daemon inherits none of our descriptors, because the reader of our output waits for its end.
        var error = Descriptor.OpenForBoth("/dev/null", out var nowhere);
        using var open = nowhere;
        if (!error.Ok)
            return error;
        var command = new ChildCommand
        {
            Path = program,
            Arguments = arguments,
            Environment = ChildEnvironment.InheritedWith([]),
            Descriptors = [new(nowhere.Number, 0), new(nowhere.Number, 1), new(nowhere.Number, 2)],
            NewSession = true,
        };
        if (!ChildProcess.TryStart(command, out var child, out error))
            return error;
        using (child)
        using (var limit = new CancellationTokenSource(Patience, time))
        {
            try
            {
                _ = await child.WaitAsync(limit.Token);
            }
            catch (OperationCanceledException)
            {
                // The daemon stays in the foreground, but may work nevertheless.
            }
        }

        return Errno.None;
    }
}
