namespace Mandos.Server.Listening;

/// <summary>Where a connection stands in the lists of <see cref="PendingConnections"/>.</summary>
/// <param name="Since">When it connected, or greeted if it has, by the monotonic clock.</param>
/// <param name="InAll">Among all.</param>
/// <param name="InOwn">Among those of its address.</param>
internal sealed record PendingPlace(TimeSpan Since, LinkedListNode<PendingConnection> InAll, LinkedListNode<PendingConnection> InOwn);
