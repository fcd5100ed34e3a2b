using System.Globalization;
using Mandos.Client.Hosting;
using Mandos.Core.Linux;
using Mandos.Core.Linux.FileDescriptors;
using Mandos.Core.Linux.Files;
using Mandos.Core.Linux.Privileges;
using Mandos.Core.Linux.Processes;

namespace Mandos.Client.Plugins;

/// <summary>plymouthd as a program that can be started again.</summary>
/// <param name="process">The process that runs it now.</param>
/// <param name="program">Its file.</param>
/// <param name="arguments">What it was started with, its own name first.</param>
internal sealed class PlymouthDaemon(int process, string program, IReadOnlyList<string> arguments)
{
    private const string UsualProgram = "/sbin/plymouthd";

    // It goes into the background as soon as it can be spoken with.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan EndsWithin = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(10);

    private const int Attempts = 5;

    /// <summary>The daemon that runs as this process; where that cannot be seen, the usual one.</summary>
    internal static PlymouthDaemon Of(int process)
    {
        var file = SymbolicLink.Target($"/proc/{process.ToString(CultureInfo.InvariantCulture)}/exe");
        var given = ProcessCommandLine.Of(process);
        if (file is null || Path.GetFileName(file) != PlymouthPresence.Daemon || given.Count == 0)
            return new(process, UsualProgram, [UsualProgram, "--mode=boot", "--attach-to-session"]);
        // It overwrites the first letter of its name where systemd must not stop it; the file has the name.
        return new(process, file, given[0].StartsWith('/') ? given : [file, .. given.Skip(1)]);
    }

    /// <summary>
    /// Ends the daemon that runs and starts this one, with the splash shown as before. Needs root, at least as saved user.
    /// </summary>
    internal async Task RestartAsync(Messages messages, TimeProvider time)
    {
        _ = Credentials.ActAs(0);
        // The daemon shall be root whole, not only act as root.
        var error = Credentials.Become(0, 0);
        if (!error.Ok)
        {
            messages.Warning($"the question stays on the splash screen: cannot become root: {error}");
            return;
        }

        // On a busy machine the old one is slow to answer and to end. As long as it lives it has the socket, and a new one ends at
        // once (with exit code 0).
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
        // The old one removes its files at the very end: none of the new one's.
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
        // Nothing of ours stays open in the daemon: who reads our output waits for its end.
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
                // It stays in the foreground; it may serve all the same.
            }
        }

        return Errno.None;
    }
}
