using Mandos.Core.Linux.Files;
using Mandos.Keygen.Failures;
using Microsoft.Win32.SafeHandles;

namespace Mandos.Keygen.KeyFiles;

/// <summary>How far a rotation of the keys is.</summary>
internal enum RotationPhase
{
    /// <summary>There is no rotation.</summary>
    None,

    /// <summary>The new keys are not complete.</summary>
    Begun,

    /// <summary>The new keys are complete, and the old ones are in use.</summary>
    Prepared,

    /// <summary>The new keys are in use, and the old ones are kept.</summary>
    Switched,
}

/// <summary>The other keys of a rotation, and what is known about it: the directory <c>rotation</c> in the key directory.</summary>
/// <remarks>
/// The hooks of the image builders copy files from the key directory, but no directories. The files themselves say how far the rotation
/// is, so a crash cannot make a note about it wrong:
/// <code>
///   rotation/next/      the new keys, until they take the place of the old ones
///   rotation/previous/  the old keys, since then
///   rotation/servers    the servers that have a section for the new keys, as they were given
///   rotation/finishing  exists when a server has dropped the old keys
///   rotation/built      the boot (boot_id of random(4)) in which all images got the new keys
/// </code>
/// </remarks>
/// <param name="directory">The key directory.</param>
internal sealed class RotationFolder(string directory)
{
    private const string Name = "rotation", NextName = "next", PreviousName = "previous";

    /// <summary>The file of the kernel with a number that is another one after each boot.</summary>
    public const string BootIdFile = "/proc/sys/kernel/random/boot_id";

    /// <summary>The key directory.</summary>
    public string Keys => directory;

    public string Next => Path.Combine(Root, NextName);

    public string Previous => Path.Combine(Root, PreviousName);

    /// <summary>The servers that have a section for the new keys.</summary>
    public IReadOnlyList<string> Servers => SmallTextFile.TryRead(ServersFile) ?? [];

    /// <summary>The boot in which all images got the new keys; null if they have not.</summary>
    public string? BuiltIn => SmallTextFile.TryRead(BuiltFile) is [var id, ..] ? id : null;

    /// <summary>Whether a server has dropped the old keys.</summary>
    public bool IsFinishing => File.Exists(FinishingFile);

    /// <summary>Whether an interrupted run removed the rotation, but not yet its files.</summary>
    public bool IsDropped => Directory.Exists(Dropped);

    public bool Exists => Directory.Exists(Root);

    public RotationPhase Phase
    {
        get
        {
            if (!Exists)
                return RotationPhase.None;
            // A copy of the keys in use, from an interrupted exchange, says nothing.
            if (HasOthers(Next))
                return RotationPhase.Prepared;
            return HasOthers(Previous) ? RotationPhase.Switched : RotationPhase.Begun;
        }
    }

    private string Root => Path.Combine(directory, Name);

    private string ServersFile => Path.Combine(Root, "servers");

    private string FinishingFile => Path.Combine(Root, "finishing");

    private string BuiltFile => Path.Combine(Root, "built");

    // Beside the directories of KeyFileTransaction, which the purge of the package removes by this beginning of their names.
    private string Dropped => Path.Combine(directory, ".mandos-keygen.dropped");

    /// <summary>Where a rotation of a key directory keeps copies of keys.</summary>
    public static IEnumerable<string> Copies(string directory) =>
        new[] { NextName, PreviousName }.Select(name => Path.Combine(directory, Name, name));

    /// <exception cref="KeygenException">A rotation is in progress.</exception>
    public static void Refuse(string directory)
    {
        if (new RotationFolder(directory).Exists)
            throw new KeygenException(
                $"a rotation of the keys in {directory} is not finished",
                "finish it with 'mandos-keygen rotate --finish', or take it back with 'mandos-keygen rotate --abort'");
    }

    /// <summary>Completes what an interrupted run began to write.</summary>
    public void Recover()
    {
        KeyFileTransaction.Recover(directory);
        if (Directory.Exists(Next))
            KeyFileTransaction.Recover(Next);
        DurableKeyFiles.Remove(Dropped);
    }

