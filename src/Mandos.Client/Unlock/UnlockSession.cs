using Mandos.Client.Hosting;
using Mandos.Core.Secrets;

namespace Mandos.Client.Unlock;

/// <summary>Carries out the <see cref="UnlockSchedule"/>; owns the password while there are disks to unlock.</summary>
/// <param name="fetchAsync">Fetches the password; null if there is none or the fetch was cancelled.</param>
/// <param name="askpass">Finds and answers the questions.</param>
/// <param name="messages">Prints what a user at the console must know.</param>
/// <param name="time">The clock.</param>
internal sealed class UnlockSession(
    Func<CancellationToken, Task<SecretBuffer?>> fetchAsync, Askpass askpass, Messages messages, TimeProvider time)
{
    /// <summary>The interval between polls of the initramfs; a poll without changes takes one or two system calls.</summary>
    internal static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(100);

    private readonly UnlockSchedule _schedule = new();
    private SecretBuffer? _password;

    /// <summary>Answers questions until cancelled or until the initramfs has been left; a fetch in progress has then ended too.</summary>
    internal async Task RunAsync(CancellationToken cancellationToken)
    {
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Task<SecretBuffer?>? fetch = null;
        var began = time.GetTimestamp();
        try
        {
            while (!cancellationToken.IsCancellationRequested && askpass.IsInstalled)
            {
                if (fetch is { IsCompleted: true })
                {
                    Take(await fetch, time.GetElapsedTime(began));
                    fetch = null;
                }

                if (Step(time.GetElapsedTime(began)) == UnlockStep.Fetch)
                    fetch = fetchAsync(ended.Token);
                var interval = Task.Delay(Interval, time, cancellationToken);
                await Task.WhenAny(fetch ?? interval, interval);
            }
        }
        finally
        {
            await ended.CancelAsync();
            if (fetch is not null)
                (await fetch)?.Dispose();
            _password?.Dispose();
        }
    }

    private UnlockStep Step(TimeSpan now)
    {
        var question = _password is null ? null : askpass.Find();
        if (_schedule.Refusal(question, now) is { } disk)
            messages.Warning($"disk {disk} rejected the fetched password; type it, or correct the secret on the server");
        var step = _schedule.Next(question, now);
        if (step == UnlockStep.Answer && askpass.Answer(_password!))
            _schedule.Answered(question!.Value, now);
        return step;
    }

    private void Take(SecretBuffer? password, TimeSpan now)
    {
        if (password is null)
        {
            _schedule.FetchFailed(now);
            return;
        }

        _schedule.Fetched(_password is { } before && before.Span.SequenceEqual(password.Span), now);
        _password?.Dispose();
        _password = password;
    }
}
