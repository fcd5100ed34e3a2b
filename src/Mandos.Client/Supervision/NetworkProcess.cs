using System.Diagnostics.CodeAnalysis;
using Mandos.Client.Hosting;
using Mandos.Client.ProcessBoundary;
using Mandos.Core.Linux;
using Mandos.Core.Linux.FileDescriptors;
using Mandos.Core.Linux.Processes;
using Mandos.Core.Secrets;

namespace Mandos.Client.Supervision;

/// <summary>
/// The network process, as the supervisor sees it: it communicates with servers and has no privileges. Its output is as untrusted as the
/// network: a password, messages, and requests of one kind.
/// <code>
///                ── key files ─────────────▶
///   supervisor   ── control: Begin, … ─────▶   network process   ◀──▶ servers
///                ◀── control: AddRoute, … ──
///                ◀── password, messages ────
/// </code>
/// </summary>
internal sealed class NetworkProcess : IDisposable
{
    private static readonly TimeSpan Grace = TimeSpan.FromMilliseconds(500);
    private readonly ChildProcess _child;
    private readonly Descriptor[] _ownEnds;
    private readonly ControlChannel _control;
    private readonly ProcessListener _listener;

    private NetworkProcess(ChildProcess child, Descriptor control, Descriptor password, Descriptor messages, int target)
    {
        _child = child;
        _ownEnds = [control, password, messages];
        // The network process must never be able to block us.
        foreach (var end in _ownEnds)
            _ = end.SetWaiting(false);
        _control = new ControlChannel(control.Number);
        _listener = new ProcessListener(control.Number, password.Number, messages.Number, target);
    }

    /// <summary>Completes with the password, or with null if the process will not send one. The receiver owns it.</summary>
    internal Task<SecretBuffer?> Password => _listener.Password;

    /// <summary>Starts the first of the programs that can be started.</summary>
    /// <param name="programs">The possible paths of our own executable.</param>
    /// <param name="settings">Its settings.</param>
    /// <param name="keys">The key files to pass on.</param>
    /// <param name="target">The descriptor to which messages are relayed.</param>
    /// <param name="process">The process.</param>
    /// <param name="error">Why there is no process.</param>
    internal static bool TryStart(
        IReadOnlyList<string> programs, NetworkProcessSettings settings, KeyFiles keys, int target,
        [NotNullWhen(true)] out NetworkProcess? process, out string error)
    {
        process = null;
        error = "";
        // The child's ends are closed here in any case, so that our ends show when the child has exited.
        var problem = Descriptor.MessagePair(out var control, out var childControl);
        using (childControl)
        {
            problem = problem.Ok
                ? Descriptor.Pipe(out var password, out var childPassword)
                : Fail(problem, out password, out childPassword);
            using (childPassword)
            {
                problem = problem.Ok
                    ? Descriptor.Pipe(out var messages, out var childMessages)
                    : Fail(problem, out messages, out childMessages);
                using (childMessages)
                {
                    ChildProcess? child = null;
                    if (problem.Ok)
                    {
                        // The write end of a pipe serves as stdin: reading it is an error.
                        problem = Start(programs, settings, [
                            new(childPassword.Number, 0),
                            new(childPassword.Number, ProcessDescriptor.Password),
                            new(childMessages.Number, ProcessDescriptor.Messages),
                            new(childControl.Number, ProcessDescriptor.Control),
                            .. keys.Descriptors,
                        ], out child);
                    }

                    if (problem.Ok)
                    {
                        process = new NetworkProcess(child!, control, password, messages, target);
                        return true;
                    }

                    control.Dispose();
                    password.Dispose();
                    messages.Dispose();
                    error = $"cannot start the network process: {problem}";
                    return false;
                }
            }
        }
    }

    /// <summary>Handles the requests of the process from now on.</summary>
    internal void Listen(Action<ControlMessage> requests) => _listener.Listen(requests);

    /// <summary>Sends a message to the process; it is stopped if it does not read its messages.</summary>
    internal void Send(ControlMessage message)
    {
        if (!_control.TrySend(message))
            _listener.GiveUp();
    }

    /// <summary>Waits for the process to exit within the grace period, then stops it. False if it had to be stopped.</summary>
    internal async Task<bool> FinishAsync(TimeProvider time)
    {
        using var limit = new CancellationTokenSource(Grace, time);
        var ended = true;
        try
        {
            await _child.UntilEndedAsync(limit.Token);
        }
        catch (OperationCanceledException)
        {
            ended = false;
        }

        await EndAsync(time);
        return ended;
    }

    /// <summary>Stops the process and relays its last messages. Processes that it left behind are not waited for.</summary>
    internal async Task<ChildExit> EndAsync(TimeProvider time)
    {
        var exit = await _child.EndAsync(Grace, time);
        _listener.Stop();
        return exit;
    }

    /// <inheritdoc />
    public void Dispose()
    {
        _listener.Dispose();
        _child.Dispose();
        foreach (var end in _ownEnds)
            end.Dispose();
    }

    private static Errno Fail(Errno error, out Descriptor first, out Descriptor second)
    {
        (first, second) = (new Descriptor(-1), new Descriptor(-1));
        return error;
    }

    private static Errno Start(
        IReadOnlyList<string> programs, NetworkProcessSettings settings, IReadOnlyList<InheritedDescriptor> descriptors,
        out ChildProcess? child)
    {
        child = null;
        var error = Errno.None;
        foreach (var path in programs)
        {
            var command = new ChildCommand
            {
                Path = path,
                Arguments = [RoleNames.Client, .. settings.ToArguments()],
                // The process needs none of our variables, and variables are an attack surface.
                Environment = [],
                Descriptors = descriptors,
                // The supervisor handles the signals of the terminal.
                NewProcessGroup = true,
            };
            child = PreparedProcess.Start(command);
            if (child is not null || ChildProcess.TryStart(command, out child, out error))
                return Errno.None;
        }

        return error;
    }
}
