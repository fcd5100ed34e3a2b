using Mandos.Keygen.Enrolment;

namespace Mandos.Keygen.Tests.Enrolment;

/// <summary>Enrolments that fail or are interrupted: what is taken back, what stays, and what is reported.</summary>
public sealed class EnrollFailureTests
{
    private const int Done = (int)EnrolmentOutcome.Done, Pending = (int)EnrolmentOutcome.Pending, Failed = (int)EnrolmentOutcome.Failed;

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
}
