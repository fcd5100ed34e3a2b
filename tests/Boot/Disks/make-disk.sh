# Makes a file system and a LUKS2 header, both as plain files: no loop device, no device mapper.
# usage: make-disk.sh NAME LUKS-UUID SIZE      in /tmp: volume-key, password, init; makes /tmp/file-system and /tmp/disk
set -eu
name=$1 uuid=$2 size=$3
mkdir /tmp/tree
if [ "$name" = root ]; then
  cd /tmp/tree
  mkdir bin sbin etc dev proc sys run tmp usr boot var
  # What doctor runs is on a disk of its own, see make-system.sh.
  ln -s usr/lib lib
  ln -s usr/lib64 lib64
  # systemd changes its root only to what looks like a system.
  printf 'ID=guest\nNAME=guest\n' >etc/os-release
  cp /bin/busybox bin/busybox
  cp /tmp/password etc/password
  cp /tmp/init sbin/init
  chmod 755 sbin/init
  cd /
fi
truncate -s "$size" /tmp/file-system
mke2fs -q -t ext4 -O ^has_journal,^metadata_csum -E root_owner=0:0,lazy_itable_init=0,nodiscard -m 0 -N 256 -L "$name" -d /tmp/tree /tmp/file-system

# cryptsetup wants to see room for data behind the header; it is cut off again.
truncate -s $((16777216 + size)) /tmp/disk
cryptsetup luksFormat --batch-mode --type luks2 --uuid "$uuid" --label "$name-luks" \
  --cipher aes-xts-plain64 --key-size 512 --sector-size 512 --volume-key-file /tmp/volume-key \
  --pbkdf pbkdf2 --pbkdf-force-iterations 1000 --key-file /tmp/password /tmp/disk
truncate -s 16777216 /tmp/disk
