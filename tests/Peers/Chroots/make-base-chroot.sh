#!/bin/sh
# Makes the Debian chroot that the others of a release are copies of: minbase, what most of them need, and the package lists.
# usage: make-base-chroot.sh SUITE DIRECTORY
#
# The paths are excluded from inside: mmdebstrap would start a filter in Python for each package.
set -eu
mmdebstrap --quiet --variant=minbase --skip=cleanup/apt/lists \
  --dpkgopt=force-unsafe-io --dpkgopt=force-confold \
  --extract-hook='printf "path-exclude=/usr/share/%s/*\n" man locale >"$1/etc/dpkg/dpkg.cfg.d/50tests"' \
  --include=adduser,cryptsetup-bin,iproute2,procps,strace \
  --customize-hook='rm -rf "$1"/usr/share/man/* "$1"/usr/share/locale/*' \
  "$1" "$2"
