using Mandos.Keygen.Enrolment;
using Mandos.Keygen.KeyFiles;

namespace Mandos.Keygen.Tests.Rotation;

/// <summary>Rotations with stand-ins for the disk, the rehearsal and the images; the scripts for the server run in a real sh.</summary>
public sealed class RotateTests
{
    private const EnrolmentOutcome Done = EnrolmentOutcome.Done, Failed = EnrolmentOutcome.Failed;

    [Fact]
    public async Task The_next_boot_uses_the_new_keys_and_after_it_only_they_are_left()
    {
        using var site = await RotationSite.EnrolledAsync();
        var (id, section) = (EnrolmentState.ReadKeyId(site.Keys.Path), site.Clients());

        Assert.Equal(Done, await site.RotateAsync());

        var next = EnrolmentState.ReadKeyId(site.Image.Path);
        Assert.NotEqual(id, next);
        Assert.Equal((id, next), (EnrolmentState.ReadKeyId(site.Folder.Previous), EnrolmentState.ReadKeyId(site.Keys.Path)));
        Assert.Equal("typed", site.Password(site.Folder.Previous));
        site.Reboot();

        Assert.Equal(Done, await site.RotateAsync());

        Assert.True(site.Unlocks());
        Assert.Equal(KeyDirectory.Names.Order(StringComparer.Ordinal), site.Keys.Names);
        Assert.DoesNotContain(id, site.Clients(), StringComparison.Ordinal);
        Assert.Equal(Masked(section), Masked(site.Clients()));
    }

