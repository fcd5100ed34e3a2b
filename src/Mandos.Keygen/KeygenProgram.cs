using Mandos.Core.Keys;
using Mandos.Keygen.Failures;

namespace Mandos.Keygen;

/// <summary>The program from its arguments to its exit code: 0 on success, 1 otherwise, as in upstream.</summary>
internal sealed class KeygenProgram(KeygenEnvironment surroundings)
{
    private const int Failure = 1;

    public async Task<int> RunAsync(IReadOnlyList<string> arguments, CancellationToken cancellationToken)
    {
        var command = new KeygenCommand();
        try
        {
            var exitCode = await RunAsync(command, arguments, cancellationToken).ConfigureAwait(false);
            // An answer that cannot be written is a failure.
            await surroundings.Output.FlushAsync(cancellationToken).ConfigureAwait(false);
            return exitCode;
        }
        catch (KeygenException error)
        {
            command.Program.Error(surroundings.Error, error.Message, error.Hint);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or KeyFormatException)
        {
            command.Program.Error(surroundings.Error, FileFailure.Describe(error));
        }
        catch (OperationCanceledException)
        {
            command.Program.Error(surroundings.Error, "interrupted; nothing was changed");
        }

        return Failure;
    }

    private async Task<int> RunAsync(KeygenCommand command, IReadOnlyList<string> arguments, CancellationToken cancellationToken)
    {
        using var answer = new StringWriter();
        if (command.Parse(arguments, answer, surroundings.Error, surroundings.Time, out var exitCode) is not { } options)
        {
            await surroundings.Output.WriteAsync(answer.GetStringBuilder(), cancellationToken).ConfigureAwait(false);
            return exitCode;
        }

        if (options.Check)
            return new KeyCheck(options, surroundings).Run(fault => command.Program.Error(surroundings.Error, fault.Message, fault.Hint))
                ? 0
                : Failure;
        if (options.EncryptPassword)
            await new StanzaPrinting(options, surroundings).RunAsync(cancellationToken).ConfigureAwait(false);
        else
            await new KeyCreation(options, surroundings).RunAsync(cancellationToken).ConfigureAwait(false);
        return 0;
    }
}
