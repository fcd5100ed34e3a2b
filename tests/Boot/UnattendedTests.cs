using System.Globalization;
using Mandos.Boot.Emulation;
using Mandos.Boot.Guests;

namespace Mandos.Boot;

/// <summary>The machine boots unattended.</summary>
public sealed class UnattendedTests : BootTest
{
    [Theory]
    [InlineData("bookworm", Generator.InitramfsTools, "original")]
    [InlineData("bookworm", Generator.InitramfsTools, "ours")]
    [InlineData("bookworm", Generator.DracutSystemd, "ours")]
    [InlineData("bookworm", Generator.DracutShell, "ours")]
    [InlineData("trixie", Generator.InitramfsTools, "original")]
    [InlineData("trixie", Generator.DracutSystemd, "ours")]
    public async Task A_machine_boots_unattended_the_client_leaves_nothing_behind_and_doctor_finds_no_problem(
        string suite, Generator generator, string server)
    {
        var initramfs = await OursAsync(suite, generator);
        await Site.ServeAsync(server == "ours" ? Implementation.Ours : Implementation.Original, initramfs.Keys);
        var report = await ReportAsync(await Site.BootWithDoctorAsync(initramfs));
        Assert.Equal([Disks.GuestDisk.Root.NameWith(initramfs)], report.Of("open"));
        AssertNothingLeft(report);
        AssertHealthy(report, initramfs);
    }

    [Theory]
    [InlineData("bookworm")]
    [InlineData("trixie")]
    public async Task With_Debians_dracut_configuration_a_machine_boots_unattended(string suite)
    {
        var initramfs = await OursAsync(suite, Generator.DracutSystemd) with { AsDebianShipsIt = true };
        await Site.ServeAsync(Implementation.Ours, initramfs.Keys);
        var report = await ReportAsync(await Site.BootWithDoctorAsync(initramfs));
        Assert.Equal([Disks.GuestDisk.Root.NameWith(initramfs)], report.Of("open"));
        AssertHealthy(report, initramfs);
    }

    [Theory]
    [InlineData("bookworm")]
    [InlineData("trixie")]
    public async Task A_machine_boots_unattended_after_apt_replaces_initramfs_tools_with_dracut(string suite)
    {
        var initramfs = await OursAsync(
            suite, Generator.DracutSystemd) with
        { AsDebianShipsIt = true, Software = GuestSoftware.BeforeDracut };
        await Site.ServeAsync(Implementation.Ours, initramfs.Keys);
        var report = await ReportAsync(await Site.BootWithDoctorAsync(initramfs));
        Assert.Equal([Disks.GuestDisk.Root.NameWith(initramfs)], report.Of("open"));
        AssertHealthy(report, initramfs);
    }

    [Theory]
    [InlineData("bookworm", Generator.InitramfsTools)]
    [InlineData("bookworm", Generator.DracutSystemd)]
    [InlineData("bookworm", Generator.DracutShell)]
    [InlineData("trixie", Generator.DracutShell)]
    public async Task One_fetch_opens_all_disks(string suite, Generator generator)
    {
        Disks.GuestDisk[] disks = [Disks.GuestDisk.Root, Disks.GuestDisk.Data];
        var initramfs = await OursAsync(suite, generator) with { Disks = disks };
        await Site.ServeAsync(Implementation.Ours, initramfs.Keys);
        var report = await ReportAsync(await Site.BootWithDoctorAsync(initramfs));
        Assert.Equal(
            disks.Select(d => d.NameWith(initramfs)).Order(StringComparer.Ordinal), report.Of("open").Order(StringComparer.Ordinal));
        AssertNothingLeft(report);
        AssertHealthy(report, initramfs);
    }

    [Fact]
    public async Task A_server_that_starts_after_the_prompt_is_found()
    {
        var initramfs = await OursAsync("bookworm", Generator.InitramfsTools);
        var guest = await Site.BootAsync(initramfs);
        await GuestPrompt.WaitAsync(guest, initramfs.Generator, Limit, Token);
        await Task.Delay(TimeSpan.FromSeconds(5), Token);
        await Site.ServeAsync(Implementation.Ours, initramfs.Keys);
        Assert.Equal(["root"], (await ReportAsync(guest)).Of("open"));
        Assert.Equal(1, Site.Delivered());
    }

