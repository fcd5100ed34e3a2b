using System.Globalization;
using Mandos.Core.Linux.Files;

namespace Mandos.Core.Audit;

/// <summary>
/// Reads the files of an audit trail, the oldest first, and checks that each record is as it was written, that none is missing, and that
/// the end is the one that the server wrote.
/// </summary>
/// <param name="directory">The state directory.</param>
public sealed class AuditReader(string directory)
{
    private readonly List<AuditProblem> _problems = [];
    private string _previous = "";
    private long _last;

    /// <summary>What is wrong, in the order of the files; complete when all records have been read.</summary>
    public IReadOnlyList<AuditProblem> Problems => _problems;

    /// <summary>The number of the last record.</summary>
    public long Last => _last;

    /// <summary>Reads all records. It can be used once.</summary>
    /// <exception cref="IOException">A file cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">A file must not be read.</exception>
    public IEnumerable<AuditRecord> Read()
    {
        var head = AuditFiles.ReadHead(directory);
        var names = AuditFiles.In(directory);
        foreach (var name in names)
        {
            // The directory is the server's, and root reads it: a pipe would make it wait forever.
            if (!FileKind.IsFile(Path.Combine(directory, name)))
            {
                Add(AuditFault.Changed, name, 0, "is not a file");
                continue;
            }

            using var file = new FileStream(
                Path.Combine(directory, name), FileMode.Open, FileAccess.Read,
                FileShare.ReadWrite | FileShare.Delete);
            var lines = new LineReader(file, AuditRecord.MostBytes);
            long number = 0;
            while (lines.Next(out var line, out var isComplete))
            {
                number++;
                var record = AuditRecord.Parse(line, _previous, out var isGenuine);
                if (!isComplete)
                {
                    // Nothing follows it, and the server has not counted it.
                    var isTorn = name == AuditFiles.Current && (head is null || _last >= head.Value.Number);
                    Add(
                        isTorn ? AuditFault.Torn : AuditFault.Changed, name, number,
                        isTorn
                            ? "the last line is incomplete, as after a power failure; it was not saved yet"
                            : "the last line is incomplete, although it was saved");
                    continue;
                }

                if (record is null)
                {
                    Add(AuditFault.Changed, name, number, "is not a record");
                    continue;
                }

                if (_last == 0 && record.Event != AuditRecord.Begin)
                    Add(AuditFault.Missing, name, number, "the beginning of the file is missing");
                else if (_last > 0 && record.Number != _last + 1)
                    Add(AuditFault.Missing, name, number, Gap(_last, record.Number));
                else if (!isGenuine)
                    Add(
                        AuditFault.Changed, name, number,
                        string.Create(CultureInfo.InvariantCulture, $"record {record.Number} was changed"));
                else if (record.Number == head?.Number && record.Hash != head.Value.Hash)
                    Add(
                        AuditFault.Changed, name, number,
                        string.Create(
                            CultureInfo.InvariantCulture,
                            $"record {record.Number} is not the one that was written; see {AuditFiles.Head}"));
                _previous = record.Hash!;
                _last = record.Number;
                yield return record;
            }
        }

        if (head is { } end && _last < end.Number)
            Add(
                AuditFault.Missing, names.Count > 0 ? names[^1] : AuditFiles.Current, 0,
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"the end is missing: the last record is {_last}, and {AuditFiles.Head} says {end.Number}"));
        else if (head is null && _last > 0)
            Add(
                AuditFault.Missing, AuditFiles.Head, 0,
                "is missing or not valid; whether the end of the trail is missing cannot be checked");
    }

    private static string Gap(long before, long after) => after > before
        ? string.Create(CultureInfo.InvariantCulture, $"records {before + 1} to {after - 1} are missing")
        : string.Create(CultureInfo.InvariantCulture, $"record {after} follows record {before}");

    private void Add(AuditFault fault, string file, long line, string text) => _problems.Add(new(fault, file, line, text));
}

/// <summary>A problem of an audit trail.</summary>
/// <param name="Fault">Its kind.</param>
/// <param name="File">The name of the file.</param>
/// <param name="Line">The number of the line, from 1; 0 if it is none.</param>
/// <param name="Text">The problem in words.</param>
public sealed record AuditProblem(AuditFault Fault, string File, long Line, string Text)
{
    /// <inheritdoc />
    public override string ToString() =>
        Line == 0 ? $"{File}: {Text}" : string.Create(CultureInfo.InvariantCulture, $"{File}:{Line}: {Text}");
}

/// <summary>The kinds of problems.</summary>
public enum AuditFault
{
    /// <summary>A power failure interrupted the write of the last line. Nothing that was saved is missing.</summary>
    Torn,

    /// <summary>Records are missing.</summary>
    Missing,

    /// <summary>A record is not as the server wrote it.</summary>
    Changed,
}
