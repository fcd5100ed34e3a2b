using System.Text;
using Mandos.Core.Secrets;
using Mandos.Keygen.Enrolment;
using Mandos.Keygen.Failures;
using Mandos.Keygen.KeyFiles;
using Mandos.Keygen.Programs;
using Mandos.Keygen.Rotation;
using Mandos.Keygen.Servers;
using Mandos.Keygen.Tests.Enrolment;
using Microsoft.Extensions.Time.Testing;

namespace Mandos.Keygen.Tests.Rotation;

/// <summary>
/// An enrolled machine whose image is a copy of the key files, with stand-ins for its disk, and servers that are files of the test. Each
/// part can be made to fail.
/// </summary>
internal sealed class RotationSite : IDisposable, IPrograms, IRehearsal, IInitramfsImages
{
    public const string Device = "/dev/null";
    private const string Settings = "timeout = P2D\n# of the administrator\nchecker = :\n";

    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 11, 23, 12, 0, 0, TimeSpan.Zero));
    private readonly Dictionary<string, ScriptedServer> _servers = [];

    private RotationSite()
    {
        Disks.Add(Device, "typed");
    }

    public TemporaryDirectory Keys { get; } = new();

    public TemporaryDirectory Image { get; } = new();

    public VirtualDisks Disks { get; } = new();

    public RotationFolder Folder => new(Keys.Path);

    public int Boot { get; private set; } = 1;

    /// <summary>The part that fails: keys, rehearsal, proof, initramfs, image.</summary>
    public string? Broken { get; set; }

    public StringWriter Error { get; } = new();

    public Queue<string> Typed { get; } = new();

    /// <summary>All that a rotation changes and an abort restores.</summary>
    public string State =>
        $"{Keys.State}\n{Image.State}\n{string.Join('\n', _servers.Values.Select(server => server.Read("clients.conf")))}";

    public ScriptedServer Server(string name = "server") => _servers[name];

    public string Clients(string name = "server") => _servers[name].Read("clients.conf");

    public static async Task<RotationSite> EnrolledAsync(params string[] servers)
    {
        var site = new RotationSite();
        await KeygenRun.MakeKeysAsync(site.Keys);
        foreach (var server in servers.Length > 0 ? servers : ["server"])
        {
            site._servers[server] = new ScriptedServer(isOurs: false);
            var section = await KeygenRun.StanzaAsync(site.Keys, "typed"u8.ToArray(), "--no-ssh", "--name=web1");
            site._servers[server].Write("clients.conf", $"[DEFAULT]\n\n{section}{Settings}\n[other]\nhost = other\n");
        }

        ((IInitramfsImages)site).RebuildAsync(default).GetAwaiter().GetResult();
        Assert.True(site.Unlocks());
        return site;
    }

    /// <summary>Runs rotate; returns how it ended.</summary>
    public async Task<EnrolmentOutcome> RotateAsync(params string[] arguments)
    {
        var options = new EnrolmentOptions
        {
            Server = arguments.FirstOrDefault(word => word[0] != '-') ?? "server",
            Directory = Keys.Path,
            Devices = [Device],
            Abort = arguments.Contains("--abort"),
            Finish = arguments.Contains("--finish"),
            Force = arguments.Contains("--force"),
            DryRun = arguments.Contains("--dry-run"),
        };
        var ports = Ports(options);
        using var state = new EnrolmentState(options, ports);
        try
        {
            var part = RotationPlan.Part(options, ports.BootId);
            var run = new EnrolmentRun(
                RotationPlan.For(part, options), state, new ProgressLines(Error, watched: false, coloured: false),
                failure => Error.WriteLine($"error: {failure.Message}\nhint: {failure.Hint}"));
            return options.DryRun
                ? await run.PlanAsync(Error, TestContext.Current.CancellationToken)
                : await run.RunAsync(TestContext.Current.CancellationToken);
        }
        catch (KeygenException failure)
        {
            Error.WriteLine($"error: {failure.Message}");
            return EnrolmentOutcome.Failed;
        }
    }

    /// <summary>The machine boots with its image.</summary>
    public void Reboot()
    {
        Assert.True(Unlocks());
        Boot++;
    }

    /// <summary>Whether the keys of the image get a password that opens the disk.</summary>
    public bool Unlocks() => Opens(Image.Path);

    /// <summary>Whether an image that is built now would unlock.</summary>
    public bool WouldUnlock()
    {
        using var copy = new TemporaryDirectory();
        CopyKeys(copy.Path);
        return Opens(copy.Path);
    }

    /// <summary>The password that some server has for the keys of a directory; null if there is none.</summary>
    public string? Password(string keys)
    {
        var id = EnrolmentState.ReadKeyId(keys);
        var section = _servers.Values.SelectMany(server => ("\n" + server.Read("clients.conf")).Split("\n["))
            .FirstOrDefault(text => text.Contains($"key_id = {id}", StringComparison.Ordinal));
        if (section is null)
            return null;
        using var password = PassphraseStep.FindKnown("[" + section, keys);
        return password is null ? null : Encoding.UTF8.GetString(password.Span);
    }

    bool IPrograms.Has(string program) => true;

    Task<ProgramResult> IPrograms.RunAsync(ProgramCall call, CancellationToken cancellationToken) => call.Program == "ssh"
        ? _servers[call.Arguments[^2].Split('@')[^1]].RunAsync(call, cancellationToken)
        : Disks.RunAsync(call, cancellationToken);

    Task<(RehearsalOutcome Outcome, IReadOnlyList<string> Lines)> IRehearsal.RunAsync(
        IReadOnlyList<string> devices, string? keys, CancellationToken cancellationToken)
    {
        // What a rotation rehearses: its new keys.
        Assert.NotNull(keys);
        var isProof = _servers.Values.All(
            server => !server.Read("clients.conf").Contains(RotationContext.Suffix, StringComparison.Ordinal));
        var fails = Broken == "rehearsal" || (Broken == "proof" && isProof) || !Opens(keys);
        return Task.FromResult<(RehearsalOutcome, IReadOnlyList<string>)>((fails ? RehearsalOutcome.Fails : RehearsalOutcome.Opens, []));
    }

    IReadOnlyList<string> IInitramfsImages.List() => ["/boot/initrd.img-6.1"];

    bool IInitramfsImages.IsOlder(string image, string file) => false;

    Task<string> IInitramfsImages.RebuildAsync(CancellationToken cancellationToken)
    {
        if (Broken == "initramfs")
            throw new KeygenException("the builder is broken");
        CopyKeys(Image.Path);
        return Task.FromResult("update-initramfs -u -k all");
    }

    Task<IReadOnlyList<string>> IInitramfsImages.FaultsAsync(string image, string keys, CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyList<string>>(
            Broken == "image" ? ["it lacks the boot client"]
            : KeyDirectory.Names.All(
                name => File.ReadAllText(Image[name]) == File.ReadAllText(Path.Combine(keys, name)))
                ? []
                : ["it has other keys"]);

    public void Dispose()
    {
        foreach (var server in _servers.Values)
            server.Dispose();
        Image.Dispose();
        Keys.Dispose();
    }

    // As the hooks do: the files of the directory, and over them those that are about to take their places.
    private void CopyKeys(string target)
    {
        foreach (var source in new[] { Keys.Path, Keys[".mandos-keygen.ready"] }.Where(Directory.Exists))
        {
            foreach (var name in KeyDirectory.Names.Where(name => File.Exists(Path.Combine(source, name))))
                File.Copy(Path.Combine(source, name), Path.Combine(target, name), overwrite: true);
        }
    }

    private bool Opens(string keys) => Password(keys) is { } password && Disks.Disks[Device].Slots.ContainsValue(password);

    private EnrolmentPorts Ports(EnrolmentOptions options) => new()
    {
        Programs = this,
        Disks = new(),
        Server = new FileServer(new(this, options.Server!, interactive: false)),
        Rehearsal = this,
        Images = this,
        MakeKeys = async (directory, _) =>
        {
            if (Broken == "keys")
                throw new KeygenException("keys are broken");
            var run = new KeygenRun();
            Assert.Equal(0, await run.RunAsync("--dir", directory));
        },
        BootId = () => $"boot {Boot}",
        AskPassphrase = _ => SecretBuffer.CopyOf(Encoding.UTF8.GetBytes(Typed.Dequeue())),
        CanAsk = false,
        HostName = _ => Task.FromResult("host.example"),
        KeyScan = (_, _) => Task.FromResult<string?>(null),
        Output = new StringWriter(),
        StandardInput = 0,
        Time = _time,
    };
}
