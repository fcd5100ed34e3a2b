#!/bin/sh
# Makes a Debian chroot with dracut and what it puts into an initramfs for an encrypted root.
# usage: make-dracut-chroot.sh SUITE DIRECTORY PACKAGE...
#
# The image that the kernel's installation makes is of no use; removed.
set -eu
suite=$1 directory=$2
shift 2
packages=$(echo "$*" | tr ' ' ,)
mmdebstrap --quiet --variant=minbase \
  --dpkgopt=force-unsafe-io \
  --dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-exclude=/usr/share/man/*' --dpkgopt='path-exclude=/usr/share/locale/*' \
  --include="$packages" \
  --customize-hook='chroot "$1" sh -euc "
    rm -f /boot/initrd.img-*
    useradd --system --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin _mandos
  "' \
  "$suite" "$directory"
