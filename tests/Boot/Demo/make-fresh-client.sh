# A machine as Debian's installer leaves it with an encrypted root: kernel, initramfs-tools, cryptsetup, OpenSSH. busybox-static
# and e2fsprogs are for the small root file system that the guest boots, tmux is the terminal.
without_documentation
mkdir -p "$root/etc/initramfs-tools/conf.d"
# As Debian has it, but compressed in seconds.
printf 'COMPRESS=zstd\nCOMPRESSLEVEL=1\n' >"$root/etc/initramfs-tools/conf.d/quick"
without_images "$@"
inside update-initramfs -c -k "$(ls "$root/lib/modules")" >/dev/null 2>&1
finish
fresh
