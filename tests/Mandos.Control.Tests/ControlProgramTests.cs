using Mandos.Control.Commands;
using Mandos.Control.Hosting;
using Mandos.Tests.Buses;
using Tmds.DBus.Protocol;

namespace Mandos.Control.Tests;

/// <summary>Exit codes and messages without a server.</summary>
public sealed class ControlProgramTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static TheoryData<string> Commands => [.. ControlCommands.All.Select(command => command.Name)];

    [Fact]
    public async Task Help_lists_options_and_commands()
    {
        var (code, output, error) = await RunAsync(null, "--help");
        Assert.Equal((0, ""), (code, error));
        Assert.Contains("--bump-timeout", output, StringComparison.Ordinal);
        Assert.All(ControlCommands.All, command => Assert.Contains($"  {command.Name} ", output, StringComparison.Ordinal));
    }

    [Theory, MemberData(nameof(Commands))]
    public async Task Each_command_has_help(string command)
    {
        var (code, output, error) = await RunAsync(null, command, "--help");
        Assert.Equal((0, ""), (code, error));
        Assert.Contains($"mandos-ctl {command}", output, StringComparison.Ordinal);
    }

    [Theory, MemberData(nameof(Commands))]
    public async Task An_unknown_option_of_a_command_is_a_usage_error(string command)
    {
        var (code, output, error) = await RunAsync(null, command, "--nonsense");
        Assert.Equal((2, ""), (code, output));
        Assert.StartsWith($"mandos-ctl {command}: error: ", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_version_is_that_of_all_programs()
    {
        var (code, output, _) = await RunAsync(null, "--version");
        Assert.Equal((0, $"mandos-ctl {CommandLine.ProgramVersion.Value}\n"), (code, output));
    }

    [Theory]
    [InlineData("needs test", "notify")]
    [InlineData("unknown action 'list', not test", "notify", "list")]
    [InlineData("needs either --for or --end", "maintenance", "web1")]
    [InlineData("needs either --for or --end", "maintenance", "web1", "--for=2h", "--end")]
    [InlineData("needs the name of a client, or --all", "maintenance", "--for=2h")]
    [InlineData("option '--for': ", "maintenance", "web1", "--for=long")]
    [InlineData("option '--disabled-since': ", "enable", "--all", "--disabled-since=lately")]
    public async Task Invalid_options_of_a_command_are_refused_before_the_server_is_called(string message, params string[] arguments)
    {
        var (code, output, error) = await RunAsync("unix:path=/does/not/exist", arguments);
        Assert.Equal((2, ""), (code, output));
        Assert.StartsWith($"mandos-ctl {arguments[0]}: error: {message}", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_self_test_passes() => Assert.Equal((0, "", ""), await RunAsync(null, "--check"));

    [Fact]
    public async Task Without_a_bus_the_error_reports_it()
    {
        var (code, output, error) = await RunAsync("unix:path=/does/not/exist");
        Assert.Equal((1, ""), (code, output));
        Assert.Equal(
            "mandos-ctl: error: cannot connect to the system bus at unix:path=/does/not/exist: No such file or directory\n"
                + "hint: check 'systemctl status dbus'\n", error);
    }

    [Theory]
    [InlineData]
    [InlineData("--enable", "web1")]
    [InlineData("list")]
    [InlineData("show", "web1")]
    [InlineData("approve", "web1")]
    [InlineData("set", "web1", "timeout=PT5M")]
    [InlineData("wait", "web1", "--until=enabled")]
    public async Task Without_a_server_the_error_hints_how_to_start_it(params string[] arguments)
    {
        await using var bus = await PrivateBus.StartAsync();
        var (code, output, error) = await RunAsync(bus.Address, arguments);
        Assert.Equal((1, ""), (code, output));
        Assert.Contains(
            "error: no Mandos server is on the system bus\nhint: start it with 'systemctl start mandos'", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_program_with_the_servers_name_that_is_not_a_server_is_reported()
    {
        await using var bus = await PrivateBus.StartAsync();
        using var other = await OwnNameAsync(bus, new OtherObject());
        var (code, output, error) = await RunAsync(bus.Address);
        Assert.Equal((1, ""), (code, output));
        Assert.StartsWith(
            "mandos-ctl: error: the program with the name se.recompile.Mandos on the system bus does not answer as a Mandos server\nhint: ",
            error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_a_server_reports_cannot_control_the_terminal()
    {
        await using var bus = await PrivateBus.StartAsync();
        using var other = await OwnNameAsync(bus, new HostileObject());
        var (code, output, error) = await RunAsync(bus.Address);
        Assert.Equal((1, ""), (code, output));
        Assert.Equal("mandos-ctl: error: the server reports: \\u001b]0;title\\u0007\\u009b2J\\u202e\\rdone\n", error);
    }

    [Fact]
    public async Task Each_error_of_a_section_to_add_is_a_line()
    {
        var file = Path.GetTempFileName();
        await File.WriteAllTextAsync(file, "[a]\nkey_id = 1\nsecret = abc\n", Token);
        var (code, output, error) = await RunAsync(null, "add", file);
        File.Delete(file);
        Assert.Equal((1, ""), (code, output));
        Assert.Equal(
            $"mandos-ctl: error: {file}:2: [a] key_id: '1' does not have 64 hex digits\n"
                + $"mandos-ctl: error: {file}:3: [a] secret: it is not base64: the padding at its end is wrong, or a part is missing\n"
                + "hint: correct the file; no client was added\n",
            error);
    }

    [Fact]
    public async Task A_server_that_does_not_answer_is_given_up_at_the_time_limit()
    {
        await using var bus = await PrivateBus.StartAsync();
        using var other = await OwnNameAsync(bus, new SilentObject());
        var (code, output, error) = await RunAsync(bus.Address);
        Assert.Equal((1, ""), (code, output));
        Assert.StartsWith(
            "mandos-ctl: waiting for the server, at most 3 s\nmandos-ctl: error: the server has not answered within 3 s\nhint: see ",
            error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Notifications_need_the_package_that_sends_them()
    {
        var (code, output, error) = await RunAsync(null, "notify", "test");
        Assert.Equal((1, ""), (code, output));
        Assert.EndsWith(
            "/mandos-notify cannot be started: No such file or directory\nhint: is the package mandos-web-dotnet installed?\n", error,
            StringComparison.Ordinal);
    }

    private static async Task<DBusConnection> OwnNameAsync(PrivateBus bus, IPathMethodHandler root)
    {
        var connection = new DBusConnection(bus.Address);
        await connection.ConnectAsync();
        connection.AddMethodHandler(root);
        await connection.RequestNameAsync("se.recompile.Mandos");
        return connection;
    }

    private static async Task<(int Code, string Output, string Error)> RunAsync(string? address, params string[] arguments)
    {
        using var output = new StringWriter { NewLine = "\n" };
        using var error = new StringWriter { NewLine = "\n" };
        var environment = new ControlEnvironment
        {
            Output = output,
            Error = error,
            CanAsk = true,
            Limit = TimeSpan.FromSeconds(3),
            Variable = name => name == "DBUS_SYSTEM_BUS_ADDRESS" ? address : null,
        };
        var code = await new ControlProgram(environment).RunAsync(arguments, Token);
        return (code, output.ToString(), error.ToString());
    }

    /// <summary>Has no methods.</summary>
    private sealed class OtherObject : IPathMethodHandler
    {
        public string Path => "/";

        public bool HandlesChildPaths => true;

        public ValueTask HandleMethodAsync(MethodContext context) => default;
    }

    /// <summary>Answers with an error that contains control sequences.</summary>
    private sealed class HostileObject : IPathMethodHandler
    {
        public string Path => "/";

        public bool HandlesChildPaths => true;

        public ValueTask HandleMethodAsync(MethodContext context)
        {
            context.ReplyError("com.example.Error", "first line\n\e]0;title\a\u009b2J\u202e\rdone");
            return default;
        }
    }

    /// <summary>Takes every call and answers none.</summary>
    private sealed class SilentObject : IPathMethodHandler
    {
        public string Path => "/";

        public bool HandlesChildPaths => true;

        public ValueTask HandleMethodAsync(MethodContext context)
        {
            context.DisposesAsynchronously = true;
            return default;
        }
    }
}
