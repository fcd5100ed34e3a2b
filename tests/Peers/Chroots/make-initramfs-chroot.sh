# To build initramfs images with initramfs-tools and cryptsetup, as data for tests.
without_documentation
without_images "$@"
add_mandos_user
# Where the kernel of the tests has no device mapper, nothing tells that the disk is needed.
echo CRYPTSETUP=y >>"$root/etc/cryptsetup-initramfs/conf-hook"
echo "root_crypt /root/disk none luks,initramfs" >"$root/etc/crypttab"
finish
