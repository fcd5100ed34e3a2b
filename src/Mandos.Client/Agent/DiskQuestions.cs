namespace Mandos.Client.Agent;

/// <summary>Which questions are for the password of a disk, by the beginning of their <c>Id</c>.</summary>
internal static class DiskQuestions
{
    /// <summary>systemd-cryptsetup, its second question with the option verify, and scripts that load the keys of ZFS.</summary>
    internal static IReadOnlyList<string> Prefixes { get; } = ["cryptsetup:", "cryptsetup-verification:", "zfs:"];

    /// <summary>True if the password of a disk is asked for.</summary>
    internal static bool Contain(string id)
    {
        foreach (var prefix in Prefixes)
        {
            if (id.StartsWith(prefix, StringComparison.Ordinal) && id.Length > prefix.Length)
                return true;
        }

        return false;
    }
}
