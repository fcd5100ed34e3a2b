#!/usr/bin/env bash
# Builds programs from copies of the sources in two folders with names of different length, and compares them byte for byte.
# usage: reproduce.sh [PROJECT...]      PROJECT: Client, Keygen, Server (all without)
set -euo pipefail
cd "$(dirname "$0")/.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
for folder in "$work/a" "$work/another/folder with a longer name"; do
  mkdir -p "$folder"
  git ls-files -z --cached --others --exclude-standard | xargs -0 tar -c --ignore-failed-read | tar -C "$folder" -x
  echo "building in $folder"
  "$folder/scripts/build.sh" "$@"
done
status=0
for program in "$work"/a/artifacts/bin/*; do
  name=${program##*/}
  if cmp "$program" "$work/another/folder with a longer name/artifacts/bin/$name"; then
    echo "reproduce: $name is the same in both: $(sha256sum <"$program" | cut -c 1-16)"
  else
    echo "reproduce.sh: error: $name depends on the folder that it is built in" >&2
    status=1
  fi
done
exit $status
