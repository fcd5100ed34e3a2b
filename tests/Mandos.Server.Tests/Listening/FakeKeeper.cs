using System.Collections.Concurrent;
using Mandos.Core.Keys;
using Mandos.Core.Secrets;
using Mandos.Server.Clients;

namespace Mandos.Server.Tests.Listening;

/// <summary>Knows one client, and answers when the test says what.</summary>
internal sealed class FakeKeeper : ISecretKeeper, IDisposable
{
    private readonly ConcurrentQueue<Request> _requests = new();
    private readonly SemaphoreSlim _arrived = new(0);
    private readonly ClientSecret _secret = new(SecretBuffer.CopyOf("opaque bytes"u8));

    /// <summary>What a request is answered at once, if it is.</summary>
    internal Refusal? Always { get; init; }

    /// <summary>Answers although the request was withdrawn.</summary>
    internal bool IgnoresWithdrawal { get; init; }

    public bool Knows(KeyId key) => key == TestServer.Keys.KeyId;

    public async Task<SecretAnswer> RequestAsync(KeyId key, string address, CancellationToken withdrawn)
    {
        if (Always is { } refusal)
            return new Answer(null, refusal, null);
        var request = new Request(this, withdrawn);
        _requests.Enqueue(request);
        _arrived.Release();
        return await request.Decision.Task.WaitAsync(IgnoresWithdrawal ? CancellationToken.None : withdrawn);
    }

    /// <summary>The next request that came.</summary>
    internal async Task<Request> NextAsync()
    {
        await _arrived.WaitAsync(TestContext.Current.CancellationToken);
        _requests.TryDequeue(out var request);
        return request!;
    }

    public void Dispose()
    {
        _secret.Dispose();
        _arrived.Dispose();
    }

    /// <summary>A client that waits.</summary>
    internal sealed class Request(FakeKeeper keeper, CancellationToken withdrawn)
    {
        internal TaskCompletionSource<SecretAnswer> Decision { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        /// <summary>Whether it counted as given, once the connection has ended.</summary>
        internal TaskCompletionSource<bool> Ended { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        internal void Grant() => Decision.SetResult(new Answer(keeper._secret, null, Ended));

        internal void Refuse(Refusal refusal) => Decision.SetResult(new Answer(null, refusal, Ended));

        internal async Task WithdrawnAsync()
        {
            var gone = new TaskCompletionSource();
            await using var registration = withdrawn.Register(gone.SetResult);
            await gone.Task.WaitAsync(TestContext.Current.CancellationToken);
        }

        internal bool IsWithdrawn => withdrawn.IsCancellationRequested;
    }

    private sealed class Answer(ClientSecret? secret, Refusal? refusal, TaskCompletionSource<bool>? ended) : SecretAnswer("machine")
    {
        internal override ClientSecret? Secret => secret;

        internal override Refusal? Refusal => refusal;

        public override ValueTask DisposeAsync()
        {
            ended?.TrySetResult(Delivered);
            return ValueTask.CompletedTask;
        }
    }
}
