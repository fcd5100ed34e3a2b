using Mandos.Server.Clients;
using Mandos.Server.Clients.Registry;
using Mandos.Server.Tests.Bus;
using Microsoft.Extensions.Logging.Abstractions;

namespace Mandos.Server.Tests.Clients;

/// <summary>Why a client may have its secret, in debug output.</summary>
public sealed class ReleaseReasonTests
{
    private readonly LinesLogger _log = new();

    [Fact]
    public void The_reason_for_a_release_is_logged()
    {
        var story = new ClientStory();
        Tell(story, new ClientEvent.SecretRequested(1));

        Assert.Matches(
            @"client \[machine\]: may have its secret: enabled until \d{4}-\d\d-\d\d \d\d:\d\d:\d\dZ, last checked never; it needs no approval$",
            _log.Lines[^1]);
    }

    [Fact]
    public void An_approval_is_logged_as_the_reason_for_a_release()
    {
        var story = new ClientStory(ClientStory.Guarded);
        Tell(story, new ClientEvent.SecretRequested(1));
        Assert.EndsWith(
            "client [machine]: asks for its secret; is refused in 00:00:10 unless an operator decides", _log.Lines[^1],
            StringComparison.Ordinal);
        Tell(story, new ClientEvent.Decide(Approved: true));

        Assert.Contains("approved by an operator", _log.Lines[^2], StringComparison.Ordinal);
        Assert.EndsWith("; an operator approved it", _log.Lines[^1], StringComparison.Ordinal);
    }

    [Fact]
    public void Approval_by_default_is_logged()
    {
        var story = new ClientStory(ClientStory.Guarded with { ApprovedByDefault = true });
        Tell(story, new ClientEvent.SecretRequested(1));
        story.Time.Advance(TimeSpan.FromSeconds(11));
        Tell(story, new ClientEvent.TimePassed());

        Assert.EndsWith("; no operator decided, and it is approved by default", _log.Lines[^1], StringComparison.Ordinal);
    }

    private void Tell(ClientStory story, ClientEvent happening)
    {
        story.Do(happening);
        new ClientJournal(_log, NullLogger.Instance).Observe(story.Last);
    }
}
