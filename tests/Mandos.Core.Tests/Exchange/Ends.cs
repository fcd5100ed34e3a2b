using System.Net.Sockets;
using Mandos.Core.Exchange;
using Mandos.Core.Keys;
using Mandos.Core.Tests.Keys;

namespace Mandos.Core.Tests.Exchange;

/// <summary>Both ends of an exchange with defaults that fit most tests.</summary>
internal static class Ends
{
    /// <summary>Long enough for a busy machine; a test that waits for it has failed.</summary>
    public static ExchangeLimits Patient { get; } = new()
    {
        Greeting = TimeSpan.FromMinutes(1),
        Handshake = TimeSpan.FromMinutes(1),
        Data = TimeSpan.FromMinutes(1),
        Close = TimeSpan.FromMinutes(1),
    };

    public static CancellationToken Ct => TestContext.Current.CancellationToken;

    public static TlsPriority Priority(string text)
    {
        Assert.True(TlsPriority.TryParse(text, out var priority, out var error), error);
        return priority;
    }

    public static Task<RetrievalResult> RetrieveAsync(Socket socket, TlsKeyPair? keys = null, TlsPriority? priority = null,
        ExchangeLimits? limits = null, TimeProvider? time = null, Action<string>? debug = null, CancellationToken? ct = null,
        bool rehearsal = false) =>
        SecretRetrieval.RunAsync(socket, keys ?? GeneratedKeys.Ed25519.Parse(), priority ?? TlsPriority.Default,
            limits ?? Patient, time ?? TimeProvider.System, debug, ct ?? Ct, rehearsal);

    public static Task<DeliveryAcceptance> AcceptAsync(Socket socket, TlsPriority? priority = null,
        ExchangeLimits? limits = null, TimeProvider? time = null, CancellationToken? ct = null) =>
        DeliverySession.AcceptAsync(socket, priority ?? TlsPriority.Default, limits ?? Patient, time ?? TimeProvider.System, ct ?? Ct);

    /// <summary>A session of our server with our client, and the client's result to come.</summary>
    public static async Task<(DeliverySession Session, Task<RetrievalResult> Retrieval)> MeetAsync(LoopbackPair pair,
        TlsKeyPair? keys = null, TlsPriority? clientPriority = null, TlsPriority? serverPriority = null, Action<string>? debug = null)
    {
        var retrieval = RetrieveAsync(pair.Client, keys, clientPriority, debug: debug);
        var acceptance = await AcceptAsync(pair.Server, serverPriority);
        Assert.True(acceptance.Outcome == AcceptanceOutcome.Ready, acceptance.Detail);
        return (acceptance.Session!, retrieval);
    }
}
