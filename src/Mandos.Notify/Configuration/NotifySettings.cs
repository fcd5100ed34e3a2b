using Mandos.Notify.Events;

namespace Mandos.Notify.Configuration;

/// <summary>The settings of mandos-notify.</summary>
internal sealed record NotifySettings
{
    internal const string DefaultFile = "/etc/mandos/mandos-notify.conf";

    /// <summary>The address of the pages of mandos-web, for links; null if there are none.</summary>
    internal Uri? Pages { get; init; }

    internal IReadOnlyList<TargetSettings> Targets { get; init; } = [];
}

/// <summary>The settings of one target.</summary>
/// <param name="Name">The section, such as <c>webhook ops</c>.</param>
/// <param name="Kinds">What is sent to it.</param>
internal abstract record TargetSettings(string Name, IReadOnlySet<NotificationKind> Kinds);

/// <summary>A webhook.</summary>
/// <param name="Name">The section.</param>
/// <param name="Kinds">What is sent to it.</param>
/// <param name="Address">Where requests are sent; for Matrix, the server.</param>
/// <param name="Format">What the receiver understands.</param>
internal sealed record WebhookSettings(string Name, IReadOnlySet<NotificationKind> Kinds, Uri Address, WebhookFormat Format)
    : TargetSettings(Name, Kinds)
{
    /// <summary>The key of the signature; null for none.</summary>
    internal string? Secret { get; init; }

    /// <summary>The token of the header Authorization; null for none.</summary>
    internal string? Token { get; init; }

    /// <summary>The ID of the Matrix room.</summary>
    internal string? Room { get; init; }
}

/// <summary>What the receiver of a webhook understands.</summary>
internal enum WebhookFormat
{
    /// <summary>Our own JSON.</summary>
    Json,

    /// <summary>ntfy: the text, and headers.</summary>
    Ntfy,

    /// <summary>Slack, Mattermost, Rocket.Chat and others: a JSON object with a text.</summary>
    Slack,

    /// <summary>Matrix: the client-server API.</summary>
    Matrix,
}

/// <summary>Mail through sendmail(8).</summary>
/// <param name="Name">The section.</param>
/// <param name="Kinds">What is sent to it.</param>
/// <param name="To">The addresses.</param>
/// <param name="From">The sender; null lets sendmail choose.</param>
/// <param name="Sendmail">The program.</param>
internal sealed record MailSettings(
    string Name, IReadOnlySet<NotificationKind> Kinds, IReadOnlyList<string> To, string? From, string Sendmail)
    : TargetSettings(Name, Kinds)
{
    internal const string DefaultSendmail = "/usr/sbin/sendmail";
}

/// <summary>A command of the administrator.</summary>
/// <param name="Name">The section.</param>
/// <param name="Kinds">What is sent to it.</param>
/// <param name="Command">The command for the shell.</param>
internal sealed record CommandSettings(string Name, IReadOnlySet<NotificationKind> Kinds, string Command) : TargetSettings(Name, Kinds);
