using Mandos.Server.Clients;
using Mandos.Server.Clients.Registry;
using Mandos.Server.Logging;
using Microsoft.Extensions.Logging;
using static Mandos.Server.Tests.Clients.ClientStory;

namespace Mandos.Server.Tests.Clients;

/// <summary>The lives of clients in the log.</summary>
public class ClientJournalTests
{
    [Fact]
    public void Each_change_that_affects_who_gets_a_secret_is_logged_on_one_line()
    {
        var lines = Tell(Guarded, story =>
        {
            story.Do(new ClientEvent.SecretRequested(1));
            story.Do(new ClientEvent.Decide(true));
            story.Do(new ClientEvent.Decide(false));
            story.Do(new ClientEvent.Disable());
            story.Do(new ClientEvent.Enable());
            story.Configure(s => s with { Host = "other", ApprovedByDefault = true });
            story.Do(new ClientEvent.ReplaceSecret(Secret("other")));
            story.Do(new ClientEvent.StopChecker());
            story.After(TimeSpan.FromMinutes(5));
            story.Do(new ClientEvent.Remove());
        });
        Assert.Equal(
        [
            "mandos: info: client [machine]: asks for its secret; is refused in 00:00:10 unless an operator decides",
            "mandos: info: client [machine]: approved by an operator, for 00:00:01",
            "mandos: warning: client [machine]: denied by an operator, for 00:00:01",
            "mandos: info: client [machine]: disabled",
            "mandos: info: client [machine]: enabled",
            "mandos: info: client [machine]: changed: ApprovedByDefault, Host",
            "mandos: info: client [machine]: changed: Secret",
            "mandos: warning: client [machine]: disabled, no check succeeded in time",
            "mandos: info: client [machine]: removed",
        ], lines);
    }

    [Fact]
    public void A_checker_that_cannot_be_started_is_logged_as_a_warning_only_once() =>
        Assert.Equal(
        [
            "mandos: warning: client [machine]: cannot be checked: there is no 'nosuch'",
            "mandos: info: client [machine]: cannot be checked: there is no 'nosuch'",
        ], Tell(Settings with { Checker = "%(nosuch)s" }, story =>
        {
            story.After(TimeSpan.FromMinutes(1));
            story.After(TimeSpan.FromMinutes(2));
        }));

    private static string[] Tell(ClientSettings settings, Action<ClientStory> happens)
    {
        var log = new StringWriter();
        using var channel = new LogChannel("/nonexistent/log", log, journal: null);
        using var loggers = LogChannelProvider.CreateFactory(channel, LogLevel.Information);
        var story =
            new ClientStory(settings)
            {
                Observer = new ClientJournal(
                loggers.CreateLogger(LogCategory.Decisions), loggers.CreateLogger(LogCategory.Checks))
            };
        happens(story);
        channel.Flush();
        return log.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }
}
