using System.Text.Json.Nodes;

namespace Mandos.Interop.Enrolment;

/// <summary>mandos-keygen enroll with the real cryptsetup, ssh and sshd, and both servers.</summary>
public sealed class EnrollTests : InteropTest
{
    public static TheoryData<DebianRelease, Implementation> ReleasesAndServers => new(
        from release in DebianRelease.All
        from server in new[] { Implementation.Original, Implementation.Ours }
        select (release, server));

    [Theory, MemberData(nameof(ReleasesAndServers))]
    public async Task A_machine_is_enrolled_with_a_slot_of_its_own_and_unenrolled_without_a_trace(
        DebianRelease release, Implementation server)
    {
        var site = await EnrolmentSite.StartAsync(Lab, release, server);
        var before = await site.StateAsync();

        var first = (await site.KeygenAsync(EnrolmentSite.Passphrase, "enroll", "server", "--name=client", "--new-key-slot")).OrThrow();

        Assert.Equal("this machine will unlock at its next boot\n", first.Text);
        Assert.Contains("[client]", await site.Server.ShellAsync($"cat {site.File}", Token), StringComparison.Ordinal);
        Assert.Matches(@"(?s)Tokens:\s+0: mandos\s+Keyslot: +1\n", await site.HeaderAsync());
        Assert.Matches("^[A-Za-z0-9_-]{43}$", await site.PasswordAsync());
        var enrolled = await site.StateAsync();
        Assert.NotEqual(before, enrolled);

        var second = (await site.KeygenAsync("", "enroll", "server", "--name=client", "--new-key-slot")).OrThrow();
        Assert.Equal(enrolled, await site.StateAsync());
        Assert.Equal(5, second.Errors.Split("already there").Length - 1);

        (await site.KeygenAsync("", "unenroll", "server", "--name=client", "--yes", "--keys")).OrThrow();
        Assert.Equal(before.TrimEnd(), (await site.StateAsync()).TrimEnd());
        Assert.DoesNotContain("mandos", await site.HeaderAsync(), StringComparison.Ordinal);
    }

    [Theory, MemberData(nameof(ReleasesAndServers))]
    public async Task A_failed_rehearsal_leaves_what_worked_and_a_changed_passphrase_renews_the_section(
        DebianRelease release, Implementation server)
    {
        var site = await EnrolmentSite.StartAsync(Lab, release, server);
        site.Client.WriteFile("/root/key", EnrolmentSite.Passphrase);
        (await site.KeygenAsync("", "enroll", "root@server", "--name=client", "--passfile=/root/key")).OrThrow();
        var enrolled = await site.StateAsync();

        await site.Client.ShellAsync("touch /root/broken", Token);
        var failed = await site.KeygenAsync("", "enroll", "server", "--name=client", "--new-key-slot");
        Assert.Equal(1, failed.ExitCode);
        Assert.Equal(enrolled, await site.StateAsync());
        Assert.Contains("[undo] removed key slot 1 of /root/disk.img again", failed.Errors, StringComparison.Ordinal);

        await site.Client.ShellAsync(
            $"rm /root/broken; printf changed >/root/changed; cryptsetup luksChangeKey --batch-mode --pbkdf=pbkdf2 "
                + $"--pbkdf-force-iterations=1000 --key-file=/root/key {EnrolmentSite.Disk} /root/changed", Token);
        (await site.KeygenAsync("changed\n", "enroll", "server", "--name=client")).OrThrow();
        Assert.Equal("changed", await site.PasswordAsync());
    }

    /// <summary>What else doctor looks at is not there on this machine.</summary>
    [Fact]
    public async Task The_doctor_finds_whether_the_server_still_has_the_password()
    {
        var site = await EnrolmentSite.StartAsync(Lab, DebianRelease.Bookworm, Implementation.Ours);
        await site.Client.ShellAsync("touch /boot/vmlinuz-$(ls /lib/modules)", Token);
        (await site.KeygenAsync(EnrolmentSite.Passphrase, "enroll", "server", "--name=client")).OrThrow();
        var healthy = await FetchAsync();
        Assert.Equal("ok", healthy["severity"]!.GetValue<string>());
        Assert.EndsWith($"opens {EnrolmentSite.Disk}", healthy["text"]!.GetValue<string>(), StringComparison.Ordinal);

        await site.Server.ShellAsync("mandos-ctl disable client", Token);
        site.Client.WriteFile("/root/options", "--time-limit=2");
        var disabled = await FetchAsync();
        Assert.Equal("error", disabled["severity"]!.GetValue<string>());
        Assert.Contains(
            disabled["details"]!.AsArray(), line => line!.GetValue<string>().Contains("disabled or denied", StringComparison.Ordinal));

        async Task<JsonNode> FetchAsync()
        {
            var done = await site.KeygenAsync("", "doctor", "--json");
            return JsonNode.Parse(done.Text)!["findings"]!.AsArray().Single(finding => finding!["id"]!.GetValue<string>() == "fetch")!;
        }
    }

