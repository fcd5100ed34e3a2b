using Microsoft.Extensions.Time.Testing;

namespace Mandos.Server.Tests.Clients;

/// <summary>Virtual time with a wall clock that can be set; what is due and the timers go on as before.</summary>
internal sealed class TwoClocks : TimeProvider
{
    private readonly FakeTimeProvider _inner = new(new DateTimeOffset(2026, 11, 23, 8, 0, 0, TimeSpan.Zero));

    /// <summary>How far the wall clock was set from where it would be.</summary>
    internal TimeSpan Jump { get; set; }

    public override long TimestampFrequency => _inner.TimestampFrequency;

    public override DateTimeOffset GetUtcNow() => _inner.GetUtcNow() + Jump;

    public override long GetTimestamp() => _inner.GetTimestamp();

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        _inner.CreateTimer(callback, state, dueTime, period);

    internal void Advance(TimeSpan span) => _inner.Advance(span);
}
