#!/usr/bin/env bash
# Publishes programs as Native AOT, stripped, into artifacts/bin. One that was made from what the sources hold now, by the
# same tools, and was not changed since, is left as it is.
# usage: build.sh [PROJECT...]      PROJECT: Client, Keygen, Server (all without)
set -euo pipefail
cd "$(dirname "$0")/.."
[ $# -gt 0 ] || set -- Client Keygen Server
rid=linux-$(uname -m | sed 's/x86_64/x64/; s/aarch64/arm64/')
mkdir -p artifacts/bin
for project in "$@"; do
  name=$(sed -n 's:.*<AssemblyName>\(.*\)</AssemblyName>.*:\1:p' "src/Mandos.$project/Mandos.$project.csproj")
  program=artifacts/bin/$name
  made=artifacts/bin/.$name.made
  # Everything but the other programs: too much is only built too often. Looked at before, so that what is changed while
  # it compiles is seen the next time.
  mapfile -t sources < <(
    for part in src/*; do
      [ "$part" = "src/Mandos.$project" ] || ! grep -qs NativeProgram.props "$part"/*.csproj || continue
      echo "$part"
    done
  )
  now=$(scripts/fingerprint.sh "${sources[@]}" Directory.*.props global.json nuget.config .editorconfig scripts/build.sh)
  if [ -x "$program" ] && [ "$(cat "$made" 2>/dev/null)" = "$now $(sha256sum <"$program")" ]; then
    printf '  %s  %s bytes, up to date\n' "$program" "$(stat -c %s "$program")"
    continue
  fi
  echo "building $name (compiling to machine code takes a minute)"
  rm -f "$made"
  dotnet publish "src/Mandos.$project" -c Release -r "$rid" -o "artifacts/publish/$name" -v quiet -nologo
  # Moved into place in one step: a program that runs is never written over.
  strip -o "artifacts/bin/.$name" "artifacts/publish/$name/$name"
  mv -f "artifacts/bin/.$name" "$program"
  echo "$now $(sha256sum <"$program")" >"$made"
  printf '  %s  %s bytes\n' "$program" "$(stat -c %s "$program")"
done
