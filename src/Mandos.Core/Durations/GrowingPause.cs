namespace Mandos.Client.Hosting;

/// <summary>A pause that doubles each time it is taken, up to a limit.</summary>
internal sealed class GrowingPause(TimeSpan first, TimeSpan longest)
{
    private int _doublings;

    /// <summary>The pause to take now.</summary>
    internal TimeSpan Take()
    {
        var pause = first * Math.Pow(2, _doublings);
        if (pause >= longest)
            return longest;
        _doublings++;
        return pause;
    }

    /// <summary>Begins again with the first pause.</summary>
    internal void Reset() => _doublings = 0;
}
