using System.Net;
using System.Text;
using Mandos.Configuration;
using Mandos.Server.Configuration;
using Microsoft.Extensions.Logging;

namespace Mandos.Server.Tests.Configuration;

public sealed class ServerSettingsTests
{
    private static (ServerSettings Settings, string Problems, string? UsageError) Read(string file, params string[] arguments)
    {
        var error = new StringWriter();
        var commandLine = new ServerCommandLine().Parse(arguments, TextWriter.Null, error, out _);
        Assert.True(commandLine is not null, error.ToString());
        var problems = new List<ConfigurationProblem>();
        using var document = ConfigurationFile.Parse("mandos.conf", Encoding.UTF8.GetBytes(file), null, problems);
        var settings = ServerSettingsReader.Read(commandLine, document, problems, out var usageError);
        return (settings, string.Join('\n', problems), usageError);
    }

    private static (string Output, string Error, int Code) Refused(params string[] arguments)
    {
        var (output, error) = (new StringWriter(), new StringWriter());
        Assert.Null(new ServerCommandLine().Parse(arguments, output, error, out var code));
        return (output.ToString(), error.ToString(), code);
    }

    [Fact]
    public void An_empty_configuration_has_the_originals_defaults()
    {
        var (settings, problems, usageError) = Read("");

        Assert.Equal(new ServerSettings(), settings);
        Assert.Equal(("", null), (problems, usageError));
        Assert.Equal(
            ("Mandos", 0, "/etc/mandos", LogLevel.Warning),
            (settings.ServiceName, settings.Port, settings.ConfigurationDirectory, settings.LogLevel));
    }

