using Mandos.Client.CommandLine;

namespace Mandos.Client.Tests.CommandLine;

public sealed class ClientCommandLineTests
{
    [Fact]
    public void Without_options_the_defaults_match_the_originals()
    {
        var options = Accepted();
        Assert.Null(options.Connect);
        Assert.Empty(options.Servers);
        Assert.Empty(options.Interfaces);
        Assert.Equal("/conf/conf.d/mandos/pubkey.txt", options.Keys.OpenPgpPublic);
        Assert.Equal("/conf/conf.d/mandos/seckey.txt", options.Keys.OpenPgpSecret);
        Assert.Equal("/conf/conf.d/mandos/tls-pubkey.pem", options.Keys.TlsPublic);
        Assert.Equal("/conf/conf.d/mandos/tls-privkey.pem", options.Keys.TlsPrivate);
        Assert.Null(options.Priority);
        Assert.Equal(TimeSpan.FromSeconds(2.5), options.Delay);
        Assert.Equal(TimeSpan.FromSeconds(10), options.Retry);
        Assert.Equal("/lib/mandos/network-hooks.d", options.NetworkHookDirectory);
        Assert.False(options.Debug);
        Assert.False(options.RequireSandbox);
        Assert.True(Accepted("--require-sandbox").RequireSandbox);
        Assert.Empty(options.WithoutEffect);
    }

    [Fact]
    public void Short_options_mean_the_same_as_long_ones()
    {
        var options = Accepted("-c", "10.0.0.1:1", "-ieth0", "-p", "P", "-s", "S", "-T", "A", "-t", "B");
        Assert.Equal("10.0.0.1:1", options.Connect!.ToString());
        Assert.Equal(["eth0"], options.Interfaces);
        Assert.Equal(new KeyPaths("P", "S", "A", "B"), options.Keys);
    }

    [Fact]
    public void Interface_lists_are_joined_and_empty_entries_are_ignored() =>
        Assert.Equal(["a", "b", "none", "c"], Accepted("--interface=a,b", "--interface=", "-i", "none,,c").Interfaces);

    [Fact]
    public void Preferred_interfaces_are_a_separate_list()
    {
        var options = Accepted("--prefer-interface=a,b", "--interface=c", "--prefer-interface", "d");
        Assert.Equal(["a", "b", "d"], options.PreferredInterfaces);
        Assert.Equal(["c"], options.Interfaces);
    }

    [Theory]
    [InlineData("/conf/conf.d/mandos /etc/keys/mandos /etc/mandos/keys", "/conf/conf.d/mandos")]
    [InlineData("/etc/mandos/keys /etc/keys/mandos", "/etc/keys/mandos")]
    [InlineData("/etc/mandos/keys", "/etc/mandos/keys")]
    [InlineData("", "/conf/conf.d/mandos")]
    public void The_default_key_paths_are_in_the_first_directory_that_exists(string directories, string expected)
    {
        var options = new ClientCommandLine(directories.Split(' ').Contains).Parse(["--seckey=S"], TextWriter.Null, TextWriter.Null, out _);
        Assert.Equal(
            new KeyPaths($"{expected}/pubkey.txt", "S", $"{expected}/tls-pubkey.pem", $"{expected}/tls-privkey.pem"), options!.Keys);
    }

    [Fact]
    public void Server_options_can_be_repeated_and_keep_their_order() =>
        Assert.Equal(
            ["10.0.0.1:1", "[::1]:2"], Accepted("--server=10.0.0.1:1", "--server=[::1]:2").Servers.Select(server => server.ToString()));

    [Fact]
    public void The_last_of_a_repeated_option_counts()
    {
        var options = Accepted("--retry=1", "--retry=2", "--debug", "--debug", "--connect=10.0.0.1:1", "--connect=10.0.0.2:2");
        Assert.Equal(TimeSpan.FromSeconds(2), options.Retry);
        Assert.Equal("10.0.0.2:2", options.Connect!.ToString());
        Assert.True(options.Debug);
    }

    [Fact]
    public void The_delay_does_not_affect_the_retry_interval()
    {
        var options = Accepted("--delay=0.25");
        Assert.Equal(TimeSpan.FromSeconds(0.25), options.Delay);
        Assert.Equal(TimeSpan.FromSeconds(10), options.Retry);
    }

