using System.Collections;
using System.Globalization;
using System.IO.Pipes;
using Mandos.Core.Linux.Processes;
using Mandos.Server.Exit;

namespace Mandos.Server.Startup;

/// <summary>
/// Runs the server in the background. A program with threads cannot fork, so the program is started a second time, detaches from the
/// terminal, and reports readiness to the first process through a pipe. The caller thus sees every failure.
/// </summary>
internal sealed class Background : IDisposable
{
    private const string Variable = "MANDOS_READY_DESCRIPTOR";

    private readonly AnonymousPipeClientStream _ready;

    private Background(string descriptor) => _ready = new AnonymousPipeClientStream(PipeDirection.Out, descriptor);

    /// <summary>Takes over the pipe in the second process; null in the first.</summary>
    internal static Background? Enter()
    {
        if (Environment.GetEnvironmentVariable(Variable) is not { } descriptor)
            return null;
        Environment.SetEnvironmentVariable(Variable, null);
        var background = new Background(descriptor);
        _ = Session.Start();
        return background;
    }

    /// <summary>Starts the second process and waits until it is ready; returns the exit code for the first.</summary>
    internal static async Task<int> StartAsync(IReadOnlyList<string> arguments, int? inheritedSocket)
    {
        using var ready = new AnonymousPipeServerStream(PipeDirection.In);
        var descriptor = inheritedSocket == 3 ? 4 : 3;
        var command = new ChildCommand
        {
            Path = Environment.ProcessPath ?? throw new StartupException("the program cannot find its own executable"),
            Arguments = ["mandos", .. arguments],
            Environment = [.. Variables(), FormattableString.Invariant($"{Variable}={descriptor}")],
            Descriptors = [new((int)ready.ClientSafePipeHandle.DangerousGetHandle(), descriptor)],
        };
        if (!ChildProcess.TryStart(command, out var child, out var error))
            throw new StartupException($"cannot start in the background: {error}");
        using (child)
        {
            ready.DisposeLocalCopyOfClientHandle();
            var word = new byte[1];
            if (await ready.ReadAsync(word).ConfigureAwait(false) == 1)
                return ExitCodes.Success;
            return (await child.WaitAsync(CancellationToken.None).ConfigureAwait(false)).ExitCode is > 0 and var code
                ? code
                : ExitCodes.Failure;
        }
    }

    /// <summary>Reports that the server is ready, and releases the terminal.</summary>
    internal void ReportReady()
    {
        _ = Session.SilenceStandardStreams();
        try
        {
            _ready.WriteByte(1);
        }
        catch (IOException)
        {
            // The parent process has exited; the server continues.
        }

        _ready.Dispose();
    }

    /// <inheritdoc />
    public void Dispose() => _ready.Dispose();

    private static IEnumerable<string> Variables() =>
        Environment.GetEnvironmentVariables()
            .Cast<DictionaryEntry>()
            .Select(e => string.Create(CultureInfo.InvariantCulture, $"{e.Key}={e.Value}"));
}
