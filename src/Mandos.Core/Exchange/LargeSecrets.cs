namespace Mandos.Core.Exchange;

/// <summary>
/// Limits how many secrets above <see cref="Threshold"/> are received at once by exchanges that share this. Otherwise many servers together
/// could fill the memory of a machine in early boot, each within its own limit.
/// </summary>
public sealed class LargeSecrets : IDisposable
{
    /// <summary>Bytes. The message of a usual password has a hundredth of that.</summary>
    public const int Threshold = 64 << 10;

    /// <summary>How many are received at once.</summary>
    public const int AtOnce = 4;

    private readonly SemaphoreSlim _places = new(AtOnce);

    /// <summary>How long the rest of such a secret may take while it holds a place.</summary>
    public TimeSpan Time { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>The number of free places.</summary>
    internal int Free => _places.CurrentCount;

    /// <inheritdoc />
    public void Dispose() => _places.Dispose();

    /// <summary>Waits for a place, which is held until the result is disposed.</summary>
    internal async ValueTask<IDisposable> TakeAsync(CancellationToken cancellationToken)
    {
        await _places.WaitAsync(cancellationToken).ConfigureAwait(false);
        return new Place(_places);
    }

    private sealed class Place(SemaphoreSlim places) : IDisposable
    {
        public void Dispose() => places.Release();
    }
}
