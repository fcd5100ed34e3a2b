using System.Buffers.Binary;
using System.Text;
using CsCheck;
using Mandos.Core.Linux.Files;

namespace Mandos.Core.Tests.Linux;

public sealed class InotifyTests : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("inotify-test-");

    public void Dispose()
    {
        if (_directory.Exists)
            _directory.Delete(recursive: true);
    }

    [Fact]
    public async Task Every_change_is_reported_in_order()
    {
        using var watch = Watch();
        Assert.Empty(watch.Read());
        var waiting = watch.WaitAsync(TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(PathOf("a"), "", TestContext.Current.CancellationToken);
        await waiting;
        File.Move(PathOf("a"), PathOf("b"));
        File.Delete(PathOf("b"));
        Assert.Equal(["FileReady a", "FileGone a", "FileReady b", "FileGone b"], Shown(watch));
    }

    [Fact]
    public async Task A_wait_can_be_cancelled_and_started_again()
    {
        using var watch = Watch();
        using var stop = new CancellationTokenSource();
        var waiting = watch.WaitAsync(stop.Token);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
        await File.WriteAllTextAsync(PathOf("a"), "", TestContext.Current.CancellationToken);
        await watch.WaitAsync(TestContext.Current.CancellationToken);
        Assert.Equal(["FileReady a"], Shown(watch));
    }

    [Fact]
    public void The_deletion_of_the_directory_is_reported()
    {
        using var watch = Watch();
        _directory.Delete();
        Assert.Contains("DirectoryGone ", Shown(watch));
    }

    [Fact]
    public void A_moved_directory_is_reported_as_gone()
    {
        using var watch = Watch();
        var elsewhere = _directory.FullName + ".moved";
        Directory.Move(_directory.FullName, elsewhere);
        Assert.Contains("DirectoryGone ", Shown(watch));
        Directory.Move(elsewhere, _directory.FullName);
    }

    [Theory]
    [InlineData("missing", "No such file or directory")]
    [InlineData("file", "Not a directory")]
    public void Watching_something_other_than_a_directory_is_an_error(string name, string expected)
    {
        File.WriteAllText(PathOf("file"), "");
        Assert.False(Inotify.TryWatch(PathOf(name), out _, out var error));
        Assert.Equal(expected, error.ToString());
    }

    [Fact]
    public void Names_of_any_length_are_read_and_lost_events_are_reported()
    {
        byte[] bytes = [.. Event(0x80, "ask.1"), .. Event(0x4000, ""), .. Event(0x200, new string('x', 255)), .. Event(0x20, "opened")];
        Assert.Equal(
            ["FileReady ask.1", "Overflow ", $"FileGone {new string('x', 255)}"],
            InotifyEvents.Parse(bytes).Select(change => $"{change.Kind} {change.Name}"));
    }

    [Fact]
    public void A_truncated_event_counts_as_an_overflow() => Gen.Int[1, 39].Sample(length =>
    {
        var bytes = Event(0x80, "ask.12345")[..Math.Min(length, 31)];
        Assert.Equal("Overflow", Assert.Single(InotifyEvents.Parse(bytes)).Kind.ToString());
    });

    [Fact]
    public void Any_inotify_bytes_are_read_without_an_exception() =>
        Gen.Byte.Array.Sample(bytes => Assert.True(InotifyEvents.Parse(bytes).Count <= bytes.Length / 16 + 1));

    private Inotify Watch()
    {
        Assert.True(Inotify.TryWatch(_directory.FullName, out var watch, out var error), error.ToString());
        return watch;
    }

    private string PathOf(string name) => Path.Combine(_directory.FullName, name);

    private static List<string> Shown(Inotify watch) => [.. watch.Read().Select(change => $"{change.Kind} {change.Name}")];

    private static byte[] Event(uint mask, string name)
    {
        var length = name.Length == 0 ? 0 : (name.Length / 16 + 1) * 16;
        var bytes = new byte[16 + length];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, 1);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(4), mask);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(12), length);
        Encoding.UTF8.GetBytes(name, bytes.AsSpan(16));
        return bytes;
    }
}
