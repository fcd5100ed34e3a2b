namespace Mandos.Client.Agent;

/// <summary>
/// Which questions are for the password of a disk: by their <c>Id</c>, or, where one is asked without any, by the text that
/// its asker is known for. PINs of tokens and the TPM, passphrases of homes and of keys of TLS have other ones.
/// </summary>
internal static class DiskQuestions
{
    /// <summary>systemd-cryptsetup, its second question with the option verify, and the generator for mounts of ZFS.</summary>
    internal static IReadOnlyList<string> Prefixes { get; } = ["cryptsetup:", "cryptsetup-verification:", "zfs:"];

    /// <summary>The scripts of OpenZFS for initramfs, which give no Id; the name of the dataset follows.</summary>
    internal const string ZfsMessage = "Encrypted ZFS password for ";

    /// <summary>
    /// The mount helper of bcachefs; the UUID of the file system follows. With <c>UUID=</c> in between it asks whether to mount
    /// with a device missing, which no password answers.
    /// </summary>
    internal const string BcachefsPrefix = "bcachefs:";

    /// <summary>True if the password of a disk is asked for.</summary>
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
