using System.Net;
using Mandos.Core.Secrets;

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

/// <summary>
/// A server that may have the password. A link-local address carries its scope.
/// </summary>
/// <param name="EndPoint">Where it listens.</param>
/// <param name="InterfaceIndex">The interface it is behind; 0 if that is not known.</param>
internal readonly record struct Candidate(IPEndPoint EndPoint, int InterfaceIndex)
{
    /// <inheritdoc />
    public override string ToString() => EndPoint.ToString();
}

/// <summary>How an attempt with one server ended. The receiver owns the password.</summary>
/// <param name="Password">The password; null if the attempt failed.</param>
/// <param name="Detail">Why it failed, for people.</param>
/// <param name="Failure">What kind of failure it was.</param>
/// <param name="Signed">True if the message with the password has a valid signature of this machine's key.</param>
internal sealed record AttemptOutcome(
    SecretBuffer? Password, string Detail, AttemptFailure Failure = AttemptFailure.Answered, bool Signed = false);

/// <summary>What a failure says about the next attempt.</summary>
internal enum AttemptFailure
{
    /// <summary>The server said no, or gave what is of no use: it will not think better of it soon.</summary>
    Answered,

    /// <summary>No connection, or one that broke: that may have been for the moment only.</summary>
    Broken,

    /// <summary>This machine has no way there: no route, no neighbour, no address. No news while interfaces come up.</summary>
    Unreachable,

    /// <summary>The server sent a message that gave no password.</summary>
    Spoiled,
}
