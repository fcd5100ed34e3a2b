namespace Mandos.Core.Discovery.Dns;

/// <summary>The part of a message to which a record is added; in this order.</summary>
internal enum DnsSection
{
    Answer = 3,
    Authority = 4,
    Additional = 5,
}
