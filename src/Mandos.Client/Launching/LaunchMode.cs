namespace Mandos.Client.Launching;

/// <summary>What a launched program may do.</summary>
internal enum LaunchMode
{
    /// <summary>Everything is the user's: no way back to root.</summary>
    Drop,

    /// <summary>The real ids are the user's, the effective and saved ones root's, as of a set-uid program that the user started.</summary>
    KeepRoot,
}
