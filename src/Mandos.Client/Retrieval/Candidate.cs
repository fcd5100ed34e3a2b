using System.Net;

namespace Mandos.Client.Retrieval;

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
