using Mandos.Server.Clients;
using Mandos.Server.Store;

namespace Mandos.Server.Tests.Store;

/// <summary>A state that is older than what was acknowledged never starts without a word.</summary>
public sealed class LastChangeTests : IDisposable
{
    private const int Clients = 12;
    private const int Damages = 300;

    private readonly TestStore _test = new();
    private readonly string _damaged = Directory.CreateTempSubdirectory("mandos-store").FullName;

    public void Dispose()
    {
        _test.Dispose();
        Directory.Delete(_damaged, recursive: true);
    }

    /// <summary>$MANDOS_DRILL_SEED repeats it.</summary>
    [Fact]
    public void A_truncated_or_changed_log_never_silently_loses_a_change()
    {
        var seed = int.TryParse(Environment.GetEnvironmentVariable("MANDOS_DRILL_SEED"), out var chosen) ? chosen : Environment.TickCount;
        var random = new Random(seed);
        var (acknowledged, files) = Killed(random);
        var (refused, told, intact) = (0, 0, 0);
        for (var n = 0; n < Damages; n++)
        {
            var file = n % 3 == 2 ? LastChange.FileName : SqliteClientStore.LogFileName;
            var bytes = files[file].ToArray();
            var at = random.Next(bytes.Length);
            if (n % 2 == 0)
                Array.Resize(ref bytes, at);
            else
                bytes[at] ^= (byte)(1 << random.Next(8));
            Place(files, file, bytes);
            try
            {
                using var store = SqliteClientStore.Open(_damaged, _test.Time, new("d4c2", () => _test.SinceBoot));
                var now = Told(store);
                if (store.Notice is not null)
                    told++;
                else
                    Assert.True(
                        acknowledged == now,
                        $"seed {seed}: {file} changed at byte {at} of {files[file].Length} starts older, without a word");
                intact += acknowledged == now ? 1 : 0;
            }
            catch (StoreException e)
            {
                refused++;
                Assert.NotNull(e.Hint);
                Assert.Equal(bytes, File.ReadAllBytes(Path.Combine(_damaged, file)));
            }
        }

        Assert.True(refused > Damages / 3 && intact > Damages / 6, $"seed {seed}: {refused} refused, {intact} as they were, {told} told");
    }

    [Fact]
    public void The_refusal_of_an_older_state_has_a_hint_with_two_ways_to_continue_and_both_work()
    {
        var (acknowledged, files) = Killed(new Random(1));
        Place(
            files, SqliteClientStore.LogFileName,
            files[SqliteClientStore.LogFileName][..(files[SqliteClientStore.LogFileName].Length / 2)]);
        var refusal = Assert.Throws<StoreException>(Open);
        Assert.Matches(
            $"^{_damaged}/clients.sqlite is older than the last saved state: it ends with change [0-9]+, and {_damaged}/clients.last "
                + "says that change [0-9]+ was saved$",
            refusal.Message);
        Assert.Equal(
            $"restore all files of {_damaged} from the same backup; or, to continue with the older state, move {_damaged}/clients.last "
                + "away: clients that were disabled since then are enabled again",
            refusal.Hint);
        Assert.False(refusal.IsAboutDisk);
        // A copy of it is no way around.
        Assert.Throws<StoreException>(() => SqliteClientStore.OpenCopy(_damaged, _test.Time, new("", () => default)));
        Place(files, "", []);
        using (var whole = Open())
            Assert.Equal(acknowledged, Told(whole));
        Place(
            files, SqliteClientStore.LogFileName,
            files[SqliteClientStore.LogFileName][..(files[SqliteClientStore.LogFileName].Length / 2)]);
        File.Delete(Path.Combine(_damaged, LastChange.FileName));
        using var older = Open();
        Assert.Contains("is missing or damaged", older.Notice, StringComparison.Ordinal);
        Assert.NotEqual(acknowledged, Told(older));
        older.Save([_test.Client("c0")], [], _test.Now);
    }

    /// <summary>A repair of the file system may put the database into lost+found, where no program looks.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_missing_store_is_refused_while_the_number_of_its_last_change_exists(bool isCopy)
    {
        _test.Use(store => store.Replace([_test.Client("a", enabled: false)], [], _test.Now));
        File.Delete(_test.Database);
        var refusal = Assert.Throws<StoreException>(
            () => isCopy ? SqliteClientStore.OpenCopy(_test.Folder, _test.Time, new("", () => default)) : _test.Open());
        Assert.Equal($"{_test.Database} is missing: {_test.File("clients.last")} says that there was one", refusal.Message);
        Assert.StartsWith(
            $"restore all files of {_test.Folder} from the same backup, or move {_test.File("clients.last")} away: the server then "
                + "starts with ",
            refusal.Hint, StringComparison.Ordinal);
        Assert.False(refusal.IsAboutDisk);
        Assert.False(File.Exists(_test.Database));
        File.Delete(_test.File(LastChange.FileName));
        using var anew = _test.Open();
        Assert.Empty(anew.Load().Clients);
    }

