using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;
using System.Text.Unicode;

namespace Mandos.Client.Agent;

/// <summary>
/// A question of systemd's password agent protocol (https://systemd.io/PASSWORD_AGENTS), as it stands in a file
/// <c>ask.*</c>:
/// <code>
/// [Ask]
/// PID=181
/// Socket=/run/systemd/ask-password/sck.50eaa4fca00c5cbc
/// NotAfter=0
/// Message=Please enter passphrase for disk root
/// Id=cryptsetup:/dev/sda3
/// </code>
/// </summary>
internal sealed class AskFile
{
    /// <summary>Where the answer goes.</summary>
    internal required string Socket { get; init; }

    /// <summary>Who asks.</summary>
    internal required int ProcessId { get; init; }

    /// <summary>When the question ends, in CLOCK_MONOTONIC; null if never.</summary>
    internal TimeSpan? NotAfter { get; init; }

    /// <summary>What it is about, for programs; may be empty.</summary>
    internal string Id { get; init; } = "";

    /// <summary>What it is about, for people; may be empty.</summary>
    internal string Message { get; init; } = "";

    /// <summary>The same disk has the same subject in every question.</summary>
    internal string Subject => Id.Length > 0 ? Id : Message;

    /// <summary>Reads a question; false, with the reason, if it is none that can be answered.</summary>
    internal static bool TryParse(ReadOnlySpan<byte> bytes, [NotNullWhen(true)] out AskFile? ask, out string problem)
    {
        ask = null;
        problem = "it is not UTF-8";
        if (!Utf8.IsValid(bytes))
            return false;
        var keys = new AskKeys();
        problem = keys.Read(Encoding.UTF8.GetString(bytes));
        if (problem.Length > 0)
            return false;
        if (keys.Socket is not ['/', ..] || keys.Socket.Contains('\0', StringComparison.Ordinal))
            problem = keys.Socket.Length == 0 ? "it names no socket" : "the path of its socket does not begin with '/'";
        else if (!int.TryParse(keys.ProcessId, NumberStyles.None, CultureInfo.InvariantCulture, out var processId) || processId == 0)
            problem = keys.ProcessId.Length == 0 ? "it names no process" : "its process ID is invalid";
        else
            ask =
                new AskFile
                {
                    Socket = keys.Socket,
                    ProcessId = processId,
                    NotAfter = ParseTime(keys.NotAfter),
                    Id = keys.Id,
                    Message = keys.Message
                };
        return ask is not null;
    }

    /// <summary>Microseconds; what cannot be read is no limit, as 0 is none.</summary>
    private static TimeSpan? ParseTime(string text)
    {
        if (!ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var microseconds) || microseconds == 0)
            return null;
        return microseconds < long.MaxValue / TimeSpan.TicksPerMicrosecond
            ? TimeSpan.FromTicks((long)microseconds * TimeSpan.TicksPerMicrosecond)
            : null;
    }
}
