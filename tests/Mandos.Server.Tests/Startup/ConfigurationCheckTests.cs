using Mandos.Server.Startup;
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

    private void Write(string name, string text) => File.WriteAllText(Path.Combine(_folder, name), text.Replace("KEY", ClientFile.Key, StringComparison.Ordinal));

    private async Task<(int Code, string Output, string Error)> CheckAsync(params string[] more)
    {
        var (output, error) = (new StringWriter(), new StringWriter());
        var code = await ServerProgram.RunAsync(["--check-config", "--configdir", _folder, .. more], output, error, _privileged);
        return (code, Short(output), Short(error));
    }

    private string Short(StringWriter text) => text.ToString().Replace(_folder + "/", "", StringComparison.Ordinal);

    [Fact]
    public async Task Nothing_wrong_is_0_and_a_count()
    {
        Write("mandos.conf", "[DEFAULT]\ndebuglevel = INFO\n");
        Write("clients.conf", "[a]\nkey_id = KEY\nsecret = eA==\n[b]\nfingerprint = 12\nkey_id = " + ClientFile.OtherKey + "\nsecret = eA==\nenabled = no\n");

        Assert.Equal((0, "clients.conf: 2 clients, 1 of them enabled\n", ""), await CheckAsync());
    }

    [Fact]
    public async Task Everything_wrong_is_told_at_once_and_1()
    {
        Write("mandos.conf", "[DEFAULT]\nprot = 1\nport = x\n");
        Write("clients.conf", "[a]\nkey_id = KEY\n[b]\nkey_id = KEY\nsecret = eA==\n");

        Assert.Equal((1, "clients.conf: 1 clients, 1 of them enabled\n", """
            mandos: error: mandos.conf:3: port: 'x' is no integer from 0 to 65535
            mandos: warning: mandos.conf:2: unknown option 'prot'; did you mean 'port'?
            mandos: error: clients.conf:1: [a] secret: there is none, nor a secfile
            mandos: error: clients.conf:1: client [a] is left out

            """), await CheckAsync());
    }

    [Fact]
    public async Task A_file_that_cannot_be_parsed_is_told_line_by_line()
    {
        Write("mandos.conf", "");
        Write("clients.conf", "x = 1\n[a]\nword\nkey_id = 1\nkey_id = 2\n[a]\n");

        Assert.Equal((1, "clients.conf: 0 clients, 0 of them enabled\n", """
            mandos: error: clients.conf:1: there is an option before the first [section]
            mandos: error: clients.conf:3: the line is no [section], no 'key = value' and no continuation of the line above
            mandos: error: clients.conf:5: 'key_id' is there twice in section [a], first in line 4
            mandos: error: clients.conf:6: section [a] is there twice, first in line 2

            """), await CheckAsync());
    }

    [Fact]
    public async Task Missing_files_leave_a_server_without_clients() =>
        Assert.Equal((1, "clients.conf: 0 clients, 0 of them enabled\n", "mandos: warning: clients.conf: no such file: there are no clients\n"), await CheckAsync());

    [Fact]
    public async Task A_wrong_command_line_is_2()
    {
        var (code, output, error) = await CheckAsync("--no-zeroconf");

        Assert.Equal((2, ""), (code, output));
        Assert.Equal("mandos: error: without zeroconf nobody finds the server unless a port or a socket is set\nhint: try 'mandos --help'\n", error);
    }

    [Fact]
    public async Task A_broken_server_configuration_stops_the_start_before_anything_is_opened()
    {
        Write("mandos.conf", "[DEFAULT]\nuse_ipv6 = sometimes\n");
        var error = new StringWriter();

        Assert.Equal(1, await ServerProgram.RunAsync(["--configdir", _folder], TextWriter.Null, error, _privileged));
        Assert.Equal($"mandos: error: {_folder}/mandos.conf:2: use_ipv6: 'sometimes' is neither true nor false\nhint: mandos --check-config tells everything that is wrong\n", error.ToString());
    }
}
