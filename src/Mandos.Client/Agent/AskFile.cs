using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;
using System.Text.Unicode;

namespace Mandos.Client.Agent;

/// <summary>
/// A question of systemd's password agent protocol (https://systemd.io/PASSWORD_AGENTS), as written in a file <c>ask.*</c>:
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
    /// <summary>The socket for the answer.</summary>
    internal required string Socket { get; init; }

    /// <summary>The process that asks.</summary>
    internal required int ProcessId { get; init; }

    /// <summary>When the question expires, by CLOCK_MONOTONIC; null if never.</summary>
    internal TimeSpan? NotAfter { get; init; }

    /// <summary>The subject of the question, for programs; may be empty.</summary>
    internal string Id { get; init; } = "";

    /// <summary>The text of the question, for people; may be empty.</summary>
    internal string Message { get; init; } = "";

    /// <summary>The subject, which is the same in every question about one disk.</summary>
    internal string Subject => Id.Length > 0 ? Id : Message;

    /// <summary>Parses a question; false, with the reason, if it cannot be answered.</summary>
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

    /// <summary>Parses microseconds. An invalid value means no limit, like 0.</summary>
    private static TimeSpan? ParseTime(string text)
    {
        if (!ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var microseconds) || microseconds == 0)
            return null;
        return microseconds < long.MaxValue / TimeSpan.TicksPerMicrosecond
            ? TimeSpan.FromTicks((long)microseconds * TimeSpan.TicksPerMicrosecond)
            : null;
    }
}
