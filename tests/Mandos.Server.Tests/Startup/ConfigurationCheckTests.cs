using Mandos.Core.Linux.Processes;
using Mandos.Server.ClientFiles;
using Mandos.Server.Clients;
using Mandos.Server.Startup;
using Mandos.Server.Store;
using Mandos.Server.Tests.ClientFiles;
using Mandos.Server.Tests.Clients;

namespace Mandos.Server.Tests.Startup;

/// <summary><c>mandos --check-config</c> as its user sees it, without the checkers.</summary>
public sealed class ConfigurationCheckTests : IDisposable
{
    private readonly CheckedFiles _files = new();

    public void Dispose() => _files.Dispose();

    [Fact]
    public async Task A_valid_configuration_exits_with_0_and_prints_a_count()
    {
        _files.Write("mandos.conf", "[DEFAULT]\ndebuglevel = INFO\n");
        _files.Write(
            "clients.conf",
            "[a]\nkey_id = KEY\nsecret = wQED0gEB\n[b]\nfingerprint = 12\nkey_id = "
                + ClientFile.OtherKey
                + "\nsecret = wQED0gEB\nenabled = no\n");

        Assert.Equal((0, "clients.conf: 2 clients, 1 enabled\n", ""), await _files.CheckAsync());
    }

    [Fact]
    public async Task All_problems_are_reported_at_once_and_the_exit_code_is_1()
    {
        _files.Write("mandos.conf", "[DEFAULT]\nprot = 1\nport = x\n");
        _files.Write("clients.conf", "[a]\nkey_id = KEY\n[b]\nkey_id = KEY\nsecret = wQED0gEB\n");

        Assert.Equal((1, "clients.conf: 1 client, 1 enabled\n", """
            mandos: error: mandos.conf:3: port: 'x' is not an integer from 0 to 65535
            mandos: warning: mandos.conf:2: unknown option 'prot'; did you mean 'port'?
            mandos: error: clients.conf:1: [a] secret: missing, and there is no secfile either
            mandos: error: clients.conf:1: client [a] is left out

            """), await _files.CheckAsync());
    }

    [Fact]
    public async Task Parse_errors_are_reported_line_by_line()
    {
        _files.Write("mandos.conf", "");
        _files.Write("clients.conf", "x = 1\n[a]\nword\nkey_id = 1\nkey_id = 2\n[a]\n");

        Assert.Equal((1, "clients.conf: 0 clients, 0 enabled\n", """
            mandos: error: clients.conf:1: there is an option before the first [section]
            mandos: error: clients.conf:3: the line is not a [section], a 'key = value' or a continuation of the line above
            mandos: error: clients.conf:5: 'key_id' is a duplicate in section [a], first on line 4
            mandos: error: clients.conf:6: section [a] is a duplicate, first on line 2

            """), await _files.CheckAsync());
    }

    [Fact]
    public async Task A_section_without_its_name_line_below_the_defaults_is_a_warning()
    {
        _files.Write("clients.conf", "[DEFAULT]\ntimeout = PT1H\nkey_id = KEY\nfingerprint = 12\nsecret = wQED0gEB\n");

        Assert.Equal((1, "clients.conf: 0 clients, 0 enabled\n", """
            mandos: warning: clients.conf:3: [DEFAULT] key_id: it would apply to every client; is the line [NAME] missing above it?
            mandos: warning: clients.conf:4: [DEFAULT] fingerprint: it would apply to every client; is the line [NAME] missing above it?
            mandos: warning: clients.conf:5: [DEFAULT] secret: it would apply to every client; is the line [NAME] missing above it?

            """), await _files.CheckAsync());
    }

    [Fact]
    public async Task A_comment_after_a_host_is_a_warning()
    {
        _files.Write("clients.conf", "[a]\nkey_id = KEY\nhost = h.example # main\nsecret = wQED0gEB\n");

        Assert.Equal((1, "clients.conf: 1 client, 1 enabled\n",
            "mandos: warning: clients.conf:3: [a] host: 'h.example # main' is the host, including what looks like a comment: a comment "
                + "needs its own line\n"),
            await _files.CheckAsync());
    }

