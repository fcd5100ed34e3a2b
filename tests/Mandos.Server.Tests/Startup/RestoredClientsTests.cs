using System.Runtime.InteropServices;
using Mandos.Server.ClientFiles;
using Mandos.Server.Clients;
using Mandos.Server.Configuration;
using Mandos.Server.Startup;
using Mandos.Server.Tests.Bus;
using Mandos.Server.Tests.Store;

namespace Mandos.Server.Tests.Startup;

/// <summary>What a start makes of a state directory, or a configuration, that something is wrong with.</summary>
public sealed partial class RestoredClientsTests : IDisposable
{
    private const UnixFileMode Readable = UnixFileMode.UserRead | UnixFileMode.GroupRead | UnixFileMode.OtherRead;
    private const UnixFileMode ReadOnly = Readable | UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;
    private const UnixFileMode Open = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    private readonly string _folder = Directory.CreateTempSubdirectory("mandos-state").FullName;
    private readonly LinesLogger _log = new();

    private string State => Path.Combine(_folder, "state");

    public void Dispose()
    {
        foreach (var directory in Directory.GetDirectories(_folder))
            File.SetUnixFileMode(directory, Open);
        File.SetUnixFileMode(_folder, Open);
        Directory.Delete(_folder, recursive: true);
    }