    [Fact]
    public async Task On_the_bus_the_client_is_in_no_file()
    {
        var site = await EnrolmentSite.StartAsync(Lab, DebianRelease.Bookworm, Implementation.Ours);
        string[] command = ["enroll", "server", "--name=client", "--via=bus"];

        (await site.KeygenAsync(EnrolmentSite.Passphrase, command)).OrThrow();
        (await site.KeygenAsync(EnrolmentSite.Passphrase, command)).OrThrow();

        Assert.Equal("client\n", await site.Server.ShellAsync("mandos-ctl list --names", Token));
        Assert.Equal("", await site.Server.ShellAsync("find /etc/mandos/clients.d -type f 2>/dev/null || true", Token));
        (await site.KeygenAsync("", "unenroll", "server", "--name=client", "--via=bus", "--yes")).OrThrow();
        Assert.Equal("", await site.Server.ShellAsync("mandos-ctl list --names", Token));
    }

    [Fact]
    public async Task At_a_terminal_the_passphrase_is_not_shown_and_can_be_typed_again()
    {
        var site = await EnrolmentSite.StartAsync(Lab, DebianRelease.Trixie, Implementation.Ours);
        string[] typed = ["Passphrase of /root/disk.img: ", "a mistake", "Passphrase of /root/disk.img: ", EnrolmentSite.Passphrase];

        var done = await site.Client.RunAsync(
            new() { LogOutput = true }, TimeSpan.FromMinutes(2), Token, "/usr/bin/python3",
            [site.Client.PutScript("terminal.py"), .. typed, "--", Implementation.Ours.Keygen, "enroll", "server", "--name=client"]);

        var shown = done.OrThrow().Text;
        Assert.EndsWith("this machine will unlock at its next boot\r\n", shown, StringComparison.Ordinal);
        Assert.Contains("\r\u001b[K[\u001b[32m ok \u001b[0m] fetch the password", shown, StringComparison.Ordinal);
        Assert.DoesNotContain("a mistake", shown, StringComparison.Ordinal);
        Assert.DoesNotContain(EnrolmentSite.Passphrase, shown, StringComparison.Ordinal);
    }

    [Fact]
    public async Task LUKS1_works_without_tokens()
    {
        var site = await EnrolmentSite.StartAsync(Lab, DebianRelease.Trixie, Implementation.Ours, luks: "luks1");

        (await site.KeygenAsync(EnrolmentSite.Passphrase, "enroll", "server", "--name=client", "--new-key-slot")).OrThrow();
        Assert.Contains("Key Slot 1: ENABLED", await site.HeaderAsync(), StringComparison.Ordinal);
        (await site.KeygenAsync("", "unenroll", "server", "--name=client", "--yes")).OrThrow();
        Assert.Contains("Key Slot 1: DISABLED", await site.HeaderAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_our_server_refuses_and_what_cannot_be_reached_give_one_error()
    {
        var site = await EnrolmentSite.StartAsync(Lab, DebianRelease.Bookworm, Implementation.Ours);
        var before = await site.StateAsync();

        var refused = await site.KeygenAsync("wrong\n", "enroll", "server", "--name=client");
        Assert.Equal(1, refused.ExitCode);
        Assert.Contains(
            "mandos-keygen enroll: error: the passphrase does not open /root/disk.img\nhint: ", refused.Errors, StringComparison.Ordinal);
        var unknown = await site.KeygenAsync(EnrolmentSite.Passphrase, "enroll", "10.9.0.99", "--name=client");
        Assert.Equal(1, unknown.ExitCode);
        Assert.Contains("error: 10.9.0.99 cannot be reached: ssh: connect to host", unknown.Errors, StringComparison.Ordinal);
        await site.Server.ShellAsync("printf '[broken\\n' >/etc/mandos/clients.d/x.conf 2>/dev/null || "
            + "{ mkdir /etc/mandos/clients.d; printf '[broken\\n' >/etc/mandos/clients.d/x.conf; }", Token);
        var invalid = await site.KeygenAsync(EnrolmentSite.Passphrase, "enroll", "server", "--name=client");
        Assert.Equal(1, invalid.ExitCode);
        Assert.Contains("the server refuses its configuration", invalid.Errors, StringComparison.Ordinal);
        await site.Server.ShellAsync("rm -r /etc/mandos/clients.d", Token);
        Assert.Equal(before, await site.StateAsync());
    }
}
