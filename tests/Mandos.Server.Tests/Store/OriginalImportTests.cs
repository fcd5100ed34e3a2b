using System.Text;
using CsCheck;
using Mandos.Core.Keys;
using Mandos.Core.Secrets;
using Mandos.Server.Clients;
using Mandos.Server.Restoration;
using Mandos.Server.Store.Import;

namespace Mandos.Server.Tests.Store;

/// <summary>The first start after the original's server, and the first after a time back with it.</summary>
public sealed class OriginalImportTests : IDisposable
{
    private static readonly byte[] Blob = Golden.Bytes("secret-blob.pgp");

    /// <summary>The same without the saved secrets, which take a second each by design.</summary>
    private static readonly byte[] Quick =
        Encoding.Latin1.GetBytes(
            Encoding.Latin1.GetString(Golden.Bytes("clients.pickle.sample")).Replace(
                "encrypted_secret", "encrypted_nothing"[..16], StringComparison.Ordinal));

    private readonly TestStore _test = new();
    private readonly DateTime _saved;

    public OriginalImportTests()
    {
        _saved = _test.Now.Wall - TimeSpan.FromMinutes(1);
        Place(Quick, _saved);
    }

    public void Dispose() => _test.Dispose();

    private string Pickle => _test.File(OriginalStateFile.FileName);

    private void Place(byte[] pickle, DateTime saved)
    {
        File.WriteAllBytes(Pickle, pickle);
        File.SetLastWriteTimeUtc(Pickle, saved);
    }

    private static ClientDefinition Define(string name, byte[]? secret = null) => new(
        name,
        KeyId.TryParse(
            (name == "testclient" ? "D99D" : "0000") + "F7B54A7ED79E5E57CDD9C0461686B1F30E43C8EDC1F4D248ECEB49FCFB23", out var key)
            ? key
            : null,
        "5FA24BC9E7575BFAE91D7F669ECC09FF3C8A64F1",
        TestStore.Settings("testclient") with
        {
            Checker = "echo %(name)s %(host)s %(timeout)s %(last_checked_ok)s "
            + "%(dbus_object_path)s %(key_id)s %(created)s"
        },
        Enabled: true,
        new ClientSecret(SecretBuffer.CopyOf(secret ?? Blob)));

    private static ConfiguredTable Both(params string[] faulty) =>
        new([.. new[] { Define("testclient"), Define("b-1.example.org") }.Where(d => !faulty.Contains(d.Name))], faulty.ToHashSet());

    /// <summary>As the server does: begins, saves, completes.</summary>
    private Dictionary<string, ClientState> Start(ConfiguredTable configuration, out string? note)
    {
        using var store = _test.Open();
        var start = StateRestoration.Begin(store, configuration, _test.Now);
        var clients = start.Plan.Steps.Cast<ReconciliationStep.Add>().Select(a => a.State).ToList();
        store.Replace([.. clients, .. start.Plan.Origin.Dormant], start.Plan.Origin.Configured, _test.Now);
        start.Complete();
        note = start.Note;
        return clients.ToDictionary(c => c.Name);
    }

    [Fact]
    public void The_state_of_the_original_is_imported_at_the_first_start()
    {
        Place(Golden.Bytes("clients.pickle.sample"), _saved);
        var clients = Start(Both(), out var note);
        Assert.False(clients["testclient"].Enabled);
        Assert.True(clients["testclient"].Secret.Memory.Span.SequenceEqual(Blob));
        Assert.Equal(new DateTime(2026, 11, 23, 7, 37, 4, DateTimeKind.Utc).AddTicks(40905 * 10), clients["testclient"].Created);
        Assert.Equal($"the state of 2 clients was imported from {Pickle}, which is now called clients.pickle.imported", note);
        Assert.Equal(
            ["clients.last", "clients.pickle.imported", "clients.sqlite", "store.key"],
            Directory.GetFiles(_test.Folder).Select(Path.GetFileName).Order());
    }

