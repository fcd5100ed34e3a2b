using System.Runtime.InteropServices;
using System.Text;
using Mandos.Core.Linux.FileDescriptors;
using Mandos.Core.Linux.Processes;

namespace Mandos.Core.Tests.Linux;

/// <summary>While strace(1) or a debugger traces a child, the tracer gets its exit status first.</summary>
public sealed class TracedChildTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_exit_status_of_a_child_is_waited_for_until_its_tracer_is_done()
    {
        Assert.SkipUnless(RuntimeInformation.ProcessArchitecture == Architecture.X64, "the numbers of system calls are those of x86-64");
        Assert.True(Descriptor.Pipe(out var input, out var keys).Ok);
        Assert.True(Descriptor.Pipe(out var answer, out var output).Ok);
        using var child = Start("/bin/sh", "read -r line; exit 42", new(input.Number, 0));
        // PTRACE_SEIZE, without a wait for the child.
        using var tracer = Start(
            "/usr/bin/perl", $"$| = 1; print syscall(101, 0x4206, {child.Id}, 0, 0) == 0 ? 'y' : 'n'; sleep", new(output.Number, 1));
        try
        {
            output.Dispose();
            var traces = new byte[1];
            Assert.True(DescriptorIo.Read(answer.Number, traces, out _).Ok);
            Assert.SkipUnless(Encoding.ASCII.GetString(traces) == "y", "this user may not trace its own processes");
            keys.Dispose();
            await child.UntilEndedAsync(Cancellation);
            var waiting = child.WaitAsync(Cancellation);

            _ = tracer.Signal(Signals.Kill);

            Assert.Equal(ChildExit.Exited(42), await waiting);
        }
        finally
        {
            _ = tracer.Signal(Signals.Kill);
            _ = await tracer.WaitAsync(CancellationToken.None);
            input.Dispose();
            answer.Dispose();
        }
    }

    private static ChildProcess Start(string program, string script, InheritedDescriptor descriptor)
    {
        var option = program.EndsWith("sh", StringComparison.Ordinal) ? "-c" : "-e";
        var command =
            new ChildCommand { Path = program, Arguments = [program, option, script], Environment = [], Descriptors = [descriptor] };
        Assert.True(ChildProcess.TryStart(command, out var child, out var error), error.ToString());
        return child;
    }
}
