using System.Text;
using Mandos.Keygen.Failures;
using Mandos.Keygen.Hosting;
using Mandos.Keygen.Programs;
using Mandos.Keygen.Tests.Images;

namespace Mandos.Keygen.Tests.Doctor;

/// <summary>A healthy machine in a directory: kernel, image, keys, configuration, sysfs. A test changes it before it is written.</summary>
internal sealed class SampleMachine : IPrograms, IDisposable
{
    public const string Image = $"/boot/initrd.img-{SampleImage.Kernel}";
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const string Luks = "6f1d4d5e0b0c4f2e9a5311b1a1a5c001";

    private static readonly DateTime Built = new(2026, 11, 20, 0, 0, 0, DateTimeKind.Utc);

    private static readonly Lazy<IReadOnlyList<IReadOnlyDictionary<string, byte[]>>> KeySets = new(() => [MakeKeys(), MakeKeys()]);

    private readonly TemporaryDirectory _directory = new();

    public SampleMachine(bool isDracut)
    {
        IsDracut = isDracut;
        InImage = isDracut ? SampleImage.OfDracut(name => Keys[name]) : SampleImage.OfInitramfsTools(name => Keys[name]);
        var option = isDracut ? "x-initrd.attach" : "initramfs";
        Files = new()
        {
            [$"/boot/vmlinuz-{SampleImage.Kernel}"] = "kernel",
            ["/boot/grub/grub.cfg"] = Grub("root=/dev/mapper/root ro quiet"),
            ["/etc/default/grub"] = "GRUB_DEFAULT=0\nGRUB_CMDLINE_LINUX_DEFAULT=\"quiet\"\nGRUB_CMDLINE_LINUX=\"\"\n",
            ["/etc/crypttab"] = $"root UUID=6f1d4d5e-0b0c-4f2e-9a53-11b1a1a5c001 none luks,{option}\n",
            ["/etc/mandos/plugin-runner.conf"] = "# options\n",
            ["/usr/lib/x86_64-linux-gnu/mandos/plugins.d/mandos-client"] = Encoding.UTF8.GetString(SampleImage.Program),
            [$"/lib/modules/{SampleImage.Kernel}/modules.dep"] = InImage.Text($"usr/lib/modules/{SampleImage.Kernel}/modules.dep"),
            ["/proc/cmdline"] = "quiet",
            ["/proc/self/mountinfo"] =
                "22 1 254:0 / / rw,relatime shared:1 - ext4 /dev/mapper/root rw\n23 22 0:5 / /proc rw - proc proc rw\n",
            ["/sys/devices/pci0/virtio0/net/eth0/operstate"] = "up\n",
            ["/sys/devices/pci0/virtio1/block/vda/vda2/partition"] = "2\n",
            ["/sys/devices/virtual/block/dm-0/dm/uuid"] = $"CRYPT-LUKS2-{Luks}-root\n",
            ["/sys/devices/virtual/block/dm-0/dm/name"] = "root\n",
            ["/sys/devices/virtual/net/lo/operstate"] = "unknown\n",
            ["/sys/module/virtio_net/x"] = "",
            ["/sys/module/virtio_blk/x"] = "",
        };
        foreach (var (name, content) in Keys)
            Secrets[$"/etc/keys/mandos/{name}"] = content;
    }

    public bool IsDracut { get; }

    public SampleImage InImage { get; set; }

    /// <summary>The text of each file.</summary>
    public Dictionary<string, string> Files { get; }

    /// <summary>The key files.</summary>
    public Dictionary<string, byte[]> Secrets { get; } = [];

    public Dictionary<string, string> Links { get; } = new()
    {
        ["/sys/class/net/eth0"] = "../../devices/pci0/virtio0/net/eth0",
        ["/sys/class/net/lo"] = "../../devices/virtual/net/lo",
        ["/sys/devices/pci0/virtio0/net/eth0/device"] = "../../../virtio0",
        ["/sys/devices/pci0/virtio0/driver"] = "../../../bus/virtio/drivers/virtio_net",
        ["/sys/devices/pci0/virtio1/driver"] = "../../../bus/virtio/drivers/virtio_blk",
        ["/sys/bus/virtio/drivers/virtio_net/module"] = "../../../../module/virtio_net",
        ["/sys/bus/virtio/drivers/virtio_blk/module"] = "../../../../module/virtio_blk",
        ["/sys/dev/block/254:0"] = "../../devices/virtual/block/dm-0",
        ["/sys/class/block/dm-0"] = "../../devices/virtual/block/dm-0",
        ["/sys/devices/virtual/block/dm-0/slaves/vda2"] = "../../../../pci0/virtio1/block/vda/vda2",
    };