    [Fact]
    public async Task A_network_cable_that_is_plugged_in_late_is_noticed()
    {
        var initramfs = await OursAsync("bookworm", Generator.InitramfsTools);
        await Site.ServeAsync(Implementation.Ours, initramfs.Keys);
        var guest = await Site.BootAsync(initramfs, plugged: false);
        await GuestPrompt.WaitAsync(guest, initramfs.Generator, Limit, Token);
        await Task.Delay(TimeSpan.FromSeconds(5), Token);
        Assert.Null(guest.Console.Find(GuestReport.Marker));
        await guest.SetLinkAsync(up: true, Token);
        Assert.Equal(["root"], (await ReportAsync(guest)).Of("open"));
        Assert.Equal(1, Site.Delivered());
    }

    /// <summary>The name of another kernel, or of the slot that the card was in; the card is there under a name of today.</summary>
    [Fact]
    public async Task A_missing_interface_in_the_ip_parameter_does_not_prevent_the_boot()
    {
        var initramfs = await OursAsync("bookworm", Generator.InitramfsTools);
        await Site.ServeAsync(Implementation.Ours, initramfs.Keys);
        var guest = await Site.BootAsync(initramfs, "ip=:::::eth9:dhcp");
        Assert.Equal(["root"], (await ReportAsync(guest)).Of("open"));
        Assert.Equal(1, Site.Delivered());
        Assert.NotNull(guest.Console.Find("interface \"eth9\" does not exist"));
    }

    [Theory]
    [InlineData("mandos=connect")]
    [InlineData("mandos=connect:10.1.0.1:8888")]
    public async Task A_kernel_without_IPv6_uses_IPv4(string mandos)
    {
        var initramfs = await OursAsync("bookworm", Generator.InitramfsTools);
        await Site.ServeAsync(Implementation.Ours, await Site.StanzaAsync(initramfs.Keys), useIPv6: mandos != "mandos=connect");
        var report = await ReportAsync(
            await Site.BootAsync(initramfs, $"ipv6.disable=1 ip=10.1.0.2::10.1.0.1:255.255.255.0:guest::off {mandos}"));
        Assert.Equal(["root"], report.Of("open"));
        Assert.Equal(1, Site.Delivered());
        Assert.DoesNotContain(report.Of("address"), a => a.Contains("inet6", StringComparison.Ordinal));
    }

    /// <summary>The machine got its password once to boot, and once more for doctor, which found no problem.</summary>
    private void AssertHealthy(GuestReport report, Initramfs initramfs)
    {
        var doctor = DoctorReport.Of(report);
        Assert.DoesNotContain(doctor.Findings, finding => finding.Severity != "ok");
        Assert.Equal(Subjects(initramfs), doctor.Subjects);
        var opened = doctor.Findings[^1].Details.Count(line => line.EndsWith(": the password opens it", StringComparison.Ordinal));
        Assert.Equal(initramfs.Disks.Count, opened);
        Assert.Equal(0, doctor.ExitCode);
        Assert.Equal("no problem found", doctor.Table[^1]);
        Assert.Equal(doctor.Findings.Count - 1, doctor.Table.Count(line => line.StartsWith("ok ", StringComparison.Ordinal)));
        Assert.Equal(2, Site.Delivered());
    }

    private static string[] Subjects(Initramfs initramfs) =>
    [
        "boot loader", "image", "client", "keys", "start scripts",
        // With systemd plugin-runner does not run.
        .. initramfs.Generator == Generator.DracutSystemd ? Array.Empty<string>() : ["configuration"],
        "disks", "network drivers", "kernel command line", "machine's keys", "image's age", "network cards", "root disk",
        "space in /boot", "fetch",
    ];

    private static void AssertNothingLeft(GuestReport report)
    {
        Assert.DoesNotContain(report.Of("process"), IsClients);
        Assert.Empty(report.Of("leak"));
        Assert.Empty(report.Of("left"));
        // Nothing configured the network but the client: no address, no route, and interfaces as they were found.
        Assert.DoesNotContain(report.Of("address"), a => !a.Contains(": lo ", StringComparison.Ordinal));
        Assert.DoesNotContain(report.Of("route"), r => !r.Contains("dev lo", StringComparison.Ordinal));
        var link = Assert.Single(report.Of("link"), l => !l.StartsWith("lo ", StringComparison.Ordinal));
        const int up = 1;
        Assert.Equal(0, int.Parse(link.Split(' ')[1][2..], NumberStyles.HexNumber, CultureInfo.InvariantCulture) & up);
    }

    private static bool IsClients(string process) =>
        new[] { "mandos", "plugin-runner", "password-agent" }.Any(n => process.Contains(n, StringComparison.Ordinal));
}
