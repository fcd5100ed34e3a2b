using Mandos.Boot.Disks;
using Mandos.Boot.Emulation;
using Mandos.Boot.Guests;

namespace Mandos.Boot;

/// <summary>No password comes from the network, or a bad one: a person at the keyboard can always boot the machine.</summary>
public sealed class PromptTests : BootTest
{
    [Theory(DisableParallelization = true)]
    [InlineData("bookworm", Generator.InitramfsTools)]
    [InlineData("bookworm", Generator.DracutSystemd)]
    [InlineData("bookworm", Generator.DracutShell)]
    [InlineData("trixie", Generator.InitramfsTools)]
    public async Task Without_a_server_the_prompt_is_as_fast_as_without_Mandos_and_a_typed_password_boots_the_machine(
        string suite, Generator generator)
    {
        var initramfs = await OursAsync(suite, generator);
        var with = await TypeAsync(initramfs, "");
        var without = await TypeAsync(initramfs, "mandos=off");
        // The time to the prompt is the kernel's and udev's; a time-out before it would be ten seconds and more of it, in
        // each boot, while another program on this machine delays one and not the other.
        for (var more = 2; more > 0 && !IsAsSoon(with.Prompt, without.Prompt); more--)
        {
            with = await TypeAsync(initramfs, "");
            without = await TypeAsync(initramfs, "mandos=off");
        }

        Assert.True(IsAsSoon(with.Prompt, without.Prompt), $"with Mandos after {with.Prompt}, without after {without.Prompt}");
        Assert.Equal([GuestDisk.Root.NameWith(initramfs)], with.Report.Of("open"));
        Assert.Equal([GuestDisk.Root.NameWith(initramfs)], without.Report.Of("open"));
        Assert.DoesNotContain(with.Report.Of("process"), p => p.Contains("mandos", StringComparison.Ordinal));
        var doctor = DoctorReport.Of(without.Report);
        var problem = Assert.Single(doctor.Findings, finding => finding.Severity != "ok");
        Assert.Equal(("command-line.off", "error", 2), (problem.Id, problem.Severity, doctor.ExitCode));
    }

    [Theory]
    [InlineData("does not know it")]
    [InlineData("denies")]
    public async Task When_the_server_refuses_typing_the_password_boots_the_machine(string server)
    {
        var initramfs = await OursAsync("bookworm", Generator.InitramfsTools);
        var stanza = await Site.StanzaAsync(initramfs.Keys);
        await Site.ServeAsync(
            Implementation.Ours,
            server == "denies"
                ? $"{stanza}enabled = False\n"
                : Stanza.Make("other", new string('a', 64), "not the guest's"u8.ToArray()));
        var guest = await Site.BootAsync(initramfs);
        await GuestPrompt.WaitAsync(guest, initramfs.Generator, Limit, Token);
        await Site.WaitAsync(Deliveries.Refused, 1, Limit);
        await GuestPrompt.TypePasswordAsync(guest, Token);
        Assert.Equal(["root"], (await ReportAsync(guest)).Of("open"));
        Assert.Equal(0, Site.Delivered());
    }

    [Theory]
    [InlineData(Generator.InitramfsTools)]
    [InlineData(Generator.DracutSystemd)]
    [InlineData(Generator.DracutShell)]
    public async Task A_wrong_password_from_the_server_is_not_retried_endlessly_and_a_typed_one_boots(Generator generator)
    {
        var initramfs = await OursAsync("bookworm", generator);
        await Site.ServeAsync(Implementation.Ours, initramfs.Keys, "not this one");
        var guest = await Site.BootAsync(initramfs);
        await GuestPrompt.WaitAsync(guest, generator, Limit, Token);
        await Site.WaitAsync(Deliveries.Delivered, 1, Limit);
        // The original tries it ten times in as many seconds and then fetches it again.
        await Task.Delay(TimeSpan.FromSeconds(20), Token);
        Assert.InRange(Site.Delivered(), 1, 4);
        // As a person would: what was half typed when the server was asked again (no disk is given up for that) is typed again.
        var isOpen = false;
        for (var tries = 2; tries > 0 && !isOpen; tries--)
            isOpen = await IsOpenedByTypingAsync(guest, generator);
        Assert.Equal([GuestDisk.Root.NameWith(initramfs)], (await ReportAsync(guest)).Of("open"));
    }

    /// <summary>False: some time later it was not open yet, and then it asked once more.</summary>
    private static async Task<bool> IsOpenedByTypingAsync(VirtualMachine guest, Generator generator)
    {
        await GuestPrompt.TypePasswordAsync(guest, Token);
        using var decided = CancellationTokenSource.CreateLinkedTokenSource(Token);
        Task open = guest.Console.WaitForAsync(GuestReport.Marker, Limit, decided.Token);
        var first = await Task.WhenAny(open, Task.Delay(TimeSpan.FromSeconds(20), Token));
        if (first != open)
            first = await Task.WhenAny(open, GuestPrompt.WaitAsync(guest, generator, Limit, decided.Token, from: guest.Console.Now));
        await decided.CancelAsync();
        await first;
        return first == open;
    }

    private static bool IsAsSoon(TimeSpan with, TimeSpan without) => with < (without * 1.5) + TimeSpan.FromSeconds(2);

    private async Task<(TimeSpan Prompt, GuestReport Report)> TypeAsync(Initramfs initramfs, string options)
    {
        var withMandos = options != "mandos=off";
        var guest = withMandos
            ? await Site.BootAsync(initramfs, options)
            : await Site.BootWithDoctorAsync(initramfs, options, network: false);
        var prompt = await GuestPrompt.WaitAsync(guest, initramfs.Generator, Limit, Token, withMandos: withMandos);
        await GuestPrompt.TypePasswordAsync(guest, Token);
        return (Sight.Between(guest.SwitchedOn, prompt), await ReportAsync(guest));
    }
}
