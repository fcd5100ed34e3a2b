using System.Diagnostics.CodeAnalysis;
using System.Runtime.ExceptionServices;
using Mandos.Client.Launching;
using Mandos.Core.Linux;
using Mandos.Core.Linux.FileDescriptors;
using Mandos.Core.Linux.Processes;
using Mandos.Core.Secrets;

namespace Mandos.Client.Agent;

/// <summary>One run of the program that gets the password.</summary>
internal sealed class ClientRun : IDisposable
{
    /// <summary>More than a datagram can carry.</summary>
    private const int LongestOutput = 1 << 20;

    /// <summary>Time to take the network down.</summary>
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(10);

    private readonly ChildProcess _child;
    private readonly CancellationTokenSource _ended = new();
    private readonly Task _running;
    private SecretBuffer? _printed;
    private ExceptionDispatchInfo? _fault;

    private ClientRun(ChildProcess child, Descriptor output, TimeProvider time)
    {
        _child = child;
        _running = RunAsync(output, time);
    }

    /// <summary>Cancelled when the client has ended.</summary>
    internal CancellationToken Ended => _ended.Token;

    /// <summary>How the client ended.</summary>
    internal ChildExit Exit { get; private set; }

    /// <summary>Starts the client, with the real ids of the user if that is asked for.</summary>
    internal static bool TryStart(AgentOptions options, TimeProvider time, [NotNullWhen(true)] out ClientRun? run, out Errno error)
    {
        run = null;
        error = Descriptor.Pipe(out var output, out var clientOutput);
        using (clientOutput)
        {
            if (error.Ok)
            {
                var command = new ChildCommand
                {
                    Path = options.Client[0],
                    Arguments = options.Client,
                    Environment = ChildEnvironment.InheritedWith([new("MANDOSPLUGINHELPERDIR", options.HelperDirectory)]),
                    Descriptors = [new(clientOutput.Number, 1)],
                    // Signals of the terminal are ours to handle; what it starts ends with it.
                    NewProcessGroup = true,
                };
                var started = options.AsUser
                    ? LaunchCommand.TryStart(command, options.User, options.Group, LaunchMode.KeepRoot, out var child, out error)
                    : ChildProcess.TryStart(command, out child, out error);
                if (started)
                {
                    run = new ClientRun(child!, output, time);
                    return true;
                }
            }
        }

        output.Dispose();
        return false;
    }

    /// <summary>What a client that has ended printed, if it succeeded; else null. The caller owns it.</summary>
    internal SecretBuffer? TakePassword()
    {
        _fault?.Throw();
        var password = Exit.Success ? _printed : null;
        if (password is not null)
            _printed = null;
        return password;
    }

    /// <summary>Ends the client if it still runs.</summary>
    internal async Task EndAsync(TimeProvider time)
    {
        _ = await _child.EndAsync(Grace, time);
        await _running;
    }

    /// <inheritdoc />
    public void Dispose()
    {
        _printed?.Dispose();
        _child.Dispose();
        _ended.Dispose();
    }

    /// <summary>The output counts only after success, and is whole only at the end of the pipe.</summary>
    private async Task RunAsync(Descriptor output, TimeProvider time)
    {
        try
        {
            var reading = new ChildOutput(output, LongestOutput);
            Exit = await _child.WaitAsync(CancellationToken.None);
            _printed = await reading.TakeAsync(time);
        }
        catch (Exception fault)
        {
            // No thread to wait on, for example: the loop that waits for the end has to know.
            _fault = ExceptionDispatchInfo.Capture(fault);
        }

        await _ended.CancelAsync();
    }
}
