using System.Diagnostics;
using System.Xml.Linq;
using Mandos.Boot.Demo;

namespace Mandos.Boot;

/// <summary><c>make demo</c>, as a newcomer sees it: every step works, to the machine that boots; and the tour that it writes.</summary>
public sealed class DemoTests
{
    [Fact]
    public async Task The_demonstration_runs_from_packages_to_an_unattended_boot_and_the_tour_is_what_it_shows()
    {
        Assert.SkipUnless(
            Laboratory.MayWork, "needs root, for network namespaces and chroots of its own: run 'make test', which asks for sudo");
        var token = TestContext.Current.CancellationToken;
        var folder = Directory.CreateTempSubdirectory("mandos-tour-");
        try
        {
            using var demo = Process.Start(
                new ProcessStartInfo(Path.Combine(Golden.Root, "scripts", "demo.sh"), ["--tour", folder.FullName])
                {
                    RedirectStandardOutput = true,
                    RedirectStandardError = true,
                })!;
            var error = demo.StandardError.ReadToEndAsync(token);
            var output = await demo.StandardOutput.ReadToEndAsync(token);
            await demo.WaitForExitAsync(token);

            Assert.True(demo.ExitCode == 0, output + await error);
            Assert.Contains("this machine will unlock at its next boot", output, StringComparison.Ordinal);
            Assert.Contains("the decrypted root runs", output, StringComparison.Ordinal);
            Assert.Contains("nothing of the client is left", output, StringComparison.Ordinal);
            Assert.Contains("no password", output, StringComparison.Ordinal);
            Assert.DoesNotContain('\e', output);

            var fresh = await PageAsync(folder.FullName);
            Assert.Equal(TourPage.Stable(await PageAsync(Path.Combine(Golden.Root, "docs"))), TourPage.Stable(fresh));
            Assert.Contains("client: ", await PictureAsync("monitor.svg"), StringComparison.Ordinal);
            Assert.Contains("Please unlock disk root", await PictureAsync("boot.svg"), StringComparison.Ordinal);
        }
        finally
        {
            folder.Delete(recursive: true);
        }

        Task<string> PageAsync(string at) => File.ReadAllTextAsync(Path.Combine(at, "tour.md"), token);

        async Task<string> PictureAsync(string name) =>
            XDocument.Parse(await File.ReadAllTextAsync(Path.Combine(folder.FullName, "pictures", name), token)).Root!.Value;
    }

    [Fact]
    public void The_pictures_of_the_tour_exist()
    {
        var page = File.ReadAllText(Path.Combine(Golden.Root, "docs", "tour.md"));
        foreach (var name in (string[])["monitor.svg", "boot.svg"])
        {
            Assert.Contains($"](pictures/{name})", page, StringComparison.Ordinal);
            Assert.Equal("svg", XDocument.Load(Path.Combine(Golden.Root, "docs", "pictures", name)).Root!.Name.LocalName);
        }
    }

    [Fact]
    public void A_tour_is_compared_without_what_differs_from_session_to_session()
    {
        const string one = "# Tour\n```text\nclient# fetch\nfrom [fe80::1%2]:123\nfrom 10.9.0.2:123\nin 14 min 3 s\n```\n";
        const string two = "# Tour\n```text\nclient# fetch\nin 9 min\nfrom [fe80::ab:2%3]:9\n```\n";
        Assert.Equal(TourPage.Stable(one), TourPage.Stable(two));
        Assert.NotEqual(TourPage.Stable(one), TourPage.Stable(two.Replace("fetch", "wait", StringComparison.Ordinal)));
        Assert.NotEqual(TourPage.Stable(one), TourPage.Stable(two.Replace("from", "to", StringComparison.Ordinal)));
    }

    [Fact]
    public void Styles_of_a_terminal_hold_until_they_change_and_other_sequences_are_left_out()
    {
        var lines = StyledLine.Parse("plain \e[1;31mred\nstill\e[0m\e[2Kend\e(B\n");
        Assert.Equal(["plain red", "stillend"], lines.Select(line => line.Text));
        Assert.Equal(new TextStyle(1, true, false), lines[1].Pieces[0].Style);
        Assert.Equal(default, lines[1].Pieces[1].Style);
        Assert.Contains("class=\"c1 b\"", TerminalPicture.Draw("<title>", lines), StringComparison.Ordinal);
    }
}
