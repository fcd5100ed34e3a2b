namespace Mandos.Notify.Events;

/// <summary>What a person is notified of.</summary>
internal enum NotificationKind
{
    /// <summary>A client waits for a decision.</summary>
    Waiting,

    /// <summary>A client will be disabled unless a check succeeds.</summary>
    ExpiresSoon,

    /// <summary>A client was disabled.</summary>
    Disabled,

    /// <summary>A client received its secret.</summary>
    Delivered,

    /// <summary>A peer with a key that belongs to no client asked for a secret.</summary>
    UnknownKey,

    /// <summary>An administrator tries the targets.</summary>
    Test,
}

/// <summary>A message for people.</summary>
internal sealed record Notification
{
    /// <summary>How many clients a combined message names.</summary>
    private const int MostNames = 10;

    /// <summary>The version of the JSON format; see mandos-notify(8).</summary>
    internal const int FormatVersion = 1;

    /// <summary>A unique ID. It stays the same when the message is sent again.</summary>
    internal string Id { get; init; } = Guid.NewGuid().ToString("D");

    internal required NotificationKind Kind { get; init; }

    /// <summary>The names of the clients; empty if it is about none.</summary>
    internal IReadOnlyList<string> Clients { get; init; } = [];

    /// <summary>How often it happened; more than once if messages were combined.</summary>
    internal int Count { get; init; } = 1;

    /// <summary>The host name of the server.</summary>
    internal required string Server { get; init; }

    /// <summary>When it happened; the last time if messages were combined.</summary>
    internal required DateTimeOffset Time { get; init; }

    /// <summary>What happened, in one line.</summary>
    internal required string Title { get; init; }

    /// <summary>More about it; empty if the title says everything.</summary>
    internal string Details { get; init; } = "";

    /// <summary>When it ends by itself: a decision is made without an operator, or the client is disabled. Null if it does not.</summary>
    internal DateTimeOffset? Deadline { get; init; }

    /// <summary>The page of the client, or of all clients; null if there are no pages.</summary>
    internal Uri? Page { get; init; }

    /// <summary>Title and details.</summary>
    internal string Text => Details.Length == 0 ? Title : $"{Title}\n{Details}";

    /// <summary>The name of a kind in the configuration and in JSON.</summary>
    internal static string NameOf(NotificationKind kind) => kind switch
    {
        NotificationKind.Waiting => "waiting",
        NotificationKind.ExpiresSoon => "expires_soon",
        NotificationKind.Disabled => "disabled",
        NotificationKind.Delivered => "delivered",
        NotificationKind.UnknownKey => "unknown_key",
        _ => "test",
    };

    /// <summary>Combines messages of one kind into one.</summary>
    /// <param name="all">At least two, the earliest first.</param>
    internal static Notification Combine(IReadOnlyList<Notification> all)
    {
        var first = all[0];
        string[] names = [.. all.SelectMany(one => one.Clients).Distinct()];
        var what = first.Kind switch
        {
            NotificationKind.Waiting => "clients wait for approval",
            NotificationKind.ExpiresSoon => "clients will be disabled unless a check succeeds",
            NotificationKind.Disabled => "clients were disabled",
            NotificationKind.Delivered => "clients received their secrets",
            _ => "times a peer with an unknown key asked for a secret",
        };
        var shown = names.Length <= MostNames ? names : names[..(MostNames - 1)];
        var more = names.Length - shown.Length;
        var count = all.Sum(one => one.Count);
        return first with
        {
            Id = Guid.NewGuid().ToString("D"),
            Clients = names,
            Count = count,
            Time = all[^1].Time,
            Title = $"{(names.Length > 0 ? names.Length : count)} {what} (server {first.Server})",
            Details = string.Join(", ", shown) + (more > 0 ? $" and {more} more" : ""),
            // While one still waits, there is something to decide; and the first client to be disabled is the most urgent.
            Deadline = first.Kind == NotificationKind.Waiting ? all.Max(one => one.Deadline) : all.Min(one => one.Deadline),
            Page = first.Page is null ? null : new Uri(first.Page, "/"),
        };
    }
}
