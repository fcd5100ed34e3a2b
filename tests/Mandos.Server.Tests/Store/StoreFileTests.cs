using System.Globalization;
using System.Text;
using CsCheck;
using Mandos.Server.Clients;
using Mandos.Server.Restoration;
using Mandos.Server.Store;
using Microsoft.Data.Sqlite;

namespace Mandos.Server.Tests.Store;

/// <summary>The files of a store: who reads them, and what is done about one that is damaged.</summary>
public sealed class StoreFileTests : IDisposable
{
    private const string Password = "correct horse battery staple";

    private readonly TestStore _test = new();

    public void Dispose() => _test.Dispose();

    private void Fill() => _test.Use(store =>
        store.Replace(
            [.. Enumerable.Range(0, 40).Select(i => _test.Client($"client-{i}", enabled: i % 2 == 0, Password))],
            [TestStore.Section("client-0")], _test.Now));

    [Fact]
    public void Only_the_owner_can_read_the_store_files()
    {
        using var store = _test.Open();
        store.Replace([_test.Client("a")], [], _test.Now);
        var files = Directory.GetFiles(_test.Folder);
        Assert.Contains(_test.Database + "-wal", files);
        Assert.Contains(_test.File(StoreKey.FileName), files);
        Assert.All(files, file => Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file)));
    }

    [Fact]
    public void Store_files_that_others_can_read_become_private()
    {
        Fill();
        File.SetUnixFileMode(_test.Database, (UnixFileMode)Convert.ToInt32("644", 8));
        File.SetUnixFileMode(_test.File(StoreKey.FileName), (UnixFileMode)Convert.ToInt32("644", 8));
        using var store = _test.Open();
        Assert.All(
            Directory.GetFiles(_test.Folder),
            file => Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file)));
    }

    [Fact]
    public void No_file_contains_a_secret_in_plain_text()
    {
        using var store = _test.Open();
        store.Replace([_test.Client("a", secret: Password)], [], _test.Now);
        foreach (var file in Directory.GetFiles(_test.Folder))
            Assert.Equal(-1, File.ReadAllBytes(file).AsSpan().IndexOf(Encoding.UTF8.GetBytes(Password)));
    }

    [Fact]
    public void The_store_uses_WAL_with_full_sync_and_exclusive_locking()
    {
        using var store = _test.Open();
        Assert.Equal(
            ("wal", 2L, "exclusive"),
            (Ask(store, "PRAGMA journal_mode"), Ask(store, "PRAGMA synchronous"), Ask(store, "PRAGMA locking_mode")));
    }

    [Fact]
    public void A_second_server_is_refused_and_the_error_contains_the_directory()
    {
        using var store = _test.Open();
        Assert.Equal($"another server uses {_test.Folder}", _test.Refusal().Message);
        store.Replace([_test.Client("a")], [], _test.Now);
    }

    [Fact]
    public void The_error_says_when_another_program_uses_the_database()
    {
        Fill();
        using var other = new SqliteConnection($"Data Source={_test.Database};Pooling=False");
        other.Open();
        using var command = other.CreateCommand();
        command.CommandText = "BEGIN EXCLUSIVE";
        command.ExecuteNonQuery();
        Assert.Equal($"another program uses {_test.Database}", _test.Refusal().Message);
    }

    [Fact]
    public void A_missing_directory_is_created_but_its_parents_are_not()
    {
        using (SqliteClientStore.Open(_test.File("new"), _test.Time, new("", () => default)))
            Assert.Equal(
                UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(_test.File("new")));
        var refusal = Assert.Throws<StoreException>(() => SqliteClientStore.Open(_test.File("a/b"), _test.Time, new("", () => default)));
        Assert.Contains("No such file or directory", refusal.Message, StringComparison.Ordinal);
    }

    public static TheoryData<string, Func<byte[], byte[]>> Damages => new()
    {
        { "empty", bytes => [] },
        { "cut in its first page", bytes => bytes[..100] },
        { "cut at half", bytes => bytes[..(bytes.Length / 2 / 4096 * 4096)] },
        { "text", bytes => Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat("this is no database\n", 500))) },
        { "header overwritten", bytes => [.. new byte[100], .. bytes[100..]] },
        { "zeroes in the middle", bytes => [.. bytes[..4096], .. new byte[8192], .. bytes[12288..]] },
    };

    [Theory]
    [MemberData(nameof(Damages))]
    public void A_damaged_store_is_refused_with_a_recovery_hint_and_left_unchanged(string what, Func<byte[], byte[]> damage)
    {
        Fill();
        var damaged = damage(File.ReadAllBytes(_test.Database));
        File.WriteAllBytes(_test.Database, damaged);
        var refusal = _test.Refusal();
        Assert.StartsWith($"{_test.Database} is damaged: ", refusal.Message, StringComparison.Ordinal);
        Assert.Contains(
            $"move {_test.Database}-wal away and restore {_test.Database} from a backup, or move both and "
                + $"{_test.File("clients.last")} away: ",
            refusal.Hint, StringComparison.Ordinal);
        Assert.Equal(damaged, File.ReadAllBytes(_test.Database));
        Assert.NotEmpty(what);
    }

    [Fact]
    public void No_flipped_bit_changes_a_client_unnoticed()
    {
        Fill();
        var intact = File.ReadAllBytes(_test.Database);
        List<string> expected;
        using (var store = _test.Open())
            expected = Content(store);
        var refused = 0;
        Gen.Int[0, (8 * intact.Length) - 1].Sample(
            bit =>
            {
                var damaged = (byte[])intact.Clone();
                damaged[bit / 8] ^= (byte)(1 << (bit % 8));
                File.WriteAllBytes(_test.Database, damaged);
                try
                {
                    using var store = _test.Open();
                    // It hit what is not in use.
                    Assert.Equal(expected, Content(store));
                }
                catch (StoreException)
                {
                    refused++;
                }
            },
            iter: 300,
            threads: 1);
        Assert.InRange(refused, 30, 300);
    }

    [Fact]
    public void A_database_of_another_application_is_refused()
    {
        Fill();
        Directory.Delete(_test.Folder, recursive: true);
        Directory.CreateDirectory(_test.Folder);
        using (var other = new SqliteConnection($"Data Source={_test.Database};Pooling=False"))
        {
            other.Open();
            using var command = other.CreateCommand();
            command.CommandText = "CREATE TABLE client (name TEXT)";
            command.ExecuteNonQuery();
        }

        Assert.Contains("not one of this server", _test.Refusal().Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_interrupted_creation_of_the_store_is_repeated()
    {
        File.WriteAllText(_test.File("clients.sqlite.new"), "half a database");
        File.WriteAllText(_test.File("store.key.new"), "half a key");
        _test.Use(store => store.Replace([_test.Client("a")], [], _test.Now));
        Assert.Equal(["clients.last", "clients.sqlite", "store.key"], Directory.GetFiles(_test.Folder).Select(Path.GetFileName).Order());
    }

    [Theory]
    [InlineData("clients.sqlite")]
    [InlineData("clients.sqlite-wal")]
    [InlineData("store.key")]
    [InlineData("clients.pickle")]
    public void A_path_that_is_not_a_regular_file_is_reported_and_left_alone(string name)
    {
        Fill();
        foreach (var make
            in (Action[])[
                () => Directory.CreateDirectory(_test.File(name)), () => File.CreateSymbolicLink(_test.File(name), "/nonexistent/x")])
        {
            File.Delete(_test.File(name));
            make();
            var refusal = Assert.Throws<StoreException>(() =>
            {
                using var store = _test.Open();
                StateRestoration.Begin(store, new([], new HashSet<string>()), _test.Now);
            });
            Assert.Equal($"{_test.File(name)} is not a file", refusal.Message);
            Assert.NotNull(refusal.Hint);
            Assert.True(Path.Exists(_test.File(name)));
            if (Directory.Exists(_test.File(name)))
                Directory.Delete(_test.File(name));
        }
    }

    [Fact]
    public void A_write_ahead_log_without_its_database_is_refused_and_kept()
    {
        using (var store = _test.Open())
        {
            store.Replace([_test.Client("a")], [TestStore.Section("a")], _test.Now);
            File.Copy(_test.Database + "-wal", _test.File("kept"));
        }

        File.Delete(_test.Database);
        File.Move(_test.File("kept"), _test.Database + "-wal");
        Assert.Equal($"{_test.Database} is missing, but {_test.Database}-wal exists, with changes to it", _test.Refusal().Message);
        Assert.False(File.Exists(_test.Database));
        Assert.True(File.Exists(_test.Database + "-wal"));
    }

    [Theory]
    [InlineData("DELETE FROM note WHERE name = 'replaced'")]
    [InlineData("UPDATE note SET name = 'replacee' WHERE name = 'replaced'")]
    [InlineData("UPDATE note SET value = x'ffffffffffffff7f' WHERE name = 'replaced'")]
    [InlineData("UPDATE note SET value = x'ff' WHERE name = 'replaced'")]
    public void A_store_without_its_write_time_is_damaged_and_not_new(string damage)
    {
        Fill();
        using var store = _test.Open();
        using var command = store.Connection.CreateCommand();
        command.CommandText = damage;
        command.ExecuteNonQuery();
        var refusal = Assert.Throws<StoreException>(() => StateRestoration.Begin(store, new([], new HashSet<string>()), _test.Now));
        Assert.Equal($"{_test.Database} is damaged: it does not say when it was written", refusal.Message);
    }

    private static List<string> Content(SqliteClientStore store)
    {
        var state = store.Load();
        var content = state.Clients.Select(
            c => (c with { State = c.State with { Secret = null! } }) + TestStore.Text(c.State.Secret)).ToList();
        foreach (var client in state.Clients)
            client.State.Secret.Dispose();
        return [.. content, .. state.Configured.Select(c => c.ToString())];
    }

    private static object? Ask(SqliteClientStore store, string question)
    {
        using var command = store.Connection.CreateCommand();
        command.CommandText = string.Create(CultureInfo.InvariantCulture, $"{question}");
        return command.ExecuteScalar();
    }
}
