using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Mandos.Bench;

/// <summary>
/// A server, the original's or ours, with many clients, on its own machine with a system bus; one of the clients is a
/// machine beside it, the others are names only. All are alive: their checker is <c>true</c>.
/// </summary>
internal sealed class ManyClients(Laboratory laboratory, Implementation implementation, int count)
{
    private const int Port = 8888;
    private const string Address = "fd00:1::1";
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(2);

    /// <summary>The packets of a message for a key of 2,048 bits, 500 bytes: anything else costs a warning for each client.</summary>
    private readonly byte[] _secret =
    [
        0xC1, 0xC0, 76, 3, 1, 2, 3, 4, 5, 6, 7, 8, 1, 0x08, 0x00, 0x80, .. Enumerable.Range(0, 255).Select(i => (byte)(i * 7)),
        0xD2, 0xC0, 34, 1, .. Enumerable.Range(0, 225).Select(i => (byte)(i * 11)),
    ];

    private Machine? _server;
    private Machine? _client;
    private MandosServer? _running;
    private ServerOptions? _options;

    /// <summary>The server's process alone: not its checkers, nor what the original forks for a connection.</summary>
    private int Process => _running!.Process.Inner();

    /// <summary>Resident memory of that process, and its part of what it shares with others; bytes.</summary>
    public (double Rss, double Pss) Memory => ProcessUse.Memory([Process]);

    /// <inheritdoc cref="ProcessUse.Locked"/>
    public double Locked => ProcessUse.Locked(Process);

    /// <summary>Seconds of processor time, its own and that of the checkers that have ended.</summary>
    public (double Own, double Children) ProcessorTime => ProcessUse.ProcessorTime(Process);

    /// <summary>
    /// Starts both machines and the server with nothing saved; the result is how long it took until it listens, seconds; NaN:
    /// longer than <paramref name="limit"/>, and then nothing else can be asked.
    /// </summary>
    /// <param name="limit">Seconds.</param>
    /// <param name="settings">Lines of each client's section.</param>
    public async Task<double> StartAsync(double limit, string settings = "")
    {
        var segment = await laboratory.SwitchAsync();
        _server = await laboratory.MachineAsync("server", await BusChroot.GetAsync(DebianRelease.Bookworm, laboratory.Token));
        await segment.ConnectAsync(_server, laboratory.Token);
        if (implementation == Implementation.Ours)
            await TakeOwnPolicyAsync(_server);
        _client = await laboratory.MachineAsync("client", DebianRelease.Bookworm, segment);
        await _server.ShellAsync($"ip address add {Address}/64 dev eth0 nodad", laboratory.Token);
        await _client.ShellAsync("ip address add fd00:1::2/64 dev eth0 nodad", laboratory.Token);
        var keys = await KeySet.OfOursAsync(_client, laboratory.Token);
        keys.InstallOn(_client);
        var sections = Enumerable.Range(1, count - 1)
            .Select(
                i =>
                    Stanza.Make(
                        string.Create(CultureInfo.InvariantCulture, $"client{i}"), i.ToString("x64", CultureInfo.InvariantCulture),
                        _secret))
            .Append(Stanza.Make("client", keys.KeyId, _secret));
        _options =
            new()
            {
                Clients = string.Join("\n", sections.Select(s => s + settings)),
                Port = Port,
                Bus = true,
                FileLimit = 1024,
                Settling = TimeSpan.FromSeconds(3),
                More = ["--debuglevel=WARNING"]
            };
        return await SecondsAsync(
            () => MandosServer.StartAsync(_server, implementation, _options, laboratory.Token, TimeSpan.FromSeconds(limit)));
    }

    /// <summary>Starts it again, with what it saved when it stopped; as above.</summary>
    public Task<double> StartAgainAsync(double limit) =>
        SecondsAsync(
            () => MandosServer.StartAgainAsync(_server!, implementation, _options!, laboratory.Token, TimeSpan.FromSeconds(limit)));

    /// <summary>How long the one client waits for its secret, seconds; NaN: longer than <paramref name="limit"/>.</summary>
    public async Task<double> FetchAsync(double limit) =>
        (await Fetches.RunAsync(_client!, Address, Port, 1, 1, _secret, laboratory.Token, limit)).Longest;

    /// <summary>
    /// For so many seconds after each start passwords are fetched, from the moment that the server listens; 0: they are not.
    /// </summary>
    public int FetchAtStart { get; init; }

    /// <summary>The longest wait among them.</summary>
    public Task<double> FirstWait { get; private set; } = Task.FromResult(double.NaN);

    /// <summary>Bytes that the server had written so far.</summary>
    public double Written => ProcessUse.Written(Process);

    /// <summary>
    /// Waits until it listens and fetches from then on, for some seconds, one after the other: how long each waited. The
    /// longest is NaN if one failed.
    /// </summary>
    public async Task<double> LongestWaitAsync(int seconds)
    {
        var fetches = await Fetches.RunForAsync(_client!, Address, Port, seconds, _secret, laboratory.Token);
        return fetches.Failed > 0 ? double.NaN : fetches.Longest;
    }