    [Fact]
    public async Task The_section_of_the_new_keys_has_all_settings_of_the_old_one_and_the_same_file()
    {
        using var site = await RotationSite.EnrolledAsync();

        Assert.Equal(Done, await site.RotateAsync());

        var sections = site.Clients().Split("\n[");
        Assert.Equal(["web1]", "other]", "web1-next]"], sections.Skip(1).Select(text => text.Split('\n')[0]));
        Assert.Equal(Masked(sections[1]).TrimEnd().Replace("web1]", "web1-next]", StringComparison.Ordinal), Masked(sections[3]).TrimEnd());
        Assert.EndsWith("\ntimeout = P2D\n# of the administrator\nchecker = :\n", sections[3], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Before_the_boot_a_second_run_changes_nothing_and_the_old_keys_cannot_be_dropped()
    {
        using var site = await RotationSite.EnrolledAsync();
        Assert.Equal(Done, await site.RotateAsync());
        var before = site.State;

        Assert.Equal(Done, await site.RotateAsync());
        Assert.Equal(before, site.State);

        Assert.Equal(Failed, await site.RotateAsync("--finish"));
        Assert.Equal(before, site.State);
        Assert.Contains("error: this machine has not booted with the new keys yet\n", site.Error.ToString(), StringComparison.Ordinal);

        Assert.Equal(Done, await site.RotateAsync("--finish", "--force"));
        Assert.True(site.Unlocks());
        Assert.False(site.Folder.Exists);
    }

    [Theory]
    [InlineData("keys")]
    [InlineData("rehearsal")]
    [InlineData("initramfs")]
    [InlineData("image")]
    public async Task A_failure_leaves_a_machine_that_unlocks_and_the_next_run_goes_on(string part)
    {
        using var site = await RotationSite.EnrolledAsync();
        site.Broken = part;

        Assert.Equal(Failed, await site.RotateAsync());

        Assert.True(site.Unlocks() && site.WouldUnlock());
        Assert.Equal(Failed, await site.RotateAsync("--finish"));
        site.Broken = null;
        Assert.Equal(Done, await site.RotateAsync());
        site.Reboot();
        Assert.Equal(Done, await site.RotateAsync());
        Assert.True(site.Unlocks() && site.WouldUnlock());
        Assert.False(site.Folder.Exists);
    }

    [Fact]
    public async Task A_boot_counts_only_when_the_images_had_the_new_keys_before()
    {
        using var site = await RotationSite.EnrolledAsync();
        site.Broken = "initramfs";
        await site.RotateAsync();
        site.Reboot();
        site.Broken = null;

        Assert.Equal(Failed, await site.RotateAsync("--finish"));
        Assert.Contains("not all initramfs images have the new keys yet", site.Error.ToString(), StringComparison.Ordinal);
        Assert.Equal(Done, await site.RotateAsync());
        Assert.Equal(Failed, await site.RotateAsync("--finish"));
        site.Reboot();
        Assert.Equal(Done, await site.RotateAsync("--finish"));
    }

    [Theory]
    [InlineData("rehearsal")]
    [InlineData("initramfs")]
    [InlineData(null)]
    public async Task An_abort_restores_what_was_before(string? part)
    {
        using var site = await RotationSite.EnrolledAsync();
        var before = site.State;
        site.Broken = part;
        await site.RotateAsync();
        site.Broken = null;

        Assert.Equal(Done, await site.RotateAsync("--abort"));

        Assert.Equal(before, site.State);
        Assert.False(site.Folder.Exists);
        Assert.Equal(Failed, await site.RotateAsync("--abort"));
        Assert.Contains("error: no rotation of the keys", site.Error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task After_a_boot_a_rotation_can_still_be_taken_back()
    {
        using var site = await RotationSite.EnrolledAsync();
        var before = site.State;
        await site.RotateAsync();
        site.Reboot();

        site.Broken = "initramfs";
        Assert.Equal(Failed, await site.RotateAsync("--abort"));
        Assert.True(site.Unlocks() && site.WouldUnlock());
        site.Broken = null;
        Assert.Equal(Done, await site.RotateAsync("--abort"));

        Assert.Equal(before, site.State);
    }

    [Fact]
    public async Task If_the_last_proof_fails_the_server_gets_both_sections_again()
    {
        using var site = await RotationSite.EnrolledAsync();
        await site.RotateAsync();
        site.Reboot();
        var before = site.State;
        site.Broken = "proof";

        Assert.Equal(Failed, await site.RotateAsync());

        Assert.Equal(before, site.State);
        Assert.Contains("[undo] restored server:/etc/mandos/clients.conf", site.Error.ToString(), StringComparison.Ordinal);
        site.Broken = null;
        Assert.Equal(Done, await site.RotateAsync());
    }

    [Fact]
    public async Task The_old_keys_stay_until_the_last_server_has_dropped_them()
    {
        using var site = await RotationSite.EnrolledAsync("first", "second");
        Assert.Equal(Done, await site.RotateAsync("first"));
        Assert.Equal(Done, await site.RotateAsync("admin@second"));
        Assert.Contains("[web1-next]", site.Clients("second"), StringComparison.Ordinal);
        site.Reboot();

        Assert.Equal(Done, await site.RotateAsync("first"));
        Assert.True(site.Folder.Exists);
        Assert.Equal(["admin@second"], site.Folder.Servers);
        Assert.Equal(Failed, await site.RotateAsync("--abort", "second"));
        Assert.Equal(Done, await site.RotateAsync("second"));

        Assert.False(site.Folder.Exists);
        Assert.DoesNotContain("next", site.Clients("first") + site.Clients("second"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_crash_after_the_last_server_and_before_the_keys_are_dropped_is_completed()
    {
        using var site = await RotationSite.EnrolledAsync();
        await site.RotateAsync();
        site.Reboot();
        site.Folder.MarkFinishing();
        site.Folder.RemoveServer("server");

        Assert.Equal(Done, await site.RotateAsync());

        Assert.False(site.Folder.Exists);
        Directory.CreateDirectory(site.Keys[".mandos-keygen.dropped"]);
        Assert.Equal(Done, await site.RotateAsync());
        Assert.Equal((false, false), (site.Folder.IsDropped, site.Folder.Exists));
    }

    [Fact]
    public async Task A_server_that_does_not_know_the_machine_leaves_no_trace_of_a_rotation()
    {
        using var site = await RotationSite.EnrolledAsync();
        site.Server().Write("clients.conf", "[DEFAULT]\n");

        Assert.Equal(Failed, await site.RotateAsync());

        Assert.Equal(KeyDirectory.Names.Order(StringComparer.Ordinal), site.Keys.Names);
        Assert.Contains("error: server has no section with the keys of this machine", site.Error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_password_that_does_not_open_the_disks_any_more_is_asked_for()
    {
        using var site = await RotationSite.EnrolledAsync();
        site.Disks.Disks[RotationSite.Device].Slots[0] = "changed";
        site.Typed.Enqueue("wrong");
        Assert.Equal(Failed, await site.RotateAsync());
        Assert.False(site.Folder.Exists);

        site.Typed.Enqueue("changed");
        Assert.Equal(Done, await site.RotateAsync());

        Assert.True(site.Unlocks());
        Assert.Equal("changed", site.Password(site.Keys.Path));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Key_slots_of_the_server_are_noted_for_the_new_keys(int version)
    {
        using var site = await RotationSite.EnrolledAsync();
        site.Disks.Add(RotationSite.Device, "typed", version);
        using var secret = Core.Secrets.SecretBuffer.CopyOf("typed"u8);
        using var added = Core.Secrets.SecretBuffer.CopyOf("random"u8);
        var slots = new Disks.DeviceSlots(new(site.Disks), site.Keys.Path);
        var token = TestContext.Current.CancellationToken;
        var id = EnrolmentState.ReadKeyId(site.Keys.Path);
        await slots.AddAsync(RotationSite.Device, id, "server", secret, added, token);
        await site.RotateAsync();
        site.Reboot();

        Assert.Equal(Done, await site.RotateAsync());

        Assert.Empty(await slots.FindAsync(RotationSite.Device, id, token));
        var slot = Assert.Single(await slots.FindAsync(RotationSite.Device, EnrolmentState.ReadKeyId(site.Keys.Path), token));
        Assert.Equal((1, "server"), (slot.Slot, slot.Server));
    }

    [Fact]
    public async Task Nothing_else_changes_keys_during_a_rotation()
    {
        using var site = await RotationSite.EnrolledAsync();
        await site.RotateAsync();
        var before = site.State;

        foreach (var arguments in new string[][] { ["--force"], ["enroll", "server"], ["unenroll", "server", "--yes"] })
        {
            var run = new KeygenRun();
            Assert.Equal(1, await run.RunAsync([.. arguments, "--dir", site.Keys.Path]));
            Assert.Contains("is not finished\nhint: finish it with", run.Error.ToString(), StringComparison.Ordinal);
        }

        Assert.Equal(before, site.State);
        using var other = site.Folder.Lock();
        Assert.Equal(Failed, await site.RotateAsync());
        Assert.Contains("another mandos-keygen is running", site.Error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_dry_run_changes_nothing()
    {
        using var site = await RotationSite.EnrolledAsync();
        var before = site.State;

        Assert.Equal(Done, await site.RotateAsync("--dry-run"));

        Assert.Equal((before, false), (site.State, site.Folder.Exists));
        Assert.Contains(
            "section: would install [web1-next] in /etc/mandos/clients.conf on server\n", site.Error.ToString(), StringComparison.Ordinal);
    }

    // Without what a rotation changes: the keys and the secret.
    private static string Masked(string text) => string.Join(
        '\n',
        text.Split('\n').Where(
            line => !line.StartsWith("    ", StringComparison.Ordinal) && !line.StartsWith("key_id", StringComparison.Ordinal)
                && !line.StartsWith("fingerprint", StringComparison.Ordinal)));
}