    [Fact]
    public void The_import_waits_until_the_configuration_can_be_read()
    {
        Assert.Empty(Start(new([], new HashSet<string>(), IsWhole: false), out _));
        var clients = Start(Both(), out _);
        Assert.Equal((2, false), (clients.Count, clients["testclient"].Enabled));
    }

    [Fact]
    public void The_state_of_the_original_is_imported_only_once()
    {
        Start(Both(), out _);
        _test.Pass(TimeSpan.FromMinutes(1));
        using (var store = _test.Open())
        {
            var state = store.Load();
            store.Save(
                [state.Clients.Single(c => c.State.Name == "b-1.example.org").State with { Enabled = false, Expires = null }], [],
                _test.Now);
        }

        var clients = Start(Both(), out var note);
        Assert.Null(note);
        Assert.All(clients.Values, c => Assert.False(c.Enabled));
    }

    [Fact]
    public void A_crash_before_the_state_is_saved_repeats_the_import()
    {
        using (var store = _test.Open())
            StateRestoration.Begin(store, Both(), _test.Now).Plan.Dispose();
        Assert.False(Start(Both(), out var note)["testclient"].Enabled);
        Assert.NotNull(note);
    }

    [Fact]
    public void A_crash_before_the_imported_file_is_renamed_does_not_repeat_the_import()
    {
        Start(Both(), out _);
        File.Move(_test.File(OriginalStateFile.ImportedName), Pickle);
        Start(Both(), out var note);
        Assert.Null(note);
        Assert.False(File.Exists(Pickle));
    }

    [Fact]
    public void A_newer_state_of_the_original_is_imported_and_merged_with_our_own_clients()
    {
        Start(new([], new HashSet<string>()), out _);
        _test.Use(store => store.Save([_test.Client("added on the bus", enabled: false)], [], _test.Now));
        Place(Quick, _test.Now.Wall + TimeSpan.FromHours(1));
        _test.Pass(TimeSpan.FromHours(2));
        var clients = Start(Both(), out var note);
        Assert.NotNull(note);
        Assert.False(clients["testclient"].Enabled);
        Assert.Contains("added on the bus", clients.Keys);
    }

    [Fact]
    public void A_new_configured_secret_replaces_the_saved_one()
    {
        var clients = Start(new([Define("testclient", [1, 2, 3])], new HashSet<string>()), out _);
        Assert.Equal([1, 2, 3], clients["testclient"].Secret.Memory.ToArray());
        Assert.False(clients["testclient"].Enabled);
    }

    [Fact]
    public void Timeouts_keep_running_from_the_moment_the_state_was_saved()
    {
        // It expired at 07:39:22.3, and no check had ever succeeded.
        Place(Quick, new DateTime(2026, 11, 23, 7, 37, 22, DateTimeKind.Utc));
        Assert.False(Start(Both(), out _)["b-1.example.org"].Enabled);
        using var other = new OriginalImportTests();
        other._test.Time.AdjustTime(new DateTimeOffset(2026, 11, 23, 7, 38, 22, TimeSpan.Zero));
        other.Place(Quick, new DateTime(2026, 11, 23, 7, 37, 22, DateTimeKind.Utc));
        var client = other.Start(Both(), out _)["b-1.example.org"];
        Assert.True(client.Enabled);
        Assert.Equal(TimeSpan.FromTicks(603_030_480), client.Expires!.Value.Monotonic - other._test.Now.Monotonic);
    }

    [Fact]
    public void A_disabled_client_with_an_invalid_section_stays_disabled_when_the_section_is_fixed()
    {
        Assert.DoesNotContain("testclient", Start(Both("testclient"), out _).Keys);
        var client = Start(Both(), out _)["testclient"];
        Assert.False(client.Enabled);
        Assert.True(client.Secret.Memory.Span.SequenceEqual(Blob));
    }

