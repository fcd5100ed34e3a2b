namespace Mandos.Interop.Images;

/// <summary>A machine with a kernel, initramfs-tools, cryptsetup and our package, installed as `make install` does.</summary>
internal sealed class InitramfsMachine(Machine machine)
{
    public const UnixFileMode Executable = (UnixFileMode)0b111_101_101;
    private const string Hook = "/usr/share/initramfs-tools/hooks/mandos";

    public Machine Machine => machine;

    public static async Task<InitramfsMachine> MakeAsync(Laboratory laboratory, DebianRelease release, bool withKeys = true)
    {
        var machine = await laboratory.MachineAsync("client", await InitramfsChroot.GetAsync(release, laboratory.Token));
        await laboratory.ShellOnHostAsync($"{Golden.Root}/scripts/install.sh {machine.HostPath("")} /usr client >&2");
        if (withKeys)
            await machine.ShellAsync("/opt/mandos/mandos-keygen --dir /etc/keys/mandos --name client", laboratory.Token);
        return new(machine);
    }

    /// <summary>Runs the hook alone, as mkinitramfs does. The image is /run/image.</summary>
    public Task<CompletedProcess> RunHookAsync(CancellationToken cancellationToken, string umask = "077", string environment = "") =>
        machine.RunAsync(
        new(), TimeSpan.FromSeconds(120), cancellationToken, "/bin/sh", "-euc",
        $"""
        umask {umask}
        export DESTDIR=/run/image CONFDIR=/etc/initramfs-tools verbose=n DPKG_ARCH=amd64 MODULES=list
        export version=$(ls /usr/lib/modules) MODULESDIR=/usr/lib/modules/$(ls /usr/lib/modules) __MODULES_TO_ADD=/run/modules-to-add
        for folder in bin lib sbin; do mkdir -p $DESTDIR/usr/$folder; ln -s usr/$folder $DESTDIR/$folder; done
        mkdir -p $DESTDIR/conf/conf.d $DESTDIR/lib/cryptsetup $DESTDIR/lib/modules
        touch $DESTDIR/lib/cryptsetup/askpass
        mkdir $DESTDIR/cryptroot; echo root UUID=x none luks,initramfs >$DESTDIR/cryptroot/crypttab
        {environment}
        exec {Hook}
        """);

    /// <summary>Makes the image /boot/initrd.img-VERSION with the distribution's tool and unpacks it in /run/unpacked.</summary>
    public async Task<CompletedProcess> MakeImageAsync(CancellationToken cancellationToken)
    {
        // Without drivers for every disk: it is quicker, and ours come by the hook.
        await machine.ShellAsync("sed -i 's/^MODULES=.*/MODULES=list/' /etc/initramfs-tools/initramfs.conf", cancellationToken);
        return (await machine.RunAsync(
            new(), TimeSpan.FromMinutes(5), cancellationToken, "/bin/sh", "-euc",
            """
            update-initramfs -c -k $(ls /usr/lib/modules)
            mkdir /tmp/unpacked && cd /tmp/unpacked
            unmkinitramfs /boot/initrd.img-* .
            if [ -d main ]; then mv main /tmp/image; else mv /tmp/unpacked /tmp/image; fi
            """)).OrThrow();
    }

    /// <summary>Everything of ours in the image: mode, owner, path, and where a link points.</summary>
    public async Task<IReadOnlyList<string>> LayoutAsync(CancellationToken cancellationToken) =>
        (
            await machine.ShellAsync(
                "cd /tmp/image; find lib/mandos/ conf scripts/*/mandos -printf '%M %u:%g %p %l\\n' | sed 's/ $//'", cancellationToken))
        .Split('\n', StringSplitOptions.RemoveEmptyEntries);
}
