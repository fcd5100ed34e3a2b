using System.Diagnostics;

namespace Mandos.Architecture.Tests;

/// <summary>What <c>make help</c> prints.</summary>
public sealed class MakefileTests
{
    [Fact]
    public async Task Make_help_lists_every_target()
    {
        var phony = (
            await File.ReadAllLinesAsync(Path.Combine(Golden.Root, "Makefile"), TestContext.Current.CancellationToken)).Single(line =>
                line.StartsWith(".PHONY: ", StringComparison.Ordinal));
        // Those that only install what others need are not for a person to call.
        var targets = phony.Split(' ')[1..].Where(t => t != "help" && !t.StartsWith("need-", StringComparison.Ordinal));

        using var make = Process.Start(
            new ProcessStartInfo("make", ["--no-print-directory", "-C", Golden.Root, "help"]) { RedirectStandardOutput = true })!;
        var printed = await make.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await make.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.Equal(0, make.ExitCode);
        Assert.Equal(
            targets.Order(StringComparer.Ordinal),
            printed.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split(' ')[1]).Order(StringComparer.Ordinal));
    }
}
