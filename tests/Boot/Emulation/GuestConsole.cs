using System.Net.Sockets;
using System.Text;

namespace Mandos.Boot.Emulation;

/// <summary>The serial console of a virtual machine: what it shows, with times, and a keyboard.</summary>
public sealed class GuestConsole : IAsyncDisposable
{
    private readonly NetworkStream _stream;
    private readonly Action<string> _log;
    private readonly StringBuilder _text = new();
    private readonly List<(int End, long Time)> _times = [];
    private readonly StringBuilder _line = new();
    private readonly Task _reading;
    private TaskCompletionSource _more = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private bool _ended;

    /// <summary>Reads from <paramref name="socket"/> until the machine is off.</summary>
    internal GuestConsole(Socket socket, Action<string> log)
    {
        _stream = new(socket, ownsSocket: true);
        _log = log;
        _reading = ReadAsync();
    }

    /// <summary>Everything shown up to now.</summary>
    public string Text
    {
        get
        {
            lock (_text)
                return _text.ToString();
        }
    }

    /// <summary>The end of what was shown up to now: only what comes later is behind it.</summary>
    public Sight Now
    {
        get
        {
            lock (_text)
                return new(_text.Length, TimeProvider.System.GetTimestamp());
        }
    }

    /// <summary>Waits until <paramref name="text"/> is shown, at or behind <paramref name="from"/>; returns where it is.</summary>
    public async Task<Sight> WaitForAsync(string text, TimeSpan limit, CancellationToken cancellationToken, Sight? from = null)
    {
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        timeout.CancelAfter(limit);
        while (true)
        {
            Task more;
            lock (_text)
            {
                if (Find(text, from?.End ?? 0) is { } sight)
                    return sight;
                if (_ended)
                    throw new InvalidOperationException($"the machine went off without showing \"{text}\"; its console:\n{_text}");
                more = _more.Task;
            }

            try
            {
                await more.WaitAsync(timeout.Token);
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
                throw new TimeoutException($"\"{text}\" was not shown within {limit.TotalSeconds} s; the console:\n{Text}");
            }
        }
    }

    /// <summary>Where <paramref name="text"/> was first shown, or null.</summary>
    public Sight? Find(string text, int from = 0)
    {
        lock (_text)
        {
            var start = _text.ToString().IndexOf(text, from, StringComparison.Ordinal);
            if (start < 0)
                return null;
            var end = start + text.Length;
            return new(end, _times.First(t => t.End >= end).Time);
        }
    }

    /// <summary>Types text and presses Enter.</summary>
    public async Task TypeLineAsync(string text, CancellationToken cancellationToken)
    {
        _log($"console, typed: {text}");
        await _stream.WriteAsync(Encoding.UTF8.GetBytes(text + "\r"), cancellationToken);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stream.DisposeAsync();
        await _reading;
    }

    private async Task ReadAsync()
    {
        var buffer = new byte[4096];
        try
        {
            int count;
            while ((count = await _stream.ReadAsync(buffer)) > 0)
                Take(Encoding.UTF8.GetString(buffer, 0, count), TimeProvider.System.GetTimestamp());
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException)
        {
            // The machine is off.
        }

        lock (_text)
        {
            _ended = true;
            _more.TrySetResult();
        }
    }

    private void Take(string text, long time)
    {
        lock (_text)
        {
            _text.Append(text);
            _times.Add((_text.Length, time));
            foreach (var character in text)
            {
                if (character != '\n')
                {
                    _line.Append(character);
                }
                else
                {
                    _log($"console| {_line.ToString().TrimEnd('\r')}");
                    _line.Clear();
                }
            }

            _more.TrySetResult();
            _more = new(TaskCreationOptions.RunContinuationsAsynchronously);
        }
    }
}
