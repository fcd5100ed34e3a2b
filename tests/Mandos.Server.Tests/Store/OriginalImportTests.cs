using CsCheck;
using Mandos.Server.Clients;
using Mandos.Server.Restoration;
using Mandos.Server.Store.Import;
using static Mandos.Server.Tests.Store.OriginalSite;

namespace Mandos.Server.Tests.Store;

/// <summary>The first start after the original's server.</summary>
public sealed class OriginalImportTests : IDisposable
{
    private readonly OriginalSite _site = new();

    public void Dispose() => _site.Dispose();

    [Fact]
    public void The_state_of_the_original_is_imported_at_the_first_start()
    {
        _site.Place(Golden.Bytes("clients.pickle.sample"), _site.Saved);
        var clients = _site.Start(Both(), out var note);
        Assert.False(clients["testclient"].Enabled);
        Assert.True(clients["testclient"].Secret.Memory.Span.SequenceEqual(Blob));
        Assert.Equal(new DateTime(2026, 11, 23, 7, 37, 4, DateTimeKind.Utc).AddTicks(40905 * 10), clients["testclient"].Created);
        Assert.Equal($"the state of 2 clients was imported from {_site.Pickle}, which is now called clients.pickle.imported", note);
        Assert.Equal(
            ["clients.last", "clients.pickle.imported", "clients.sqlite", "store.key"],
            Directory.GetFiles(_site.Store.Folder).Select(Path.GetFileName).Order());
    }

    [Fact]
    public void The_import_waits_until_the_configuration_can_be_read()
    {
        Assert.Empty(_site.Start(new([], new HashSet<string>(), IsWhole: false), out _));
        var clients = _site.Start(Both(), out _);
        Assert.Equal((2, false), (clients.Count, clients["testclient"].Enabled));
    }

    [Fact]
    public void The_state_of_the_original_is_imported_only_once()
    {
        _site.Start(Both(), out _);
        _site.Store.Pass(TimeSpan.FromMinutes(1));
        using (var store = _site.Store.Open())
        {
            var state = store.Load();
            store.Save(
                [state.Clients.Single(c => c.State.Name == "b-1.example.org").State with { Enabled = false, Expires = null }], [],
                _site.Store.Now);
        }

        var clients = _site.Start(Both(), out var note);
        Assert.Null(note);
        Assert.All(clients.Values, c => Assert.False(c.Enabled));
    }

    [Fact]
    public void A_crash_before_the_state_is_saved_repeats_the_import()
    {
        using (var store = _site.Store.Open())
            StateRestoration.Begin(store, Both(), _site.Store.Now).Plan.Dispose();
        Assert.False(_site.Start(Both(), out var note)["testclient"].Enabled);
        Assert.NotNull(note);
    }

    [Fact]
    public void A_crash_before_the_imported_file_is_renamed_does_not_repeat_the_import()
    {
        _site.Start(Both(), out _);
        File.Move(_site.Store.File(OriginalStateFile.ImportedName), _site.Pickle);
        _site.Start(Both(), out var note);
        Assert.Null(note);
        Assert.False(File.Exists(_site.Pickle));
    }

    [Fact]
    public void A_newer_state_of_the_original_is_imported_and_merged_with_our_own_clients()
    {
        _site.Start(new([], new HashSet<string>()), out _);
        _site.Store.Use(store => store.Save([_site.Store.Client("added on the bus", enabled: false)], [], _site.Store.Now));
        _site.Place(Quick, _site.Store.Now.Wall + TimeSpan.FromHours(1));
        _site.Store.Pass(TimeSpan.FromHours(2));
        var clients = _site.Start(Both(), out var note);
        Assert.NotNull(note);
        Assert.False(clients["testclient"].Enabled);
        Assert.Contains("added on the bus", clients.Keys);
    }

    [Fact]
    public void A_new_configured_secret_replaces_the_saved_one()
    {
        var clients = _site.Start(new([Define("testclient", [1, 2, 3])], new HashSet<string>()), out _);
        Assert.Equal([1, 2, 3], clients["testclient"].Secret.Memory.ToArray());
        Assert.False(clients["testclient"].Enabled);
    }

    [Fact]
    public void Timeouts_keep_running_from_the_moment_the_state_was_saved()
    {
        // It expired at 07:39:22.3, and no check had ever succeeded.
        _site.Place(Quick, new DateTime(2026, 11, 23, 7, 37, 22, DateTimeKind.Utc));
        Assert.False(_site.Start(Both(), out _)["b-1.example.org"].Enabled);
        using var other = new OriginalSite();
        other.Store.Time.AdjustTime(new DateTimeOffset(2026, 11, 23, 7, 38, 22, TimeSpan.Zero));
        other.Place(Quick, new DateTime(2026, 11, 23, 7, 37, 22, DateTimeKind.Utc));
        var client = other.Start(Both(), out _)["b-1.example.org"];
        Assert.True(client.Enabled);
        Assert.Equal(TimeSpan.FromTicks(603_030_480), client.Expires!.Value.Monotonic - other.Store.Now.Monotonic);
    }

    [Fact]
    public void A_disabled_client_with_an_invalid_section_stays_disabled_when_the_section_is_fixed()
    {
        Assert.DoesNotContain("testclient", _site.Start(Both("testclient"), out _).Keys);
        var client = _site.Start(Both(), out _)["testclient"];
        Assert.False(client.Enabled);
        Assert.True(client.Secret.Memory.Span.SequenceEqual(Blob));
    }

    [Fact]
    public void Clients_that_are_no_longer_configured_are_left_out() =>
        Assert.Equal(["b-1.example.org"], _site.Start(new([Define("b-1.example.org")], new HashSet<string>()), out _).Keys);

    [Fact]
    public void A_state_of_the_original_that_is_too_long_is_refused()
    {
        _site.Place([], _site.Saved);
        using (var file = File.OpenWrite(_site.Pickle))
            file.SetLength(new PickleLimits().Length + 1L);
        using var store = _site.Store.Open();
        var refusal = Assert.Throws<StoreException>(() => StateRestoration.Begin(store, Both(), _site.Store.Now));
        Assert.Equal($"{_site.Pickle} cannot be imported: it is too long", refusal.Message);
        Assert.True(File.Exists(_site.Pickle));
    }

    [Fact]
    public void An_empty_file_is_not_a_state()
    {
        _site.Place([], _site.Saved);
        Assert.True(_site.Start(Both(), out var note)["testclient"].Enabled);
        Assert.Null(note);
    }

    [Fact]
    public void A_state_file_with_unexpected_content_is_refused_and_left_unchanged()
    {
        _site.Place("cos\nsystem\n(X\u0002\0\0\0idtR."u8.ToArray(), _site.Saved);
        using var store = _site.Store.Open();
        var refusal = Assert.Throws<StoreException>(() => StateRestoration.Begin(store, Both(), _site.Store.Now));
        Assert.Equal($"{_site.Pickle} cannot be imported: it calls 'os.system', which the original does not (at byte 0)", refusal.Message);
        Assert.StartsWith("move it away", refusal.Hint, StringComparison.Ordinal);
        Assert.Null(store.ReplacedAt);
        Assert.True(File.Exists(_site.Pickle));
    }
}