    [Fact]
    public void Clients_that_are_no_longer_configured_are_left_out() =>
        Assert.Equal(["b-1.example.org"], Start(new([Define("b-1.example.org")], new HashSet<string>()), out _).Keys);

    [Fact]
    public void The_state_left_for_the_original_at_a_stop_is_not_imported_and_is_deleted_at_the_next_start()
    {
        Start(Both(), out _);
        _test.Pass(TimeSpan.FromMinutes(1));
        _test.Use(store => StateRestoration.LeaveForOriginal(store, _test.Now));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Pickle));
        var left = OriginalState.Parse(File.ReadAllBytes(Pickle));
        Assert.False(left.Clients["testclient"].Enabled());
        Assert.Equal(Blob, OriginalSecret.Open(left.Clients["testclient"].Bytes("encrypted_secret")!, Blob)!.Span);
        var sample = OriginalState.Parse(Quick);
        Assert.Equal(sample.Clients["testclient"].Settings(new()), left.Clients["testclient"].Settings(new()));
        Assert.Equal(sample.Clients["testclient"].Instant("created"), left.Clients["testclient"].Instant("created"));
        Assert.Equal(sample.Configured["testclient"].Key(), left.Configured["testclient"].Key());
        Start(Both(), out var note);
        Assert.Null(note);
        Assert.False(File.Exists(Pickle));
    }

    [Fact]
    public void A_very_large_state_left_for_the_original_does_not_prevent_the_next_start()
    {
        Start(Both(), out _);
        _test.Use(store =>
        {
            StateRestoration.LeaveForOriginal(store, _test.Now);
            // As 50,000 clients and more leave it: longer than what is read of the original.
            using (var file = File.OpenWrite(Pickle))
                file.SetLength(new PickleLimits().Length + 1L);
            using var content = File.OpenRead(Pickle);
            store.Note("exported", System.Security.Cryptography.SHA256.HashData(content));
        });

        var clients = Start(Both(), out var note);

        Assert.Equal((2, null), (clients.Count, note));
        Assert.False(File.Exists(Pickle));
    }

    [Fact]
    public void A_state_left_for_the_original_and_changed_since_is_imported()
    {
        Start(Both(), out _);
        _test.Use(store => StateRestoration.LeaveForOriginal(store, _test.Now));
        var bytes = File.ReadAllBytes(Pickle);
        bytes[bytes.Length / 2] ^= 1;
        Place(bytes, _saved);
        Start(Both(), out _);
        Assert.Equal(bytes, File.ReadAllBytes(_test.File(OriginalStateFile.ImportedName)));
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
    public void A_state_of_the_original_that_is_too_long_is_refused()
    {
        Place([], _saved);
        using (var file = File.OpenWrite(Pickle))
            file.SetLength(new PickleLimits().Length + 1L);
        using var store = _test.Open();
        var refusal = Assert.Throws<StoreException>(() => StateRestoration.Begin(store, Both(), _test.Now));
        Assert.Equal($"{Pickle} cannot be imported: it is too long", refusal.Message);
        Assert.True(File.Exists(Pickle));
    }

    [Fact]
    public void A_secret_set_at_run_time_is_not_readable_in_the_state_exported_for_the_original()
    {
        Start(Both(), out _);
        _test.Use(store =>
        {
            var client = store.Load().Clients[0].State;
            store.Save([client with { Secret = TestStore.Secret("set at run time") }], [], _test.Now);
            StateRestoration.LeaveForOriginal(store, _test.Now);
        });
        var left = OriginalState.Parse(File.ReadAllBytes(Pickle));
        Assert.Null(OriginalSecret.Open(left.Clients["testclient"].Bytes("encrypted_secret")!, Blob));
        Assert.NotNull(OriginalSecret.Open(left.Clients["b-1.example.org"].Bytes("encrypted_secret")!, Blob));
    }

    /// <summary>No calendar goes beyond the year 9999, though a timeout may.</summary>
    [Fact]
    public void An_endless_timeout_is_exported_to_the_original_as_the_year_9999()
    {
        Start(Both(), out _);
        _test.Use(store =>
        {
            var client = store.Load().Clients[0].State;
            store.Save([client with { Enabled = true, Expires = _test.Now + TimeSpan.MaxValue }], [], _test.Now);
            StateRestoration.LeaveForOriginal(store, _test.Now);
        });
        Assert.Equal(9999, OriginalState.Parse(File.ReadAllBytes(Pickle)).Clients["testclient"].Instant("expires")!.Value.Year);
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
        Start(Both(), out _);
        _test.Use(store => StateRestoration.LeaveForOriginal(store, _test.Now));
        Place(Golden.Bytes("clients.pickle.sample"), _test.Now.Wall - TimeSpan.FromDays(1));
        Assert.False(Start(Both(), out var note)["testclient"].Enabled);
        Assert.StartsWith("the state of 2 clients was imported from", note, StringComparison.Ordinal);
        // Once: an old file that turns up later is not newer than what our server has saved since.
        Place(Golden.Bytes("clients.pickle.sample"), _test.Now.Wall - TimeSpan.FromDays(1));
        Start(Both(), out note);
        Assert.Null(note);
    }

    [Fact]
    public void A_loss_is_reported_when_the_state_exported_for_the_original_is_missing()
    {
        Start(Both(), out _);
        _test.Use(store => StateRestoration.LeaveForOriginal(store, _test.Now));
        Assert.Null(LossOfStart());
        _test.Use(store => StateRestoration.LeaveForOriginal(store, _test.Now));
        // The original takes it away at its start, and does not live to write another.
        File.Delete(Pickle);
        Assert.StartsWith(
            $"the state that was exported for upstream Mandos in {Pickle} was picked up, but not saved again: ", LossOfStart(),
            StringComparison.Ordinal);
        // Once: it is as it is now.
        Assert.Null(LossOfStart());
    }

    [Fact]
    public void No_loss_is_reported_when_the_original_saved_its_state_or_our_server_was_killed()
    {
        Start(Both(), out _);
        _test.Use(store => StateRestoration.LeaveForOriginal(store, _test.Now));
        Place(Golden.Bytes("clients.pickle.sample"), _test.Now.Wall + TimeSpan.FromMinutes(1));
        Assert.Null(LossOfStart());
        // Killed: nothing was left.
        Assert.Null(LossOfStart());
        // Killed before and after the file of the last stop is deleted.
        _test.Use(store => StateRestoration.LeaveForOriginal(store, _test.Now));
        Assert.Null(LossOfStart(completes: false));
        Assert.Null(LossOfStart());
    }

    private string? LossOfStart(bool completes = true)
    {
        using var store = _test.Open();
        var start = StateRestoration.Begin(store, Both(), _test.Now);
        store.Replace([.. start.Plan.Steps.Cast<ReconciliationStep.Add>().Select(a => a.State)], start.Plan.Origin.Configured, _test.Now);
        if (completes)
            start.Complete();
        return start.Loss;
    }

    [Fact]
    public void An_empty_file_is_not_a_state()
    {
        Place([], _saved);
        Assert.True(Start(Both(), out var note)["testclient"].Enabled);
        Assert.Null(note);
    }

    [Fact]
    public void A_state_file_with_unexpected_content_is_refused_and_left_unchanged()
    {
        Place("cos\nsystem\n(X\u0002\0\0\0idtR."u8.ToArray(), _saved);
        using var store = _test.Open();
        var refusal = Assert.Throws<StoreException>(() => StateRestoration.Begin(store, Both(), _test.Now));
        Assert.Equal($"{Pickle} cannot be imported: it calls 'os.system', which the original does not (at byte 0)", refusal.Message);
        Assert.StartsWith("move it away", refusal.Hint, StringComparison.Ordinal);
        Assert.Null(store.ReplacedAt);
        Assert.True(File.Exists(Pickle));
    }
}
