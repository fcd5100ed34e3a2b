using System.IO.Pipes;
using Mandos.Core.Linux;
using Mandos.Core.Linux.FileDescriptors;
using Mandos.Core.Linux.Processes;

namespace Mandos.Core.Tests.Linux;

public sealed class ChildProcessTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private static ChildCommand Shell(string script, params string[] environment) => new()
    {
        Path = "/bin/sh",
        Arguments = ["sh", "-c", script],
        Environment = environment,
        NewProcessGroup = true,
    };

    [Theory]
    [InlineData("exit 0", 0, null)]
    [InlineData("exit 42", 42, null)]
    [InlineData("exit 255", 255, null)]
    [InlineData("kill -TERM $$", null, 15)]
    [InlineData("kill -KILL $$", null, 9)]
    public async Task The_exit_status_and_signal_of_a_child_are_reported(string script, int? code, int? signal)
    {
        using var child = Start(Shell(script));

        var exit = await child.WaitAsync(Cancellation);

        Assert.Equal((code, signal), (exit.ExitCode, exit.Signal));
        Assert.Equal(exit, await child.WaitAsync(Cancellation));
    }

    [Fact]
    public void Executing_a_missing_program_is_an_error_and_starts_no_child()
    {
        var command = Shell("") with { Path = "/nonexistent/program" };

        Assert.False(ChildProcess.TryStart(command, out var child, out var error));

        Assert.Null(child);
        Assert.Equal(2, error.Code);
    }

    [Fact]
    public async Task The_child_gets_exactly_the_given_environment_and_arguments()
    {
        var output = await OutputAsync(new ChildCommand
        {
            Path = "/bin/sh",
            Arguments = ["odd name", "-c", "echo \"$0|$#|$A|${HOME-unset}\""],
            Environment = ["A=ä b"],
        });

        Assert.Equal("odd name|0|ä b|unset\n", output);
    }

    [Fact]
    public async Task A_child_can_lead_a_session_and_its_process_group()
    {
        // Fields 1, 5 and 6: process, group, session.
        var output = await OutputAsync(Shell("cut -d' ' -f1,5,6 /proc/$$/stat", "PATH=/usr/bin:/bin") with { NewSession = true });

        var numbers = output.Trim().Split(' ');
        Assert.Equal(3, numbers.Length);
        Assert.Single(numbers.Distinct());
    }

    [Fact]
    public async Task Descriptors_can_be_swapped_and_others_are_not_inherited()
    {
        using var left = new AnonymousPipeServerStream(PipeDirection.In);
        using var right = new AnonymousPipeServerStream(PipeDirection.In);
        var leftEnd = Descriptor(left.ClientSafePipeHandle);
        var rightEnd = Descriptor(right.ClientSafePipeHandle);
        using var child =
            Start(Shell($"echo left >&{rightEnd}; echo right >&{leftEnd}; test ! -e /proc/self/fd/{Descriptor(left.SafePipeHandle)}") with
            {
                // Only single-digit redirections are portable, so the numbers are swapped rather than chosen.
                Path = "/bin/bash",
                Descriptors = [new(leftEnd, rightEnd), new(rightEnd, leftEnd)],
            });
        left.DisposeLocalCopyOfClientHandle();
        right.DisposeLocalCopyOfClientHandle();

        Assert.Equal("left\n", await new StreamReader(left).ReadToEndAsync(Cancellation));
        Assert.Equal("right\n", await new StreamReader(right).ReadToEndAsync(Cancellation));
        Assert.True((await child.WaitAsync(Cancellation)).Success);
    }

    [Fact]
    public async Task The_child_starts_with_default_signal_actions_and_no_blocked_signals()
    {
        var output = await OutputAsync(Shell("grep -E 'SigBlk|SigIgn' /proc/self/status"));

        var masks = output.Split('\n', StringSplitOptions.RemoveEmptyEntries).ToDictionary(
            line => line.Split(':')[0], line => Convert.ToUInt64(line.Split(':')[1].Trim(), 16));
        Assert.Equal(0ul, masks["SigBlk"]);
        Assert.Equal(0ul, masks["SigIgn"] & (1ul << (Signals.Pipe - 1)));
    }

    [Fact]
    public async Task A_cancelled_wait_leaves_the_child_running()
    {
        using var child = Start(Shell("exec sleep 60"));
        using var impatience = new CancellationTokenSource(TimeSpan.FromMilliseconds(20));

        await Assert.ThrowsAsync<OperationCanceledException>(() => child.WaitAsync(impatience.Token));

        Assert.True(child.Signal(0).Ok);
        Assert.Equal(ChildExit.Killed(Signals.Term), await child.EndAsync(TimeSpan.FromSeconds(30), TimeProvider.System));
    }

    [Fact]
    public async Task Stopping_a_child_kills_its_whole_process_group_even_if_it_ignores_SIGTERM()
    {
        using var pipe = new AnonymousPipeServerStream(PipeDirection.In);
        using var child = Start(Shell("trap '' TERM; echo ready; (trap '' TERM; exec sleep 60) & wait; wait") with
        {
            Descriptors = [new(Descriptor(pipe.ClientSafePipeHandle), 1)],
        });
        pipe.DisposeLocalCopyOfClientHandle();
        using var reader = new StreamReader(pipe);
        Assert.Equal("ready", await reader.ReadLineAsync(Cancellation));

        var exit = await child.EndAsync(TimeSpan.FromMilliseconds(50), TimeProvider.System);

        Assert.Equal(ChildExit.Killed(Signals.Kill), exit);
        // End of file: no process holds the other end any more, including the grandchild.
        Assert.Equal("", await reader.ReadToEndAsync(Cancellation));
    }

    [Fact]
    public async Task A_signal_to_an_exited_process_reaches_no_other_process()
    {
        using var child = Start(Shell("exit 0"));
        _ = await child.WaitAsync(Cancellation);

        Assert.True(child.Signal(Signals.Kill).Ok);
        Assert.Equal(ChildExit.Exited(0), await child.EndAsync(TimeSpan.Zero, TimeProvider.System));
    }

    [Fact]
    public async Task A_child_can_start_in_another_directory()
    {
        Assert.Equal("/usr\n", await OutputAsync(Shell("pwd -P") with { WorkingDirectory = "/usr" }));

        Assert.False(ChildProcess.TryStart(Shell("") with { WorkingDirectory = "/nonexistent" }, out _, out var error));
        Assert.Equal(Errno.NoSuchFile, error.Code);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_watched_child_is_reaped_and_its_process_group_is_killed(bool ignoresTerm)
    {
        using var watch = new DescriptorWatch();
        using var pipe = new AnonymousPipeServerStream(PipeDirection.In);
        var command = Shell(
            $"({(ignoresTerm ? "trap '' TERM; " : "")}echo ready; while :; do sleep 0.1; done) & read _ < /proc/self/cmdline; exit 3",
            "PATH=/usr/bin:/bin") with
        {
            Descriptors = [new(Descriptor(pipe.ClientSafePipeHandle), 1)],
            NewSession = true,
            ClosesOthers = true,
        };
        Assert.True(ChildProcess.TryStart(command, watch, out var child, out var error), error.ToString());
        pipe.DisposeLocalCopyOfClientHandle();
        using (child)
        {
            using var reader = new StreamReader(pipe);
            Assert.Equal("ready", await reader.ReadLineAsync(Cancellation));
            await child.UntilEndedAsync(Cancellation);
            _ = child.SignalGroup(Signals.Term);

            Assert.Equal(ChildExit.Exited(3), await child.WaitAsync(Cancellation));
            Assert.True(await child.EndRestOfGroupAsync(TimeSpan.FromMilliseconds(50), TimeProvider.System));

            // End of file: no process holds the other end any more.
            Assert.Equal("", await reader.ReadToEndAsync(Cancellation));
        }
    }

    private static ChildProcess Start(ChildCommand command)
    {
        Assert.True(ChildProcess.TryStart(command, out var child, out var error), error.ToString());
        return child;
    }

    private static async Task<string> OutputAsync(ChildCommand command)
    {
        using var pipe = new AnonymousPipeServerStream(PipeDirection.In);
        using var child = Start(command with { Descriptors = [new(Descriptor(pipe.ClientSafePipeHandle), 1)] });
        pipe.DisposeLocalCopyOfClientHandle();
        var output = await new StreamReader(pipe).ReadToEndAsync(Cancellation);
        Assert.True((await child.WaitAsync(Cancellation)).Success);
        return output;
    }

    private static int Descriptor(System.Runtime.InteropServices.SafeHandle handle) => (int)handle.DangerousGetHandle();
}
