using Mandos.Core.Secrets;

namespace Mandos.Client.Retrieval;

/// <summary>
/// The password from the first message without a valid signature. It is used if no signed message arrives within a grace period.
/// </summary>
internal sealed class UnsignedPassword
{
    /// <summary>How long to wait for a signed message from another server.</summary>
    internal static readonly TimeSpan Grace = TimeSpan.FromSeconds(3);

    private SecretBuffer? _password;

    /// <summary>When the password may be used; null if there is none.</summary>
    internal TimeSpan? DueAt { get; private set; }

    /// <summary>Takes over a password. False if there is one already; the new one is then wiped.</summary>
    internal bool Keep(SecretBuffer password, TimeSpan now)
    {
        if (_password is not null)
        {
            password.Dispose();
            return false;
        }

        _password = password;
        DueAt = now + Grace;
        return true;
    }

    /// <summary>Returns the password, which the caller then owns, after the grace period; otherwise null.</summary>
    internal SecretBuffer? TakeDue(TimeSpan now)
    {
        if (DueAt is null || now < DueAt)
            return null;
        var password = _password;
        _password = null;
        DueAt = null;
        return password;
    }

    /// <summary>Wipes the password if it was not taken.</summary>
    internal void Forget() => _password?.Dispose();
}
