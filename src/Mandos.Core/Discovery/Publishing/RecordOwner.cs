namespace Mandos.Core.Discovery.Publishing;

/// <summary>What a record of a publisher belongs to.</summary>
internal enum RecordOwner
{
    /// <summary>The service type: others have records of the same name (shared, RFC 6762, section 2).</summary>
    ServiceType,

    /// <summary>The instance: no other responder may have records of this name (unique).</summary>
    Instance,

    /// <summary>The host: unique too, but a responder for the whole machine may have it.</summary>
    Host,
}
