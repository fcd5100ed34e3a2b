using System.Net;
using System.Net.Sockets;
using Mandos.Client.Network;
using Mandos.Client.ProcessBoundary;
using Mandos.Core.Exchange;
using Mandos.Core.Linux;
using Mandos.Core.OpenPgp;
using Mandos.Core.OpenPgp.Messages;
using Mandos.Core.Secrets;

namespace Mandos.Client.Retrieval;

/// <summary>A real attempt: connect, exchange, decrypt.</summary>
/// <param name="keys">The keys of this machine.</param>
/// <param name="settings">Whether a message must be signed, and whether this is a rehearsal.</param>
/// <param name="priority">The TLS parameters.</param>
/// <param name="routes">Requests routes to servers on the link.</param>
/// <param name="time">The clock.</param>
/// <param name="debug">Prints debug messages; null for none.</param>
internal sealed class ServerAttempt(
    KeyMaterial keys, NetworkProcessSettings settings, TlsPriority priority, IRouteHelper routes, TimeProvider time, Action<string>? debug)
        : IServerAttempt
{
    private readonly DecryptionQueue _decryption = new((message, cancellationToken) =>
        MessageReader.Read(message.Span, keys.SecretKeys, keys.PublicKeys, clock: new(time, cancellationToken)));
    private readonly ExchangeLimits _limits = new() { Large = new() };

    /// <inheritdoc />
    public async Task<AttemptOutcome> RunAsync(
        Candidate candidate, int interfaceIndex, Action connected, CancellationToken cancellationToken)
    {
        debug?.Invoke($"trying {candidate}");
        var host = candidate.EndPoint.Address;
        var route = 0;
        try
        {
            var (socket, error) = await ConnectAsync(candidate.EndPoint, cancellationToken);
            if (socket is null && interfaceIndex != 0 && HostRoutes.MayHelp(error) && HostRoutes.MayHelp(host))
            {
                // The server may be on the link although its address is in none of our networks.
                route = await routes.AddAsync(host, interfaceIndex, cancellationToken);
                if (route != 0)
                    (socket, error) = await ConnectAsync(candidate.EndPoint, cancellationToken);
            }

            if (socket is null)
                return Failed(error);
            using (socket)
            {
                connected();
                return await ExchangeAsync(socket, candidate, cancellationToken);
            }
        }
        finally
        {
            if (route != 0)
                routes.Remove(route);
        }
    }

    private Task<(Socket? Socket, SocketError Error)> ConnectAsync(IPEndPoint endPoint, CancellationToken cancellationToken) =>
        new ConnectionRace(cancellation => ConnectOnceAsync(endPoint, cancellation), time).RunAsync(cancellationToken);

    private static async Task<Socket> ConnectOnceAsync(IPEndPoint endPoint, CancellationToken cancellationToken)
    {
        var socket = new Socket(endPoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(endPoint, cancellationToken);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private async Task<AttemptOutcome> ExchangeAsync(Socket socket, Candidate candidate, CancellationToken cancellationToken)
    {
        using var result = await SecretRetrieval.RunAsync(
            socket, keys.Tls, priority, _limits, time, debug is null ? null : text => debug($"{candidate}: {text}"), cancellationToken,
            settings.Rehearsal);
        if (result.Secret is null)
            return Failed(result);
        debug?.Invoke($"{candidate}: {result.Detail} received");
        return await DecryptAsync(result.Secret, candidate, cancellationToken);
    }

    private async Task<AttemptOutcome> DecryptAsync(SecretBuffer message, Candidate candidate, CancellationToken cancellationToken)
    {
        var read = await _decryption.ReadAsync(message, candidate.EndPoint.Address, cancellationToken);
        debug?.Invoke($"{candidate}: message {read.Outcome switch
        {
            MessageOutcome.Decrypted => "decrypted",
            _ => "not decrypted",
        }}: {read.Detail}");
        if (read.Outcome != MessageOutcome.Decrypted)
            return new AttemptOutcome(null, $"the server's message cannot be decrypted: {read.Detail}", AttemptFailure.Spoiled);
        var signed = read.Signature == SignatureState.Valid;
        if (signed || !settings.RequireSignature)
            return new AttemptOutcome(read.Plaintext, read.Detail, Signed: signed);
        read.Plaintext?.Dispose();
        return new AttemptOutcome(null, $"its message is refused (--require-signature): {read.Detail}", AttemptFailure.Spoiled);
    }

    private AttemptOutcome Failed(RetrievalResult result) => result.Outcome switch
    {
        RetrievalOutcome.Refused =>
            new(null, $"has no secret for key ID {keys.Tls.KeyId}: unknown there, disabled or denied (see the server's log)"),
        RetrievalOutcome.TooLarge => new(null, result.Detail),
        _ => new(null, result.Detail, AttemptFailure.Broken),
    };

    private static AttemptOutcome Failed(SocketError error) =>
        new(
            null, Describe(error),
            HostRoutes.MayHelp(error) || error == SocketError.AddressNotAvailable ? AttemptFailure.Unreachable : AttemptFailure.Broken);

    private static string Describe(SocketError error) => error switch
    {
        SocketError.ConnectionRefused => "connection refused (is the server running? a firewall?)",
        SocketError.TimedOut => "no response to the connection attempt (a firewall?)",
        SocketError.NetworkUnreachable => "network is unreachable",
        SocketError.HostUnreachable => "no route to host (is it switched on? a firewall?)",
        SocketError.AccessDenied => "connection forbidden (a firewall?)",
        SocketError.AddressNotAvailable => "no address to connect from",
        // .NET has no value for the kernel's error in this case.
        SocketError.SocketError => "cannot connect: out of memory",
        _ => $"cannot connect: {new Errno(new SocketException((int)error).NativeErrorCode)}",
    };
}
