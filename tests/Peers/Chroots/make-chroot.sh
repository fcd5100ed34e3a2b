#!/bin/sh
# Makes a Debian chroot that holds the original's programs and the independent peers, as data for tests.
# usage: make-chroot.sh SUITE DIRECTORY PACKAGE...
#
# The original's and plymouth's packages are only unpacked, not configured: their installation scripts would make keys and
# Diffie-Hellman parameters (minutes), build an initramfs and start a server, and plymouth's wants systemd and udev.
set -eu
suite=$1 directory=$2
shift 2
packages=$(echo "$*" | tr ' ' ,)
mmdebstrap --quiet --variant=minbase \
  --dpkgopt=force-unsafe-io \
  --dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-exclude=/usr/share/man/*' --dpkgopt='path-exclude=/usr/share/locale/*' \
  --include="$packages" \
  --customize-hook='chroot "$1" sh -euc "
    mkdir /tmp/unpacked && cd /tmp/unpacked
    apt-get -qq -o APT::Sandbox::User=root download mandos mandos-client plymouth libplymouth5
    for package in *.deb; do
      dpkg-deb --fsys-tarfile \$package | tar -C / -x --keep-directory-symlink
    done
    rm -rf /tmp/unpacked
    useradd --system --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin _mandos
    install -d -m 700 -o _mandos -g _mandos /var/lib/mandos
    install -d -m 700 /etc/keys/mandos
    # Each machine has one of its own; systemd leaves an empty file.
    rm -f /etc/machine-id
  "' \
  "$suite" "$directory"
