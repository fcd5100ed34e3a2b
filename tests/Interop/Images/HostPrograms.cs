namespace Mandos.Interop.Images;

/// <summary>Programs of the host on a machine whose root lacks them, with the libraries and the loader that they need.</summary>
internal static class HostPrograms
{
    /// <summary>Installs them in /usr/bin of the machine.</summary>
    public static Task InstallAsync(Laboratory laboratory, Machine machine, params IEnumerable<string> names) =>
        laboratory.ShellOnHostAsync(
            $$"""
            root='{{machine.HostPath("")}}'
            mkdir -p "$root/opt/host"
            for name in {{string.Join(' ', names)}}; do
                [ ! -e "$root/usr/bin/$name" ] || continue
                program=$(readlink -f "$(command -v "$name")")
                cp "$program" "$root/opt/host/$name"
                ldd "$program" | grep -o '/[^ ]*' | while read -r library; do cp -L "$library" "$root/opt/host/"; done
                printf '#!/bin/sh\nexec /opt/host/ld-linux-* --library-path /opt/host /opt/host/%s "$@"\n' "$name" >"$root/usr/bin/$name"
                chmod 755 "$root/usr/bin/$name"
            done
            """);
}
