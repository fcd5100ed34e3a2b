using Mandos.Core.Durations;

namespace Mandos.Server.SelfTest;

/// <summary>Tests that durations are parsed as they always have been.</summary>
internal static class DurationSelfTest
{
    private static readonly (string Text, long Seconds)[] Right =
    [
        ("PT5M30S", 330), ("P1Y2M3DT4H5M6S", 36561906), ("P60M", 145152000), ("PT60M", 3600), ("P2W", 1209600), ("PT1H1S", 3601),
        ("5m 30s", 330), ("", 0),
    ];

    private static readonly string[] Wrong = ["5m30s", "1000", "5M", "-5m", "PT", "tomorrow"];

    internal static void Run()
    {
        foreach (var (text, seconds) in Right)
        {
            SelfTestFailure.Unless(Duration.TryParse(text, out var duration, out _), $"'{text}' is refused");
            SelfTestFailure.Unless(duration.Value == TimeSpan.FromSeconds(seconds), $"'{text}' is read as {duration}");
        }

        foreach (var text in Wrong)
            SelfTestFailure.Unless(!Duration.TryParse(text, out var duration, out _), $"'{text}' is read as {duration}");
    }
}
