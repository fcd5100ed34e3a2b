using System.Net.Sockets;
using Mandos.Client.Retrieval;
using Microsoft.Extensions.Time.Testing;

namespace Mandos.Client.Tests.Retrieval;

/// <summary>In virtual time, with connections that do as they are told.</summary>
public sealed class ConnectionRaceTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);
    private readonly FakeTimeProvider _time = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly List<Attempt> _attempts = [];
    private readonly Task<(Socket? Connection, SocketError Error)> _race;

    public ConnectionRaceTests() => _race = new ConnectionRace(
        cancellationToken =>
        {
            var attempt = new Attempt(cancellationToken);
            lock (_attempts)
                _attempts.Add(attempt);
            return attempt.Task;
        },
        _time).RunAsync(_stop.Token);

    public void Dispose() => _stop.Dispose();

    [Fact]
    public async Task An_attempt_that_connects_at_once_remains_the_only_one()
    {
        using var first = _attempts[0].Connect();

        Assert.Same(first, await WinnerAsync());
        Assert.Single(_attempts);
    }

    [Fact]
    public async Task A_second_connection_attempt_starts_while_the_first_hangs_and_may_win()
    {
        _time.Advance(TimeSpan.FromMilliseconds(999));
        await Task.Delay(20, TestContext.Current.CancellationToken);
        Assert.Single(_attempts);
        await UntilAsync(() => _attempts.Count == 2);

        using var second = _attempts[1].Connect();

        Assert.Same(second, await WinnerAsync());
        Assert.True(_attempts[0].Token.IsCancellationRequested);
    }

    [Fact]
    public async Task The_first_attempt_may_win_after_another_has_started()
    {
        await UntilAsync(() => _attempts.Count == 2);

        using var first = _attempts[0].Connect();

        Assert.Same(first, await WinnerAsync());
        Assert.True(_attempts[1].Token.IsCancellationRequested);
    }

    [Fact]
    public async Task An_attempt_that_connects_too_late_is_closed()
    {
        await UntilAsync(() => _attempts.Count == 2);
        _attempts[0].IgnoresCancellation = true;
        using var second = _attempts[1].Connect();
        // It is decided: the others are not wanted any more.
        while (!_attempts[0].Token.IsCancellationRequested)
            await Task.Delay(1, TestContext.Current.CancellationToken);

        using var late = _attempts[0].Connect();

        Assert.Same(second, await WinnerAsync());
        Assert.True(late.SafeHandle.IsClosed);
    }

    [Fact]
    public async Task A_refused_connection_is_reported_at_once()
    {
        _attempts[0].Fail(SocketError.ConnectionRefused);

        Assert.Equal((null, SocketError.ConnectionRefused), await _race.WaitAsync(Patience, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_refused_connection_does_not_cancel_the_other_attempts()
    {
        await UntilAsync(() => _attempts.Count == 2);
        _attempts[1].Fail(SocketError.AddressNotAvailable);
        await Task.Delay(20, TestContext.Current.CancellationToken);
        Assert.False(_race.IsCompleted);

        using var first = _attempts[0].Connect();

        Assert.Same(first, await WinnerAsync());
    }

    [Fact]
    public async Task The_number_and_the_time_of_attempts_are_limited()
    {
        await UntilAsync(() => _race.IsCompleted);

        Assert.Equal((null, SocketError.TimedOut), await _race.WaitAsync(Patience, TestContext.Current.CancellationToken));
        Assert.Equal(3, _attempts.Count);
        Assert.All(_attempts, a => Assert.True(a.Token.IsCancellationRequested));
    }

    [Fact]
    public async Task Cancelling_the_race_cancels_all_attempts()
    {
        await UntilAsync(() => _attempts.Count == 2);

        await _stop.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => _race.WaitAsync(Patience, TestContext.Current.CancellationToken));
        Assert.All(_attempts, a => Assert.True(a.Token.IsCancellationRequested));
    }

    private async Task<Socket?> WinnerAsync()
    {
        var (connection, error) = await _race.WaitAsync(Patience, TestContext.Current.CancellationToken);
        Assert.Equal(SocketError.Success, error);
        Assert.False(connection?.SafeHandle.IsClosed);
        return connection;
    }

    /// <summary>Lets time pass, and others do what follows from it.</summary>
    private async Task UntilAsync(Func<bool> condition)
    {
        for (var steps = 0; !IsTrue(); steps++)
        {
            Assert.InRange(steps, 0, 1000);
            _time.Advance(TimeSpan.FromMilliseconds(100));
            await Task.Delay(5, TestContext.Current.CancellationToken);
        }

        bool IsTrue()
        {
            lock (_attempts)
                return condition();
        }
    }

    private sealed class Attempt
    {
        private readonly TaskCompletionSource<Socket> _end = new(TaskCreationOptions.RunContinuationsAsynchronously);

        internal Attempt(CancellationToken token)
        {
            Token = token;
            token.Register(() =>
            {
                if (!IgnoresCancellation)
                    _end.TrySetCanceled(token);
            });
        }

        internal CancellationToken Token { get; }

        internal bool IgnoresCancellation { get; set; }

        internal Task<Socket> Task => _end.Task;

        /// <summary>Of a socket that is connected to nothing.</summary>
        internal Socket Connect()
        {
            var connection = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            _end.SetResult(connection);
            return connection;
        }

        internal void Fail(SocketError error) => _end.SetException(new SocketException((int)error));
    }
}
