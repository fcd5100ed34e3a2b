using System.Diagnostics.CodeAnalysis;
using Mandos.Core.Linux;
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
    private readonly Task _relay;

    private NetworkProcess(ChildProcess child, Descriptor control, Descriptor password, Descriptor messages)
    {
        _child = child;
        _ownEnds = [control, password, messages];
        Control = new ControlChannel(control.Number);
        Password = Task.Factory.StartNew(() => PasswordPipe.Read(password.Number), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        _relay = MessageRelay.RunAsync(messages.Number);
    }

    /// <summary>Orders to it and requests from it.</summary>
    internal ControlChannel Control { get; }

    /// <summary>Ends with the password, or with null when the process ended without one. The receiver owns it.</summary>
    internal Task<SecretBuffer?> Password { get; }

    /// <summary>Starts it. Call on the thread that starts the program, before there is anything to wait for.</summary>
    internal static bool TryStart(NetworkProcessSettings settings, KeyFiles keys, [NotNullWhen(true)] out NetworkProcess? process, out string error)
    {
        process = null;
        error = "";
        // Ends of the child are closed here in any case: its own end of each is what tells us that it ended.
        var problem = Descriptor.MessagePair(out var control, out var childControl);
        using (childControl)
        {
            problem = problem.Ok ? Descriptor.Pipe(out var password, out var childPassword) : Fail(problem, out password, out childPassword);
            using (childPassword)
            {
                problem = problem.Ok ? Descriptor.Pipe(out var messages, out var childMessages) : Fail(problem, out messages, out childMessages);
                using (childMessages)
                {
                    ChildProcess? child = null;
                    if (problem.Ok)
                    {
                        // The end of a pipe that can only be written stands in for stdin: reading it is an error.
                        problem = Start(settings, [
                            new(childPassword.Number, 0),
                            new(childPassword.Number, ProcessDescriptor.Password),
                            new(childMessages.Number, ProcessDescriptor.Messages),
                            new(childControl.Number, ProcessDescriptor.Control),
                            .. keys.Descriptors,
                        ], out child);
                    }

                    if (problem.Ok)
                    {
                        process = new NetworkProcess(child!, control, password, messages);
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

    /// <summary>Waits for its end by itself.</summary>
    internal Task<ChildExit> WaitAsync() => _child.WaitAsync(CancellationToken.None);

    /// <summary>Ends it, and passes on its last words.</summary>
    internal async Task<ChildExit> EndAsync(TimeProvider time)
    {
        var exit = await _child.EndAsync(Grace, time);
        await _relay;
        return exit;
    }

    /// <inheritdoc />
    public void Dispose()
    {
        _child.Dispose();
        foreach (var end in _ownEnds)
            end.Dispose();
    }

    private static Errno Fail(Errno error, out Descriptor first, out Descriptor second)
    {
        (first, second) = (new Descriptor(-1), new Descriptor(-1));
        return error;
    }

    private static Errno Start(NetworkProcessSettings settings, IReadOnlyList<InheritedDescriptor> descriptors, out ChildProcess? child)
    {
        child = null;
        var error = Errno.None;
        foreach (var path in OwnExecutable.Paths())
        {
            var command = new ChildCommand
            {
                Path = path,
                Arguments = [BootProgram.Name, .. settings.ToArguments()],
                // Nothing of ours concerns it, and variables are one more way in.
                Environment = [],
                Descriptors = descriptors,
                // Signals of the terminal are the supervisor's to handle.
                NewProcessGroup = true,
            };
            if (ChildProcess.TryStart(command, out child, out error))
                return Errno.None;
        }

        return error;
    }
}
