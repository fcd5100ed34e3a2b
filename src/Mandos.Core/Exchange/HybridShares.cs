using Org.BouncyCastle.Tls;

namespace Mandos.Core.Exchange;

/// <summary>
/// Checks the length of an X25519MLKEM768 share. BouncyCastle splits it without a check, so that a short share causes an internal error
/// rather than an alert.
/// </summary>
internal static class HybridShares
{
    private const int X25519Length = 32, MlKemKeyLength = 1184, MlKemCiphertextLength = 1088;

    /// <summary>Checks the shares of a TLS client.</summary>
    /// <exception cref="TlsFatalAlert">A share has another length.</exception>
    internal static void CheckOffered(ClientHello hello)
    {
        if (hello.Extensions is not { } extensions || TlsExtensionsUtilities.GetKeyShareClientHello(extensions) is not { } shares)
            return;
        foreach (var share in shares)
            Check(share, MlKemKeyLength + X25519Length);
    }

    /// <summary>Checks the share of a TLS server; a HelloRetryRequest has none.</summary>
    /// <exception cref="TlsFatalAlert">The share has another length.</exception>
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
