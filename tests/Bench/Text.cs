namespace Mandos.Bench;

/// <summary>Numbers as they stand in the tables.</summary>
internal static class Text
{
    public static string Seconds(double seconds) => Report.Format($"{seconds:0.000} s");

    /// <summary>NaN: longer than the limit, in seconds.</summary>
    public static string Within(double seconds, int limit) =>
        double.IsNaN(seconds) ? Report.Format($"not within {limit} s") : Seconds(seconds);

    /// <summary>NaN: it could not be measured.</summary>
    public static string Megabytes(double bytes) => double.IsNaN(bytes) ? "-" : Report.Format($"{bytes / 1e6:F1} MB");

    /// <inheritdoc cref="Megabytes"/>
    public static string Percent(double share) => double.IsNaN(share) ? "-" : Report.Format($"{share * 100:0.#} %");
}
