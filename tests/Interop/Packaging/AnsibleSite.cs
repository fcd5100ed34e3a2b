using System.Globalization;
using System.Text.RegularExpressions;
using Mandos.Interop.Enrolment;

namespace Mandos.Interop.Packaging;

/// <summary>
/// A controller with Debian's ansible-core, our roles, and the files in their README; and the two machines of its inventory: one with a
/// LUKS device in a file, and one for the server. The server installs from an archive, the client from a file of the controller.
/// </summary>
internal sealed partial class AnsibleSite(Machine controller, Machine server, Machine client, CancellationToken token)
{
    public const string Disk = "/root/disk.img";
    public const string Passphrase = "9 grey herons at the lock";

    private const string Home = "/root/mandos";
    private const string Roles = "packaging/ansible";

    public Machine Controller => controller;

    public Machine Server => server;

    public Machine Client => client;

    public static async Task<AnsibleSite> StartAsync(Laboratory laboratory)
    {
        var root = await AnsibleChroot.GetAsync(laboratory.Token);
        var segment = await laboratory.SwitchAsync();
        var controller = await laboratory.FreshMachineAsync("controller", root);
        var server = await laboratory.FreshMachineAsync("server", root);
        var client = await laboratory.FreshMachineAsync("client", root);
        await segment.ConnectAsync(controller, laboratory.Token, address: "192.0.2.200/24");
        await segment.ConnectAsync(server, laboratory.Token, address: "192.0.2.1/24");
        await segment.ConnectAsync(client, laboratory.Token, address: "192.0.2.11/24");
        var site = new AnsibleSite(controller, server, client, laboratory.Token);
        await PrepareClientAsync(client, laboratory.Token);
        await AddArchiveAsync(server, PublishedPackages.Server, laboratory.Token);
        await site.PrepareControllerAsync();
        await site.StartSshAsync(server);
        await site.StartSshAsync(client);
        return site;
    }

    /// <summary>Gives a machine an encrypted disk, and an image that opens it.</summary>
    public static async Task PrepareClientAsync(Machine client, CancellationToken cancellationToken)
    {
        await client.ShellAsync(
            $"""
            truncate -s 20M {Disk}
            printf %s '{Passphrase}' |
              cryptsetup luksFormat --batch-mode --pbkdf=pbkdf2 --pbkdf-force-iterations=1000 --key-file=- {Disk}
            """, cancellationToken);
        await StandInImage.InstallAsync(client, $"root {Disk} none luks,initramfs", cancellationToken);
    }

    /// <summary>Gives apt of a machine an archive with one package.</summary>
    public static async Task AddArchiveAsync(Machine machine, string package, CancellationToken cancellationToken)
    {
        var file = PublishedPackages.File(package);
        machine.WriteFile("/srv/archive/package.deb", await File.ReadAllBytesAsync(file, cancellationToken), (UnixFileMode)0b110_100_100);
        await machine.ShellAsync(
            """
            cd /srv/archive
            { dpkg-deb -f package.deb; echo Filename: ./package.deb; echo Size: $(stat -c %s package.deb)
              echo SHA256: $(sha256sum <package.deb | cut -c 1-64); } >Packages
            echo 'deb [trusted=yes] file:/srv/archive ./' >/etc/apt/sources.list
            """, cancellationToken);
    }

    /// <summary>Runs the playbook; the result is all that it printed.</summary>
    public async Task<string> PlayAsync(params string[] options)
    {
        var done = await RunAsync(options);
        return done.OrThrow().Text;
    }

    /// <summary>Runs the playbook, which may fail.</summary>
    public Task<CompletedProcess> RunAsync(params string[] options) => controller.RunAsync(
        new() { LogOutput = true, Environment = new Dictionary<string, string> { ["ANSIBLE_NOCOLOR"] = "1" } }, TimeSpan.FromMinutes(5),
        token, "/bin/sh",
        [
            "-euc", "cd \"$0\"; exec ansible-playbook --vault-password-file /root/vault-password site.yml \"$@\"", Home,
            "--extra-vars=mandos_client_deb=/root/client.deb", .. options,
        ]);

