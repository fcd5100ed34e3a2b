namespace Mandos.Interop.Enrolment;

/// <summary>mandos-keygen rotate with the real cryptsetup, ssh, sshd and mandos-client, and both servers.</summary>
public sealed class RotateTests : InteropTest
{
    public static TheoryData<DebianRelease, Implementation> ReleasesAndServers => EnrollTests.ReleasesAndServers;

    [Theory, MemberData(nameof(ReleasesAndServers))]
    public async Task Both_keys_get_the_password_until_the_machine_has_booted_with_the_new_ones(
        DebianRelease release, Implementation server)
    {
        var site = await EnrolmentSite.StartAsync(Lab, release, server);
        var before = await site.StateAsync();
        (await site.KeygenAsync(EnrolmentSite.Passphrase, "enroll", "server", "--name=client", "--new-key-slot")).OrThrow();
        await site.Server.ShellAsync($"sed -i 's/^host = .*/&\\ntimeout = P2D/' {site.File}", Token);
        var (password, oldId) = (await site.PasswordAsync(), await site.KeyIdAsync("/etc/keys/mandos"));

        // Nothing is typed.
        var first = (await site.KeygenAsync("", "rotate", "root@server")).OrThrow();

        Assert.EndsWith("after it, drop the old ones: mandos-keygen rotate root@server\n", first.Text, StringComparison.Ordinal);
        var newId = await site.KeyIdAsync("/etc/keys/mandos");
        Assert.NotEqual(oldId, newId);
        Assert.Equal(newId, await site.KeyIdAsync(site.ImageKeys));
        Assert.Equal(password, await site.PasswordAsync());
        Assert.Equal(password, await site.PasswordAsync("/etc/keys/mandos/rotation/previous"));
        var both = await site.Server.ShellAsync($"cat {site.File}", Token);
        Assert.Equal(2, both.Split("timeout = P2D").Length - 1);
        Assert.Contains("[client-next]", both, StringComparison.Ordinal);
        var early = await site.KeygenAsync("", "rotate", "--finish");
        Assert.Equal(1, early.ExitCode);
        Assert.Contains("error: this machine has not booted with the new keys yet\nhint: ", early.Errors, StringComparison.Ordinal);

        await site.RebootAsync();
        var second = (await site.KeygenAsync("", "rotate")).OrThrow();

        Assert.Equal("the old keys are dropped: this machine has only the new ones\n", second.Text);
        var only = await site.Server.ShellAsync($"cat {site.File}", Token);
        Assert.Contains($"[client]\nhost = client\ntimeout = P2D\nkey_id = {newId}\n", only, StringComparison.Ordinal);
        Assert.DoesNotContain(oldId, only, StringComparison.Ordinal);
        Assert.DoesNotContain("next", only, StringComparison.Ordinal);
        Assert.Equal(password, await site.PasswordAsync());
        Assert.Equal("4\n", await site.Client.ShellAsync("ls -A /etc/keys/mandos | wc -l", Token));
        Assert.Contains(newId, await site.Client.ShellAsync($"cryptsetup luksDump --dump-json-metadata {EnrolmentSite.Disk}", Token),
            StringComparison.Ordinal);

        // The next enrolment finds all as it is, and the machine can be unenrolled.
        var again = (await site.KeygenAsync("", "enroll", "server", "--name=client", "--new-key-slot")).OrThrow();
        Assert.Equal(5, again.Errors.Split("already there").Length - 1);
        (await site.KeygenAsync("", "unenroll", "server", "--name=client", "--yes", "--keys")).OrThrow();
        Assert.Equal(before.TrimEnd(), (await site.StateAsync()).TrimEnd());
        Assert.DoesNotContain("mandos", await site.HeaderAsync(), StringComparison.Ordinal);
    }

    [Theory, MemberData(nameof(ReleasesAndServers))]
    public async Task A_failed_rehearsal_changes_no_keys_and_an_abort_restores_everything(DebianRelease release, Implementation server)
    {
        var site = await EnrolmentSite.StartAsync(Lab, release, server);
        (await site.KeygenAsync(EnrolmentSite.Passphrase, "enroll", "server", "--name=client")).OrThrow();
        var (before, id) = (await site.StateAsync(), await site.KeyIdAsync("/etc/keys/mandos"));

        await site.Client.ShellAsync("touch /root/broken", Token);
        Assert.Equal(1, (await site.KeygenAsync("", "rotate", "server")).ExitCode);
        Assert.Equal(id, await site.KeyIdAsync("/etc/keys/mandos"));
        Assert.Equal(id, await site.KeyIdAsync(site.ImageKeys));
        Assert.Equal(EnrolmentSite.Passphrase, await site.PasswordAsync());
        await site.Client.ShellAsync("rm /root/broken", Token);
        (await site.KeygenAsync("", "rotate", "server")).OrThrow();
        Assert.NotEqual(id, await site.KeyIdAsync(site.ImageKeys));

        (await site.KeygenAsync("", "rotate", "--abort")).OrThrow();

        Assert.Equal(id, await site.KeyIdAsync("/etc/keys/mandos"));
        Assert.Equal(id, await site.KeyIdAsync(site.ImageKeys));
        Assert.Equal(before.TrimEnd(), (await site.StateAsync()).TrimEnd());
        Assert.Equal(EnrolmentSite.Passphrase, await site.PasswordAsync());
    }
}
