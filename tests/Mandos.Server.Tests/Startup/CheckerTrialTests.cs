using System.Text.RegularExpressions;
using Mandos.Core.Linux.Processes;
using Mandos.Server.Clients;
using Mandos.Server.Store;
using Mandos.Server.Tests.ClientFiles;
using Mandos.Server.Tests.Clients;

namespace Mandos.Server.Tests.Startup;

/// <summary>What <c>mandos --check-config</c> reports about the checkers, which it runs for new clients.</summary>
public sealed class CheckerTrialTests : IDisposable
{
    private readonly CheckedFiles _files = new();

    public void Dispose() => _files.Dispose();

    [Fact]
    public async Task The_checker_of_each_enabled_client_is_run_and_its_output_is_printed()
    {
        _files.Write("clients.conf", $"""
            [a]
            key_id = KEY
            secret = wQED0gEB
            host = b.example
            checker = printf 'wrong\t1\n\n' >&2; echo "%(host)s: no such host"; exit 2
            [b]
            key_id = {ClientFile.OtherKey}
            secret = wQED0gEB
            checker = test %%(name)s = b
            [c]
            key_id = {new string('c', 64)}
            secret = wQED0gEB
            checker = exit 1
            enabled = no
            """);

        Assert.Equal((1, "clients.conf: 3 clients, 2 enabled\n", """
            mandos: warning: client [a]: its checker fails: exit status 2, it printed:
              wrong\t1
              b.example: no such host
            hint: unless a check succeeds within its timeout, the client is disabled, see mandos(8); --no-try runs no checker

            """), await _files.TryAsync());
        Assert.Equal((0, "clients.conf: 3 clients, 2 enabled\n", ""), await _files.CheckAsync());
    }

    [Theory]
    [InlineData("echo no such host; exit 2", "exit status 2: no such host\n")]
    [InlineData("exit 2", "exit status 2\n")]
    [InlineData("echo one; head -c 5000 /dev/zero; echo; echo end; exit 2", null)]
    public async Task The_output_of_a_checker_is_one_line_if_it_fits_and_is_truncated_if_too_long(string checker, string? reason)
    {
        _files.Write("clients.conf", $"[a]\nkey_id = KEY\nsecret = wQED0gEB\nchecker = {checker}\n");

        var (_, _, error) = await _files.TryAsync();

        const string begin = "mandos: warning: client [a]: its checker fails: ";
        if (reason is not null)
            Assert.StartsWith($"{begin}{reason}hint: ", error, StringComparison.Ordinal);
        else
            Assert.Matches(
                $@"^{Regex.Escape(begin)}exit status 2, it printed:\n  one\n  (\\u0000){{4092}}\n  \.\.\. \(5009 bytes in all\)\n  end\nhint: ",
                error);
    }

    [Fact]
    public async Task New_clients_beyond_the_limit_are_counted_but_not_tried()
    {
        _files.Write(
            "clients.conf",
            string.Join('\n', Enumerable.Range(0, 103).Select(i => $"[c{i}]\nkey_id = {i:x64}\nsecret = wQED0gEB\nchecker = test 1")));

        Assert.Equal(
            (0, "3 of 103 new clients were not tried: too many\nclients.conf: 103 clients, 103 enabled\n", ""), await _files.TryAsync());
    }

    [Fact]
    public async Task Clients_that_a_server_has_saved_are_not_new()
    {
        _files.Write("clients.conf", "[a]\nkey_id = KEY\nsecret = wQED0gEB\nchecker = exit 1\n");
        var saved = ClientState.FirstSeen(ClientStory.Definition("a", ClientStory.Settings), Moment.Now(TimeProvider.System));
        using (saved.Secret)
        using (var store = SqliteClientStore.Open(_files.Folder, TimeProvider.System, BootClock.OfSystem()))
            store.Replace([saved], [], Moment.Now(TimeProvider.System));

        Assert.Equal((0, "clients.conf: 1 client, 1 enabled\n", ""), await _files.TryAsync());
    }

    [Fact]
    public async Task A_missing_checker_program_is_a_warning_even_for_a_saved_client()
    {
        _files.Write("clients.conf", "[a]\nkey_id = KEY\nsecret = wQED0gEB\nchecker = /nonexistent/ping %%(host)s\n");
        var saved = ClientState.FirstSeen(ClientStory.Definition("a", ClientStory.Settings), Moment.Now(TimeProvider.System));
        using (saved.Secret)
        using (var store = SqliteClientStore.Open(_files.Folder, TimeProvider.System, BootClock.OfSystem()))
            store.Replace([saved], [], Moment.Now(TimeProvider.System));

        Assert.Equal((1, "clients.conf: 1 client, 1 enabled\n", """
            mandos: warning: there is no program '/nonexistent/ping' on this machine: the checks of 1 client fail, the first is [a]
            hint: these clients are disabled when their timeouts end, see mandos(8)

            """), await _files.TryAsync());
        Assert.Equal(0, (await _files.CheckAsync()).Code);
    }

    [Theory]
    [InlineData("")]
    [InlineData(":")]
    [InlineData("true")]
    [InlineData("exit 0")]
    [InlineData("# fping %%(host)s")]
    public async Task A_checker_that_cannot_fail_is_a_warning(string checker)
    {
        _files.Write("clients.conf", $"[a]\nkey_id = KEY\nsecret = wQED0gEB\nchecker = {checker}\n");

        Assert.Equal(
            (
                1, "clients.conf: 1 client, 1 enabled\n",
                "mandos: warning: clients.conf:1: client [a] has a checker that cannot fail: it is never disabled, wherever it is\n"),
            await _files.CheckAsync());
    }
}
