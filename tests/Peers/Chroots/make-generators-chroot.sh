#!/bin/sh
# Makes a Debian chroot with a kernel and its image by initramfs-tools, whose archive holds dracut and initramfs-tools with all
# that they need here: to change from one to the other.
# usage: make-generators-chroot.sh SUITE DIRECTORY
set -eu
suite=$1 directory=$2
mmdebstrap --quiet --variant=minbase \
  --dpkgopt=force-unsafe-io \
  --dpkgopt='path-exclude=/usr/share/man/*' --dpkgopt='path-exclude=/usr/share/locale/*' \
  --setup-hook='mkdir -p "$1/etc/initramfs-tools/conf.d"; printf "COMPRESS=zstd\nCOMPRESSLEVEL=1\n" >"$1/etc/initramfs-tools/conf.d/quick"' \
  --include=adduser,initramfs-tools,cryptsetup-initramfs,cryptsetup-bin,systemd,systemd-sysv,procps,iproute2,zstd,dpkg-dev,linux-image-cloud-amd64 \
  --customize-hook='chroot "$1" sh -euc "
    export DEBIAN_FRONTEND=noninteractive
    mkdir /srv/archive && cd /srv/archive
    needed=\$(apt-get -qq --simulate --no-install-recommends install dracut | sed -n \"s/^Inst \\([^ ]*\\) .*/\\1/p\")
    removed=\$(apt-get -qq --simulate --no-install-recommends install dracut | sed -n \"s/^Remv \\([^ ]*\\) .*/\\1/p\")
    ! apt-cache show systemd-cryptsetup >/dev/null 2>&1 || needed=\"\$needed systemd-cryptsetup\"
    apt-get -qq -o APT::Sandbox::User=root download \$needed \$removed initramfs-tools initramfs-tools-core cryptsetup-initramfs
    dpkg-scanpackages . >Packages 2>/dev/null
    ls /boot/initrd.img-* >/dev/null
  "' \
  "$suite" "$directory"
rm -rf "$directory"/etc/apt/sources.list* "$directory"/var/lib/apt/lists/*
echo 'deb [trusted=yes] file:/srv/archive ./' >"$directory/etc/apt/sources.list"
printf 'APT::Get::Assume-Yes "true";\nAPT::Install-Recommends "false";\nAPT::Sandbox::User "root";\n' >"$directory/etc/apt/apt.conf.d/90tests"
chroot "$directory" apt-get -qq update
