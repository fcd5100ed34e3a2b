#!/usr/bin/env bash
# Publishes programs as Native AOT, stripped, into artifacts/bin.
# usage: build.sh [PROJECT...]      PROJECT: Client, Keygen, Server (all without)
set -euo pipefail
cd "$(dirname "$0")/.."
[ $# -gt 0 ] || set -- Client Keygen Server
rid=linux-$(uname -m | sed 's/x86_64/x64/; s/aarch64/arm64/')
mkdir -p artifacts/bin
for project in "$@"; do
  name=$(sed -n 's:.*<AssemblyName>\(.*\)</AssemblyName>.*:\1:p' "src/Mandos.$project/Mandos.$project.csproj")
  echo "building $name (compiling to machine code takes a minute)"
  dotnet publish "src/Mandos.$project" -c Release -r "$rid" -o "artifacts/publish/$name" -v quiet -nologo
  # Moved into place in one step: a program that runs is never written over.
  strip -o "artifacts/bin/.$name" "artifacts/publish/$name/$name"
  mv -f "artifacts/bin/.$name" "artifacts/bin/$name"
  printf '  %s  %s bytes\n' "artifacts/bin/$name" "$(stat -c %s "artifacts/bin/$name")"
done
