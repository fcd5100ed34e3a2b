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
    private readonly ExpiryWarnings _warnings;
    private ClientState _client;

    public ExpiryWarningsTests()
    {
        _warnings = new(_failing, _time, _log);
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
    public void At_half_and_at_nine_tenths_of_the_timeout_with_the_reason_and_the_time_of_the_end()
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
    public void Not_while_checks_succeed()
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
    public void Again_in_the_next_row()
    {
        After(minutes: 9.5);
        Assert.Single(_log.Lines);
        Become(_client with { Expires = Moment.Now(_time) + TimeSpan.FromMinutes(10) });
        After(minutes: 5.1);
        Assert.Equal(2, _log.Lines.Count);
    }

    [Fact]
    public void Not_of_a_client_that_is_disabled_or_removed()
    {
        After(minutes: 4);
        Become(_client with { Enabled = false, Expires = null });
        After(minutes: 20);
        Become(_client with { Enabled = true, Expires = Moment.Now(_time) + TimeSpan.FromMinutes(10) });
        _warnings.Observe(new(_client, null, []));
        After(minutes: 20);

        Assert.Empty(_log.Lines);
    }

    private void After(double minutes) => _time.Advance(TimeSpan.FromMinutes(minutes));

    private void Become(ClientState client)
    {
        _warnings.Observe(new(_client, client, []));
        _client = client;
    }
}
