using Mandos.Core.Linux.Processes;

namespace Mandos.Server.Clients;

/// <summary>What can happen to a client.</summary>
internal abstract record ClientEvent
{
    private ClientEvent()
    {
    }

    /// <summary>The server started, or the client was added while it runs.</summary>
    /// <param name="FirstCheckDelay">A random part of the interval.</param>
    internal sealed record Started(TimeSpan FirstCheckDelay) : ClientEvent;

    /// <summary>Something that was due may have come.</summary>
    internal sealed record TimePassed : ClientEvent;

    /// <summary>The server did not run for a while: it was stopped, frozen or starved.</summary>
    /// <param name="Span">Since it is known to have run.</param>
    /// <param name="CheckDelay">A random part of the interval.</param>
    internal sealed record StoodStill(TimeSpan Span, TimeSpan CheckDelay) : ClientEvent;

    internal sealed record Enable : ClientEvent;

    internal sealed record Disable : ClientEvent;

    /// <summary>An operator declares the client alive (CheckedOK on the bus).</summary>
    internal sealed record CheckedOk : ClientEvent;

    /// <summary>Start a check now if none runs, also of a disabled client.</summary>
    internal sealed record StartChecker : ClientEvent;

    internal sealed record StopChecker : ClientEvent;

    /// <summary>A check ended; null: it could not be started.</summary>
    internal sealed record CheckerEnded(long Run, ChildExit? Exit) : ClientEvent;

    /// <summary>An operator's decision.</summary>
    internal sealed record Decide(bool Approved) : ClientEvent;

    /// <summary>A connection that proved the client's key asks for the secret.</summary>
    internal sealed record SecretRequested(long Request) : ClientEvent;

    /// <summary>The connection ended.</summary>
    /// <param name="Request">Which.</param>
    /// <param name="Delivered">All of the secret went out and the peer closed properly.</param>
    internal sealed record RequestEnded(long Request, bool Delivered) : ClientEvent;

    /// <summary>New settings, from the file or the bus; all of them, changed or not.</summary>
    internal sealed record Configure(ClientSettings Settings) : ClientEvent;

    /// <summary>A new secret; the state takes it over from the sender.</summary>
    internal sealed record ReplaceSecret(ClientSecret Secret) : ClientEvent;

    /// <summary>It is taken from the table.</summary>
    internal sealed record Remove : ClientEvent;
}