    [Theory]
    [InlineData("10 minutes", "'10 minutes' is not a duration; write PT10M")]
    [InlineData("10", "'10' is not a duration; write PT10S for seconds, PT10M for minutes")]
    public async Task An_invalid_duration_is_an_error_with_the_correct_form(string text, string error)
    {
        _files.Write("clients.conf", $"[a]\nkey_id = KEY\ntimeout = {text}\nsecret = wQED0gEB\n");

        Assert.Equal((1, "clients.conf: 0 clients, 0 enabled\n",
            $"mandos: error: clients.conf:3: [a] timeout: {error}\nmandos: error: clients.conf:1: client [a] is left out\n"),
            await _files.CheckAsync());
    }

    [Fact]
    public async Task World_readable_files_cause_a_warning()
    {
        _files.Write("secret", "-----BEGIN PGP MESSAGE-----\n\nwQED0gEB\n-----END PGP MESSAGE-----\n");
        _files.Write("clients.conf", $"[a]\nkey_id = KEY\nsecfile = {_files.Folder}/secret\n");
        Directory.CreateDirectory(Path.Combine(_files.Folder, "clients.d"));
        _files.Write("clients.d/b.conf", $"[b]\nkey_id = {ClientFile.OtherKey}\nsecret = wQED0gEB\n");
        // Where they cannot be got at it does not matter.
        Assert.Equal((0, "clients.conf: 2 clients, 2 enabled\n", ""), await _files.CheckAsync());
        foreach (var path in (string[])["", "clients.d"])
            File.SetUnixFileMode(Path.Combine(_files.Folder, path), (UnixFileMode)Convert.ToInt32("755", 8));
        foreach (var file in (string[])["secret", "clients.conf", "clients.d/b.conf"])
            File.SetUnixFileMode(Path.Combine(_files.Folder, file), (UnixFileMode)Convert.ToInt32("644", 8));

        Assert.Equal((1, "clients.conf: 2 clients, 2 enabled\n", """
            mandos: warning: clients.conf: every user can read this file, which contains secrets; hint: chmod go= clients.conf
            mandos: warning: clients.conf:3: [a] secfile: 'secret': every user can read this file, which contains secrets; hint: chmod go= secret
            mandos: warning: clients.d/b.conf: every user can read this file, which contains secrets; hint: chmod go= clients.d/b.conf

            """), await _files.CheckAsync());
        foreach (var file in (string[])["secret", "clients.conf", "clients.d/b.conf"])
            File.SetUnixFileMode(Path.Combine(_files.Folder, file), UnixFileMode.UserRead | UnixFileMode.UserWrite);
        Assert.Equal((0, "clients.conf: 2 clients, 2 enabled\n", ""), await _files.CheckAsync());
    }

    [Fact]
    public async Task A_clients_file_without_the_conf_suffix_is_a_warning()
    {
        _files.Write("clients.conf", "");
        Directory.CreateDirectory(Path.Combine(_files.Folder, "clients.d"));
        foreach (var name in (string[])["c2", "README", "c3~", "c4.conf.dpkg-old", ".hidden"])
            _files.Write($"clients.d/{name}", "[a]\n");

        Assert.Equal(
            (
                1, "clients.conf: 0 clients, 0 enabled\n",
                "mandos: warning: clients.d/c2: is not read, because its name does not end in .conf\n"),
            await _files.CheckAsync());
    }

    [Fact]
    public async Task An_interface_that_does_not_exist_is_a_warning()
    {
        _files.Write("mandos.conf", "[DEFAULT]\ninterface = nosuch0\n");
        _files.Write("clients.conf", "");

        Assert.Equal(
            (
                1, "clients.conf: 0 clients, 0 enabled\n",
                "mandos: warning: mandos.conf: interface: interface nosuch0 does not exist now\n"),
            await _files.CheckAsync());
        _files.Write("mandos.conf", "[DEFAULT]\ninterface = lo\n");
        Assert.Equal((0, "clients.conf: 0 clients, 0 enabled\n", ""), await _files.CheckAsync());
    }

    /// <summary>With holes: nothing of it is written.</summary>
    [Fact]
    public async Task A_file_that_is_too_large_is_refused_like_one_that_cannot_be_parsed()
    {
        using (var file = File.OpenHandle(Path.Combine(_files.Folder, "clients.conf"), FileMode.CreateNew, FileAccess.Write))
            RandomAccess.SetLength(file, 1L << 30);

        Assert.Equal(
            (1, "clients.conf: 0 clients, 0 enabled\n", "mandos: error: clients.conf: the file is larger than 1023 MiB\n"),
            await _files.CheckAsync());
        Assert.Equal(ClientsSource.Malformed, ClientsFile.Read(Path.Combine(_files.Folder, "clients.conf"), null, []).Source);
    }

