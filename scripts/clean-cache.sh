#!/usr/bin/env bash
# Removes the cache of tests and demonstration: chroots, guest systems, initramfs images. Removes nothing that is in use.
# usage: clean-cache.sh
set -euo pipefail
folder=${MANDOS_TEST_CACHE:-${XDG_CACHE_HOME:-/var/cache}/mandos-tests}
[ -d "$folder" ] || exit 0
# Only a directory that looks like our cache, wherever the variable points.
if [ -z "$(find "$folder" -maxdepth 1 -name '*.lock' -print -quit)" ] && [ -n "$(ls -A "$folder")" ]; then
  echo "clean-cache.sh: error: $folder does not look like the cache of the tests" >&2
  echo "hint: examine it, and remove it by hand" >&2
  exit 1
fi
if grep -q " $folder/" /proc/mounts; then
  echo "clean-cache.sh: error: something is mounted below $folder: a test is running" >&2
  exit 1
fi
as_root=()
[ -w "$folder" ] && [ "$(id -u)" = 0 ] || as_root=(sudo)
echo "removing $folder ($("${as_root[@]}" du -sh "$folder" | cut -f 1))"
"${as_root[@]}" rm -rf --one-file-system -- "$folder"
