using System.Text;
using Mandos.Keygen.Failures;
using Mandos.Keygen.KeyFiles;

namespace Mandos.Keygen.Tests;

public sealed class KeyFileTransactionTests : IDisposable
{
    private static readonly string[] Names = ["a", "b", "c"];

    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void Without_commit_nothing_was_written()
    {
        using (var files = KeyFileTransaction.Begin(_directory.Path, Names, force: false))
            files.Stage("a", "new"u8);

        Assert.Empty(_directory.Names);
    }

    [Fact]
    public void A_second_transaction_at_the_same_time_is_refused()
    {
        using var first = KeyFileTransaction.Begin(_directory.Path, Names, force: true);

        var error = Assert.Throws<KeygenException>(() => KeyFileTransaction.Begin(_directory.Path, Names, force: true));

        Assert.Equal($"another mandos-keygen is running in {_directory.Path}", error.Message);
    }

    [Fact]
    public void The_lock_is_released()
    {
        KeyFileTransaction.Begin(_directory.Path, Names, force: false).Dispose();

        using var second = KeyFileTransaction.Begin(_directory.Path, Names, force: false);
        second.Stage("a", "new"u8);
        second.Commit();

        Assert.Equal("a=new", _directory.State);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_crash_at_any_moment_leaves_the_old_files_or_the_new_ones(bool replace)
    {
        if (replace)
            Write("old");
        var before = _directory.State;
        var crashes = new List<(string Step, TemporaryDirectory Snapshot)>();
        using (var files = KeyFileTransaction.Begin(_directory.Path, Names, replace, step => crashes.Add((step, _directory.Snapshot()))))
        {
            foreach (var name in Names)
                files.Stage(name, Encoding.UTF8.GetBytes($"new {name}"));
            files.Commit();
        }

        var after = _directory.State;
        var committed = false;
        foreach (var (step, snapshot) in crashes)
        {
            using (snapshot)
            {
                committed |= step == "committed";
                Assert.Equal(committed && step != "done", KeyFileTransaction.IsPending(snapshot.Path));

                // What the next run does before all else.
                using (KeyFileTransaction.Begin(snapshot.Path, [], force: true))
                {
                }

                Assert.Equal((step, committed ? after : before), (step, snapshot.State));
                Assert.DoesNotContain(snapshot.Names, name => name.StartsWith('.'));
            }
        }

        Assert.True(committed);
        Assert.Equal(replace ? 11 : 8, crashes.Count);
    }

    [Fact]
    public void A_run_that_only_reads_completes_an_interrupted_transaction()
    {
        var directory = Directory.CreateDirectory(_directory[".mandos-keygen.ready"]).FullName;
        File.WriteAllText(Path.Combine(directory, "a"), "new");

        KeyFileTransaction.Recover(_directory.Path);

        Assert.Equal("a=new", _directory.State);
    }

    [Theory]
    [InlineData("wrote a")]
    [InlineData("wrote c")]
    public void An_error_before_the_commit_changes_nothing(string failing)
    {
        Write("old");
        var before = _directory.State;

        Assert.Throws<IOException>(() =>
        {
            using var files = KeyFileTransaction.Begin(_directory.Path, Names, force: true, step => Fail(step == failing));
            foreach (var name in Names)
                files.Stage(name, "new"u8);
            files.Commit();
        });

        Assert.Equal(before, _directory.State);
        Assert.Equal(Names, _directory.Names);
    }

    [Fact]
    public void The_next_run_completes_a_commit_that_was_interrupted_by_an_error()
    {
        Write("old");
        Assert.Throws<IOException>(() =>
        {
            using var files = KeyFileTransaction.Begin(_directory.Path, Names, force: true, step => Fail(step == "placed a"));
            foreach (var name in Names)
                files.Stage(name, "new"u8);
            files.Commit();
        });

        KeyFileTransaction.Recover(_directory.Path);

        Assert.Equal("a=new\na.~1~=old a\nb=new\nb.~1~=old b\nc=new\nc.~1~=old c", _directory.State);
    }

    [Fact]
    public void Backups_of_one_set_share_one_number_above_all_others()
    {
        Write("old");
        File.WriteAllText(_directory["b.~7~"], "older");
        File.WriteAllText(_directory["b.~x~"], "no backup");
        using (var files = KeyFileTransaction.Begin(_directory.Path, Names, force: true))
        {
            foreach (var name in Names)
                files.Stage(name, "new"u8);
            files.Commit();
        }

        Assert.Equal(["a", "a.~8~", "b", "b.~7~", "b.~8~", "b.~x~", "c", "c.~8~"], _directory.Names);
    }

    private void Write(string content)
    {
        foreach (var name in Names)
            File.WriteAllText(_directory[name], $"{content} {name}");
    }

    private static void Fail(bool now)
    {
        if (now)
            throw new IOException("no space left on device");
    }
}
