namespace Mandos.Server.Clients;

/// <summary>Receives each warning of a client that will be disabled. It is called from a timer, so it must not block.</summary>
internal interface IWarningObserver
{
    void Warn(ExpiryWarning warning);
}

/// <summary>A client will be disabled unless a check succeeds.</summary>
/// <param name="Client">The client's name.</param>
/// <param name="End">When it is disabled, in UTC.</param>
/// <param name="Left">The time until then.</param>
/// <param name="LastCheckerStatus">As in <see cref="ClientState.LastCheckerStatus"/>.</param>
/// <param name="Reason">How the last check ended, in words: the exit status, and the last line of its output.</param>
internal sealed record ExpiryWarning(string Client, DateTime End, TimeSpan Left, int LastCheckerStatus, string Reason);
