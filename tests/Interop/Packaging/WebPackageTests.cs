namespace Mandos.Interop.Packaging;

/// <summary>mandos-web-dotnet installed, configured and purged.</summary>
public sealed class WebPackageTests : InteropTest
{
    public static TheoryData<DebianRelease> Releases => [.. DebianRelease.All];

    [Theory, MemberData(nameof(Releases))]
    public async Task The_package_serves_nothing_until_it_is_configured_and_a_purge_leaves_nothing_behind(DebianRelease release)
    {
        var machine = await PackageMachine.WithoutImagesAsync(Lab, release);
        var before = await machine.SnapshotAsync();
        await machine.RunAsync("apt install --no-install-recommends ./artifacts/deb/mandos-web-dotnet_*.deb");
        Assert.Equal("install ok installed", await machine.StatusAsync(PublishedPackages.Web));
        await machine.RunAsync("getent passwd _mandos-web; getent passwd _mandos-notify");
        Assert.Equal("600 root root\n", await machine.RunAsync("stat -c '%a %U %G' /etc/mandos/mandos-notify.conf"));
        Assert.Contains("has no target", await machine.RunAsync("! mandos-notify --check-config"), StringComparison.Ordinal);
        await machine.RunAsync("sed -i 's/^#\\([][a-z]\\)/\\1/' /etc/mandos/mandos-notify.conf; mandos-notify --check-config");
        await machine.RunAsync("! ls /etc/systemd/system/*/mandos-web* /etc/systemd/system/*/mandos-notify* 2>/dev/null");
        Assert.Contains("nothing to serve", await machine.RunAsync("! mandos-web --check-config"), StringComparison.Ordinal);

        // A setting of the administrator's outlives a new version and a removal.
        await machine.RunAsync("""
            sed -i 's/^#metrics/metrics/' /etc/mandos/mandos-web.conf
            mandos-web --check-config
            apt install --reinstall ./artifacts/deb/mandos-web-dotnet_*.deb
            apt remove mandos-web-dotnet
            grep '^metrics' /etc/mandos/mandos-web.conf
            grep '^command' /etc/mandos/mandos-notify.conf
            apt purge mandos-web-dotnet
            """);
        Assert.Equal(before, await machine.SnapshotAsync());
    }
}
