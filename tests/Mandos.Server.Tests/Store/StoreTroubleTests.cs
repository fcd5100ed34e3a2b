using System.Runtime.InteropServices;
using Mandos.Server.Clients;
using Mandos.Server.Store;

namespace Mandos.Server.Tests.Store;

/// <summary>A disk that is full, a directory that cannot be written.</summary>
public sealed partial class StoreTroubleTests : IDisposable
{
    private const int CLONE_NEWNS = 0x20000, MS_REC = 0x4000, MS_PRIVATE = 1 << 18;

    private readonly TestStore _test = new();

    public void Dispose() => _test.Dispose();

    [Fact]
    public void A_store_on_a_full_disk_keeps_its_data_and_works_again_when_there_is_space()
    {
        using var store = _test.Open();
        store.Replace([_test.Client("a")], [], _test.Now);
        Execute(store, "PRAGMA max_page_count = 1");
        var refusal = Assert.Throws<StoreException>(
            () => store.Save([.. Enumerable.Range(0, 100).Select(i => _test.Client($"b{i}"))], ["a"], _test.Now));
        Assert.Equal($"{_test.Database}: the disk is full", refusal.Message);
        Assert.Equal("a", Assert.Single(store.Load().Clients).State.Name);
        Execute(store, "PRAGMA max_page_count = 100000");
        store.Save([_test.Client("b")], ["a"], _test.Now);
        Assert.Equal("b", Assert.Single(store.Load().Clients).State.Name);
    }

    [Fact]
    [Trait("needs", "root")]
    public void On_a_full_disk_nothing_changes_until_there_is_space() => OnSmallDisk(folder =>
    {
        using var store = SqliteClientStore.Open(folder, _test.Time, new("", () => default));
        store.Replace([_test.Client("a", secret: new string('x', 3000))], [], _test.Now);
        Fill(folder);
        var saved = 0;
        var refusal = Assert.Throws<StoreException>(() =>
        {
            // What the log has room for already is not refused.
            for (; saved < 1000; saved++)
                store.Save([_test.Client("a", secret: new string('y', 3000 + saved))], [], _test.Now);
        });
        Assert.Equal($"{folder}/clients.sqlite: the disk is full", refusal.Message);
        Assert.Equal(
            saved == 0 ? new string('x', 3000) : new string('y', 3000 + saved - 1), TestStore.Text(store.Load().Clients[0].State.Secret));
        File.Delete(Path.Combine(folder, "filler"));
        store.Save([_test.Client("a", secret: "z")], [], _test.Now);
        Assert.Equal("z", TestStore.Text(store.Load().Clients[0].State.Secret));
    });

    [Fact]
    [Trait("needs", "root")]
    public void On_a_full_disk_no_store_is_created_until_there_is_space() => OnSmallDisk(folder =>
    {
        Fill(folder);
        var refusal = Assert.Throws<StoreException>(() => SqliteClientStore.Open(folder, _test.Time, new("", () => default)));
        Assert.EndsWith(": the disk is full", refusal.Message, StringComparison.Ordinal);
        File.Delete(Path.Combine(folder, "filler"));
        using var store = SqliteClientStore.Open(folder, _test.Time, new("", () => default));
        Assert.Empty(store.Load().Clients);
    });

    [Fact]
    public void A_directory_that_cannot_be_written_is_refused()
    {
        _test.Use(store => store.Replace([_test.Client("a")], [], _test.Now));
        MakeReadOnly();
        Unprivileged(() => Assert.StartsWith($"{_test.Folder}", _test.Refusal().Message, StringComparison.Ordinal));
        File.SetUnixFileMode(_test.Folder, (UnixFileMode)Convert.ToInt32("700", 8));
        using var store = _test.Open();
        Assert.Single(store.Load().Clients);
    }

    [Fact]
    public void An_empty_directory_that_cannot_be_written_is_refused()
    {
        MakeReadOnly();
        Unprivileged(() => Assert.EndsWith(": permission denied", _test.Refusal().Message, StringComparison.Ordinal));
        File.SetUnixFileMode(_test.Folder, (UnixFileMode)Convert.ToInt32("700", 8));
        Assert.Empty(Directory.GetFiles(_test.Folder));
    }

    private void MakeReadOnly() => File.SetUnixFileMode(_test.Folder, (UnixFileMode)Convert.ToInt32("555", 8));

    private static void Fill(string folder)
    {
        using var filler = File.OpenHandle(Path.Combine(folder, "filler"), FileMode.Create, FileAccess.Write);
        try
        {
            for (var at = 0; ; at += 4096)
                RandomAccess.Write(filler, new byte[4096], at);
        }
        catch (IOException)
        {
            // Full.
        }
    }

    /// <summary>Root may write everywhere, so a separate thread switches to another user for file access.</summary>
    private static void Unprivileged(Action check) => OnThread(() =>
    {
        if (Environment.IsPrivilegedProcess)
            _ = BecomeForFiles(65534);
        check();
    });

    /// <summary>In a name space of one thread: no other thread sees the disk.</summary>
    private void OnSmallDisk(Action<string> check)
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "needs root: it mounts a file system");
        OnThread(() =>
        {
            Assert.Equal(0, Unshare(CLONE_NEWNS));
            Assert.Equal(0, Mount("none", "/", null, MS_REC | MS_PRIVATE, null));
            Assert.Equal(0, Mount("none", _test.Folder, "tmpfs", 0, "size=256k"));
            check(_test.Folder);
        });
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

    private static void Execute(SqliteClientStore store, string statement)
    {
        using var command = store.Connection.CreateCommand();
        command.CommandText = statement;
        _ = command.ExecuteScalar();
    }

    [LibraryImport("libc", EntryPoint = "setfsuid")]
    private static partial int BecomeForFiles(uint user);

    [LibraryImport("libc", EntryPoint = "unshare")]
    private static partial int Unshare(int flags);

    [LibraryImport("libc", EntryPoint = "mount", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Mount(string source, string target, string? type, nuint flags, string? data);
}
