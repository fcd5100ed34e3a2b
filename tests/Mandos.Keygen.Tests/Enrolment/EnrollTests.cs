using Mandos.Keygen.Enrolment;

namespace Mandos.Keygen.Tests.Enrolment;

/// <summary>Enrolments with stand-ins for the disk, the server, the rehearsal and the images.</summary>
public sealed class EnrollTests
{
    private const int Done = (int)EnrolmentOutcome.Done, Pending = (int)EnrolmentOutcome.Pending, Failed = (int)EnrolmentOutcome.Failed;

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
    public async Task A_second_slot_for_a_printed_section_is_refused()
    {
        using var site = new EnrolmentSite();
        site.Typed.Enqueue("typed");
        site.Typed.Enqueue("typed");
        Assert.Equal(Pending, await site.EnrollAsync("--print", "--new-key-slot"));

        Assert.Equal(Failed, await site.EnrollAsync("--print", "--new-key-slot"));

        Assert.Equal(2, site.Disks.Disks[EnrolmentSite.Device].Slots.Count);
    }

    [Fact]
    public async Task An_interruption_takes_the_slot_back()
    {
        using var site = new EnrolmentSite();
        site.Typed.Enqueue("typed");
        var before = site.State;
        site.Broken = "interrupted";

        Assert.Equal(Failed, await site.EnrollAsync("--new-key-slot"));

        Assert.Equal(before, site.State);
        Assert.Contains("interrupted in the step section", site.Error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_newline_at_the_end_of_a_file_is_named_as_the_reason()
    {
        using var site = new EnrolmentSite { Input = "typed\n"u8.ToArray() };

        Assert.Equal(Failed, await site.EnrollAsync("--passfile=-"));

        Assert.Contains("hint: the file ends with a newline", site.Error.ToString(), StringComparison.Ordinal);
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

    /// <summary>Every step that changes something, after nothing, and after an enrolment that worked.</summary>
    [Theory]
    [InlineData("keys", false)]
    [InlineData("server", false)]
    [InlineData("server", true)]
    [InlineData("luksAddKey", false)]
    [InlineData("luksAddKey", true)]
    [InlineData("token import", false)]
    [InlineData("token import", true)]
    [InlineData("section", false)]
    [InlineData("section", true)]
    [InlineData("rehearsal", true)]
    public async Task A_failure_leaves_everything_as_it_was(string broken, bool enrolled)
    {
        using var site = new EnrolmentSite();
        if (enrolled)
        {
            site.Typed.Enqueue("typed");
            Assert.Equal(Done, await site.EnrollAsync());
        }

        site.Typed.Enqueue("typed");
        var before = site.State;
        site.Broken = broken;
        site.Disks.Broken = broken;

        Assert.Equal(Failed, await site.EnrollAsync("--new-key-slot"));

        Assert.Equal(before, site.State);
        Assert.Contains("error: ", site.Error.ToString(), StringComparison.Ordinal);
        site.Broken = site.Disks.Broken = null;
        if (site.Typed.Count == 0)
            site.Typed.Enqueue("typed");
        Assert.Equal(Done, await site.EnrollAsync("--new-key-slot"));
    }

    /// <summary>The server may have, or keep, the passphrase of the new key slot in the place of one that worked.</summary>
    [Theory]
    [InlineData("answer")]
    [InlineData("interrupted while it is installed")]
    [InlineData("rehearsal and restoration")]
    public async Task A_new_key_slot_stays_while_the_server_may_have_its_passphrase(string broken)
    {
        using var site = new EnrolmentSite();
        site.Typed.Enqueue("typed");
        Assert.Equal(Done, await site.EnrollAsync());
        site.Broken = broken;

        Assert.Equal(Failed, await site.EnrollAsync("--new-key-slot"));

        Assert.NotEqual("typed", site.Password());
        Assert.Contains(site.Password(), site.Disks.Disks[EnrolmentSite.Device].Slots.Values);
    }

    [Theory]
    [InlineData("rehearsal")]
    [InlineData("impossible")]
    [InlineData("initramfs")]
    [InlineData("image")]
    public async Task A_first_section_stays_if_a_later_step_fails_and_the_next_run_goes_on(string broken)
    {
        using var site = new EnrolmentSite { Broken = broken };
        site.Typed.Enqueue("typed");

        Assert.Equal(Failed, await site.EnrollAsync());
        Assert.Equal("typed", site.Password());
        Assert.Contains($"[FAIL] ", site.Error.ToString(), StringComparison.Ordinal);

        site.Broken = null;
        Assert.Equal(Done, await site.EnrollAsync());
        Assert.Equal(1, site.Questions);
    }

    [Fact]
    public async Task A_wrong_passphrase_is_asked_for_three_times()
    {
        using var site = new EnrolmentSite();
        foreach (var wrong in new[] { "a", "b", "c", "d" })
            site.Typed.Enqueue(wrong);

        Assert.Equal(Failed, await site.EnrollAsync());

        Assert.Equal(3, site.Questions);
        Assert.Null(site.Section);
        Assert.Contains($"the passphrase does not open {EnrolmentSite.Device}", site.Error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_passphrase_must_open_every_device()
    {
        using var site = new EnrolmentSite { CanAsk = false };
        site.Crypttab = $"root {EnrolmentSite.Device} none luks,initramfs\nusr /dev/sdb1 none luks,initramfs\n";
        site.Disks.Add("/dev/sdb1", "another");
        site.Typed.Enqueue("typed");

        Assert.Equal(Failed, await site.EnrollAsync());

        Assert.Null(site.Section);
        Assert.Contains("the passphrase does not open /dev/sdb1", site.Error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_slot_that_cannot_be_added_to_the_second_device_is_removed_from_the_first()
    {
        using var site = new EnrolmentSite();
        site.Crypttab = $"root {EnrolmentSite.Device} none luks,initramfs\nusr /dev/sdb1 none luks,initramfs\n";
        site.Disks.Add("/dev/sdb1", "typed");
        for (var slot = 1; slot < 32; slot++)
            site.Disks.Disks["/dev/sdb1"].Slots[slot] = $"{slot}";
        site.Typed.Enqueue("typed");
        var before = site.State;

        Assert.Equal(Failed, await site.EnrollAsync("--new-key-slot"));

        Assert.Equal(before, site.State);
        Assert.Contains("/dev/sdb1 has no free key slot", site.Error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_name_that_another_machine_has_is_refused()
    {
        using var site = new EnrolmentSite { Taken = "clients.conf" };
        site.Typed.Enqueue("typed");

        Assert.Equal(Failed, await site.EnrollAsync());

        Assert.Null(site.Section);
        Assert.Contains("has a client named web1 with other keys, in clients.conf", site.Error.ToString(), StringComparison.Ordinal);
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
