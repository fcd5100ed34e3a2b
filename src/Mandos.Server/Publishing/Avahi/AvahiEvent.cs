namespace Mandos.Server.Publishing.Avahi;

/// <summary>What an <see cref="AvahiSession"/> has to act upon.</summary>
internal abstract record AvahiEvent
{
    private AvahiEvent()
    {
    }

    /// <summary>The unique name of avahi-daemon; null: it does not run.</summary>
    internal sealed record Owner(string? Name) : AvahiEvent;

    /// <summary>The state of one avahi-daemon.</summary>
    internal sealed record Server(string Name, AvahiServerState State) : AvahiEvent;

    /// <summary>The state of something that is announced.</summary>
    internal sealed record Group(string Path, AvahiGroupState State) : AvahiEvent;

    /// <summary>The number of the one interface to announce on; 0: it is not there.</summary>
    internal sealed record Interface(int Index) : AvahiEvent;
}

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
