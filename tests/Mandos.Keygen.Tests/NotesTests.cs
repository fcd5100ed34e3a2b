using Mandos.Keygen.Hosting;
using Mandos.Keygen.Failures;
using Microsoft.Extensions.Time.Testing;

namespace Mandos.Keygen.Tests;

public sealed class NotesTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly StringWriter _error = new();

    [Fact]
    public async Task A_user_who_watches_sees_the_elapsed_time()
    {
        var work = new TaskCompletionSource<int>();
        var during = new Notes(_error, watched: true, _time).DuringAsync("making keys", work.Task);
        Assert.EndsWith("making keys ...", _error.ToString(), StringComparison.Ordinal);

        _time.Advance(TimeSpan.FromSeconds(1));
        await WaitForAsync("making keys ... 1 s");
        work.SetResult(7);

        Assert.Equal(7, await during);
        Assert.EndsWith("\r\u001b[K", _error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_a_terminal_nothing_is_written()
    {
        var notes = new Notes(_error, watched: false, _time);

        await notes.DuringAsync("making keys", Task.FromResult(7));
        notes.Done("made", "more");
        notes.Tell("something");

        Assert.Equal("", _error.ToString());
    }

    [Fact]
    public async Task A_failure_leaves_a_clean_line_behind()
    {
        var notes = new Notes(_error, watched: true, _time);

        await Assert.ThrowsAsync<KeygenException>(
            () => notes.DuringAsync("making keys", Task.FromException<int>(new KeygenException("no"))));

        Assert.EndsWith("\r\u001b[K", _error.ToString(), StringComparison.Ordinal);
    }

    // The continuation of the clock's tick runs on the thread pool.
    private async Task WaitForAsync(string text)
    {
        while (!_error.ToString().Contains(text, StringComparison.Ordinal))
            await Task.Delay(1, TestContext.Current.CancellationToken);
    }
}
