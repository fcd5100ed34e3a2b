using Mandos.Core.Linux.Processes;
using Mandos.Server.Checkers;

namespace Mandos.Server.Tests.Checkers;

/// <summary>A checker that an attacker controls must not affect the checks of other clients.</summary>
[Collection(nameof(AloneInItsProcess))]
public sealed class CheckerPipeTests
{
    /// <summary>The checker can open its output for reading, too, and take what the server was about to read.</summary>
    [Fact]
    public async Task The_thread_that_reads_the_output_of_all_checks_does_not_wait_for_one()
    {
        using var shell = new CheckerShell(launcher: null);
        var (started, error) = await shell.StartAsync("echo; read -r x </proc/$$/fd/1; sleep 1000", TestContext.Current.CancellationToken);
        Assert.True(started is not null, error.ToString());
        using (started)
        {
            var output = new CheckerOutput();
            var reading = Task.Run(() => output.ReadFrom(started.Output.Number), TestContext.Current.CancellationToken);
            var first = await Task.WhenAny(reading, Task.Delay(TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken));
            _ = started.Process.SignalGroup(Signals.Kill);
            Assert.Same(reading, first);
            Assert.True(await reading);
            _ = await started.Process.WaitAsync(TestContext.Current.CancellationToken);
        }
    }
}
