using System.Text;
using Mandos.Boot.Disks;
using Mandos.Boot.Guests;

namespace Mandos.Boot;

/// <summary>Our server as a real systemd runs it, as the first process of its own machine.</summary>
public sealed class ServiceTests : BootTest
{
    /// <summary>
    /// As clients.conf has them by default, as mandos-keygen makes them, and the latter with a host that has another key. What
    /// the sandbox takes away would make the first two fail. The last two want what belongs to the server, as its own user,
    /// and what only landlock denies to them.
    /// </summary>
    private const string Checked = """

        [fping]
        host = localhost
        key_id = 1111111111111111111111111111111111111111111111111111111111111111
        secret = AAAA
        interval = PT3S

        [ssh]
        host = 127.0.0.1
        key_id = 2222222222222222222222222222222222222222222222222222222222222222
        secret = AAAA
        interval = PT3S
        checker = ssh-keyscan -t ed25519 %%(host)s 2>/dev/null | grep --fixed-strings --line-regexp --quiet --regexp=%%(host)s" %(ssh_fingerprint)s"
        ssh_fingerprint = HOST_KEY

        [stranger]
        host = 127.0.0.1
        key_id = 3333333333333333333333333333333333333333333333333333333333333333
        secret = AAAA
        interval = PT3S
        checker = ssh-keyscan -t ed25519 %%(host)s 2>/dev/null | grep --fixed-strings --line-regexp --quiet --regexp=%%(host)s" %(ssh_fingerprint)s"
        ssh_fingerprint = ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA

        [thief]
        key_id = 4444444444444444444444444444444444444444444444444444444444444444
        secret = AAAA
        interval = PT3S
        checker = cat /etc/mandos/note || exit 9; for f in /var/lib/mandos/store.key /var/lib/mandos/clients.sqlite /etc/mandos/clients.conf~; do cat $f && exit 0; done; touch /var/lib/mandos/new && exit 0; exit 1

        [signaller]
        key_id = 5555555555555555555555555555555555555555555555555555555555555555
        secret = AAAA
        interval = PT3S
        checker = kill -0 $PPID

        """;

    /// <summary>The first kernel whose landlock keeps signals from others.</summary>
    private static readonly Version ScopesSignals = new(6, 12);

    [Fact]
    public async Task Systemd_starts_the_packaged_server_and_both_clients_find_it()
    {
        var keys = await GuestKeys.OfOursAsync(Site.Laboratory);
        using var clients = new TemporaryFile();
        // It does not answer its own checker, which must not run meanwhile.
        await ServerDisk.WriteClientsAsync(
            clients.Path, $"{await Site.StanzaAsync(keys)}interval = P10D\ntimeout = P20D\n{Checked}", Token);
        var initramfs = new Initramfs
        {
            Release = DebianRelease.Bookworm,
            Generator = Generator.InitramfsTools,
            Software = GuestSoftware.None,
            Keys = keys,
            Disks = [],
        };
        var guest = await Site.BootAsync(
            initramfs, ServerDisk.CommandLine, [await ServerDisk.SystemAsync(DebianRelease.Bookworm, Site.Laboratory), clients.Path]);
        var report = await Emulation.GuestReport.WaitAsync(guest, Limit, Token);
        Assert.Equal(["systemd"], report.Of("init"));
        Assert.Equal(["active"], report.Of("active"));
        Assert.Equal(["enabled"], report.Of("enabled"));
        Assert.Contains(report.Of("status"), line => line.Contains("Status: \"clients: 6 enabled, 0 disabled; ", StringComparison.Ordinal));
        Assert.Equal(["_mandos"], report.Of("user").Select(u => u.Trim()));
        Assert.Equal(["0000000000000000"], report.Of("rights"));
        Assert.Equal(["1 2"], report.Of("privileges").Select(p => p.Trim()));
        var deniesSignals = Version.Parse(Assert.Single(report.Of("kernel"))) >= ScopesSignals;
        Assert.Equal(["fping 0", "ssh 0", "stranger 1", "thief 1", $"signaller {(deniesSignals ? 1 : 0)}"], report.Of("checked"));
        string[] failing = [.. deniesSignals ? ["signaller"] : Array.Empty<string>(), "stranger", "thief"];
        Assert.Equal(failing, Assert.Single(report.Of("journal")).Split(' ', StringSplitOptions.RemoveEmptyEntries));
        Assert.Equal(["active"], report.Of("reloaded"));
        Assert.Equal(["\"avahi-daemon\""], report.Of("responder"));
        string[] web =
        [
            "mandos_up 1", "<span role=\"status\">2 failing, 4 enabled</span>", "660 root _mandos-web", "active _mandos-web", "0.8",
        ];
        Assert.Equal(web, report.Of("web").Select(line => line.Trim()));
        Assert.Equal(["active 1.2", "1", "active 0", "follows the server"], report.Of("notify").Select(line => line.Trim()));

        // Neither is told where it is. The machine beside it has both programs.
        keys.InstallOn(Site.Server);
        foreach (var implementation in (Implementation[])[Implementation.Ours, Implementation.Original])
        {
            await using var client = MandosClient.Start(Site.Server, implementation, "--interface=eth0");
            var fetched = await client.WaitAsync(TimeSpan.FromMinutes(1), Token);
            Assert.Equal(GuestDisk.Password, Encoding.UTF8.GetString(fetched.OrThrow().Output));
        }

        await guest.Console.WaitForAsync("GUEST told", Limit, Token);
        var told = guest.Console.Text.Split('\n')
            .Select(l => l.Trim())
            .First(l => l.StartsWith("GUEST decision ", StringComparison.Ordinal));
        Assert.Contains("GUEST notified delivered guest by _mandos-notify", guest.Console.Text, StringComparison.Ordinal);
        Assert.Contains("MANDOS_ADDRESS=", told, StringComparison.Ordinal);
        Assert.Contains("MANDOS_CLIENT=guest ", told, StringComparison.Ordinal);
        Assert.Contains($"MANDOS_KEY_ID={keys.KeyId} ", told, StringComparison.Ordinal);
        Assert.Contains("PRIORITY=6 ", told, StringComparison.Ordinal);
        Assert.Contains("_SYSTEMD_UNIT=mandos.service", told, StringComparison.Ordinal);
    }

    private sealed class TemporaryFile : IDisposable
    {
        public string Path { get; } = System.IO.Path.GetTempFileName();

        public void Dispose() => File.Delete(Path);
    }
}
