using System.Globalization;
using Mandos.BusClient;
using Mandos.Monitor.Drawing;

namespace Mandos.Monitor.Views;

/// <summary>A client's line in the list: its name and its state, with a countdown where something is about to happen.</summary>
internal static class ClientLine
{
    internal static (string Text, Tone Tone) State(ClientState client, DateTimeOffset now) => client.Status() switch
    {
        ClientStatus.Disabled => ("DISABLED", Tone.Error),
        ClientStatus.Pending when client.Flag("ApprovedByDefault") =>
            ($"waits for a decision, approved in {Left(client.Decides(), now)} (d: deny)", Tone.Notice),
        ClientStatus.Pending => ($"waits for a decision, denied in {Left(client.Decides(), now)} (a: approve)", Tone.Notice),
        ClientStatus.Failing when client.Maintenance() is { } end =>
            ($"in maintenance for {Left(end, now)}, the last check failed", Tone.Plain),
        ClientStatus.Enabled when client.Maintenance() is { } end => ($"enabled, in maintenance for {Left(end, now)}", Tone.Plain),
        ClientStatus.Failing => ($"the last check failed, disabled in {Left(client.Time("Expires"), now)}", Tone.Warning),
        _ => ("enabled", Tone.Plain),
    };

    /// <summary>The time until then, never below zero: <c>H:MM:SS</c>.</summary>
    internal static string Left(DateTimeOffset? then, DateTimeOffset now)
    {
        if (then is not { } time)
            return "?";
        var left = time > now ? time - now : TimeSpan.Zero;
        return string.Create(CultureInfo.InvariantCulture, $"{(long)left.TotalHours}:{left.Minutes:00}:{left.Seconds:00}");
    }
}
