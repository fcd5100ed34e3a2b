using System.Text;
using Mandos.Core.Secrets;
using Mandos.Keygen.Disks;
using Mandos.Keygen.Enrolment;
using Mandos.Keygen.Failures;
using Mandos.Keygen.Servers;
using Microsoft.Extensions.Time.Testing;
using Microsoft.Win32.SafeHandles;

namespace Mandos.Keygen.Tests.Enrolment;

/// <summary>
/// A machine with a disk, keys and a server, none of them real, because a test without root has none. Each part can be made to fail.
/// </summary>
internal sealed class EnrolmentSite : IDisposable, IClientServer, IRehearsal, IInitramfsImages
{
    public const string Device = "/dev/sda2";

    private readonly TemporaryDirectory _root = new();
    private readonly CancellationTokenSource _interruption =
        CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 11, 23, 12, 0, 0, TimeSpan.Zero));

    public EnrolmentSite()
    {
        Directory.CreateDirectory(_root["etc"]);
        Directory.CreateDirectory(_root["dev"]);
        foreach (var name in new[] { "sda2", "sdb1" })
            File.WriteAllText(_root[$"dev/{name}"], "");
        Crypttab = $"root {Device} none luks,initramfs\n";
        Disks.Add(Device, "typed");
    }

    public TemporaryDirectory Keys { get; } = new();

    public VirtualDisks Disks { get; } = new();

    public string Crypttab
    {
        set => File.WriteAllText(_root["etc/crypttab"], value);
    }

    /// <summary>The section on the server.</summary>
    public string? Section { get; set; }

    /// <summary>What a person types.</summary>
    public Queue<string> Typed { get; } = new();

    /// <summary>How often a person was asked.</summary>
    public int Questions { get; private set; }

    public byte[] Input { get; init; } = [];

    public bool CanAsk { get; init; } = true;

    public bool Watched { get; init; }

    /// <summary>The part that fails: section, answer, server, rehearsal, rebuild, image.</summary>
    public string? Broken { get; set; }

    public ServerKind Kind { get; set; } = ServerKind.Ours;

    public string? Taken { get; set; }

    public bool IsImageOld { get; set; } = true;

    public int Builds { get; private set; }

    public StringWriter Output { get; } = new();

    public StringWriter Error { get; } = new();

    /// <summary>What an enrolment changes, to be compared.</summary>
    public string State => $"{Disks.State}\n{Section}";

    /// <inheritdoc/>
    public string Name => "server";

    public async Task MakeKeysAsync() => await KeygenRun.MakeKeysAsync(Keys);

    /// <summary>Runs enroll; returns all lines of progress and errors.</summary>
    public Task<int> EnrollAsync(params string[] arguments) => RunAsync(EnrolmentPlan.ForEnroll, Options(arguments));

    /// <summary>Runs the steps of a plan with these options.</summary>
    public async Task<int> RunAsync(Func<EnrolmentOptions, IReadOnlyList<EnrolmentStep>> plan, EnrolmentOptions options)
    {
        using var input = InputFile();
        var progress = new ProgressLines(Error, Watched, coloured: false);
        using var state = new EnrolmentState(options, Ports(options, (int)input.DangerousGetHandle()));
        var run = new EnrolmentRun(
            plan(options), state, progress, failure => Error.WriteLine($"error: {failure.Message}\nhint: {failure.Hint}"));
        var outcome = options.DryRun
            ? await run.PlanAsync(Output, TestContext.Current.CancellationToken)
            : await run.RunAsync(_interruption.Token);
        return (int)outcome;
    }

    public EnrolmentOptions Options(params string[] arguments) => new()
    {
        Server = "admin@server",
        Directory = Keys.Path,
        Name = "web1",
        Ssh = false,
        NewKeySlot = arguments.Contains("--new-key-slot"),
        PasswordFile = arguments.Contains("--passfile=-") ? "-" : null,
        Via = arguments.Contains("--print") ? SectionRoute.Print : SectionRoute.Files,
        DryRun = arguments.Contains("--dry-run"),
        Step = arguments.FirstOrDefault(word => word.StartsWith("--step=", StringComparison.Ordinal))?["--step=".Length..],
    };

    /// <summary>The password in the section on the server.</summary>
    public string Password()
    {
        using var keys = Keygen.Passwords.StoredKeys.Load(Keys.Path);
        var result = Core.OpenPgp.Messages.MessageReader.Read(KeygenRun.SecretOf(Section!), keys.BootSecretKeys, keys.BootPublicKeys);
        using var plaintext = result.Plaintext!;
        return Encoding.UTF8.GetString(plaintext.Span);
    }

    private EnrolmentPorts Ports(EnrolmentOptions options, int input) => new()
    {
        Programs = Disks,
        Disks = new BootDisks(_root.Path),
        Server = options.Via == SectionRoute.Print ? null : this,
        Rehearsal = this,
        Images = this,
        MakeKeys = (directory, token) => Broken == "keys" ? throw new KeygenException("keys are broken") : MakeKeysAsync(),
        BootId = () => "boot 1",
        AskPassphrase = _ =>
        {
            Questions++;
            return SecretBuffer.CopyOf(Encoding.UTF8.GetBytes(Typed.Dequeue()));
        },
        CanAsk = CanAsk,
        HostName = _ => Task.FromResult("host.example"),
        KeyScan = (_, _) => Task.FromResult<string?>(null),
        Output = Output,
        StandardInput = input,
        Time = _time,
    };

    private SafeFileHandle InputFile()
    {
        var file = File.OpenHandle(Path.GetTempFileName(), FileMode.Open, FileAccess.ReadWrite, FileShare.None, FileOptions.DeleteOnClose);
        RandomAccess.Write(file, Input, 0);
        return file;
    }

    Task<ServerState> IClientServer.LookAsync(string keyId, string client, CancellationToken cancellationToken) => Broken == "server"
        ? throw new KeygenException("the server is broken")
        : Task.FromResult(
            new ServerState(Kind, "mandos 1", Section is null ? null : "clients.d/web1.conf", Section, Section is not null, Taken));

    Task<InstalledSection> IClientServer.InstallAsync(ServerState state, NewSection section, CancellationToken cancellationToken)
    {
        if (Broken == "section")
            throw new KeygenException("the section is broken");
        if (Broken == "interrupted")
            _interruption.Cancel();
        cancellationToken.ThrowIfCancellationRequested();
        var before = Section;
        Section = section.Text;
        if (Broken == "answer")
            throw new MissingAnswerException("the connection is lost");
        if (Broken == "interrupted while it is installed")
        {
            _interruption.Cancel();
            cancellationToken.ThrowIfCancellationRequested();
        }

        return Task.FromResult(
            new InstalledSection(
                "clients.d/web1.conf", [],
                _ =>
                {
                    if (Broken == "rehearsal and restoration")
                        throw new KeygenException("the server cannot be reached");
                    Section = before;
                    return Task.CompletedTask;
                }));
    }

    Task<InstalledSection> IClientServer.PromoteAsync(
        ServerState old, string oldKeyId, NewSection section, CancellationToken cancellationToken) =>
        throw new InvalidOperationException("an enrolment promotes nothing");

    Task IClientServer.RemoveAsync(ServerState state, string keyId, string client, CancellationToken cancellationToken)
    {
        Section = null;
        return Task.CompletedTask;
    }

    Task<(RehearsalOutcome Outcome, IReadOnlyList<string> Lines)> IRehearsal.RunAsync(
        IReadOnlyList<string> devices, string? keys, CancellationToken cancellationToken)
    {
        var opens = Broken is not ("rehearsal" or "rehearsal and restoration")
            && Section is not null
            && devices.All(device => Disks.Disks[device].Slots.ContainsValue(Password()));
        return Task.FromResult<(RehearsalOutcome, IReadOnlyList<string>)>(
            (Broken == "impossible" ? RehearsalOutcome.Impossible : opens ? RehearsalOutcome.Opens : RehearsalOutcome.Fails, ["a line"]));
    }

    IReadOnlyList<string> IInitramfsImages.List() => ["/boot/initrd.img-6.1"];

    bool IInitramfsImages.IsOlder(string image, string file) => IsImageOld;

    Task<string> IInitramfsImages.RebuildAsync(CancellationToken cancellationToken)
    {
        if (Broken == "initramfs")
            throw new KeygenException("the builder is broken");
        Builds++;
        IsImageOld = false;
        return Task.FromResult("update-initramfs -u -k all");
    }

    Task<IReadOnlyList<string>> IInitramfsImages.FaultsAsync(string image, string keys, CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyList<string>>(Broken == "image" ? ["it lacks the boot client"] : []);

    public void Dispose()
    {
        _interruption.Dispose();
        Keys.Dispose();
        _root.Dispose();
    }
}
