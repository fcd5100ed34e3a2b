using Mandos.Core.Linux.Processes;

namespace Mandos.Core.Tests.Linux;

public sealed class ProcessCommandLineTests
{
    [Fact]
    public async Task Arguments_are_returned_as_they_were_passed()
    {
        var command =
            new ChildCommand
            {
                Path = "/bin/sh",
                Arguments = ["/odd/näme", "-c", "sleep 60; :", "a b", ""],
                Environment = ["PATH=/usr/bin:/bin"],
                NewProcessGroup = true
            };
        Assert.True(ChildProcess.TryStart(command, out var child, out _));
        using (child)
        {
            // The kernel lets us go on a moment before it has put the arguments in place.
            Assert.True(SpinWait.SpinUntil(() => ProcessCommandLine.Of(child.Id).Count > 0, TimeSpan.FromSeconds(10)));
            Assert.Equal(command.Arguments, ProcessCommandLine.Of(child.Id));
            Assert.Equal(child.Id, ProcessCommandLine.Find("näme"));
            await child.EndAsync(TimeSpan.FromSeconds(5), TimeProvider.System);
        }
    }

    [Fact]
    public void A_missing_process_has_no_arguments_and_is_not_found()
    {
        Assert.Empty(ProcessCommandLine.Of(int.MaxValue));
        Assert.Equal(0, ProcessCommandLine.Find("no-program-has-this-name"));
    }
}
