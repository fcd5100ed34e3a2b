using System.Text;
using Mandos.Core.Exchange;
using Mandos.Core.Keys;
using Mandos.Core.Linux;
using Mandos.Core.Linux.Sockets;
using Mandos.Core.Secrets;
using Org.BouncyCastle.Math.EC.Rfc8032;

namespace Mandos.Server.SelfTest;

/// <summary>
/// Tests the whole exchange with a booting machine, over two connected sockets: the machine presents a key that was generated for the test,
/// and gets its secret; the next time it is refused.
/// </summary>
internal static class ExchangeSelfTest
{
    // RFC 8410: everything before the key.
    private static ReadOnlySpan<byte> PublicHead => [0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00];

    private static ReadOnlySpan<byte> PrivateHead =>
        [0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20];

    internal static async Task RunAsync(CancellationToken cancellationToken)
    {
        using var keys = MakeKeys();
        using var secret = SecretBuffer.CopyOf("opaque bytes"u8);
        using var received = await ExchangeAsync(keys, secret, cancellationToken).ConfigureAwait(false);
        SelfTestFailure.Unless(
            received.Secret is { } got
                && got.Span.SequenceEqual(secret.Span),
                $"the client gets something other than its secret: {received.Outcome}, {received.Detail}");
        using var refused = await ExchangeAsync(keys, null, cancellationToken).ConfigureAwait(false);
        SelfTestFailure.Unless(
            refused.Outcome == RetrievalOutcome.Refused, $"a refusal is not understood: {refused.Outcome}, {refused.Detail}");
    }

    private static async Task<RetrievalResult> ExchangeAsync(TlsKeyPair keys, SecretBuffer? secret, CancellationToken cancellationToken)
    {
        var (one, other) = SocketPair.Make();
        using (one)
        using (other)
        {
            var limits = new ExchangeLimits();
            var retrieving = SecretRetrieval.RunAsync(one, keys, TlsPriority.Default, limits, TimeProvider.System, null, cancellationToken);
            using (
                var accepted = await DeliverySession.AcceptAsync(
                    other, TlsPriority.Default, limits, TimeProvider.System, cancellationToken).ConfigureAwait(false))
            {
                SelfTestFailure.Unless(accepted.Session is not null, $"no handshake: {accepted.Detail}");
                SelfTestFailure.UnlessSame(keys.KeyId.ToString(), accepted.Session!.KeyId.ToString(), "key ID of the client");
                if (secret is null)
                    await accepted.Session.RefuseAsync(cancellationToken).ConfigureAwait(false);
                else
                    SelfTestFailure.Unless(
                        await accepted.Session.DeliverAsync(
                            secret.Memory, cancellationToken).ConfigureAwait(false) == DeliveryOutcome.Confirmed,
                        "the client does not confirm its secret");
            }

            return await retrieving.ConfigureAwait(false);
        }
    }

    private static TlsKeyPair MakeKeys()
    {
        Span<byte> seed = stackalloc byte[Ed25519.SecretKeySize];
        Span<byte> publicKey = stackalloc byte[Ed25519.PublicKeySize];
        SystemRandom.Fill(seed);
        Ed25519.GeneratePublicKey(seed, publicKey);
        return TlsKeyPair.Parse(Pem("PUBLIC KEY", [.. PublicHead, .. publicKey]), Pem("PRIVATE KEY", [.. PrivateHead, .. seed]));
    }

    /// <summary>Encodes a key as PEM. The key is used only for this test and needs no protection.</summary>
    private static byte[] Pem(string label, byte[] der) =>
        Encoding.ASCII.GetBytes($"-----BEGIN {label}-----\n{Convert.ToBase64String(der)}\n-----END {label}-----\n");
}
