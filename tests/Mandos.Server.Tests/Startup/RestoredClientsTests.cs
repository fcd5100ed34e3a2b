using System.Runtime.InteropServices;
using Mandos.Server.Clients;
using Mandos.Server.Startup;

namespace Mandos.Server.Tests.Startup;

/// <summary>What a start does about a state directory that something is wrong with.</summary>
public sealed partial class RestoredClientsTests : StartTest
{
    private const UnixFileMode Readable = UnixFileMode.UserRead | UnixFileMode.GroupRead | UnixFileMode.OtherRead;
    private const UnixFileMode ReadOnly = Readable | UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;

    /// <summary>The whole life of a disk that is full or read-only at the start: nothing of what was saved is passed over.</summary>
    [Fact]
    public void State_that_cannot_be_written_is_served_and_is_saved_as_soon_as_possible()
    {
        SaveOffAndOn();
        var before = Files();
        MakeReadOnly();
        OnThread(() =>
        {
            DropRoot();
            using var restored = Start(Both());
            Assert.Equal([("off", false), ("on", true)], restored.Table.Select(c => (c.Name, c.Enabled)));
            Assert.Contains("nothing can be saved: ", Log.Text, StringComparison.Ordinal);
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
    public void Without_saved_state_the_configuration_is_served_although_nothing_can_be_saved(bool isThere)
    {
        if (isThere)
            Directory.CreateDirectory(State);
        File.SetUnixFileMode(Parent, ReadOnly);
        if (isThere)
            File.SetUnixFileMode(State, ReadOnly);
        OnThread(() =>
        {
            DropRoot();
            using var restored = Start(Both());
            Assert.Equal(["off", "on"], restored.Table.Select(c => c.Name));
            Assert.Contains("nothing can be saved: ", Log.Text, StringComparison.Ordinal);
            Assert.Throws<StoreException>(() => restored.Store.Save([restored.Table[0]], [], Now));
            BecomeRoot();
            File.SetUnixFileMode(Parent, Open);
            if (isThere)
                File.SetUnixFileMode(State, Open);
            restored.Store.Save([restored.Table[0] with { Enabled = false, Expires = null }], [], Now);
        });
        using var again = Start(Both());
        Assert.Equal([("off", false), ("on", true)], again.Table.Select(c => (c.Name, c.Enabled)));
        Assert.DoesNotContain("is damaged", Log.Text, StringComparison.Ordinal);
    }

    /// <summary>As when the disk that it is on is mounted only later.</summary>
    [Fact]
    public void State_that_appears_after_the_start_is_not_overwritten()
    {
        SaveOffAndOn();
        Directory.Move(State, State + ".away");
        File.SetUnixFileMode(Parent, ReadOnly);
        OnThread(() =>
        {
            DropRoot();
            using var restored = Start(Both());
            BecomeRoot();
            File.SetUnixFileMode(Parent, Open);
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
    public void State_that_can_be_neither_written_nor_read_is_refused(string file)
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
    public void A_state_file_without_permissions_is_made_readable_and_writable_again(string file)
    {
        SaveOffAndOn();
        var path = Path.Combine(State, file);
        File.SetUnixFileMode(path, UnixFileMode.None);

        using var restored = Start(Both());

        Assert.Equal([("off", false), ("on", true)], restored.Table.Select(c => (c.Name, c.Enabled)));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(path));
    }

    [Fact]
    public void A_damaged_state_is_refused_even_if_it_is_read_only()
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

    [Fact]
    public void With_no_restore_only_the_configuration_counts_and_the_state_directory_is_not_touched()
    {
        SaveOffAndOn();
        var before = Files();
        File.SetUnixFileMode(State, UnixFileMode.None);
        using (var restored = RestoredClients.Open(Settings(restores: false), Both(), Log)!)
        {
            Assert.All(restored.Table, c => Assert.True(c.Enabled));
            restored.Store.Save([restored.Table[0] with { Enabled = false }], [], Now);
            Assert.Null(restored.Whole());
        }

        File.SetUnixFileMode(State, Open);
        Assert.Equal(before, Files());
        Directory.Delete(State, recursive: true);
        RestoredClients.Open(Settings(restores: false), Both(), Log)!.Dispose();
        Assert.False(Directory.Exists(State));
    }

    private Dictionary<string, byte[]> Files() => Directory.GetFiles(State).ToDictionary(f => Path.GetFileName(f), File.ReadAllBytes);

    private void MakeReadOnly()
    {
        File.SetUnixFileMode(Parent, ReadOnly);
        File.SetUnixFileMode(State, ReadOnly);
        foreach (var file in Directory.GetFiles(State))
            File.SetUnixFileMode(file, Readable);
    }

    private void MakeWritable()
    {
        foreach (var file in Directory.GetFiles(State))
            File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        File.SetUnixFileMode(State, Open);
        File.SetUnixFileMode(Parent, Open);
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
