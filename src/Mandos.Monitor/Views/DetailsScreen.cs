using Mandos.BusClient;
using Mandos.Monitor.Drawing;

namespace Mandos.Monitor.Views;

/// <summary>Everything that the server reports of a client.</summary>
internal static class DetailsScreen
{
    private static readonly (string Title, string Property)[] Durations =
        [("Timeout", "Timeout"), ("Extended timeout", "ExtendedTimeout"), ("Check interval", "Interval"),
            ("Approval delay", "ApprovalDelay"), ("Approval duration", "ApprovalDuration")];

    private static readonly (string Title, string Property)[] Times =
        [("Created", "Created"), ("Last enabled", "LastEnabled"), ("Last disabled", "LastDisabled"), ("Last good check", "LastCheckedOK"),
            ("Last approval request", "LastApprovalRequest"), ("Expires", "Expires")];

    private static string MaintenanceOf(ClientState client, DateTimeOffset now) =>
        client.Maintenance() is { } end ? $"until {Describe(end, now)}" : "no";

    internal static void Draw(Canvas canvas, int top, int rows, ClientState client, DateTimeOffset now)
    {
        var lines = new List<(string Title, string Value)>
        {
            ("Name", client.Name),
            ("State", ClientLine.State(client, now).Text),
            ("Host", client.Text("Host")),
            ("Key ID", client.Text("KeyID")),
            ("Fingerprint", client.Text("Fingerprint")),
            ("Checker", client.Text("Checker")),
            ("Check is running", client.Flag("CheckerRunning") ? "yes" : "no"),
            ("Last check", client.Number("LastCheckerStatus") switch
            {
                0 => "succeeded",
                -1 => "was killed by a signal",
                -2 => "none yet",
                var code => FormattableString.Invariant($"failed with exit code {code}"),
            }),
        };
        lines.AddRange(Times.Select(one => (one.Title, client.Time(one.Property) is { } time ? Describe(time, now) : "never")));
        lines.Add(("Maintenance", MaintenanceOf(client, now)));
        lines.AddRange(Durations.Select(one => (one.Title, Moments.Rough(client.Span(one.Property)))));
        lines.Add(("Approved by default", client.Flag("ApprovedByDefault") ? "yes" : "no"));
        var row = 0;
        foreach (var (title, value) in lines)
        {
            if (row >= rows)
                return;
            canvas.Put(top + row, 0, title, new(Bold: true));
            foreach (var part in canvas.Wrap(value, Math.Max(1, canvas.Columns - TitleWidth)))
            {
                if (row < rows)
                    canvas.Put(top + row++, TitleWidth, part);
            }
        }
    }

    private const int TitleWidth = 23;

    private static string Describe(DateTimeOffset time, DateTimeOffset now) =>
        $"{Moments.Local(time)} ({(time > now ? $"in {Moments.Rough(time - now)}" : $"{Moments.Rough(now - time)} ago")})";
}
