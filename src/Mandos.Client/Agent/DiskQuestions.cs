namespace Mandos.Client.Agent;

/// <summary>
/// Recognizes questions for the password of a disk by their <c>Id</c> or, if they have none, by the text that the program is known to use.
/// Questions for PINs of tokens and the TPM, and for passphrases of home directories and TLS keys, have other ones.
/// </summary>
internal static class DiskQuestions
{
    /// <summary>The Ids of systemd-cryptsetup, of its second question with the option verify, and of the ZFS mount generator.</summary>
    internal static IReadOnlyList<string> Prefixes { get; } = ["cryptsetup:", "cryptsetup-verification:", "zfs:"];

    /// <summary>The text of OpenZFS's initramfs scripts, which set no Id; the name of the dataset follows.</summary>
    internal const string ZfsMessage = "Encrypted ZFS password for ";

    /// <summary>
    /// The Id of the bcachefs mount helper; the UUID of the file system follows. With <c>UUID=</c> in between it asks whether to mount with
    /// a missing device, which no password answers.
    /// </summary>
    internal const string BcachefsPrefix = "bcachefs:";

    /// <summary>Whether a question asks for the password of a disk.</summary>
    internal static bool Contain(string id, string message)
    {
        if (id.Length == 0)
            return message.StartsWith(ZfsMessage, StringComparison.Ordinal) && message.Length > ZfsMessage.Length;
        if (id.StartsWith(BcachefsPrefix, StringComparison.Ordinal))
            return Guid.TryParseExact(id.AsSpan(BcachefsPrefix.Length), "D", out _);
        foreach (var prefix in Prefixes)
        {
            if (id.StartsWith(prefix, StringComparison.Ordinal) && id.Length > prefix.Length)
                return true;
        }

        return false;
    }
}
