using Mandos.Server.Clients;

namespace Mandos.Server.Tests.Clients;

/// <summary>
/// What may become of a client, told in another way than the machine tells it: from the list of what happened, by the
/// monotonic clock alone, in ticks. Fails when the machine does something else.
/// </summary>
internal sealed class ClientOracle
{
    private readonly Dictionary<long, (long Asked, long Delay)> _open = [];
    private readonly HashSet<long> _answered = [];
    private readonly HashSet<long> _released = [];
    private readonly HashSet<long> _given = [];
    private readonly HashSet<long> _runs = [];
    private ClientSettings _settings;
    private ClientSecret _secret;
    private (bool Approved, long Until)? _decision;
    private long? _own;
    private long? _maintenance;
    private long? _run;
    private bool _isWell;
    private bool _hadLastCheck;

    internal ClientOracle(ClientState state)
    {
        _settings = state.Settings;
        _secret = state.Secret;
        IsEnabled = state.Enabled;
        _own = state.Expires?.Monotonic.Ticks;
        _maintenance = state.Maintenance?.Monotonic.Ticks;
        _isWell = state is { LastCheckedOk: not null, LastCheckerStatus: 0 };
    }

    internal bool IsEnabled { get; private set; }

    /// <summary>The end: its own, but behind maintenance one check at the earliest.</summary>
    private long? End => _maintenance is { } end && _own is { } own ? Math.Max(own, AfterCheck(end)) : _own;

    /// <summary>One step, and what the machine made of it.</summary>
    internal void Follow(ClientEvent happening, Moment moment, ClientTransition step)
    {
        var now = moment.Monotonic.Ticks;
        if (happening is ClientEvent.StoodStill(var span, _))
            StandStill(now, span.Ticks);
        else if (_decision?.Until <= now)
            _decision = null;
        EndMaintenance(now);
        if (_own <= now && _maintenance is null && happening is not ClientEvent.Started)
            Die();
        if (happening is ClientEvent.SecretRequested(var id) && IsEnabled)
            _open.Add(id, (now, _settings.ApprovalDelay.Value.Ticks));
        if (happening is ClientEvent.Decide(var approved))
            _decision = (approved, now + _settings.ApprovalDuration.Value.Ticks);
        var isDeciding = happening is ClientEvent.Decide;
        if (happening is ClientEvent.ReplaceSecret(var secret))
            _secret = secret;
        Live(happening, now);
        foreach (var effect in step.Effects)
            Follow(effect, happening, now, isDeciding);
        if (happening is ClientEvent.RequestEnded(var ended, _, _))
            _open.Remove(ended);
        Assert.Equal(happening is ClientEvent.Remove, step.After is null);
        if (step.After is { } after)
        {
            Compare(after, now);
            Assert.False(step.Before!.Enabled && !after.Enabled && after.Checker is not null, "the check of a disabled client goes on");
        }

        CheckProperties(step);
    }

    /// <summary>Those who waited lost no time; a client that is well has one more check, and not two.</summary>
    private void StandStill(long now, long span)
    {
        foreach (var id in _open.Keys.Except(_released).ToList())
            _open[id] = (_open[id].Asked + span, _open[id].Delay);
        if (_decision is { } decision)
            _decision = decision with { Until = decision.Until + span };
        if (!IsEnabled || !(_isWell || _maintenance is not null) || End is not { } end)
            return;
        var life = now + _settings.Interval.Value.Ticks + TimeSpan.TicksPerSecond * 10;
        if (_hadLastCheck)
            life = end < now - span ? end : Math.Min(life, end + span);
        if (life <= end)
            return;
        _own = life;
        _hadLastCheck = true;
    }

    private void Die()
    {
        IsEnabled = false;
        _own = _maintenance = null;
    }

    private long AfterCheck(long from) => from + _settings.Interval.Value.Ticks + TimeSpan.TicksPerSecond * 10;

    private void EndMaintenance(long now)
    {
        if (_maintenance > now || _maintenance is null)
            return;
        _own = End;
        _maintenance = null;
    }

    private void Live(ClientEvent happening, long now)
    {
        switch (happening)
        {
            case ClientEvent.Started when IsEnabled:
                _own = Math.Max(_own ?? 0, now + _settings.Timeout.Value.Ticks);
                break;
            case ClientEvent.Maintain(var span) when IsEnabled && span > TimeSpan.Zero:
                _maintenance = now + span.Ticks;
                break;
            case ClientEvent.Maintain when IsEnabled && _maintenance is not null:
                _own = Math.Max(_own!.Value, AfterCheck(now));
                _maintenance = null;
                break;
            case ClientEvent.Enable when !IsEnabled:
                IsEnabled = true;
                _hadLastCheck = false;
                _own = now + _settings.Timeout.Value.Ticks;
                break;
            case ClientEvent.Disable:
                Die();
                break;
            case ClientEvent.CheckedOk:
                MarkAlive(now);
                break;
            case ClientEvent.CheckerEnded(var run, var exit) when run == _run:
                _hadLastCheck = false;
                _isWell = false;
                if (exit is { ExitCode: 0, Signal: null })
                    MarkAlive(now);
                break;
            case ClientEvent.RequestEnded(var id, true, false) when IsEnabled && _released.Contains(id) && _open.ContainsKey(id):
                _own = now + _settings.ExtendedTimeout.Value.Ticks;
                break;
            case ClientEvent.Configure(var settings):
                if (settings.Interval.Value == TimeSpan.Zero)
                    settings = settings with { Interval = _settings.Interval };
                if (settings.Timeout != _settings.Timeout)
                    _own += settings.Timeout.Value.Ticks - _settings.Timeout.Value.Ticks;
                if (_own <= now && settings.Timeout != _settings.Timeout && _maintenance is null)
                    Die();
                _settings = settings;
                break;
        }
    }

