using Mandos.Keygen.Enrolment;

namespace Mandos.Keygen.Tests.Enrolment;

/// <summary>Enrolments that work, with stand-ins for the disk, the server, the rehearsal and the images.</summary>
public sealed class EnrollTests
{
    private const int Done = (int)EnrolmentOutcome.Done, Pending = (int)EnrolmentOutcome.Pending;

    [Fact]
    public async Task A_new_machine_gets_keys_a_section_and_images()
    {
        using var site = new EnrolmentSite();
        site.Typed.Enqueue("typed");

        Assert.Equal(Done, await site.EnrollAsync());

        Assert.Equal("typed", site.Password());
        Assert.Equal(1, site.Builds);
        Assert.Equal(["keys", "disks", "server", "passphrase", "section", "rehearsal", "initramfs", "image"], Marks(site, " ok "));
    }

    [Theory]
    [InlineData]
    [InlineData("--new-key-slot")]
    public async Task A_second_run_changes_nothing_and_does_not_ask(params string[] options)
    {
        using var site = new EnrolmentSite();
        site.Typed.Enqueue("typed");
        Assert.Equal(Done, await site.EnrollAsync(options));
        var before = site.State;
        site.Error.GetStringBuilder().Clear();

        Assert.Equal(Done, await site.EnrollAsync(options));

        Assert.Equal(before, site.State);
        Assert.Equal((1, 1), (site.Questions, site.Builds));
        string[] slot = options.Length > 0 ? ["slot"] : [];
        Assert.Equal(["keys", "passphrase", .. slot, "section", "initramfs"], Marks(site, "same"));
    }

