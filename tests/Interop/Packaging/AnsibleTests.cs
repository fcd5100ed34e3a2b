namespace Mandos.Interop.Packaging;

/// <summary>The roles, and the examples for cloud-init and the Debian installer.</summary>
public sealed class AnsibleTests : InteropTest
{
    private const string Section = "/etc/mandos/clients.d/web1.conf";

    /// <summary>Leaves out the play for the server, which takes a third of the time.</summary>
    private const string OnlyClients = "--limit=mandos_clients";

    [Fact]
    public async Task The_roles_enrol_a_machine_once_and_no_secret_is_on_the_controller_or_the_server()
    {
        var site = await AnsibleSite.StartAsync(Lab);
        await CheckAsync(site);
        var first = await site.PlayAsync("--diff");
        Assert.All(AnsibleSite.Changes(first), count => Assert.NotEqual(0, count));
        await ProveAsync(site, first);

        Assert.All(AnsibleSite.Changes(await site.PlayAsync("--diff")), count => Assert.Equal(0, count));
        await ChangeSettingAsync(site);
        await RefuseAsync(site);
        await FailWithSecondAsync(site);
    }

    /// <summary>A check on fresh machines, where even python3-apt is missing.</summary>
    private static async Task CheckAsync(AnsibleSite site)
    {
        const string module = "/usr/lib/python3/dist-packages/apt";
        foreach (var machine in new[] { site.Client, site.Server })
            await machine.ShellAsync($"mv {module} {module}.away", Token);
        var before = await StatesAsync(site);

        var check = await site.PlayAsync("--check", "--diff");

        Assert.Contains("web1 would be enrolled with mandos1, with a new key slot", check, StringComparison.Ordinal);
        Assert.All(AnsibleSite.Changes(check), count => Assert.NotEqual(0, count));
        Assert.Equal(before, await StatesAsync(site));
        foreach (var machine in new[] { site.Client, site.Server })
            await machine.ShellAsync($"mv {module}.away {module}", Token);
    }

    private static async Task ProveAsync(AnsibleSite site, string output)
    {
        Assert.Equal("600 root root\n", await site.Server.ShellAsync($"stat -c '%a %U %G' {Section}", Token));
        Assert.Matches(
            "^\\[web1\\]\n# Settings by Ansible\nhost = 192.0.2.11\ntimeout = PT10M\n# End .*\nkey_id = [0-9a-f]{64}\nfingerprint = ",
            await site.Server.ShellAsync($"cat {Section}", Token));
        await site.Server.ShellAsync("mandos --check-config", Token);
        await FetchAsync(site);
        string[] secrets =
        [
            AnsibleSite.Passphrase,
            .. (await site.Client.ShellAsync(
                "sed -n '/^[A-Za-z0-9+\\/]\\{20,\\}=*$/p' /etc/keys/mandos/seckey.txt /etc/keys/mandos/tls-privkey.pem", Token))
                .Split('\n', StringSplitOptions.RemoveEmptyEntries),
        ];
        Assert.True(secrets.Length > 3);
        foreach (var machine in new[] { site.Controller, site.Server })
            Assert.Equal("", await site.FilesWithAsync(machine, secrets));
        Assert.NotEqual("", await site.FilesWithAsync(site.Client, secrets[1..]));
        Assert.Equal("", await site.FilesWithAsync(site.Client, secrets[0]));
        foreach (var secret in (string[])[.. secrets, .. await EncryptedAsync(site)])
            Assert.DoesNotContain(secret, output, StringComparison.Ordinal);
    }

    private static async Task ChangeSettingAsync(AnsibleSite site)
    {
        const string option = "--extra-vars={\"mandos_client_settings\": {\"host\": \"192.0.2.11\", \"timeout\": \"PT20M\"}}";
        var secret = await EncryptedAsync(site);
        var before = await StatesAsync(site);
        var check = await site.PlayAsync("--check", "--diff", OnlyClients, option);
        Assert.Equal([2], AnsibleSite.Changes(check));
        Assert.DoesNotContain(secret[0], check, StringComparison.Ordinal);
        Assert.Equal(before, await StatesAsync(site));

        Assert.DoesNotContain(secret[0], await site.PlayAsync("--diff", OnlyClients, option), StringComparison.Ordinal);

        Assert.Equal("1\n", await site.Server.ShellAsync($"grep -c '^timeout = PT20M$' {Section}", Token));
        Assert.Equal(secret, await EncryptedAsync(site));
    }

    /// <summary>A server that refuses the section, because of another file that it cannot parse.</summary>
    private static async Task RefuseAsync(AnsibleSite site)
    {
        await site.Server.ShellAsync($"rm {Section}; echo '[broken' >/etc/mandos/clients.d/broken.conf", Token);

        var refused = await site.RunAsync(OnlyClients);

        Assert.NotEqual(0, refused.ExitCode);
        Assert.Contains("mandos1 refuses the section", refused.Text, StringComparison.Ordinal);
        Assert.Equal("broken.conf\n", await site.Server.ShellAsync("ls /etc/mandos/clients.d", Token));
        var dump = await site.Client.ShellAsync($"cryptsetup luksDump {AnsibleSite.Disk}", Token);
        Assert.DoesNotContain("mandos", dump, StringComparison.Ordinal);
    }

