namespace Mandos.Core.Discovery.Dns;

/// <summary>The record types of DNS that service discovery needs (RFC 1035, 2782, 3596, 4034).</summary>
internal enum DnsType : ushort
{
    A = 1,
    Ptr = 12,
    Txt = 16,
    Aaaa = 28,
    Srv = 33,
    Nsec = 47,

    /// <summary>In questions only: every type.</summary>
    Any = 255,
}
