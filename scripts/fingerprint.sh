#!/usr/bin/env bash
# Prints a hash of what is in files and folders (what builds leave in them left out) and of the tools that compile them:
# the same hash, the same result. By content, not by time: a checkout or a copy changes nothing.
# usage: fingerprint.sh PATH...
set -euo pipefail
cd "$(dirname "$0")/.."
{
  dotnet --version
  gcc -dumpfullversion 2>/dev/null || true
  ld --version 2>/dev/null | head -n 1 || true
  find "$@" \( -name bin -o -name obj -o -name '.*.swp' \) -prune -o \( -type f -o -type l \) -print0 | LC_ALL=C sort -z | xargs -0 sha256sum
} | sha256sum | cut -d ' ' -f 1
