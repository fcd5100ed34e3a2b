using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Mandos.Notify.Sending;

/// <summary>What became of a test message.</summary>
/// <param name="Target">The target.</param>
/// <param name="Problem">Why it was not sent; null if it was.</param>
/// <param name="Milliseconds">How long that took.</param>
internal sealed record TestResult(string Target, string? Problem, long Milliseconds)
{
    /// <inheritdoc />
    public override string ToString() => Problem is null
        ? string.Create(CultureInfo.InvariantCulture, $"{Target}: sent in {Milliseconds} ms")
        : $"{Target}: failed: {Problem}";

    /// <summary>The results as a JSON array.</summary>
    internal static string Json(IReadOnlyList<TestResult> results)
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream, new() { Indented = true }))
        {
            json.WriteStartArray();
            foreach (var result in results)
            {
                json.WriteStartObject();
                json.WriteString("target", result.Target);
                json.WriteBoolean("sent", result.Problem is null);
                json.WriteNumber("milliseconds", result.Milliseconds);
                json.WriteString("problem", result.Problem);
                json.WriteEndObject();
            }

            json.WriteEndArray();
        }

        return Encoding.UTF8.GetString(stream.ToArray());
    }
}
