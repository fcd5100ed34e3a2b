using CsCheck;
using Mandos.Server.Clients;

namespace Mandos.Server.Tests.Store;

public sealed class SqliteClientStoreTests : IDisposable
{
    private readonly TestStore _test = new();

    public void Dispose() => _test.Dispose();

    [Fact]
    public void A_new_store_is_empty()
    {
        using var store = _test.Open();
        var state = store.Load();
        Assert.Empty(state.Clients);
        Assert.Empty(state.Configured);
        Assert.Null(store.ReplacedAt);
    }

    [Fact]
    public void Any_state_is_read_as_it_was_saved() => Gen.Select(StateGen.States(_test.Now), StateGen.Section.Array[0, 3]).Sample(
        (states, sections) =>
        {
            ConfiguredClient[] distinct = [.. sections.DistinctBy(s => s.Name)];
            _test.Use(store => store.Replace(states, distinct, _test.Now));
            using var store = _test.Open();
            var loaded = store.Load();
            Assert.Equal(states.Length, loaded.Clients.Count);
            foreach (var (saved, read) in states.Zip(loaded.Clients))
                AssertSame(saved, read);
            Assert.Equal(distinct.ToDictionary(s => s.Name), loaded.Configured);
            foreach (var secret in states.Select(s => s.Secret).Concat(loaded.Clients.Select(c => c.State.Secret)))
                secret.Dispose();
        },
        iter: 60,
        threads: 1);

    [Fact]
    public void A_changed_client_keeps_its_position_and_a_new_one_is_saved_last()
    {
        _test.Use(
            store => store.Replace([_test.Client("b"), _test.Client("a")], [TestStore.Section("b"), TestStore.Section("a")], _test.Now));
        _test.Use(store => store.Save([_test.Client("b", enabled: false, secret: "other"), _test.Client("0")], [], _test.Now));
        using var store = _test.Open();
        var state = store.Load();
        Assert.Equal(["b", "a", "0"], state.Clients.Select(c => c.State.Name));
        Assert.Equal("other", TestStore.Text(state.Clients[0].State.Secret));
        Assert.False(state.Clients[0].State.Enabled);
        Assert.Null(state.Clients[0].Remaining);
        Assert.Equal(["b", "a"], state.Configured.Keys);
    }

    [Fact]
    public void Removed_clients_are_gone_but_their_sections_stay()
    {
        _test.Use(
            store => store.Replace([_test.Client("a"), _test.Client("b")], [TestStore.Section("a"), TestStore.Section("b")], _test.Now));
        _test.Use(store => store.Save([], ["a", "unknown"], _test.Now));
        using var store = _test.Open();
        Assert.Equal("b", Assert.Single(store.Load().Clients).State.Name);
        Assert.Contains("a", store.Load().Configured);
    }

    [Fact]
    public void A_replaced_secret_is_saved()
    {
        using var store = _test.Open();
        var client = _test.Client("a");
        store.Replace([client], [], _test.Now);
        store.Save([client with { SecretsGiven = 3 }], [], _test.Now);
        store.Save([client with { Secret = TestStore.Secret("other") }], [], _test.Now);
        Assert.Equal("other", TestStore.Text(store.Load().Clients[0].State.Secret));
    }

    [Fact]
    public void A_change_that_fails_halfway_changes_nothing()
    {
        using var store = _test.Open();
        store.Replace([_test.Client("a")], [], _test.Now);
        var broken = _test.Client("c");
        broken.Secret.Dispose();
        Assert.Throws<ObjectDisposedException>(() => store.Save([_test.Client("b"), broken], ["a"], _test.Now));
        Assert.Equal("a", Assert.Single(store.Load().Clients).State.Name);
        store.Save([_test.Client("b")], [], _test.Now);
        Assert.Equal(2, store.Load().Clients.Count);
    }

    [Theory]
    [InlineData(10)]
    [InlineData(2000)]
    public void A_reload_writes_only_what_changed(int count)
    {
        using var store = _test.Open();
        var clients = Enumerable.Range(0, count).Select(i => _test.Client($"c{i}")).ToList();
        var sections = clients.Select(c => TestStore.Section(c.Name)).ToList();
        store.Replace(clients, sections, _test.Now);
        var before = Changes();
        clients[3] = clients[3] with { Settings = TestStore.Settings("other") };
        sections[3] = sections[3] with { SecretDigest = "another" };
        var gone = clients[5];
        clients.RemoveAt(5);
        sections.RemoveAt(5);
        store.Replace([.. clients, _test.Client("new")], [.. sections, TestStore.Section("new")], _test.Now);

        // Two rows of each changed, gone and new client, and four notes.
        Assert.InRange(Changes() - before, 1, 10);
        var state = store.Load();
        Assert.Equal(count, state.Clients.Count);
        Assert.Equal("other", state.Clients[3].State.Settings.Host);
        Assert.DoesNotContain(state.Clients, c => c.State.Name == gone.Name);
        Assert.Equal([.. sections.Select(s => s.Name), "new"], state.Configured.Keys);
        Assert.Equal("another", state.Configured["c3"].SecretDigest);

        long Changes()
        {
            using var command = store.Connection.CreateCommand();
            command.CommandText = "SELECT total_changes()";
            return (long)command.ExecuteScalar()!;
        }
    }

    [Fact]
    public void State_saved_by_this_process_is_known_as_it_would_be_read()
    {
        using var store = _test.Open();
        Assert.Null(store.Known(_test.Now));
        var (a, b) = (_test.Client("a"), _test.Client("b", enabled: false));
        store.Replace([a, b, _test.Client("c")], [TestStore.Section("a")], _test.Now);
        store.Save([a = a with { SecretsGiven = 2, Secret = TestStore.Secret("other") }], ["c"], _test.Now);
        _test.Pass(TimeSpan.FromMinutes(1));
        var (known, read) = (store.Known(_test.Now)!, store.Load());
        Assert.Equal(read.Configured, known.Configured);
        Assert.Equal(read.Clients.Select(c => c.Remaining), known.Clients.Select(c => c.Remaining));
        foreach (var (one, other) in known.Clients.Zip(read.Clients))
            AssertSame(one.State, other);

        // A secret that is gone already cannot be written any more: what is on the disk has it.
        foreach (var client in known.Clients)
            client.State.Secret.Dispose();
        a.Secret.Dispose();
        Assert.Null(store.Known(_test.Now));
    }

    [Fact]
    public void A_digest_differs_for_another_secret_and_survives_a_restart()
    {
        string digest = "";
        _test.Use(store => digest = store.Digest("a", TestStore.Secret("one")));
        using var store = _test.Open();
        Assert.Equal(digest, store.Digest("a", TestStore.Secret("one")));
        Assert.NotEqual(digest, store.Digest("a", TestStore.Secret("two")));
        Assert.NotEqual(digest, store.Digest("b", TestStore.Secret("one")));
    }

    private static void AssertSame(ClientState saved, StoredClient read)
    {
        Assert.Equal(
            saved with { Secret = null!, Expires = null, Maintenance = null, Requests = default },
            read.State with { Secret = null!, Expires = null, Requests = default });
        Assert.True(saved.Secret.Memory.Span.SequenceEqual(read.State.Secret.Memory.Span));
        Assert.Equal(saved.Expires?.Wall, read.State.Expires?.Wall);
        Assert.Equal(saved.Enabled, read.Remaining is not null);
        Assert.Equal(saved.Maintenance is not null, read.MaintenanceLeft is not null);
    }
}
