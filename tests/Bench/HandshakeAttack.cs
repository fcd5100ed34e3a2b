using System.Diagnostics;
using System.Globalization;
using System.Net;

namespace Mandos.Bench;

/// <summary>Two hundred <see cref="DearServer"/>s at once, each in its own network, on one processor, in their own process.</summary>
internal sealed class HandshakeAttack : IAsyncDisposable
{
    /// <summary>Where their networks are: the third group is the number.</summary>
    private const string Prefix = "fd00:a:";

    private const int Attackers = 200;

    private readonly Process _process;

    private HandshakeAttack(Process process) => _process = process;

    /// <summary>Lets one machine have all these addresses, and another one reach them.</summary>
    internal static async Task RouteAsync(Machine source, string sourceAddress, Machine target, CancellationToken cancellationToken)
    {
        await source.ShellAsync($"ip -6 route add local {Prefix}:/32 dev lo", cancellationToken);
        await target.ShellAsync($"ip -6 route add {Prefix}:/32 via {sourceAddress}", cancellationToken);
    }

    /// <summary>Starts this program again in the machine's network; returns when every attacker has had its first handshake.</summary>
    internal static async Task<HandshakeAttack> StartAsync(
        Machine machine, string address, int port, int processor, CancellationToken cancellationToken)
    {
        var start = new ProcessStartInfo("nsenter")
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        foreach (var word in (string[])[
            "--net", $"--target={machine.ProcessId}", "taskset", "--cpu-list", Text(processor), Environment.ProcessPath!, "attack", address,
            Text(port)])
            start.ArgumentList.Add(word);
        var attack = new HandshakeAttack(Process.Start(start)!);
        if (await attack._process.StandardOutput.ReadLineAsync(cancellationToken) != "attacking")
            throw new InvalidOperationException("the attackers could not be started");
        return attack;
    }

    /// <summary>Ends it; the result is how many handshakes it had in a second.</summary>
    internal async Task<double> StopAsync(CancellationToken cancellationToken)
    {
        _process.StandardInput.Close();
        return double.Parse(await _process.StandardOutput.ReadLineAsync(cancellationToken) ?? "0", CultureInfo.InvariantCulture);
    }

    /// <summary>The attackers' process: until its standard input ends.</summary>
    internal static async Task<int> RunAsync(string address, string port)
    {
        var target = new IPEndPoint(IPAddress.Parse(address), int.Parse(port, CultureInfo.InvariantCulture));
        long handshakes = 0;
        using var first = new CountdownEvent(Attackers);
        for (var i = 0; i < Attackers; i++)
        {
            var source = IPAddress.Parse(string.Create(CultureInfo.InvariantCulture, $"{Prefix}{i + 1:x}::1"));
            new Thread(() => Attack(source)) { IsBackground = true }.Start();
        }

        first.Wait();
        var began = Stopwatch.GetTimestamp();
        var before = Interlocked.Read(ref handshakes);
        Console.WriteLine("attacking");
        await Console.In.ReadToEndAsync();
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture, $"{(Interlocked.Read(ref handshakes) - before) / Stopwatch.GetElapsedTime(began).TotalSeconds}"));
        return 0;

        void Attack(IPAddress source)
        {
            for (var isFirst = true; ; isFirst = false)
            {
                if (DearServer.Attack(target, source))
                    Interlocked.Increment(ref handshakes);
                else
                    Thread.Sleep(10);
                if (isFirst)
                    first.Signal();
            }
        }
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
            _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
