using System.Text.Json;

namespace Mandos.Interop.Images;

/// <summary>mandos-keygen looks into images that the distribution's own tools build.</summary>
public sealed class ImageCheckTests : InteropTest
{
    private const string Image = "/boot/initrd.img";
    /// <summary>What compresses images, each as fast as it can.</summary>
    private static readonly string[] Compressors = ["xz -0 --check=crc32", "lz4 -1 -l", "zstd -1", "gzip -1"];

    [Theory, InlineData("bookworm", "gzip"), InlineData("trixie", "zstd")]
    public async Task An_image_of_initramfs_tools_has_no_problem_in_any_compression(string suite, string compression)
    {
        var client = await InitramfsMachine.MakeAsync(Lab, DebianRelease.Named(suite));
        await BuildAsync(client.Machine, compression);

        await foreach (var (name, report) in ChecksAsync(client.Machine))
        {
            Assert.Contains($"initramfs-tools, compression {name}, kernel ", report, StringComparison.Ordinal);
            Assert.Contains("opened with a password: root_crypt", report, StringComparison.Ordinal);
        }
    }

    [Theory, InlineData("bookworm", "xz", false), InlineData("trixie", "lz4", true)]
    public async Task An_image_of_dracut_has_no_problem_in_any_compression(string suite, string compression, bool isShell)
    {
        var client = await DracutMachine.StartAsync(Lab, DebianRelease.Named(suite));
        await HostPrograms.InstallAsync(Lab, client.Machine, compression);
        var option = isShell ? $"'{DracutMachine.Shell}'" : "";
        // With only the drivers of one machine: it is quicker.
        await LongShellAsync(
            client.Machine,
            $"dracut --force --hostonly --add-drivers 'virtio_net dm_crypt' --compress={compression} {option} {Image} "
                + "$(ls /lib/modules) >&2");

        await foreach (var (name, report) in ChecksAsync(client.Machine))
            Assert.Contains($"dracut, compression {name}, kernel ", report, StringComparison.Ordinal);
    }

    /// <summary>With the stub of systemd: put together by objcopy as in systemd-stub(7) of Debian 12, and by ukify of Debian 13.</summary>
    [Theory, InlineData("bookworm"), InlineData("trixie")]
    public async Task A_unified_kernel_image_has_no_problem(string suite)
    {
        const string unified = "/boot/efi/EFI/Linux/debian.efi";
        var client = await InitramfsMachine.MakeAsync(Lab, DebianRelease.Named(suite));
        await BuildAsync(client.Machine, "zstd");
        client.Machine.WriteFile("/tmp/line", "root=/dev/mapper/root quiet");
        Directory.CreateDirectory(client.Machine.HostPath(Path.GetDirectoryName(unified)!));
        if (suite == "bookworm")
            await Lab.ShellOnHostAsync(
                $$"""
                cd {{client.Machine.HostPath("/")}}
                stub=usr/lib/systemd/boot/efi/linuxx64.efi.stub
                end=$(($(objdump -h $stub | tail -2 | awk 'NR == 1 { print "0x" $3 " + 0x" $4 }')))
                set --
                for section in osrel=usr/lib/os-release cmdline=tmp/line initrd={{Image[1..]}} linux=$(echo boot/vmlinuz-*); do
                    end=$(( (end + 4095) / 4096 * 4096 ))
                    set -- "$@" --add-section .$section --change-section-vma .${section%%=*}=$(printf 0x%x $end)
                    end=$((end + $(stat -L -c %s ${section#*=})))
                done
                objcopy "$@" $stub {{unified[1..]}}
                """);
        else
            await LongShellAsync(
                client.Machine,
                $"ukify build --linux=$(echo /boot/vmlinuz-*) --initrd={Image} --cmdline=@/tmp/line --output={unified}");
        await client.Machine.ShellAsync($"chmod 600 {unified}; mv {Image} /boot/initrd.img-$(ls /usr/lib/modules)", Token);

        var report = await CheckAsync(client.Machine, unified);

        AssertHealthy(report);
        Assert.Contains("opened with a password: root_crypt", report, StringComparison.Ordinal);
        Assert.Contains($"the section .cmdline of {unified}", report, StringComparison.Ordinal);
        // The machine of this test has no network card.
        Assert.Equal(["network.no-card"], await ProblemsAsync(client.Machine, 1, "doctor", "--json", "--no-network"));
    }

    [Fact]
    public async Task Faults_of_real_images_are_found()
    {
        var client = await InitramfsMachine.MakeAsync(Lab, DebianRelease.Bookworm);
        await BuildAsync(client.Machine, "gzip");
        await client.Machine.ShellAsync(
            $"""
            size=$(stat -c %s {Image})
            head -c $((size / 2)) {Image} >/tmp/truncated
            mkdir /tmp/rest && cd /tmp/rest && unmkinitramfs {Image} . && rm conf/conf.d/mandos/seckey.txt scripts/init-premount/mandos
            find . | cpio --quiet -o -H newc | gzip >/tmp/incomplete
            """,
            Token);

        Assert.Equal(["image.damaged"], await ProblemsAsync(client.Machine, 2, "check-image", "--json", "/tmp/truncated"));
        Assert.Equal(
            ["image.mode", "keys.missing", "scripts.missing"],
            await ProblemsAsync(client.Machine, 2, "check-image", "--json", "/tmp/incomplete"));
        var done = await RunAsync(client.Machine, "check-image", "/tmp/none");
        Assert.Equal(3, done.ExitCode);
        Assert.Equal(
            "mandos-keygen check-image: error: cannot read /tmp/none: No such file or directory\nhint: check the path\n", done.Errors);
    }

