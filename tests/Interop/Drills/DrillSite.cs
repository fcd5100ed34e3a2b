using System.Globalization;
using System.Text;
using Mandos.Bus.Connections;
using Mandos.Bus.Messages;

namespace Mandos.Interop.Drills;

/// <summary>A machine with a system bus, on which our server is started and killed many times on one state directory.</summary>
internal sealed class DrillSite : IAsyncDisposable
{
    public const string State = "/srv/state";
    private const string Clock = "/run/laboratory/clock";
    private const string Server = "se.recompile.Mandos";
    private const string Client = "se.recompile.Mandos.Client";
    private const string PropertiesOf = "org.freedesktop.DBus.Properties";
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    private readonly BusConnection _bus;
    private readonly CancellationToken _token;
    private IReadOnlyDictionary<string, string> _environment = new Dictionary<string, string>();

    private DrillSite(Machine machine, BusConnection bus, CancellationToken token)
    {
        Machine = machine;
        _bus = bus;
        _token = token;
    }

    public Machine Machine { get; }

    /// <summary>The run of now, or the last one.</summary>
    public RunningProcess Run { get; private set; } = null!;

    /// <summary>Makes the machine, with its bus and an empty state directory; no server runs yet.</summary>
    /// <param name="laboratory">Where.</param>
    /// <param name="clients">clients.conf.</param>
    /// <param name="stateSize">The size of the state directory's own file system, as for tmpfs; null: it has none.</param>
    /// <param name="release">Debian 13 if null.</param>
    public static async Task<DrillSite> MakeAsync(
        Laboratory laboratory, string clients, string? stateSize = null, DebianRelease? release = null)
    {
        var token = laboratory.Token;
        var machine = await BusMachine.MakeAsync(laboratory, release ?? DebianRelease.Trixie, Implementation.Ours);
        // Something for mandos-client to look for a way out at.
        await machine.ShellAsync(
            "ip link add name eth0 type veth peer name eth1; ip link set eth0 up; ip link set eth1 up; ip address add 10.1.0.1/24 dev eth0",
            token);
        machine.WriteFile("/etc/mandos/mandos.conf", "");
        machine.WriteFile("/etc/mandos/clients.conf", clients);
        await machine.ShellAsync(
            $"mkdir {State}{(stateSize is null ? "" : $"; mount -t tmpfs -o size={stateSize} drill {State}")}; chown _mandos: "
                + $"{State}; chmod 700 {State}",
            token);
        await SystemBus.StartAsync(machine, token);
        var bus = await BusConnection.ConnectAsync(
            $"unix:path={machine.HostPath("/run/dbus/system_bus_socket")}", null, TimeProvider.System, token);
        return new(machine, bus, token);
    }

    /// <summary>Starts a server, and does not wait.</summary>
    public RunningProcess Start() => Run = Start("--port=8888");

    /// <summary>Starts a server and waits until it serves on the network and on the bus.</summary>
    public async Task ServeAsync()
    {
        var run = Start();
        var began = TimeProvider.System.GetTimestamp();
        while (!await HasOwnerAsync())
        {
            if (run.HasExited)
                throw new InvalidOperationException($"the server ended:\n{(await run.WaitAsync(Patience, _token)).Errors}");
            if (TimeProvider.System.GetElapsedTime(began) > Patience)
                throw new TimeoutException($"the server is not on the bus:\n{run.Errors}");
            await Task.Delay(5, _token);
        }
    }

    /// <summary>Runs that are begun from now on have their own wall clock: see <see cref="SetClock"/>.</summary>
    public async Task TakeClockAsync()
    {
        const string library = "/run/laboratory/clock.so";
        SetClock(TimeSpan.Zero);
        await using var compiler = RunningProcess.Start(
            "host/cc", "cc", ["-shared", "-fPIC", "-o", Machine.HostPath(library), Machine.HostPath(Machine.PutScript("clock.c"))], new());
        (await compiler.WaitAsync(Patience, _token)).OrThrow();
        _environment = new Dictionary<string, string> { ["LD_PRELOAD"] = library, ["LABORATORY_CLOCK"] = Clock };
    }

