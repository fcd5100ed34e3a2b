using Mandos.Client.Agent;
using Mandos.Core.Linux;
using Mandos.Core.Linux.Files;

namespace Mandos.Client.Tests.Agent;

public sealed class AgentDirectoryTests : IDisposable
{
    private const int EMFILE = 24;

    private readonly string _folder = Directory.CreateTempSubdirectory("mandos").FullName;
    private readonly MessageCapture _messages = new();

    public void Dispose()
    {
        _messages.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public void A_question_that_cannot_be_read_for_lack_of_resources_is_read_again()
    {
        File.WriteAllText(
            Path.Combine(_folder, "ask.1"),
            $"[Ask]\nPID={Environment.ProcessId}\nSocket={_folder}/sck.1\nMessage=Please enter passphrase\nId=cryptsetup:/dev/sda3\n");
        Assert.True(Inotify.TryWatch(_folder, out var watch, out _));
        var failures = 3;
        using var directory = new AgentDirectory(_folder, watch, anyId: false, _messages.Messages) { Read = Read };
        var book = new QuestionBook(TimeSpan.Zero);

        directory.Scan(book, TimeSpan.Zero);
        for (var i = 0; i < 2; i++)
        {
            Assert.Null(Assert.Single(book.Questions).Ask);
            Assert.False(book.IsDone(TimeSpan.Zero));
            Assert.True(directory.Update(book, TimeSpan.Zero));
        }

        Assert.Equal(["test: warning: question \"ask.1\" cannot be read: Too many open files; trying again"], _messages.Read());
        Assert.True(directory.Update(book, TimeSpan.Zero));
        Assert.NotNull(Assert.Single(book.Questions).Ask);
        Assert.True(book.NeedsFetch());

        SmallFileResult Read(string path, int limit, out byte[] content, out Errno error)
        {
            if (failures-- <= 0)
                return SmallFile.TryRead(path, limit, out content, out error);
            (content, error) = ([], new Errno(EMFILE));
            return SmallFileResult.Refused;
        }
    }
}
