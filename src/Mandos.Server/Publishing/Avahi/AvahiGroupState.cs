namespace Mandos.Server.Publishing.Avahi;

/// <summary>How far avahi-daemon is with what we announce; its numbers.</summary>
internal enum AvahiGroupState
{
    Uncommitted = 0,
    Registering = 1,

    /// <summary>It is announced.</summary>
    Established = 2,

    /// <summary>Another service has the name.</summary>
    Collision = 3,

    Failure = 4,
}
