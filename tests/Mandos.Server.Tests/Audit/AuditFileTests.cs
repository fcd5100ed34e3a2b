using Mandos.Core.Audit;
using Mandos.Server.Audit;

namespace Mandos.Server.Tests.Audit;

/// <summary>The files of the audit trail over restarts, power failures and full disks.</summary>
public sealed class AuditFileTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("mandos-audit-").FullName;

    private string Current => Path.Combine(_directory, AuditFiles.Current);

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public void The_trail_continues_over_restarts_and_only_its_owner_can_read_it()
    {
        for (var start = 0; start < 3; start++)
        {
            using var file = Open(out var problem);
            Assert.Null(problem);
            file.Append([file.Record("Added", "a"), file.Record("Enabled", "b")]);
        }

        Assert.Equal(
            ["TrailBegins", "Added", "Enabled", "Added", "Enabled", "Added", "Enabled"], Verified().Select(record => record.Event));
        Assert.All(
            (string[])[AuditFiles.Current, AuditFiles.Head],
            name => Assert.Equal(
                UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Path.Combine(_directory, name))));
    }

    [Fact]
    public void Older_files_are_kept_up_to_their_number_and_the_rest_is_still_verified()
    {
        using var file = Open(out _, most: 300);
        for (var i = 0; i < 40; i++)
            file.Append([file.Record("Added", new string('x', 200))]);
        Assert.Equal(AuditFiles.MostOlder + 1, AuditFiles.In(_directory).Count);
        var records = Verified();
        Assert.True(records[0].Number > 1);
        Assert.Equal("TrailBegins", records[0].Event);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(50)]
    [InlineData(200)]
    public void A_write_that_a_power_failure_interrupted_is_removed_and_recorded(int bytes)
    {
        using (var file = Open(out _))
            file.Append([file.Record("Added", "a")]);
        var torn = new AuditRecord
        {
            Number = 3,
            Time = DateTimeOffset.UnixEpoch,
            Server = "s",
            Event = "Enabled",
            Text = new string('x', 200),
        };
        File.AppendAllBytes(Current, torn.Format(AuditRecord.NoHash, out _)[..bytes]);

        using (Open(out var problem))
            Assert.Null(problem);
        var last = Verified()[^1];
        Assert.Equal(("TrailRepaired", $"{bytes}"), (last.Event, last.Field("bytes")));
    }

    [Fact]
    public void Records_on_disk_that_were_not_counted_are_kept()
    {
        using (var file = Open(out _))
            file.Append([file.Record("Added", "a")]);
        var head = File.ReadAllBytes(Path.Combine(_directory, AuditFiles.Head));
        using (var file = Open(out _))
            file.Append([file.Record("Enabled", "b")]);
        File.WriteAllBytes(Path.Combine(_directory, AuditFiles.Head), head);

        using (var file = Open(out var problem))
        {
            Assert.Null(problem);
            file.Append([file.Record("Disabled", "c")]);
        }

        Assert.Equal(["TrailBegins", "Added", "Enabled", "Disabled"], Verified().Select(record => record.Event));
    }

    [Fact]
    public void A_trail_that_was_cut_is_kept_for_examination_and_reported()
    {
        using (var file = Open(out _))
            file.Append([file.Record("Added", "a"), file.Record("Disabled", "b")]);
        var lines = File.ReadAllLines(Current);
        File.WriteAllText(Current, lines[0] + "\n" + lines[1] + "\n");

        using (var file = Open(out var problem))
        {
            Assert.Equal("its last record is 2, and audit.head says 3", problem);
            file.Append([file.Record("Enabled", "c")]);
        }

        Assert.Equal(lines[..2], File.ReadAllLines(Path.Combine(_directory, AuditFiles.Older(1))));
        var reader = new AuditReader(_directory);
        Assert.Equal([1, 2, 4, 5], reader.Read().Select(record => record.Number));
        Assert.Equal("audit.jsonl:1: records 3 to 3 are missing", Assert.Single(reader.Problems).ToString());
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("{\"number\":3,")]
    public void A_power_failure_while_a_new_file_begins_is_no_damage(string? content)
    {
        using (var file = Open(out _))
            file.Append([file.Record("Added", "a")]);
        File.Move(Current, Path.Combine(_directory, AuditFiles.Older(1)));
        if (content is not null)
            File.WriteAllText(Current, content);

        using (var file = Open(out var problem))
        {
            Assert.Null(problem);
            file.Append([file.Record("Enabled", "b")]);
        }

        Assert.Equal(["TrailBegins", "Added", "TrailBegins", "Enabled"], Verified().Select(record => record.Event));
    }

    [Fact]
    public void A_record_of_any_size_can_be_read_again()
    {
        // The limit is in the middle of a surrogate pair.
        var longest = "x" + string.Concat(Enumerable.Repeat("\ud83d\udd11", 4096));
        using (var file = Open(out _))
            file.Append([file.Record("Changed", longest, [.. Enumerable.Range(0, 20).Select(i => ($"field{i}", longest))])]);
        using (Open(out var problem))
            Assert.Null(problem);
        Assert.Equal(2, Verified().Count);
    }

    [Fact]
    public void A_pipe_in_place_of_the_file_does_not_block_the_server()
    {
        using (var make = System.Diagnostics.Process.Start("mkfifo", [Current]))
            make.WaitForExit();
        using var file = new AuditFile(_directory, 1 << 20, "alpha", TimeProvider.System);
        Assert.Equal($"{Current} is not a file", Assert.Throws<IOException>(file.Open).Message);
    }

    private AuditFile Open(out string? problem, long most = 1 << 20)
    {
        var file = new AuditFile(_directory, most, "alpha", TimeProvider.System);
        problem = file.Open();
        return file;
    }

    private List<AuditRecord> Verified()
    {
        var reader = new AuditReader(_directory);
        var records = reader.Read().ToList();
        Assert.Empty(reader.Problems);
        return records;
    }
}
