using Mandos.Client.Retrieval;

namespace Mandos.Client.Tests.Retrieval;

/// <summary>The whole loop in virtual time: what comes of attempts that fail, succeed or are given up.</summary>
public sealed class PasswordRetrievalTests : IAsyncDisposable
{
    private readonly RetrievalRig _rig = new();

    public ValueTask DisposeAsync() => _rig.DisposeAsync();

    [Fact]
    public async Task The_first_complete_success_wins_and_cancels_the_others()
    {
        _rig.Begin();
        _rig.Browser.Found("a", "10.0.0.1");
        var slow = await _rig.Attempts.NextAsync();
        _rig.Browser.Found("b", "10.0.0.2");
        (await _rig.LaterAsync()).Succeed("password");
        Assert.Equal("password", await _rig.PasswordAsync());
        Assert.True(slow.Token.IsCancellationRequested);
    }

    [Fact]
    public async Task An_internal_error_in_one_attempt_costs_neither_the_password_of_another_server_nor_its_own_retries()
    {
        _rig.Begin();
        _rig.Browser.Found("a", "10.0.0.1");
        (await _rig.Attempts.NextAsync()).Break();
        await _rig.WarnedAsync("test: warning: server 10.0.0.1:1: internal error: InvalidOperationException: as told");
        _rig.Browser.Found("b", "10.0.0.2");
        var good = await _rig.LaterAsync();
        while (good.Candidate.EndPoint.Address.ToString() != "10.0.0.2")
        {
            good.Break();
            good = await _rig.LaterAsync();
        }

        good.Succeed("password");
        Assert.Equal("password", await _rig.PasswordAsync());
    }

    [Fact]
    public async Task A_failed_attempt_is_retried_after_the_pause()
    {
        _rig.Begin();
        _rig.Browser.Found("a", "10.0.0.1");
        (await _rig.Attempts.NextAsync()).Fail();
        await _rig.PassAsync(9_000);
        Assert.Equal(0, _rig.Attempts.Waiting);
        (await _rig.LaterAsync()).Succeed("late");
        Assert.Equal("late", await _rig.PasswordAsync());
    }

    [Fact]
    public async Task An_unreachable_server_is_retried_before_the_whole_pause_is_over()
    {
        _rig.BeginWith(TimeSpan.FromDays(1), "10.9.9.9:9");
        (await _rig.Attempts.NextAsync()).FailUnreachable();
        var again = await _rig.LaterAsync().WaitAsync(RetrievalRig.Patience, TestContext.Current.CancellationToken);
        Assert.Equal("10.9.9.9:9", again.Candidate.ToString());
    }

    [Fact]
    public async Task A_password_received_by_an_abandoned_attempt_is_not_lost()
    {
        _rig.Begin("10.0.0.1:9");
        var first = await _rig.Attempts.NextAsync();
        _rig.Retrieval!.Tell(new RetrievalEvent.InterfaceUsable(3, "eth0"));
        await _rig.Attempts.NextAsync();
        first.Succeed("from the first");
        Assert.Equal("from the first", await _rig.PasswordAsync());
    }

    [Fact]
    public async Task Retrieval_stops_when_it_is_cancelled()
    {
        _rig.Begin("10.0.0.1:9");
        var attempt = await _rig.Attempts.NextAsync();
        await _rig.Stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => _rig.Running!.WaitAsync(RetrievalRig.Patience, TestContext.Current.CancellationToken));
        Assert.True(attempt.Token.IsCancellationRequested);
    }

    [Fact]
    public async Task An_unsigned_message_waits_for_a_signed_one_of_another_server()
    {
        _rig.Begin();
        _rig.Browser.Found("rogue", "10.0.0.1");
        (await _rig.Attempts.NextAsync()).SucceedUnsigned("rogue");
        await _rig.WarnedAsync("its message is not signed");
        _rig.Browser.Found("good", "10.0.0.2");
        var good = await _rig.LaterAsync();
        await _rig.PassAsync(1_000);
        Assert.False(_rig.Running!.IsCompleted);
        good.Succeed("good");
        Assert.Equal("good", await _rig.PasswordAsync());
    }

    [Fact]
    public async Task An_unsigned_message_is_used_after_a_grace_period()
    {
        _rig.Begin();
        _rig.Browser.Found("old", "10.0.0.1");
        (await _rig.Attempts.NextAsync()).SucceedUnsigned("first");
        await _rig.WarnedAsync("its message is not signed");
        await _rig.PassAsync(2_750);
        Assert.False(_rig.Running!.IsCompleted);
        await _rig.PassAsync(250);
        Assert.Equal("first", await _rig.PasswordAsync());
    }

    [Fact]
    public async Task An_unsigned_message_of_the_only_possible_server_is_used_at_once()
    {
        _rig.Begin(new NamedServers([RetrievalRig.Server("10.0.0.1:9")]), browser: null, TimeSpan.FromSeconds(10));
        (await _rig.Attempts.NextAsync()).SucceedUnsigned("only");
        Assert.Equal("only", await _rig.PasswordAsync());
    }
}
