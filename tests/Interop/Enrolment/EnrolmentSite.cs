using System.Globalization;

namespace Mandos.Interop.Enrolment;

/// <summary>
/// A machine with a LUKS device in a file, and a server with sshd and a Mandos server, the original's or ours. A script stands in for
/// update-initramfs.
/// </summary>
internal sealed class EnrolmentSite(Machine client, Machine server, Implementation implementation, CancellationToken token)
{
    public const string Disk = "/root/disk.img";
    public const string Passphrase = "old pass phrase ";

    private const string Address = "10.9.0.2";
    private const int Port = 8888;

    public Machine Client => client;

    public Machine Server => server;

    /// <summary>The file of the section.</summary>
    public string File { get; } =
        implementation == Implementation.Ours ? "/etc/mandos/clients.d/client.conf" : "/etc/mandos/clients.conf";

    public static async Task<EnrolmentSite> StartAsync(
        Laboratory laboratory, DebianRelease release, Implementation implementation, string luks = "luks2")
    {
        var root = await EnrolmentChroot.GetAsync(release, laboratory.Token);
        var segment = await laboratory.SwitchAsync();
        var client = await laboratory.MachineAsync("client", root);
        var server = await laboratory.MachineAsync("server", root);
        await segment.ConnectAsync(client, laboratory.Token, address: "10.9.0.1/24");
        await segment.ConnectAsync(server, laboratory.Token, address: $"{Address}/24");
        var site = new EnrolmentSite(client, server, implementation, laboratory.Token);
        await site.PrepareClientAsync(luks);
        await site.StartServerAsync();
        return site;
    }

    /// <summary>Runs mandos-keygen on the client, with lines to read.</summary>
    public Task<CompletedProcess> KeygenAsync(string input, params string[] arguments) => client.RunAsync(
        new() { Input = System.Text.Encoding.UTF8.GetBytes(input), LogOutput = true }, TimeSpan.FromMinutes(3), token,
        Implementation.Ours.Keygen, arguments);

    /// <summary>All that an enrolment changes: the header of the device but its counter of changes, and the files of the server.</summary>
    public async Task<string> StateAsync() =>
        await client.ShellAsync($"cryptsetup luksDump {Disk} | grep -v ^Epoch | sha256sum", token)
            + await server.ShellAsync("cd /etc/mandos; find . -name '*.conf' -exec stat -c '%n %a %U' {} + -exec grep . {} +", token);

    /// <summary>The metadata of the device.</summary>
    public Task<string> HeaderAsync() => client.ShellAsync($"cryptsetup luksDump {Disk}", token);

    private async Task PrepareClientAsync(string luks)
    {
        client.WriteFile("/root/passphrase", Passphrase);
        await client.ShellAsync(
            $"""
            truncate -s 20M {Disk}
            cryptsetup luksFormat --batch-mode --type={luks} --pbkdf=pbkdf2 --pbkdf-force-iterations=1000 --key-file=/root/passphrase {Disk}
            rm -rf /etc/keys/mandos
            """, token);
        await StandInImage.InstallAsync(client, $"root {Disk} none luks,initramfs", token);
        // The server does not announce itself.
        client.WriteFile(
            Implementation.Original.Client,
            $"""
            #!/bin/sh
            [ ! -e /root/broken ] || exit 2
            exec {Implementation.Ours.Client} "$@" --connect={Address}:{Port} $(cat /root/options 2>/dev/null)

            """,
            StandInImage.Executable);
    }

    /// <summary>The password that the server has for the client.</summary>
    public Task<string> PasswordAsync() => PasswordAsync(KeySet.Folder);

    /// <summary>The password that the server has for the keys of a directory.</summary>
    public async Task<string> PasswordAsync(string keys) => (await client.RunAsync(
        new(), TimeSpan.FromSeconds(30), token, Implementation.Ours.Client,
        [
            .. KeySet.ClientOptions.Select(option => option.Replace(KeySet.Folder, keys, StringComparison.Ordinal)),
            $"--connect={Address}:{Port}", "--interface=none",
        ])).OrThrow().Text;

    /// <summary>The key ID of the keys of a directory.</summary>
    public async Task<string> KeyIdAsync(string keys) => (await client.ShellAsync(
        $"sed -n '/^-/!p' {keys}/tls-pubkey.pem | base64 -d | sha256sum | cut -c 1-64", token)).Trim();

    /// <summary>The keys in the image that was built last.</summary>
    public string ImageKeys { get; } = $"/srv/keys/{StandInImage.Keys}";

    /// <summary>A rotation takes this boot for another one than that in which the image got the new keys.</summary>
    public Task RebootAsync() => client.ShellAsync("echo earlier >/etc/keys/mandos/rotation/built", token);

    /// <summary>All runs of ssh share one connection, which saves half a second each.</summary>
    public Task ShareConnectionAsync() => client.ShellAsync(
        "printf '  ControlMaster auto\n  ControlPath /run/ssh-%%C\n  ControlPersist yes\n' >>/root/.ssh/config", token);

    private async Task StartServerAsync()
    {
        await client.ShellAsync("mkdir -p -m 700 /root/.ssh; ssh-keygen -q -t ed25519 -N '' -f /root/.ssh/id_ed25519", token);
        client.WriteFile(
            "/root/.ssh/config", $"Host server\n  HostName {Address}\n  StrictHostKeyChecking accept-new\n");
        server.WriteFile("/root/.ssh/authorized_keys", client.ReadFile("/root/.ssh/id_ed25519.pub"));
        await AllowOwnBusAsync();
        await server.ShellAsync("chmod 700 /root/.ssh; mkdir -p /run/sshd; ssh-keygen -A >/dev/null", token);
        var sshd = server.Start(new(), "/usr/sbin/sshd", "-D", "-e");
        await server.WaitForListenerAsync(22, TimeSpan.FromSeconds(20), token, sshd);
        var started = await MandosServer.StartAsync(
            server, implementation, new() { Clients = "# no client yet\n", Port = Port, Bus = true }, token);
        if (implementation == Implementation.Ours)
        {
            await server.ShellAsync(
                $"ln -s {Implementation.Ours.Server} {Implementation.Ours.Control} /usr/local/sbin; pgrep -o -x mandos >/run/mandos.pid", token);
            return;
        }

        // The machine has no init, so this stands for it.
        StandInImage.Program(
            server, "service",
            string.Create(
                CultureInfo.InvariantCulture,
                $"""
                pkill -f 'python3.*/usr/sbin/mandos ' || true
                for i in $(seq 200); do ss -Hltn | grep -q :{Port} || break; sleep 0.1; done
                setsid {implementation.Server} --configdir=/etc/mandos --foreground --port={Port} --no-zeroconf </dev/null >/run/log 2>&1 &
                for i in $(seq 200); do ss -Hltn | grep -q :{Port} && exit; sleep 0.1; done
                exit 1
                """));
        Assert.False(started.Process.HasExited);
    }

    /// <summary>With the rules for the bus of our server instead of the original's.</summary>
    private async Task AllowOwnBusAsync()
    {
        if (implementation != Implementation.Ours)
            return;
        await server.ShellAsync("rm -f /etc/dbus-1/system.d/mandos.conf", token);
        var rules = Path.Combine(Golden.Root, "packaging/debian/mandos-dotnet/dbus-policy.conf");
        server.WriteFile(
            "/usr/share/dbus-1/system.d/mandos.conf", await System.IO.File.ReadAllBytesAsync(rules, token), (UnixFileMode)0b110_100_100);
    }
}
