using System.Text;
using Mandos.Client.CommandLine;
using Mandos.Client.Retrieval;
using Mandos.Core.Secrets;
using Microsoft.Extensions.Time.Testing;

namespace Mandos.Client.Tests.Retrieval;

/// <summary>A retrieval in virtual time, with attempts and discovery that do as they are told.</summary>
internal sealed class RetrievalRig : IAsyncDisposable
{
    internal static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    private readonly FakeTimeProvider _time = new();

    internal ToldAttempts Attempts { get; } = new();

    internal ToldBrowser Browser { get; } = new();

    internal MessageCapture Messages { get; } = new();

    internal CancellationTokenSource Stop { get; } = new();

    internal Task<SecretBuffer>? Running { get; private set; }

    internal PasswordRetrieval? Retrieval { get; private set; }

    internal void Begin(params string[] servers) => BeginWith(TimeSpan.FromSeconds(10), servers);

    internal void BeginWith(TimeSpan retry, params string[] servers) =>
        Begin(new NamedServers([.. servers.Select(Server)]), Browser, retry);

    internal void Begin(NamedServers named, ToldBrowser? browser, TimeSpan retry)
    {
        Retrieval = new(named, browser, Attempts, new AttemptSchedule(retry), TimeSpan.FromSeconds(2.5), Messages.Messages, _time);
        Running = Retrieval.RunAsync(Stop.Token);
    }

    internal static ServerAddress Server(string text) =>
        ServerAddress.TryParse(text, out var server, out var error) ? server! : throw new FormatException(error);

    internal async Task<string> PasswordAsync()
    {
        using var password = await Running!.WaitAsync(Patience, TestContext.Current.CancellationToken);
        return Encoding.UTF8.GetString(password.Span);
    }

    /// <summary>Lets the loop settle, passes time in small steps, lets it settle again.</summary>
    internal async Task PassAsync(int milliseconds)
    {
        for (var passed = 0; passed < milliseconds; passed += 250)
        {
            await Task.Delay(5, TestContext.Current.CancellationToken);
            _time.Advance(TimeSpan.FromMilliseconds(Math.Min(250, milliseconds - passed)));
        }

        await Task.Delay(5, TestContext.Current.CancellationToken);
    }

    /// <summary>Waits for a warning; from here on what it is about counts time.</summary>
    internal async Task WarnedAsync(string text)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(Patience);
        while (!Messages.Read().Any(line => line.Contains(text, StringComparison.Ordinal)))
            await Task.Delay(5, limit.Token);
    }

    /// <summary>The next attempt, for which time must pass.</summary>
    internal async Task<ToldAttempt> LaterAsync()
    {
        while (Attempts.Waiting == 0)
            await PassAsync(250);
        return await Attempts.NextAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await Stop.CancelAsync();
        if (Running is not null)
            await Task.WhenAny(Running);
        Stop.Dispose();
        Messages.Dispose();
    }
}
