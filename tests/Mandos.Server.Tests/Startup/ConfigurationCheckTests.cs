using System.Text.RegularExpressions;
using Mandos.Core.Linux.Processes;
using Mandos.Server.ClientFiles;
using Mandos.Server.Clients;
using Mandos.Server.Startup;
using Mandos.Server.Store;
using Mandos.Server.Tests.ClientFiles;
using Mandos.Server.Tests.Clients;

namespace Mandos.Server.Tests.Startup;

/// <summary><c>mandos --check-config</c> as its user sees it.</summary>
public sealed class ConfigurationCheckTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("mandos").FullName;

    private readonly PrivilegedThread _privileged = PrivilegedThread.Start();

    public void Dispose()
    {
        _privileged.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private void Write(string name, string text) =>
        File.WriteAllText(Path.Combine(_folder, name), text.Replace("KEY", ClientFile.Key, StringComparison.Ordinal));

    private Task<(int Code, string Output, string Error)> CheckAsync(params string[] more) => TryAsync(["--no-try", .. more]);

    private async Task<(int Code, string Output, string Error)> TryAsync(params string[] more)
    {
        var (output, error) = (new StringWriter(), new StringWriter());
        var code = await ServerProgram.RunAsync(
            ["--check-config", "--configdir", _folder, "--statedir", _folder, .. more], output, error, _privileged);
        return (code, Short(output), Short(error));
    }

    private string Short(StringWriter text) => text.ToString().Replace(_folder + "/", "", StringComparison.Ordinal);

    [Fact]
    public async Task A_valid_configuration_exits_with_0_and_prints_a_count()
    {
        Write("mandos.conf", "[DEFAULT]\ndebuglevel = INFO\n");
        Write(
            "clients.conf",
            "[a]\nkey_id = KEY\nsecret = wQED0gEB\n[b]\nfingerprint = 12\nkey_id = "
                + ClientFile.OtherKey
                + "\nsecret = wQED0gEB\nenabled = no\n");

        Assert.Equal((0, "clients.conf: 2 clients, 1 enabled\n", ""), await CheckAsync());
    }

    [Fact]
    public async Task All_problems_are_reported_at_once_and_the_exit_code_is_1()
    {
        Write("mandos.conf", "[DEFAULT]\nprot = 1\nport = x\n");
        Write("clients.conf", "[a]\nkey_id = KEY\n[b]\nkey_id = KEY\nsecret = wQED0gEB\n");

        Assert.Equal((1, "clients.conf: 1 client, 1 enabled\n", """
            mandos: error: mandos.conf:3: port: 'x' is not an integer from 0 to 65535
            mandos: warning: mandos.conf:2: unknown option 'prot'; did you mean 'port'?
            mandos: error: clients.conf:1: [a] secret: missing, and there is no secfile either
            mandos: error: clients.conf:1: client [a] is left out

            """), await CheckAsync());
    }

    [Fact]
    public async Task Parse_errors_are_reported_line_by_line()
    {
        Write("mandos.conf", "");
        Write("clients.conf", "x = 1\n[a]\nword\nkey_id = 1\nkey_id = 2\n[a]\n");

        Assert.Equal((1, "clients.conf: 0 clients, 0 enabled\n", """
            mandos: error: clients.conf:1: there is an option before the first [section]
            mandos: error: clients.conf:3: the line is not a [section], a 'key = value' or a continuation of the line above
            mandos: error: clients.conf:5: 'key_id' is a duplicate in section [a], first on line 4
            mandos: error: clients.conf:6: section [a] is a duplicate, first on line 2

            """), await CheckAsync());
    }

    [Fact]
    public async Task A_section_without_its_name_line_below_the_defaults_is_a_warning()
    {
        Write("clients.conf", "[DEFAULT]\ntimeout = PT1H\nkey_id = KEY\nfingerprint = 12\nsecret = wQED0gEB\n");

        Assert.Equal((1, "clients.conf: 0 clients, 0 enabled\n", """
            mandos: warning: clients.conf:3: [DEFAULT] key_id: it would apply to every client; is the line [NAME] missing above it?
            mandos: warning: clients.conf:4: [DEFAULT] fingerprint: it would apply to every client; is the line [NAME] missing above it?
            mandos: warning: clients.conf:5: [DEFAULT] secret: it would apply to every client; is the line [NAME] missing above it?

            """), await CheckAsync());
    }

    [Fact]
    public async Task A_comment_after_a_host_is_a_warning()
    {
        Write("clients.conf", "[a]\nkey_id = KEY\nhost = h.example # main\nsecret = wQED0gEB\n");

        Assert.Equal((1, "clients.conf: 1 client, 1 enabled\n",
            "mandos: warning: clients.conf:3: [a] host: 'h.example # main' is the host, including what looks like a comment: a comment "
                + "needs its own line\n"),
            await CheckAsync());
    }

    [Theory]
    [InlineData("10 minutes", "'10 minutes' is not a duration; write PT10M")]
    [InlineData("10", "'10' is not a duration; write PT10S for seconds, PT10M for minutes")]
    public async Task An_invalid_duration_is_an_error_with_the_correct_form(string text, string error)
    {
        Write("clients.conf", $"[a]\nkey_id = KEY\ntimeout = {text}\nsecret = wQED0gEB\n");

        Assert.Equal((1, "clients.conf: 0 clients, 0 enabled\n",
            $"mandos: error: clients.conf:3: [a] timeout: {error}\nmandos: error: clients.conf:1: client [a] is left out\n"),
            await CheckAsync());
    }

    [Fact]
    public async Task World_readable_files_cause_a_warning()
    {
        Write("secret", "-----BEGIN PGP MESSAGE-----\n\nwQED0gEB\n-----END PGP MESSAGE-----\n");
        Write("clients.conf", $"[a]\nkey_id = KEY\nsecfile = {_folder}/secret\n");
        Directory.CreateDirectory(Path.Combine(_folder, "clients.d"));
        Write("clients.d/b.conf", $"[b]\nkey_id = {ClientFile.OtherKey}\nsecret = wQED0gEB\n");
        // Where they cannot be got at it does not matter.
        Assert.Equal((0, "clients.conf: 2 clients, 2 enabled\n", ""), await CheckAsync());
        foreach (var path in (string[])["", "clients.d"])
            File.SetUnixFileMode(Path.Combine(_folder, path), (UnixFileMode)Convert.ToInt32("755", 8));
        foreach (var file in (string[])["secret", "clients.conf", "clients.d/b.conf"])
            File.SetUnixFileMode(Path.Combine(_folder, file), (UnixFileMode)Convert.ToInt32("644", 8));

        Assert.Equal((1, "clients.conf: 2 clients, 2 enabled\n", """
            mandos: warning: clients.conf: every user can read this file, which contains secrets; hint: chmod go= clients.conf
            mandos: warning: clients.conf:3: [a] secfile: 'secret': every user can read this file, which contains secrets; hint: chmod go= secret
            mandos: warning: clients.d/b.conf: every user can read this file, which contains secrets; hint: chmod go= clients.d/b.conf

            """), await CheckAsync());
        foreach (var file in (string[])["secret", "clients.conf", "clients.d/b.conf"])
            File.SetUnixFileMode(Path.Combine(_folder, file), UnixFileMode.UserRead | UnixFileMode.UserWrite);
        Assert.Equal((0, "clients.conf: 2 clients, 2 enabled\n", ""), await CheckAsync());
    }

    [Fact]
    public async Task A_clients_file_without_the_conf_suffix_is_a_warning()
    {
        Write("clients.conf", "");
        Directory.CreateDirectory(Path.Combine(_folder, "clients.d"));
        foreach (var name in (string[])["c2", "README", "c3~", "c4.conf.dpkg-old", ".hidden"])
            Write($"clients.d/{name}", "[a]\n");

        Assert.Equal(
            (
                1, "clients.conf: 0 clients, 0 enabled\n",
                "mandos: warning: clients.d/c2: is not read, because its name does not end in .conf\n"),
            await CheckAsync());
    }

    [Fact]
    public async Task An_interface_that_does_not_exist_is_a_warning()
    {
        Write("mandos.conf", "[DEFAULT]\ninterface = nosuch0\n");
        Write("clients.conf", "");

        Assert.Equal(
            (
                1, "clients.conf: 0 clients, 0 enabled\n",
                "mandos: warning: mandos.conf: interface: interface nosuch0 does not exist now\n"),
            await CheckAsync());
        Write("mandos.conf", "[DEFAULT]\ninterface = lo\n");
        Assert.Equal((0, "clients.conf: 0 clients, 0 enabled\n", ""), await CheckAsync());
    }

    /// <summary>With holes: nothing of it is written.</summary>
    [Fact]
    public async Task A_file_that_is_too_large_is_refused_like_one_that_cannot_be_parsed()
    {
        using (var file = File.OpenHandle(Path.Combine(_folder, "clients.conf"), FileMode.CreateNew, FileAccess.Write))
            RandomAccess.SetLength(file, 1L << 30);

        Assert.Equal(
            (1, "clients.conf: 0 clients, 0 enabled\n", "mandos: error: clients.conf: the file is larger than 1023 MiB\n"),
            await CheckAsync());
        Assert.Equal(ClientsSource.Malformed, ClientsFile.Read(Path.Combine(_folder, "clients.conf"), null, []).Source);
    }

    [Fact]
    public async Task A_missing_clients_file_means_no_clients_and_a_warning() =>
        Assert.Equal(
            (1, "clients.conf: 0 clients, 0 enabled\n", "mandos: warning: clients.conf: no such file: no clients\n"),
            await CheckAsync());

    [Theory]
    [InlineData(null, "no such file: 1 client")]
    [InlineData("", "the file is empty: 1 client")]
    [InlineData("#\n", null)]
    public async Task A_missing_or_empty_file_whose_clients_are_kept_is_a_warning(string? text, string? warning)
    {
        var saved = ClientState.FirstSeen(ClientStory.Definition("a", ClientStory.Settings), Moment.Now(TimeProvider.System));
        using (saved.Secret)
        using (var store = SqliteClientStore.Open(_folder, TimeProvider.System, BootClock.OfSystem()))
            store.Replace([saved], [new("a", saved.KeyId, "", saved.Settings, Enabled: true, "")], Moment.Now(TimeProvider.System));
        if (text is not null)
            Write("clients.conf", text);

        Assert.Equal(
            (
                warning is null ? 0 : 1, "clients.conf: 0 clients, 0 enabled\n",
                warning is null
                    ? ""
                    : $"mandos: warning: clients.conf: {warning} that is in no other file is kept as it was saved; hint: restore it, "
                        + "or put a comment into it to remove its clients\n"),
            await CheckAsync());
        if (text is null)
            Assert.Equal(
                "mandos: warning: clients.conf: no such file: no clients\n", (await CheckAsync("--no-restore")).Error);
    }

    [Theory]
    [InlineData(true, true, false)]
    [InlineData(true, false, true)]
    [InlineData(false, false, false)]
    public async Task A_missing_folder_whose_clients_are_kept_is_a_warning(bool had, bool has, bool warns)
    {
        var saved = ClientState.FirstSeen(ClientStory.Definition("a", ClientStory.Settings), Moment.Now(TimeProvider.System));
        using (saved.Secret)
        using (var store = SqliteClientStore.Open(_folder, TimeProvider.System, BootClock.OfSystem()))
        {
            store.Files = new(HasMain: true, HasFolder: had);
            store.Replace([saved], [new("a", saved.KeyId, "", saved.Settings, Enabled: true, "")], Moment.Now(TimeProvider.System));
        }

        Write("clients.conf", "# none\n");
        if (has)
            Directory.CreateDirectory(Path.Combine(_folder, "clients.d"));

        Assert.Equal(
            (
                warns ? 1 : 0, "clients.conf: 0 clients, 0 enabled\n",
                warns
                    ? "mandos: warning: clients.d: no such directory: 1 client that is in no other file is kept as it was saved; "
                        + "hint: restore it, or create an empty one to remove its clients\n"
                    : ""),
            await CheckAsync());
    }

    [Fact]
    public async Task The_checker_of_each_enabled_client_is_run_and_its_output_is_printed()
    {
        Write("clients.conf", $"""
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

            """), await TryAsync());
        Assert.Equal((0, "clients.conf: 3 clients, 2 enabled\n", ""), await CheckAsync());
    }

    [Theory]
    [InlineData("echo no such host; exit 2", "exit status 2: no such host\n")]
    [InlineData("exit 2", "exit status 2\n")]
    [InlineData("echo one; head -c 5000 /dev/zero; echo; echo end; exit 2", null)]
    public async Task The_output_of_a_checker_is_one_line_if_it_fits_and_is_truncated_if_too_long(string checker, string? reason)
    {
        Write("clients.conf", $"[a]\nkey_id = KEY\nsecret = wQED0gEB\nchecker = {checker}\n");

        var (_, _, error) = await TryAsync();

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
        Write(
            "clients.conf",
            string.Join('\n', Enumerable.Range(0, 103).Select(i => $"[c{i}]\nkey_id = {i:x64}\nsecret = wQED0gEB\nchecker = test 1")));

        Assert.Equal(
            (0, "3 of 103 new clients were not tried: too many\nclients.conf: 103 clients, 103 enabled\n", ""), await TryAsync());
    }

    [Fact]
    public async Task Clients_that_a_server_has_saved_are_not_new()
    {
        Write("clients.conf", "[a]\nkey_id = KEY\nsecret = wQED0gEB\nchecker = exit 1\n");
        var saved = ClientState.FirstSeen(ClientStory.Definition("a", ClientStory.Settings), Moment.Now(TimeProvider.System));
        using (saved.Secret)
        using (var store = SqliteClientStore.Open(_folder, TimeProvider.System, BootClock.OfSystem()))
            store.Replace([saved], [], Moment.Now(TimeProvider.System));

        Assert.Equal((0, "clients.conf: 1 client, 1 enabled\n", ""), await TryAsync());
    }

    [Fact]
    public async Task A_missing_checker_program_is_a_warning_even_for_a_saved_client()
    {
        Write("clients.conf", "[a]\nkey_id = KEY\nsecret = wQED0gEB\nchecker = /nonexistent/ping %%(host)s\n");
        var saved = ClientState.FirstSeen(ClientStory.Definition("a", ClientStory.Settings), Moment.Now(TimeProvider.System));
        using (saved.Secret)
        using (var store = SqliteClientStore.Open(_folder, TimeProvider.System, BootClock.OfSystem()))
            store.Replace([saved], [], Moment.Now(TimeProvider.System));

        Assert.Equal((1, "clients.conf: 1 client, 1 enabled\n", """
            mandos: warning: there is no program '/nonexistent/ping' on this machine: the checks of 1 client fail, the first is [a]
            hint: these clients are disabled when their timeouts end, see mandos(8)

            """), await TryAsync());
        Assert.Equal(0, (await CheckAsync()).Code);
    }

    [Theory]
    [InlineData("")]
    [InlineData(":")]
    [InlineData("true")]
    [InlineData("exit 0")]
    [InlineData("# fping %%(host)s")]
    public async Task A_checker_that_cannot_fail_is_a_warning(string checker)
    {
        Write("clients.conf", $"[a]\nkey_id = KEY\nsecret = wQED0gEB\nchecker = {checker}\n");

        Assert.Equal(
            (
                1, "clients.conf: 1 client, 1 enabled\n",
                "mandos: warning: clients.conf:1: client [a] has a checker that cannot fail: it is never disabled, wherever it is\n"),
            await CheckAsync());
    }

    [Fact]
    public async Task A_wrong_command_line_gives_exit_code_2()
    {
        var (code, output, error) = await CheckAsync("--no-zeroconf");

        Assert.Equal((2, ""), (code, output));
        Assert.Equal(
            "mandos: error: without zeroconf, clients cannot find the server unless a port or a socket is set\nhint: try 'mandos --help'\n",
            error);
    }

    [Fact]
    public async Task A_broken_server_configuration_stops_the_start_before_anything_is_opened()
    {
        Write("mandos.conf", "[DEFAULT]\nuse_ipv6 = sometimes\n");
        var error = new StringWriter();

        Assert.Equal(1, await ServerProgram.RunAsync(["--configdir", _folder], TextWriter.Null, error, _privileged));
        Assert.Equal(
            $"mandos: error: {_folder}/mandos.conf:2: use_ipv6: 'sometimes' is neither true nor false\nhint: 'mandos --check-config' "
                + "reports all errors\n",
            error.ToString());
    }
}
