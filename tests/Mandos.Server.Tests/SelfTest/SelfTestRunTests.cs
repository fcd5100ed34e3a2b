using Mandos.Server.SelfTest;

namespace Mandos.Server.Tests.SelfTest;

/// <summary>What <c>mandos --check</c> says.</summary>
public sealed class SelfTestRunTests
{
    [Fact]
    public async Task Every_part_succeeds_and_prints_one_line()
    {
        using var output = new StringWriter();

        Assert.Equal(0, await SelfTestRun.RunAsync(SelfTestRun.Parts, output));
        Assert.Equal(
            "ok    durations\nok    configuration\nok    checkers\nok    keys\nok    clients\nok    store\nok    exchange\n",
            output.ToString());
    }

    [Fact]
    public async Task A_failed_part_of_the_self_test_is_reported_with_its_reason_and_the_others_still_run()
    {
        using var output = new StringWriter();
        SelfTestPart[] parts =
        [
            new("one", () => throw new SelfTestFailure("two lines\nof reason")),
            new("two", () => throw new InvalidOperationException("a defect")),
            new("three", () => { }),
        ];

        Assert.Equal(1, await SelfTestRun.RunAsync(parts, output));
        Assert.Equal(["failed two: a defect", "ok    three", ""], output.ToString().Split('\n')[1..]);
        Assert.StartsWith("failed one: two lines", output.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_difference_is_reported_with_both_texts() =>
        Assert.Equal(
            "host: 'a' instead of 'b'", Assert.Throws<SelfTestFailure>(() => SelfTestFailure.UnlessSame("b", "a", "host")).Message);

    [Fact]
    public async Task The_self_test_leaves_nothing_behind()
    {
        static string[] Left() => Directory.GetDirectories(Path.GetTempPath(), "mandos-check-*");
        var before = Left();

        await SelfTestRun.RunAsync(SelfTestRun.Parts, TextWriter.Null);

        Assert.Empty(Left().Except(before));
    }
}