    [Fact]
    public void An_invalid_port_in_the_file_is_reported_and_is_not_a_usage_error()
    {
        var (_, problems, usageError) = Read("[DEFAULT]\nzeroconf = no\nport = 99999\n");

        Assert.Null(usageError);
        Assert.Contains("99999", problems, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_setting_can_be_set_in_the_file()
    {
        var (settings, problems, _) = Read("""
            [DEFAULT]
            interface = eth1
            address = ::ffff:10.0.0.1
            port = %(base)s17
            base = 47
            debug = off
            priority = SECURE128:!CTYPE-X.509:+CTYPE-RAWPK:!RSA:!VERS-ALL:+VERS-TLS1.3:%PROFILE_ULTRA
            servicename = 100%
            use_dbus = no
            use_ipv6 = True
            debuglevel = info
            restore = 0
            statedir = /tmp
            socket =
            foreground = on
            zeroconf = false
            """);

        Assert.Equal("mandos.conf:5: unknown option 'base'", problems);
        Assert.Equal(
            ("eth1", "::ffff:10.0.0.1", 4717, "100%", LogLevel.Information),
            (settings.Interface, settings.Address?.ToString(), settings.Port, settings.ServiceName, settings.LogLevel));
        Assert.Equal(
            (false, false, true, false, null),
            (settings.UseDBus, settings.Zeroconf, settings.Foreground, settings.Restore, settings.Socket));
    }

    [Fact]
    public void The_command_line_wins()
    {
        var (settings, problems, _) = Read(
            "[DEFAULT]\ninterface = eth1\nport = 1\naddress = fe80::1\nservicename = a\ndebuglevel = ERROR\nsocket = 9\n",
            "-ieth2", "-p", "4711", "-a::1", "--servicename=b", "--debugl=Warning", "--socket", "7", "--configdir=/x");

        Assert.Equal(("eth2", 4711, "::1", "b", LogLevel.Warning, 7, "/x/clients.conf"),
            (
                settings.Interface, settings.Port, settings.Address!.ToString(), settings.ServiceName, settings.LogLevel, settings.Socket,
                settings.ClientsFile));
        Assert.Equal("", problems);
    }

    [Fact]
    public void The_last_of_a_repeated_option_counts()
    {
        var (settings, problems, _) = Read(
            "", "--interface=eth1", "-i", "eth2", "--port=1", "-p4711", "--servicename=a", "--servicename=b", "--configdir=/y",
            "--configdir=/x", "--debug", "--debug");

        Assert.Equal(
            ("eth2", 4711, "b", "/x/clients.conf"), (settings.Interface, settings.Port, settings.ServiceName, settings.ClientsFile));
        Assert.True(settings.Debug);
        Assert.Equal("", problems);
    }

    [Fact]
    public void No_option_turns_on_what_the_file_turns_off()
    {
        var (settings, _, _) = Read("[DEFAULT]\nzeroconf = no\nport = 1\n", "--no-dbus", "--no-ipv6", "--no-restore");

        Assert.Equal((false, false, false, false), (settings.Zeroconf, settings.UseDBus, settings.UseIPv6, settings.Restore));
    }

    [Fact]
    public void The_audit_trail_is_on_unless_the_file_turns_it_off()
    {
        var (settings, problems, _) = Read("");
        Assert.Equal((true, 16 << 20, ""), (settings.Audit, settings.AuditSize, problems));
        (settings, problems, _) = Read("[DEFAULT]\naudit = no\naudit_size = 65536\n");
        Assert.Equal((false, 65536, ""), (settings.Audit, settings.AuditSize, problems));
        Assert.False(settings.AuditCopy);
        Assert.True(Read("[DEFAULT]\naudit_copy = yes\n").Settings.AuditCopy);
        (_, problems, _) = Read("[DEFAULT]\naudit_size = 1\n");
        Assert.Equal("mandos.conf:2: audit_size: '1' is not an integer from 65536 to 1073741824", problems);
    }

    [Theory]
    [InlineData("50, 10", "50 10")]
    [InlineData("10,50", "50 10")]
    [InlineData("50%, 10 %", "50 10")]
    [InlineData("99%%,1%%", "99 1")]
    [InlineData("", "")]
    public void Warnings_come_at_percentages_of_the_timeout(string value, string expected)
    {
        var (settings, problems, _) = Read($"[DEFAULT]\ndisable_warning = {value}\n");

        Assert.Equal((expected, ""), (string.Join(' ', settings.DisableWarning.Percents), problems));
    }

    [Theory]
    [InlineData("0")]
    [InlineData("100")]
    [InlineData("50;10")]
    [InlineData("50,")]
    [InlineData("50,50")]
    [InlineData("5%%%")]
    [InlineData("half")]
    [InlineData("1,2,3,4,5,6,7,8,9")]
    public void An_invalid_percentage_is_refused(string value)
    {
        var (settings, problems, _) = Read($"[DEFAULT]\ndisable_warning = {value}\n");

        Assert.StartsWith($"mandos.conf:2: disable_warning: '{value}' is not a list", problems, StringComparison.Ordinal);
        Assert.Equal("50 10", string.Join(' ', settings.DisableWarning.Percents));
    }

    [Theory]
    [InlineData("80", 80)]
    [InlineData("80%", 80)]
    [InlineData("100%%", 100)]
    [InlineData("0", null)]
    [InlineData("", null)]
    public void A_mass_failure_is_a_percentage(string value, int? expected)
    {
        var (settings, problems, _) = Read($"[DEFAULT]\nmass_failure = {value}\n");

        Assert.Equal((expected, ""), (settings.MassFailure, problems));
    }

    [Theory]
    [InlineData("101")]
    [InlineData("-1")]
    [InlineData("most")]
    [InlineData("80,90")]
    public void An_invalid_mass_failure_is_refused(string value)
    {
        var (settings, problems, _) = Read($"[DEFAULT]\nmass_failure = {value}\n");

        Assert.StartsWith($"mandos.conf:2: mass_failure: '{value}' is not a percentage", problems, StringComparison.Ordinal);
        Assert.Null(settings.MassFailure);
    }

    [Fact]
    public void Debug_implies_foreground_and_every_message()
    {
        var (settings, _, _) = Read("[DEFAULT]\ndebuglevel = CRITICAL\n", "--debug");

        Assert.Equal((true, true, LogLevel.Debug), (settings.Debug, settings.Foreground, settings.LogLevel));
    }

    [Theory]
    [InlineData("10.0.0.1")]
    [InlineData("::ffff:10.0.0.1")]
    [InlineData("::FFFF:a00:1")]
    [InlineData("0:0:0:0:0:ffff:10.0.0.1")]
    public void An_IPv4_address_may_be_plain_or_mapped(string address)
    {
        Assert.Equal(IPAddress.Parse("::ffff:10.0.0.1"), Read($"[DEFAULT]\naddress = {address}\n").Settings.Address);
        Assert.Equal(IPAddress.Parse("10.0.0.1"), Read($"[DEFAULT]\naddress = {address}\nuse_ipv6 = no\n").Settings.Address);
        Assert.Equal(IPAddress.Parse("10.0.0.1"), Read("", $"--address={address}", "--no-ipv6").Settings.Address);
    }

    [Fact]
    public void A_link_local_address_can_include_its_interface()
    {
        Assert.Equal(1, Read("[DEFAULT]\naddress = fe80::1%lo\n").Settings.Address?.ScopeId);
        Assert.Equal(7, Read("[DEFAULT]\naddress = fe80::1%7\n").Settings.Address?.ScopeId);
    }

    [Theory]
    [InlineData("1")]
    [InlineData("127.1")]
    [InlineData("10.0.0.01")]
    [InlineData("0x7f.0.0.1")]
    [InlineData("10.0.0.256")]
    [InlineData("::ffff:10.0.0.01")]
    [InlineData("[::1]")]
    [InlineData("[::1]:22")]
    [InlineData("::1/128")]
    [InlineData("fe80::1%")]
    [InlineData("2001:db8::1%lo")]
    [InlineData("10.0.0.1%lo")]
    public void An_address_that_the_C_library_refuses_is_an_error(string address)
    {
        Assert.Equal($"mandos.conf:2: address: '{address}' is not an address", Read($"[DEFAULT]\naddress = {address}\n").Problems);
        Assert.Equal($"--address: '{address}' is not an address", Read("", $"--address={address}").UsageError);
    }

    [Theory]
    [InlineData("port = 65536", "mandos.conf:2: port: '65536' is not an integer from 0 to 65535")]
    [InlineData("port = %(x)s", "mandos.conf:2: port: '%(x)s' refers to an option that does not exist")]
    [InlineData("use_ipv6 = maybe", "mandos.conf:2: use_ipv6: 'maybe' is neither true nor false")]
    [InlineData("address = localhost", "mandos.conf:2: address: 'localhost' is not an address")]
    [InlineData("debuglevel = loud", "mandos.conf:2: debuglevel: 'loud' is not one of CRITICAL, ERROR, WARNING, INFO, DEBUG")]
    [InlineData("servicename =", "mandos.conf:2: servicename: '' does not have 1 to 63 bytes")]
    [InlineData(
        "interface = interface-name-too-long", "mandos.conf:2: interface: 'interface-name-too-long' is not the name of an interface")]
    [InlineData("prot = 7", "mandos.conf:2: unknown option 'prot'; did you mean 'port'?")]
    [InlineData("configdir = /x", "mandos.conf:2: 'configdir' has no effect here, only on the command line")]
    [InlineData("[other]", "mandos.conf:2: section [other] is not used; options belong in [DEFAULT]")]
    public void An_error_in_the_file_is_reported_with_its_line(string line, string problem) =>
        Assert.Equal(problem, Read($"[DEFAULT]\n{line}\n").Problems);

    [Fact]
    public void The_error_for_an_invalid_priority_contains_the_keyword() =>
        Assert.Contains("NOSUCHWORD", Read("[DEFAULT]\npriority = NORMAL:+NOSUCHWORD\n").Problems, StringComparison.Ordinal);

    [Theory]
    [InlineData("without zeroconf, clients cannot find the server unless a port or a socket is set", "--no-zeroconf")]
    [InlineData("--address: 'here' is not an address", "--address=here")]
    [InlineData("--address: '::1' is an IPv6 address, and IPv6 is turned off (use_ipv6, --no-ipv6)", "--address=::1", "--no-ipv6")]
    [InlineData("--debuglevel: 'x' is not one of CRITICAL, ERROR, WARNING, INFO, DEBUG", "--debuglevel=x")]
    public void An_error_on_the_command_line_is_a_usage_error(string message, params string[] arguments) =>
        Assert.Equal(message, Read("", arguments).UsageError);

    [Theory]
    [InlineData("--port=ftp")]
    [InlineData("--socket=-1")]
    [InlineData("--nosuch")]
    [InlineData("--no")]
    [InlineData("operand")]
    [InlineData("--prefix=x")]
    public void A_wrong_command_line_exits_with_2(string argument)
    {
        var (output, error, code) = Refused(argument);

        Assert.Equal(("", 2), (output, code));
        Assert.StartsWith("mandos: error: ", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--check")]
    [InlineData("--check", "--prefix=test_")]
    public void The_self_test_accepts_the_options_of_the_originals(params string[] arguments)
    {
        var settings = new ServerCommandLine().Parse(arguments, TextWriter.Null, TextWriter.Null, out var exitCode);

        Assert.True(settings?.CheckSelf);
        Assert.Equal(0, exitCode);
    }

    [Theory]
    [InlineData("-h")]
    [InlineData("--help")]
    [InlineData("--hel")]
    public void Help_lists_every_option(string argument)
    {
        var (output, error, code) = Refused(argument);

        Assert.Equal(("", 0), (error, code));
        foreach (var option in new ServerCommandLine().Program.Command.Options.Where(o => !o.Hidden))
            Assert.Contains(option.Name, output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("-v")]
    [InlineData("--version")]
    public void Version_is_one_line(string argument) => Assert.Matches(@"^mandos \d+\.\d+\.\d+\S*\n$", Refused(argument).Output);
}
