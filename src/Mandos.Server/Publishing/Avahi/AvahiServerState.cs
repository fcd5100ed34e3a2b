namespace Mandos.Server.Publishing.Avahi;

/// <summary>How far avahi-daemon is with the name of its own host; its numbers.</summary>
internal enum AvahiServerState
{
    Invalid = 0,

    /// <summary>It checks that the name is free.</summary>
    Registering = 1,

    /// <summary>Services can be announced.</summary>
    Running = 2,

    /// <summary>The name is taken; it takes another one.</summary>
    Collision = 3,

    Failure = 4,
}
