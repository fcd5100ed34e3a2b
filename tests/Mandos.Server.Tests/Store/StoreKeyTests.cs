using Mandos.Server.Store;

namespace Mandos.Server.Tests.Store;

/// <summary>The key of the secrets at rest, and what happens without it.</summary>
public sealed class StoreKeyTests : IDisposable
{
    private readonly TestStore _test = new();

    public void Dispose() => _test.Dispose();

    private string KeyFile => _test.File(StoreKey.FileName);

    [Fact]
    public void A_missing_store_key_is_reported_with_a_hint()
    {
        _test.Use(store => store.Replace([_test.Client("a")], [], _test.Now));
        File.Delete(KeyFile);
        var refusal = _test.Refusal();
        Assert.Equal($"{KeyFile} is missing: the secrets in {_test.Database} cannot be read without it", refusal.Message);
        Assert.StartsWith(
            $"restore {KeyFile} from a backup, or move it, {_test.Database}, {_test.Database}-wal and {_test.File("clients.last")} away: ",
            refusal.Hint, StringComparison.Ordinal);
        Assert.False(File.Exists(KeyFile));
    }

    [Fact]
    public void The_missing_key_of_a_store_without_clients_is_created_again()
    {
        _test.Use(store => store.Replace([], [TestStore.Section("a")], _test.Now));
        File.Delete(KeyFile);
        _test.Use(store => store.Replace([_test.Client("a")], [], _test.Now));
        using var store = _test.Open();
        Assert.Equal("secret", TestStore.Text(store.Load().Clients[0].State.Secret));
    }

    [Fact]
    public void The_key_of_another_store_is_refused()
    {
        _test.Use(store => store.Replace([_test.Client("a")], [], _test.Now));
        File.WriteAllBytes(KeyFile, new byte[32]);
        Assert.Equal($"{KeyFile} is not the key that {_test.Database} was written with", _test.Refusal().Message);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(31)]
    [InlineData(33)]
    [InlineData(5000)]
    public void A_key_of_the_wrong_length_is_damaged(int length)
    {
        _test.Use(store => store.Replace([_test.Client("a")], [], _test.Now));
        File.WriteAllBytes(KeyFile, new byte[length]);
        Assert.Equal($"{KeyFile} is damaged: it does not have 32 bytes", _test.Refusal().Message);
    }

    [Fact]
    public void A_store_that_was_moved_away_is_created_again_with_the_existing_key()
    {
        _test.Use(store => store.Replace([_test.Client("a")], [], _test.Now));
        var key = File.ReadAllBytes(KeyFile);
        File.Delete(_test.Database);
        File.Delete(_test.File(LastChange.FileName));
        using var store = _test.Open();
        Assert.Empty(store.Load().Clients);
        Assert.Equal(key, File.ReadAllBytes(KeyFile));
    }

    [Fact]
    public void A_sealed_secret_cannot_be_opened_for_another_client()
    {
        var seal = new SecretSeal(new Org.BouncyCastle.Crypto.Parameters.KeyParameter(new byte[32]));
        var box = seal.Seal("a", "secret"u8);
        using var own = seal.Open("a", box);
        Assert.Equal("secret"u8, own!.Span);
        Assert.Null(seal.Open("b", box));
        Assert.Null(seal.Open("a", box.AsSpan(1)));
        Assert.Null(seal.Open("a", []));
        Assert.NotEqual(box, seal.Seal("a", "secret"u8));
    }
}
