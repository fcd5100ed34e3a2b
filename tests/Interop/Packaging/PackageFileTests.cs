namespace Mandos.Interop.Packaging;

/// <summary>The packages as files: what lintian says, what they depend on, what is in them.</summary>
public sealed class PackageFileTests : InteropTest
{
    /// <summary>The newer release, whose lintian knows what the older one does.</summary>
    [Fact]
    public async Task Lintian_finds_no_error_and_no_warning()
    {
        var machine = await Lab.MachineAsync("lintian", await PackageChroot.WithLintianAsync(DebianRelease.Trixie, Token));
        foreach (var package in PublishedPackages.All)
            machine.WriteFile($"/root/{package}.deb", await File.ReadAllBytesAsync(PublishedPackages.File(package), Token));
        var done = await machine.RunAsync(
            new() { LogOutput = true }, TimeSpan.FromMinutes(3), Token, "/bin/sh", "-c",
            "lintian --allow-root --tag-display-limit 0 --info /root/*.deb");
        Assert.DoesNotContain(
            done.Text.Split('\n'), l => l.StartsWith("E: ", StringComparison.Ordinal) || l.StartsWith("W: ", StringComparison.Ordinal));
        Assert.Equal("", done.Errors);
        Assert.Equal(0, done.ExitCode);
    }

    [Theory]
    [InlineData(
        PublishedPackages.Client, "Depends",
        "adduser, cryptsetup-bin, cryptsetup-initramfs (>= 2:2.0.3) | dracut, initramfs-tools (>= 0.130) | dracut")]
    // What enroll and check-image run.
    [InlineData(PublishedPackages.Client, "Recommends", "openssh-client")]
    [InlineData(PublishedPackages.Client, "Suggests", "xz-utils, zstd, lz4")]
    [InlineData(PublishedPackages.Client, "Provides", "mandos-client")]
    [InlineData(PublishedPackages.Client, "Replaces", "mandos-client")]
    [InlineData(PublishedPackages.Client, "Conflicts", "mandos-client, dracut-config-generic")]
    [InlineData(PublishedPackages.Server, "Provides", "mandos")]
    [InlineData(PublishedPackages.Server, "Replaces", "mandos")]
    [InlineData(PublishedPackages.Server, "Conflicts", "mandos")]
    public async Task A_package_depends_on_what_it_needs_and_replaces_the_original(
        string package, string field, string value) =>
        Assert.Equal(value, (await Lab.ShellOnHostAsync($"dpkg-deb --field {PublishedPackages.File(package)} {field}")).Trim());

    [Theory]
    [InlineData("d /var/lib/mandos 0700 _mandos _mandos -", "/usr/lib/tmpfiles.d/mandos.conf", PublishedPackages.Server)]
    [InlineData("u _mandos - \"Mandos password system\"", "/usr/lib/sysusers.d/mandos.conf", PublishedPackages.Server)]
    [InlineData("u _mandos - \"Mandos password system\"", "/usr/lib/sysusers.d/mandos-client.conf", PublishedPackages.Client)]
    [InlineData("u _mandos-web - \"Mandos web pages\"", "/usr/lib/sysusers.d/mandos-web.conf", PublishedPackages.Web)]
    [InlineData("u _mandos-notify - \"Mandos notifications\"", "/usr/lib/sysusers.d/mandos-notify.conf", PublishedPackages.Web)]
    public async Task User_and_state_folder_are_declared_to_systemd(string line, string path, string package) =>
        Assert.Equal(
            line, (await Lab.ShellOnHostAsync($"dpkg-deb --fsys-tarfile {PublishedPackages.File(package)} | tar -xO .{path}")).Trim());

    [Fact]
    public async Task Packages_built_twice_are_identical()
    {
        var script = Path.Combine(Golden.Root, "scripts", "deb.sh");
        var folder = Directory.CreateTempSubdirectory("mandos-deb-").FullName;
        try
        {
            foreach (var (name, setting)
                in ((string, string)[])[("first", "umask 022; export TZ=UTC"), ("second", "umask 077; export TZ=Asia/Tokyo LANG=C")])
            {
                await using var building = RunningProcess.Start(
                    "deb.sh", "/bin/sh", ["-euc", $"{setting}; export MANDOS_DEB_LEVEL=0; exec {script} {folder}/{name}"], new());
                (await building.WaitAsync(TimeSpan.FromMinutes(3), Token)).OrThrow();
            }

            var sums = await Lab.ShellOnHostAsync($"cd {folder}/first && sha256sum *.deb");
            Assert.Equal(PublishedPackages.All.Count, sums.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
            Assert.Equal(sums, await Lab.ShellOnHostAsync($"cd {folder}/second && sha256sum *.deb"));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Theory]
    [InlineData(PublishedPackages.Server, "mandos.conf")]
    [InlineData(PublishedPackages.Web, "mandos-web.conf")]
    public async Task The_bus_policy_is_installed_where_the_bus_daemon_looks(string package, string name) =>
        Assert.Equal(
            await File.ReadAllTextAsync(Path.Combine(Golden.Root, $"packaging/debian/{package}/dbus-policy.conf"), Token),
            await Lab.ShellOnHostAsync(
                $"dpkg-deb --fsys-tarfile {PublishedPackages.File(package)} | tar -xO ./usr/share/dbus-1/system.d/{name}"));
}
