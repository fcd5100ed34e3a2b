using Mandos.Core.Linux.Processes;

namespace Mandos.Server.Clients;

/// <summary>Runs the commands that find out whether clients are alive.</summary>
internal interface ICheckers
{
    /// <summary>Starts a check; never blocks.</summary>
    /// <param name="client">Whose, for the log.</param>
    /// <param name="run">Which, and its command.</param>
    /// <param name="ended">Called once when it ended by itself, with null if it could not be started; not after <see cref="Stop"/>.</param>
    void Start(string client, CheckerRun run, Action<ChildExit?> ended);

    /// <summary>Ends a check with all its children; never blocks. Nothing happens if it has ended.</summary>
    void Stop(CheckerRun run);
}