    [Fact]
    public void Abbreviated_options_are_accepted_unless_ambiguous()
    {
        Assert.Equal(TimeSpan.FromSeconds(3), Accepted("--ret", "3").Retry);
        Assert.Contains("ambiguous", Refused("--de=1"), StringComparison.Ordinal);
    }

    [Fact]
    public void Diffie_Hellman_options_are_accepted_without_effect() =>
        Assert.Equal(["--dh-bits", "--dh-params"], Accepted("--dh-bits=2048", "--dh-params=/nowhere").WithoutEffect);

    [Theory]
    [InlineData("--connect=10.0.0.1", "option '--connect': no port in '10.0.0.1': write 10.0.0.1:PORT")]
    [InlineData("--connect=host:1", "option '--connect': 'host' is not a numeric address: names are not resolved")]
    [InlineData("--server=10.0.0.1:x", "option '--server': invalid port number 'x' in '10.0.0.1:x'")]
    [InlineData("--delay=x", "option '--delay': invalid number of seconds 'x'")]
    [InlineData("--retry=-1", "option '--retry': invalid number of seconds '-1'")]
    [InlineData("--retry=nan", "option '--retry': invalid number of seconds 'nan'")]
    [InlineData("--retry=2147484", "option '--retry': invalid number of seconds '2147484'")]
    [InlineData("--dh-bits=many", "option '--dh-bits': invalid number of bits 'many'")]
    [InlineData("--priority=NONSENSE", "NONSENSE")]
    [InlineData("--connect", "option '--connect' requires an argument")]
    [InlineData("--nonsense", "unrecognized option '--nonsense'")]
    [InlineData("operand", "operand")]
    public void An_error_is_reported_on_one_line_with_the_value(string argument, string expected)
    {
        var lines = Refused(argument).Split('\n');
        Assert.StartsWith("mandos-client: error: ", lines[0], StringComparison.Ordinal);
        Assert.Contains(expected, lines[0], StringComparison.Ordinal);
        Assert.StartsWith("hint: ", lines[1], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--help", "--network-hook-dir")]
    [InlineData("-?", "--network-hook-dir")]
    [InlineData("--usage", "Usage: mandos-client [--connect=ADDRESS:PORT]")]
    [InlineData("--version", "Mandos plugin mandos-client: mandos-client 0.")]
    [InlineData("-V", "Mandos plugin mandos-client: mandos-client 0.")]
    public void Help_and_version_print_to_standard_output_and_exit_with_64_like_the_original(string argument, string expected)
    {
        var (options, output, error, exitCode) = Parse(argument);
        Assert.Null(options);
        Assert.Contains(expected, output, StringComparison.Ordinal);
        Assert.Empty(error);
        Assert.Equal(64, exitCode);
    }

    [Fact]
    public void The_completion_offers_every_option_and_no_other() => Documents().AssertCompletion();

    [Fact]
    public void The_completions_of_other_shells_have_every_option() => Documents().AssertOtherShells();

    [Fact]
    public void The_manual_page_names_every_option_and_no_other() => Documents().AssertManualPage();

    private static CommandLineDocuments Documents()
    {
        var line = new ClientCommandLine();
        // Help and version join the others at the first use.
        line.Parse([], TextWriter.Null, TextWriter.Null, out _);
        return new(
            "mandos-client", "mandos-client.8mandos",
            line.Options.Select(o => ((IReadOnlyList<string>)[.. o.Aliases, o.Name], o.Arity.MaximumNumberOfValues > 0)));
    }

    private static ClientOptions Accepted(params string[] arguments)
    {
        var (options, _, error, _) = Parse(arguments);
        Assert.True(options is not null, error);
        return options;
    }

    private static string Refused(params string[] arguments)
    {
        var (options, output, error, exitCode) = Parse(arguments);
        Assert.Null(options);
        Assert.Empty(output);
        Assert.Equal(64, exitCode);
        return error;
    }

    private static (ClientOptions? Options, string Output, string Error, int ExitCode) Parse(params string[] arguments)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        var options = new ClientCommandLine(_ => false).Parse(arguments, output, error, out var exitCode);
        return (options, output.ToString(), error.ToString(), exitCode);
    }
}
