using Mandos.Notify.Events;

namespace Mandos.Notify.Tests;

/// <summary>Messages for tests.</summary>
internal static class Messages
{
    internal static readonly NotificationKind[] All = [.. Enum.GetValues<NotificationKind>()];

    internal static Notification Of(NotificationKind kind = NotificationKind.Disabled, string client = "web1") => new()
    {
        Id = "0b7c",
        Kind = kind,
        Clients = [client],
        Server = "vault",
        Time = Clients.Now,
        Title = $"{client} was disabled (server vault)",
        Details = "last successful check: never",
        Page = new Uri("https://mandos.example/client?name=web1"),
    };
}
