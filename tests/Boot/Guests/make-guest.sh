#!/bin/sh
# Makes the Debian system that a guest's initramfs is made on: kernel, cryptsetup, the initramfs generator, and what
# Debian's mandos-client needs. That package itself lies in /var/cache/guest, not installed.
# usage: make-guest.sh SUITE DIRECTORY PACKAGE...
set -eu
suite=$1 directory=$2
shift 2
packages=$(echo "$*" | tr ' ' ,)
mmdebstrap --quiet --variant=minbase \
  --dpkgopt=force-unsafe-io --dpkgopt=force-confold \
  --dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-exclude=/usr/share/man/*' --dpkgopt='path-exclude=/usr/share/locale/*' \
  --setup-hook='mkdir -p "$1/etc/initramfs-tools"; echo update_initramfs=no >"$1/etc/initramfs-tools/update-initramfs.conf"' \
  --include="$packages" \
  --customize-hook='chroot "$1" sh -euc "
    mkdir /var/cache/guest && cd /var/cache/guest
    apt-get -qq -o APT::Sandbox::User=root download mandos-client
    useradd --system --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin _mandos
    rm -f /boot/initrd.img-* /etc/initramfs-tools/update-initramfs.conf
    rm -rf /var/cache/apt/*.bin
  "' \
  "$suite" "$directory"
