using System.Net;

namespace Mandos.Core.Discovery.Multicast;

/// <summary>
/// One address of one service instance that appeared on, or went from, one interface. A link-local IPv6 address carries
/// the interface as its scope.
/// </summary>
/// <param name="Found">True when it appeared, false after a goodbye or when its records expired.</param>
/// <param name="InstanceName">The instance, for example <c>Mandos #2</c>.</param>
/// <param name="EndPoint">Address and port.</param>
/// <param name="InterfaceIndex">The interface on which the answer arrived.</param>
public readonly record struct ServiceEvent(bool Found, string InstanceName, IPEndPoint EndPoint, int InterfaceIndex);
