using System.Globalization;
using System.Text;

namespace Mandos.Peers.Machines;

/// <summary>
/// A computer as far as programs can tell: own network, mounts, processes, host name. Its root is a chroot of the cache
/// that is changed only in memory. Nothing of it is visible on the host but its processes, and nothing stays.
/// </summary>
public sealed class Machine : IAsyncDisposable
{
    private readonly RunningProcess _holder;
    private readonly Action<string> _log;
    private readonly List<RunningProcess> _running = [];

    private Machine(string name, RunningProcess holder, int processId, Action<string> log)
    {
        Name = name;
        _holder = holder;
        ProcessId = processId;
        _log = log;
    }

    /// <summary>Its host name.</summary>
    public string Name { get; }

    /// <summary>Its process 1, as the host sees it.</summary>
    public int ProcessId { get; }

    /// <summary>Starts a machine. <paramref name="programs"/> appears as /opt/mandos.</summary>
    public static async Task<Machine> StartAsync(
        string name, string? root, string programs, Action<string> log, CancellationToken cancellationToken)
    {
        string[] arguments =
        [
            "--net", "--mount", "--pid", "--uts", "--ipc", "--fork", "--kill-child", "--propagation", "private", "--",
            "/bin/sh", "-euc", Resources.Text("machine.sh"), "machine.sh", name, root ?? "-", programs,
        ];
        var holder = RunningProcess.Start($"{name}/holder", "unshare", arguments, new() { Input = null, Log = log });
        await holder.WaitForLineAsync("^ready$", TimeSpan.FromSeconds(20), cancellationToken);
        return new(name, holder, ProcessTree.Children(holder.ProcessId)[0], log);
    }

    /// <summary>Where the host finds a file of the machine.</summary>
    public string HostPath(string path) => $"/proc/{ProcessId}/root{path}";

    /// <summary>Writes a file on the machine, readable for its owner (root) alone.</summary>
    public void WriteFile(string path, ReadOnlySpan<byte> content, UnixFileMode mode = UnixFileMode.UserRead | UnixFileMode.UserWrite)
    {
        Directory.CreateDirectory(HostPath(path[..path.LastIndexOf('/')]));
        File.WriteAllBytes(HostPath(path), content);
        File.SetUnixFileMode(HostPath(path), mode);
    }

    /// <inheritdoc cref="WriteFile(string, ReadOnlySpan{byte}, UnixFileMode)"/>
    public void WriteFile(string path, string content, UnixFileMode mode = UnixFileMode.UserRead | UnixFileMode.UserWrite) =>
        WriteFile(path, Encoding.UTF8.GetBytes(content), mode);

    /// <summary>Reads a file of the machine.</summary>
    public byte[] ReadFile(string path) => File.ReadAllBytes(HostPath(path));

    /// <summary>Puts a script of the laboratory on the machine and returns its path there.</summary>
    public string PutScript(string name)
    {
        WriteFile($"/run/laboratory/{name}", Resources.Text(name), (UnixFileMode)0b111_101_101);
        return $"/run/laboratory/{name}";
    }

    /// <summary>Starts a program on the machine, as root, in its root folder.</summary>
    public RunningProcess Start(ProcessOptions options, string file, params IEnumerable<string> arguments)
    {
        string[] enter =
        [
            "--target", ProcessId.ToString(CultureInfo.InvariantCulture), "--mount", "--net",
            // A machine in a chroot is not where the root of its mount namespace is.
            "--root", "--pid", "--uts", "--ipc", "--wdns=/", "--",
            // Under nohup(1) every program ignores SIGHUP.
            "/usr/bin/env", "--default-signal", "-i", "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOME=/root",
            "LC_ALL=C.UTF-8", "TERM=dumb",
            .. options.Environment.Select(v => $"{v.Key}={v.Value}"), file, .. arguments,
        ];
        var name = $"{Name}/{Path.GetFileName(file)}";
        _log($"{name} {string.Join(' ', arguments.Select(a => a.Length > 100 ? a[..100] + "..." : a))}");
        var running = RunningProcess.Start(
            name, "nsenter", enter, options with { Log = options.Log ?? _log, Environment = new Dictionary<string, string>() });
        _running.Add(running);
        return running;
    }

    /// <summary>The program that was started on the machine whose command line contains this.</summary>
    public RunningProcess Running(string name) => _running.First(r => r.CommandLine.Contains(name, StringComparison.Ordinal));

    /// <summary>Runs a program to its end, for at most <paramref name="limit"/>.</summary>
    public async Task<CompletedProcess> RunAsync(
        ProcessOptions options, TimeSpan limit, CancellationToken cancellationToken, string file, params IEnumerable<string> arguments)
    {
        await using var running = Start(options, file, arguments);
        return await running.WaitAsync(limit, cancellationToken);
    }

    /// <summary>Runs a shell command that must succeed within a minute or two, and returns what it printed.</summary>
    public async Task<string> ShellAsync(string command, CancellationToken cancellationToken) =>
        (await RunAsync(new(), TimeSpan.FromSeconds(120), cancellationToken, "/bin/sh", "-euc", command)).OrThrow().Text;

    /// <summary>
    /// Waits, for <paramref name="limit"/> or longer, until something listens on a TCP port, without connecting to it; fails when
    /// <paramref name="process"/> has ended.
    /// </summary>
    public async Task WaitForListenerAsync(int port, TimeSpan limit, CancellationToken cancellationToken, RunningProcess? process = null)
    {
        limit = Patience.AtLeast(limit);
        var local = $":{port:X4} ";
        var until = TimeProvider.System.GetTimestamp();
        while (
            !Sockets().Any(
                l =>
                    l.Contains(" 0A ", StringComparison.Ordinal)
                        && l[..l.IndexOf(" 0A ", StringComparison.Ordinal)].Contains(local, StringComparison.Ordinal)))
        {
            if (process is { HasExited: true })
                throw new InvalidOperationException($"{process.CommandLine} ended:\n{process.Errors}");
            if (TimeProvider.System.GetElapsedTime(until) > limit)
                throw new TimeoutException(
                    $"nothing listens on port {port} of {Name} after {limit.TotalSeconds} "
                        + $"s\n{string.Join('\n', _running.Select(r => r.Errors))}");
            await Task.Delay(20, cancellationToken);
        }

        IEnumerable<string> Sockets() => File.ReadLines($"/proc/{ProcessId}/net/tcp").Concat(File.ReadLines($"/proc/{ProcessId}/net/tcp6"));
    }

    /// <summary>What happens to the machine when the process that made it dies.</summary>
    public void CloseInput() => _holder.CloseInput();

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        // Its process 1 takes everything on the machine with it; then those that entered for it end as well.
        ProcessTree.Kill(ProcessId);
        await _holder.DisposeAsync();
        foreach (var running in _running)
            await running.DisposeAsync();
    }
}
