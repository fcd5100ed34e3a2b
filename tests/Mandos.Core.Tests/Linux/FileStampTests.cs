using Mandos.Core.Linux.Files;

namespace Mandos.Core.Tests.Linux;

public sealed class FileStampTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("mandos").FullName;

    private string Name => Path.Combine(_folder, "file");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void A_file_that_does_not_change_keeps_its_stamp()
    {
        File.WriteAllText(Name, "text");
        var stamp = FileStamp.Of(Name);
        _ = File.ReadAllText(Name);
        Assert.NotNull(stamp);
        Assert.Equal(stamp, FileStamp.Of(Name));
        Assert.Equal(4u, stamp.Value.Size);
    }

    [Fact]
    public void Another_file_of_that_name_has_another_stamp_though_size_and_time_are_the_same()
    {
        File.WriteAllText(Name, "text");
        var stamp = FileStamp.Of(Name);
        File.WriteAllText(Name + ".new", "next");
        File.SetLastWriteTimeUtc(Name + ".new", File.GetLastWriteTimeUtc(Name));
        File.Move(Name + ".new", Name, overwrite: true);
        Assert.NotEqual(stamp, FileStamp.Of(Name));
    }

    [Fact]
    public void It_is_that_of_the_file_at_the_end_of_a_link()
    {
        File.WriteAllText(Name, "text");
        File.CreateSymbolicLink(Name + ".link", Name);
        Assert.Equal(FileStamp.Of(Name), FileStamp.Of(Name + ".link"));
    }

    [Fact]
    public void What_is_not_there_has_none() => Assert.Null(FileStamp.Of(Name));

    [Theory]
    [InlineData(10, 10, 13, true)]
    [InlineData(10, 10, 12, false)]
    [InlineData(10, 12, 13, false)]
    [InlineData(12, 10, 13, false)]
    [InlineData(99, 10, 13, false)]
    public void A_change_of_just_now_may_not_be_the_last_with_that_time(long modified, long changed, int now, bool isSettled) =>
        Assert.Equal(
            isSettled,
            new FileStamp(1, 2, 3, modified * 1_000_000_000, changed * 1_000_000_000).IsSettled(DateTime.UnixEpoch.AddSeconds(now)));
}
