using Mandos.Core.OpenPgp.Packets;
using Mandos.Core.Secrets;

namespace Mandos.Core.OpenPgp.Messages;

/// <summary>
/// Finds faults of an encrypted message that are visible without a key: it is incomplete, in a wrong format, or has no recipient. Only its
/// recipient can check whether it decrypts.
/// </summary>
public static class MessageFault
{
    /// <summary>Checks the packets of a message, binary or in ASCII armor.</summary>
    /// <returns>Null for a complete message; otherwise the fault, as the end of a sentence.</returns>
    public static string? Of(ReadOnlySpan<byte> message)
    {
        if (message.IsEmpty)
            return "is empty";
        if (message.Length > PasswordLimits.LargestMessage)
            return $"has {message.Length} bytes: the boot client accepts at most {PasswordLimits.LargestMessage}";
        if (message[0] >= 0x80)
        {
            // The reader joins partial packets in place.
            using var copy = SecretBuffer.CopyOf(message);
            return OfPackets(copy.Span);
        }

        if (!Armor.IsIn(message))
            return "is not an OpenPGP message";
        using var packets = Armor.Open(message, ArmorKind.Message, out var error);
        return packets is null ? $"is not an OpenPGP message: {error}" : OfPackets(packets.Span);
    }

    /// <summary>Whether text that should be base64 is ASCII armor, whose first and last lines are not base64.</summary>
    public static bool IsArmor(ReadOnlySpan<char> text) => text.IndexOf("-----BEGIN PGP ") >= 0;

    private static string? OfPackets(Span<byte> packets)
    {
        var reader = new PacketReader(packets);
        var (number, recipients, encrypted) = (0, 0, false);
        while (reader.Next())
        {
            number++;
            if (encrypted)
                return "has data after its encrypted data";
            recipients += reader.Tag == PacketTag.SessionKey ? 1 : 0;
            encrypted = reader.Tag is PacketTag.IntegrityProtected or PacketTag.AeadEncrypted or PacketTag.Encrypted;
            if (!encrypted && reader.Tag is not (PacketTag.SessionKey or PacketTag.PasswordSessionKey))
                return $"is not an encrypted OpenPGP message: packet {number} is of type {(byte)reader.Tag}";
        }

        if (reader.Failed && reader.Missing > 0)
            return $"is truncated: packet {number + 1} (type {(byte)reader.Tag}) lacks at least {reader.Missing} bytes";
        if (reader.Failed)
            return number == 0 ? "is not an OpenPGP message" : $"is damaged after packet {number}";
        if (recipients == 0)
            return "has no recipient: no key can decrypt it";
        return encrypted ? null : "is truncated: its encrypted data is missing";
    }
}
