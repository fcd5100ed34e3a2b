using System.Net;
using Mandos.Core.Secrets;

namespace Mandos.Client.Retrieval;

/// <summary>Tries to get the password from one server.</summary>
internal interface IServerAttempt
{
    /// <summary>
    /// Runs an attempt. Everything that the server does becomes a result; the only exception is that of the cancellation.
    /// </summary>
    /// <param name="candidate">The server.</param>
    /// <param name="interfaceIndex">The interface of the server if known; otherwise 0.</param>
    /// <param name="connected">Called when the connection is established.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    Task<AttemptOutcome> RunAsync(Candidate candidate, int interfaceIndex, Action connected, CancellationToken cancellationToken);
}

/// <summary>A server that may have the password. A link-local address includes its scope.</summary>
/// <param name="EndPoint">The address and port.</param>
/// <param name="InterfaceIndex">The interface of the server; 0 if unknown.</param>
internal readonly record struct Candidate(IPEndPoint EndPoint, int InterfaceIndex)
{
    /// <inheritdoc />
    public override string ToString() => EndPoint.ToString();
}

/// <summary>How an attempt with one server ended. The receiver owns the password.</summary>
/// <param name="Password">The password; null if the attempt failed.</param>
/// <param name="Detail">Why it failed, for messages.</param>
/// <param name="Failure">The kind of failure.</param>
/// <param name="Signed">Whether the message with the password has a valid signature of this machine's key.</param>
internal sealed record AttemptOutcome(
    SecretBuffer? Password, string Detail, AttemptFailure Failure = AttemptFailure.Answered, bool Signed = false);

/// <summary>What a failure says about the next attempt.</summary>
internal enum AttemptFailure
{
    /// <summary>The server refused, or its answer was useless; this is unlikely to change soon.</summary>
    Answered,

    /// <summary>There was no connection, or it broke, which may be temporary.</summary>
    Broken,

    /// <summary>This machine cannot reach the server: no route, no neighbour, no address. Normal while interfaces come up.</summary>
    Unreachable,

    /// <summary>The server sent a message that contained no password.</summary>
    Spoiled,
}
