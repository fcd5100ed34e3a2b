using Mandos.Core.Secrets;

namespace Mandos.Client.Retrieval;

/// <summary>How an attempt with one server ended. The receiver owns the password.</summary>
/// <param name="Password">The password; null if the attempt failed.</param>
/// <param name="Detail">Why it failed, for people.</param>
/// <param name="Quiet">True if that is no news without <c>--debug</c>: nobody listens there yet.</param>
/// <param name="Unreachable">True if this machine has no way there: no route, no neighbour, no address. It may have one soon.</param>
internal sealed record AttemptOutcome(SecretBuffer? Password, string Detail, bool Quiet = false, bool Unreachable = false);
