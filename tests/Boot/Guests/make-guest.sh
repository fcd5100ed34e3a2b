# The Debian system that a guest's initramfs is made on: kernel, cryptsetup, the initramfs generator, and what Debian's
# mandos-client needs. That package itself lies in /var/cache/guest, not installed.
without_documentation
without_images "$@"
mkdir "$root/var/cache/guest"
inside sh -euc 'cd /var/cache/guest && apt-get -qq -o APT::Sandbox::User=root download mandos-client'
add_mandos_user
rm -f "$root/etc/initramfs-tools/update-initramfs.conf"
finish
