using Mandos.Core.Linux.Processes;

namespace Mandos.Server.Clients;

/// <summary>Runs the commands that check whether clients are alive.</summary>
internal interface ICheckers
{
    /// <summary>Starts a check; never blocks.</summary>
    /// <param name="client">The client's name, for the log.</param>
    /// <param name="run">The check and its command.</param>
    /// <param name="ended">Called once when the check ends by itself, with null if it could not be started; not called after
    /// <see cref="Stop"/>.</param>
    void Start(string client, CheckerRun run, Action<ChildExit?> ended);

    /// <summary>Stops a check and all its children; never blocks. Does nothing if the check has ended.</summary>
    void Stop(CheckerRun run);
}
