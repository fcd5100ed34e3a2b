namespace Mandos.Interop.Packaging;

/// <summary><c>make install</c>, for systems without our packages.</summary>
public sealed class InstallScriptTests : InteropTest
{
    [Fact]
    public async Task Installation_respects_DESTDIR_and_PREFIX_and_keeps_existing_configuration()
    {
        var root = Directory.CreateTempSubdirectory("mandos-install-").FullName;
        try
        {
            await InstallAsync(root, "/usr/local");
            Assert.Equal("/usr/local/lib/mandos/plugins.d/mandos-client", await ResolveAsync("/usr/local/lib/mandos/plugin-runner"));
            Assert.Equal("/usr/local/lib/mandos/plugins.d/mandos-client", await ResolveAsync("/usr/local/sbin/mandos-client"));
            foreach (var file in (string[])[
                "/usr/local/sbin/mandos", "/usr/local/sbin/mandos-keygen", "/usr/local/share/man/man8/mandos.8",
                "/usr/share/initramfs-tools/hooks/mandos",
                "/usr/lib/dracut/modules.d/90mandos/module-setup.sh", "/etc/mandos/plugin-runner.conf", "/etc/mandos/clients.conf"])
                Assert.True(File.Exists(root + file), file);
            Assert.Contains(
                "\nExecStart=/usr/local/sbin/mandos ",
                await File.ReadAllTextAsync($"{root}/usr/local/lib/systemd/system/mandos.service", Token), StringComparison.Ordinal);
            Assert.Equal((UnixFileMode)0b111_000_000, File.GetUnixFileMode($"{root}/etc/keys/mandos"));

            foreach (var page in Directory.GetFiles(Golden.Root + "/docs/man").Select(f => Path.GetFileName(f)!))
                Assert.True(File.Exists($"{root}/usr/local/share/man/man{Path.GetExtension(page)[1]}/{page}"), page);
            foreach (var (shell, folder) in ((string, string)[])[
                ("bash", "bash-completion/completions"), ("zsh", "zsh/vendor-completions"), ("fish", "fish/vendor_completions.d")])
            {
                foreach (var file in Directory.GetFiles($"{Golden.Root}/packaging/completions/{shell}").Select(f => Path.GetFileName(f)!))
                    Assert.True(File.Exists($"{root}/usr/local/share/{folder}/{file}"), file);
            }

            foreach (var folder in (string[])["ansible", "cloud-init", "preseed"])
            {
                foreach (var file in Directory.GetFiles($"{Golden.Root}/packaging/{folder}", "*", SearchOption.AllDirectories))
                {
                    var example = $"{root}/usr/local/share/doc/mandos-client-dotnet/examples/{file[$"{Golden.Root}/packaging/".Length..]}";
                    Assert.Equal((UnixFileMode)0b110_100_100, File.GetUnixFileMode(example));
                }
            }

            await File.WriteAllTextAsync($"{root}/etc/mandos/clients.conf", "mine", Token);
            Assert.Contains("/etc/mandos/clients.conf (kept)", await InstallAsync(root, "/usr/local"), StringComparison.Ordinal);
            Assert.Equal("mine", await File.ReadAllTextAsync($"{root}/etc/mandos/clients.conf", Token));
        }
        finally
        {
            Directory.Delete(root, recursive: true);
        }

        async Task<string> ResolveAsync(string path) =>
            (await Lab.ShellOnHostAsync($"readlink -f {root}{path}")).Trim()[root.Length..];
    }

    [Fact]
    public async Task One_part_can_be_installed_without_the_other()
    {
        var root = Directory.CreateTempSubdirectory("mandos-install-").FullName;
        try
        {
            await InstallAsync(root, "/usr", "server");
            Assert.True(File.Exists($"{root}/usr/sbin/mandos"));
            Assert.False(File.Exists($"{root}/usr/sbin/mandos-keygen"));
            Assert.False(Directory.Exists($"{root}/etc/keys"));
        }
        finally
        {
            Directory.Delete(root, recursive: true);
        }
    }

    [Fact]
    public async Task Initramfs_generators_find_the_programs_under_any_PREFIX()
    {
        var root = Directory.CreateTempSubdirectory("mandos-install-").FullName;
        try
        {
            await InstallAsync(root, "/opt/mandos", "client");
            Assert.Equal(
                "/opt/mandos/lib/mandos\n",
                await Lab.ShellOnHostAsync(
                    $"bash -c 'dracutsysrootdir={root}; . {root}/usr/lib/dracut/modules.d/90mandos/machine.sh; mandos_find_programs'"));
            Assert.Equal(
                "/opt/mandos/lib/mandos\n",
                await Lab.ShellOnHostAsync(
                    $"sh -c 'mandos_root={root}; . {root}/usr/share/initramfs-tools/mandos-common.sh; mandos_find_programs'"));
        }
        finally
        {
            Directory.Delete(root, recursive: true);
        }
    }

    private static async Task<string> InstallAsync(string root, params string[] arguments)
    {
        await using var running = RunningProcess.Start(
            "install.sh", Path.Combine(Golden.Root, "scripts", "install.sh"), [root, .. arguments], new());
        return (await running.WaitAsync(TimeSpan.FromSeconds(60), Token)).OrThrow().Text;
    }
}
