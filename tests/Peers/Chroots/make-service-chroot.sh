#!/bin/sh
# Makes a Debian chroot to run our server in as a service of systemd: with the bus, avahi-daemon, what the package depends
# on and what checkers need, and an SSH server to be checked.
# usage: make-service-chroot.sh SUITE DIRECTORY
set -eu
mmdebstrap --quiet --variant=minbase \
  --dpkgopt=force-unsafe-io \
  --dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-exclude=/usr/share/man/*' --dpkgopt='path-exclude=/usr/share/locale/*' \
  --include=systemd,systemd-sysv,udev,dbus,avahi-daemon,adduser,libsqlite3-0,libsystemd0,fping,openssh-client,openssh-server,procps,iproute2,e2fsprogs \
  --customize-hook='rm -rf "$1"/var/cache/apt/* "$1"/var/lib/apt/lists/*' \
  "$1" "$2"
