using Mandos.Client.Agent;
using Mandos.Client.Hosting;

namespace Mandos.Client.Tests.Agent;

/// <summary>When the agent starts and stops its client, and when it exits, with real files, sockets and a stand-in client.</summary>
public sealed class AgentClientTests : IDisposable
{
    private readonly AgentRig _rig = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _rig.Dispose();

    [Fact]
    public async Task A_leftover_process_that_holds_the_output_of_the_client_open_does_not_delay_the_password()
    {
        using var question = _rig.Ask("root");
        var agent = _rig.RunAsync(_rig.Client("setsid sleep 600 & echo $! > left-behind; printf secret"));
        Assert.Equal("+secret\0", question.Receive());
        question.Withdraw();
        Assert.Equal(0, await agent);
        using var left = System.Diagnostics.Process.GetProcessById(
            int.Parse(File.ReadAllText(_rig.PathOf("left-behind")), System.Globalization.CultureInfo.InvariantCulture));
        left.Kill();
    }

    [Fact]
    public async Task A_question_that_comes_after_the_answers_starts_no_second_client()
    {
        using var first = _rig.Ask("root");
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Token);
        // Longer than this test can take.
        var agent = _rig.RunAsync(_rig.Client("printf secret"), linger: 600, stop: stop.Token);
        Assert.Equal("+secret\0", first.Receive());
        first.Withdraw();
        await Task.Delay(100, Token);
        using var second = _rig.Ask("swap");
        Assert.Equal("+secret\0", second.Receive());
        second.Withdraw();
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => agent);
        Assert.Equal(1, _rig.Runs());
    }

    [Fact]
    public async Task The_agent_exits_some_time_after_the_last_question()
    {
        using var question = _rig.Ask("root");
        var agent = _rig.RunAsync(_rig.Client("printf secret"), linger: 0.5);
        Assert.Equal("+secret\0", question.Receive());
        question.Withdraw();
        Assert.Equal(0, await agent);
    }

    [Fact]
    public async Task When_the_question_is_withdrawn_the_client_is_stopped()
    {
        using var question = _rig.Ask("root");
        var agent = _rig.RunAsync(_rig.Client(AgentRig.Endless, AgentRig.WhenEnded));
        await _rig.RunsBecome(1);
        question.Withdraw();
        Assert.Equal(0, await agent);
        Assert.True(File.Exists(_rig.PathOf("ended")));
    }

    [Theory]
    [InlineData("exit 1", "exit status 1")]
    [InlineData("printf half; exit 71", "exit status 71")]
    [InlineData("kill -9 $$", "killed by signal 9")]
    public async Task If_the_client_fails_the_question_gets_no_answer(string script, string told)
    {
        using var question = _rig.Ask("root");
        Assert.Equal(1, await _rig.RunAsync(_rig.Client(script)));
        Assert.False(question.HasAnswer());
        Assert.Equal($"password-agent: error: the client gave no password: {told}\n", _rig.Said());
    }

    [Theory]
    [InlineData(64)]
    [InlineData(69)]
    public async Task After_a_permanent_failure_the_client_is_not_restarted_and_the_agent_runs_until_no_question_is_left(int status)
    {
        using var first = _rig.Ask("root");
        var agent = _rig.RunAsync(_rig.Client($"exit {status}"));
        await _rig.RunsBecome(1);
        using var second = _rig.Ask("swap");
        await Task.Delay(1500, Token);
        Assert.False(agent.IsCompleted);
        first.Withdraw();
        second.Withdraw();
        Assert.Equal(1, await agent);
        Assert.Equal(1, _rig.Runs());
        Assert.False(first.HasAnswer() || second.HasAnswer());
        Assert.Equal(
            $"password-agent: error: the client cannot get a password: exit status {status}; not starting it again\n", _rig.Said());
    }

    [Fact]
    public async Task A_client_that_fails_temporarily_is_restarted()
    {
        using var question = _rig.Ask("root");
        var agent = _rig.RunAsync(_rig.Client("if [ $(cat runs | wc -l) -lt 2 ]; then printf half; exit 75; fi; printf secret"));
        Assert.Equal("+secret\0", question.Receive());
        question.Withdraw();
        Assert.Equal(0, await agent);
        Assert.Equal(2, _rig.Runs());
    }

    [Fact]
    public async Task Without_questions_there_is_nothing_to_do()
    {
        _rig.Put("tmp.1");
        Assert.Equal(1, await _rig.RunAsync(_rig.Client("printf secret")));
        Assert.Equal(0, _rig.Runs());
        Assert.StartsWith("password-agent: error: no question in ", _rig.Said(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("missing", 72)]
    [InlineData("file", 72)]
    public async Task A_directory_that_cannot_be_watched_is_an_error(string name, int expected)
    {
        _rig.Put("file");
        var options = new AgentOptions { AgentDirectory = _rig.PathOf(name) };
        Assert.Equal(expected, await AgentProgram.RunAsync(options, _rig.Messages(), TimeProvider.System, Token));
    }

    [Fact]
    public async Task When_the_asking_process_dies_and_leaves_its_question_the_client_is_stopped()
    {
        using var asker = System.Diagnostics.Process.Start("sleep", ["100"]);
        using var question = _rig.Ask("root", processId: asker.Id);
        var agent = _rig.RunAsync(_rig.Client(AgentRig.Endless, AgentRig.WhenEnded));
        await _rig.RunsBecome(1);
        asker.Kill();
        await asker.WaitForExitAsync(Token);
        await _rig.FileAppears("ended");
        question.Withdraw();
        Assert.Equal(0, await agent);
    }

    [Fact]
    public async Task When_the_agent_is_stopped_it_stops_the_client_first()
    {
        using var question = _rig.Ask("root");
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var agent = _rig.RunAsync(_rig.Client(AgentRig.Endless, AgentRig.WhenEnded), stop: stop.Token);
        await _rig.RunsBecome(1);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => agent);
        Assert.True(File.Exists(_rig.PathOf("ended")));
    }

    [Fact]
    public async Task The_client_gets_the_path_of_its_helpers()
    {
        using var question = _rig.Ask("root");
        var agent = _rig.RunAsync(_rig.Client("printf %s \"$MANDOSPLUGINHELPERDIR\""));
        Assert.Equal("+/helpers\0", question.Receive());
        question.Withdraw();
        Assert.Equal(0, await agent);
    }

    [Fact]
    public void The_self_test_passes()
    {
        using (_rig.StandardError)
            Assert.Equal(0, new SelfTest(new Messages("password-agent", debug: false, _rig.StandardError.Number)).Run());
        var report = _rig.Said();
        Assert.DoesNotContain("not ok", report, StringComparison.Ordinal);
        Assert.EndsWith("1..7\n", report, StringComparison.Ordinal);
    }
}
