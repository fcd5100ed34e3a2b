using System.Net;
using Mandos.Client.Retrieval;
using Mandos.Core.OpenPgp;
using Mandos.Core.Secrets;

namespace Mandos.Client.Tests.Retrieval;

public sealed class DecryptionQueueTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);
    private readonly SemaphoreSlim _go = new(0);
    private readonly List<int> _order = [];
    private readonly List<byte> _hosts = [];
    private readonly DecryptionQueue _queue;
    private int _atOnce;
    private int _mostAtOnce;

    public DecryptionQueueTests() => _queue = new(Read);

    public void Dispose() => _go.Dispose();

    [Fact]
    public async Task Messages_are_decrypted_one_at_a_time()
    {
        var all = Enumerable.Range(1, 20).Select(i => SendAsync(i, Host(i))).ToArray();
        _go.Release(all.Length);
        await Task.WhenAll(all).WaitAsync(Patience, TestContext.Current.CancellationToken);
        Assert.Equal((1, 20), (_mostAtOnce, _order.Count));
    }

    [Fact]
    public async Task Small_messages_go_first_and_those_of_a_host_that_sent_an_invalid_one_last()
    {
        // A message of odd length is bad.
        _go.Release();
        await SendAsync(1, Host(1));
        var all = new[] { SendAsync(2, Host(9)), SendAsync(6, Host(3)), SendAsync(2, Host(1)), SendAsync(4, Host(2)) };
        _go.Release(all.Length);
        await Task.WhenAll(all).WaitAsync(Patience, TestContext.Current.CancellationToken);
        // The first of the four may have been taken up before the others came.
        Assert.Equal([1, 2, 4, 6, 2], _order);
    }

    [Fact]
    public async Task Messages_of_one_size_keep_their_order()
    {
        // The smallest goes first, whether or not it is taken up before the others come.
        byte[] hosts = [9, 5, 3, 7, 1];
        var all = hosts.Select((host, i) => SendAsync(i == 0 ? 2 : 4, Host(host))).ToArray();
        _go.Release(all.Length);
        await Task.WhenAll(all).WaitAsync(Patience, TestContext.Current.CancellationToken);
        Assert.Equal(hosts, _hosts);
    }

    [Fact]
    public async Task A_queued_message_can_be_cancelled()
    {
        using var stop = new CancellationTokenSource();
        var first = SendAsync(2, Host(1));
        var second = SendUntilAsync(4, Host(2), stop.Token);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => second);
        _go.Release(1);
        await first.WaitAsync(Patience, TestContext.Current.CancellationToken);
        Assert.Equal([2], _order);
    }

    private Task SendAsync(int length, IPAddress host) => SendUntilAsync(length, host, TestContext.Current.CancellationToken);

    private async Task SendUntilAsync(int length, IPAddress host, CancellationToken cancellationToken)
    {
        using var message = SecretBuffer.CopyOf([.. Enumerable.Repeat(host.GetAddressBytes()[^1], length)]);
        await _queue.ReadAsync(message, host, cancellationToken);
    }

    private MessageResult Read(SecretBuffer message, CancellationToken cancellationToken)
    {
        _mostAtOnce = Math.Max(_mostAtOnce, Interlocked.Increment(ref _atOnce));
        _go.Wait(TestContext.Current.CancellationToken);
        _order.Add(message.Length);
        _hosts.Add(message.Span[0]);
        Interlocked.Decrement(ref _atOnce);
        return new(message.Length % 2 == 0 ? MessageOutcome.Decrypted : MessageOutcome.Damaged, SignatureState.None, "", null);
    }

    private static IPAddress Host(int number) => new([10, 0, 0, (byte)number]);
}