    /// <summary>Sets the wall clock to this offset from the machine's.</summary>
    public void SetClock(TimeSpan difference)
    {
        // In one write: a reader never finds the file empty.
        using var file = File.Open(Machine.HostPath(Clock), FileMode.OpenOrCreate, FileAccess.Write);
        file.Write(Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{(long)difference.TotalSeconds,20}")));
    }

    /// <summary>SIGKILL, to the server alone: what it started lives on.</summary>
    public async Task KillAsync()
    {
        // What enters the machine for it dies with it, but not the other way round.
        while (!Run.HasExited && Run.Inner() == Run.ProcessId)
            await Task.Delay(1, _token);
        Run.Signal("KILL");
        var done = await Run.WaitAsync(Patience, _token);
        if (done.ExitCode != 128 + 9)
            throw new InvalidOperationException($"the server ended by itself, with exit code {done.ExitCode}:\n{done.Errors}");
        while (await HasOwnerAsync())
            await Task.Delay(1, _token);
    }

    /// <summary>SIGTERM; the exit code.</summary>
    public async Task<int> StopAsync()
    {
        Run.Signal("TERM");
        return (await Run.WaitAsync(Patience, _token)).ExitCode;
    }

    /// <summary>Starts a server that is to end by itself.</summary>
    public async Task<CompletedProcess> RefuseAsync(int port = 8888, params string[] more)
    {
        await using var run = Start([$"--port={port}", .. more]);
        return await run.WaitAsync(Patience, _token);
    }

    /// <summary>What a server that was refused says last, without its warnings of the configuration.</summary>
    public static string ErrorOf(CompletedProcess refused) =>
        refused.Errors[Math.Max(0, refused.Errors.IndexOf("mandos: error: ", StringComparison.Ordinal))..];

    /// <summary>Sets a property of a client; returns when it is acknowledged.</summary>
    /// <exception cref="BusException">It is refused, or the server is gone.</exception>
    public Task SetAsync(string client, string property, object value) => _bus.CallAsync(
        new(Server, $"/clients/{client}", PropertiesOf, "Set"),
        writer =>
        {
            writer.WriteString(Client);
            writer.WriteString(property);
            Write(writer, value);
        },
        Patience, _token);

    /// <summary>Calls a method without arguments of a client.</summary>
    /// <inheritdoc cref="SetAsync"/>
    public Task CallAsync(string client, string method) =>
        _bus.CallAsync(new(Server, $"/clients/{client}", Client, method), null, Patience, _token);

    /// <summary>All clients, with those of their properties that are truth values, numbers or texts.</summary>
    public Task<Dictionary<string, Dictionary<string, object>>> ClientsAsync() => _bus.CallAsync(
        new(Server, "/", "org.freedesktop.DBus.ObjectManager", "GetManagedObjects"), null, ReadObjects, Patience, _token);

    /// <summary>Makes a TLS key for each of these, and returns a clients.conf of them all.</summary>
    public static async Task<string> MakeKeysAsync(
        Machine machine, IReadOnlyList<string> names, Func<string, byte[]> secret, CancellationToken cancellationToken)
    {
        await machine.ShellAsync(
            $"for n in {string.Join(' ', names)}; do mkdir -p {Keys("$n")}; cd {Keys("$n")}; openssl genpkey -algorithm ed25519 -out "
                + "tls-privkey.pem; openssl pkey -in tls-privkey.pem -pubout -out tls-pubkey.pem; done",
            cancellationToken);
        return string.Join('\n', names.Select(n => Stanza.Make(n, KeySet.IdOf(machine.ReadFile($"{Keys(n)}/tls-pubkey.pem")), secret(n))));
    }

    /// <summary>A client fetches what the server has for it: null if it was not <paramref name="secret"/>, else why not.</summary>
    public async Task<string?> FetchAsync(string client, byte[] secret)
    {
        var fetches = await Fetches.RunAsync(Machine, "127.0.0.1", 8888, 1, 1, secret, _token, folder: Keys(client));
        return fetches.Failed == 0 ? null : fetches.Reasons;
    }

    /// <summary>The files of the state directory.</summary>
    public Dictionary<string, byte[]> Files() => Directory.EnumerateFiles(Machine.HostPath(State))
        .Where(f => Path.GetFileName(f) != "filler").ToDictionary(f => Path.GetFileName(f), File.ReadAllBytes);

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _bus.DisposeAsync();

    private RunningProcess Start(params string[] more) => Machine.Start(
        new() { Log = static _ => { }, Environment = _environment }, Implementation.Ours.Server,
        ["--foreground", "--debuglevel=INFO", "--no-zeroconf", $"--statedir={State}", .. more]);

    private static string Keys(string client) => $"/srv/keys/{client}";

    private Task<bool> HasOwnerAsync() => _bus.CallAsync(
        new("org.freedesktop.DBus", "/", "org.freedesktop.DBus", "NameHasOwner"), w =>
            w.WriteString(Server), r => r.ReadBoolean(), Patience, _token);

    private static void Write(BusWriter writer, object value)
    {
        switch (value)
        {
            case bool truth:
                writer.OpenVariant("b");
                writer.WriteBoolean(truth);
                break;
            case ulong number:
                writer.OpenVariant("t");
                writer.WriteUInt64(number);
                break;
            case string text:
                writer.OpenVariant("s");
                writer.WriteString(text);
                break;
            case byte[] bytes:
                writer.OpenVariant("ay");
                writer.WriteBytes(bytes);
                break;
        }

        writer.Close();
    }

    private static Dictionary<string, Dictionary<string, object>> ReadObjects(BusReader reader)
    {
        var clients = new Dictionary<string, Dictionary<string, object>>();
        reader.EnterArray("{oa{sa{sv}}}");
        while (!reader.AtEnd)
        {
            reader.EnterEntry("oa{sa{sv}}");
            var path = reader.ReadObjectPath();
            reader.EnterArray("{sa{sv}}");
            while (!reader.AtEnd)
            {
                reader.EnterEntry("sa{sv}");
                if (reader.ReadString() == Client)
                    clients[path[(path.LastIndexOf('/') + 1)..]] = ReadProperties(reader);
                else
                    reader.Skip();
                reader.Exit();
            }

            reader.Exit();
            reader.Exit();
        }

        reader.Exit();
        return clients;
    }

    private static Dictionary<string, object> ReadProperties(BusReader reader)
    {
        var properties = new Dictionary<string, object>();
        reader.EnterArray("{sv}");
        while (!reader.AtEnd)
        {
            reader.EnterEntry("sv");
            var name = reader.ReadString();
            reader.EnterVariant();
            switch (reader.NextType)
            {
                case 'b':
                    properties[name] = reader.ReadBoolean();
                    break;
                case 't':
                    properties[name] = reader.ReadUInt64();
                    break;
                case 's':
                    properties[name] = reader.ReadString();
                    break;
                default:
                    reader.Skip();
                    break;
            }

            reader.Exit();
            reader.Exit();
        }

        reader.Exit();
        return properties;
    }
}
