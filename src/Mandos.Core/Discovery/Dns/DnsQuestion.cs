namespace Mandos.Core.Discovery.Dns;

/// <summary>
/// One question of class IN. <see cref="UnicastResponse"/> is the top bit of the class: the asker would like the answer by
/// unicast (RFC 6762, section 5.4).
/// </summary>
internal readonly record struct DnsQuestion(DnsName Name, DnsType Type, bool UnicastResponse = false)
{
    internal bool Asks(DnsName name, DnsType type) => (Type == type || Type == DnsType.Any) && Name.Equals(name);
}
