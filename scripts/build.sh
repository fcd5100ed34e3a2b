#!/usr/bin/env bash
# Publishes programs as Native AOT, stripped, into artifacts/bin. A program that is up to date (same sources, same tools, not
# changed since) is not built again.
# usage: build.sh [PROJECT...]      PROJECT: Client, Keygen, Server, Control, Monitor, Web, Notify (default: all)
set -euo pipefail
cd "$(dirname "$0")/.."
[ $# -gt 0 ] || set -- Client Keygen Server Control Monitor Web Notify
rid=linux-$(uname -m | sed 's/x86_64/x64/; s/aarch64/arm64/')
mkdir -p artifacts/bin
for project in "$@"; do
  name=$(sed -n 's:.*<AssemblyName>\(.*\)</AssemblyName>.*:\1:p' "src/Mandos.$project/Mandos.$project.csproj")
  program=artifacts/bin/$name
  made=artifacts/bin/.$name.made
  # Everything except the other programs: including too much only builds too often. Computed before the build, so that a change
  # during the build is noticed the next time.
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
  # Renamed into place: a running program is never overwritten.
  strip -o "artifacts/bin/.$name" "artifacts/publish/$name/$name"
  mv -f "artifacts/bin/.$name" "$program"
  echo "$now $(sha256sum <"$program")" >"$made"
  printf '  %s  %s bytes\n' "$program" "$(stat -c %s "$program")"
done
