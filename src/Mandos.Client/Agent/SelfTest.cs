using System.Text;
using Mandos.Client.Hosting;
using Mandos.Core.Linux.FileDescriptors;
using Mandos.Core.Linux.Files;
using Mandos.Core.Linux.Processes;
using Mandos.Core.Linux.Sockets;

namespace Mandos.Client.Agent;

/// <summary>
/// <c>--test</c>: checks on this machine what an answer requires: that a question can be read, that the kernel reports a file renamed into
/// a directory, and that a datagram arrives complete. Reports in TAP format (https://testanything.org).
/// </summary>
internal sealed class SelfTest(Messages output)
{
    private int _number;
    private bool _failed;

    /// <summary>Runs all tests; returns an <see cref="ExitCode"/>.</summary>
    internal int Run()
    {
        using var directory = ScratchDirectory.Make();
        if (directory is null)
        {
            output.Write("Bail out! cannot create a directory in /run or /tmp\n");
            return ExitCode.Failure;
        }

        TestQuestion(
            $"[Ask]\nPID={Environment.ProcessId}\nSocket={directory.Path}/sck.1\nMessage=Please enter "
                + "passphrase\nId=cryptsetup:/dev/sda3\n");
        TestWatch(directory);
        TestAnswer($"{directory.Path}/ask.1");
        directory.Remove("ask.1");
        output.Write($"1..{_number}\n");
        return _failed ? ExitCode.Failure : ExitCode.Success;
    }

    private void TestQuestion(string text)
    {
        Report("a question of systemd is read", AskFile.TryParse(Encoding.UTF8.GetBytes(text), out var ask, out _)
            && DiskQuestions.Contain(ask.Id, ask.Message) && ProcessPresence.IsThere(ask.ProcessId));
        Report("a question without a socket is refused", !AskFile.TryParse("[Ask]\nPID=1\n"u8, out _, out _));
    }

    /// <summary>Tests the directory watch. The file that is renamed into place can just as well be a socket.</summary>
    private void TestWatch(ScratchDirectory directory)
    {
        var watched = Inotify.TryWatch(directory.Path, out var watch, out _);
        Report("a directory can be watched", watched);
        using (watch)
        {
            _ = DatagramSocket.Bind($"{directory.Path}/tmp.1", out var socket);
            socket.Dispose();
            var told = false;
            if (directory.TryRename("tmp.1", "ask.1"))
            {
                foreach (var change in watch?.Read() ?? [])
                    told |= change is { Kind: DirectoryChangeKind.FileReady, Name: "ask.1" };
            }

            Report("a question renamed into place is noticed", told);
        }

        Report(
            "a question that is not a regular file is refused",
            SmallFile.TryRead($"{directory.Path}/ask.1", AgentDirectory.LongestFile, out _, out _) == SmallFileResult.NotRegular);
        directory.Remove("ask.1");
    }

    private void TestAnswer(string path)
    {
        Report("a socket that does not exist yet is tried again", DatagramSocket.Send(path, "+test\0"u8, out _) == DatagramResult.NotNow);
        var bound = DatagramSocket.Bind(path, out var socket).Ok;
        using (socket)
        {
            Span<byte> received = stackalloc byte[16];
            var length = 0;
            var arrived = bound
                && DatagramSocket.Send(path, "+test\0"u8, out _) == DatagramResult.Sent
                && DescriptorIo.Read(socket.Number, received, out length).Ok;
            Report("an answer arrives complete", arrived && received[..length].SequenceEqual("+test\0"u8));
        }
    }

    private void Report(string what, bool holds)
    {
        _failed |= !holds;
        output.Write($"{(holds ? "ok" : "not ok")} {++_number} - {what}\n");
    }
}
