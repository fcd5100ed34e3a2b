using System.Diagnostics;
using Mandos.Core.Text;
using Mandos.Notify.Configuration;
using Mandos.Notify.Events;

namespace Mandos.Notify.Sending;

/// <summary>A command of the administrator, with the message as JSON on its standard input.</summary>
internal sealed class CommandTarget(CommandSettings settings) : ProgramTarget(settings)
{
    private readonly CommandSettings _settings = settings;

    private protected override Task<SendOutcome> TrySendAsync(Notification notification, CancellationToken cancellationToken)
    {
        var start = new ProcessStartInfo("/bin/sh") { ArgumentList = { "-c", _settings.Command } };
        start.Environment["MANDOS_EVENT"] = Notification.NameOf(notification.Kind);
        start.Environment["MANDOS_CLIENT"] = notification.Clients is [var only] ? Plain(only) : "";
        start.Environment["MANDOS_TITLE"] = Plain(notification.Title);
        start.Environment["MANDOS_DETAILS"] = Plain(notification.Details);
        start.Environment["MANDOS_PAGE"] = notification.Page?.AbsoluteUri ?? "";
        return RunAsync(start, [.. WebhookBody.Own(notification), (byte)'\n'], cancellationToken);
    }

    /// <summary>A command asks for it; any other failure, such as that of a test at its end, would be the same again.</summary>
    private protected override bool IsTemporary(int exitCode) => exitCode == TemporaryFailure;

    /// <summary>One line without control characters.</summary>
    private static string Plain(string text) => PrintableText.Of(text);
}