    [Theory, InlineData("bookworm"), InlineData("trixie")]
    public async Task The_doctor_finds_what_changes_after_the_image_was_built(string suite)
    {
        var client = await InitramfsMachine.MakeAsync(Lab, DebianRelease.Named(suite));
        await BuildAsync(client.Machine, "zstd");
        await client.Machine.ShellAsync($"mv {Image} /boot/initrd.img-$(ls /usr/lib/modules)", Token);
        // The machine of this test has no network card.
        Assert.Equal(["network.no-card"], await ProblemsAsync(client.Machine, 1, "doctor", "--json", "--no-network"));

        await client.Machine.ShellAsync("/opt/mandos/mandos-keygen --force --dir /etc/keys/mandos --name client", Token);
        Assert.Equal(["keys.differ", "network.no-card"], await ProblemsAsync(client.Machine, 2, "doctor", "--json", "--no-network"));

        await client.Machine.ShellAsync("cp /boot/vmlinuz-* /boot/vmlinuz-1.0", Token);
        Assert.Equal(
            ["kernels.other", "keys.differ", "network.no-card"],
            await ProblemsAsync(client.Machine, 2, "doctor", "--json", "--no-network"));
    }

    [Theory, InlineData("bookworm"), InlineData("trixie")]
    public async Task The_fetch_of_the_doctor_is_that_of_the_client(string suite)
    {
        var client = await InitramfsMachine.MakeAsync(Lab, DebianRelease.Named(suite));

        var problems = await ProblemsAsync(client.Machine, 2, "doctor", "--json");

        // There is no server.
        Assert.Contains(problems, problem => problem.StartsWith("fetch", StringComparison.Ordinal));
    }

    /// <summary>Checks the image, and the same one in each of the other compressions.</summary>
    private async IAsyncEnumerable<(string Compression, string Report)> ChecksAsync(Machine machine)
    {
        await HostPrograms.InstallAsync(Lab, machine, Compressors.Select(command => command.Split(' ')[0]));
        var start = CompressedPart(machine.ReadFile(Image));
        foreach (var command in Compressors)
        {
            var name = command.Split(' ')[0];
            await LongShellAsync(
                machine,
                $$"""
                part() { tail -c +{{start + 1}} {{Image}}; }
                for program in {{string.Join(' ', Compressors.Select(one => one.Split(' ')[0]))}}; do
                    ! part | $program -dc >/tmp/part 2>/dev/null || break
                done
                { head -c {{start}} {{Image}}; {{command}} -c </tmp/part; } >/tmp/image
                chmod 600 /tmp/image
                """);
            var report = await CheckAsync(machine, "/tmp/image");
            AssertHealthy(report);
            yield return (name, report);
        }

        AssertHealthy(await CheckAsync(machine, Image));
    }

    /// <summary>Where it begins: after an archive that is not compressed, and zeros.</summary>
    private static int CompressedPart(byte[] image)
    {
        if (!image.AsSpan().StartsWith("070701"u8))
            return 0;
        var end = image.AsSpan().IndexOf("TRAILER!!!"u8) + "TRAILER!!!".Length;
        return end + image.AsSpan(end).IndexOfAnyExcept((byte)0);
    }

    private static void AssertHealthy(string report)
    {
        Assert.EndsWith("\nno problem found\n", report, StringComparison.Ordinal);
        Assert.All(report.Split('\n')[..^2], line => Assert.StartsWith("ok ", line, StringComparison.Ordinal));
    }

    /// <summary>Builds an image with a line of crypttab(5): the hook of cryptsetup leaves out disks that do not exist.</summary>
    private static async Task BuildAsync(Machine machine, string compression)
    {
        machine.WriteFile(
            "/etc/initramfs-tools/hooks/zz-disk",
            """
            #!/bin/sh
            [ "$1" != prereqs ] || { echo mandos; exit 0; }
            cp /etc/crypttab "$DESTDIR/cryptroot/crypttab"
            """,
            InitramfsMachine.Executable);
        await LongShellAsync(
            machine,
            $"""
            sed -i 's/^MODULES=.*/MODULES=list/; s/^COMPRESS=.*/COMPRESS={compression}/' /etc/initramfs-tools/initramfs.conf
            mkinitramfs -o {Image} $(ls /usr/lib/modules)
            """);
    }

    private static async Task LongShellAsync(Machine machine, string command) =>
        (await machine.RunAsync(new(), TimeSpan.FromMinutes(5), Token, "/bin/sh", "-euc", command)).OrThrow();

    private async Task<string> CheckAsync(Machine machine, string path)
    {
        var done = await RunAsync(machine, "check-image", path);
        Assert.True(done.ExitCode == 0, done.Text + done.Errors);
        return done.Text;
    }

    private async Task<List<string>> ProblemsAsync(Machine machine, int exitCode, params string[] arguments)
    {
        var done = await RunAsync(machine, arguments);
        Assert.True(done.ExitCode == exitCode, done.Text + done.Errors);
        using var json = JsonDocument.Parse(done.Text);
        return
        [
            .. json.RootElement.GetProperty("findings").EnumerateArray()
                .Where(one => one.GetProperty("severity").GetString() != "ok")
                .Select(one => one.GetProperty("id").GetString()!).Distinct().Order(StringComparer.Ordinal),
        ];
    }

    private static Task<CompletedProcess> RunAsync(Machine machine, params IEnumerable<string> arguments) =>
        machine.RunAsync(new(), TimeSpan.FromSeconds(120), Token, "/opt/mandos/mandos-keygen", arguments);
}
