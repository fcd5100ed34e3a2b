using Mandos.Core.Linux.Processes;

namespace Mandos.Server.Clients;

/// <summary>An event in the life of a client.</summary>
internal abstract record ClientEvent
{
    private ClientEvent()
    {
    }

    /// <summary>The server started, or the client was added while the server runs.</summary>
    /// <param name="FirstCheckDelay">A random part of the interval.</param>
    internal sealed record Started(TimeSpan FirstCheckDelay) : ClientEvent;

    /// <summary>Something may have become due.</summary>
    internal sealed record TimePassed : ClientEvent;

    /// <summary>The server did not run for a while: it was stopped, frozen or starved of processor time.</summary>
    /// <param name="Span">How long ago the server is last known to have run.</param>
    /// <param name="CheckDelay">A random part of the interval.</param>
    internal sealed record StoodStill(TimeSpan Span, TimeSpan CheckDelay) : ClientEvent;

    internal sealed record Enable : ClientEvent;

    internal sealed record Disable : ClientEvent;

    /// <summary>An operator declares the client alive (CheckedOK on the bus).</summary>
    internal sealed record CheckedOk : ClientEvent;

    /// <summary>An operator begins maintenance, or replaces its end; zero ends it.</summary>
    internal sealed record Maintain(TimeSpan Span) : ClientEvent;

    /// <summary>Start a check now unless one is running, even if the client is disabled.</summary>
    internal sealed record StartChecker : ClientEvent;

    internal sealed record StopChecker : ClientEvent;

    /// <summary>A check ended. Exit is null if the check could not be started.</summary>
    internal sealed record CheckerEnded(long Run, ChildExit? Exit) : ClientEvent;

    /// <summary>An operator's decision.</summary>
    internal sealed record Decide(bool Approved) : ClientEvent;

    /// <summary>A connection that proved the client's key asks for the secret.</summary>
    internal sealed record SecretRequested(long Request) : ClientEvent;

    /// <summary>The connection ended.</summary>
    /// <param name="Request">The number of the request.</param>
    /// <param name="Delivered">The whole secret was sent and the peer closed properly.</param>
    /// <param name="Rehearsal">The client only tested whether it gets its secret, so it needs no time to boot.</param>
    internal sealed record RequestEnded(long Request, bool Delivered, bool Rehearsal = false) : ClientEvent;

    /// <summary>All settings, from the configuration or the bus, whether changed or not.</summary>
    internal sealed record Configure(ClientSettings Settings) : ClientEvent;

    /// <summary>A new secret. The client's state takes ownership.</summary>
    internal sealed record ReplaceSecret(ClientSecret Secret) : ClientEvent;

    /// <summary>The client is removed from the table.</summary>
    internal sealed record Remove : ClientEvent;
}