    [Fact]
    public void An_unacknowledged_change_may_be_lost()
    {
        _test.Use(store => store.Replace([_test.Client("a")], [], _test.Now));
        using var running = _test.Open();
        running.Save([_test.Client("a", enabled: false)], [], _test.Now);
        var before = File.ReadAllBytes(_test.File(SqliteClientStore.LogFileName));
        var number = File.ReadAllBytes(_test.File(LastChange.FileName));
        running.Save([_test.Client("b")], [], _test.Now);
        // The power goes between the two writes, or in the middle of the first.
        var during = File.ReadAllBytes(_test.File(SqliteClientStore.LogFileName));
        for (var length = before.Length; length <= during.Length; length += 500)
        {
            Place(Files(), SqliteClientStore.LogFileName, during[..length]);
            File.WriteAllBytes(Path.Combine(_damaged, LastChange.FileName), number);
            using var store = Open();
            Assert.Null(store.Notice);
            Assert.False(store.Load().Clients[0].State.Enabled);
        }
    }

    [Fact]
    public void Checks_that_change_only_times_are_not_counted()
    {
        using var store = _test.Open();
        store.Replace([_test.Client("a")], [], _test.Now);
        store.Save([_test.Client("a")], [], _test.Now);
        var state = _test.Client("a");
        store.Save([state], [], _test.Now);
        var before = File.ReadAllBytes(_test.File(LastChange.FileName));
        store.Save(
            [state with { LastCheckedOk = _test.Now.Wall, LastCheckerStatus = 0, Expires = _test.Now + TimeSpan.FromHours(1) }], [],
            _test.Now);
        Assert.Equal(before, File.ReadAllBytes(_test.File(LastChange.FileName)));
        store.Save([state with { Enabled = false, Expires = null }], [], _test.Now);
        Assert.NotEqual(before, File.ReadAllBytes(_test.File(LastChange.FileName)));
    }

    [Fact]
    public void A_copy_in_memory_includes_the_changes_in_the_log()
    {
        var (acknowledged, files) = Killed(new Random(2));
        Place(files, "", []);
        using var copy = SqliteClientStore.OpenCopy(_damaged, _test.Time, new("d4c2", () => _test.SinceBoot));
        Assert.Equal(acknowledged, Told(copy));
        copy.Save([_test.Client("c0", enabled: false)], [], _test.Now);
        Assert.All(files, f => Assert.Equal(f.Value, File.ReadAllBytes(Path.Combine(_damaged, f.Key))));
    }

    private SqliteClientStore Open() => SqliteClientStore.Open(_damaged, _test.Time, new("d4c2", () => _test.SinceBoot));

    /// <summary>What a server that is killed leaves, after many changes of which each was acknowledged, and none twice.</summary>
    private (string Acknowledged, Dictionary<string, byte[]> Files) Killed(Random random)
    {
        using var store = _test.Open();
        store.Replace([.. Enumerable.Range(0, Clients).Select(n => _test.Client($"c{n}"))], [], _test.Now);
        for (var change = 0; change < 40; change++)
        {
            var client = _test.Client($"c{random.Next(Clients)}", enabled: random.Next(2) == 0);
            store.Save([client with { Settings = client.Settings with { Host = $"host{change}" } }], [], _test.Now);
        }

        return (Told(store), Files());
    }

    private static string Told(SqliteClientStore store) =>
        string.Join(' ', store.Load().Clients.Select(c => $"{c.State.Name} {c.State.Enabled} {c.State.Settings.Host}"));

    private Dictionary<string, byte[]> Files() =>
        Directory.GetFiles(_test.Folder).ToDictionary(f => Path.GetFileName(f), File.ReadAllBytes);

    /// <summary>These files, but for one.</summary>
    private void Place(Dictionary<string, byte[]> files, string other, byte[] content)
    {
        foreach (var file in Directory.GetFiles(_damaged))
            File.Delete(file);
        foreach (var (name, bytes) in files)
            File.WriteAllBytes(Path.Combine(_damaged, name), name == other ? content : bytes);
    }
}
