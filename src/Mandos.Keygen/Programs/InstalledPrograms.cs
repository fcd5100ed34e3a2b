using System.Text;
using Mandos.Core.Linux;
using Mandos.Core.Linux.FileDescriptors;
using Mandos.Core.Linux.Processes;
using Mandos.Keygen.Failures;

namespace Mandos.Keygen.Programs;

/// <summary>
/// The programs of this machine, without a shell. They keep the terminal, on which ssh may ask; what they print is returned.
/// </summary>
internal sealed class InstalledPrograms(TimeProvider time) : IPrograms
{
    /// <summary>More than the section of the largest password.</summary>
    private const int MostOutput = 16 << 20;

    /// <summary>How soon a reader notices that the program has ended, if its own children keep the pipe open.</summary>
    private const int AttentionMilliseconds = 100;

    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(2);

    /// <inheritdoc/>
    public bool Has(string program) => ProgramPath.Find(program) is not null;

    /// <inheritdoc/>
    public async Task<ProgramResult> RunAsync(ProgramCall call, CancellationToken cancellationToken)
    {
        var path = ProgramPath.Find(call.Program)
            ?? throw new KeygenException($"{call.Program} is not installed", $"install {call.Program}");
        using var pipes = new ChildPipes();
        var output = pipes.From(1);
        var errors = pipes.From(2);
        var inputs = new List<(int Number, ReadOnlyMemory<byte> Content)>();
        if (call.Secrets.All(secret => secret.Descriptor != 0))
            inputs.Add((pipes.To(0), call.Input));
        foreach (var (descriptor, content) in call.Secrets)
            inputs.Add((pipes.To(descriptor), content.Memory));
        var command = new ChildCommand
        {
            Path = path,
            Arguments = [call.Program, .. call.Arguments],
            Environment = ChildEnvironment.InheritedWith([new("LC_ALL", "C.UTF-8")]),
            Descriptors = pipes.Inherited,
        };
        if (!ChildProcess.TryStart(command, out var child, out var error))
            throw new KeygenException($"{path} cannot be started: {error}");
        using (child)
        using (var deadline = new CancellationTokenSource(call.Limit, time))
        using (var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken))
        {
            pipes.CloseTheirs();
            var ended = new TaskCompletionSource();
            var reading = new[] { output, errors }
                .Select(number => BlockingTask.Run(() => Read(number, () => ended.Task.IsCompleted)))
                .ToArray();
            var writing = inputs.Select(input => BlockingTask.Run(() => Write(input.Number, input.Content, pipes, either.Token))).ToArray();
            try
            {
                var exit = await child.WaitAsync(either.Token).ConfigureAwait(false);
                ended.SetResult();
                var texts = await Task.WhenAll(reading).ConfigureAwait(false);
                return new(exit.ExitCode ?? 128 + exit.Signal!.Value, texts[0], texts[1]);
            }
            catch (OperationCanceledException)
            {
                _ = await child.EndAsync(Grace, time).ConfigureAwait(false);
                cancellationToken.ThrowIfCancellationRequested();
                throw new MissingAnswerException(
                    $"{call.Program} takes longer than {(int)call.Limit.TotalSeconds} s", "run it by hand to see what it waits for");
            }
            finally
            {
                _ = ended.TrySetResult();
                await either.CancelAsync().ConfigureAwait(false);
                await Task.WhenAll(writing).ConfigureAwait(false);
                _ = await Task.WhenAll(reading).ConfigureAwait(false);
            }
        }
    }

    /// <summary>Returns what a program prints until it has ended; its own children may keep the pipe open.</summary>
    internal static string Read(int number, Func<bool> hasEnded)
    {
        using var text = new MemoryStream();
        var buffer = new byte[16 * 1024];
        while (true)
        {
            // Before the pipe: what the program printed last is in the pipe when its end is known.
            var isOver = hasEnded();
            if (!DescriptorIo.WaitUntilReadable(number, AttentionMilliseconds))
            {
                if (isOver)
                    break;
                continue;
            }

            if (!DescriptorIo.Read(number, buffer, out var count).Ok || count == 0)
                break;
            // The rest is read, so that the program does not wait, but dropped.
            text.Write(buffer, 0, (int)Math.Min(count, MostOutput - text.Length));
        }

        return Encoding.UTF8.GetString(text.GetBuffer(), 0, (int)text.Length);
    }

    // A program that does not read its input is no error here: its exit code says what happened.
    private static void Write(int number, ReadOnlyMemory<byte> content, ChildPipes pipes, CancellationToken cancellationToken)
    {
        _ = DescriptorIo.WriteAll(number, content.Span, -1, cancellationToken, out _);
        pipes.Close(number);
    }
}