    /// <summary>
    /// Has it read its configuration again, with one more client: in its own file, or at the end of the file with all others.
    /// </summary>
    public async Task ReloadAsync(string name, bool isOwnFile)
    {
        const string main = "/etc/mandos/clients.conf", folder = "/etc/mandos/clients.d";
        var key = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(name)));
        var stanza = Stanza.Make(name, key, _secret);
        await _server!.ShellAsync($"mkdir -p {folder}", laboratory.Token);
        if (isOwnFile)
            _server.WriteFile($"{folder}/{name}.conf", stanza, (UnixFileMode)0b110_100_100);
        else
            await File.AppendAllTextAsync(_server.HostPath(main), $"\n{stanza}", laboratory.Token);
        _running!.Process.Signal("HUP");
    }

    /// <summary>
    /// Runs a command beside the server: seconds by the clock, of its processor time in user mode, and in the kernel.
    /// </summary>
    public async Task<string> TimeAsync(string command) => (
        await _server!.ShellAsync(
            $"bash -c 'TIMEFORMAT=\"%R %U %S\"; time {command} >/run/laboratory/listing' 2>&1", laboratory.Token)).Trim();

    /// <summary>
    /// What our mandos-monitor takes that shows them on a terminal of 200 columns and 60 lines, when it has settled: parts of a processor,
    /// and bytes written each second.
    /// </summary>
    public async Task<(double Processor, double Bytes)> WatchAsync(int seconds)
    {
        var screen = new Screen(_server!) { Size = (200, 60) };
        await screen.StartAsync($"exec {Implementation.Ours.Monitor}", laboratory.Token);
        // Before that, it is at rest because it has nothing to show.
        await screen.WaitAsync(
            shown => shown.Contains(string.Create(CultureInfo.InvariantCulture, $"{count} clients"), StringComparison.Ordinal),
            laboratory.Token);
        for (var (before, settled) = (double.NaN, false); !settled;)
        {
            var (now, _) = await UseAsync(5);
            settled = Math.Abs(now - before) < 0.02 + before / 4;
            before = now;
        }

        var use = await UseAsync(seconds);
        await screen.PressAsync("q", laboratory.Token);
        await screen.WaitForEndAsync(laboratory.Token);
        return use;
    }

    private async Task<(double Processor, double Bytes)> UseAsync(int seconds)
    {
        var start = Stopwatch.GetTimestamp();
        var before = await SumsAsync();
        await Task.Delay(TimeSpan.FromSeconds(seconds), laboratory.Token);
        var took = Stopwatch.GetElapsedTime(start).TotalSeconds;
        var after = await SumsAsync();
        return ((after.Processor - before.Processor) / took, (after.Bytes - before.Bytes) / took);
    }

    /// <summary>
    /// Seconds of processor time of the running monitor, and bytes that it had written: of the process that guards the terminal and
    /// of the one that draws, which has another name.
    /// </summary>
    private async Task<(double Processor, double Bytes)> SumsAsync()
    {
        var sums = await _server!.ShellAsync(
            "cd /proc; guard=$(pgrep -o -x mandos-monitor); "
                + "for one in $guard $(pgrep -P $guard); do sed 's/.*) //' $one/stat; cat $one/io; done | "
                + "awk 'NF > 20 { ticks += $12 + $13 } /^wchar/ { bytes += $2 } END { print ticks / 100, bytes }'",
            laboratory.Token);
        var words = sums.Split(' ').Select(word => double.Parse(word, CultureInfo.InvariantCulture)).ToArray();
        return (words[0], words[1]);
    }

    /// <summary>
    /// How many clients are disabled, as the server says on the bus; NaN: it says nothing within <paramref name="limit"/>
    /// seconds.
    /// </summary>
    public async Task<double> DisabledAsync(int limit)
    {
        var script = string.Create(
            CultureInfo.InvariantCulture,
            $"timeout {limit} busctl --system --timeout={limit} call se.recompile.Mandos / se.recompile.Mandos "
                + $"GetAllClientsWithProperties >/run/laboratory/clients || exit 0; grep -o '\"Enabled\" b [a-z]*' /run/laboratory/clients");
        var values = (await _server!.ShellAsync(script, laboratory.Token)).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        return values.Length == count ? values.Count(v => v.EndsWith("false", StringComparison.Ordinal)) : double.NaN;
    }

    /// <summary>
    /// Stops it as systemd does: SIGTERM. The result is how long it took and its processor time meanwhile, seconds; NaN, and
    /// it is killed: longer than <paramref name="limit"/>.
    /// </summary>
    public async Task<(double Taken, double ProcessorTime)> StopAsync(double limit)
    {
        var process = Process;
        var (began, before) = (TimeProvider.System.GetTimestamp(), ProcessorTime.Own);
        var last = before;
        _running!.Process.Signal("TERM");
        double Seconds() => TimeProvider.System.GetElapsedTime(began).TotalSeconds;
        while (Directory.Exists($"/proc/{process}") && Seconds() < limit)
        {
            // NaN once it is gone.
            last = ProcessUse.ProcessorTime(process).Own is var now && double.IsNaN(now) ? last : now;
            await Task.Delay(Pause, laboratory.Token);
        }

        var taken = Seconds();
        await _running.Process.DisposeAsync();
        return taken < limit ? (taken, last - before) : (double.NaN, double.NaN);
    }

    private async Task<double> SecondsAsync(Func<Task<MandosServer>> start)
    {
        if (FetchAtStart > 0)
            FirstWait = LongestWaitAsync(FetchAtStart);
        try
        {
            _running = await start();
            return _running.UntilListening.TotalSeconds;
        }
        catch (TimeoutException)
        {
            return double.NaN;
        }
    }

    /// <summary>The bus goes by the rules of our package, not by those of Debian's, which lies on the machine.</summary>
    private async Task TakeOwnPolicyAsync(Machine machine)
    {
        await machine.ShellAsync("rm -f /etc/dbus-1/system.d/mandos.conf /usr/share/dbus-1/system.d/mandos.conf", laboratory.Token);
        var rules = await File.ReadAllBytesAsync(
            Path.Combine(Golden.Root, "packaging/debian/mandos-dotnet/dbus-policy.conf"), laboratory.Token);
        machine.WriteFile("/usr/share/dbus-1/system.d/mandos.conf", rules, (UnixFileMode)0b110_100_100);
    }
}
