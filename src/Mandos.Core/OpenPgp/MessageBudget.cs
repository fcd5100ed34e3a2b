namespace Mandos.Core.OpenPgp;

/// <summary>
/// What one message may still cost. All its layers draw on the same budget: a limit for each layer alone would multiply with
/// every compressed packet inside another.
/// </summary>
/// <param name="limits">How much it is in all.</param>
/// <param name="clock">When the work has to end.</param>
internal sealed class MessageBudget(MessageLimits limits, MessageClock clock)
{
    private readonly long _start = clock.Time.GetTimestamp();
    private int _packets;
    private int _inflated;
    private int _blocks;
    private int _privateOperations;

    /// <summary>The limits it was made of.</summary>
    public MessageLimits Limits => limits;

    /// <summary>The limit that the message went beyond; null while it keeps to all of them.</summary>
    public Failure? Exceeded { get; private set; }

    /// <summary>How many bytes may come out of the next compressed packet.</summary>
    public int Inflatable => Math.Min(limits.MaxContent, limits.MaxInflated - _inflated);

    /// <summary>One more packet, fillers included.</summary>
    public bool TakePacket() =>
        Take(ref _packets, 1, limits.MaxPackets, "packets") && TakeTime();

    /// <summary>So many bytes came out of a compressed packet.</summary>
    public bool TakeInflated(int count) => Take(ref _inflated, count, limits.MaxInflated, "bytes of decompressed data");

    /// <summary>One more block of compressed data, which may be empty and yet has to be read.</summary>
    public bool TakeBlock() => Take(ref _blocks, 1, limits.MaxBlocks, "compressed blocks") && TakeTime();

    /// <summary>One more operation with a secret key.</summary>
    public bool TakePrivateOperation() =>
        Take(ref _privateOperations, 1, limits.MaxPrivateOperations, "session keys to try") && TakeTime();

    /// <summary>False when the time is up.</summary>
    public bool TakeTime()
    {
        if (clock.Stop.IsCancellationRequested)
            Exceeded ??= Failure.TooLarge("its result is no longer needed");
        else if (clock.Time.GetElapsedTime(_start) > limits.MaxTime)
            Exceeded ??= Failure.TooLarge($"it takes longer than {limits.MaxTime.TotalSeconds} s to decrypt");
        return Exceeded is null;
    }

    private bool Take(ref int taken, int count, int limit, string what)
    {
        if (count > limit - taken)
            Exceeded ??= Failure.TooLarge($"it has more than {limit} {what}");
        else
            taken += count;
        return Exceeded is null;
    }
}

/// <summary>When the work on a message has to end.</summary>
/// <param name="Time">Where the time for <see cref="MessageLimits.MaxTime"/> comes from.</param>
/// <param name="Stop">Ends the work as if that time were up.</param>
public sealed record MessageClock(TimeProvider Time, CancellationToken Stop)
{
    /// <summary>The system's time.</summary>
    internal static MessageClock System { get; } = new(TimeProvider.System, CancellationToken.None);
}
