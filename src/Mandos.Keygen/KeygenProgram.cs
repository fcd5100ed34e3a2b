using Mandos.Core.Keys;
using Mandos.Keygen.Actions;
using Mandos.Keygen.Commands;
using Mandos.Keygen.Failures;
using Mandos.Keygen.Hosting;

namespace Mandos.Keygen;

/// <summary>
/// The program from its arguments to its exit code: 0 on success, 1 otherwise, as in upstream. A command, whose name is the first argument,
/// has its own exit codes.
/// </summary>
internal sealed class KeygenProgram(KeygenEnvironment surroundings)
{
    private const int Failure = 1;

    public async Task<int> RunAsync(IReadOnlyList<string> arguments, CancellationToken cancellationToken)
    {
        var subcommand = arguments.Count == 0 ? null : Subcommands.All.FirstOrDefault(one => one.Name == arguments[0]);
        var command = new KeygenCommand();
        var program = subcommand?.Program ?? command.Program;
        try
        {
            var exitCode = await (subcommand?.RunAsync([.. arguments.Skip(1)], surroundings, cancellationToken)
                ?? RunAsync(command, arguments, cancellationToken)).ConfigureAwait(false);
            // An answer that cannot be written is a failure.
            await surroundings.Output.FlushAsync(cancellationToken).ConfigureAwait(false);
            return exitCode;
        }
        catch (KeygenException error)
        {
            program.Error(surroundings.Error, error.Message, error.Hint);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or KeyFormatException)
        {
            program.Error(surroundings.Error, FileFailure.Describe(error));
        }
        catch (OperationCanceledException)
        {
            program.Error(surroundings.Error, "interrupted; nothing was changed");
        }

        return subcommand?.Failure ?? Failure;
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
        {
            var check = new KeyCheck(options.Directory, options.SecretFile, surroundings);
            return check.Run(fault => command.Program.Error(surroundings.Error, fault.Message, fault.Hint)) ? 0 : Failure;
        }

        if (options.EncryptPassword)
            await new StanzaPrinting(options, surroundings).RunAsync(cancellationToken).ConfigureAwait(false);
        else
            await new KeyCreation(options, surroundings).RunAsync(cancellationToken).ConfigureAwait(false);
        return 0;
    }
}
