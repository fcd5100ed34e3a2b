#!/bin/sh
# Makes a Debian chroot to install packages in: with initramfs-tools, cryptsetup, a kernel that is only a name, and all
# that the original's packages depend on, marked as dependencies. The archive it knows holds these two packages alone.
# usage: make-package-chroot.sh SUITE DIRECTORY
set -eu
suite=$1 directory=$2
mmdebstrap --quiet --variant=minbase \
  --dpkgopt=force-unsafe-io \
  --dpkgopt='path-exclude=/usr/share/man/*' --dpkgopt='path-exclude=/usr/share/locale/*' \
  --include=adduser,initramfs-tools,cryptsetup-initramfs,cryptsetup-bin,systemd,procps,iproute2,strace \
  --customize-hook='chroot "$1" sh -euc "
    export DEBIAN_FRONTEND=noninteractive
    mkdir /srv/original && cd /srv/original
    apt-get -qq -o APT::Sandbox::User=root download mandos mandos-client
    packages=\$(apt-get -qq --simulate --no-install-recommends install ./mandos_*.deb ./mandos-client_*.deb |
      sed -n \"s/^Inst \\([^ ]*\\) .*/\\1/p\" | grep -v \"^mandos\")
    apt-get -qq --no-install-recommends install \$packages >/dev/null
    apt-mark auto \$packages >/dev/null
    dpkg-scanpackages . >Packages 2>/dev/null
    kernel=6.1.0-test-amd64
    mkdir -p /lib/modules/\$kernel/kernel /boot
    touch /lib/modules/\$kernel/modules.order /lib/modules/\$kernel/modules.builtin /lib/modules/\$kernel/modules.builtin.modinfo
    depmod \$kernel
    echo CONFIG_RD_GZIP=y >/boot/config-\$kernel
    echo none >/boot/vmlinuz-\$kernel
    update-initramfs -c -k \$kernel >/dev/null
  "' \
  "$suite" "$directory"
rm -rf "$directory"/etc/apt/sources.list* "$directory"/var/lib/apt/lists/*
echo 'deb [trusted=yes] file:/srv/original ./' >"$directory/etc/apt/sources.list"
printf 'APT::Get::Assume-Yes "true";\nAPT::Install-Recommends "false";\nAPT::Sandbox::User "root";\n' >"$directory/etc/apt/apt.conf.d/90tests"
chroot "$directory" apt-get -qq update
