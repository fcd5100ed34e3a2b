#!/bin/sh
# Makes a Debian chroot with the lintian of that release.
# usage: make-lintian-chroot.sh SUITE DIRECTORY
set -eu
mmdebstrap --quiet --variant=minbase \
  --dpkgopt=force-unsafe-io \
  --dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-exclude=/usr/share/man/*' --dpkgopt='path-exclude=/usr/share/locale/*' \
  --include=lintian \
  "$1" "$2"
