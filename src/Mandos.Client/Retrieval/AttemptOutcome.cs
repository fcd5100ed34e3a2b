using Mandos.Core.Secrets;

namespace Mandos.Client.Retrieval;

/// <summary>How an attempt with one server ended. The receiver owns the password.</summary>
/// <param name="Password">The password; null if the attempt failed.</param>
/// <param name="Detail">Why it failed, for people.</param>
/// <param name="Failure">What kind of failure it was.</param>
/// <param name="Signed">True if the message with the password has a valid signature of this machine's key.</param>
internal sealed record AttemptOutcome(SecretBuffer? Password, string Detail, AttemptFailure Failure = AttemptFailure.Answered, bool Signed = false);

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