    /// <summary>The whole life of a disk that is full or read-only at the start: nothing of what was saved is passed over.</summary>
    [Fact]
    public void A_state_that_cannot_be_written_is_served_and_saved_as_soon_as_it_can()
    {
        SaveOffAndOn();
        var before = Files();
        MakeReadOnly();
        OnThread(() =>
        {
            DropRoot();
            using var restored = Start(Both());
            Assert.Equal([("off", false), ("on", true)], restored.Table.Select(c => (c.Name, c.Enabled)));
            Assert.Contains("nothing can be saved: ", _log.Text, StringComparison.Ordinal);
            Assert.Equal("saved", restored.Table[1].Settings.Host);
            // It cannot be done.
            var wanted = restored.Table[0] with { Enabled = true };
            Assert.Throws<StoreException>(() => restored.Store.Save([wanted], [], Now));
            Assert.Null(restored.Whole());
            Assert.Equal(before, Files());

            // A client that was disabled meanwhile, which is owed.
            BecomeRoot();
            MakeWritable();
            restored.Store.Save([restored.Table[1] with { Enabled = false, Expires = null }], [], Now);
            Assert.NotNull(restored.Whole());
        });
        using var again = Start(Both());
        Assert.Equal([("off", false), ("on", false)], again.Table.Select(c => (c.Name, c.Enabled)));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Without_a_saved_state_the_configuration_is_served_though_nothing_can_be_saved(bool isThere)
    {
        if (isThere)
            Directory.CreateDirectory(State);
        File.SetUnixFileMode(_folder, ReadOnly);
        if (isThere)
            File.SetUnixFileMode(State, ReadOnly);
        OnThread(() =>
        {
            DropRoot();
            using var restored = Start(Both());
            Assert.Equal(["off", "on"], restored.Table.Select(c => c.Name));
            Assert.Contains("nothing can be saved: ", _log.Text, StringComparison.Ordinal);
            Assert.Throws<StoreException>(() => restored.Store.Save([restored.Table[0]], [], Now));
            BecomeRoot();
            File.SetUnixFileMode(_folder, Open);
            if (isThere)
                File.SetUnixFileMode(State, Open);
            restored.Store.Save([restored.Table[0] with { Enabled = false, Expires = null }], [], Now);
        });
        using var again = Start(Both());
        Assert.Equal([("off", false), ("on", true)], again.Table.Select(c => (c.Name, c.Enabled)));
        Assert.DoesNotContain("is damaged", _log.Text, StringComparison.Ordinal);
    }

    /// <summary>As when the disk that it is on is mounted only later.</summary>
    [Fact]
    public void A_state_that_appears_after_the_start_is_not_overwritten()
    {
        SaveOffAndOn();
        Directory.Move(State, State + ".away");
        File.SetUnixFileMode(_folder, ReadOnly);
        OnThread(() =>
        {
            DropRoot();
            using var restored = Start(Both());
            BecomeRoot();
            File.SetUnixFileMode(_folder, Open);
            Directory.Move(State + ".away", State);
            var before = Files();
            var refusal = Assert.Throws<StoreException>(() => restored.Store.Save([restored.Table[0]], [], Now));
            Assert.Contains("contains a different state than when the server started", refusal.Message, StringComparison.Ordinal);
            Assert.Equal(before["clients.sqlite"], Files()["clients.sqlite"]);
        });
        using var again = Start(Both());
        Assert.False(again.Table[0].Enabled);
    }

    /// <summary>The file belongs to another user than the server: to root. An owner can always change the mode (see below).</summary>
    [Theory]
    [Trait("needs", "root")]
    [InlineData("clients.sqlite")]
    [InlineData("store.key")]
    public void A_state_that_can_be_neither_written_nor_read_is_refused(string file)
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "needs root: the file belongs to another user than the server");
        SaveOffAndOn();
        MakeReadOnly();
        File.SetUnixFileMode(Path.Combine(State, file), UnixFileMode.None);
        OnThread(() =>
        {
            DropRoot();
            Assert.Throws<StoreException>(() => Start(Both()));
        });
    }

    [Theory]
    [InlineData("clients.sqlite")]
    [InlineData("store.key")]
    public void A_file_of_the_servers_user_that_has_no_permissions_gets_them_back(string file)
    {
        SaveOffAndOn();
        var path = Path.Combine(State, file);
        File.SetUnixFileMode(path, UnixFileMode.None);

        using var restored = Start(Both());

        Assert.Equal([("off", false), ("on", true)], restored.Table.Select(c => (c.Name, c.Enabled)));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(path));
    }

    [Fact]
    public void A_damaged_state_is_refused_though_it_cannot_be_written()
    {
        SaveOffAndOn();
        var file = Path.Combine(State, "clients.sqlite");
        var bytes = File.ReadAllBytes(file);
        bytes[bytes.AsSpan().LastIndexOf("saved"u8)]++;
        File.WriteAllBytes(file, bytes);
        MakeReadOnly();
        OnThread(() =>
        {
            DropRoot();
            Assert.Contains("is damaged", Assert.Throws<StoreException>(() => Start(Both())).Message, StringComparison.Ordinal);
        });
    }

    [Theory]
    [InlineData("Malformed")]
    [InlineData("Unreadable")]
    public void A_broken_list_of_clients_costs_no_machine_its_boot_when_the_state_has_them(string source)
    {
        SaveOffAndOn();
        using (var restored = Start(new(Enum.Parse<ClientsSource>(source), true, [], new HashSet<string>())))
        {
            Assert.Equal([("off", false), ("on", true)], restored.Table.Select(c => (c.Name, c.Enabled)));
            Assert.True(restored.ServesSaved);
            Assert.Contains("2 clients that are not in the others are served as they were saved", _log.Text, StringComparison.Ordinal);
        }

        using var mended = Start(Both());
        Assert.Equal([("off", false), ("on", true)], mended.Table.Select(c => (c.Name, c.Enabled)));
        Assert.False(mended.ServesSaved);
    }

    [Theory]
    [InlineData("Missing")]
    [InlineData("Whole")]
    public void A_list_of_clients_that_is_missing_or_empty_costs_no_machine_its_boot_when_the_state_has_them(string source)
    {
        SaveOffAndOn();
        var without = new ClientsReading(Enum.Parse<ClientsSource>(source), false, [], new HashSet<string>());
        using (var restored = Start(without))
        {
            Assert.Equal([("off", false), ("on", true)], restored.Table.Select(c => (c.Name, c.Enabled)));
            Assert.Equal((true, "off on"), (restored.ServesSaved, string.Join(' ', restored.Awaited.Order())));
            Assert.Contains(
                "Error: /etc/mandos/clients.conf is missing or empty: 2 clients that are in no other file are kept as they were saved; "
                    + "hint: restore it, or put a comment into it to remove them, then reload",
                _log.Lines);
        }

        using (var mended = Start(Both()))
        {
            Assert.Equal([("off", false), ("on", true)], mended.Table.Select(c => (c.Name, c.Enabled)));
            Assert.Equal((false, 0), (mended.ServesSaved, mended.Awaited.Count));
        }

        using var emptied = Start(new(ClientsSource.Whole, true, [], new HashSet<string>()));
        Assert.Equal((0, false), (emptied.Table.Count, emptied.ServesSaved));
    }

    [Theory]
    [InlineData("off on", "", "")]
    [InlineData("on", "off", "")]
    [InlineData("on", "", "off")]
    public void Beside_other_files_only_the_clients_that_these_lack_are_kept(string defined, string leftOut, string awaited)
    {
        SaveOffAndOn();
        var faulty = leftOut.Split(' ').Where(n => n.Length > 0).ToHashSet();
        using var restored = Start(new(ClientsSource.Whole, false, [.. defined.Split(' ').Select(Define)], faulty));

        Assert.Equal(["off", "on"], restored.Table.Select(c => c.Name).Order());
        Assert.Equal((awaited, awaited.Length > 0), (string.Join(' ', restored.Awaited), restored.ServesSaved));
        Assert.Equal(awaited.Length > 0, _log.Text.Contains("is missing or empty", StringComparison.Ordinal));
    }

    /// <summary>As with a package that puts each client into a file of its own: to take the file away is to take the client away.</summary>
    [Fact]
    public void A_server_that_never_had_that_file_removes_a_client_with_its_own_file()
    {
        SaveOffAndOn();
        using (var moved = Start(new(ClientsSource.Whole, false, [Define("off"), Define("on")], new HashSet<string>())))
            Assert.Equal((2, 0), (moved.Table.Count, moved.Awaited.Count));

        using var restored = Start(new(ClientsSource.Whole, false, [Define("on")], new HashSet<string>()));

        Assert.Equal(["on"], restored.Table.Select(c => c.Name));
        Assert.Equal((false, 0), (restored.ServesSaved, restored.Awaited.Count));
    }

    /// <summary>Those that were added on the bus never were in a file.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Without_saved_clients_of_a_file_a_missing_one_is_complete(bool hasOther)
    {
        var none = new ClientsReading(ClientsSource.Missing, false, [], new HashSet<string>());
        if (hasOther)
        {
            using var first = Start(none);
            first.Store.Save([ClientState.FirstSeen(Define("bus"), Now)], [], Now);
        }

        using var restored = Start(none);
        Assert.Equal(hasOther ? ["bus"] : [], restored.Table.Select(c => c.Name));
        Assert.Equal((false, 0), (restored.ServesSaved, restored.Awaited.Count));
        Assert.DoesNotContain("Error", _log.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_broken_list_of_clients_stops_the_first_start_and_one_that_restores_nothing(bool restores)
    {
        if (!restores)
            SaveOffAndOn();
        Assert.Null(RestoredClients.Open(Settings(restores), new(ClientsSource.Malformed, true, [], new HashSet<string>()), _log));
    }

    [Fact]
    public void Without_restoring_the_configuration_alone_counts_and_the_state_directory_is_not_touched()
    {
        SaveOffAndOn();
        var before = Files();
        File.SetUnixFileMode(State, UnixFileMode.None);
        using (var restored = RestoredClients.Open(Settings(restores: false), Both(), _log)!)
        {
            Assert.All(restored.Table, c => Assert.True(c.Enabled));
            restored.Store.Save([restored.Table[0] with { Enabled = false }], [], Now);
            Assert.Null(restored.Whole());
        }

        File.SetUnixFileMode(State, Open);
        Assert.Equal(before, Files());
        Directory.Delete(State, recursive: true);
        RestoredClients.Open(Settings(restores: false), Both(), _log)!.Dispose();
        Assert.False(Directory.Exists(State));
    }

    private static Moment Now => Moment.Now(TimeProvider.System);

    private RestoredClients Start(ClientsReading reading) => RestoredClients.Open(Settings(), reading, _log)!;

    private ServerSettings Settings(bool restores = true) => new() { StateDirectory = State, Restore = restores };

    private static ClientsReading Both() => new(ClientsSource.Whole, true, [Define("off"), Define("on")], new HashSet<string>());

    private static ClientDefinition Define(string name) =>
        new(name, TestStore.Key(name), "", TestStore.Settings(), Enabled: true, TestStore.Secret(name));

    /// <summary>Two clients, of which one was disabled and one given another host.</summary>
    private void SaveOffAndOn()
    {
        using var restored = Start(Both());
        restored.Store.Save(
            [
                restored.Table[0] with { Enabled = false, Expires = null },
                restored.Table[1] with { Settings = restored.Table[1].Settings with { Host = "saved" } },
            ],
            [],
            Now);
    }

    private Dictionary<string, byte[]> Files() => Directory.GetFiles(State).ToDictionary(f => Path.GetFileName(f), File.ReadAllBytes);

    private void MakeReadOnly()
    {
        File.SetUnixFileMode(_folder, ReadOnly);
        File.SetUnixFileMode(State, ReadOnly);
        foreach (var file in Directory.GetFiles(State))
            File.SetUnixFileMode(file, Readable);
    }

    private void MakeWritable()
    {
        foreach (var file in Directory.GetFiles(State))
            File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        File.SetUnixFileMode(State, Open);
        File.SetUnixFileMode(_folder, Open);
    }

    /// <summary>Root may write everywhere, so the thread becomes another user for files.</summary>
    private static void DropRoot()
    {
        if (Environment.IsPrivilegedProcess)
            _ = BecomeForFiles(65534);
    }

    private static void BecomeRoot()
    {
        if (Environment.IsPrivilegedProcess)
            _ = BecomeForFiles(0);
    }

    private static void OnThread(Action check)
    {
        Exception? failure = null;
        var thread = new Thread(() =>
        {
            try
            {
                check();
            }
            catch (Exception e)
            {
                failure = e;
            }
        });
        thread.Start();
        thread.Join();
        if (failure is not null)
            System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(failure);
    }

    [LibraryImport("libc", EntryPoint = "setfsuid")]
    private static partial int BecomeForFiles(uint user);
}
