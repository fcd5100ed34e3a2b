namespace Mandos.Server.Publishing.Avahi;

/// <summary>How far avahi-daemon is with the name of its own host; its numbers.</summary>
internal enum AvahiServerState
{
    Invalid = 0,

    /// <summary>It makes sure that nobody else has the name.</summary>
    Registering = 1,

    /// <summary>Services can be announced.</summary>
    Running = 2,

    /// <summary>Somebody has; it takes another one.</summary>
    Collision = 3,

    Failure = 4,
}
