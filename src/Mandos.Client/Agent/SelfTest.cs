using System.Text;
using Mandos.Core.Linux;

namespace Mandos.Client.Agent;

/// <summary>
/// <c>--test</c>: checks on this very machine what an answer needs: that a question is read, that the kernel tells of a file
/// renamed into a directory, and that a datagram arrives whole. Reports in the form of TAP (https://testanything.org).
/// </summary>
internal sealed class SelfTest(Messages output)
{
    private int _number;
    private bool _failed;

    /// <summary>Runs all; the result is an <see cref="ExitCode"/>.</summary>
    internal int Run()
    {
        DirectoryInfo directory;
        try
        {
            directory = Directory.CreateTempSubdirectory("mandos-test-");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            output.Write($"Bail out! cannot make a temporary directory: {exception.Message}\n");
            return ExitCode.Failure;
        }

        try
        {
            RunIn(directory.FullName);
        }
        finally
        {
            directory.Delete(recursive: true);
        }

        output.Write($"1..{_number}\n");
        return _failed ? ExitCode.Failure : ExitCode.Success;
    }

    private void RunIn(string directory)
    {
        var question = Encoding.UTF8.GetBytes(
            $"[Ask]\nPID={Environment.ProcessId}\nSocket={directory}/sck.1\nNotAfter=0\nMessage=Please enter passphrase\nId=cryptsetup:/dev/sda3\n");
        var parsed = AskFile.TryParse(question, out var ask, out _);
        Report("a question of systemd is read", parsed && DiskQuestions.Contain(ask!.Id));
        Report("a question without a socket is refused", !AskFile.TryParse("[Ask]\nPID=1\n"u8, out _, out _));
        Report("the process that asks is there", ProcessPresence.IsThere(Environment.ProcessId));

        var watched = Inotify.TryWatch(directory, out var watch, out _);
        Report("a directory can be watched", watched);
        using (watch)
        {
            File.WriteAllBytes($"{directory}/tmp", question);
            File.Move($"{directory}/tmp", $"{directory}/ask.1");
            var told = false;
            foreach (var change in watch?.Read() ?? [])
                told |= change is { Kind: DirectoryChangeKind.FileReady, Name: "ask.1" };
            Report("a question that is renamed into place is heard of", told);
        }

        Report("it is read back", SmallFile.TryRead($"{directory}/ask.1", AgentDirectory.LongestFile, out var content, out _) == SmallFileResult.Read
            && content.AsSpan().SequenceEqual(question));
        var bound = DatagramSocket.Bind($"{directory}/sck.1", out var socket).Ok;
        using (socket)
        {
            Span<byte> received = stackalloc byte[16];
            var length = 0;
            var arrived = bound
                && DatagramSocket.Send($"{directory}/sck.1", "+test\0"u8, out _) == DatagramResult.Sent
                && DescriptorIo.Read(socket.Number, received, out length).Ok;
            Report("an answer arrives whole", arrived && received[..length].SequenceEqual("+test\0"u8));
        }
    }

    private void Report(string what, bool holds)
    {
        _failed |= !holds;
        output.Write($"{(holds ? "ok" : "not ok")} {++_number} - {what}\n");
    }
}
