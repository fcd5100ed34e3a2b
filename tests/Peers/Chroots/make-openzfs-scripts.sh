#!/bin/sh
# Unpacks what OpenZFS puts into a dracut image, without the packages that it needs: no module of the kernel is built.
# usage: make-openzfs-scripts.sh SUITE DIRECTORY
set -eu
suite=$1 directory=$2
mmdebstrap --quiet --variant=custom --mode=root --components=main,contrib \
  --customize-hook='cd "$1" && apt-get -qq download zfs-dracut && dpkg-deb -x zfs-dracut_*.deb .' \
  "$suite" "$directory"
