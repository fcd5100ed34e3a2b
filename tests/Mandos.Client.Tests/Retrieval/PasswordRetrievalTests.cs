using System.Net;
using System.Text;
using System.Threading.Channels;
using Mandos.Client.CommandLine;
using Mandos.Client.Retrieval;
using Mandos.Core.Discovery.Browsing;
using Mandos.Core.Discovery.Multicast;
using Mandos.Core.Secrets;
using Microsoft.Extensions.Time.Testing;

namespace Mandos.Client.Tests.Retrieval;

/// <summary>The whole loop in virtual time, with attempts and discovery that do as they are told.</summary>
public sealed class PasswordRetrievalTests : IAsyncLifetime
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);
    private readonly FakeTimeProvider _time = new();
    private readonly Attempts _attempts = new();
    private readonly Browser _browser = new();
    private readonly MessageCapture _messages = new();
    private readonly CancellationTokenSource _stop = new();
    private Task<SecretBuffer>? _running;
    private PasswordRetrieval? _retrieval;

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        if (_running is not null)
            await Task.WhenAny(_running);
        _stop.Dispose();
        _messages.Dispose();
    }

    [Fact]
    public async Task The_first_complete_success_wins_and_cancels_the_others()
    {
        Begin();
        _browser.Found("a", "10.0.0.1");
        var slow = await _attempts.NextAsync();
        _browser.Found("b", "10.0.0.2");
        (await LaterAsync()).Succeed("password");
        Assert.Equal("password", await PasswordAsync());
        Assert.True(slow.Token.IsCancellationRequested);
    }

    [Fact]
    public async Task An_internal_error_in_one_attempt_costs_neither_the_password_of_another_server_nor_its_own_retries()
    {
        Begin();
        _browser.Found("a", "10.0.0.1");
        (await _attempts.NextAsync()).Break();
        await WarnedAsync("test: warning: server 10.0.0.1:1: internal error: InvalidOperationException: as told");
        _browser.Found("b", "10.0.0.2");
        var good = await LaterAsync();
        while (good.Candidate.EndPoint.Address.ToString() != "10.0.0.2")
        {
            good.Break();
            good = await LaterAsync();
        }

        good.Succeed("password");
        Assert.Equal("password", await PasswordAsync());
    }

    [Fact]
    public async Task A_failed_attempt_is_retried_after_the_pause()
    {
        Begin();
        _browser.Found("a", "10.0.0.1");
        (await _attempts.NextAsync()).Fail();
        await PassAsync(9_000);
        Assert.Equal(0, _attempts.Waiting);
        (await LaterAsync()).Succeed("late");
        Assert.Equal("late", await PasswordAsync());
    }

    [Fact]
    public async Task An_unreachable_server_is_retried_before_the_whole_pause_is_over()
    {
        BeginWith(TimeSpan.FromDays(1), "10.9.9.9:9");
        (await _attempts.NextAsync()).FailUnreachable();
        var again = await LaterAsync().WaitAsync(Patience, TestContext.Current.CancellationToken);
        Assert.Equal("10.9.9.9:9", again.Candidate.ToString());
    }

    [Fact]
    public async Task The_current_activity_is_reported_once_after_the_delay_and_not_before_an_interface_is_usable()
    {
        Begin();
        await PassAsync(5_000);
        Assert.Empty(_messages.Read());
        _retrieval!.Tell(new RetrievalEvent.InterfaceUsable(3, "eth0"));
        await PassAsync(1_000);
        Assert.Empty(_messages.Read());
        await PassAsync(60_000);
        Assert.Equal(
            ["test: no Mandos server has responded on eth0 yet; still searching (multicast DNS, UDP port 5353)"], _messages.Read());
    }

    [Fact]
    public async Task No_password_from_the_only_server_is_reported_even_without_an_interface()
    {
        Begin(new NamedServers([Server("[fe80::1%eth0]:9")]), browser: null, TimeSpan.FromSeconds(10));
        await PassAsync(60_000);
        Assert.Equal(["test: no password from server [fe80::1%eth0]:9 yet (no usable interface); still trying"], _messages.Read());
    }

    [Fact]
    public async Task A_server_that_does_not_answer_is_reported_once_whenever_it_was_connected()
    {
        const string line = "test: server 10.9.9.9:9 has not answered yet; an operator may have to approve the request";
        Begin(new NamedServers([Server("10.9.9.9:9")]), browser: null, TimeSpan.FromSeconds(10));
        var attempt = await _attempts.NextAsync();
        await PassAsync(5_000);
        Assert.Equal(["test: no password from server 10.9.9.9:9 yet (no usable interface); still trying"], _messages.Read());
        attempt.Connect();
        await PassAsync(1_000);
        Assert.Empty(_messages.Read());
        await PassAsync(5_000);
        Assert.Equal([line], _messages.Read());
        attempt.Fail();
        await PassAsync(12_000);
        (await _attempts.NextAsync()).Connect();
        await PassAsync(60_000);
        Assert.DoesNotContain(line, _messages.Read());
    }

    [Fact]
    public async Task Named_servers_are_tried_before_any_is_found()
    {
        Begin("10.9.9.9:9");
        Assert.Equal("10.9.9.9:9", (await _attempts.NextAsync()).Candidate.ToString());
    }

    [Fact]
    public async Task A_link_local_server_is_tried_when_its_interface_is_usable_and_again_when_it_gets_an_address()
    {
        Begin("[fe80::1%eth0]:9");
        _retrieval!.Tell(new RetrievalEvent.InterfaceUsable(4, "eth1"));
        _retrieval.Tell(new RetrievalEvent.InterfaceUsable(3, "eth0"));
        var first = await _attempts.NextAsync();
        Assert.Equal("[fe80::1%3]:9", first.Candidate.ToString());
        first.Fail();
        _retrieval.Tell(new RetrievalEvent.InterfaceUsable(3, "eth0"));
        // No time passes at all.
        Assert.Equal("[fe80::1%3]:9", (await _attempts.NextAsync()).Candidate.ToString());
    }

    [Fact]
    public async Task A_hanging_connection_is_restarted_when_the_network_improves()
    {
        Begin("10.0.0.1:9");
        var hanging = await _attempts.NextAsync();
        _retrieval!.Tell(new RetrievalEvent.InterfaceUsable(3, "eth0"));
        var again = await _attempts.NextAsync();
        Assert.True(hanging.Token.IsCancellationRequested);
        Assert.Equal(3, again.InterfaceIndex);
        again.Connect();
        _retrieval.Tell(new RetrievalEvent.InterfaceUsable(3, "eth0"));
        _retrieval.Tell(new RetrievalEvent.InterfaceUsable(4, "eth1"));
        await PassAsync(300);
        Assert.False(again.Token.IsCancellationRequested);
        Assert.Equal(0, _attempts.Waiting);
    }

    [Fact]
    public async Task Discovery_uses_usable_interfaces_and_drops_the_others()
    {
        Begin();
        _retrieval!.Tell(new RetrievalEvent.InterfaceUsable(3, "eth0"));
        _retrieval.Tell(new RetrievalEvent.InterfaceGone(3));
        Assert.Equal("use 3", await _browser.Orders.ReadAsync(TestContext.Current.CancellationToken));
        Assert.Equal("forget 3", await _browser.Orders.ReadAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_server_is_not_tried_after_its_goodbye_unless_it_has_another_name()
    {
        Begin();
        _browser.Found("a", "10.0.0.1");
        _browser.Found("a2", "10.0.0.1");
        _browser.Found("b", "10.0.0.2");
        (await _attempts.NextAsync()).Fail();
        (await _attempts.NextAsync()).Fail();
        _browser.Gone("a", "10.0.0.1");
        _browser.Gone("b", "10.0.0.2");
        Assert.Equal("10.0.0.1:1", (await LaterAsync()).Candidate.ToString());
        await PassAsync(1_000);
        Assert.Equal(0, _attempts.Waiting);
    }

    [Fact]
    public async Task A_password_received_by_an_abandoned_attempt_is_not_lost()
    {
        Begin("10.0.0.1:9");
        var first = await _attempts.NextAsync();
        _retrieval!.Tell(new RetrievalEvent.InterfaceUsable(3, "eth0"));
        await _attempts.NextAsync();
        first.Succeed("from the first");
        Assert.Equal("from the first", await PasswordAsync());
    }

    [Fact]
    public async Task Retrieval_stops_when_it_is_cancelled()
    {
        Begin("10.0.0.1:9");
        var attempt = await _attempts.NextAsync();
        await _stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => _running!.WaitAsync(Patience, TestContext.Current.CancellationToken));
        Assert.True(attempt.Token.IsCancellationRequested);
    }

    [Fact]
    public async Task An_unsigned_message_waits_for_a_signed_one_of_another_server()
    {
        Begin();
        _browser.Found("rogue", "10.0.0.1");
        (await _attempts.NextAsync()).SucceedUnsigned("rogue");
        await WarnedAsync("its message is not signed");
        _browser.Found("good", "10.0.0.2");
        var good = await LaterAsync();
        await PassAsync(1_000);
        Assert.False(_running!.IsCompleted);
        good.Succeed("good");
        Assert.Equal("good", await PasswordAsync());
    }

    [Fact]
    public async Task An_unsigned_message_is_used_after_a_grace_period()
    {
        Begin();
        _browser.Found("old", "10.0.0.1");
        (await _attempts.NextAsync()).SucceedUnsigned("first");
        await WarnedAsync("its message is not signed");
        await PassAsync(2_750);
        Assert.False(_running!.IsCompleted);
        await PassAsync(250);
        Assert.Equal("first", await PasswordAsync());
    }

    [Fact]
    public async Task An_unsigned_message_of_the_only_possible_server_is_used_at_once()
    {
        Begin(new NamedServers([Server("10.0.0.1:9")]), browser: null, TimeSpan.FromSeconds(10));
        (await _attempts.NextAsync()).SucceedUnsigned("only");
        Assert.Equal("only", await PasswordAsync());
    }

    private void Begin(params string[] servers) => BeginWith(TimeSpan.FromSeconds(10), servers);

    private void BeginWith(TimeSpan retry, params string[] servers) =>
        Begin(new NamedServers([.. servers.Select(Server)]), _browser, retry);

    private void Begin(NamedServers named, Browser? browser, TimeSpan retry)
    {
        _retrieval = new(named, browser, _attempts, new AttemptSchedule(retry), TimeSpan.FromSeconds(2.5), _messages.Messages, _time);
        _running = _retrieval.RunAsync(_stop.Token);
    }

    private static ServerAddress Server(string text) =>
        ServerAddress.TryParse(text, out var server, out var error) ? server! : throw new FormatException(error);

    private async Task<string> PasswordAsync()
    {
        using var password = await _running!.WaitAsync(Patience, TestContext.Current.CancellationToken);
        return Encoding.UTF8.GetString(password.Span);
    }

    /// <summary>Lets the loop settle, passes time in small steps, lets it settle again.</summary>
    private async Task PassAsync(int milliseconds)
    {
        for (var passed = 0; passed < milliseconds; passed += 250)
        {
            await Task.Delay(5, TestContext.Current.CancellationToken);
            _time.Advance(TimeSpan.FromMilliseconds(Math.Min(250, milliseconds - passed)));
        }

        await Task.Delay(5, TestContext.Current.CancellationToken);
    }

    /// <summary>Waits for a warning; from here on what it is about counts time.</summary>
    private async Task WarnedAsync(string text)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(Patience);
        while (!_messages.Read().Any(line => line.Contains(text, StringComparison.Ordinal)))
            await Task.Delay(5, limit.Token);
    }

    /// <summary>The next attempt, for which time must pass.</summary>
    private async Task<Attempt> LaterAsync()
    {
        while (_attempts.Waiting == 0)
            await PassAsync(250);
        return await _attempts.NextAsync();
    }

    private sealed class Attempt(Candidate candidate, int interfaceIndex, Action connected, CancellationToken token)
    {
        private readonly TaskCompletionSource<AttemptOutcome> _outcome = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Candidate Candidate { get; } = candidate;

        public int InterfaceIndex { get; } = interfaceIndex;

        public CancellationToken Token { get; } = token;

        public Task<AttemptOutcome> Outcome => _outcome.Task;

        public void Connect() => connected();

        public void Fail() => _outcome.SetResult(new(null, "as told"));

        public void Break() => _outcome.SetException(new InvalidOperationException("as told"));

        public void FailUnreachable() => _outcome.SetResult(new(null, "as told", AttemptFailure.Unreachable));

        public void Succeed(string password) => Succeed(password, signed: true);

        public void SucceedUnsigned(string password) => Succeed(password, signed: false);

        private void Succeed(string password, bool signed) =>
            _outcome.SetResult(new(SecretBuffer.CopyOf(Encoding.UTF8.GetBytes(password)), "as told", Signed: signed));
    }

    private sealed class Attempts : IServerAttempt
    {
        private readonly Channel<Attempt> _started = Channel.CreateUnbounded<Attempt>();

        public int Waiting => _started.Reader.Count;

        public async Task<AttemptOutcome> RunAsync(
            Candidate candidate, int interfaceIndex, Action connected, CancellationToken cancellationToken)
        {
            var attempt = new Attempt(candidate, interfaceIndex, connected, cancellationToken);
            _started.Writer.TryWrite(attempt);
            var given = Task.Delay(Timeout.Infinite, cancellationToken);
            // An attempt that succeeds at the same moment as it is given up has succeeded.
            return await Task.WhenAny(attempt.Outcome, given, Task.Delay(Patience, CancellationToken.None)) == attempt.Outcome
                || !cancellationToken.IsCancellationRequested
                ? await attempt.Outcome
                : await attempt.Outcome.WaitAsync(TimeSpan.FromMilliseconds(200), CancellationToken.None).ContinueWith(
                    late =>
                        late.IsCompletedSuccessfully
                            ? late.Result
                            : throw new OperationCanceledException(cancellationToken), TaskScheduler.Default);
        }

        public async Task<Attempt> NextAsync() =>
            await _started.Reader.ReadAsync(TestContext.Current.CancellationToken).AsTask().WaitAsync(Patience);
    }

    private sealed class Browser : IServiceBrowser
    {
        private readonly Channel<ServiceEvent> _events = Channel.CreateUnbounded<ServiceEvent>();
        private readonly Channel<string> _orders = Channel.CreateUnbounded<string>();

        public ChannelReader<string> Orders => _orders.Reader;

        public void Found(string name, string address) =>
            _events.Writer.TryWrite(new(true, name, new IPEndPoint(IPAddress.Parse(address), 1), 3));

        public void Gone(string name, string address) =>
            _events.Writer.TryWrite(new(false, name, new IPEndPoint(IPAddress.Parse(address), 1), 3));

        public void UseInterface(int interfaceIndex) => _orders.Writer.TryWrite($"use {interfaceIndex}");

        public void ForgetInterface(int interfaceIndex) => _orders.Writer.TryWrite($"forget {interfaceIndex}");

        public IAsyncEnumerable<ServiceEvent> ReadEventsAsync(CancellationToken cancellationToken) =>
            _events.Reader.ReadAllAsync(cancellationToken);

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