    /// <summary>Creates the directory for the new keys.</summary>
    public void Create()
    {
        Directory.CreateDirectory(Root, DurableKeyFiles.OwnerDirectory);
        Directory.CreateDirectory(Next, DurableKeyFiles.OwnerDirectory);
    }

    /// <summary>Locks the rotation, until the handle is closed.</summary>
    /// <exception cref="KeygenException">Another run has it.</exception>
    public SafeFileHandle Lock()
    {
        var opened = DurableFiles.OpenDirectory(Root, out var handle);
        if (opened.Ok && DurableFiles.TryLock(handle).Ok)
            return handle;
        handle.Dispose();
        throw new KeygenException(opened.Ok ? $"another mandos-keygen is running in {Root}" : $"cannot open {Root}: {opened}");
    }

    /// <summary>The new keys take the place of the old ones, which are kept.</summary>
    /// <param name="step">Called after each change on the disk.</param>
    public void Switch(Action<string>? step = null) => Exchange(Next, Previous, step);

    /// <summary>The old keys take their place again; the new ones are kept.</summary>
    /// <param name="step">Called after each change on the disk.</param>
    public void SwitchBack(Action<string>? step = null) => Exchange(Previous, Next, step);

    /// <summary>Notes a server, before it gets a section.</summary>
    public void AddServer(string server)
    {
        if (!Has(server))
            SmallTextFile.Write(ServersFile, Servers.Append(server));
    }

    /// <summary>Removes the note about a server.</summary>
    public void RemoveServer(string server)
    {
        if (Has(server))
            SmallTextFile.Write(ServersFile, Servers.Where(one => Host(one) != Host(server)).ToList());
    }

    /// <summary>Whether a server is noted, with any user.</summary>
    public bool Has(string server) => Servers.Any(one => Host(one) == Host(server));

    /// <summary>Notes the boot in which all images got the new keys.</summary>
    public void MarkBuilt(string bootId) => SmallTextFile.Write(BuiltFile, [bootId]);

    /// <summary>Notes that a server has dropped the old keys.</summary>
    public void MarkFinishing() => SmallTextFile.Write(FinishingFile, []);

    /// <summary>Removes everything: whether a crash is before or after it, no half of it is left for the next run to understand.</summary>
    public void Drop()
    {
        DurableKeyFiles.Remove(Dropped);
        DurableKeyFiles.Rename(Root, Dropped);
        DurableKeyFiles.Sync(directory);
        DurableKeyFiles.Remove(Dropped);
    }

    private static string Host(string server) => server[(server.LastIndexOf('@') + 1)..];

    private bool HasOthers(string other)
    {
        if (!KeyDirectory.HasAll(other) || !KeyDirectory.HasAll(directory))
            return false;
        using var there = KeyFile.Read(other, KeyDirectory.TlsPublicKey);
        using var here = KeyFile.Read(directory, KeyDirectory.TlsPublicKey);
        return !there.Span.SequenceEqual(here.Span);
    }

    private void Exchange(string from, string keep, Action<string>? step)
    {
        step ??= _ => { };
        // The images are about to be outdated.
        File.Delete(BuiltFile);
        step("unmarked");
        // What is there is a copy of the keys in use, complete or not.
        DurableKeyFiles.Remove(keep);
        var copy = keep + ".new";
        DurableKeyFiles.Remove(copy);
        Directory.CreateDirectory(copy, DurableKeyFiles.OwnerDirectory);
        step("created");
        foreach (var name in KeyDirectory.Names)
        {
            DurableKeyFiles.Copy(Path.Combine(directory, name), Path.Combine(copy, name));
            step($"kept {name}");
        }

        DurableKeyFiles.Sync(copy);
        DurableKeyFiles.Rename(copy, keep);
        step("kept");
        DurableKeyFiles.Sync(Root);
        KeyFileTransaction.Adopt(directory, from, step);
    }
}
