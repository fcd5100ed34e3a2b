#!/usr/bin/env bash
# Installs these Debian packages if they are missing, after printing which and why.
# usage: need.sh PURPOSE PACKAGE...
set -euo pipefail
why=$1
shift
missing=()
for package in "$@"; do
  status=$(dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null || true)
  [ "$status" = installed ] || missing+=("$package")
done
[ ${#missing[@]} -gt 0 ] || exit 0

if ! command -v apt-get >/dev/null; then
  echo "need.sh: error: missing for $why: ${missing[*]}" >&2
  echo "hint: this is not a Debian system; install the equivalent packages by hand" >&2
  exit 1
fi
echo "installing for $why: ${missing[*]}"
as_root=()
if [ "$(id -u)" != 0 ]; then
  if ! command -v sudo >/dev/null; then
    echo "need.sh: error: root is needed to install: ${missing[*]}" >&2
    echo "hint: as root: apt-get install ${missing[*]}" >&2
    exit 1
  fi
  as_root=(sudo)
fi
log=$(mktemp)
trap 'rm -f "$log"' EXIT
install=("${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=300)
# Installing packages for tests must not start services on this machine.
policy=/usr/sbin/policy-rc.d
made_policy=
if [ ! -e $policy ] && [ ! -d /run/systemd/system ]; then
  printf '#!/bin/sh\nexit 101\n' | "${as_root[@]}" tee $policy >/dev/null
  "${as_root[@]}" chmod 755 $policy
  made_policy=1
fi
status=0
{ "${install[@]}" install -y --no-install-recommends "${missing[@]}" ||
  { "${install[@]}" update && "${install[@]}" install -y --no-install-recommends "${missing[@]}"; }; } >"$log" 2>&1 || status=$?
[ -z "$made_policy" ] || "${as_root[@]}" rm -f $policy
if [ $status != 0 ]; then
  tail -n 20 "$log" >&2
  echo "need.sh: error: could not install: ${missing[*]}" >&2
  exit 1
fi
