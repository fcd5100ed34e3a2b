#!/usr/bin/env bash
# Prints a hash of the contents of files and directories (without build output) and of the tools that compile them: equal hashes
# mean equal results. It depends on content, not on times: a checkout or a copy does not change it.
# usage: fingerprint.sh PATH...
set -euo pipefail
cd "$(dirname "$0")/.."
{
  dotnet --version
  gcc -dumpfullversion 2>/dev/null || true
  ld --version 2>/dev/null | head -n 1 || true
  find "$@" \( -name bin -o -name obj -o -name '.*.swp' \) -prune -o \( -type f -o -type l \) -print0 | LC_ALL=C sort -z | xargs -0 sha256sum
} | sha256sum | cut -d ' ' -f 1