    [Fact]
    public async Task A_missing_clients_file_means_no_clients_and_a_warning() =>
        Assert.Equal(
            (1, "clients.conf: 0 clients, 0 enabled\n", "mandos: warning: clients.conf: no such file: no clients\n"),
            await _files.CheckAsync());

    [Theory]
    [InlineData(null, "no such file: 1 client")]
    [InlineData("", "the file is empty: 1 client")]
    [InlineData("#\n", null)]
    public async Task A_missing_or_empty_file_whose_clients_are_kept_is_a_warning(string? text, string? warning)
    {
        var saved = ClientState.FirstSeen(ClientStory.Definition("a", ClientStory.Settings), Moment.Now(TimeProvider.System));
        using (saved.Secret)
        using (var store = SqliteClientStore.Open(_files.Folder, TimeProvider.System, BootClock.OfSystem()))
            store.Replace([saved], [new("a", saved.KeyId, "", saved.Settings, Enabled: true, "")], Moment.Now(TimeProvider.System));
        if (text is not null)
            _files.Write("clients.conf", text);

        Assert.Equal(
            (
                warning is null ? 0 : 1, "clients.conf: 0 clients, 0 enabled\n",
                warning is null
                    ? ""
                    : $"mandos: warning: clients.conf: {warning} that is in no other file is kept as it was saved; hint: restore it, "
                        + "or put a comment into it to remove its clients\n"),
            await _files.CheckAsync());
        if (text is null)
            Assert.Equal(
                "mandos: warning: clients.conf: no such file: no clients\n", (await _files.CheckAsync("--no-restore")).Error);
    }

    [Theory]
    [InlineData(true, true, false)]
    [InlineData(true, false, true)]
    [InlineData(false, false, false)]
    public async Task A_missing_folder_whose_clients_are_kept_is_a_warning(bool had, bool has, bool warns)
    {
        var saved = ClientState.FirstSeen(ClientStory.Definition("a", ClientStory.Settings), Moment.Now(TimeProvider.System));
        using (saved.Secret)
        using (var store = SqliteClientStore.Open(_files.Folder, TimeProvider.System, BootClock.OfSystem()))
        {
            store.Files = new(HasMain: true, HasFolder: had);
            store.Replace([saved], [new("a", saved.KeyId, "", saved.Settings, Enabled: true, "")], Moment.Now(TimeProvider.System));
        }

        _files.Write("clients.conf", "# none\n");
        if (has)
            Directory.CreateDirectory(Path.Combine(_files.Folder, "clients.d"));

        Assert.Equal(
            (
                warns ? 1 : 0, "clients.conf: 0 clients, 0 enabled\n",
                warns
                    ? "mandos: warning: clients.d: no such directory: 1 client that is in no other file is kept as it was saved; "
                        + "hint: restore it, or create an empty one to remove its clients\n"
                    : ""),
            await _files.CheckAsync());
    }

    [Fact]
    public async Task A_wrong_command_line_gives_exit_code_2()
    {
        var (code, output, error) = await _files.CheckAsync("--no-zeroconf");

        Assert.Equal((2, ""), (code, output));
        Assert.Equal(
            "mandos: error: without zeroconf, clients cannot find the server unless a port or a socket is set\nhint: try 'mandos --help'\n",
            error);
    }

    [Fact]
    public async Task A_broken_server_configuration_stops_the_start_before_anything_is_opened()
    {
        _files.Write("mandos.conf", "[DEFAULT]\nuse_ipv6 = sometimes\n");
        var error = new StringWriter();

        Assert.Equal(1, await ServerProgram.RunAsync(["--configdir", _files.Folder], TextWriter.Null, error, _files.Privileged));
        Assert.Equal(
            $"mandos: error: {_files.Folder}/mandos.conf:2: use_ipv6: 'sometimes' is neither true nor false\nhint: 'mandos --check-config' "
                + "reports all errors\n",
            error.ToString());
    }
}
