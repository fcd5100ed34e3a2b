using Mandos.Client.Hosting;
using Mandos.Core.Linux;
using Mandos.Core.Linux.Files;
using Mandos.Core.Linux.Processes;
using Mandos.Core.Linux.Sockets;
using Mandos.Core.Text;

namespace Mandos.Client.Agent;

/// <summary>The directory in which questions appear as files <c>ask.*</c>, watched from the beginning.</summary>
internal sealed class AgentDirectory(string path, Inotify watch, bool anyId, Messages messages) : IDisposable
{
    /// <summary>The size limit; questions are much shorter.</summary>
    internal const int LongestFile = 64 * 1024;

    private readonly PassedOverQuestions _passedOver = new(messages);

    // Questions that the system did not let us read, for lack of descriptors or memory; they are read again.
    private readonly HashSet<string> _unread = [];

    /// <summary>Reads a question's file.</summary>
    internal Reader Read { get; init; } = SmallFile.TryRead;

    /// <inheritdoc cref="SmallFile.TryRead"/>
    internal delegate SmallFileResult Reader(string path, int limit, out byte[] content, out Errno error);

    /// <summary>Completes when <see cref="Update"/> has something to do.</summary>
    internal Task WaitAsync(CancellationToken cancellationToken) => watch.WaitAsync(cancellationToken);

    /// <summary>Adds all existing files to the book, and removes questions whose file is gone.</summary>
    internal void Scan(QuestionBook book, TimeSpan now)
    {
        var there = new List<string>();
        try
        {
            foreach (var file in Directory.EnumerateFileSystemEntries(path))
            {
                if (Path.GetFileName(file) is { } name && IsQuestion(name))
                    there.Add(name);
            }
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            messages.Warning($"cannot read \"{path}\"");
        }

        foreach (var question in book.Questions.ToArray())
        {
            if (!there.Contains(question.Name))
                book.Vanished(question.Name);
        }

        foreach (var name in there)
            Enter(name, book, now);
    }

    /// <summary>Applies the changes since the last call; false if the directory no longer exists.</summary>
    internal bool Update(QuestionBook book, TimeSpan now)
    {
        foreach (var name in _unread.ToArray())
            Enter(name, book, now);
        IReadOnlyList<DirectoryChange> changes;
        while ((changes = watch.Read()).Count > 0)
        {
            foreach (var change in changes)
            {
                if (change.Kind == DirectoryChangeKind.DirectoryGone)
                    return false;
                if (change.Kind == DirectoryChangeKind.Overflow)
                    Scan(book, now);
                else if (!IsQuestion(change.Name))
                    continue;
                else if (change.Kind == DirectoryChangeKind.FileGone)
                    book.Vanished(change.Name);
                else
                    Enter(change.Name, book, now);
            }
        }

        return true;
    }

    /// <inheritdoc />
    public void Dispose() => watch.Dispose();

    private static bool IsQuestion(string name) => name.StartsWith("ask.", StringComparison.Ordinal);

    private void Enter(string name, QuestionBook book, TimeSpan now)
    {
        var result = Read($"{path}/{name}", LongestFile, out var content, out var error);
        if (result == SmallFileResult.Refused)
        {
            if (_unread.Add(name))
                messages.Warning($"question \"{PrintableText.Of(name)}\" cannot be read: {error}; trying again");
            book.Appeared(name, null, now);
            return;
        }

        _unread.Remove(name);
        if (result == SmallFileResult.Missing)
        {
            book.Vanished(name);
            return;
        }

        var problem = result switch
        {
            SmallFileResult.NotRegular => "it is not a regular file",
            SmallFileResult.TooLong => $"it is longer than {LongestFile} bytes",
            _ => "",
        };
        AskFile? ask = null;
        if (problem.Length == 0 && AskFile.TryParse(content, out ask, out problem))
            problem = Judge(ask);
        if (problem.Length > 0)
        {
            messages.Warning($"question \"{PrintableText.Of(name)}\" is not answered: {problem}");
            ask = null;
        }
        else if (!anyId && !DiskQuestions.Contain(ask!.Id, ask.Message))
        {
            _passedOver.Report(ask);
            ask = null;
        }

        book.Appeared(name, ask, now);
    }

    private static string Judge(AskFile ask)
    {
        if (System.Text.Encoding.UTF8.GetByteCount(ask.Socket) > DatagramSocket.LongestPath)
            return $"the path of its socket is longer than {DatagramSocket.LongestPath} bytes";
        return ProcessPresence.IsThere(ask.ProcessId) ? "" : $"process {ask.ProcessId}, which asked it, has exited";
    }
}
