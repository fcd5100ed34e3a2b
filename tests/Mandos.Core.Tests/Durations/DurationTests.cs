using System.Globalization;
using System.Text.RegularExpressions;
using CsCheck;
using Mandos.Core.Durations;

namespace Mandos.Core.Tests.Durations;

public sealed partial class DurationTests
{
    /// <summary>
    /// Where the recorded server is left on purpose (docs/differences.md): gaps and fractions are read, negatives refused.
    /// </summary>
    private static readonly Dictionary<string, double?> Deviations = new()
    {
        ["P1MT1M"] = 28 * 86400 + 60,
        ["P1Y1D"] = 365 * 86400,
        ["P1YT1H"] = 364 * 86400 + 3600,
        ["PT1H1S"] = 3601,
        ["PT1.5S"] = 1.5,
        ["-5m"] = null,
    };

    public static TheoryData<string, string> Recorded()
    {
        var rows = new TheoryData<string, string>();
        foreach (var line in Golden.Text("durations.md").Split('\n'))
        {
            if (Row().Match(line) is { Success: true } row)
                rows.Add(Unquote(row.Groups["input"].Value), row.Groups["server"].Value);
        }

        return rows;
    }

    [Fact]
    public void The_table_has_66_rows() => Assert.Equal(66, Recorded().Count);

    [Theory]
    [MemberData(nameof(Recorded))]
    public void A_recorded_duration_is_parsed_as_the_originals_server_parses_it(string input, string recorded)
    {
        double? expected = recorded == "ERROR"
            ? null
            : double.Parse(Milliseconds().Match(recorded).Groups[1].Value, CultureInfo.InvariantCulture) / 1000;
        if (Deviations.TryGetValue(input, out var ours))
        {
            Assert.NotEqual(expected, ours);
            expected = ours;
        }

        var ok = Duration.TryParse(input, out var duration, out var error);

        Assert.Equal(expected, ok ? duration.Value.TotalSeconds : null);
        Assert.Equal(ok, error is null);
    }

    [Theory]
    [InlineData("P2DT1S", 2 * 86400 + 1)]
    [InlineData("P1Y1DT1S", 365 * 86400 + 1)]
    [InlineData("PT0.5H", 1800)]
    [InlineData("PT0,25M", 15)]
    [InlineData("P0.5W", 3.5 * 86400)]
    [InlineData("P1DT0.000001S", 86400.000001)]
    public void Every_ISO_8601_duration_is_parsed_correctly(string text, double seconds)
    {
        Assert.True(Duration.TryParse(text, out var duration, out _));
        Assert.Equal(seconds, duration.Value.TotalSeconds);
    }

    [Theory]
    [InlineData("PT1.5H1S")]
    [InlineData("PT.5S")]
    [InlineData("PT1.S")]
    [InlineData("PT1.5.5S")]
    [InlineData("P1S")]
    [InlineData("PT1Y")]
    [InlineData("PTT1S")]
    [InlineData("PT1ST")]
    [InlineData("P1D1D")]
    [InlineData("PD")]
    [InlineData("P W")]
    [InlineData("PT5M\n\n")]
    [InlineData("PT5")]
    [InlineData("m")]
    [InlineData("_1m")]
    [InlineData("1__0m")]
    [InlineData("forever")]
    public void Invalid_durations_are_refused_and_reported(string text)
    {
        Assert.False(Duration.TryParse(text, out _, out var error));
        Assert.Equal($"'{text}' is not a duration", error);
    }

    [Theory]
    [InlineData("-5m", "'-5m' is a negative duration")]
    [InlineData("1m -2m", "'1m -2m' is a negative duration")]
    [InlineData("P99999999999999999999999999999999999999999999Y", "is a duration that is too long")]
    [InlineData("9223372036854775807w", "is a duration that is too long")]
    public void An_invalid_duration_is_refused(string text, string message)
    {
        Assert.False(Duration.TryParse(text, out _, out var error));
        Assert.Contains(message, error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("PT5M", "0:05:00")]
    [InlineData("P1DT2H3M5S", "1 day, 2:03:05")]
    [InlineData("P2D", "2 days, 0:00:00")]
    [InlineData("PT1.5S", "0:00:01.500000")]
    [InlineData("", "0:00:00")]
    public void Checkers_get_durations_in_the_format_of_Python(string text, string rendered)
    {
        Assert.True(Duration.TryParse(text, out var duration, out _));
        Assert.Equal(rendered, duration.ToString());
    }

    [Theory]
    [InlineData("0s", "PT0S")]
    [InlineData("1h 1s", "PT1H0M1S")]
    [InlineData("1d 1s", "P1DT1S")]
    [InlineData("2w", "P14D")]
    [InlineData("PT1.5S", "PT1.5S")]
    public void Durations_are_written_in_a_form_that_the_original_reads(string text, string written)
    {
        Assert.True(Duration.TryParse(text, out var duration, out _));
        Assert.Equal(written, duration.ToRfc3339());
    }

    [Fact]
    public void Durations_are_read_back_as_written() =>
        Gen.Long[0, long.MaxValue / 10].Select(n => new Duration(new TimeSpan(n * 10))).Sample(duration =>
        {
            Assert.True(Duration.TryParse(duration.ToRfc3339(), out var again, out _));
            Assert.Equal(duration, again);
        });

    [Fact]
    public void Any_text_is_either_a_duration_or_one_clear_error() =>
        Gen.String["PTWYMDHSsmhdw0123456789.,-+_ \n\u0663"].Sample(text =>
            Assert.Equal(Duration.TryParse(text, out _, out var error), error is null));

    private static string Unquote(string python) =>
        python.Replace("\\n", "\n", StringComparison.Ordinal).Replace("\\t", "\t", StringComparison.Ordinal);

    [GeneratedRegex(@"^\| `'(?<input>.*?)'` \| (?<server>.*?) \| .* \|$")]
    private static partial Regex Row();

    [GeneratedRegex(@"= (-?\d+) ms$")]
    private static partial Regex Milliseconds();
}
