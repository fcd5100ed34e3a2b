using System.Diagnostics.CodeAnalysis;
using System.Runtime.ExceptionServices;
using Mandos.Client.Launching;
using Mandos.Core.Linux;
using Mandos.Core.Linux.FileDescriptors;
using Mandos.Core.Linux.Processes;
using Mandos.Core.Secrets;

namespace Mandos.Client.Agent;

/// <summary>One run of the program that fetches the password.</summary>
internal sealed class ClientRun : IDisposable
{
    /// <summary>The time to restore the network.</summary>
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(10);

    private readonly ChildPassword _child;
    private readonly CancellationTokenSource _stop = new();
    private readonly CancellationTokenSource _ended = new();
    private readonly Task _running;
    private ChildPasswordResult? _result;
    private ExceptionDispatchInfo? _fault;

    private ClientRun(ChildPassword child, TimeProvider time)
    {
        _child = child;
        _running = RunAsync(time);
    }

    /// <summary>Cancelled when the client has ended.</summary>
    internal CancellationToken Ended => _ended.Token;

    /// <summary>How the client ended.</summary>
    internal ChildExit Exit => _result!.Exit;

    /// <summary>Why there is no password.</summary>
    internal string Reason => _result!.ToString();

    /// <summary>Starts the client, with the real IDs of the user if requested.</summary>
    internal static bool TryStart(AgentOptions options, TimeProvider time, [NotNullWhen(true)] out ClientRun? run, out Errno error)
    {
        var isStarted = ChildPassword.TryStart((Descriptor output, [NotNullWhen(true)] out ChildProcess? process, out Errno refused) =>
        {
            var command = new ChildCommand
            {
                Path = options.Client[0],
                Arguments = options.Client,
                Environment = ChildEnvironment.InheritedWith([new("MANDOSPLUGINHELPERDIR", options.HelperDirectory)]),
                Descriptors = [new(output.Number, 1)],
                // In its own process group: we handle the signals of the terminal, and its children end with it.
                NewProcessGroup = true,
            };
            return options.AsUser
                ? LaunchCommand.TryStart(command, options.User, options.Group, LaunchMode.KeepRoot, out process, out refused)
                : ChildProcess.TryStart(command, out process, out refused);
        }, out var child, out error);
        run = isStarted ? new ClientRun(child!, time) : null;
        return isStarted;
    }

    /// <summary>Takes the output of a client that has ended, if it succeeded; otherwise null. The caller owns it.</summary>
    internal SecretBuffer? TakePassword()
    {
        _fault?.Throw();
        var password = _result!.Password;
        _result = _result with { Password = null };
        return password;
    }

    /// <summary>Stops the client if it is still running.</summary>
    internal async Task EndAsync()
    {
        await _stop.CancelAsync();
        await _running;
    }

    /// <inheritdoc />
    public void Dispose()
    {
        _result?.Password?.Dispose();
        _child.Dispose();
        _stop.Dispose();
        _ended.Dispose();
    }

    private async Task RunAsync(TimeProvider time)
    {
        try
        {
            _result = await _child.ReceiveAsync(untilClosed: false, Grace, time, _stop.Token);
        }
        catch (Exception fault)
        {
            // For example, there was no thread to wait on: the loop that waits for the end must be notified.
            _fault = ExceptionDispatchInfo.Capture(fault);
        }

        await _ended.CancelAsync();
    }
}
