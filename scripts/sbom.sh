#!/usr/bin/env bash
# Lists the components of each program, with versions, licences and hashes (CycloneDX, JSON), in artifacts/sbom. A list whose lock
# files have not changed is kept.
# usage: sbom.sh
set -euo pipefail
cd "$(dirname "$0")/.."
version=$(sed -n 's:.*<VersionPrefix>\(.*\)</VersionPrefix>.*:\1:p' Directory.Build.props)
# The same sources yield the same bytes.
made_at=$(date -u -d "@${SOURCE_DATE_EPOCH:-$(dpkg-parsechangelog -l packaging/debian/changelog -S Timestamp)}" +%Y-%m-%dT%H:%M:%SZ)
libc=$(dpkg-query -W -f '${Version}' libc6-dev)
mkdir -p artifacts/sbom

# The C library of static programs comes from Debian, not from NuGet.
with_libc() { # PROGRAM
  case "$1" in
    mandos | mandos-ctl | mandos-monitor | mandos-web | mandos-notify) cat ;;
    *) sed "s|^  \"components\": \[|&\n    {\n      \"type\": \"library\",\n      \"bom-ref\": \"pkg:deb/debian/libc6-dev@$libc\",\n      \"name\": \"libc6-dev\",\n      \"version\": \"$libc\",\n      \"purl\": \"pkg:deb/debian/libc6-dev@$libc\"\n    },|" ;;
  esac
}

for project in Client Keygen Server Control Monitor Web Notify; do
  file=src/Mandos.$project/Mandos.$project.csproj
  name=$(sed -n 's:.*<AssemblyName>\(.*\)</AssemblyName>.*:\1:p' "$file")
  list=artifacts/sbom/$name.cdx.json
  now=$(cat src/*/packages.lock.json .config/dotnet-tools.json scripts/sbom.sh | sha256sum | cut -d ' ' -f 1)-$version-$made_at-$libc
  if [ -s "$list" ] && [ "$(cat "artifacts/sbom/.$name.made" 2>/dev/null)" = "$now" ]; then
    echo "  $list, up to date"
    continue
  fi
  dotnet tool restore -v quiet >/dev/null
  dotnet restore "$file" -v quiet
  log=$(dotnet tool run dotnet-CycloneDX "$file" --recursive --disable-package-restore --no-serial-number --output-format Json --spec-version 1.6 \
    --output artifacts/sbom --filename ".$name.json" --set-name "$name" --set-version "$version" 2>&1) || {
    printf '%s\n' "$log" >&2
    echo "sbom.sh: error: the list of $name could not be generated" >&2
    exit 1
  }
  sed "s/^    \"timestamp\": .*/    \"timestamp\": \"$made_at\",/" "artifacts/sbom/.$name.json" | with_libc "$name" >"$list.new"
  rm "artifacts/sbom/.$name.json"
  mv "$list.new" "$list"
  echo "$now" >"artifacts/sbom/.$name.made"
  echo "  $list"
done
