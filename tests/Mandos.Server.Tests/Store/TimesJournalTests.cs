using CsCheck;
using Mandos.Server.Clients;
using Mandos.Server.Store;

namespace Mandos.Server.Tests.Store;

/// <summary>The times of checks that succeed, saved beside the rows.</summary>
public sealed class TimesJournalTests : IDisposable
{
    private readonly TestStore _test = new();

    public void Dispose() => _test.Dispose();

    [Fact]
    public void Times_are_read_as_last_saved_with_the_remaining_time()
    {
        _test.Use(store =>
        {
            var a = _test.Client("a");
            store.Replace([a, _test.Client("b")], [], _test.Now);
            _test.Pass(TimeSpan.FromMinutes(1));
            store.SaveTimes([Checked(a)], _test.Now);
            _test.Pass(TimeSpan.FromMinutes(1));
            store.SaveTimes([Checked(a)], _test.Now);
        });
        var end = (_test.Now + TimeSpan.FromMinutes(5)).Wall;
        _test.Pass(TimeSpan.FromMinutes(2));
        var (first, second) = Load();
        Assert.Equal(TimeSpan.FromMinutes(3), first.Remaining);
        Assert.Equal(end, first.State.Expires?.Wall);
        Assert.Equal(_test.Now.Wall - TimeSpan.FromMinutes(2), first.State.LastCheckedOk);
        Assert.Equal(0, first.State.LastCheckerStatus);
        Assert.Equal(TimeSpan.FromMinutes(1), second.Remaining);
        Assert.Null(second.State.LastCheckedOk);
    }

    [Fact]
    public void A_row_that_is_saved_later_overrides_the_saved_times()
    {
        _test.Use(store =>
        {
            var (a, b) = (_test.Client("a"), _test.Client("b"));
            store.Replace([a, b], [], _test.Now);
            store.SaveTimes([Checked(a), Checked(b)], _test.Now);
            store.Save([a with { Enabled = false, Expires = null }, b with { LastCheckerStatus = 1 }], [], _test.Now);
        });
        var (a, b) = Load();
        Assert.False(a.State.Enabled);
        Assert.Null(a.Remaining);
        Assert.Null(b.State.LastCheckedOk);
        Assert.Equal(1, b.State.LastCheckerStatus);
    }

    [Fact]
    public void A_new_client_under_an_old_name_does_not_inherit_its_times()
    {
        _test.Use(store =>
        {
            var (a, b) = (_test.Client("a"), _test.Client("b"));
            store.Replace([a, b], [], _test.Now);
            store.SaveTimes([Checked(a)], _test.Now);
            store.Save([], ["a"], _test.Now);
            store.Save([_test.Client("a")], [], _test.Now);
        });
        Assert.Null(Load().Second.State.LastCheckedOk);
    }

    [Fact]
    public void Saved_times_are_ignored_after_an_older_server_replaced_the_table()
    {
        _test.Use(store =>
        {
            var a = _test.Client("a");
            store.Replace([a, _test.Client("b")], [], _test.Now);
            store.SaveTimes([Checked(a)], _test.Now);
            store.Note("replaced", BitConverter.GetBytes(_test.Now.Wall.Ticks + 1));
        });
        Assert.Null(Load().First.State.LastCheckedOk);
    }

    [Fact]
    public void Times_of_an_earlier_run_do_not_apply_to_a_row_that_this_run_saves_before_replacing_the_table()
    {
        _test.Use(store =>
        {
            var (a, b) = (_test.Client("a"), _test.Client("b"));
            store.Replace([a, b], [], _test.Now);
            store.SaveTimes([Checked(a), Checked(b)], _test.Now);
            store.SaveTimes([Checked(a)], _test.Now);
        });
        _test.Use(store => store.Save([_test.Client("a", enabled: false)], [], _test.Now));
        var (a, b) = Load();
        Assert.False(a.State.Enabled);
        Assert.Null(a.State.LastCheckedOk);
        Assert.NotNull(b.State.LastCheckedOk);
    }

