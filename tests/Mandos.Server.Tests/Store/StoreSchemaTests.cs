using Mandos.Server.Clients;
using Mandos.Server.Store;

namespace Mandos.Server.Tests.Store;

/// <summary>The version of the tables.</summary>
public sealed class StoreSchemaTests : IDisposable
{
    private static readonly string[] Added = ["ALTER TABLE client ADD COLUMN colour TEXT NOT NULL DEFAULT 'red'"];

    private static readonly StoreSchema Next = new([.. StoreSchema.Current.Steps, Added]);

    private readonly TestStore _test = new();

    public StoreSchemaTests() =>
        _test.Use(store => store.Replace([_test.Client("a", enabled: false)], [TestStore.Section("a")], _test.Now));

    public void Dispose() => _test.Dispose();

    [Fact]
    public void A_newer_server_upgrades_the_tables_and_keeps_their_contents()
    {
        for (var start = 0; start < 2; start++)
        {
            using var store = _test.Open(Next);
            var client = Assert.Single(store.Load().Clients).State;
            Assert.False(client.Enabled);
            Assert.Equal("secret", TestStore.Text(client.Secret));
            Assert.Equal((long)Next.Version, Ask(store, "PRAGMA user_version"));
            Assert.Equal("red", Ask(store, "SELECT colour FROM client"));
            Assert.Single(store.Load().Configured);
        }
    }

    /// <summary>The first release of the tables had none of the columns at the end; the seals of its rows do not cover them.</summary>
    [Fact]
    public void Tables_of_the_first_version_are_upgraded_and_their_rows_stay_sealed()
    {
        using (var store = _test.Open())
        {
            var first = new StoreSchema([StoreSchema.Current.Steps[0]]);
            foreach (var column in ClientRow.Columns.SkipWhile(column => column != "secret").Skip(1))
                Ask(store, $"ALTER TABLE client DROP COLUMN {column}");
            Ask(store, $"PRAGMA user_version = {first.Version}");
        }

        using (var store = _test.Open())
        {
            Assert.Equal((long)StoreSchema.Current.Version, Ask(store, "PRAGMA user_version"));
            var client = Assert.Single(store.Load().Clients).State;
            Assert.Equal((false, null, "secret"), (client.Enabled, client.LastDisabled, TestStore.Text(client.Secret)));
            store.Save([client with { LastDisabled = _test.Now.Wall }], [], _test.Now);
        }

        _test.Use(store => Assert.Equal(_test.Now.Wall, Assert.Single(store.Load().Clients).State.LastDisabled));
    }

    [Fact]
    public void A_value_in_a_column_that_was_added_is_sealed_too()
    {
        _test.Use(store => store.Save([_test.Client("a", enabled: false) with { LastDisabled = _test.Now.Wall }], [], _test.Now));
        using (var store = _test.Open())
            Ask(store, "UPDATE client SET last_disabled = NULL");

        var refusal = Assert.Throws<StoreException>(() => _test.Use(store => store.Load()));
        Assert.Contains("a row is damaged", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_older_server_refuses_tables_that_it_does_not_know()
    {
        _test.Open(Next).Dispose();
        var before = File.ReadAllBytes(_test.Database);
        var refusal = _test.Refusal();
        Assert.Equal(
            $"{_test.Database} was written by a newer server: its version is {Next.Version}, this server supports up to "
                + $"{StoreSchema.Current.Version}",
            refusal.Message);
        Assert.StartsWith("use the newer server again", refusal.Hint, StringComparison.Ordinal);
        Assert.Equal(before, File.ReadAllBytes(_test.Database));
    }

    /// <summary>Debian 13's SQLite said nothing about a statement that failed behind another one of the same command.</summary>
    [Theory]
    [InlineData("SELECT nothing FROM nowhere")]
    [InlineData("CREATE TABLE client (name TEXT)")]
    [InlineData("INSERT INTO note (name, value) VALUES ('key', x'00')")]
    [InlineData("THIS IS NO STATEMENT")]
    public void A_failed_upgrade_leaves_the_old_version(string statement)
    {
        foreach (var steps
            in (string[][][])[[[statement], Added], [[.. Added, statement]], [Added, [statement, "CREATE TABLE more (name TEXT)"]]])
        {
            var broken = new StoreSchema([.. StoreSchema.Current.Steps, .. steps]);
            Assert.Throws<StoreException>(() => _test.Open(broken));
            using var store = _test.Open();
            Assert.Equal((long)StoreSchema.Current.Version, Ask(store, "PRAGMA user_version"));
            Assert.Equal(0L, Ask(store, "SELECT count(*) FROM pragma_table_info('client') WHERE name = 'colour'"));
            Assert.Equal(0L, Ask(store, "SELECT count(*) FROM sqlite_schema WHERE name = 'more'"));
            Assert.Single(store.Load().Clients);
        }
    }

    [Fact]
    public void Commands_with_several_statements_are_refused() =>
        Assert.Throws<ArgumentException>(
            () => _test.Open(new StoreSchema([.. StoreSchema.Current.Steps, [$"{Added[0]}; CREATE TABLE more (name TEXT)"]])));

    private static object? Ask(SqliteClientStore store, string question)
    {
        using var command = store.Connection.CreateCommand();
        command.CommandText = question;
        return command.ExecuteScalar();
    }
}
