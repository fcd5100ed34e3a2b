using System.Collections.Concurrent;
using System.Globalization;
using System.IO.Pipes;
using System.Runtime.InteropServices;
using Mandos.Core.Linux.Processes;

namespace Mandos.Client.Tests.Network;

/// <summary>
/// A thread in its own network namespace. Everything that is run in it, continuations and children too, runs on this
/// thread, so that sockets and /proc/sys/net are those of the namespace. It vanishes with the thread; the machine's own
/// network is never touched.
/// </summary>
internal sealed partial class NetworkNamespace : SynchronizationContext, IDisposable
{
    private const int CLONE_NEWNET = 0x40000000;
    private readonly BlockingCollection<(SendOrPostCallback Callback, object? State)> _work = [];
    private readonly TaskCompletionSource<int> _ready = new();
    private readonly Thread _thread;

    public NetworkNamespace()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "network namespaces can only be made by root");
        _thread = new Thread(Pump) { IsBackground = true };
        _thread.Start();
        ThreadId = _ready.Task.GetAwaiter().GetResult();
    }

    /// <summary>Names the namespace to <c>ip link set NAME netns</c>.</summary>
    public int ThreadId { get; }

    public void Dispose()
    {
        _work.CompleteAdding();
        _thread.Join();
        _work.Dispose();
    }

    public override void Post(SendOrPostCallback d, object? state) => _work.Add((d, state));

    public Task RunAsync(Func<Task> action) => RunAsync<object?>(async () =>
    {
        await action();
        return null;
    });

    public Task<T> RunAsync<T>(Func<Task<T>> action)
    {
        var result = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        Post(async _ =>
        {
            try
            {
                result.SetResult(await action());
            }
            catch (Exception exception)
            {
                result.SetException(exception);
            }
        }, null);
        return result.Task;
    }

    /// <summary>Runs ip(8) in the namespace and returns what it prints.</summary>
    public Task<string> IpAsync(string arguments) => RunAsync(async () =>
    {
        using var pipe = new AnonymousPipeServerStream(PipeDirection.In);
        var command = new ChildCommand
        {
            Path = "/bin/sh",
            Arguments = ["sh", "-c", $"exec ip {arguments}"],
            Environment = ["PATH=/usr/sbin:/usr/bin:/sbin:/bin"],
            Descriptors = [new((int)pipe.ClientSafePipeHandle.DangerousGetHandle(), 1)],
        };
        Assert.True(ChildProcess.TryStart(command, out var child, out var error), error.ToString());
        using (child)
        {
            pipe.DisposeLocalCopyOfClientHandle();
            var output = await new StreamReader(pipe).ReadToEndAsync();
            Assert.True((await child.WaitAsync(CancellationToken.None)).Success, $"ip {arguments}");
            return output;
        }
    });

    /// <summary>Takes all capabilities from this thread, which only a raw system call can do: they belong to threads.</summary>
    public Task DropCapabilitiesAsync() => RunAsync(() =>
    {
        const int version3 = 0x20080522;
        Assert.Equal(0, CapSet([version3, 0], new int[6]));
        return Task.CompletedTask;
    });

    /// <summary>A setting below /proc/sys/net/ipv6 as the namespace sees it.</summary>
    public Task<string> SettingAsync(string path) =>
        RunAsync(() => Task.FromResult(File.ReadAllText(Path.Combine("/proc/sys/net/ipv6", path)).TrimEnd()));

    private void Pump()
    {
        SetSynchronizationContext(this);
        if (Unshare(CLONE_NEWNET) != 0)
        {
            _ready.SetException(
                new InvalidOperationException(
                    string.Create(CultureInfo.InvariantCulture, $"unshare: {Marshal.GetLastPInvokeErrorMessage()}")));
            return;
        }
        _ready.SetResult(GetTid());
        foreach (var (callback, state) in _work.GetConsumingEnumerable())
            callback(state);
    }

    [LibraryImport("libc", EntryPoint = "unshare", SetLastError = true)]
    private static partial int Unshare(int flags);

    [LibraryImport("libc", EntryPoint = "gettid")]
    private static partial int GetTid();

    [LibraryImport("libc", EntryPoint = "capset")]
    private static partial int CapSet(int[] header, int[] data);
}