    /// <summary>The second of two servers cannot be reached; the first one has the client nevertheless.</summary>
    private static async Task FailWithSecondAsync(AnsibleSite site)
    {
        await site.Server.ShellAsync("rm /etc/mandos/clients.d/broken.conf", Token);

        var failed = await site.RunAsync(OnlyClients, "--extra-vars={\"mandos_client_servers\": [\"mandos1\", \"nowhere\"]}");

        Assert.NotEqual(0, failed.ExitCode);
        Assert.Contains("nowhere", failed.Text, StringComparison.Ordinal);
        await FetchAsync(site);
    }

    /// <summary>As at boot: the client finds the server by multicast DNS, and the password opens the key slot for Mandos.</summary>
    private static Task FetchAsync(AnsibleSite site) => site.Client.ShellAsync(
        $"mandos-client {string.Join(' ', KeySet.ClientOptions)} | "
            + $"cryptsetup open --test-passphrase --key-file=- --key-slot=1 {AnsibleSite.Disk}", Token);

    [Fact]
    public async Task Cloud_init_accepts_the_example_and_it_leaves_a_section_that_the_machine_can_decrypt()
    {
        var machine = await StartAsync();
        var text = await File.ReadAllTextAsync(Path.Combine(Golden.Root, "packaging/cloud-init/user-data.yaml"), Token);
        machine.WriteFile("/root/user-data.yaml", text);
        var schema = await machine.ShellAsync("cloud-init schema --config-file /root/user-data.yaml", Token);
        Assert.Contains("Valid schema", schema, StringComparison.Ordinal);

        machine.WriteFile("/root/disk-passphrase", AnsibleSite.Passphrase);
        const string source = "deb [signed-by=/etc/apt/keyrings/mandos.asc] https://apt.example.org/debian trixie main";
        Assert.Contains(source, text, StringComparison.Ordinal);
        machine.WriteFile(
            "/var/lib/cloud/seed/nocloud/user-data",
            text.Replace(source, "deb [trusted=yes] file:/srv/archive ./", StringComparison.Ordinal));
        machine.WriteFile("/var/lib/cloud/seed/nocloud/meta-data", "instance-id: test\n");
        machine.WriteFile("/etc/cloud/cloud.cfg.d/99-test.cfg", Modules);
        await machine.ShellAsync(
            "rm /etc/apt/sources.list; cloud-init init; cloud-init modules --mode=config; cloud-init modules --mode=final", Token);

        await ProveAsync(machine);
    }

    [Fact]
    public async Task Debconf_accepts_the_preseed_example_and_it_leaves_a_section_that_the_machine_can_decrypt()
    {
        var machine = await StartAsync();
        machine.WriteFile(
            "/root/mandos.preseed",
            await File.ReadAllBytesAsync(Path.Combine(Golden.Root, "packaging/preseed/mandos.preseed"), Token));
        Assert.Equal("", await machine.ShellAsync("debconf-set-selections --checkonly /root/mandos.preseed 2>&1", Token));
        // The real one of the installer also mounts file systems; the machine is its own target.
        machine.WriteFile("/usr/local/bin/in-target", "#!/bin/sh\nexec chroot /target \"$@\"\n", (UnixFileMode)0b111_101_101);

        await machine.ShellAsync(
            $"""
            ln -s / /target
            printf 'temporary passphrase' >/root/new
            printf %s '{AnsibleSite.Passphrase}' |
              cryptsetup luksChangeKey --batch-mode --pbkdf=pbkdf2 --pbkdf-force-iterations=1000 --key-file=- {AnsibleSite.Disk} /root/new
            apt-get update
            command=$(sed -e :a -e '/\\$/N; s/\\\n//; ta' /root/mandos.preseed | sed -n 's/^d-i preseed\/late_command string //p')
            sh -c "$command"
            test ! -e /root/disk-passphrase
            """, Token);

        await ProveAsync(machine);
    }

    private async Task<Machine> StartAsync()
    {
        var machine = await Lab.FreshMachineAsync("web1", await AnsibleChroot.GetAsync(Token));
        await AnsibleSite.PrepareClientAsync(machine, Token);
        await AnsibleSite.AddArchiveAsync(machine, PublishedPackages.Client, Token);
        return machine;
    }

    /// <summary>The section can be decrypted, and its password has a key slot of its own.</summary>
    private static async Task ProveAsync(Machine machine)
    {
        Assert.Equal("600\n", await machine.ShellAsync("stat -c %a /root/mandos-section.conf", Token));
        await machine.ShellAsync("mandos-keygen --check --secret=/root/mandos-section.conf", Token);
        Assert.Matches(
            "(?s)Tokens:\\s+0: mandos\\s+Keyslot: +1\n", await machine.ShellAsync($"cryptsetup luksDump {AnsibleSite.Disk}", Token));
    }

    private static async Task<string> StatesAsync(AnsibleSite site) =>
        await site.StateAsync(site.Client) + await site.StateAsync(site.Server);

    /// <summary>The lines of the encrypted password.</summary>
    private static async Task<string[]> EncryptedAsync(AnsibleSite site) =>
        (await site.Server.ShellAsync($"sed -n 's/^    //p' {Section}", Token)).Split('\n', StringSplitOptions.RemoveEmptyEntries);

    /// <summary>The modules that the example needs; others want a network, or a machine that boots.</summary>
    private const string Modules =
        """
        datasource_list: [NoCloud]
        cloud_init_modules: []
        cloud_config_modules: [apt_configure, runcmd]
        cloud_final_modules: [package_update_upgrade_install, scripts_user]
        """;
}