    [Fact]
    public void A_reload_keeps_the_saved_times()
    {
        _test.Use(store =>
        {
            var (a, b) = (_test.Client("a"), _test.Client("b"));
            store.Replace([a, b], [], _test.Now);
            store.SaveTimes([a = Checked(a)], _test.Now);
            _test.Pass(TimeSpan.FromMinutes(1));
            store.Replace([a, b with { Settings = TestStore.Settings("other") }], [], _test.Now);
        });
        var (first, second) = Load();
        Assert.NotNull(first.State.LastCheckedOk);
        Assert.Equal("other", second.State.Settings.Host);
    }

    [Fact]
    public void A_restart_without_changes_writes_no_row_and_keeps_the_saved_times()
    {
        ClientState a = _test.Client("a"), b = _test.Client("b");
        _test.Use(store =>
        {
            store.Replace([a, b], [TestStore.Section("a")], _test.Now);
            store.SaveTimes([Checked(a)], _test.Now);
        });
        _test.Pass(TimeSpan.FromMinutes(1));
        _test.Use(store =>
        {
            var changes = Changes(store);
            store.Replace([.. store.Load().Clients.Select(Restored)], [TestStore.Section("a")], _test.Now);
            // The two notes of the replacement, the head of the times and the number of the change.
            Assert.InRange(Changes(store) - changes, 1, 4);
        });
        _test.Pass(TimeSpan.FromMinutes(1));
        var (first, second) = Load();
        Assert.Equal(TimeSpan.FromMinutes(3), first.Remaining);
        Assert.Equal(b.Expires!.Value.Monotonic - _test.Now.Monotonic, second.Remaining);
        Assert.NotNull(first.State.LastCheckedOk);
    }

    [Fact]
    public void A_restart_writes_its_changes_and_they_override_the_saved_times()
    {
        ClientState a = _test.Client("a"), b = _test.Client("b"), c = _test.Client("c");
        _test.Use(store =>
        {
            store.Replace([a, b, c], [TestStore.Section("a"), TestStore.Section("b")], _test.Now);
            store.SaveTimes([Checked(a), Checked(b)], _test.Now);
        });
        _test.Use(store =>
        {
            var read = store.Load().Clients.Select(Restored).ToList();
            store.Replace(
                [read[0] with { Enabled = false, Expires = null }, read[1] with { Expires = _test.Now + TimeSpan.FromMinutes(9) }],
                [TestStore.Section("a", "other")], _test.Now);
        });
        using var last = _test.Open();
        var state = last.Load();
        Assert.Equal(["a", "b"], state.Clients.Select(client => client.State.Name));
        Assert.False(state.Clients[0].State.Enabled);
        Assert.Equal(TimeSpan.FromMinutes(9), state.Clients[1].Remaining);
        Assert.Equal("other", Assert.Single(state.Configured).Value.Settings.Host);
    }

    [Fact]
    public void A_restart_rewrites_each_row_whose_time_was_saved_in_another_boot()
    {
        _test.Use(store => store.Replace([_test.Client("a"), _test.Client("b")], [], _test.Now));
        (_test.BootId, _test.SinceBoot) = ("another", TimeSpan.FromMinutes(1));
        _test.Time.Advance(TimeSpan.FromMinutes(1));
        _test.Use(store => store.Replace([.. store.Load().Clients.Select(Restored)], [], _test.Now));
        // By the clock of the new boot: the wall clock plays no part.
        _test.Time.Advance(TimeSpan.FromDays(1));
        var (first, second) = Load();
        Assert.Equal(TimeSpan.FromMinutes(4), first.Remaining);
        Assert.Equal(TimeSpan.FromMinutes(4), second.Remaining);
    }

    [Fact]
    public void Void_times_stay_void_after_a_restart_without_changes()
    {
        _test.Use(store =>
        {
            var a = _test.Client("a");
            store.Replace([a, _test.Client("b")], [], _test.Now);
            store.SaveTimes([Checked(a)], _test.Now);
            store.Note("replaced", BitConverter.GetBytes(_test.Now.Wall.Ticks + 1));
        });
        _test.Use(store => store.Replace([.. store.Load().Clients.Select(Restored)], [], _test.Now));
        Assert.Null(Load().First.State.LastCheckedOk);
    }

