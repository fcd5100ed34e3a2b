using Mandos.Core.Secrets;

namespace Mandos.Core.OpenPgp.Messages;

/// <summary>The content of an OpenPGP message's encryption, for callers that decrypted it by other means.</summary>
public static class DecryptedMessage
{
    /// <summary>The data in it, perhaps compressed, perhaps signed (RFC 9580 section 10.3); signatures are not checked.</summary>
    /// <param name="packets">Checked for integrity by the caller, who wipes them.</param>
    /// <param name="limits">How large it may be.</param>
    /// <returns>For the caller to dispose; null if it is no message.</returns>
    public static SecretBuffer? ReadData(Span<byte> packets, MessageLimits limits)
    {
        using var content = new MessageContent(new MessageBudget(limits, MessageClock.System));
        return content.Read(packets) is null ? content.TakePlaintext() : null;
    }
}
