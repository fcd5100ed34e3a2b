using System.Net;
using System.Net.Sockets;
using Mandos.Core.Exchange;
using Mandos.Core.Keys;
using Mandos.Core.Secrets;
using Mandos.Server.Clients;
using Mandos.Server.Configuration;
using Mandos.Server.Listening;
using Mandos.Server.Logging;
using Mandos.Server.Statistics;
using Microsoft.Extensions.Logging;

namespace Mandos.Server.Tests.Listening;

/// <summary>The listening part of the server on the loopback interface.</summary>
internal sealed class TestServer : IAsyncDisposable
{
    /// <summary>Longer than any machine is busy: no test waits for one of these.</summary>
    internal static ExchangeLimits Patient { get; } = new()
    {
        Greeting = TimeSpan.FromMinutes(2),
        Handshake = TimeSpan.FromMinutes(2),
        Close = TimeSpan.FromMinutes(2),
    };

    private readonly StringWriter _log = new();
    private readonly LogChannel _channel;
    private readonly ILoggerFactory _loggers;
    private readonly IReadOnlyList<Socket> _sockets;
    private readonly IDisposable? _owned;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _running;

    internal TestServer(
        IReadOnlyList<ClientDefinition> clients, ServerSettings? settings = null, int mostPending = 100, ConnectionLimits? limits = null,
        TimeProvider? time = null)
        : this(new DefinedSecrets(clients, TimeProvider.System), settings, mostPending, limits, time)
    {
    }

    internal TestServer(
        ISecretKeeper keeper, ServerSettings? settings = null, int mostPending = 100, ConnectionLimits? limits = null,
        TimeProvider? time = null, LogLevel level = LogLevel.Warning, int mostOpen = 1000, LogChannel? channel = null)
    {
        _owned = keeper as IDisposable;
        limits ??= new() { Exchange = Patient };
        _channel = channel ?? new LogChannel("/nonexistent/log", TextWriter.Synchronized(_log), journal: null);
        _loggers = LogChannelProvider.CreateFactory(_channel, level);
        _sockets = ListeningSocket.OpenAll(
            settings ?? new ServerSettings { Address = IPAddress.IPv6Loopback }, _loggers.CreateLogger(LogCategory.Life));
        var service = new ConnectionService(keeper, TlsPriority.Default, limits, Statistics, time ?? TimeProvider.System,
            _loggers.CreateLogger(LogCategory.Decisions), _loggers.CreateLogger(LogCategory.Connections));
        var listener = new Listener(
            _sockets, service, new(mostOpen, mostPending, Math.Min(mostPending, limits.MostOfOneAddress)), time ?? TimeProvider.System,
            _loggers.CreateLogger(LogCategory.Connections));
        listener.Start();
        _running = listener.RunAsync(_stop.Token);
    }

    /// <summary>The keys of a machine, from the recordings.</summary>
    internal static TlsKeyPair Keys { get; } = TlsKeyPair.Parse(Golden.Bytes("keys/tls-pubkey.pem"), Golden.Bytes("keys/tls-privkey.pem"));

    internal ServerStatistics Statistics { get; } = new();

    internal IPEndPoint EndPoint => (IPEndPoint)_sockets[0].LocalEndPoint!;

    /// <summary>What was logged; complete once the server has stopped.</summary>
    internal string Log
    {
        get
        {
            _channel.Flush();
            return _log.ToString();
        }
    }

    internal static ClientDefinition Machine(
        string secret, bool enabled = true, string name = "machine", ClientSettings? settings = null) =>
        new(name, Keys.KeyId, "", settings ?? new(), enabled, new(SecretBuffer.CopyOf(System.Text.Encoding.ASCII.GetBytes(secret))));

    /// <summary>Connects and says nothing.</summary>
    internal async Task<Socket> ConnectAsync(IPAddress? address = null)
    {
        var target = address ?? IPAddress.IPv6Loopback;
        var socket = new Socket(target.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(target, EndPoint.Port, TestContext.Current.CancellationToken);
        return socket;
    }

    /// <summary>One attempt of a booting machine.</summary>
    internal async Task<(RetrievalOutcome Outcome, string Secret)> RetrieveAsync(
        TlsKeyPair? keys = null, IPAddress? address = null, bool rehearsal = false)
    {
        using var socket = await ConnectAsync(address);
        using var result = await SecretRetrieval.RunAsync(
            socket, keys ?? Keys, TlsPriority.Default, Patient, TimeProvider.System, null, TestContext.Current.CancellationToken,
            rehearsal);
        return (result.Outcome, result.Secret is null ? "" : System.Text.Encoding.ASCII.GetString(result.Secret.Span));
    }

    /// <summary>Waits until the log says something.</summary>
    internal async Task WaitForLogAsync(string text)
    {
        while (!Log.Contains(text, StringComparison.Ordinal))
            await Task.Delay(10, TestContext.Current.CancellationToken);
    }

    internal async Task StopAsync()
    {
        await _stop.CancelAsync();
        await _running;
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _owned?.Dispose();
        foreach (var socket in _sockets)
            socket.Dispose();
        _loggers.Dispose();
        _channel.Dispose();
        _stop.Dispose();
    }
}
