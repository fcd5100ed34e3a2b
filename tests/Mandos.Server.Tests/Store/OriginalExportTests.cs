using CsCheck;
using Mandos.Server.Restoration;
using Mandos.Server.Store.Import;
using static Mandos.Server.Tests.Store.OriginalSite;

namespace Mandos.Server.Tests.Store;

/// <summary>The state that our server leaves for the original at a stop, and what becomes of it.</summary>
public sealed class OriginalExportTests : IDisposable
{
    private readonly OriginalSite _site = new();

    public void Dispose() => _site.Dispose();

    [Fact]
    public void The_state_left_for_the_original_at_a_stop_is_not_imported_and_is_deleted_at_the_next_start()
    {
        _site.Start(Both(), out _);
        _site.Store.Pass(TimeSpan.FromMinutes(1));
        _site.Store.Use(store => StateRestoration.LeaveForOriginal(store, _site.Store.Now));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(_site.Pickle));
        var left = OriginalState.Parse(File.ReadAllBytes(_site.Pickle));
        Assert.False(left.Clients["testclient"].Enabled());
        Assert.Equal(Blob, OriginalSecret.Open(left.Clients["testclient"].Bytes("encrypted_secret")!, Blob)!.Span);
        var sample = OriginalState.Parse(Quick);
        Assert.Equal(sample.Clients["testclient"].Settings(new()), left.Clients["testclient"].Settings(new()));
        Assert.Equal(sample.Clients["testclient"].Instant("created"), left.Clients["testclient"].Instant("created"));
        Assert.Equal(sample.Configured["testclient"].Key(), left.Configured["testclient"].Key());
        _site.Start(Both(), out var note);
        Assert.Null(note);
        Assert.False(File.Exists(_site.Pickle));
    }

    [Fact]
    public void A_very_large_state_left_for_the_original_does_not_prevent_the_next_start()
    {
        _site.Start(Both(), out _);
        _site.Store.Use(store =>
        {
            StateRestoration.LeaveForOriginal(store, _site.Store.Now);
            // As 50,000 clients and more leave it: longer than what is read of the original.
            using (var file = File.OpenWrite(_site.Pickle))
                file.SetLength(new PickleLimits().Length + 1L);
            using var content = File.OpenRead(_site.Pickle);
            store.Note("exported", System.Security.Cryptography.SHA256.HashData(content));
        });

        var clients = _site.Start(Both(), out var note);

        Assert.Equal((2, null), (clients.Count, note));
        Assert.False(File.Exists(_site.Pickle));
    }

    [Fact]
    public void A_state_left_for_the_original_and_changed_since_is_imported()
    {
        _site.Start(Both(), out _);
        _site.Store.Use(store => StateRestoration.LeaveForOriginal(store, _site.Store.Now));
        var bytes = File.ReadAllBytes(_site.Pickle);
        bytes[bytes.Length / 2] ^= 1;
        _site.Place(bytes, _site.Saved);
        _site.Start(Both(), out _);
        Assert.Equal(bytes, File.ReadAllBytes(_site.Store.File(OriginalStateFile.ImportedName)));
    }

    [Fact]
    public void A_content_mark_does_not_depend_on_how_the_content_is_split() =>
        Gen.Select(Gen.Byte.Array[0, 100], Gen.Int[0, 100]).Sample((bytes, at) =>
    {
        var (whole, cut) = (new ContentMark(), new ContentMark());
        whole.Add(bytes);
        cut.Add(bytes.AsSpan(0, Math.Min(at, bytes.Length)));
        cut.Add(bytes.AsSpan(Math.Min(at, bytes.Length)));
        Assert.Equal(whole.Value, cut.Value);
    });

    [Fact]
    public void A_secret_set_at_run_time_is_not_readable_in_the_state_exported_for_the_original()
    {
        _site.Start(Both(), out _);
        _site.Store.Use(store =>
        {
            var client = store.Load().Clients[0].State;
            store.Save([client with { Secret = TestStore.Secret("set at run time") }], [], _site.Store.Now);
            StateRestoration.LeaveForOriginal(store, _site.Store.Now);
        });
        var left = OriginalState.Parse(File.ReadAllBytes(_site.Pickle));
        Assert.Null(OriginalSecret.Open(left.Clients["testclient"].Bytes("encrypted_secret")!, Blob));
        Assert.NotNull(OriginalSecret.Open(left.Clients["b-1.example.org"].Bytes("encrypted_secret")!, Blob));
    }

    /// <summary>No calendar goes beyond the year 9999, though a timeout may.</summary>
    [Fact]
    public void An_endless_timeout_is_exported_to_the_original_as_the_year_9999()
    {
        _site.Start(Both(), out _);
        _site.Store.Use(store =>
        {
            var client = store.Load().Clients[0].State;
            store.Save([client with { Enabled = true, Expires = _site.Store.Now + TimeSpan.MaxValue }], [], _site.Store.Now);
            StateRestoration.LeaveForOriginal(store, _site.Store.Now);
        });
        Assert.Equal(9999, OriginalState.Parse(File.ReadAllBytes(_site.Pickle)).Clients["testclient"].Instant("expires")!.Value.Year);
    }

    [Fact]
    public void Pickles_are_read_back_as_written() =>
        Gen.Select(StateGen.Text, Gen.Byte.Array[0, 20], Gen.Int, Gen.Long).Sample((text, bytes, number, ticks) =>
    {
        var micro = ticks / 10 * 10;
        var instant = new DateTime(Math.Abs(micro % DateTime.MaxValue.Ticks) / 10 * 10, DateTimeKind.Utc);
        var read = PickleReader.Read(
            PickleWriter.Write(
                new object?[]
                {
                    new Dictionary<string, object?>
                    {
                        [text] = bytes,
                        ["a" + text] = number,
                        ["b" + text] = new TimeSpan(micro),
                        ["c" + text] = instant,
                        ["d" + text] = null,
                        ["e" + text] = true,
                    },
                    text,
                }));
        var values = (object?[])read!;
        var dictionary = (Dictionary<string, object?>)values[0]!;
        Assert.Equal([bytes, (long)number, new TimeSpan(micro), instant, null, true], dictionary.Values);
        Assert.Equal(text, values[1]);
    });

    /// <summary>The clock was ahead when our server ran, or the file came back from a backup.</summary>
    [Fact]
    public void What_the_original_saved_in_place_of_our_export_is_imported_whatever_its_time()
    {
        _site.Start(Both(), out _);
        _site.Store.Use(store => StateRestoration.LeaveForOriginal(store, _site.Store.Now));
        _site.Place(Golden.Bytes("clients.pickle.sample"), _site.Store.Now.Wall - TimeSpan.FromDays(1));
        Assert.False(_site.Start(Both(), out var note)["testclient"].Enabled);
        Assert.StartsWith("the state of 2 clients was imported from", note, StringComparison.Ordinal);
        // Once: an old file that turns up later is not newer than what our server has saved since.
        _site.Place(Golden.Bytes("clients.pickle.sample"), _site.Store.Now.Wall - TimeSpan.FromDays(1));
        _site.Start(Both(), out note);
        Assert.Null(note);
    }

    [Fact]
    public void A_loss_is_reported_when_the_state_exported_for_the_original_is_missing()
    {
        _site.Start(Both(), out _);
        _site.Store.Use(store => StateRestoration.LeaveForOriginal(store, _site.Store.Now));
        Assert.Null(LossOfStart());
        _site.Store.Use(store => StateRestoration.LeaveForOriginal(store, _site.Store.Now));
        // The original takes it away at its start, and does not live to write another.
        File.Delete(_site.Pickle);
        Assert.StartsWith(
            $"the state that was exported for upstream Mandos in {_site.Pickle} was picked up, but not saved again: ", LossOfStart(),
            StringComparison.Ordinal);
        // Once: it is as it is now.
        Assert.Null(LossOfStart());
    }

    [Fact]
    public void No_loss_is_reported_when_the_original_saved_its_state_or_our_server_was_killed()
    {
        _site.Start(Both(), out _);
        _site.Store.Use(store => StateRestoration.LeaveForOriginal(store, _site.Store.Now));
        _site.Place(Golden.Bytes("clients.pickle.sample"), _site.Store.Now.Wall + TimeSpan.FromMinutes(1));
        Assert.Null(LossOfStart());
        // Killed: nothing was left.
        Assert.Null(LossOfStart());
        // Killed before and after the file of the last stop is deleted.
        _site.Store.Use(store => StateRestoration.LeaveForOriginal(store, _site.Store.Now));
        Assert.Null(LossOfStart(completes: false));
        Assert.Null(LossOfStart());
    }

    private string? LossOfStart(bool completes = true)
    {
        using var store = _site.Store.Open();
        var start = StateRestoration.Begin(store, Both(), _site.Store.Now);
        store.Replace(
            [.. start.Plan.Steps.Cast<ReconciliationStep.Add>().Select(a => a.State)], start.Plan.Origin.Configured, _site.Store.Now);
        if (completes)
            start.Complete();
        return start.Loss;
    }
}