    /// <summary>How many changes each machine had, as the recap of a run says.</summary>
    public static IReadOnlyList<int> Changes(string output) =>
        [.. ChangedCount().Matches(output).Select(match => int.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture))];

    /// <summary>
    /// All files of a machine with their metadata, but those that sshd, Ansible, Python and the running server write for themselves.
    /// </summary>
    public Task<string> StateAsync(Machine machine) => machine.ShellAsync(
        $$"""
        find / -xdev \( -path /root/.ansible -o -path /var/log -o -path /var/cache/apt -o -path /var/lib/mandos -o -name __pycache__ \) \
          -prune -o ! -type d -printf '%p %y %m %u %s %T@\n' | LC_ALL=C sort
        [ ! -e {{Disk}} ] || sha256sum {{Disk}}
        """, token);

    /// <summary>The files of a machine with one of these texts, among all that were written since the start.</summary>
    public async Task<string> FilesWithAsync(Machine machine, params IReadOnlyList<string> texts)
    {
        // The patterns are on standard input, so that they are in no file.
        var done = await machine.RunAsync(
            new() { Input = System.Text.Encoding.UTF8.GetBytes(string.Join('\n', texts)) }, TimeSpan.FromMinutes(1), token, "/bin/sh",
            "-euc", "find / /run /tmp /dev/shm -xdev -type f -cnewer /run/laboratory/began >/run/laboratory/written; "
                + "xargs -d '\\n' -s 1900000 -x -a /run/laboratory/written grep -slF -f - || true");
        return done.OrThrow().Text;
    }

    private async Task PrepareControllerAsync()
    {
        foreach (var machine in new[] { controller, server, client })
            machine.WriteFile("/run/laboratory/began", "");
        foreach (var file in Directory.EnumerateFiles(Path.Combine(Golden.Root, Roles), "*", SearchOption.AllDirectories))
            controller.WriteFile(
                $"{Home}/{Path.GetRelativePath(Path.Combine(Golden.Root, Roles), file)}", await File.ReadAllBytesAsync(file, token));
        foreach (var (name, text) in Examples())
            controller.WriteFile($"{Home}/{name}", text);
        controller.WriteFile("/root/client.deb", await File.ReadAllBytesAsync(PublishedPackages.File(PublishedPackages.Client), token));
        controller.WriteFile("/root/vault-password", "opens the vault\n");
        var vault = new ProcessOptions { Input = System.Text.Encoding.UTF8.GetBytes($"mandos_client_passphrase: {Passphrase}\n") };
        var encrypted = await controller.RunAsync(
            vault, TimeSpan.FromMinutes(1), token, "/bin/sh", "-euc",
            $"mkdir -p {Home}/group_vars; ansible-vault encrypt --vault-password-file /root/vault-password "
                + $"--output {Home}/group_vars/mandos_clients.yml -; mkdir -p -m 700 /root/.ssh; "
                + "ssh-keygen -q -t ed25519 -N '' -f /root/.ssh/id_ed25519; echo 'StrictHostKeyChecking accept-new' >/root/.ssh/config");
        encrypted.OrThrow();
    }

    private async Task StartSshAsync(Machine machine)
    {
        machine.WriteFile("/root/.ssh/authorized_keys", controller.ReadFile("/root/.ssh/id_ed25519.pub"));
        await machine.ShellAsync("chmod 700 /root/.ssh; mkdir -p /run/sshd; ssh-keygen -A >/dev/null", token);
        var sshd = machine.Start(new(), "/usr/sbin/sshd", "-D", "-e");
        await machine.WaitForListenerAsync(22, TimeSpan.FromSeconds(20), token, sshd);
    }

    /// <summary>The files that the README shows, by name.</summary>
    private static IEnumerable<(string Name, string Text)> Examples()
    {
        var text = File.ReadAllText(Path.Combine(Golden.Root, Roles, "README.md"));
        var found = Example().Matches(text).Select(match => (match.Groups[1].Value, match.Groups[2].Value)).ToList();
        Assert.Equal(["inventory.ini", "site.yml", "ansible.cfg"], found.Select(example => example.Item1));
        return found;
    }

    [GeneratedRegex("^`([^`]+)`:\n\n```[a-z]+\n(.*?)^```$", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Example();

    [GeneratedRegex(@"\bchanged=(\d+)")]
    private static partial Regex ChangedCount();
}
