using Mandos.Client.Hosting;
using Mandos.Client.Unlock;
using Mandos.Core.Secrets;
using Microsoft.Extensions.Time.Testing;

namespace Mandos.Client.Tests.Unlock;

public sealed class UnlockSessionTests : IDisposable
{
    private readonly InitramfsFolder _initramfs = new();
    private readonly FakeTimeProvider _time = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly List<SecretBuffer> _fetched = [];
    private int _fetches;

    public void Dispose()
    {
        _stop.Dispose();
        _initramfs.Dispose();
    }

    [Fact]
    public async Task One_fetch_answers_two_disks_in_sequence()
    {
        var session = Run(_ => Password("secret"));
        Assert.Equal("secret"u8.ToArray(), await AdvanceUntil(_initramfs.Ask(10, "CRYPTTAB_NAME=root")));
        Assert.Equal("secret"u8.ToArray(), await AdvanceUntil(_initramfs.Ask(20, "CRYPTTAB_NAME=swap")));
        Assert.Equal(1, _fetches);
        await _stop.CancelAsync();
        await session;
    }

    [Fact]
    public async Task A_new_password_on_the_server_is_tried_after_the_pause()
    {
        var session = Run(fetch => Password(fetch == 1 ? "old" : "new"));
        Assert.Equal("old"u8.ToArray(), await AdvanceUntil(_initramfs.Ask(10, "CRYPTTAB_NAME=root")));
        Assert.Equal("new"u8.ToArray(), await AdvanceUntil(_initramfs.Ask(11, "CRYPTTAB_NAME=root", "CRYPTTAB_TRIED=1")));
        Assert.Equal(2, _fetches);
        await _stop.CancelAsync();
        await session;
    }

    [Fact]
    public async Task No_password_stays_in_memory_after_the_session()
    {
        var session = Run(_ => Password("secret"));
        await AdvanceUntil(_initramfs.Ask(10, "CRYPTTAB_NAME=root"));
        await _stop.CancelAsync();
        await session;
        Assert.All(_fetched, password => Assert.Throws<ObjectDisposedException>(() => password.Free.Length));
        Assert.NotEmpty(_fetched);
    }

    [Fact]
    public async Task A_running_fetch_is_cancelled_with_the_session()
    {
        var ended = false;
        var session = new UnlockSession(
            async stop =>
            {
                await Task.Delay(Timeout.Infinite, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                ended = true;
                return null;
            }, new Askpass(_initramfs.Root), Silent(), _time).RunAsync(_stop.Token);
        await _stop.CancelAsync();
        await session;
        Assert.True(ended);
    }

    [Fact]
    public async Task The_session_stops_when_the_initramfs_is_gone()
    {
        var session = Run(_ => Password("secret"));
        File.Delete($"{_initramfs.Root}/lib/cryptsetup/askpass");
        await AdvanceUntil(session);
        Assert.True(session.IsCompletedSuccessfully);
    }

    private Task Run(Func<int, SecretBuffer?> fetch) => new UnlockSession(
        _ =>
        {
            var password = fetch(++_fetches);
            if (password is not null)
                _fetched.Add(password);
            return Task.FromResult(password);
        }, new Askpass(_initramfs.Root), Silent(), _time).RunAsync(_stop.Token);

    private static SecretBuffer Password(string text) => SecretBuffer.CopyOf(System.Text.Encoding.UTF8.GetBytes(text));

    private static Messages Silent() => new("test", debug: false, descriptor: -1);

    private async Task<T> AdvanceUntil<T>(Task<T> task)
    {
        await AdvanceUntil((Task)task);
        return await task;
    }

    private async Task AdvanceUntil(Task task)
    {
        while (!task.IsCompleted)
        {
            _time.Advance(UnlockSession.Interval);
            await Task.Delay(1, TestContext.Current.CancellationToken);
        }
    }
}
