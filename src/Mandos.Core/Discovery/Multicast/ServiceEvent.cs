using System.Net;

namespace Mandos.Core.Discovery.Multicast;

/// <summary>
/// An address of a service instance that appeared or disappeared on an interface. A link-local IPv6 address has the interface as its scope.
/// </summary>
/// <param name="Found">True when it appeared, false after a goodbye or when its records expired.</param>
/// <param name="InstanceName">The name of the instance, for example <c>Mandos #2</c>.</param>
/// <param name="EndPoint">Address and port.</param>
/// <param name="InterfaceIndex">The interface on which the answer arrived.</param>
public readonly record struct ServiceEvent(bool Found, string InstanceName, IPEndPoint EndPoint, int InterfaceIndex);
