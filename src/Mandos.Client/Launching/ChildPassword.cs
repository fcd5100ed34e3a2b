using System.Diagnostics.CodeAnalysis;
using Mandos.Core.Linux;
using Mandos.Core.Linux.FileDescriptors;
using Mandos.Core.Linux.Processes;
using Mandos.Core.Secrets;

namespace Mandos.Client.Launching;

/// <summary>A child that prints a password. All passwords that this program reads from children are read here.</summary>
internal sealed class ChildPassword : IDisposable
{
    private readonly ChildProcess _process;
    private readonly ChildOutput _output;

    private ChildPassword(ChildProcess process, ChildOutput output) => (_process, _output) = (process, output);

    /// <summary>Starts a child.</summary>
    /// <param name="output">The standard output for the child.</param>
    /// <param name="process">The child.</param>
    /// <param name="error">Why the child could not be started.</param>
    internal delegate bool Start(Descriptor output, [NotNullWhen(true)] out ChildProcess? process, out Errno error);

    /// <summary>The process ID.</summary>
    internal int Id => _process.Id;

    /// <summary>Starts a child with a pipe for its output; false, with the reason, if that fails.</summary>
    internal static bool TryStart(Start start, [NotNullWhen(true)] out ChildPassword? child, out Errno error)
    {
        child = null;
        error = Descriptor.Pipe(out var output, out var outputOfChild);
        if (!error.Ok)
            return false;
        using (outputOfChild)
        {
            // The reader comes first, so that every child that is started has one, even if the system has no thread left.
            var reading = new ChildOutput(output, PasswordLimits.Largest);
            if (start(outputOfChild, out var process, out error))
            {
                child = new ChildPassword(process, reading);
                return true;
            }

            reading.Forget();
            return false;
        }
    }

    /// <summary>Waits until the child has ended; when cancelled, stops it within <paramref name="grace"/>.</summary>
    /// <param name="untilClosed">Whether to wait for the end of the output as well, which a process that the child left behind may delay.
    /// Otherwise the wait after the child's end is at most a second.</param>
    /// <param name="grace">The time from SIGTERM to SIGKILL.</param>
    /// <param name="time">The clock for the waits.</param>
    /// <param name="cancellationToken">The password is no longer needed.</param>
    internal async Task<ChildPasswordResult> ReceiveAsync(
        bool untilClosed, TimeSpan grace, TimeProvider time, CancellationToken cancellationToken)
    {
        ChildExit exit;
        try
        {
            exit = await _process.WaitAsync(cancellationToken);
            // The output counts only if the child succeeded.
            if (exit.Success)
            {
                var password = untilClosed ? await _output.Whole.WaitAsync(cancellationToken) : await _output.TakeAsync(time);
                return new(exit, password, password is null ? _output.Problem : null);
            }
        }
        catch (OperationCanceledException)
        {
            exit = await _process.EndAsync(grace, time);
        }

        _output.Forget();
        return new(exit, null, null);
    }

    /// <inheritdoc />
    public void Dispose() => _process.Dispose();
}

/// <summary>How a child that prints a password ended.</summary>
/// <param name="Exit">The exit status.</param>
/// <param name="Password">The complete output if the child succeeded and was not stopped. The receiver owns it.</param>
/// <param name="Problem">Why there is no password although the child succeeded.</param>
internal sealed record ChildPasswordResult(ChildExit Exit, SecretBuffer? Password, string? Problem)
{
    /// <summary>The reason why there is no password, for a message.</summary>
    public override string ToString() => Problem ?? Exit.ToString();
}
