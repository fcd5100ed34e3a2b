using Mandos.Core.Durations;
using Mandos.Core.Keys;
using Mandos.Core.Secrets;

namespace Mandos.Server.Clients;

/// <summary>A machine that may fetch its password, as clients.conf describes it. Owns its secret.</summary>
internal sealed class Client : IDisposable
{
    /// <summary>The section's name.</summary>
    internal required string Name { get; init; }

    /// <summary>Who it is; null for one that is known by an OpenPGP fingerprint only and cannot be served.</summary>
    internal KeyId? KeyId { get; init; }

    /// <summary>OpenPGP fingerprint, upper case; told, never used.</summary>
    internal string Fingerprint { get; init; } = "";

    /// <summary>For checkers.</summary>
    internal string Host { get; init; } = "";

    /// <summary>What is delivered; opaque bytes, by convention an OpenPGP message.</summary>
    internal required SecretBuffer Secret { get; init; }

    /// <summary>Shell command with <c>%(attribute)s</c> still to be filled in.</summary>
    internal string Checker { get; init; } = "";

    internal Duration Timeout { get; init; }

    internal Duration ExtendedTimeout { get; init; }

    internal Duration Interval { get; init; }

    internal Duration ApprovalDelay { get; init; }

    internal Duration ApprovalDuration { get; init; }

    internal bool ApprovedByDefault { get; init; }

    /// <summary>Whether it gets its secret.</summary>
    internal bool Enabled { get; init; }

    /// <summary>
    /// It gets its secret only if somebody approves. In this version nobody can, so it gets none: better a machine that waits
    /// at its console than a secret handed out that was to be asked for.
    /// </summary>
    internal bool NeedsApproval => ApprovalDelay > Duration.Zero && !ApprovedByDefault;

    /// <summary>Wipes the secret.</summary>
    public void Dispose() => Secret.Dispose();
}
