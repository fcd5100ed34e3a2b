using Mandos.Core.Secrets;

namespace Mandos.Core.OpenPgp.Messages;

/// <summary>The decrypted content of an OpenPGP message, for callers that decrypted it by other means.</summary>
public static class DecryptedMessage
{
    /// <summary>Returns the literal data, which may be compressed or signed (RFC 9580 section 10.3); signatures are not checked.</summary>
    /// <param name="packets">The packets, whose integrity the caller has checked; the caller wipes them.</param>
    /// <param name="limits">The size limits.</param>
    /// <returns>The data, which the caller disposes; null if this is not a message.</returns>
    public static SecretBuffer? ReadData(Span<byte> packets, MessageLimits limits)
    {
        using var content = new MessageContent(new MessageBudget(limits, MessageClock.System));
        return content.Read(packets) is null ? content.TakePlaintext() : null;
    }
}
