namespace Mandos.Core.OpenPgp;

/// <summary>
/// The remaining budget of one message. All layers share it, because separate limits would multiply with each nested compressed packet.
/// </summary>
/// <param name="limits">The total limits.</param>
/// <param name="clock">The clock and the deadline.</param>
internal sealed class MessageBudget(MessageLimits limits, MessageClock clock)
{
    private readonly long _start = clock.Time.GetTimestamp();
    private int _packets;
    private int _inflated;
    private int _blocks;
    private int _privateOperations;

    /// <summary>The total limits.</summary>
    public MessageLimits Limits => limits;

    /// <summary>The limit that the message exceeded; null if none.</summary>
    public Failure? Exceeded { get; private set; }

    /// <summary>How many bytes the next compressed packet may expand to.</summary>
    public int Inflatable => Math.Min(limits.MaxContent, limits.MaxInflated - _inflated);

    /// <summary>Counts one packet, including fillers.</summary>
    public bool TakePacket() =>
        Take(ref _packets, 1, limits.MaxPackets, "packets") && TakeTime();

    /// <summary>Counts bytes that a compressed packet expanded to.</summary>
    public bool TakeInflated(int count) => Take(ref _inflated, count, limits.MaxInflated, "bytes of decompressed data");

    /// <summary>Counts one block of compressed data, which may be empty but must still be read.</summary>
    public bool TakeBlock() => Take(ref _blocks, 1, limits.MaxBlocks, "compressed blocks") && TakeTime();

    /// <summary>Counts one operation with a secret key.</summary>
    public bool TakePrivateOperation() =>
        Take(ref _privateOperations, 1, limits.MaxPrivateOperations, "session keys to try") && TakeTime();

    /// <summary>False if the time limit has passed.</summary>
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

/// <summary>When the work on a message must end.</summary>
/// <param name="Time">The clock for <see cref="MessageLimits.MaxTime"/>.</param>
/// <param name="Stop">Ends the work like the time limit.</param>
public sealed record MessageClock(TimeProvider Time, CancellationToken Stop)
{
    /// <summary>The system's time.</summary>
    internal static MessageClock System { get; } = new(TimeProvider.System, CancellationToken.None);
}
