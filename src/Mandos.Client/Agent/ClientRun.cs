using System.Diagnostics.CodeAnalysis;
using Mandos.Client.Runner;
using Mandos.Core.Linux;
using Mandos.Core.Secrets;

namespace Mandos.Client.Agent;

/// <summary>How a run of the client ended. Whoever gets it owns the password.</summary>
/// <param name="Password">What it printed, if it succeeded; else null.</param>
/// <param name="Exit">How it ended.</param>
internal sealed record ClientResult(SecretBuffer? Password, ChildExit Exit);

/// <summary>One run of the program that gets the password.</summary>
internal sealed class ClientRun : IDisposable
{
    /// <summary>More than a datagram can carry.</summary>
    private const int LongestOutput = 1 << 20;

    /// <summary>Time to take the network down.</summary>
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(10);

    private readonly ChildProcess _child;
    private readonly Descriptor _output;

    private ClientRun(ChildProcess child, Descriptor output)
    {
        _child = child;
        _output = output;
        Result = RunAsync();
    }

    /// <summary>Ends with the client. Also when it is ended by us.</summary>
    internal Task<ClientResult> Result { get; }

    /// <summary>Starts the client, with the real ids of the user if that is asked for.</summary>
    internal static bool TryStart(AgentOptions options, [NotNullWhen(true)] out ClientRun? run, out Errno error)
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
                    run = new ClientRun(child!, output);
                    return true;
                }
            }
        }

        output.Dispose();
        return false;
    }

    /// <summary>Ends the client, if it still runs, and throws away what it printed.</summary>
    internal async Task EndAsync(TimeProvider time)
    {
        _ = await _child.EndAsync(Grace, time);
        (await Result).Password?.Dispose();
    }

    /// <inheritdoc />
    public void Dispose()
    {
        _child.Dispose();
        _output.Dispose();
    }

    /// <summary>Its output is a password only if it succeeded, and whole only at the end of the pipe.</summary>
    private async Task<ClientResult> RunAsync()
    {
        var reading = Task.Factory.StartNew(
            () => DescriptorIo.ReadToEnd(_output.Number, LongestOutput, out _), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        var output = await reading;
        var exit = await _child.WaitAsync(CancellationToken.None);
        if (exit.Success && output is not null)
            return new ClientResult(output, exit);
        output?.Dispose();
        return new ClientResult(null, exit);
    }
}
