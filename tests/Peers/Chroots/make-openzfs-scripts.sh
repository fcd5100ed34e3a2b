#!/bin/sh
# Unpacks what OpenZFS puts into a dracut image, without the packages that it needs: no module of the kernel is built.
# usage: make-openzfs-scripts.sh SUITE DIRECTORY
set -eu
suite=$1 directory=$2
mmdebstrap --quiet --variant=custom --mode=root --components=main,contrib \
  --customize-hook='cd "$1" && APT_CONFIG=$MMDEBSTRAP_APT_CONFIG apt-get -qq -o APT::Sandbox::User=root download zfs-dracut && dpkg-deb -x zfs-dracut_*.deb .' \
  "$suite" "$directory"
