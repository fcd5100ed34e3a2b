using Mandos.Keygen.Enrolment;

namespace Mandos.Keygen.Tests.Enrolment;

/// <summary>What unenroll takes back, with stand-ins.</summary>
public sealed class UnenrollTests
{
    private const int Done = (int)EnrolmentOutcome.Done, Failed = (int)EnrolmentOutcome.Failed;

    [Fact]
    public async Task Unenroll_takes_the_section_the_slot_and_the_keys_back()
    {
        using var site = new EnrolmentSite();
        var before = site.State;
        site.Typed.Enqueue("typed");
        await site.EnrollAsync("--new-key-slot");

        Assert.Equal(Done, await site.RunAsync(EnrolmentPlan.ForUnenroll, site.Options() with { RemoveKeys = true }));

        Assert.Equal(before, site.State);
        Assert.Empty(site.Keys.Names);
        Assert.Equal(2, site.Builds);
    }

    [Fact]
    public async Task Unenroll_keeps_the_slot_of_another_server_and_the_last_slot()
    {
        using var site = new EnrolmentSite();
        site.Typed.Enqueue("typed");
        await site.EnrollAsync("--new-key-slot");
        Assert.Equal(Done, await site.RunAsync(EnrolmentPlan.ForUnenroll, site.Options() with { Server = "second" }));
        Assert.Equal([0, 1], site.Disks.Disks[EnrolmentSite.Device].Slots.Keys);

        site.Disks.Disks[EnrolmentSite.Device].Slots.Remove(0);
        Assert.Equal(Failed, await site.RunAsync(EnrolmentPlan.ForUnenroll, site.Options()));

        Assert.Equal([1], site.Disks.Disks[EnrolmentSite.Device].Slots.Keys);
        Assert.Contains("key slot 1 is the last one", site.Error.ToString(), StringComparison.Ordinal);
    }
}
