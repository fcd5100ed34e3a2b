#!/usr/bin/env bash
# Compares this project with Debian's packages and writes docs/benchmarks.md.
# usage: bench.sh [--quick] [PART...]     --quick: few runs, for a trial; PART, default: all of them:
#   client   the client compared with upstream's: five minutes
#   server   the server compared with upstream's: twelve minutes
#   fleet    our server with 1,000, 10,000 and 100,000 clients: eighteen minutes; $CLIENTS: only that many
#   control  mandos-ctl compared with upstream's, and mandos-monitor, 5,000 clients: three minutes
#   sizes    the size added to the initramfs, compared with other packages: five minutes
#   boots    machines that boot with upstream's client and with ours: long; $PAIRS pairs of each kind, 3 if not set
# A part writes only its own section of the page.
set -euo pipefail
cd "$(dirname "$0")/.."
page=docs/benchmarks.md
quick=() parts=()
pairs=${PAIRS:-3}
for argument in "$@"; do
  case $argument in
    --quick) quick=(--quick) pairs=1 ;;
    client | server | fleet | control | sizes | boots) parts+=("$argument") ;;
    *)
      echo "bench.sh: error: no such part: $argument" >&2
      echo 'hint: the parts are client, server, fleet, control, sizes and boots' >&2
      exit 2
      ;;
  esac
done
[ ${#parts[@]} -gt 0 ] || parts=(client server fleet control sizes boots)
run=()
[ "$(id -u)" = 0 ] || run=(sudo --preserve-env env "PATH=$PATH" "DOTNET_ROOT=$(dirname "$(readlink -f "$(command -v dotnet)")")")
bench=tests/Bench/bin/Release/net10.0/Mandos.Bench
scripts/need.sh 'measuring sizes' zstd binutils
dotnet build tests/Bench -c Release -v quiet -nologo -clp:NoSummary
for part in "${parts[@]}"; do
  echo "== $part" >&2
  if [ "$part" = boots ]; then
    scripts/need.sh 'machines that really boot, emulated' qemu-system-x86
    dotnet build tests/Boot -c Release -v quiet -nologo -clp:NoSummary
    table=artifacts/boots.md
    # All or nothing: the page is not changed until all have booted.
    "${run[@]}" tests/Boot/bin/Release/net10.0/Mandos.Boot --bench "$pairs" >"$table"
    "$bench" "${quick[@]}" boots "$page" <"$table"
  else
    "${run[@]}" "$bench" "${quick[@]}" "$part" "$page"
  fi
done
[ ${#run[@]} = 0 ] || sudo chown "$(id -u):$(id -g)" "$page"
