using System.Text;
using Mandos.Client.Agent;

namespace Mandos.Client.Tests.Agent;

/// <summary>Which questions the agent answers, with real files, sockets and a stand-in client.</summary>
public sealed class AgentAnswerTests : IDisposable
{
    private readonly AgentRig _rig = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _rig.Dispose();

    [Fact]
    public async Task All_open_questions_get_one_password()
    {
        using var first = _rig.Ask("root");
        using var second = _rig.Ask("swap");
        var agent = _rig.RunAsync(_rig.Client("printf secret"));
        Assert.Equal("+secret\0", first.Receive());
        Assert.Equal("+secret\0", second.Receive());
        first.Withdraw();
        second.Withdraw();
        Assert.Equal(0, await agent);
        Assert.Equal(1, _rig.Runs());
    }

    [Fact]
    public async Task A_question_renamed_into_place_while_another_event_is_queued_is_answered()
    {
        using var first = _rig.Ask("root");
        var agent = _rig.RunAsync(_rig.Client("while ! [ -e go ]; do sleep 0.02; done; printf secret"), linger: 0);
        await _rig.RunsBecome(1);
        // Two events at least, one right behind the other, as systemd makes them.
        using var second = _rig.Ask("swap");
        using var third = _rig.Ask("home");
        _rig.Put("go");
        Assert.Equal("+secret\0", first.Receive());
        Assert.Equal("+secret\0", second.Receive());
        Assert.Equal("+secret\0", third.Receive());
        first.Withdraw();
        second.Withdraw();
        third.Withdraw();
        Assert.Equal(0, await agent);
        Assert.Equal(1, _rig.Runs());
    }

    [Fact]
    public async Task Only_questions_about_disks_are_answered_and_others_do_not_stop_the_agent()
    {
        using var other = _rig.Ask("", id: "home:joe");
        var agent = _rig.RunAsync(_rig.Client("printf secret"));
        await Task.Delay(200, Token);
        Assert.False(agent.IsCompleted);
        Assert.Equal(0, _rig.Runs());
        using var disk = _rig.Ask("root");
        Assert.Equal("+secret\0", disk.Receive());
        disk.Withdraw();
        Assert.False(other.HasAnswer());
        other.Withdraw();
        Assert.Equal(0, await agent);
    }

    [Fact]
    public async Task Ignored_questions_are_reported_once_with_the_option_that_would_answer_them()
    {
        using var pin = _rig.Ask("", id: "", message: "Please enter TPM2 PIN:");
        using var again = _rig.Ask("", id: "", message: "Please enter TPM2 PIN:");
        using var home = _rig.Ask("", id: "home:joe\u202e", message: new string('x', 121));
        using var disk = _rig.Ask("", id: "", message: "Encrypted ZFS password for rpool/ROOT/debian");
        var agent = _rig.RunAsync(_rig.Client("printf secret"));
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
            _rig.Said().TrimEnd().Split('\n').Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task With_any_id_all_questions_are_answered()
    {
        using var other = _rig.Ask("", id: "home:joe");
        var agent = _rig.RunAsync(_rig.Client("printf secret"), anyId: true);
        Assert.Equal("+secret\0", other.Receive());
        other.Withdraw();
        Assert.Equal(0, await agent);
    }

    [Fact]
    public async Task A_disk_that_asks_again_at_once_gets_no_answer()
    {
        using var first = _rig.Ask("root");
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Token);
        // Longer than this test can take.
        var agent = _rig.RunAsync(_rig.Client("printf wrong"), linger: 600, stop: stop.Token);
        Assert.Equal("+wrong\0", first.Receive());
        first.Withdraw();
        using var again = _rig.Ask("root");
        using var other = _rig.Ask("swap");
        Assert.Equal("+wrong\0", other.Receive());
        Assert.False(again.HasAnswer());
        Assert.Equal(1, _rig.Runs());
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => agent);
    }

    [Fact]
    public async Task An_expired_question_is_not_answered()
    {
        using var late = _rig.Ask("root", notAfter: "1");
        var agent = _rig.RunAsync(_rig.Client(AgentRig.Endless, AgentRig.WhenEnded));
        // Long enough for a client to be started, however busy the machine is; and then to be ended.
        for (var length = TimeSpan.FromMilliseconds(300); !File.Exists(_rig.PathOf("ended")); length *= 2)
        {
            var end = TimeProvider.System.GetElapsedTime(0) + length;
            using var brief = _rig.Ask("swap", notAfter: $"{(long)end.TotalMicroseconds}");
            while (!File.Exists(_rig.PathOf("ended")) && (TimeProvider.System.GetElapsedTime(0) < end || _rig.Runs() > 0))
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
    public async Task Invalid_question_files_are_reported_once_and_do_no_harm()
    {
        _rig.Put("ask.huge", new byte[AgentDirectory.LongestFile + 1]);
        _rig.Put("ask.binary", [0xFF, 0xFE, 0]);
        _rig.Put("ask.empty");
        _rig.Put("ask.socketless", "[Ask]\nPID=1\n"u8);
        _rig.Put("ask.long", Encoding.UTF8.GetBytes($"[Ask]\nPID=1\nSocket=/{new string('x', 107)}\n"));
        _rig.Put("ask.gone", Encoding.UTF8.GetBytes($"[Ask]\nPID={int.MaxValue}\nSocket=/x\n"));
        File.CreateSymbolicLink(_rig.PathOf("ask.link"), "/dev/zero");
        Directory.CreateDirectory(_rig.PathOf("ask.directory"));
        await _rig.MakeFifoAsync("ask.fifo");
        using var question = _rig.Ask("root");
        var agent = _rig.RunAsync(_rig.Client("printf secret"), linger: 0);
        Assert.Equal("+secret\0", question.Receive());
        question.Withdraw();
        foreach (var file in Directory.EnumerateFiles(_rig.Folder, "ask.*"))
            File.Delete(file);
        Directory.Move(_rig.PathOf("ask.directory"), _rig.PathOf("directory"));
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
        Assert.Equal(expected, _rig.Said().TrimEnd().Split('\n').Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task A_question_whose_process_listens_late_gets_its_answer()
    {
        using var question = _rig.Ask("root", listen: false);
        var agent = _rig.RunAsync(_rig.Client("printf secret"));
        await _rig.RunsBecome(1);
        await Task.Delay(300, Token);
        question.Listen();
        Assert.Equal("+secret\0", question.Receive());
        question.Withdraw();
        Assert.Equal(0, await agent);
    }

    [Fact]
    public async Task An_answer_too_large_for_a_datagram_is_abandoned()
    {
        using var question = _rig.Ask("root");
        var agent = _rig.RunAsync(_rig.Client("head -c 1000000 /dev/zero"));
        await _rig.SaysSomethingAsync();
        question.Withdraw();
        Assert.Equal(0, await agent);
        Assert.Contains("cannot be answered", _rig.Said(), StringComparison.Ordinal);
    }
}
