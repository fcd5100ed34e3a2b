namespace Mandos.Server.Publishing.Avahi;

/// <summary>An event that an <see cref="AvahiSession"/> must handle.</summary>
internal abstract record AvahiEvent
{
    private AvahiEvent()
    {
    }

    /// <summary>The unique name of avahi-daemon; null if it is not running.</summary>
    internal sealed record Owner(string? Name) : AvahiEvent;

    /// <summary>The state of one avahi-daemon.</summary>
    internal sealed record Server(string Name, AvahiServerState State) : AvahiEvent;

    /// <summary>The state of something that is announced.</summary>
    internal sealed record Group(string Path, AvahiGroupState State) : AvahiEvent;

    /// <summary>The index of the only interface to announce on; 0 if it does not exist.</summary>
    internal sealed record Interface(int Index) : AvahiEvent;
}

/// <summary>The state of our announcement in avahi-daemon, with its numbers.</summary>
internal enum AvahiGroupState
{
    Uncommitted = 0,
    Registering = 1,

    /// <summary>The service is announced.</summary>
    Established = 2,

    /// <summary>Another service has the same name.</summary>
    Collision = 3,

    Failure = 4,
}

/// <summary>The state of avahi-daemon with regard to its host name, with its numbers.</summary>
internal enum AvahiServerState
{
    Invalid = 0,

    /// <summary>avahi-daemon is checking that the host name is free.</summary>
    Registering = 1,

    /// <summary>Services can be announced.</summary>
    Running = 2,

    /// <summary>The host name is taken; avahi-daemon chooses another one.</summary>
    Collision = 3,

    Failure = 4,
}
