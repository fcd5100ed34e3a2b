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
