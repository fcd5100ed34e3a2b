# To build initramfs images as a fresh system does (MODULES=most, zstd), with the packages whose part of an image is
# compared: each in a folder of /srv, with what it depends on, not installed.
without_documentation
without_images initramfs-tools cryptsetup-initramfs linux-image-cloud-amd64 busybox zstd udev
for package in "$@"; do
  mkdir -p "$root/srv/$package/partial"
  apt -o "Dir::Cache::archives=/srv/$package" --download-only install "$package"
done
# Where the kernel of the tests has no device mapper, nothing tells that the disk is needed.
echo CRYPTSETUP=y >>"$root/etc/cryptsetup-initramfs/conf-hook"
echo "root_crypt /root/disk none luks,initramfs" >"$root/etc/crypttab"
# Images are made when it is time, not at each installation.
sed -i s/^update_initramfs=.*/update_initramfs=no/ "$root/etc/initramfs-tools/update-initramfs.conf"
finish
