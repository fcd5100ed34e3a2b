using Mandos.Keygen.Failures;
using Mandos.Keygen.Programs;

namespace Mandos.Keygen.Servers;

/// <summary>
/// A machine that commands are run on, as root, over ssh(1): directly if the user there is root, otherwise through <c>sudo -n</c>.
/// </summary>
/// <param name="programs">Runs ssh.</param>
/// <param name="name">The target for ssh: <c>[USER@]SERVER</c>.</param>
/// <param name="interactive">Whether ssh may ask on the terminal.</param>
internal sealed class SshTarget(IPrograms programs, string name, bool interactive)
{
    /// <summary>The exit code of ssh itself.</summary>
    private const int Unreachable = 255;

    /// <summary>Our exit code for a refused sudo (EX_NOPERM of sysexits.h).</summary>
    private const int Refused = 77;

    /// <summary>From here on, the exit code is a signal that ended ssh: Ctrl-C reaches it, too, and not what it runs there.</summary>
    private const int FirstSignal = 128;

    // The login shell of the user may be any, so it only starts sh. Its arguments are the script, $0, and the arguments of the script.
    private const string AsRoot =
        "if [ \"$(id -u)\" = 0 ]; then exec sh -euc \"$@\"; fi; "
            + "if sudo -n sh -c : 2>/dev/null; then exec sudo -n sh -euc \"$@\"; fi; exit 77";

    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(5);

    public string Name => name;

    /// <summary>Checks the name before it is used.</summary>
    /// <exception cref="KeygenException">It is not a target.</exception>
    public static string Parse(string name) =>
        name.Length > 0 && name[0] != '-' && !name.Any(character => char.IsControl(character) || char.IsWhiteSpace(character))
            ? name
            : throw new KeygenException($"'{name}' is not a valid server", "give [USER@]SERVER as for ssh");

    /// <summary>Runs a script there.</summary>
    /// <param name="script">For sh, with -e and -u.</param>
    /// <param name="input">Its standard input.</param>
    /// <param name="arguments">Its arguments.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="KeygenException">The machine cannot be reached, or nothing can be run as root there.</exception>
    public async Task<ProgramResult> RunAsync(
        string script, ReadOnlyMemory<byte> input, IReadOnlyList<string> arguments, CancellationToken cancellationToken)
    {
        var words = new[] { "exec", "sh", "-c", Quote(AsRoot), "sh", Quote(script), "mandos-keygen" }.Concat(arguments.Select(Quote));
        string[] batch = interactive ? [] : ["-o", "BatchMode=yes"];
        var call = new ProgramCall("ssh", ["-T", "-o", "ConnectTimeout=30", .. batch, "--", name, string.Join(' ', words)])
        {
            Input = input,
            Limit = Limit,
        };
        var result = await programs.RunAsync(call, cancellationToken).ConfigureAwait(false);
        return result.ExitCode switch
        {
            Unreachable => throw new MissingAnswerException(
                $"{name} cannot be reached: {result.LastLine}",
                interactive
                    ? $"test it with 'ssh {name} true'"
                    : $"without a terminal ssh does not ask: 'ssh -o BatchMode=yes {name} true' must succeed"),
            Refused => throw new KeygenException(
                $"{name}: the user is not root, and 'sudo -n' is refused",
                "give root@SERVER, or let the user run sudo without a password; or use --print and paste the section there"),
            > FirstSignal => throw new MissingAnswerException(
                $"{name}: ssh was interrupted: {result.LastLine}", "run the same command again to go on"),
            _ => result,
        };
    }

    /// <summary>A word for sh that stands for exactly this text.</summary>
    internal static string Quote(string text) => $"'{text.Replace("'", "'\\''", StringComparison.Ordinal)}'";
}
