using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using System.Threading.Channels;

namespace Mandos.Peers.Machines;

/// <summary>A program that was started; ends at the latest when this is disposed.</summary>
public sealed class RunningProcess : IAsyncDisposable
{
    private readonly Process _process;
    private readonly string _name;
    private readonly ProcessOptions _options;
    private readonly long _began = Stopwatch.GetTimestamp();
    private readonly MemoryStream _output = new();
    private readonly StringBuilder _errors = new();
    private readonly Channel<string> _lines = Channel.CreateUnbounded<string>();
    private readonly Task _reading;
    private long _ended;
    private bool _disposed;

    private RunningProcess(string name, Process process, ProcessOptions options)
    {
        _name = name;
        _process = process;
        _options = options;
        _reading = Task.WhenAll(ReadOutputAsync(), ReadErrorsAsync()).ContinueWith(
            _ => _lines.Writer.TryComplete(), CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
    }

    /// <summary>The process id as the host sees it. Of a program on a machine: of the program that entered the machine.</summary>
    public int ProcessId => _process.Id;

    /// <summary>As started.</summary>
    public string CommandLine => string.Join(' ', _process.StartInfo.ArgumentList);

    /// <summary>True when the program has ended.</summary>
    public bool HasExited => _process.HasExited;

    /// <summary>Standard error up to now.</summary>
    public string Errors
    {
        get
        {
            lock (_errors)
                return _errors.ToString();
        }
    }

    /// <summary>Starts a program.</summary>
    public static RunningProcess Start(string name, string file, IEnumerable<string> arguments, ProcessOptions options)
    {
        var start = new ProcessStartInfo(file)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = "/",
        };
        foreach (var argument in arguments)
            start.ArgumentList.Add(argument);
        start.Environment["LC_ALL"] = "C.UTF-8";
        foreach (var (variable, value) in options.Environment)
            start.Environment[variable] = value;
        var process = Process.Start(start) ?? throw new InvalidOperationException($"{file} did not start");
        var running = new RunningProcess(name, process, options);
        if (options.Input is { } input)
            _ = running.WriteInputAsync(input);
        return running;
    }

    /// <summary>
    /// Waits for the end, for <paramref name="limit"/> or longer; then the program is killed and this fails with what it said.
    /// </summary>
    public async Task<CompletedProcess> WaitAsync(TimeSpan limit, CancellationToken cancellationToken) =>
        await EndWithinAsync(Patience.AtLeast(limit), cancellationToken)
            ?? throw new TimeoutException($"{_name} did not end within {Patience.AtLeast(limit).TotalSeconds} s; it said:\n{Errors}");

    /// <summary>Waits for the end, for exactly <paramref name="limit"/>; null: it did not come, and the program was killed.</summary>
    public async Task<CompletedProcess?> EndWithinAsync(TimeSpan limit, CancellationToken cancellationToken)
    {
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        timeout.CancelAfter(limit);
        try
        {
            await _process.WaitForExitAsync(timeout.Token);
            await _reading.WaitAsync(timeout.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            await DisposeAsync();
            return null;
        }

        return new(_process.ExitCode, _output.ToArray(), Errors, Stopwatch.GetElapsedTime(_began, _ended));
    }

    /// <summary>
    /// Waits, for <paramref name="limit"/> or longer, until a line of output or error matches, and returns that line. Lines
    /// before it are used up.
    /// </summary>
    public async Task<string> WaitForLineAsync(string pattern, TimeSpan limit, CancellationToken cancellationToken)
    {
        limit = Patience.AtLeast(limit);
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        timeout.CancelAfter(limit);
        try
        {
            await foreach (var line in _lines.Reader.ReadAllAsync(timeout.Token))
            {
                if (Regex.IsMatch(line, pattern))
                    return line;
            }
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new TimeoutException($"{_name} did not say /{pattern}/ within {limit.TotalSeconds} s; it said:\n{Errors}");
        }

        throw new InvalidOperationException($"{_name} ended without saying /{pattern}/; it said:\n{Errors}");
    }

    /// <summary>Sends a signal to the program itself (on a machine: not to what entered the machine for it).</summary>
    public void Signal(string signal)
    {
        // What entered the machine stops with the program, and has to be told to go on.
        int[] targets = signal == "CONT" ? [Inner(), _process.Id] : [Inner()];
        using var kill = Process.Start("kill", ["-s", signal, .. targets.Distinct().Select(t => t.ToString(CultureInfo.InvariantCulture))]);
        kill.WaitForExit();
    }

    /// <summary>The process id, as the host sees it, of the program on the machine.</summary>
    public int Inner() =>
        ProcessTree.Children(_process.Id) is [var child, ..] && ProcessTree.Name(_process.Id) == "nsenter" ? child : _process.Id;

    /// <summary>Ends the standard input that was left open.</summary>
    public void CloseInput() => _process.StandardInput.Close();

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_disposed)
            return;
        _disposed = true;
        if (!_process.HasExited)
        {
            foreach (var descendant in ProcessTree.Descendants(_process.Id).Reverse())
                ProcessTree.Kill(descendant);
            _process.Kill();
            await _process.WaitForExitAsync();
        }

        _process.Dispose();
    }

    private async Task WriteInputAsync(byte[] input)
    {
        try
        {
            await _process.StandardInput.BaseStream.WriteAsync(input);
            _process.StandardInput.Close();
        }
        catch (IOException)
        {
            // The program ended before it had read everything: its exit code tells.
        }
    }

    private async Task ReadOutputAsync()
    {
        var line = new StringBuilder();
        var buffer = new byte[65536];
        int count;
        while ((count = await _process.StandardOutput.BaseStream.ReadAsync(buffer)) > 0)
        {
            _output.Write(buffer, 0, count);
            foreach (var b in buffer.AsSpan(0, count))
            {
                if (b != '\n')
                    line.Append((char)b);
                else
                    Report(line, _options.LogOutput);
            }
        }

        if (line.Length > 0)
            Report(line, _options.LogOutput);
        // The end of the output is when the program is done for its reader; the exit follows.
        Interlocked.CompareExchange(ref _ended, Stopwatch.GetTimestamp(), 0);
    }

    private async Task ReadErrorsAsync()
    {
        while (await _process.StandardError.ReadLineAsync() is { } line)
        {
            lock (_errors)
                _errors.AppendLine(line);
            _lines.Writer.TryWrite(line);
            _options.Log?.Invoke($"{_name}: {line}");
        }
    }

    private void Report(StringBuilder line, bool logged)
    {
        var text = line.ToString();
        line.Clear();
        _lines.Writer.TryWrite(text);
        if (logged)
            _options.Log?.Invoke($"{_name}> {text}");
    }
}