    [Fact]
    public void Damaged_times_are_refused()
    {
        _test.Use(store =>
        {
            var a = _test.Client("a");
            store.Replace([a], [], _test.Now);
            store.SaveTimes([Checked(a)], _test.Now);
            var batch = store.Note("times.0000000001")!;
            batch[^1] ^= 1;
            store.Note("times.0000000001", batch);
        });
        Assert.Contains("the times of the checks are damaged", _test.Refusal().Message, StringComparison.Ordinal);
    }

    [Fact]
    public void After_any_series_of_saves_the_last_values_are_read() => Gen.Select(Gen.Int[0, 3], Gen.Int[0, 9]).Array[0, 60].Sample(
        steps =>
        {
            using var test = new TestStore();
            var expected = new Dictionary<string, ClientState>();
            test.Use(store =>
            {
                for (var i = 0; i < 10; i++)
                    expected[$"c{i}"] = test.Client($"c{i}");
                store.Replace([.. expected.Values], [], test.Now);
                foreach (var (kind, which) in steps)
                {
                    test.Pass(TimeSpan.FromSeconds(1));
                    var name = $"c{which}";
                    var client = expected[name];
                    if (kind == 0)
                        store.Save([expected[name] = client with { SecretsGiven = client.SecretsGiven + 1 }], [], test.Now);
                    else if (kind == 1)
                        store.Replace([.. expected.Values], [], test.Now);
                    else
                        store.SaveTimes(
                            [
                                expected[name] =
                                    client with { LastCheckedOk = test.Now.Wall, LastCheckerStatus = 0,
                                        Expires = test.Now + TimeSpan.FromMinutes(5) }],
                            test.Now);
                }
            });
            using var again = test.Open();
            foreach (var read in again.Load().Clients)
            {
                var saved = expected[read.State.Name];
                Assert.Equal(
                    (saved.SecretsGiven, saved.LastCheckedOk, saved.LastCheckerStatus, saved.Expires?.Wall),
                    (read.State.SecretsGiven, read.State.LastCheckedOk, read.State.LastCheckerStatus, read.State.Expires?.Wall));
                Assert.Equal(saved.Expires?.Monotonic - test.Now.Monotonic, read.Remaining);
            }
        },
        iter: 30,
        threads: 1);

    [Fact]
    public void Saving_a_check_writes_at_most_2000_bytes_to_the_disk()
    {
        using var store = _test.Open();
        var clients = Enumerable.Range(0, 1000).Select(i => _test.Client($"client-{i}", secret: new string('s', 880))).ToList();
        store.Replace(clients, [], _test.Now);
        var before = Pages();
        // A thousand clients in two minutes, as many as in ten seconds at once; and that ten times over.
        for (var round = 0; round < 10; round++)
        {
            foreach (var some in clients.Chunk(83))
                store.SaveTimes([.. some.Select(Checked)], _test.Now);
        }

        // What stands in the log is written into the database later, at most once.
        Assert.InRange((Pages() - before) * 2.0 * 4096 / (10 * clients.Count), 1, 2000);

        long Pages()
        {
            using var command = store.Connection.CreateCommand();
            command.CommandText = "PRAGMA wal_checkpoint(PASSIVE)";
            using var reader = command.ExecuteReader();
            Assert.True(reader.Read());
            return reader.GetInt64(1);
        }
    }

    /// <summary>As a start makes it of what was saved.</summary>
    private ClientState Restored(StoredClient stored) =>
        stored.State with { Expires = stored.Remaining is { } left ? _test.Now + left : null };

    private static long Changes(SqliteClientStore store)
    {
        using var command = store.Connection.CreateCommand();
        command.CommandText = "SELECT total_changes()";
        return (long)command.ExecuteScalar()!;
    }

    private ClientState Checked(ClientState client) =>
        client with { LastCheckedOk = _test.Now.Wall, LastCheckerStatus = 0, Expires = _test.Now + TimeSpan.FromMinutes(5) };

    private (StoredClient First, StoredClient Second) Load()
    {
        using var store = _test.Open();
        var clients = store.Load().Clients;
        return (clients[0], clients[1]);
    }
}
