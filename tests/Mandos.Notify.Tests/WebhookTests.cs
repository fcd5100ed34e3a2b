using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Mandos.Notify.Configuration;
using Mandos.Notify.Events;
using Mandos.Notify.Sending;
using Microsoft.Extensions.Time.Testing;

namespace Mandos.Notify.Tests;

/// <summary>Webhooks, with a real HTTP server.</summary>
public sealed class WebhookTests : IDisposable
{
    private readonly HttpClient _http = WebhookTarget.CreateHttpClient();
    private readonly FakeTimeProvider _time = new(Clients.Now);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _http.Dispose();

    [Fact]
    public async Task The_receiver_can_verify_the_signature()
    {
        await using var receiver = await Receiver.StartAsync();
        Assert.Equal(SendOutcome.Sent, await SendAsync(receiver, WebhookFormat.Json, secret: "swordfish", token: "tk_1"));
        var request = Assert.Single(receiver.Requests);
        Assert.Equal("Bearer tk_1", request.Headers["Authorization"]);
        Assert.Equal("application/json", request.Headers["Content-Type"]);
        // As a receiver does it, from the manual page.
        var parts = request.Headers["Mandos-Signature"].Split(',').Select(part => part.Split('='))
            .ToDictionary(part => part[0], part => part[1]);
        Assert.Equal(Clients.Now.ToUnixTimeSeconds(), long.Parse(parts["t"], CultureInfo.InvariantCulture));
        var expected = HMACSHA256.HashData("swordfish"u8, Encoding.UTF8.GetBytes($"{parts["t"]}.{request.Text}"));
        Assert.Equal(Convert.ToHexStringLower(expected), parts["v1"]);
    }

    [Fact]
    public async Task Json_has_the_fields_of_the_manual_page()
    {
        await using var receiver = await Receiver.StartAsync();
        await SendAsync(receiver, WebhookFormat.Json, notification: Messages.Of() with { Deadline = Clients.Now });
        using var json = JsonDocument.Parse(receiver.Requests[0].Body);
        Assert.Equal(
            """
            {"version":1,"id":"0b7c","event":"disabled","server":"vault","clients":["web1"],"time":"2026-11-30T12:00:00Z","title":"web1 was disabled (server vault)","details":"last successful check: never","deadline":"2026-11-30T12:00:00Z","page":"https://mandos.example/client?name=web1"}
            """,
            json.RootElement.GetRawText());
        var page = await File.ReadAllTextAsync(Path.Combine(Golden.Root, "docs", "man", "mandos-notify.8"), Token);
        Assert.All(json.RootElement.EnumerateObject(), field => Assert.Contains($"\n.B {field.Name}\n", page, StringComparison.Ordinal));
        var headers = receiver.Requests[0].Headers;
        Assert.False(headers.ContainsKey("Mandos-Signature") || headers.ContainsKey("Authorization"));
    }

    [Fact]
    public async Task Ntfy_gets_a_title_and_a_link()
    {
        await using var receiver = await Receiver.StartAsync();
        await SendAsync(receiver, WebhookFormat.Ntfy, path: "topic", notification: Messages.Of(client: "Zoë"));
        var request = receiver.Requests[0];
        Assert.Equal(("POST", "/topic", "last successful check: never"), (request.Method, request.Path, request.Text));
        Assert.Equal("https://mandos.example/client?name=web1", request.Headers["Click"]);
        var title = request.Headers["Title"];
        Assert.StartsWith("=?UTF-8?B?", title, StringComparison.Ordinal);
        Assert.Equal("Zoë was disabled (server vault)", Encoding.UTF8.GetString(Convert.FromBase64String(title["=?UTF-8?B?".Length..^2])));
    }

    [Fact]
    public async Task Slack_gets_a_text_without_markup_of_ours()
    {
        await using var receiver = await Receiver.StartAsync();
        await SendAsync(receiver, WebhookFormat.Slack, notification: Messages.Of() with { Title = "<!channel> & co\u202e" });
        using var json = JsonDocument.Parse(receiver.Requests[0].Body);
        Assert.Equal(
            "&lt;!channel&gt; &amp; co\\u202e\nlast successful check: never\nhttps://mandos.example/client?name=web1",
            json.RootElement.GetProperty("text").GetString());
    }

    [Fact]
    public async Task Matrix_gets_a_message_for_its_room_with_the_ID_of_the_message()
    {
        await using var receiver = await Receiver.StartAsync();
        await SendAsync(receiver, WebhookFormat.Matrix, token: "syt_1", room: "!abc:matrix.example");
        var request = receiver.Requests[0];
        Assert.Equal(
            ("PUT", "/_matrix/client/v3/rooms/%21abc%3Amatrix.example/send/m.room.message/0b7c", "Bearer syt_1"),
            (request.Method, request.Path, request.Headers["Authorization"]));
        using var json = JsonDocument.Parse(request.Body);
        Assert.Equal("m.text", json.RootElement.GetProperty("msgtype").GetString());
    }

    [Theory]
    [InlineData(204, null, false)]
    [InlineData(500, "the receiver answered HTTP 500", true)]
    [InlineData(429, "the receiver answered HTTP 429", true)]
    [InlineData(401, "the receiver answered HTTP 401; check token and secret", false)]
    [InlineData(404, "the receiver answered HTTP 404; check url and format", false)]
    [InlineData(307, "the receiver answered HTTP 307, a redirection, which is not followed; set url to the new address", false)]
    public async Task The_answer_decides_whether_another_attempt_may_succeed(int status, string? problem, bool isTemporary)
    {
        await using var other = await Receiver.StartAsync();
        await using var receiver = await Receiver.StartAsync();
        receiver.Answer(status, location: status == 307 ? other.Address.AbsoluteUri : null);
        Assert.Equal(new SendOutcome(problem, isTemporary, null), await SendAsync(receiver, WebhookFormat.Json, token: "tk_1"));
        Assert.Empty(other.Requests);
    }

    [Fact]
    public async Task The_receiver_chooses_when_it_wants_the_next_attempt()
    {
        await using var receiver = await Receiver.StartAsync();
        receiver.Answer(503, retryAfter: "90");
        Assert.Equal(TimeSpan.FromSeconds(90), (await SendAsync(receiver, WebhookFormat.Json)).RetryAfter);
        receiver.Answer(503, retryAfter: "99999999");
        Assert.Equal(TimeSpan.FromHours(1), (await SendAsync(receiver, WebhookFormat.Json)).RetryAfter);
    }

    [Fact]
    public async Task A_receiver_that_is_not_there_is_a_temporary_problem()
    {
        Uri address;
        await using (var gone = await Receiver.StartAsync())
            address = gone.Address;
        var target = new WebhookTarget(new("webhook a", Messages.All.ToHashSet(), address, WebhookFormat.Json), _http, _time);
        var outcome = await target.SendAsync(Messages.Of(), Token);
        Assert.True(outcome.IsTemporary);
        Assert.StartsWith("cannot connect: ", outcome.Problem, StringComparison.Ordinal);
    }

    private Task<SendOutcome> SendAsync(
        Receiver receiver, WebhookFormat format, string? secret = null, string? token = null, string? room = null, string path = "",
        Notification? notification = null)
    {
        var settings = new WebhookSettings("webhook a", Messages.All.ToHashSet(), new Uri(receiver.Address, path), format)
        {
            Secret = secret,
            Token = token,
            Room = room,
        };
        return new WebhookTarget(settings, _http, _time).SendAsync(notification ?? Messages.Of(), Token);
    }
}
