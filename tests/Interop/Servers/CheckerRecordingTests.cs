using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Mandos.Interop.Servers;

/// <summary>The recorded commands of checkers (tests/golden/checkers) are what the original makes of the same configuration.</summary>
public sealed partial class CheckerRecordingTests : InteropTest
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    // Clients with a command that cannot be filled in have had their first turn by then, too.
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(10);

    public static TheoryData<string> Releases => [.. DebianRelease.All.Select(r => r.Suite)];

    [Theory, MemberData(nameof(Releases))]
    public async Task The_original_expands_checkers_as_recorded(string suite)
    {
        var machine = await Lab.MachineAsync("server", DebianRelease.Named(suite));
        await machine.ShellAsync("mkdir -m 777 /tmp/commands", Token);
        var recordings = Recordings();
        var began = TimeProvider.System.GetTimestamp();
        await MandosServer.StartAsync(machine, Implementation.Original, new() { Clients = Configuration(recordings) }, Token);

        var expected = recordings.Where(r => r.Command is not null).ToDictionary(r => r.Name, r => r.Command!);
        var folder = machine.HostPath("/tmp/commands");
        while (TimeProvider.System.GetElapsedTime(began) < Patience
            && (
                Directory.GetFiles(folder).Count(f => new FileInfo(f).Length > 0) < expected.Count
                    || TimeProvider.System.GetElapsedTime(began) < Interval + TimeSpan.FromSeconds(5)))
            await Task.Delay(100, Token);

        var seen = Directory.GetFiles(folder).ToDictionary(f => Path.GetFileName(f), f => Normalized(File.ReadAllText(f)));
        Assert.Equal(expected.OrderBy(e => e.Key), seen.OrderBy(s => s.Key));
    }

    /// <summary>The shell writes down its own command, up to which the recording begins, and ends.</summary>
    private static string Configuration(List<Recording> recordings)
    {
        var text = new StringBuilder($"""
            [DEFAULT]
            timeout = PT1H
            interval = PT{Interval.TotalSeconds:F0}S
            approval_delay = P1DT2H3M
            secret = aGk=

            """);
        foreach (var recording in recordings)
        {
            var key = Convert.ToHexStringLower(
                SHA256.HashData(
                    Encoding.ASCII.GetBytes(
                        int.Parse(recording.Name[1..], CultureInfo.InvariantCulture).ToString(CultureInfo.InvariantCulture))));
            text.Append(CultureInfo.InvariantCulture, $"""

                [{recording.Name}]
                key_id = {key}
                fingerprint = {key[..40]}
                host = {Escaped(recording.Host).Replace("\n", "\n  ", StringComparison.Ordinal)}
                checker = f=/tmp/commands/{recording.Name}; test -e $f || cat /proc/$$/cmdline >$f; exit
                  {Escaped(recording.Template)}

                """);
        }

        return text.ToString();

        static string Escaped(string value) => value.Replace("%", "%%", StringComparison.Ordinal);
    }

    private static string Normalized(string arguments)
    {
        // sh NUL -c NUL command NUL
        var command = arguments.Split('\0')[2];
        command = command[(command.IndexOf("; exit\n", StringComparison.Ordinal) + "; exit\n".Length)..];
        return Times().Replace(command, "'TIME").Replace("0:00:10", "0:00:20", StringComparison.Ordinal);
    }

    private static List<Recording> Recordings()
    {
        using var document = JsonDocument.Parse(Golden.Text("checkers/expansions.json"));
        return [.. document.RootElement.EnumerateArray().Select(e => new Recording(
            e.GetProperty("name").GetString()!, e.GetProperty("template").GetString()!, e.GetProperty("host").GetString()!,
            e.GetProperty("command").GetString()))];
    }

    [GeneratedRegex(@"'\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{6}")]
    private static partial Regex Times();

    private sealed record Recording(string Name, string Template, string Host, string? Command);
}
