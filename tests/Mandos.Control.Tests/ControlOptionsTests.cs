using Mandos.CommandLine;
using Mandos.Control.Actions;
using Mandos.Control.Hosting;

namespace Mandos.Control.Tests;

/// <summary>Upstream's options: their order, and which of them can be combined.</summary>
public sealed class ControlOptionsTests
{
    private static readonly string[] Actions =
    [
        "--enable", "--disable", "--bump-timeout", "--start-checker", "--stop-checker", "--is-enabled", "--remove", "--checker=x",
        "--timeout=PT5M", "--extended-timeout=PT5M", "--interval=PT5M", "--approve-by-default", "--deny-by-default",
        "--approval-delay=PT5M", "--approval-duration=PT5M", "--host=x", "--approve", "--deny",
    ];

    public static TheoryData<string> Each => [.. Actions];

    public static TheoryData<string, string> Pairs => new(
        from first in Actions from second in Actions where first != second select (first, second));

    [Theory, MemberData(nameof(Each))]
    public void An_action_needs_clients(string option)
    {
        Assert.Single(Read(option, "web1").Actions);
        Assert.Single(Read(option, "--all").Actions);
        Refuses(option);
        Refuses(option, "--verbose", "web1");
        Refuses(option, "--dump-json", "web1");
    }

    [Theory, MemberData(nameof(Pairs))]
    public void Actions_can_be_combined_unless_they_contradict(string first, string second)
    {
        var contradicts = Contradict(first, second) || Contradict(second, first)
            || (first == "--remove" && second != "--deny")
            || (second == "--remove" && first != "--deny");
        if (contradicts)
            Refuses(first, second, "web1");
        else
            Assert.Equal(2, Read(first, second, "web1").Actions.Count);
    }

    [Fact]
    public void Actions_keep_the_order_of_the_command_line() => Assert.Equal(
        [
            new SetAction("Host", "b"), new SetAction("Enabled", true), new SetAction("Timeout", TimeSpan.FromMinutes(10)),
            new SetAction("Host", ""),
        ],
        Read("-Hb", "web1", "-e", "--timeout", "PT10M", "web2", "--host=").Actions);

    [Theory]
    [InlineData("-r", "-D")]
    [InlineData("-D", "-r")]
    public void A_client_is_denied_before_it_is_removed(string first, string second) =>
        Assert.Equal([new DecideAction(false), new RemoveAction()], Read(first, second, "web1").Actions);

    [Theory]
    [InlineData("--all")]
    [InlineData("--all", "--verbose")]
    [InlineData("--all", "--dump-json")]
    [InlineData("--verbose", "--dump-json")]
    [InlineData("--is-enabled", "web1", "web2")]
    [InlineData("--timeout=soon", "web1")]
    [InlineData("--timeout=PT-5S", "web1")]
    [InlineData("--timeout=5M", "web1")]
    [InlineData("--secret=/does/not/exist", "web1")]
    public void Invalid_options_and_combinations_are_refused(params string[] arguments) => Refuses(arguments);

    [Theory]
    [InlineData("PT1H1S", 3_601_000)]
    [InlineData("P1DT1H", 90_000_000)]
    [InlineData("5m", 300_000)]
    [InlineData("5m 30s", 330_000)]
    [InlineData("", 0)]
    public void Durations_are_parsed_in_all_formats(string text, long milliseconds) => Assert.Equal(
        [new SetAction("Interval", TimeSpan.FromMilliseconds(milliseconds))], Read("--interval", text, "web1").Actions);

    [Fact]
    public void A_secret_is_read_from_its_file()
    {
        var file = Path.GetTempFileName();
        try
        {
            File.WriteAllBytes(file, [0, 1, 255]);
            using var action = Assert.IsType<SetSecretAction>(Assert.Single(Read("-s", file, "web1").Actions));
            Assert.Equal([0, 1, 255], action.Secret.Span.ToArray());
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Theory]
    [InlineData("timeout=PT5M", "Timeout")]
    [InlineData("extended-timeout=PT5M", "ExtendedTimeout")]
    [InlineData("approval_delay=5m", "ApprovalDelay")]
    [InlineData("approval_duration=", "ApprovalDuration")]
    [InlineData("Interval=PT1M", "Interval")]
    [InlineData("approved_by_default=no", "ApprovedByDefault")]
    [InlineData("enabled=TRUE", "Enabled")]
    [InlineData("host=a=b", "Host")]
    [InlineData("checker=:", "Checker")]
    public void A_setting_is_given_by_its_name_in_the_configuration(string assignment, string property) =>
        Assert.Equal(property, Assert.IsType<SetAction>(Settings.Parse(assignment)).Property);

    [Theory]
    [InlineData("timeout", "'timeout' is not KEY=VALUE")]
    [InlineData("=x", "'=x' is not KEY=VALUE")]
    [InlineData("timeot=PT5M", "'timeot' is not a setting that can be changed; did you mean 'timeout'?")]
    [InlineData("enabled=maybe", "enabled: 'maybe' is not yes or no")]
    [InlineData(
        "secret=x",
        "a secret on the command line is visible to all users; use secfile=FILE, or secfile=- for standard input")]
    public void A_setting_that_cannot_be_changed_is_refused(string assignment, string message) =>
        Assert.Equal(message, Assert.Throws<UsageError>(() => Settings.Parse(assignment)).Message);

    private static bool Contradict(string first, string second) => (first, second) is
        ("--enable", "--disable") or ("--start-checker", "--stop-checker") or ("--approve-by-default", "--deny-by-default")
        or ("--approve", "--deny");

    private static void Refuses(params string[] arguments) => Assert.Throws<UsageError>(() => Read(arguments));

    private static ControlRequest Read(params string[] arguments)
    {
        var program = new GnuProgram("mandos-ctl", "", 2, helpAliases: ["-h"], versionAliases: []);
        var options = new ControlOptions(program.Command);
        using var error = new StringWriter();
        var result = program.Parse(arguments, TextWriter.Null, error, out _);
        Assert.Equal("", error.ToString());
        return options.Read(result!);
    }
}
