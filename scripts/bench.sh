#!/usr/bin/env bash
# Measures our boot executable beside Debian's and writes docs/benchmarks.md. Takes about five minutes.
# usage: bench.sh [--quick]
set -euo pipefail
cd "$(dirname "$0")/.."
scripts/need.sh 'measuring sizes' zstd binutils
dotnet build tests/Bench -c Release -v quiet -nologo -clp:NoSummary
run=()
[ "$(id -u)" = 0 ] || run=(sudo --preserve-env env "PATH=$PATH" "DOTNET_ROOT=$(dirname "$(readlink -f "$(command -v dotnet)")")")
"${run[@]}" tests/Bench/bin/Release/net10.0/Mandos.Bench "$@" docs/benchmarks.md
[ ${#run[@]} = 0 ] || sudo chown "$(id -u):$(id -g)" docs/benchmarks.md
