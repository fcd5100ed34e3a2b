using System.Diagnostics;

namespace Mandos.Boot;

/// <summary><c>make demo</c>, as a newcomer sees it: every step works, to the machine that boots.</summary>
public sealed class DemoTests
{
    [Fact]
    public async Task The_demonstration_goes_from_an_enrolment_to_a_machine_that_boots_unattended()
    {
        Assert.SkipUnless(
            Laboratory.MayWork, "needs root, for network namespaces and chroots of its own: run 'make test', which asks for sudo");
        using var demo = Process.Start(new ProcessStartInfo(Path.Combine(Golden.Root, "scripts", "demo.sh"))
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        var token = TestContext.Current.CancellationToken;
        var error = demo.StandardError.ReadToEndAsync(token);
        var output = await demo.StandardOutput.ReadToEndAsync(token);
        await demo.WaitForExitAsync(token);

        Assert.True(demo.ExitCode == 0, output + await error);
        Assert.Contains("that line came from the decrypted root", output, StringComparison.Ordinal);
        Assert.Contains("nothing of the client is left", output, StringComparison.Ordinal);
        Assert.DoesNotContain('\e', output);
    }
}
