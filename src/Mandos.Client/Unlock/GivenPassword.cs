namespace Mandos.Client.Unlock;

/// <summary>That the present password was given to a disk, and when.</summary>
internal sealed class GivenPassword(string disk)
{
    internal string Disk => disk;

    /// <summary>The last time.</summary>
    internal TimeSpan At { get; set; }
}
