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
