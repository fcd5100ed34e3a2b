using Mandos.Core.Linux.Processes;
using Mandos.Server.Checkers;
using Mandos.Server.Clients;
using Mandos.Server.Tests.Clients;

namespace Mandos.Server.Tests.Checkers;

/// <summary>Warnings of clients that will be disabled.</summary>
public sealed class ExpiryWarningsTests : IDisposable
{
    private readonly TwoClocks _time = new();
    private readonly LogLines _log = new();
    private readonly FailingChecks _failing = new();
    private ExpiryWarnings _warnings;
    private ClientState _client;

    public ExpiryWarningsTests()
    {
        _warnings = new(DisableWarning.Usual, _failing, _time, _log);
        _client = ClientState.FirstSeen(
            ClientStory.Definition("a", ClientStory.Settings with { Timeout = new(TimeSpan.FromMinutes(10)) }), Moment.Now(_time));
        Become(_client with { Expires = Moment.Now(_time) + TimeSpan.FromMinutes(10) });
    }

    public void Dispose()
    {
        _warnings.Dispose();
        _client.Secret.Dispose();
    }

    [Fact]
    public void A_warning_with_reason_and_expiry_is_logged_at_half_and_at_nine_tenths_of_the_timeout()
    {
        var end = $"{_client.Expires!.Value.Wall:u}";
        After(minutes: 4.9);
        Assert.Empty(_log.Lines);

        After(minutes: 0.2);
        _failing.Add("a", new(ChildExit.Exited(1), "no such host"));
        After(minutes: 3.8);
        Assert.Equal(
            [$"Warning: client [a]: will be disabled at {end} unless a check succeeds; last check: none has finished"], _log.Lines);

        After(minutes: 0.2);
        Assert.Equal(
            $"Warning: client [a]: will be disabled at {end} unless a check succeeds; last check: exit status 1: no such host",
            _log.Lines.Skip(1).Single());

        After(minutes: 20);
        Assert.Equal(2, _log.Lines.Count);
    }

    [Fact]
    public void There_is_no_warning_while_checks_succeed()
    {
        for (var i = 0; i < 10; i++)
        {
            After(minutes: 4);
            Become(_client with { Expires = Moment.Now(_time) + TimeSpan.FromMinutes(10) });
        }

        Assert.Empty(_log.Lines);
        After(minutes: 5.1);
        Assert.Single(_log.Lines);
    }

    [Fact]
    public void A_client_that_recovered_is_warned_about_again()
    {
        After(minutes: 9.5);
        Assert.Single(_log.Lines);
        Become(_client with { Expires = Moment.Now(_time) + TimeSpan.FromMinutes(10) });
        After(minutes: 5.1);
        Assert.Equal(2, _log.Lines.Count);
    }

    [Fact]
    public void There_is_no_warning_about_a_disabled_or_removed_client()
    {
        After(minutes: 4);
        Become(_client with { Enabled = false, Expires = null });
        After(minutes: 20);
        Become(_client with { Enabled = true, Expires = Moment.Now(_time) + TimeSpan.FromMinutes(10) });
        _warnings.Observe(new(_client, null, []));
        After(minutes: 20);

        Assert.Empty(_log.Lines);
    }

    [Theory]
    [InlineData("", "")]
    [InlineData("75", "2.5")]
    [InlineData("10,75,50", "2.5 5 9")]
    public void The_configuration_sets_at_which_shares_of_the_timeout_a_warning_comes(string shares, string minutes)
    {
        Configure(shares);
        var at = new List<double>();
        for (var minute = 0.5; minute < 10; minute += 0.5)
        {
            After(minutes: 0.5);
            if (_log.Lines.Count > at.Count)
                at.Add(minute);
        }

        Assert.Equal(minutes, string.Join(' ', at.Select(m => m.ToString(System.Globalization.CultureInfo.InvariantCulture))));
    }

    [Fact]
    public void An_observer_receives_the_warning_with_the_exit_code_and_the_time_left()
    {
        var observer = new Recorder();
        _warnings.Join(observer);
        _failing.Add("a", new(ChildExit.Exited(1), "no such host"));
        Become(_client with { LastCheckerStatus = 1 });
        After(minutes: 5);

        Assert.Equal(
            [new ExpiryWarning("a", _client.Expires!.Value.Wall, TimeSpan.FromMinutes(5), 1, "exit status 1: no such host")],
            observer.Warnings);
    }

    [Theory]
    [InlineData(ClientState.NoCheckYet, "none has finished")]
    [InlineData(ClientState.CheckKilled, "it was killed by a signal, or could not be started")]
    [InlineData(0, "it succeeded")]
    [InlineData(2, "exit status 2")]
    public void Without_output_of_a_check_the_reason_is_its_saved_result(int status, string reason)
    {
        Become(_client with { LastCheckerStatus = status });
        After(minutes: 5);

        Assert.EndsWith($"last check: {reason}", Assert.Single(_log.Lines), StringComparison.Ordinal);
    }

    private void Configure(string shares)
    {
        Assert.True(DisableWarning.TryParse(shares, out var warning));
        _warnings.Dispose();
        _warnings = new(warning, _failing, _time, _log);
        _warnings.Look(_client);
    }

    private void After(double minutes) => _time.Advance(TimeSpan.FromMinutes(minutes));

    private void Become(ClientState client)
    {
        _warnings.Observe(new(_client, client, []));
        _client = client;
    }

    private sealed class Recorder : IWarningObserver
    {
        internal List<ExpiryWarning> Warnings { get; } = [];

        public void Warn(ExpiryWarning warning) => Warnings.Add(warning);
    }
}
