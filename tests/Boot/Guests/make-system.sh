# Makes the disk of a machine that runs: the Debian system that an initramfs was made on, with that initramfs in /boot.
# usage: make-system.sh      makes /tmp/disk
set -eu
rm -rf /var/cache/guest /usr/share/perl /usr/share/zoneinfo /usr/lib/gcc /usr/lib/*-linux-gnu/perl
# Without what lies in memory here: a bind mount takes no other mounts along.
mount --bind / /mnt
truncate -s 640M /tmp/disk
mke2fs -q -t ext4 -O ^has_journal -E root_owner=0:0,lazy_itable_init=0,nodiscard -m 0 -L system -d /mnt /tmp/disk
umount /mnt
