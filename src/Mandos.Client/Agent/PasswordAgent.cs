using Mandos.Client.Hosting;
using Mandos.Core.Durations;
using Mandos.Core.Linux.Processes;
using Mandos.Core.Linux.Sockets;
using Mandos.Core.Secrets;
using Mandos.Core.Text;

namespace Mandos.Client.Agent;

/// <summary>
/// Answers questions until there are none left. One loop owns all state: changes in the directory go into the <see cref="QuestionBook"/>,
/// which decides what to send and whether a client should run.
/// </summary>
internal sealed class PasswordAgent(AgentOptions options, AgentDirectory directory, Messages messages, TimeProvider time) : IDisposable
{
    // The program that asks may exit without removing its question.
    private static readonly TimeSpan PresencePause = TimeSpan.FromSeconds(5);

    private readonly QuestionBook _book = new(options.Linger);
    private readonly AnswerDelivery _delivery = new(messages);
    private ClientRun? _client;
    private SecretBuffer? _password;
    private bool _isHopeless;

    /// <summary>The time by CLOCK_MONOTONIC, which questions use too.</summary>
    private TimeSpan Now => time.GetElapsedTime(0);

    /// <summary>Runs until there is nothing left to answer; returns an <see cref="ExitCode"/>.</summary>
    /// <exception cref="OperationCanceledException">A signal arrived; the client has been stopped.</exception>
    internal async Task<int> RunAsync(CancellationToken cancellationToken)
    {
        directory.Scan(_book, Now);
        if (_book.Questions.Count == 0)
            return Fail($"no question in \"{options.AgentDirectory}\"");
        try
        {
            while (true)
            {
                cancellationToken.ThrowIfCancellationRequested();
                if (!directory.Update(_book, Now))
                    return Fail($"\"{options.AgentDirectory}\" no longer exists");
                if (_client is { Ended.IsCancellationRequested: true } && !TakeResult())
                    return ExitCode.Failure;
                DropStale();
                Answer();
                if (_client is not null && !_book.NeedsFetch())
                    await StopClientAsync();
                if (_client is null && _book.MayFetch(Now) && !ClientRun.TryStart(options, time, out _client, out var error))
                    return Fail($"cannot start \"{options.Client[0]}\": {error}");
                if (_book.IsDone(Now))
                    return _isHopeless ? ExitCode.Failure : ExitCode.Success;

                using var limit = new CancellationTokenSource(Pause(), time);
                using var enough = CancellationTokenSource.CreateLinkedTokenSource(
                    cancellationToken, limit.Token, _client?.Ended ?? CancellationToken.None);
                try
                {
                    await directory.WaitAsync(enough.Token);
                }
                catch (OperationCanceledException)
                {
                    // The pause is over.
                }
            }
        }
        finally
        {
            await StopClientAsync();
        }
    }

    /// <inheritdoc />
    public void Dispose()
    {
        _password?.Dispose();
        _client?.Dispose();
    }

    private int Fail(string text)
    {
        messages.Error(text);
        return ExitCode.Failure;
    }

    /// <summary>Takes the password of a client that has ended; false if there will never be one.</summary>
    private bool TakeResult()
    {
        using var ended = _client!;
        _client = null;
        if (ended.TakePassword() is { } password)
        {
            var isNew = _password is null || !_password.Span.SequenceEqual(password.Span);
            messages.Debug?.Invoke(isNew ? "the client gave a password" : "the client gave the same password as before");
            _password?.Dispose();
            _password = password;
            _book.Fetched(isNew, Now);
            return true;
        }

        // Bad keys or options. If the agent exited, systemd would restart it as long as the question exists; if it stays, the console is
        // left to the user who types.
        if (ended.Exit.ExitCode is ExitCode.Usage or ExitCode.Unavailable && _password is null)
        {
            messages.Error($"the client cannot get a password: {ended.Exit}; not starting it again");
            _isHopeless = true;
            _book.FetchImpossible();
            return true;
        }

        // The agent stays because it knows a password; a new agent would not know it and would try it again.
        if (ended.Exit.ExitCode != ExitCode.TemporaryFailure && _password is null)
        {
            messages.Error($"the client gave no password: {ended.Reason}");
            return false;
        }

        messages.Warning($"the client gave no password: {ended.Reason}; starting it again");
        _book.FetchFailed(Now);
        return true;
    }

    /// <summary>Drops questions for which no program waits any more.</summary>
    private void DropStale()
    {
        foreach (var question in _book.Questions)
        {
            if (question.State != QuestionState.Waiting || ProcessPresence.IsThere(question.Ask!.ProcessId))
                continue;
            messages.Debug?.Invoke(
                $"question \"{PrintableText.Of(question.Name)}\": process {question.Ask.ProcessId}, which asked it, has exited");
            QuestionBook.Abandoned(question);
        }

        _book.Expire(Now);
    }

    private void Answer()
    {
        foreach (var question in _book.Due(Now))
        {
            var result = _delivery.Send(question, _password!);
            if (result == DatagramResult.Sent)
                _book.Answered(question, Now);
            else if (result == DatagramResult.NotNow)
                QuestionBook.Delayed(question, Now);
            else
                QuestionBook.Abandoned(question);
        }
    }

    private async Task StopClientAsync()
    {
        if (_client is null)
            return;
        messages.Debug?.Invoke("terminating the client");
        await _client.EndAsync();
        _client.Dispose();
        _client = null;
    }

    /// <summary>How long to wait if nothing happens.</summary>
    private TimeSpan Pause()
    {
        var pause = _book.WakeAt(_client is not null) - Now ?? TimeSpan.MaxValue;
        if (pause > PresencePause)
            pause = _book.Questions.Count > 0 ? PresencePause : TimeSpan.FromSeconds(60);
        return TimerTime.Of(pause);
    }
}
