using System.Globalization;
using System.Text;

namespace Mandos.Bench;

/// <summary>
/// A server machine with Debian's server and avahi, and a client machine on the same segment that runs both clients, one
/// after the other, with the same keys.
/// </summary>
internal sealed class Bench(Laboratory laboratory)
{
    public const int Port = 8888;
    public const string ServerIPv4 = "10.1.0.1";

    private const string OurClient = "/usr/lib/mandos-client";

    /// <summary>
    /// Both clients, and all that the original executes and maps, become files in memory, as they are in an initramfs: of a file on
    /// a disk, the kernel maps more or less at a page fault, depending on how it was read or written.
    /// </summary>
    private static readonly string IntoMemory = $$"""
        cp {{Implementation.Ours.Client}} {{OurClient}}
        for program in {{Implementation.Original.Client}} gpg gpg-agent gpgconf gpgsm; do
          program=$(command -v $program)
          readlink -f "$program"
          ldd "$program" | grep -o '/[^ ]*' | xargs readlink -f
        done | sort -u | while read -r file; do
          cp -p "$file" "$file.memory"
          mv "$file.memory" "$file"
        done
        """;

    private static readonly byte[] Password = "correct horse battery staple"u8.ToArray();
    private static readonly string Script = ReadScript();
    private Machine? _server;
    private Machine? _client;

    /// <summary>The server machine.</summary>
    public Machine Server => _server!;

    /// <summary>The client machine.</summary>
    public Machine Client => _client!;

    /// <summary>Starts both machines and the server.</summary>
    public async Task StartAsync()
    {
        var segment = await laboratory.SwitchAsync();
        _server = await laboratory.MachineAsync("server", DebianRelease.Bookworm, segment, $"{ServerIPv4}/24");
        _client = await laboratory.MachineAsync("client", DebianRelease.Bookworm);
        // The interface as a kernel makes it: with duplicate address detection.
        await segment.ConnectAsync(_client, laboratory.Token, address: "10.1.0.2/24", detectDuplicates: true);
        _client.WriteFile("/run/laboratory/measure.py", Script);
        var clients = new StringBuilder();
        foreach (var (name, keys) in new[]
        {
            ("rsa", await KeySet.OfOriginalAsync(laboratory, DebianRelease.Bookworm)),
            ("curve", await KeySet.OfOursAsync(_client, laboratory.Token)),
        })
        {
            foreach (var (file, content) in keys.Files)
                _client.WriteFile($"/etc/keys/{name}/{file}", content);
            clients.AppendLine(await keys.StanzaAsync(_client, Password, laboratory.Token, name));
        }

        await _client.ShellAsync(IntoMemory, laboratory.Token);
        await MandosServer.StartAsync(
            _server, Implementation.Original, new() { Clients = clients.ToString(), Port = Port, Zeroconf = true }, laboratory.Token);
    }

    /// <summary>The scoped address of the server.</summary>
    public Task<string> ServerLinkLocalAsync() => Switch.LinkLocalAddressAsync(_server!, "eth0", laboratory.Token);

    /// <summary>Sets the client's interface down, or up with a usable address.</summary>
    public async Task SetInterfaceAsync(bool up)
    {
        if (up)
        {
            await Client.ShellAsync("ip link set eth0 up", laboratory.Token);
            await Switch.LinkLocalAddressAsync(Client, "eth0", laboratory.Token);
        }
        else
        {
            await Client.ShellAsync("ip link set eth0 down", laboratory.Token);
        }
    }

    /// <summary>Runs a client once. <paramref name="what"/>: <c>time</c> or <c>memory</c>.</summary>
    public async Task<Sample> RunAsync(Implementation implementation, string what, string keys, IReadOnlyList<string> arguments)
    {
        var done = await Client.RunAsync(
            new(), TimeSpan.FromSeconds(60), laboratory.Token, "/usr/bin/python3",
            ["/run/laboratory/measure.py", what, .. Command(implementation, keys), .. arguments]);
        return Sample.Parse(done, Password);
    }

    /// <summary>How many programs a run executes, by name.</summary>
    public async Task<IReadOnlyDictionary<string, int>> ExecutionsAsync(
        Implementation implementation, string keys, IReadOnlyList<string> arguments)
    {
        const string trace = "/run/laboratory/trace";
        (await Client.RunAsync(
            new(), TimeSpan.FromSeconds(60), laboratory.Token, "/usr/bin/strace",
            ["-f", "-qq", "-o", trace, "-e", "trace=execve", .. Command(implementation, keys), .. arguments])).OrThrow();
        await Client.ShellAsync("pkill gpg-agent || true", laboratory.Token);
        return Encoding.UTF8.GetString(Client.ReadFile(trace))
            .Split('\n')
            .Where(l => l.Contains("execve(", StringComparison.Ordinal) && l.EndsWith("= 0", StringComparison.Ordinal))
            .Select(l => l.Split('"')[1].Replace("/proc/self/exe", "mandos-client", StringComparison.Ordinal).Split('/')[^1])
            .CountBy(n => n).OrderBy(p => p.Key, StringComparer.Ordinal).ToDictionary();
    }

    /// <summary>The options that name a set of keys on the client machine.</summary>
    public static IEnumerable<string> KeyOptions(string keys) =>
        KeySet.Names.Zip(["pubkey", "seckey", "tls-privkey", "tls-pubkey"], (file, option) => $"--{option}=/etc/keys/{keys}/{file}");

    private static IEnumerable<string> Command(Implementation implementation, string keys) =>
        [implementation == Implementation.Ours ? OurClient : implementation.Client, .. KeyOptions(keys)];

    private static string ReadScript()
    {
        using var stream = typeof(Bench).Assembly.GetManifestResourceStream("measure.py")!;
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }

    /// <summary>Text of a number.</summary>
    public static string Format(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
