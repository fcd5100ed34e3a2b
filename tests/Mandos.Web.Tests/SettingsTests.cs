using Mandos.Configuration;
using Mandos.Web.Access;
using Mandos.Web.Configuration;
using Mandos.Web.Serving;

namespace Mandos.Web.Tests;

/// <summary>The configuration file and the sockets of a service manager.</summary>
public sealed class SettingsTests : IDisposable
{
    private readonly string _file = Path.GetTempFileName();

    public void Dispose() => File.Delete(_file);

    [Fact]
    public void A_complete_file_is_read()
    {
        var settings = Read(
            """
            [web]
            socket = /run/pages
            metrics = 127.0.0.1:9653, [::1]:9653
            hosts = mandos.example, mandos.example:8443
            identity_header = X-Remote-User
            viewers = *, vera
            approvers = axel,
                anton
            administrators = anna
            """, []);
        Assert.Equal("/run/pages", settings.Socket);
        Assert.Equal(["127.0.0.1:9653", "[::1]:9653"], settings.Metrics.Select(address => address.ToString()));
        Assert.Equal(["mandos.example", "mandos.example:8443"], settings.Hosts);
        Assert.Equal("X-Remote-User", settings.IdentityHeader);
        Assert.Equal(
            [("*", Role.Viewer), ("anna", Role.Administrator), ("anton", Role.Approver), ("axel", Role.Approver), ("vera", Role.Viewer)],
            settings.Roles.Select(role => (role.Key, role.Value)).OrderBy(role => role.Key, StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("socket = run/pages", "[web] socket: 'run/pages' is not an absolute path with at most 107 characters")]
    [InlineData("metrics = 9653", "[web] metrics: '9653' is not an address with a port, as in 127.0.0.1:9653 or [::1]:9653")]
    [InlineData("metrics = example.org:9653", "[web] metrics: 'example.org:9653' is not an address with a port, as in 127.0.0.1:9653 or [::1]:9653")]
    [InlineData("identity_header = Remote User", "[web] identity_header: 'Remote User' is not the name of an HTTP header")]
    [InlineData("approvers = *", "[web] approvers: '*' is possible for viewers only")]
    [InlineData("administrators = *", "[web] administrators: '*' is possible for viewers only")]
    [InlineData("[pages]", "[pages] is not a section of this file; its only one is [web]")]
    public void An_invalid_value_is_an_error_with_its_line(string line, string reason) =>
        _ = Read($"[web]\n{line}\n", [$"{_file}:2: {reason}"]);

    [Fact]
    public void An_unknown_setting_is_a_warning()
    {
        var problems = new List<ConfigurationProblem>();
        File.WriteAllText(_file, "[web]\nhost = mandos.example\n");
        _ = WebSettingsReader.Read(_file, mustExist: true, problems);
        Assert.Equal([(true, $"{_file}:2: host is not a setting of mandos-web")], problems.Select(p => (p.IsWarning, $"{p}")));
    }

    [Fact]
    public void A_file_that_was_named_must_exist()
    {
        var problems = new List<ConfigurationProblem>();
        _ = WebSettingsReader.Read("/nonexistent/web.conf", mustExist: false, problems);
        Assert.Empty(problems);
        _ = WebSettingsReader.Read("/nonexistent/web.conf", mustExist: true, problems);
        Assert.Equal(["/nonexistent/web.conf: does not exist"], problems.Select(problem => problem.ToString()));
    }

    [Theory]
    [InlineData("7", "3", "metrics:pages:pages", "4 5", "3")]
    [InlineData("7", "2", "pages", "3", "")]
    [InlineData("8", "1", "pages", "", "")]
    [InlineData("7", "x", "pages", "", "")]
    [InlineData("7", "1", null, "", "")]
    public void The_sockets_of_a_service_manager_have_names(string pid, string count, string? names, string pages, string metrics)
    {
        var passed = PassedSockets.Find(
            name => name switch { "LISTEN_PID" => pid, "LISTEN_FDS" => count, _ => names }, 7);
        Assert.Equal((pages, metrics), (string.Join(' ', passed.Pages), string.Join(' ', passed.Metrics)));
    }

    [Theory]
    [InlineData("[web]\n", "nothing to serve: neither identity_header (for pages) nor metrics is set")]
    [InlineData("[web]\nidentity_header = X\n", "hosts is not set: the host names that people use in their browsers")]
    public async Task A_configuration_that_serves_nothing_is_an_error(string text, string reason)
    {
        File.WriteAllText(_file, text);
        using var error = new StringWriter();
        Assert.Equal(1, await WebProgram.RunAsync([$"--config={_file}", "--check-config"], TextWriter.Null, error, _ => null));
        Assert.Equal($"mandos-web: error: {reason}\nhint: see mandos-web.conf(5)\n", error.ToString());
    }

    [Fact]
    public async Task A_configuration_can_be_checked()
    {
        File.WriteAllText(_file, "[web]\nmetrics = 127.0.0.1:9653\n");
        using var error = new StringWriter();
        Assert.Equal(0, await WebProgram.RunAsync([$"--config={_file}", "--check-config"], TextWriter.Null, error, _ => null));
        Assert.Equal("", error.ToString());
    }

    private WebSettings Read(string text, IEnumerable<string> expected)
    {
        var problems = new List<ConfigurationProblem>();
        File.WriteAllText(_file, text);
        var settings = WebSettingsReader.Read(_file, mustExist: true, problems);
        Assert.Equal(expected, problems.Select(problem => problem.ToString()));
        return settings;
    }
}
