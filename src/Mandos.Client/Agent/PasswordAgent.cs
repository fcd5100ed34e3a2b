using Mandos.Core.Linux;
using Mandos.Core.Secrets;
using Mandos.Core.Text;

namespace Mandos.Client.Agent;

/// <summary>
/// Answers questions until there are none. One loop owns all state: what happened in the directory goes into the
/// <see cref="QuestionBook"/>, which says what to send, and whether a client shall run.
/// </summary>
internal sealed class PasswordAgent(AgentOptions options, AgentDirectory directory, Messages messages, TimeProvider time) : IDisposable
{
    // Whoever asks may die without taking his question away.
    private static readonly TimeSpan PresencePause = TimeSpan.FromSeconds(5);

    private readonly QuestionBook _book = new(options.Linger);
    private readonly AnswerDelivery _delivery = new(messages);
    private ClientRun? _client;
    private SecretBuffer? _password;

    /// <summary>CLOCK_MONOTONIC, in which the questions give their time.</summary>
    private TimeSpan Now => time.GetElapsedTime(0);

    /// <summary>Runs until there is nothing left to answer; the result is an <see cref="ExitCode"/>.</summary>
    /// <exception cref="OperationCanceledException">A signal came; the client is ended.</exception>
    internal async Task<int> RunAsync(CancellationToken stop)
    {
        directory.Scan(_book, Now);
        if (_book.Count == 0)
        {
            messages.Error($"there is no question in \"{options.AgentDirectory}\"");
            return ExitCode.Failure;
        }

        using var ended = CancellationTokenSource.CreateLinkedTokenSource(stop);
        var watching = directory.WaitAsync(ended.Token);
        try
        {
            while (true)
            {
                stop.ThrowIfCancellationRequested();
                if (!directory.Update(_book, Now))
                {
                    messages.Error($"\"{options.AgentDirectory}\" is gone");
                    return ExitCode.Failure;
                }

                if (watching.IsCompleted)
                    watching = directory.WaitAsync(ended.Token);
                if (await TakeResultAsync() is { } failure)
                    return failure;
                Answer();
                if (await AdjustClientAsync() is { } exitCode)
                    return exitCode;
                if (_book.IsDone(Now))
                    return ExitCode.Success;
                await WaitAsync(watching, ended.Token);
            }
        }
        finally
        {
            await ended.CancelAsync();
            await StopClientAsync();
            // The watch must outlive who waits for it.
            await watching.ContinueWith(static _ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
        }
    }

    /// <inheritdoc />
    public void Dispose()
    {
        _password?.Dispose();
        _client?.Dispose();
    }

    /// <summary>Takes the password of a client that has ended; an exit code if there will never be one.</summary>
    private async Task<int?> TakeResultAsync()
    {
        if (_client is not { Result.IsCompleted: true })
            return null;
        var result = await _client.Result;
        _client.Dispose();
        _client = null;
        if (result.Password is { } password)
        {
            var isNew = _password is null || !_password.Span.SequenceEqual(password.Span);
            messages.Debug?.Invoke(isNew ? "the client gave a password" : "the client gave the same password as before");
            _password?.Dispose();
            _password = password;
            _book.Fetched(isNew, Now);
            return null;
        }

        // With a password known, another client would start from nothing and try it again: so this one stays.
        if (result.Exit.ExitCode != ExitCode.TemporaryFailure && _password is null)
        {
            messages.Error($"the client gave no password: {result.Exit}");
            return ExitCode.Failure;
        }

        messages.Warning($"the client gave no password: {result.Exit}; it is started again");
        _book.FetchFailed(Now);
        return null;
    }

    private void Answer()
    {
        foreach (var question in _book.Waiting())
        {
            if (ProcessPresence.IsThere(question.Ask!.ProcessId))
                continue;
            messages.Debug?.Invoke($"question \"{PrintableText.Of(question.Name)}\": process {question.Ask.ProcessId}, which asked it, is gone");
            QuestionBook.Abandoned(question);
        }

        _book.Expire(Now);
        if (_password is null)
            return;
        foreach (var question in _book.Due(Now))
        {
            switch (_delivery.Send(question, _password))
            {
                case DatagramResult.Sent:
                    _book.Answered(question, Now);
                    break;
                case DatagramResult.NotNow:
                    QuestionBook.Delayed(question, Now);
                    break;
                default:
                    QuestionBook.Abandoned(question);
                    break;
            }
        }
    }

    /// <summary>Starts or ends the client as the questions need it; an exit code if it cannot be started.</summary>
    private async Task<int?> AdjustClientAsync()
    {
        if (_client is not null && !_book.NeedsFetch())
            await StopClientAsync();
        if (_client is not null || !_book.MayFetch(Now))
            return null;
        messages.Debug?.Invoke($"starting {options.Client[0]}");
        if (ClientRun.TryStart(options, out _client, out var error))
            return null;
        messages.Error($"cannot start \"{options.Client[0]}\": {error}");
        return ExitCode.Failure;
    }

    private async Task StopClientAsync()
    {
        if (_client is null)
            return;
        messages.Debug?.Invoke("no question is left: ending the client");
        await _client.EndAsync(time);
        _client.Dispose();
        _client = null;
    }

    private async Task WaitAsync(Task watching, CancellationToken stop)
    {
        var wait = Timeout.InfiniteTimeSpan;
        if (_book.WakeAt(_client is not null) is { } at)
            wait = at > Now ? at - Now : TimeSpan.Zero;
        if (_book.Waiting().Count > 0 && (wait < TimeSpan.Zero || wait > PresencePause))
            wait = PresencePause;
        // Timers count whole milliseconds; one that fires early would only be set again.
        if (wait > TimeSpan.Zero)
            wait = TimeSpan.FromMilliseconds(Math.Ceiling(Math.Min(wait.TotalMilliseconds, int.MaxValue)));
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(stop);
        var pause = Task.Delay(wait, time, enough.Token);
        if (_client is null)
            await Task.WhenAny(watching, pause);
        else
            await Task.WhenAny(watching, pause, _client.Result);
        await enough.CancelAsync();
    }
}
