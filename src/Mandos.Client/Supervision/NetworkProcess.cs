using System.Diagnostics.CodeAnalysis;
using Mandos.Client.Hosting;
using Mandos.Client.ProcessBoundary;
using Mandos.Core.Linux;
using Mandos.Core.Linux.FileDescriptors;
using Mandos.Core.Linux.Processes;
using Mandos.Core.Secrets;

namespace Mandos.Client.Supervision;

/// <summary>
/// The other process, as the supervisor sees it: it speaks with the network and has no privileges. What comes from it is
/// taken as from the network: a password, lines for people, and requests of one kind.
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
        // It must never be able to make us wait.
        foreach (var end in _ownEnds)
            _ = end.SetWaiting(false);
        _control = new ControlChannel(control.Number);
        _listener = new ProcessListener(control.Number, password.Number, messages.Number, target);
    }

    /// <summary>Ends with the password, or with null when none will come from it. The receiver owns it.</summary>
    internal Task<SecretBuffer?> Password => _listener.Password;

    /// <summary>Starts one of the programs, the first that can be started.</summary>
    /// <param name="programs">Where our own executable may be found.</param>
    /// <param name="settings">Its settings.</param>
    /// <param name="keys">What it is given.</param>
    /// <param name="target">What it says is passed on to this descriptor.</param>
    /// <param name="process">The process.</param>
    /// <param name="error">Why there is none.</param>
    internal static bool TryStart(
        IReadOnlyList<string> programs, NetworkProcessSettings settings, KeyFiles keys, int target,
        [NotNullWhen(true)] out NetworkProcess? process, out string error)
    {
        process = null;
        error = "";
        // Ends of the child are closed here in any case: its own end of each shows us that it ended.
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
                        // The end of a pipe that can only be written stands in for stdin: reading it is an error.
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

    /// <summary>Takes its requests from now on.</summary>
    internal void Listen(Action<ControlMessage> requests) => _listener.Listen(requests);

    /// <summary>Sends it a message; one that does not read its messages gets no more time.</summary>
    internal void Send(ControlMessage message)
    {
        if (!_control.TrySend(message))
            _listener.GiveUp();
    }

    /// <summary>Leaves it the time of grace to end by itself, then ends it. False if it had to be ended.</summary>
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

    /// <summary>Ends it, and passes on its last words. What it left behind is not waited for.</summary>
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
                // Nothing of ours concerns it, and variables are one more way in.
                Environment = [],
                Descriptors = descriptors,
                // Signals of the terminal are the supervisor's to handle.
                NewProcessGroup = true,
            };
            child = PreparedProcess.Start(command);
            if (child is not null || ChildProcess.TryStart(command, out child, out error))
                return Errno.None;
        }

        return error;
    }
}
