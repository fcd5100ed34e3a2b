namespace Mandos.Client.Retrieval;

/// <summary>Tries to get the password from one server.</summary>
internal interface IServerAttempt
{
    /// <summary>Whatever the server does becomes a result; the only exception is that of the cancellation.</summary>
    /// <param name="candidate">The server.</param>
    /// <param name="interfaceIndex">The interface it is behind, if that is known; else 0.</param>
    /// <param name="connected">Called when there is a connection.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    Task<AttemptOutcome> RunAsync(Candidate candidate, int interfaceIndex, Action connected, CancellationToken cancellationToken);
}
