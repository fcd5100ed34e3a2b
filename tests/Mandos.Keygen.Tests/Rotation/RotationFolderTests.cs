using Mandos.Keygen.KeyFiles;

namespace Mandos.Keygen.Tests.Rotation;

/// <summary>The exchange of the keys on the disk, stopped after each change.</summary>
public sealed class RotationFolderTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_crash_at_any_moment_of_the_exchange_leaves_the_old_keys_or_the_new_ones(bool back)
    {
        using var directory = new TemporaryDirectory();
        Write(directory.Path, "old");
        var folder = new RotationFolder(directory.Path);
        folder.Create();
        Write(folder.Next, "new");
        if (back)
            folder.Switch();
        var (before, after) = back ? ("new", "old") : ("old", "new");
        var crashes = new List<(string Step, TemporaryDirectory Snapshot)>();
        void Record(string step) => crashes.Add((step, directory.Snapshot()));

        if (back)
            folder.SwitchBack(Record);
        else
            folder.Switch(Record);

        Assert.Equal(13, crashes.Count);
        var isCommitted = false;
        foreach (var (step, snapshot) in crashes)
        {
            using (snapshot)
            {
                isCommitted |= step == "committed";
                var expected = isCommitted ? after : before;
                // What a hook copies, before the next run.
                Assert.All(KeyDirectory.Names, name => Assert.Equal($"{expected} {name}", Hooked(snapshot, name)));
                var copy = new RotationFolder(snapshot.Path);
                copy.Recover();
                Assert.All(KeyDirectory.Names, name => Assert.Equal($"{expected} {name}", File.ReadAllText(snapshot[name])));
                Assert.Equal(expected == "new" ? RotationPhase.Switched : RotationPhase.Prepared, copy.Phase);
                // No numbered backup of a secret key is left.
                Assert.Equal([.. KeyDirectory.Names.Order(StringComparer.Ordinal)], snapshot.Names.Where(name => name != "rotation"));
            }
        }

        Assert.Equal(after, File.ReadAllText(directory[KeyDirectory.SecretKey]).Split(' ')[0]);
        Assert.Equal(
            before, File.ReadAllText(Path.Combine(back ? folder.Next : folder.Previous, KeyDirectory.SecretKey)).Split(' ')[0]);
    }

    [Fact]
    public void Another_file_among_the_new_keys_is_refused()
    {
        using var directory = new TemporaryDirectory();
        Write(directory.Path, "old");
        var folder = new RotationFolder(directory.Path);
        folder.Create();
        Write(folder.Next, "new");
        File.WriteAllText(Path.Combine(folder.Next, "note"), "");

        var error = Assert.Throws<Failures.KeygenException>(() => folder.Switch());

        Assert.Contains("does not have exactly the four key files: note,", error.Message, StringComparison.Ordinal);
        Assert.Equal(RotationPhase.Prepared, folder.Phase);
    }

    [Fact]
    public void The_directories_and_notes_are_for_their_owner_only()
    {
        using var directory = new TemporaryDirectory();
        Write(directory.Path, "old");
        var folder = new RotationFolder(directory.Path);
        folder.Create();
        Write(folder.Next, "new");
        folder.Switch();
        folder.AddServer("admin@server");
        folder.AddServer("server");
        folder.MarkBuilt("boot");

        const UnixFileMode others = UnixFileMode.GroupRead | UnixFileMode.OtherRead | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;
        Assert.Equal(["admin@server"], folder.Servers);
        Assert.Equal("boot", folder.BuiltIn);
        Assert.All(
            Directory.EnumerateFileSystemEntries(directory["rotation"]).Append(directory["rotation"]),
            path => Assert.Equal(UnixFileMode.None, File.GetUnixFileMode(path) & others));

        folder.Drop();
        Assert.Equal(RotationPhase.None, folder.Phase);
        Assert.Equal([.. KeyDirectory.Names.Order(StringComparer.Ordinal)], directory.Names);
    }

    private static void Write(string directory, string content)
    {
        foreach (var name in KeyDirectory.Names)
            File.WriteAllText(Path.Combine(directory, name), $"{content} {name}");
    }

    private static string Hooked(TemporaryDirectory directory, string name) => File.ReadAllText(
        File.Exists(directory[$".mandos-keygen.ready/{name}"]) ? directory[$".mandos-keygen.ready/{name}"] : directory[name]);
}
