using Org.BouncyCastle.Tls;

namespace Mandos.Core.Exchange;

/// <summary>
/// The length of a share of X25519MLKEM768. BouncyCastle cuts it in two without looking: a short one ends as an internal error, not as
/// the peer's fault.
/// </summary>
internal static class HybridShares
{
    private const int X25519Length = 32, MlKemKeyLength = 1184, MlKemCiphertextLength = 1088;

    /// <summary>What a TLS client offers.</summary>
    /// <exception cref="TlsFatalAlert">It has another length.</exception>
    internal static void CheckOffered(ClientHello hello)
    {
        if (hello.Extensions is not { } extensions || TlsExtensionsUtilities.GetKeyShareClientHello(extensions) is not { } shares)
            return;
        foreach (var share in shares)
            Check(share, MlKemKeyLength + X25519Length);
    }

    /// <summary>What a TLS server answers; a HelloRetryRequest has no share.</summary>
    /// <exception cref="TlsFatalAlert">It has another length.</exception>
    internal static void CheckAnswered(ServerHello hello)
    {
        if (!hello.IsHelloRetryRequest()
            && hello.Extensions is { } extensions
            && TlsExtensionsUtilities.GetKeyShareServerHello(extensions) is { } share)
            Check(share, MlKemCiphertextLength + X25519Length);
    }

    private static void Check(KeyShareEntry share, int length)
    {
        if (share.NamedGroup == NamedGroup.X25519MLKEM768 && share.KeyExchange.Length != length)
            throw new TlsFatalAlert(AlertDescription.illegal_parameter);
    }
}