    /// <summary>Files that changed after the image was built.</summary>
    public List<string> Newer { get; } = [];

    public Dictionary<string, UnixFileMode> Modes { get; } = [];

    public long FreeSpace { get; set; } = 1L << 30;

    /// <summary>What the test of the client returns; its arguments are in <see cref="Arguments"/>.</summary>
    public ProgramResult? Client { get; set; } =
        new(0, "server 192.0.2.1 port 4711: password received\nthe password opens /dev/vda2\n", "");

    public List<string> Arguments { get; } = [];

    /// <summary>The content of the image file; by default the files of <see cref="InImage"/>.</summary>
    public Func<byte[], byte[]> Content { get; set; } = ImageFile.Gzip;

    /// <summary>Images of other kernels by their paths.</summary>
    public Dictionary<string, SampleImage> Others { get; } = [];

    public static IReadOnlyDictionary<string, byte[]> Keys => KeySets.Value[0];

    public static IReadOnlyDictionary<string, byte[]> OtherKeys => KeySets.Value[1];

    public static string Grub(string line, string kernel = SampleImage.Kernel) =>
        $$"""
        set default="0"
        menuentry 'Debian GNU/Linux' --class debian {
                insmod gzio
                linux   /boot/vmlinuz-{{kernel}} {{line}}
                initrd  /boot/initrd.img-{{kernel}}
        }
        submenu 'Advanced options' {
                menuentry 'recovery' {
                        linux   /boot/vmlinuz-{{kernel}} single mandos=off
                        initrd  /boot/initrd.img-{{kernel}}
                }
        }
        """;

    /// <summary>Writes the machine and runs the command on it.</summary>
    public async Task<(int ExitCode, string Output, string Error)> RunAsync(params string[] arguments)
    {
        Write();
        var (output, error) = (new StringWriter(), new StringWriter());
        var environment = new KeygenEnvironment
        {
            Output = output,
            Error = error,
            Root = _directory.Path,
            IsRoot = true,
            FreeSpace = _ => FreeSpace,
            Programs = this,
        };
        var exitCode = await new KeygenProgram(environment).RunAsync(["doctor", .. arguments], TestContext.Current.CancellationToken);
        return (exitCode, output.ToString().Replace(_directory.Path, "", StringComparison.Ordinal), error.ToString());
    }

    public void Dispose() => _directory.Dispose();

    bool IPrograms.Has(string program) => true;

    // The test of the client is the only program that runs.
    Task<ProgramResult> IPrograms.RunAsync(ProgramCall call, CancellationToken cancellationToken)
    {
        Arguments.AddRange(call.Arguments);
        return Client is { } result ? Task.FromResult(result) : throw new KeygenException($"{call.Program} cannot be started");
    }

    private void Write()
    {
        foreach (var (path, text) in Files)
            Write(path, Encoding.UTF8.GetBytes(text), Built - TimeSpan.FromDays(1));
        foreach (var (path, content) in Secrets)
            Write(path, content, Built - TimeSpan.FromDays(1));
        foreach (var (path, target) in Links)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(_directory.Path + path)!);
            File.CreateSymbolicLink(_directory.Path + path, target);
        }

        if (Content(InImage.ToArchive()) is { Length: > 0 } image)
            Write(Image, image, Built);
        foreach (var (path, other) in Others)
            Write(path, ImageFile.Gzip(other.ToArchive()), Built);
        foreach (var path in Newer)
            File.SetLastWriteTimeUtc(_directory.Path + path, Built + TimeSpan.FromDays(1));
        foreach (var (path, mode) in Modes)
            File.SetUnixFileMode(_directory.Path + path, mode);
    }

    private void Write(string path, byte[] content, DateTime changed)
    {
        var file = _directory.Path + path;
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.WriteAllBytes(file, content);
        File.SetUnixFileMode(file, OwnerOnly);
        File.SetLastWriteTimeUtc(file, changed);
    }

    private static Dictionary<string, byte[]> MakeKeys()
    {
        using var directory = new TemporaryDirectory();
        KeygenRun.MakeKeysAsync(directory, "-n", "client").GetAwaiter().GetResult();
        return SampleImage.KeyNames.ToDictionary(name => name, name => File.ReadAllBytes(directory[name]));
    }
}
