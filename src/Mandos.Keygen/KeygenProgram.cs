using Mandos.Core.Keys;

namespace Mandos.Keygen;

/// <summary>
/// The program from its arguments to its exit code: 0 if it did what it was asked, 1 for everything else, as the
/// original.
/// </summary>
internal sealed class KeygenProgram(KeygenSurroundings surroundings)
{
    private const int Failure = 1;

    public async Task<int> RunAsync(IReadOnlyList<string> arguments, CancellationToken cancellation)
    {
        var command = new KeygenCommand();
        try
        {
            if (command.Parse(arguments, surroundings.Output, surroundings.Error, surroundings.Time, out var exitCode) is not { } options)
                return exitCode;
            if (options.EncryptPassword)
                await new StanzaPrinting(options, surroundings).RunAsync(cancellation).ConfigureAwait(false);
            else
                await new KeyCreation(options, surroundings).RunAsync(cancellation).ConfigureAwait(false);
            return 0;
        }
        catch (KeygenException error)
        {
            command.Program.Error(surroundings.Error, error.Message, error.Hint);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or KeyFormatException)
        {
            command.Program.Error(surroundings.Error, error.Message.TrimEnd('.'));
        }

        return Failure;
    }
}
