using System.Diagnostics.CodeAnalysis;
using Mandos.Core.Linux;
using Mandos.Core.Linux.FileDescriptors;
using Mandos.Core.Linux.Processes;
using Mandos.Core.Secrets;

namespace Mandos.Client.Launching;

/// <summary>A child that prints a password: the only reader of one in this program.</summary>
internal sealed class ChildPassword : IDisposable
{
    private readonly ChildProcess _process;
    private readonly ChildOutput _output;

    private ChildPassword(ChildProcess process, ChildOutput output) => (_process, _output) = (process, output);

    /// <summary>Starts a child.</summary>
    /// <param name="output">What it gets as its standard output.</param>
    /// <param name="process">The child.</param>
    /// <param name="error">Why there is none.</param>
    internal delegate bool Start(Descriptor output, [NotNullWhen(true)] out ChildProcess? process, out Errno error);

    /// <summary>Its process ID.</summary>
    internal int Id => _process.Id;

    /// <summary>Starts a child with a pipe to print to; false with the reason.</summary>
    internal static bool TryStart(Start start, [NotNullWhen(true)] out ChildPassword? child, out Errno error)
    {
        child = null;
        error = Descriptor.Pipe(out var output, out var outputOfChild);
        if (!error.Ok)
            return false;
        using (outputOfChild)
        {
            // Before the child: one that is started has a reader, also if the system has no thread to spare.
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
    /// <param name="untilClosed">
    /// Waits for the end of the output, too, which a process that the child left behind may hold open. Otherwise the output ends with
    /// the child, and what it printed last is waited for at most a second.
    /// </param>
    /// <param name="grace">From SIGTERM to SIGKILL.</param>
    /// <param name="time">For the waits.</param>
    /// <param name="cancellationToken">The password is no longer needed.</param>
    internal async Task<ChildPasswordResult> ReceiveAsync(
        bool untilClosed, TimeSpan grace, TimeProvider time, CancellationToken cancellationToken)
    {
        ChildExit exit;
        try
        {
            exit = await _process.WaitAsync(cancellationToken);
            // What a child printed counts only if it succeeded.
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
/// <param name="Exit">Its status.</param>
/// <param name="Password">All that it printed, if it succeeded and was not stopped. The receiver owns it.</param>
/// <param name="Problem">Why there is no password although it succeeded.</param>
internal sealed record ChildPasswordResult(ChildExit Exit, SecretBuffer? Password, string? Problem)
{
    /// <summary>For a message that there is no password.</summary>
    public override string ToString() => Problem ?? Exit.ToString();
}
