#!/bin/sh
# Makes a Debian chroot that builds initramfs images as a fresh system does (MODULES=most, zstd), with the packages whose
# part of an image is compared: each in a folder of /srv, with what it depends on, not installed.
# usage: make-sizes-chroot.sh SUITE DIRECTORY PACKAGE...
set -eu
suite=$1 directory=$2
shift 2
mmdebstrap --quiet --variant=minbase \
  --dpkgopt=force-unsafe-io \
  --dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-exclude=/usr/share/man/*' --dpkgopt='path-exclude=/usr/share/locale/*' \
  --include=initramfs-tools,cryptsetup-initramfs,linux-image-cloud-amd64,busybox,zstd,udev,iproute2 \
  --customize-hook='chroot "$1" sh -euc "
    for package in '"$*"'; do
      mkdir -p /srv/\$package/partial
      apt-get -qq -o APT::Sandbox::User=root -o Dir::Cache::archives=/srv/\$package --no-install-recommends --download-only install \$package
    done
    rm -f /boot/initrd.img-*
    # Where the kernel of the tests has no device mapper, nothing tells that the disk is needed.
    echo CRYPTSETUP=y >>/etc/cryptsetup-initramfs/conf-hook
    echo \"root_crypt /root/disk none luks,initramfs\" >/etc/crypttab
    # Images are made when it is time, not at each installation.
    sed -i s/^update_initramfs=.*/update_initramfs=no/ /etc/initramfs-tools/update-initramfs.conf
  "' \
  "$suite" "$directory"
