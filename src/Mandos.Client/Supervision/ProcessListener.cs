using Mandos.Client.ProcessBoundary;
using Mandos.Core.Linux;
using Mandos.Core.Linux.FileDescriptors;
using Mandos.Core.Secrets;

namespace Mandos.Client.Supervision;

/// <summary>
/// Receives everything that the network process sends, on one thread. It waits only in poll(2), so that a process that sends an incomplete
/// message, floods a pipe, or leaves one open cannot block it.
/// <code>
///   password ─▶ PasswordReception ─▶ Password
///   messages ─▶ MessageRelay ─▶ standard error
///   control  ─▶ Requests
/// </code>
/// </summary>
internal sealed class ProcessListener : IDisposable
{
    // The limit at the end: more than a pipe holds, so that a remaining writer does not delay the end.
    private const int MostLastPieces = 64;

    private readonly Wakeup _wakeup = new();
    private readonly PasswordReception _reception = new();
    private readonly TaskCompletionSource<SecretBuffer?> _password = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Descriptor _terminal;
    private readonly MessageRelay _relay;
    private readonly int _target;
    private readonly Thread _thread;
    private int _control;
    private int _passwordPipe;
    private int _messages;
    private volatile Action<ControlMessage>? _requests;
    private volatile bool _stopped;

    /// <summary>
    /// Starts to listen. The descriptors must be non-blocking (O_NONBLOCK) and stay open until <see cref="Stop"/> has returned.
    /// </summary>
    /// <param name="control">The supervisor's end of the <see cref="ControlChannel"/>.</param>
    /// <param name="password">The pipe for the password.</param>
    /// <param name="messages">The pipe for messages.</param>
    /// <param name="target">The descriptor to which messages are relayed.</param>
    internal ProcessListener(int control, int password, int messages, int target)
    {
        _terminal = Descriptor.ReopenTerminal(target);
        (_control, _passwordPipe, _messages, _target) =
            (control, password, messages, _terminal.Number >= 0 ? _terminal.Number : target);
        _relay = new MessageRelay(_target);
        _thread = new Thread(Run, ThreadStack) { IsBackground = true };
        _thread.Start();
    }

    private const int ThreadStack = 256 * 1024;

    /// <summary>Completes with the password, or with null if the process will not send one. The receiver owns it.</summary>
    internal Task<SecretBuffer?> Password => _password.Task;

    /// <summary>Handles requests from now on; earlier ones have waited.</summary>
    internal void Listen(Action<ControlMessage> requests)
    {
        _requests = requests;
        _wakeup.Wake();
    }

    /// <summary>Accepts no password from now on.</summary>
    internal void GiveUp() => _password.TrySetResult(null);

    /// <summary>Relays the remaining messages and stops listening.</summary>
    internal void Stop()
    {
        _stopped = true;
        _wakeup.Wake();
        _thread.Join();
    }

    /// <inheritdoc />
    public void Dispose()
    {
        Stop();
        _reception.Dispose();
        _wakeup.Dispose();
        _terminal.Dispose();
    }

    private void Run()
    {
        Span<PollEntry> entries = stackalloc PollEntry[5];
        while (!_stopped)
        {
            var requests = _requests;
            entries[1] = new PollEntry { Descriptor = _passwordPipe, Events = PollEntry.Readable };
            entries[2] = new PollEntry { Descriptor = _relay.IsPending ? -1 : _messages, Events = PollEntry.Readable };
            entries[3] = new PollEntry { Descriptor = _relay.IsPending ? _target : -1, Events = PollEntry.Writable };
            entries[4] = new PollEntry { Descriptor = requests is null ? -1 : _control, Events = PollEntry.Readable };
            _wakeup.Wait(entries, -1);
            if (entries[1].Returned != 0)
                TakePassword();
            if (entries[2].Returned != 0)
                TakeMessages(out _);
            if (entries[3].Returned != 0)
                _relay.Pass();
            if (entries[4].Returned != 0 && !TakeRequest(requests!))
                _control = -1;
        }

        TakeLastWords();
        GiveUp();
    }

    private void TakePassword()
    {
        if (!_reception.Take(_passwordPipe))
            return;
        _passwordPipe = -1;
        var password = _reception.TakePassword();
        if (!_password.TrySetResult(password))
            password?.Dispose();
    }

    private void TakeMessages(out bool any)
    {
        if (!_relay.Take(_messages, out any))
            _messages = -1;
    }

    /// <summary>Reads a request. False at the end, and after an invalid message, after which no password is accepted either.</summary>
    private bool TakeRequest(Action<ControlMessage> handle)
    {
        // One byte more, so that a longer message does not pass as a valid one.
        Span<byte> bytes = stackalloc byte[ControlMessage.Size + 1];
        var error = DescriptorIo.TryRead(_control, bytes, out var count);
        if (error.Code == Errno.TryAgain)
            return true;
        if (!error.Ok || count == 0)
            return false;
        if (!ControlMessage.TryDecode(bytes[..count], out var message))
        {
            GiveUp();
            return false;
        }

        handle(message);
        return true;
    }

    private void TakeLastWords()
    {
        for (var i = 0; i < MostLastPieces; i++)
        {
            Span<PollEntry> target = [default, new PollEntry { Descriptor = _target, Events = PollEntry.Writable }];
            _wakeup.Wait(target, 0);
            if (_relay.IsPending && target[1].Returned != 0)
                _relay.Pass();
            if (_relay.IsPending || _messages < 0)
                return;
            TakeMessages(out var any);
            if (!any)
                return;
        }
    }
}
