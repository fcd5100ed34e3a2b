namespace Mandos.Client.Unlock;

/// <summary>The next action.</summary>
internal enum UnlockStep
{
    /// <summary>Wait until something changes.</summary>
    Wait,

    /// <summary>Fetch the password.</summary>
    Fetch,

    /// <summary>Answer the open question.</summary>
    Answer,
}

/// <summary>Records that the current password was given to a disk, and when.</summary>
internal sealed class GivenPassword(string disk)
{
    internal string Disk => disk;

    /// <summary>When it was last given.</summary>
    internal TimeSpan At { get; set; }
}

/// <summary>A question for a disk's password that cryptsetup's askpass shows on the console.</summary>
/// <param name="ProcessId">The asking process; a different one asks again.</param>
/// <param name="Disk">The name of the mapping (CRYPTTAB_NAME).</param>
/// <param name="Tried">The number of wrong answers so far (CRYPTTAB_TRIED).</param>
/// <param name="Tries">The number of wrong answers after which the disk is given up (CRYPTTAB_OPTION_tries); 0 for never.</param>
internal readonly record struct PasswordQuestion(int ProcessId, string Disk, int Tried = 0, int Tries = PasswordQuestion.UsualTries)
{
    /// <summary>The default of crypttab(5) in the initramfs.</summary>
    internal const int UsualTries = 3;

    /// <summary>Whether the disk is given up after one more wrong answer.</summary>
    internal bool IsLastTry => Tries > 0 && Tried + 1 >= Tries;
}
