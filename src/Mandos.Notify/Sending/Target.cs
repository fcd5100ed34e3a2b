using System.Globalization;
using Mandos.Notify.Configuration;
using Mandos.Notify.Events;

namespace Mandos.Notify.Sending;

/// <summary>Somewhere messages are sent to.</summary>
internal abstract class Target(TargetSettings settings)
{
    /// <summary>The time limit of one attempt.</summary>
    internal static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    /// <summary>The section of the configuration.</summary>
    internal string Name => settings.Name;

    /// <summary>Whether such messages are sent to it.</summary>
    internal bool Takes(NotificationKind kind) => kind == NotificationKind.Test || settings.Kinds.Contains(kind);

    /// <summary>Tries once; does not throw, unless cancelled.</summary>
    internal async Task<SendOutcome> SendAsync(Notification notification, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(Limit);
        try
        {
            return await TrySendAsync(notification, limit.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return SendOutcome.Temporary(string.Create(CultureInfo.InvariantCulture, $"no answer within {Limit.TotalSeconds} s"));
        }
    }

    private protected abstract Task<SendOutcome> TrySendAsync(Notification notification, CancellationToken cancellationToken);

    /// <summary>Creates the target of some settings.</summary>
    internal static Target Of(TargetSettings settings, HttpClient http, TimeProvider time) => settings switch
    {
        WebhookSettings webhook => new WebhookTarget(webhook, http, time),
        MailSettings mail => new MailTarget(mail),
        CommandSettings command => new CommandTarget(command),
        _ => throw new ArgumentOutOfRangeException(nameof(settings)),
    };
}

/// <summary>How an attempt ended.</summary>
/// <param name="Problem">Why it failed; null if it did not.</param>
/// <param name="IsTemporary">Whether another attempt may succeed.</param>
/// <param name="RetryAfter">When the receiver wants the next attempt; null if it does not say.</param>
internal readonly record struct SendOutcome(string? Problem, bool IsTemporary, TimeSpan? RetryAfter)
{
    internal static SendOutcome Sent => default;

    internal static SendOutcome Temporary(string problem, TimeSpan? retryAfter = null) => new(problem, true, retryAfter);

    internal static SendOutcome Permanent(string problem) => new(problem, false, null);
}
