namespace Mandos.Client.Unlock;

/// <summary>What to do now.</summary>
internal enum UnlockStep
{
    /// <summary>Nothing, until something changes.</summary>
    Wait,

    /// <summary>Get the password.</summary>
    Fetch,

    /// <summary>Answer the question that is open.</summary>
    Answer,
}

/// <summary>That the present password was given to a disk, and when.</summary>
internal sealed class GivenPassword(string disk)
{
    internal string Disk => disk;

    /// <summary>The last time.</summary>
    internal TimeSpan At { get; set; }
}

/// <summary>A question for a disk's password that cryptsetup's askpass has on the console.</summary>
/// <param name="ProcessId">The asking process: another one asks again.</param>
/// <param name="Disk">The name of the mapping (CRYPTTAB_NAME).</param>
/// <param name="Tried">How many answers were wrong before (CRYPTTAB_TRIED).</param>
/// <param name="Tries">After how many wrong ones the disk is given up (CRYPTTAB_OPTION_tries); 0: never.</param>
internal readonly record struct PasswordQuestion(int ProcessId, string Disk, int Tried = 0, int Tries = PasswordQuestion.UsualTries)
{
    /// <summary>crypttab(5)'s default in the initramfs.</summary>
    internal const int UsualTries = 3;

    /// <summary>True if the disk is given up after one more wrong answer.</summary>
    internal bool IsLastTry => Tries > 0 && Tried + 1 >= Tries;
}
