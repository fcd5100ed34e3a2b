using System.Security.Cryptography;
using System.Text;
using Mandos.Core.Audit;

namespace Mandos.Core.Tests.Audit;

/// <summary>What a cut, a change and a torn write look like to the verification of an audit trail.</summary>
public sealed class AuditReaderTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("mandos-audit-").FullName;
    private string _hash = AuditRecord.NoHash;
    private long _number;

    public AuditReaderTests() => Write(AuditFiles.Current, AuditRecord.Begin, "Added", "Enabled", "Delivered", "Disabled", "Removed");

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public void A_trail_as_the_server_wrote_it_has_no_problem()
    {
        Assert.Equal([1, 2, 3, 4, 5, 6], Read(out var problems));
        Assert.Empty(problems);
    }

    [Fact]
    public void The_hash_is_the_SHA256_of_the_previous_hash_and_the_line_before_it()
    {
        var lines = File.ReadAllLines(Path.Combine(_directory, AuditFiles.Current));
        var previous = AuditRecord.NoHash;
        foreach (var line in lines)
        {
            var body = line[..line.IndexOf(",\"hash\":", StringComparison.Ordinal)];
            var hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(previous + body)));
            Assert.EndsWith($",\"hash\":\"{hash}\"}}", line, StringComparison.Ordinal);
            previous = hash;
        }
    }

    [Fact]
    public void Older_files_are_part_of_the_trail_and_those_that_were_rotated_away_are_not_missed()
    {
        File.Move(Path.Combine(_directory, AuditFiles.Current), Path.Combine(_directory, AuditFiles.Older(1)));
        Write(AuditFiles.Current, AuditRecord.Begin, "Enabled");
        Assert.Equal([1, 2, 3, 4, 5, 6, 7, 8], Read(out var problems));
        Assert.Empty(problems);

        File.Delete(Path.Combine(_directory, AuditFiles.Older(1)));
        Assert.Equal([7, 8], Read(out problems));
        Assert.Empty(problems);
    }

    [Theory]
    [InlineData("web1", "web2", "audit.jsonl:3: record 3 was changed")]
    [InlineData("Enabled", "Disabld", "audit.jsonl:3: record 3 was changed")]
    [InlineData("{\"number\":3", "{\"nmuber\":3", "audit.jsonl:3: is not a record")]
    public void A_changed_record_is_found(string from, string to, string problem)
    {
        ChangeLine(3, line => line.Replace(from, to, StringComparison.Ordinal));
        _ = Read(out var problems);
        Assert.Equal(problem, problems[0].ToString());
        Assert.Equal(AuditFault.Changed, problems[0].Fault);
    }

    [Fact]
    public void A_record_whose_hash_was_computed_again_is_found_at_the_next_one()
    {
        // Without the server's file, a forger must do only this for one record.
        var lines = File.ReadAllLines(Path.Combine(_directory, AuditFiles.Current));
        var previous = AuditRecord.Parse(Encoding.UTF8.GetBytes(lines[1]), Hash(lines[0]), out _)!.Hash!;
        ChangeLine(3, line =>
        {
            var forged = AuditRecord.Parse(Encoding.UTF8.GetBytes(line), previous, out _)! with { Text = "forged" };
            return Encoding.UTF8.GetString(forged.Format(previous, out _)).TrimEnd('\n');
        });
        _ = Read(out var problems);
        Assert.Equal(["audit.jsonl:4: record 4 was changed"], problems.Select(problem => problem.ToString()));
    }

    [Fact]
    public void A_trail_that_was_written_again_as_a_whole_is_not_the_one_of_the_server()
    {
        var head = File.ReadAllBytes(Path.Combine(_directory, AuditFiles.Head));
        (_hash, _number) = (AuditRecord.NoHash, 0);
        File.Delete(Path.Combine(_directory, AuditFiles.Current));
        Write(AuditFiles.Current, AuditRecord.Begin, "Added", "Enabled", "Delivered", "Disabled", "Enabled");
        File.WriteAllBytes(Path.Combine(_directory, AuditFiles.Head), head);
        _ = Read(out var problems);
        Assert.Equal(
            ["audit.jsonl:6: record 6 is not the one that was written; see audit.head"], problems.Select(problem => problem.ToString()));
    }

    [Theory]
    [InlineData(2, 1, "audit.jsonl:2: records 2 to 2 are missing")]
    [InlineData(3, 2, "audit.jsonl:3: records 3 to 4 are missing")]
    [InlineData(1, 2, "audit.jsonl:1: the beginning of the file is missing")]
    [InlineData(5, 2, "audit.jsonl: the end is missing: the last record is 4, and audit.head says 6")]
    [InlineData(1, 6, "audit.jsonl: the end is missing: the last record is 0, and audit.head says 6")]
    public void Missing_records_are_found(int from, int count, string problem)
    {
        var path = Path.Combine(_directory, AuditFiles.Current);
        var lines = File.ReadAllLines(path).ToList();
        lines.RemoveRange(from - 1, count);
        File.WriteAllText(path, string.Concat(lines.Select(line => line + "\n")));
        _ = Read(out var problems);
        Assert.Equal((problem, AuditFault.Missing), (problems[0].ToString(), problems[0].Fault));
    }

    [Fact]
    public void Without_any_file_the_end_is_missing()
    {
        File.Delete(Path.Combine(_directory, AuditFiles.Current));
        Assert.Empty(Read(out var problems));
        Assert.Equal(AuditFault.Missing, Assert.Single(problems).Fault);
    }

    [Fact]
    public void A_torn_write_that_was_not_saved_is_told_from_a_cut()
    {
        var path = Path.Combine(_directory, AuditFiles.Current);
        var next = Record("Enabled").Format(_hash, out _);
        File.AppendAllBytes(path, next[..40]);
        Assert.Equal([1, 2, 3, 4, 5, 6], Read(out var problems));
        Assert.Equal(
            ("audit.jsonl:7: the last line is incomplete, as after a power failure; it was not saved yet", AuditFault.Torn),
            (Assert.Single(problems).ToString(), problems[0].Fault));

        // The same in a line that was saved.
        using (var file = File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite))
            RandomAccess.SetLength(file, RandomAccess.GetLength(file) - 60);
        _ = Read(out problems);
        Assert.Equal([AuditFault.Changed, AuditFault.Missing], problems.Select(problem => problem.Fault));
    }

    [Fact]
    public void Every_cut_is_found()
    {
        var path = Path.Combine(_directory, AuditFiles.Current);
        var whole = File.ReadAllBytes(path);
        for (var length = 0; length < whole.Length; length++)
        {
            File.WriteAllBytes(path, whole[..length]);
            _ = Read(out var problems);
            Assert.Contains(problems, problem => problem.Fault != AuditFault.Torn);
        }
    }

    [Fact]
    public void Every_flipped_bit_is_found()
    {
        var path = Path.Combine(_directory, AuditFiles.Current);
        var whole = File.ReadAllBytes(path);
        for (var position = 0; position < whole.Length; position++)
        {
            var changed = (byte[])whole.Clone();
            changed[position] ^= (byte)(1 << position % 8);
            File.WriteAllBytes(path, changed);
            _ = Read(out var problems);
            Assert.Contains(problems, problem => problem.Fault != AuditFault.Torn);
        }
    }

    [Fact]
    public void Lines_without_end_and_other_files_are_read_in_bounded_memory()
    {
        var path = Path.Combine(_directory, AuditFiles.Current);
        File.AppendAllText(path, new string('x', 5 * AuditRecord.MostBytes) + "\n" + new string('[', 3 * AuditRecord.MostBytes));
        Assert.Equal([1, 2, 3, 4, 5, 6], Read(out var problems));
        Assert.Equal([AuditFault.Changed, AuditFault.Torn], problems.Select(problem => problem.Fault));
        Assert.Equal("audit.jsonl:7: is not a record", problems[0].ToString());
    }

    [Fact]
    public void Without_the_position_of_the_end_this_is_reported()
    {
        File.WriteAllText(Path.Combine(_directory, AuditFiles.Head), "garbage\n");
        Assert.Equal([1, 2, 3, 4, 5, 6], Read(out var problems));
        Assert.StartsWith("audit.head: is missing or not valid", Assert.Single(problems).ToString(), StringComparison.Ordinal);
    }

    private static string Hash(string line) => AuditRecord.Parse(Encoding.UTF8.GetBytes(line), "", out _)!.Hash!;

    private List<long> Read(out IReadOnlyList<AuditProblem> problems)
    {
        var reader = new AuditReader(_directory);
        var numbers = reader.Read().Select(record => record.Number).ToList();
        problems = reader.Problems;
        return numbers;
    }

    private AuditRecord Record(string name) => new()
    {
        Number = ++_number,
        Time = new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero),
        Server = "alpha",
        Event = name,
        Text = "client [web1]: é",
        Fields = name == AuditRecord.Begin ? [new(AuditRecord.Previous, _hash)] : [new("client", "web1")],
    };

    private void Write(string file, params string[] events)
    {
        foreach (var name in events)
            File.AppendAllBytes(Path.Combine(_directory, file), Record(name).Format(_hash, out _hash));
        File.WriteAllBytes(Path.Combine(_directory, AuditFiles.Head), AuditFiles.FormatHead(_number, _hash));
    }

    private void ChangeLine(int number, Func<string, string> change)
    {
        var path = Path.Combine(_directory, AuditFiles.Current);
        var lines = File.ReadAllLines(path);
        var changed = change(lines[number - 1]);
        Assert.NotEqual(lines[number - 1], changed);
        lines[number - 1] = changed;
        File.WriteAllText(path, string.Concat(lines.Select(line => line + "\n")));
    }
}
