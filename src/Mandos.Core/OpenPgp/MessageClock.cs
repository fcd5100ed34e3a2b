namespace Mandos.Core.OpenPgp;

/// <summary>When the work on a message has to end.</summary>
/// <param name="Time">Where the time for <see cref="MessageLimits.MaxTime"/> comes from.</param>
/// <param name="Stop">Ends the work as if that time were up.</param>
public sealed record MessageClock(TimeProvider Time, CancellationToken Stop)
{
    /// <summary>The system's time.</summary>
    internal static MessageClock System { get; } = new(TimeProvider.System, CancellationToken.None);
}
