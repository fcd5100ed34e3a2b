using Mandos.Client.Hosting;

namespace Mandos.Client.Tests.Supervision;

/// <summary>
/// Whatever the network process does with what it was given, the supervisor ends, follows its signals, and leaves the
/// machine as it was, which the <see cref="SupervisorRig"/> looks at after each run.
/// </summary>
[Trait("needs", "root")]
public sealed class SupervisorTests : IDisposable
{
    private const int TemporaryFailure = ExitCode.TemporaryFailure;
    private readonly SupervisorRig _rig = new();

    public void Dispose() => _rig.Dispose();

    [Fact]
    public async Task A_password_is_printed_and_everything_is_undone()
    {
        Assert.Equal(ExitCode.Success, await _rig.RunAsync("begin; password"));
        Assert.Equal("pass", _rig.Printed());
    }

    [Theory]
    [InlineData("exec 0<&- 1>&- 2>&- 3>&- 4<&- 5<&- 6<&- 7<&-; exec sleep 600")]
    [InlineData("trap '' TERM; exec 0<&- 1>&- 2>&- 3>&- 4<&- 5<&- 6<&- 7<&-; sleep 600")]
    [InlineData("printf '\\377\\377\\377\\377'; exec sleep 600")]
    [InlineData("printf '\\001\\000\\100\\000'; head -c 4194305 /dev/zero; exec sleep 600")]
    [InlineData("echo nonsense >&3; exec sleep 600")]
    [InlineData("kill -KILL $$")]
    public async Task A_network_process_that_fails_without_a_password_is_restarted_twice_then_left_to_the_caller(string script)
    {
        Assert.Equal(TemporaryFailure, await _rig.RunAsync(script));
        Assert.Equal(3, _rig.Lines("runs").Length);
        Assert.Equal("", _rig.Printed());
        var said = _rig.Said();
        Assert.Equal(2, said.Split("starting it again").Length - 1);
        Assert.Contains("error: the network process", said, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("begin; exec sleep 600")]
    [InlineData("trap '' TERM INT HUP; begin; sleep 600; sleep 600")]
    [InlineData("exec 0<&- 1>&- 2>&- 3>&-; begin; exec sleep 600")]
    [InlineData("printf '\\004\\000\\000\\000pa'; begin; exec sleep 600")]
    [InlineData("printf '\\000\\000\\100\\000'; head -c 1000000 /dev/zero; begin; exec sleep 600")]
    [InlineData("begin; kill -STOP $$")]
    public async Task A_signal_is_handled_whatever_the_network_process_does(string script)
    {
        Assert.Null(await _rig.RunAsync(script, async stop =>
        {
            await _rig.UntilThereAsync("began");
            await stop.CancelAsync();
        }));
        Assert.Equal("", _rig.Printed());
    }

    [Theory]
    [InlineData("setsid sleep 600 & echo $! >$here/left-behind; begin; password")]
    [InlineData("setsid sleep 600 </dev/null >/dev/null & echo $! >$here/left-behind; begin; password; exit 1")]
    [InlineData("setsid sh -c 'while :; do echo spam >&2; done' & echo $! >$here/left-behind; begin; password")]
    public async Task The_supervisor_does_not_wait_for_what_the_network_process_left_behind(string script)
    {
        Assert.Equal(ExitCode.Success, await _rig.RunAsync(script));
        Assert.Equal("pass", _rig.Printed());
    }

    [Fact]
    public async Task A_signal_is_handled_while_nothing_reads_the_password()
    {
        // A whole password of 4 MiB, the largest; a pipe holds 64 kB.
        Assert.Equal(TemporaryFailure, await _rig.RunAsync("printf '\\000\\000\\100\\000'; head -c 4194304 /dev/zero", async stop =>
        {
            await _rig.UntilPrintingAsync();
            await stop.CancelAsync();
        }));
    }

    [Fact]
    public async Task A_blocked_console_does_not_delay_the_password()
    {
        _rig.FillMessages();
        Assert.Equal(ExitCode.Success, await _rig.RunAsync("[ $run = 2 ] || kill -KILL $$; head -c 40000 /dev/zero >&2; begin; password"));
        Assert.Equal("pass", _rig.Printed());
    }

    [Fact]
    public async Task A_network_process_that_does_not_read_its_replies_is_stopped()
    {
        Assert.Equal(TemporaryFailure, await _rig.RunAsync("bytes=$(message 7 0a4d0001); while printf \"$bytes\" >&3; do :; done"));
        Assert.Equal("", _rig.Printed());
    }

    [Fact]
    public async Task A_killed_network_process_leaves_no_route_and_the_next_one_gets_the_same_messages()
    {
        const string script = """
            dd bs=44 count=1 <&3 2>/dev/null | od -An -c | head -n 1 >$here/first.$run
            dd bs=44 count=1 <&3 2>/dev/null | od -An -c | head -n 1 >$here/second.$run
            request $run 0a4d000$run
            dd bs=44 count=1 <&3 2>/dev/null | od -An -tu1 | head -n 1 >$here/answer.$run
            [ $run = 2 ] || kill -KILL $$
            cat <&4 >&2
            password
            """;
        Assert.Equal(ExitCode.Success, await _rig.RunAsync(script));
        Assert.Equal("pass", _rig.Printed());
        Assert.Equal(
            _rig.Lines("first.1").Concat(_rig.Lines("second.1")).Order(), _rig.Lines("first.2").Concat(_rig.Lines("second.2")).Order());
        // Kind 6, flag 1: it was added.
        Assert.All(new[] { "answer.1", "answer.2" }, name => Assert.StartsWith("   6   1", _rig.Lines(name)[0], StringComparison.Ordinal));
        Assert.Contains("the key pub", _rig.Said(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_network_process_that_exits_with_a_specific_code_is_not_restarted()
    {
        Assert.Equal(ExitCode.Unavailable, await _rig.RunAsync($"exit {ExitCode.Unavailable}"));
        Assert.Single(_rig.Lines("runs"));
    }
}
