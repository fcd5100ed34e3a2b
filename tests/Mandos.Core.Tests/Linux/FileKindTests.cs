using Mandos.Core.Linux.FileDescriptors;
using Mandos.Core.Linux.Files;

namespace Mandos.Core.Tests.Linux;

public sealed class FileKindTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("mandos").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Theory]
    [InlineData(UnixFileMode.UserRead, false)]
    [InlineData(UnixFileMode.UserExecute, true)]
    [InlineData(UnixFileMode.GroupExecute, true)]
    [InlineData(UnixFileMode.OtherExecute, true)]
    public void Any_execute_bit_makes_a_regular_file_executable(UnixFileMode mode, bool executable)
    {
        var path = Path.Combine(_directory, "file");
        File.WriteAllText(path, "");
        File.SetUnixFileMode(path, mode);
        File.CreateSymbolicLink(path + ".link", path);

        Assert.Equal(executable, FileKind.IsExecutableFile(path));
        Assert.Equal(executable, FileKind.IsExecutableFile(path + ".link"));
    }

    [Fact]
    public void Directories_devices_and_missing_files_are_not_executable_files()
    {
        Assert.False(FileKind.IsExecutableFile(_directory));
        Assert.False(FileKind.IsExecutableFile("/dev/null"));
        Assert.False(FileKind.IsExecutableFile(Path.Combine(_directory, "missing")));
    }

    [Fact]
    public void Reading_empty_input_returns_end_of_file()
    {
        using var input = new FileStream(EmptyInput.Open(), FileAccess.Read);

        Assert.Equal(-1, input.ReadByte());
    }
}
