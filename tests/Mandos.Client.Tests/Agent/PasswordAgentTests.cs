using System.Text;
using Mandos.Client.Agent;
using Mandos.Client.Hosting;
using Mandos.Core.Linux.FileDescriptors;

namespace Mandos.Client.Tests.Agent;

/// <summary>The agent with real files, sockets and a stand-in client, in its own directory.</summary>
public sealed partial class PasswordAgentTests : IDisposable
{
    private const string Endless = "while :; do sleep 0.05; done";
    private const string WhenEnded = "trap 'touch ended; exit 1' TERM";
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("agent-test-");
    private readonly Descriptor _standardError;
    private readonly Descriptor _messages;
    private int _asked;

    public PasswordAgentTests() => Assert.True(Descriptor.Pipe(out _messages, out _standardError).Ok);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _standardError.Dispose();
        _messages.Dispose();
        _directory.Delete(recursive: true);
    }

    [Fact]
    public async Task All_open_questions_get_one_password()
    {
        using var first = Ask("root");
        using var second = Ask("swap");
        var agent = RunAsync(Client("printf secret"));
        Assert.Equal("+secret\0", first.Receive());
        Assert.Equal("+secret\0", second.Receive());
        first.Withdraw();
        second.Withdraw();
        Assert.Equal(0, await agent);
        Assert.Equal(1, Runs());
    }

    [Fact]
    public async Task A_leftover_process_that_holds_the_output_of_the_client_open_does_not_delay_the_password()
    {
        using var question = Ask("root");
        var agent = RunAsync(Client("setsid sleep 600 & echo $! > left-behind; printf secret"));
        Assert.Equal("+secret\0", question.Receive());
        question.Withdraw();
        Assert.Equal(0, await agent);
        using var left = System.Diagnostics.Process.GetProcessById(
            int.Parse(File.ReadAllText(PathOf("left-behind")), System.Globalization.CultureInfo.InvariantCulture));
        left.Kill();
    }

    [Fact]
    public async Task A_question_renamed_into_place_while_another_event_is_queued_is_answered()
    {
        using var first = Ask("root");
        var agent = RunAsync(Client("while ! [ -e go ]; do sleep 0.02; done; printf secret"), linger: 0);
        await RunsBecome(1);
        // Two events at least, one right behind the other, as systemd makes them.
        using var second = Ask("swap");
        using var third = Ask("home");
        Put("go");
        Assert.Equal("+secret\0", first.Receive());
        Assert.Equal("+secret\0", second.Receive());
        Assert.Equal("+secret\0", third.Receive());
        first.Withdraw();
        second.Withdraw();
        third.Withdraw();
        Assert.Equal(0, await agent);
        Assert.Equal(1, Runs());
    }

    [Fact]
    public async Task A_question_that_comes_after_the_answers_starts_no_second_client()
    {
        using var first = Ask("root");
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Token);
        // Longer than this test can take.
        var agent = RunAsync(Client("printf secret"), linger: 600, stop: stop.Token);
        Assert.Equal("+secret\0", first.Receive());
        first.Withdraw();
        await Task.Delay(100, Token);
        using var second = Ask("swap");
        Assert.Equal("+secret\0", second.Receive());
        second.Withdraw();
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => agent);
        Assert.Equal(1, Runs());
    }

    [Fact]
    public async Task The_agent_exits_some_time_after_the_last_question()
    {
        using var question = Ask("root");
        var agent = RunAsync(Client("printf secret"), linger: 0.5);
        Assert.Equal("+secret\0", question.Receive());
        question.Withdraw();
        Assert.Equal(0, await agent);
    }

    [Fact]
    public async Task When_the_question_is_withdrawn_the_client_is_stopped()
    {
        using var question = Ask("root");
        var agent = RunAsync(Client(Endless, WhenEnded));
        await RunsBecome(1);
        question.Withdraw();
        Assert.Equal(0, await agent);
        Assert.True(File.Exists(PathOf("ended")));
    }

    [Theory]
    [InlineData("exit 1", "exit status 1")]
    [InlineData("printf half; exit 71", "exit status 71")]
    [InlineData("kill -9 $$", "killed by signal 9")]
    public async Task If_the_client_fails_the_question_gets_no_answer(string script, string told)
    {
        using var question = Ask("root");
        Assert.Equal(1, await RunAsync(Client(script)));
        Assert.False(question.HasAnswer());
        Assert.Equal($"password-agent: error: the client gave no password: {told}\n", Said());
    }

    [Theory]
    [InlineData(64)]
    [InlineData(69)]
    public async Task After_a_permanent_failure_the_client_is_not_restarted_and_the_agent_runs_until_no_question_is_left(int status)
    {
        using var first = Ask("root");
        var agent = RunAsync(Client($"exit {status}"));
        await RunsBecome(1);
        using var second = Ask("swap");
        await Task.Delay(1500, Token);
        Assert.False(agent.IsCompleted);
        first.Withdraw();
        second.Withdraw();
        Assert.Equal(1, await agent);
        Assert.Equal(1, Runs());
        Assert.False(first.HasAnswer() || second.HasAnswer());
        Assert.Equal($"password-agent: error: the client cannot get a password: exit status {status}; not starting it again\n", Said());
    }

    [Fact]
    public async Task A_client_that_fails_temporarily_is_restarted()
    {
        using var question = Ask("root");
        var agent = RunAsync(Client("if [ $(cat runs | wc -l) -lt 2 ]; then printf half; exit 75; fi; printf secret"));
        Assert.Equal("+secret\0", question.Receive());
        question.Withdraw();
        Assert.Equal(0, await agent);
        Assert.Equal(2, Runs());
    }

    [Fact]
    public async Task Without_questions_there_is_nothing_to_do()
    {
        Put("tmp.1");
        Assert.Equal(1, await RunAsync(Client("printf secret")));
        Assert.Equal(0, Runs());
        Assert.StartsWith("password-agent: error: no question in ", Said(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("missing", 72)]
    [InlineData("file", 72)]
    public async Task A_directory_that_cannot_be_watched_is_an_error(string name, int expected)
    {
        Put("file");
        var options = new AgentOptions { AgentDirectory = PathOf(name) };
        Assert.Equal(expected, await AgentProgram.RunAsync(options, Messages(), TimeProvider.System, Token));
    }

    [Fact]
    public async Task Only_questions_about_disks_are_answered_and_others_do_not_stop_the_agent()
    {
        using var other = Ask("", id: "home:joe");
        var agent = RunAsync(Client("printf secret"));
        await Task.Delay(200, Token);
        Assert.False(agent.IsCompleted);
        Assert.Equal(0, Runs());
        using var disk = Ask("root");
        Assert.Equal("+secret\0", disk.Receive());
        disk.Withdraw();
        Assert.False(other.HasAnswer());
        other.Withdraw();
        Assert.Equal(0, await agent);
    }

    [Fact]
    public async Task Ignored_questions_are_reported_once_with_the_option_that_would_answer_them()
    {
        using var pin = Ask("", id: "", message: "Please enter TPM2 PIN:");
        using var again = Ask("", id: "", message: "Please enter TPM2 PIN:");
        using var home = Ask("", id: "home:joe\u202e", message: new string('x', 121));
        using var disk = Ask("", id: "", message: "Encrypted ZFS password for rpool/ROOT/debian");
        var agent = RunAsync(Client("printf secret"));
        Assert.Equal("+secret\0", disk.Receive());
        foreach (var question in (AskedQuestion[])[pin, again, home, disk])
            question.Withdraw();
        Assert.Equal(0, await agent);
        const string hint =
            "hint: if the answer is the password of the disk, use password-agent's option --any-id, see password-agent(8mandos)";
        Assert.Equal(
            [
                hint,
                hint,
                "password-agent: warning: question \"Please enter TPM2 PIN:\" is not answered: it does not seem to ask for a disk's "
                    + "password, it has no Id",
                $"password-agent: warning: question \"{new string('x', 120)}...\" is not answered: it does not seem to ask for a "
                    + "disk's password, its Id is \"home:joe\\u202e\"",
            ],
            Said().TrimEnd().Split('\n').Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task With_any_id_all_questions_are_answered()
    {
        using var other = Ask("", id: "home:joe");
        var agent = RunAsync(Client("printf secret"), anyId: true);
        Assert.Equal("+secret\0", other.Receive());
        other.Withdraw();
        Assert.Equal(0, await agent);
    }

    [Fact]
    public async Task A_disk_that_asks_again_at_once_gets_no_answer()
    {
        using var first = Ask("root");
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Token);
        // Longer than this test can take.
        var agent = RunAsync(Client("printf wrong"), linger: 600, stop: stop.Token);
        Assert.Equal("+wrong\0", first.Receive());
        first.Withdraw();
        using var again = Ask("root");
        using var other = Ask("swap");
        Assert.Equal("+wrong\0", other.Receive());
        Assert.False(again.HasAnswer());
        Assert.Equal(1, Runs());
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => agent);
    }

    [Fact]
    public async Task An_expired_question_is_not_answered()
    {
        using var late = Ask("root", notAfter: "1");
        var agent = RunAsync(Client(Endless, WhenEnded));
        // Long enough for a client to be started, however busy the machine is; and then to be ended.
        for (var length = TimeSpan.FromMilliseconds(300); !File.Exists(PathOf("ended")); length *= 2)
        {
            var end = TimeProvider.System.GetElapsedTime(0) + length;
            using var brief = Ask("swap", notAfter: $"{(long)end.TotalMicroseconds}");
            while (!File.Exists(PathOf("ended")) && (TimeProvider.System.GetElapsedTime(0) < end || Runs() > 0))
                await Task.Delay(10, Token);
            Assert.False(agent.IsCompleted);
            brief.Withdraw();
            Assert.False(brief.HasAnswer());
        }

        late.Withdraw();
        Assert.Equal(0, await agent);
        Assert.False(late.HasAnswer());
    }

    [Fact]
    public async Task When_the_asking_process_dies_and_leaves_its_question_the_client_is_stopped()
    {
        using var asker = System.Diagnostics.Process.Start("sleep", ["100"]);
        using var question = Ask("root", processId: asker.Id);
        var agent = RunAsync(Client(Endless, WhenEnded));
        await RunsBecome(1);
        asker.Kill();
        await asker.WaitForExitAsync(Token);
        await FileAppears("ended");
        question.Withdraw();
        Assert.Equal(0, await agent);
    }

    [Fact]
    public async Task Invalid_question_files_are_reported_once_and_do_no_harm()
    {
        Put("ask.huge", new byte[AgentDirectory.LongestFile + 1]);
        Put("ask.binary", [0xFF, 0xFE, 0]);
        Put("ask.empty");
        Put("ask.socketless", "[Ask]\nPID=1\n"u8);
        Put("ask.long", Encoding.UTF8.GetBytes($"[Ask]\nPID=1\nSocket=/{new string('x', 107)}\n"));
        Put("ask.gone", Encoding.UTF8.GetBytes($"[Ask]\nPID={int.MaxValue}\nSocket=/x\n"));
        File.CreateSymbolicLink(PathOf("ask.link"), "/dev/zero");
        Directory.CreateDirectory(PathOf("ask.directory"));
        await MakeFifoAsync("ask.fifo");
        using var question = Ask("root");
        var agent = RunAsync(Client("printf secret"), linger: 0);
        Assert.Equal("+secret\0", question.Receive());
        question.Withdraw();
        foreach (var file in Directory.EnumerateFiles(_directory.FullName, "ask.*"))
            File.Delete(file);
        Directory.Move(PathOf("ask.directory"), PathOf("directory"));
        Assert.Equal(0, await agent);
        const string begin = "password-agent: warning: question \"ask.";
        string[] expected =
        [
            $"{begin}binary\" is not answered: it is not UTF-8",
            $"{begin}directory\" is not answered: it is not a regular file",
            $"{begin}empty\" is not answered: it has no group [Ask]",
            $"{begin}fifo\" is not answered: it is not a regular file",
            $"{begin}gone\" is not answered: process {int.MaxValue}, which asked it, has exited",
            $"{begin}huge\" is not answered: it is longer than 65536 bytes",
            $"{begin}link\" is not answered: it is not a regular file",
            $"{begin}long\" is not answered: the path of its socket is longer than 107 bytes",
            $"{begin}socketless\" is not answered: it names no socket",
        ];
        Assert.Equal(expected, Said().TrimEnd().Split('\n').Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task A_question_whose_process_listens_late_gets_its_answer()
    {
        using var question = Ask("root", listen: false);
        var agent = RunAsync(Client("printf secret"));
        await RunsBecome(1);
        await Task.Delay(300, Token);
        question.Listen();
        Assert.Equal("+secret\0", question.Receive());
        question.Withdraw();
        Assert.Equal(0, await agent);
    }

    [Fact]
    public async Task An_answer_too_large_for_a_datagram_is_abandoned()
    {
        using var question = Ask("root");
        var agent = RunAsync(Client("head -c 1000000 /dev/zero"));
        await SaysSomethingAsync();
        question.Withdraw();
        Assert.Equal(0, await agent);
        Assert.Contains("cannot be answered", Said(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task When_the_agent_is_stopped_it_stops_the_client_first()
    {
        using var question = Ask("root");
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var agent = RunAsync(Client(Endless, WhenEnded), stop: stop.Token);
        await RunsBecome(1);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => agent);
        Assert.True(File.Exists(PathOf("ended")));
    }

    [Fact]
    public async Task The_client_gets_the_path_of_its_helpers()
    {
        using var question = Ask("root");
        var agent = RunAsync(Client("printf %s \"$MANDOSPLUGINHELPERDIR\""));
        Assert.Equal("+/helpers\0", question.Receive());
        question.Withdraw();
        Assert.Equal(0, await agent);
    }

    [Fact]
    public void The_self_test_passes()
    {
        using (_standardError)
            Assert.Equal(0, new SelfTest(new Messages("password-agent", debug: false, _standardError.Number)).Run());
        var report = Said();
        Assert.DoesNotContain("not ok", report, StringComparison.Ordinal);
        Assert.EndsWith("1..7\n", report, StringComparison.Ordinal);
    }
}
