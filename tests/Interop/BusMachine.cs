using System.Globalization;

namespace Mandos.Interop;

/// <summary>A machine with a server on its system bus, and a client's keys for it, with an operator.</summary>
internal sealed class BusMachine(Machine machine, MandosServer server, CancellationToken token)
{
    /// <summary>Where a machine keeps the rules of its bus; the original's package of Debian 12 has them in the second.</summary>
    private const string Policy = "/usr/share/dbus-1/system.d/mandos.conf";
    private const string OldPolicy = "/etc/dbus-1/system.d/mandos.conf";

    public Machine Machine => machine;

    public MandosServer Server => server;

    /// <summary>Starts it with an implementation, its own rules for the bus and these clients.</summary>
    public static async Task<BusMachine> StartAsync(
        Laboratory laboratory, DebianRelease release, Implementation implementation, string clients, params string[] options)
    {
        var machine = await MakeAsync(laboratory, release, implementation);
        var server = await MandosServer.StartAsync(
            machine, implementation, new() { Clients = clients, Bus = true, More = options }, laboratory.Token);
        var began = new BusMachine(machine, server, laboratory.Token);
        await began.WaitForNameAsync();
        return began;
    }

    /// <summary>A machine that no server runs on yet.</summary>
    public static async Task<Machine> MakeAsync(Laboratory laboratory, DebianRelease release, Implementation implementation)
    {
        var machine = await laboratory.MachineAsync("server", await BusChroot.GetAsync(release, laboratory.Token));
        if (implementation == Implementation.Ours)
        {
            await machine.ShellAsync($"rm -f {OldPolicy} {Policy}", laboratory.Token);
            var rules = await File.ReadAllBytesAsync(
                Path.Combine(Golden.Root, "packaging/debian/mandos-dotnet/dbus-policy.conf"), laboratory.Token);
            machine.WriteFile(Policy, rules, (UnixFileMode)0b110_100_100);
        }

        return machine;
    }

    public async Task WaitForNameAsync() =>
        await machine.ShellAsync(
            "for i in $(seq 200); do busctl --system call org.freedesktop.DBus / org.freedesktop.DBus GetNameOwner s "
                + "se.bsnet.fukt.Mandos >/dev/null 2>&1 && exit; sleep 0.05; done; exit 1",
            token);

    /// <summary>Runs mandos-ctl of Debian.</summary>
    public Task<CompletedProcess> ControlAsync(params IEnumerable<string> arguments) => ControlAsync([], arguments);

    /// <summary>The same with something to read.</summary>
    public Task<CompletedProcess> ControlAsync(byte[] input, params IEnumerable<string> arguments) =>
        ControlAsync(Implementation.Original, input, arguments);

    /// <summary>Runs mandos-ctl of Debian or ours.</summary>
    public Task<CompletedProcess> ControlAsync(Implementation control, byte[] input, params IEnumerable<string> arguments) =>
        machine.RunAsync(new() { Input = input, LogOutput = true }, TimeSpan.FromSeconds(30), token, control.Control, arguments);

    /// <summary>A property of a client, as busctl prints it: type and value.</summary>
    public async Task<string> PropertyAsync(string client, string property) =>
        (
            await machine.ShellAsync(
                $"busctl --system get-property se.recompile.Mandos /clients/{client} se.recompile.Mandos.Client {property}", token)).Trim();

    /// <summary>Waits until a property has a value.</summary>
    public Task WaitForPropertyAsync(string client, string property, string value) =>
        WaitForPropertyAsync(client, property, now => now == value, value);

    /// <summary>Waits until a property no longer has a value.</summary>
    public Task WaitForChangeAsync(string client, string property, string before) =>
        WaitForPropertyAsync(client, property, now => now != before, "another value");

    private async Task WaitForPropertyAsync(string client, string property, Func<string, bool> matches, string wanted)
    {
        var began = TimeProvider.System.GetTimestamp();
        while (await PropertyAsync(client, property) is var now && !matches(now))
        {
            if (TimeProvider.System.GetElapsedTime(began) > TimeSpan.FromMinutes(1))
                throw new TimeoutException(string.Create(CultureInfo.InvariantCulture, $"{property} of {client} is {now}, not {wanted}"));
            await Task.Delay(300, token);
        }
    }
}
