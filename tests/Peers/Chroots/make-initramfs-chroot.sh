#!/bin/sh
# Makes a Debian chroot that builds initramfs images with initramfs-tools and cryptsetup, as data for tests.
# usage: make-initramfs-chroot.sh SUITE DIRECTORY PACKAGE...
set -eu
suite=$1 directory=$2
shift 2
packages=$(echo "$*" | tr ' ' ,)
mmdebstrap --quiet --variant=minbase \
  --dpkgopt=force-unsafe-io \
  --dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-exclude=/usr/share/man/*' --dpkgopt='path-exclude=/usr/share/locale/*' \
  --include="$packages" \
  --customize-hook='chroot "$1" sh -euc "
    useradd --system --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin _mandos
    rm -f /boot/initrd.img-*
    # Where the kernel of the tests has no device mapper, nothing tells that the disk is needed.
    echo CRYPTSETUP=y >>/etc/cryptsetup-initramfs/conf-hook
    echo \"root_crypt /root/disk none luks,initramfs\" >/etc/crypttab
  "' \
  "$suite" "$directory"