    /// <summary>Never shorter than before: the time to boot is not cut short.</summary>
    private void MarkAlive(long now)
    {
        _isWell = true;
        _hadLastCheck = false;
        if (IsEnabled)
            _own = Math.Max(_own!.Value, now + _settings.Timeout.Value.Ticks);
    }

    private void Follow(ClientEffect effect, ClientEvent happening, long now, bool isDeciding)
    {
        switch (effect)
        {
            case ClientEffect.Release(var id, var secret):
                Assert.True(_answered.Add(id), "two answers");
                _released.Add(id);
                CheckRelease(id, secret, now, isDeciding);
                break;
            case ClientEffect.Refuse(var id, _):
                Assert.True(_answered.Add(id), "two answers");
                Assert.True(_open.Remove(id) || happening is ClientEvent.SecretRequested, "an answer without a request");
                break;
            case ClientEffect.SecretGiven(var id):
                Assert.True(_given.Add(id), "given twice");
                Assert.True(
                    _released.Contains(id) && happening is ClientEvent.RequestEnded { Delivered: true } end && end.Request == id,
                    "given without a delivery");
                break;
            case ClientEffect.StartChecker(var run):
                Assert.True(_run is null, "two checks at once");
                Assert.True(_runs.Add(run.Id), "a check started twice");
                _run = run.Id;
                break;
            case ClientEffect.StopChecker(var run):
                Assert.Equal(_run, run.Id);
                _run = null;
                break;
            case ClientEffect.CheckerCompleted { Problem: not null }:
                _isWell = false;
                break;
            case ClientEffect.CheckerCompleted completed:
                Assert.Equal(_run, completed.Run.Id);
                _run = null;
                break;
        }
    }

    private void CheckRelease(long id, ClientSecret secret, long now, bool isDeciding)
    {
        Assert.True(IsEnabled, "released to a disabled client");
        Assert.True(now < End, "released after the end of its life");
        Assert.Same(_secret, secret);
        var (asked, delay) = _open[id];
        if (delay == 0)
            return;
        var isDecided = _decision is { } decision && (isDeciding || now < decision.Until);
        Assert.False(isDecided && !_decision!.Value.Approved, "released against a decision");
        Assert.True(isDecided || (_settings.ApprovedByDefault && now >= asked + delay), "released without an approval");
    }

    private void Compare(ClientState after, long now)
    {
        Assert.Equal(IsEnabled, after.Enabled);
        Assert.Equal(End, after.Expires?.Monotonic.Ticks);
        Assert.Equal(_maintenance, after.Maintenance?.Monotonic.Ticks);
        Assert.Equal(IsEnabled, after.NextCheck is not null);
        Assert.Equal(_run, after.Checker?.Id);
        // A life of no time ends at the next opportunity, not in the step that began it.
        Assert.True(after.NextDue is not { } due || due.Ticks >= now, "something that is due was not done");
        foreach (var request in after.Requests.Where(r => r.Phase == SecretRequestPhase.Waiting))
        {
            Assert.True(IsEnabled, "a request waits for a decision that cannot come");
            Assert.False(_decision is { } decision && now < decision.Until, "a request waits for a decision that was made");
            Assert.DoesNotContain(request.Id, _answered);
        }

        Assert.Equal(_open.Keys.Order(), after.Requests.Select(r => r.Id).Order());
    }

    /// <summary>What differs is told once, what does not is not.</summary>
    private static void CheckProperties(ClientTransition step)
    {
        var told = step.Effects.OfType<ClientEffect.Changed>().Select(c => c.Property).Order().ToList();
        if (step is not { Before: { } before, After: { } after })
        {
            Assert.Empty(told);
            return;
        }

        Assert.Equal(Enum.GetValues<ClientProperty>().Where(p => !Equals(Shown(before, p), Shown(after, p))), told);
    }

    private static object? Shown(ClientState state, ClientProperty property) => property switch
    {
        ClientProperty.ApprovalPending => state.Requests.Any(r => r.NeededApproval),
        ClientProperty.CheckerRunning => state.Checker is not null,
        ClientProperty.Enabled => state.Enabled,
        ClientProperty.Expires => state.Expires?.Wall,
        ClientProperty.LastApprovalRequest => state.LastApprovalRequest,
        ClientProperty.LastCheckedOK => state.LastCheckedOk,
        ClientProperty.LastCheckerStatus => state.LastCheckerStatus,
        ClientProperty.LastDisabled => state.LastDisabled,
        ClientProperty.LastEnabled => state.LastEnabled,
        ClientProperty.Maintenance => state.Maintenance?.Wall,
        ClientProperty.Secret => System.Text.Encoding.ASCII.GetString(state.Secret.Memory.Span),
        ClientProperty.SecretsGiven => state.SecretsGiven,
        ClientProperty.ApprovalDelay => state.Settings.ApprovalDelay,
        ClientProperty.ApprovalDuration => state.Settings.ApprovalDuration,
        ClientProperty.ApprovedByDefault => state.Settings.ApprovedByDefault,
        ClientProperty.Checker => state.Settings.Checker,
        ClientProperty.ExtendedTimeout => state.Settings.ExtendedTimeout,
        ClientProperty.Host => state.Settings.Host,
        ClientProperty.Interval => state.Settings.Interval,
        ClientProperty.Timeout => state.Settings.Timeout,
        _ => throw new ArgumentOutOfRangeException(nameof(property)),
    };
}
