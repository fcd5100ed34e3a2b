using Mandos.Core.Linux.Files;

namespace Mandos.Core.Tests.Linux;

public sealed class FileStampTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("mandos").FullName;

    private string Name => Path.Combine(_folder, "file");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void An_unchanged_file_keeps_its_stamp()
    {
        File.WriteAllText(Name, "text");
        var stamp = FileStamp.Of(Name);
        _ = File.ReadAllText(Name);
        Assert.NotNull(stamp);
        Assert.Equal(stamp, FileStamp.Of(Name));
        Assert.Equal(4u, stamp.Value.Size);
    }

    [Fact]
    public void A_replaced_file_has_a_different_stamp_even_if_size_and_time_are_the_same()
    {
        File.WriteAllText(Name, "text");
        var stamp = FileStamp.Of(Name);
        File.WriteAllText(Name + ".new", "next");
        File.SetLastWriteTimeUtc(Name + ".new", File.GetLastWriteTimeUtc(Name));
        File.Move(Name + ".new", Name, overwrite: true);
        Assert.NotEqual(stamp, FileStamp.Of(Name));
    }

    [Fact]
    public void The_stamp_of_a_symbolic_link_is_that_of_its_target()
    {
        File.WriteAllText(Name, "text");
        File.CreateSymbolicLink(Name + ".link", Name);
        Assert.Equal(FileStamp.Of(Name), FileStamp.Of(Name + ".link"));
    }

    [Fact]
    public void A_missing_file_has_no_stamp() => Assert.Null(FileStamp.Of(Name));

    [Theory]
    [InlineData(10, 10, 13, true)]
    [InlineData(10, 10, 12, false)]
    [InlineData(10, 12, 13, false)]
    [InlineData(12, 10, 13, false)]
    [InlineData(99, 10, 13, false)]
    public void A_file_stamp_is_settled_only_some_seconds_after_the_last_change(long modified, long changed, int now, bool isSettled) =>
        Assert.Equal(
            isSettled,
            new FileStamp(1, 2, 3, modified * 1_000_000_000, changed * 1_000_000_000).IsSettled(DateTime.UnixEpoch.AddSeconds(now)));
}
