namespace Mandos.Core.Durations;

/// <summary>A pause that doubles each time it is taken, up to a limit.</summary>
public sealed class GrowingPause(TimeSpan first, TimeSpan longest)
{
    private int _doublings;

    /// <summary>The next pause.</summary>
    public TimeSpan Next => first * Math.Pow(2, _doublings) is var pause && pause < longest ? pause : longest;

    /// <summary>Returns the next pause, and doubles it.</summary>
    public TimeSpan Take()
    {
        var pause = Next;
        if (pause < longest)
            _doublings++;
        return pause;
    }

    /// <summary>Starts again with the first pause.</summary>
    public void Reset() => _doublings = 0;
}
