using CsCheck;
using Mandos.Server.Clients;
using Mandos.Server.Store;

namespace Mandos.Server.Tests.Store;

/// <summary>What a server that was killed leaves beside its database.</summary>
public sealed class WriteAheadLogTests : IDisposable
{
    private const int Changes = 12;

    /// <summary>A transaction that is torn cannot be told from one that is damaged: so much of the end may be forgotten.</summary>
    private const int MayBeForgotten = 2;

    private readonly TestStore _test = new();
    private readonly Dictionary<string, byte[]> _left;

    public WriteAheadLogTests()
    {
        using var store = _test.Open();
        store.Replace([_test.Client("a"), _test.Client("b")], [], _test.Now);
        for (var n = 1; n <= Changes; n++)
        {
            using var changed = _test.Client("a").Secret;
            store.Save([_test.Client("a", enabled: false) with { SecretsGiven = n }], [], _test.Now);
        }

        // As after SIGKILL: closed, it would be gone.
        _left = Directory.GetFiles(_test.Folder).ToDictionary(f => Path.GetFileName(f), File.ReadAllBytes);
    }

    private byte[] Log => _left[$"{SqliteClientStore.FileName}-wal"];

    public void Dispose() => _test.Dispose();

    [Fact]
    public void A_complete_or_truncated_log_is_not_damaged()
    {
        Assert.Equal(Changes, Open(Log));
        Gen.Int[0, Log.Length].Sample(length => Assert.False(WriteAheadLog.IsDamaged(Log.AsSpan(0, length))));
        Gen.Select(Gen.Int[0, Log.Length], Gen.Int[0, 5000]).Sample((length, zeros) =>
            Assert.False(WriteAheadLog.IsDamaged([.. Log.AsSpan(0, length), .. new byte[zeros]])));
        // In its header.
        for (var length = 0; length <= 100; length++)
            Assert.False(WriteAheadLog.IsDamaged([.. Log.AsSpan(0, length), .. new byte[5000]]), $"{length} bytes");
    }

    /// <summary>A checkpoint is made, and the log begins anew over what it held.</summary>
    [Fact]
    public void Frames_left_from_an_earlier_round_of_the_log_are_not_damage()
    {
        using var store = _test.Open();
        store.Replace([_test.Client("a"), _test.Client("b")], [], _test.Now);
        using (var command = store.Connection.CreateCommand())
        {
            command.CommandText = "PRAGMA wal_checkpoint(FULL)";
            command.ExecuteNonQuery();
        }

        var before = File.ReadAllBytes($"{_test.Database}-wal");
        store.Save([_test.Client("a")], [], _test.Now);
        var after = File.ReadAllBytes($"{_test.Database}-wal");
        Assert.Equal(before.Length, after.Length);
        Assert.NotEqual(before, after);
        Assert.False(WriteAheadLog.IsDamaged(after));
    }

    [Fact]
    public void A_flipped_bit_is_refused_or_loses_at_most_the_last_changes() =>
        Gen.Select(Gen.Int[0, Log.Length - 1], Gen.Int[0, 7]).Sample((at, bit) =>
        {
            byte[] damaged = [.. Log];
            damaged[at] ^= (byte)(1 << bit);
            Assert.True(Open(damaged) is null or >= Changes - MayBeForgotten, $"byte {at}");
        }, iter: 300, threads: 1);

    [Fact]
    public void A_damaged_log_is_reported_by_name_and_left_unchanged()
    {
        byte[] damaged = [.. Log];
        damaged[100] ^= 1;
        Assert.Null(Open(damaged));
        var refusal = _test.Refusal();
        Assert.Equal($"{_test.Database} is damaged: {_test.Database}-wal is damaged", refusal.Message);
        Assert.Equal(damaged, File.ReadAllBytes($"{_test.Database}-wal"));
    }

    /// <summary>SQLite alone would move the log into the database that it refuses, and delete it.</summary>
    [Fact]
    public void A_refused_database_and_its_log_are_left_unchanged()
    {
        Assert.Equal(Changes, Open(Log));
        byte[] damaged = [.. _left[SqliteClientStore.FileName]];
        damaged[3] ^= 1;
        Leave(Log);
        File.WriteAllBytes(_test.Database, damaged);
        Assert.StartsWith($"{_test.Database} is damaged: ", _test.Refusal().Message, StringComparison.Ordinal);
        Assert.Equal(damaged, File.ReadAllBytes(_test.Database));
        Assert.Equal(Log, File.ReadAllBytes($"{_test.Database}-wal"));
    }

    [Fact]
    public void The_hint_reports_what_a_start_without_the_store_begins_with()
    {
        byte[] damaged = [.. Log];
        damaged[100] ^= 1;
        Leave(damaged);
        Assert.EndsWith("(clients that were disabled are enabled again)", _test.Refusal().Hint, StringComparison.Ordinal);
        var original = _test.File("clients.pickle");
        File.WriteAllBytes(original, []);
        Assert.EndsWith($"the server then starts with what {original} says", _test.Refusal().Hint, StringComparison.Ordinal);
    }

    [Fact]
    public void A_read_only_file_system_is_reported_as_such()
    {
        const int erofs = 30;
        var failure = StoreFailure.Of(new IOException("Read-only file system", erofs), "/state/clients.sqlite");
        Assert.Equal("/state/clients.sqlite: it cannot be written", failure.Message);
        Assert.EndsWith("mounted read-write", failure.Hint, StringComparison.Ordinal);
    }

    [Fact]
    public void A_nonsense_header_is_damage_and_not_an_internal_error()
    {
        Assert.True(WriteAheadLog.IsDamaged(Enumerable.Repeat((byte)0xFF, 100).ToArray()));
        Gen.Byte.Array[0, 300].Sample(bytes => { _ = WriteAheadLog.IsDamaged(bytes); });
    }

    /// <summary>How often the client got its secret, in the store with this log; null if it is refused.</summary>
    private long? Open(byte[] log)
    {
        Leave(log);
        try
        {
            using var store = _test.Open();
            var clients = store.Load().Clients.Select(c => c.State).ToList();
            clients.ForEach(c => c.Secret.Dispose());
            return clients.Find(c => c.Name == "a") is { Enabled: false } a ? a.SecretsGiven : 0;
        }
        catch (StoreException)
        {
            return null;
        }
    }

    /// <summary>The files of the server that was killed, with this log.</summary>
    private void Leave(byte[] log)
    {
        foreach (var file in Directory.GetFiles(_test.Folder))
            File.Delete(file);
        foreach (var (name, content) in _left)
            File.WriteAllBytes(_test.File(name), name.EndsWith("-wal", StringComparison.Ordinal) ? log : content);
    }
}
