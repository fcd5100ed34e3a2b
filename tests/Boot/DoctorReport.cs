using System.Globalization;
using System.Text.Json;
using Mandos.Boot.Emulation;

namespace Mandos.Boot;

/// <summary>What <c>mandos-keygen doctor</c> printed in a guest.</summary>
/// <param name="ExitCode">Its exit code.</param>
/// <param name="Findings">What it found.</param>
/// <param name="Table">What it printed for people, without the fetch.</param>
internal sealed record DoctorReport(int ExitCode, IReadOnlyList<DoctorReport.Finding> Findings, IReadOnlyList<string> Table)
{
    /// <summary>The subjects of its findings, in order.</summary>
    public IEnumerable<string> Subjects => Findings.Select(finding => finding.Subject);

    /// <summary>Finds it in the report of the guest.</summary>
    public static DoctorReport Of(GuestReport report)
    {
        Assert.Empty(report.Of("doctor-error"));
        using var json = JsonDocument.Parse(string.Concat(report.Of("doctor-json")));
        return new(
            int.Parse(report.Of("doctor-exit").Single(), CultureInfo.InvariantCulture),
            [.. json.RootElement.GetProperty("findings").EnumerateArray().Select(Read)],
            [.. report.Of("doctor-table")]);
    }

    private static Finding Read(JsonElement finding) => new(
        finding.GetProperty("id").GetString()!, finding.GetProperty("subject").GetString()!, finding.GetProperty("severity").GetString()!,
        finding.GetProperty("text").GetString()!, [.. finding.GetProperty("details").EnumerateArray().Select(line => line.GetString()!)]);

    /// <param name="Id">Its name for programs.</param>
    /// <param name="Subject">What it is about.</param>
    /// <param name="Severity"><c>ok</c>, <c>warning</c> or <c>error</c>.</param>
    /// <param name="Text">What was found.</param>
    /// <param name="Details">What the client printed about it.</param>
    public sealed record Finding(string Id, string Subject, string Severity, string Text, IReadOnlyList<string> Details);
}