    [Fact]
    public async Task A_changed_passphrase_renews_only_the_secret_of_the_section()
    {
        using var site = new EnrolmentSite();
        site.Typed.Enqueue("typed");
        await site.EnrollAsync();
        site.Section += "timeout = P2D\n# of the administrator\n";
        site.Disks.Disks[EnrolmentSite.Device].Slots[0] = "changed";
        site.Typed.Enqueue("changed");

        Assert.Equal(Done, await site.EnrollAsync());

        Assert.Equal("changed", site.Password());
        Assert.EndsWith("timeout = P2D\n# of the administrator\n", site.Section, StringComparison.Ordinal);
        Assert.StartsWith("[web1]\nhost = web1\nkey_id = ", site.Section, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_passphrase_in_a_file_is_compared_with_that_of_the_server()
    {
        using var site = new EnrolmentSite { Input = "other"u8.ToArray() };
        site.Disks.Disks[EnrolmentSite.Device].Slots[1] = "other";
        site.Typed.Enqueue("typed");
        await site.EnrollAsync();

        Assert.Equal(Done, await site.EnrollAsync("--passfile=-"));
        Assert.Equal("other", site.Password());

        var before = site.State;
        Assert.Equal(Done, await site.EnrollAsync("--passfile=-"));
        Assert.Equal(before, site.State);
    }

    [Fact]
    public async Task A_new_key_slot_gets_a_random_passphrase_and_a_token()
    {
        using var site = new EnrolmentSite();
        site.Typed.Enqueue("typed");

        Assert.Equal(Done, await site.EnrollAsync("--new-key-slot"));

        var disk = site.Disks.Disks[EnrolmentSite.Device];
        Assert.Equal("typed", disk.Slots[0]);
        Assert.Equal(disk.Slots[1], site.Password());
        Assert.Matches("^[A-Za-z0-9_-]{43}$", disk.Slots[1]);
        var token = disk.Tokens[0];
        Assert.Equal(("mandos", "1", "server"), ((string)token["type"]!, (string)token["keyslots"]![0]!, (string)token["server"]!));
        Assert.DoesNotContain(site.Disks.Calls, call => call.Contains(disk.Slots[1], StringComparison.Ordinal));
        Assert.DoesNotContain(site.Disks.Calls, call => call.Contains("typed", StringComparison.Ordinal));
    }

    [Fact]
    public async Task LUKS1_has_no_tokens_so_a_file_has_the_number_of_the_slot()
    {
        using var site = new EnrolmentSite();
        site.Disks.Add(EnrolmentSite.Device, "typed", version: 1);
        site.Typed.Enqueue("typed");
        Assert.Equal(Done, await site.EnrollAsync("--new-key-slot"));
        Assert.Matches($"^uuid-of-{EnrolmentSite.Device} 1 [0-9A-F]{{6}}0a [0-9a-f]{{64}} server\n$", File.ReadAllText(site.Keys["slots"]));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(site.Keys["slots"]));
        var before = site.State;

        Assert.Equal(Done, await site.EnrollAsync("--new-key-slot"));
        Assert.Equal(before, site.State);

        Assert.Equal(Done, await site.RunAsync(EnrolmentPlan.ForUnenroll, site.Options()));
        Assert.Equal("", File.ReadAllText(site.Keys["slots"]));
        Assert.Equal([0], site.Disks.Disks[EnrolmentSite.Device].Slots.Keys);
    }

    [Fact]
    public async Task A_slot_of_LUKS1_that_people_use_again_is_not_removed()
    {
        using var site = new EnrolmentSite();
        site.Disks.Add(EnrolmentSite.Device, "typed", version: 1);
        site.Typed.Enqueue("typed");
        await site.EnrollAsync("--new-key-slot");
        site.Disks.Disks[EnrolmentSite.Device].Slots[1] = "another that is typed";

        Assert.Equal(Done, await site.RunAsync(EnrolmentPlan.ForUnenroll, site.Options()));

        Assert.Equal([0, 1], site.Disks.Disks[EnrolmentSite.Device].Slots.Keys);
    }

    [Fact]
    public async Task A_slot_whose_passphrase_the_server_lost_is_replaced()
    {
        using var site = new EnrolmentSite();
        site.Typed.Enqueue("typed");
        await site.EnrollAsync("--new-key-slot");
        var old = site.Disks.Disks[EnrolmentSite.Device].Slots[1];
        site.Section = null;
        site.Typed.Enqueue("typed");

        Assert.Equal(Done, await site.EnrollAsync("--new-key-slot"));

        var disk = site.Disks.Disks[EnrolmentSite.Device];
        Assert.DoesNotContain(old, disk.Slots.Values);
        Assert.Equal((2, 1), (disk.Slots.Count, disk.Tokens.Count));
        Assert.Contains(site.Password(), disk.Slots.Values);
    }

    [Fact]
    public async Task Print_prints_only_the_section_on_standard_output()
    {
        using var site = new EnrolmentSite();
        site.Typed.Enqueue("typed");

        Assert.Equal(Pending, await site.EnrollAsync("--print"));

        Assert.StartsWith("[web1]\n", site.Output.ToString(), StringComparison.Ordinal);
        Assert.Equal(["keys", "disks", "server", "passphrase", "initramfs", "image"], Marks(site, " ok "));
        Assert.Equal(["section", "rehearsal"], Marks(site, "next"));
        site.Section = site.Output.ToString();
        Assert.Equal(Done, await site.EnrollAsync("--print", "--step=rehearsal"));
    }

    [Theory]
    [InlineData("rehearsal", "disks rehearsal")]
    [InlineData("passphrase", "keys disks server passphrase")]
    [InlineData("slot", "keys disks server passphrase slot section")]
    [InlineData("initramfs", "initramfs")]
    public void A_step_brings_those_that_it_needs(string step, string expected)
    {
        using var site = new EnrolmentSite();

        var steps = EnrolmentPlan.ForEnroll(site.Options("--new-key-slot", $"--step={step}"));

        Assert.Equal(expected, string.Join(' ', steps.Select(one => one.Name)));
    }

    [Fact]
    public async Task A_dry_run_changes_nothing_and_does_not_ask()
    {
        using var site = new EnrolmentSite();
        var before = site.State;

        Assert.Equal(Done, await site.EnrollAsync("--dry-run", "--new-key-slot"));

        Assert.Equal((before, 0, 0), (site.State, site.Questions, site.Builds));
        Assert.Empty(site.Keys.Names);
        Assert.Equal(EnrolmentPlan.Names, site.Output.ToString().Split('\n')[..^1].Select(line => line.Split(':')[0]));
    }

    /// <summary>The names of the steps whose lines have this mark.</summary>
    private static IEnumerable<string> Marks(EnrolmentSite site, string mark)
    {
        using var options = new EnrolmentSite();
        var steps = EnrolmentPlan.ForEnroll(options.Options("--new-key-slot"));
        return site.Error.ToString().Split('\n')
            .Where(line => line.StartsWith($"[{mark}]", StringComparison.Ordinal))
            .Select(line => steps.Single(step => line[7..].StartsWith(step.Title, StringComparison.Ordinal)).Name);
    }
}
