#!/usr/bin/env bash
# Builds mandos-client-dotnet, mandos-dotnet and mandos-web-dotnet into artifacts/deb from the output of `make build`. The same
# programs yield the same packages, bit for bit.
# usage: deb.sh [FOLDER]     FOLDER: the output folder (default: artifacts/deb)
#                            MANDOS_DEB_LEVEL: 0 (quick) to 9, how much the packages are compressed (default: 6)
set -euo pipefail
cd "$(dirname "$0")/.."
source=packaging/debian
fail() {
  echo "deb.sh: error: $1" >&2
  [ $# -lt 2 ] || echo "hint: $2" >&2
  exit 1
}
field() { dpkg-parsechangelog -l $source/changelog -S "$1"; }

version=$(field Version)
[ "$version" = "$(sed -n 's:.*<VersionPrefix>\(.*\)</VersionPrefix>.*:\1:p' Directory.Build.props)" ] ||
  fail "$source/changelog says version $version, Directory.Build.props has a different one"
maintainer=$(field Maintainer)
architecture=$(dpkg --print-architecture)
export SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(field Timestamp)}
umask 022
out=${1:-artifacts/deb}
work=$out/work
# dpkg-shlibdeps expects packages to be built in a folder of this name, with a control file of the source.
stage=$work/debian
rm -rf $work
mkdir -p $stage
printf 'Source: mandos-dotnet\n\nPackage: mandos-dotnet\nArchitecture: any\n' >$stage/control

documents() { # PACKAGE: what every Debian package has, compressed as the policy requires
  local doc=$stage/$1/usr/share/doc/$1
  mkdir -p "$doc"
  install -m 644 $source/copyright "$doc/copyright"
  install -m 644 README.md SECURITY.md docs/differences.md docs/migrating.md docs/troubleshooting.md "$doc"
  gzip -9n <CHANGELOG.md >"$doc/NEWS.gz"
  gzip -9n <$source/changelog >"$doc/changelog.gz"
  find "$stage/$1/usr/share/man" -type f -exec gzip -9n {} +
}

lists() { # PACKAGE PART: what its programs are made from, by scripts/sbom.sh
  local name names
  case "$2" in
    client) names='mandos-client mandos-keygen' ;;
    server) names='mandos mandos-ctl mandos-monitor' ;;
    web) names='mandos-web mandos-notify' ;;
  esac
  for name in $names; do
    [ -e "artifacts/sbom/$name.cdx.json" ] || fail "artifacts/sbom/$name.cdx.json does not exist" "run 'make sbom' first"
    install -m 644 "artifacts/sbom/$name.cdx.json" "$stage/$1/usr/share/doc/$1"
  done
}

spare_unit() { # PACKAGE: see restore_unit in its postinst
  install -D -m 644 "$stage/$1/usr/lib/systemd/system/mandos.service" "$stage/$1/usr/share/$1/mandos.service"
}

init_script() { # PACKAGE: see make_init_script in its postinst
  install -D -m 755 "$source/$1/mandos.init" "$stage/$1/usr/share/$1/mandos.init"
}

templates() { # PACKAGE: postinst installs configuration files, and never overwrites one
  local file shared=$stage/$1/usr/share/$1
  for file in "$stage/$1"/etc/mandos/*; do
    [ -f "$file" ] || continue
    install -D -m 644 "$file" "$shared/${file##*/}"
    rm "$file"
  done
}

overrides() { # PACKAGE
  [ ! -e "$source/$1/lintian-overrides" ] ||
    install -D -m 644 "$source/$1/lintian-overrides" "$stage/$1/usr/share/lintian/overrides/$1"
}

libraries() { # FILE...: the packages their shared libraries come from
  (cd $work && dpkg-shlibdeps -O "${@/#/-edebian/}" 2> >(grep -v "in their package.s directory" >&2)) | sed -n 's/^shlibs:Depends=//p'
}

script() { # PACKAGE SCRIPT: one with the functions it shares with others
  sed -e "/^@UPDATE_IMAGES@$/{
r $source/$1/update-images.sh
d
}" -e "/^@REMOVE_USER@$/{
r $source/remove-user.sh
d
}" -e "/^@RELOAD_BUS@$/{
r $source/reload-bus.sh
d
}" -e "/^@SHRED@$/{
r $source/shred.sh
d
}" "$source/$1/$2" >"$stage/$1/DEBIAN/$2"
  chmod 755 "$stage/$1/DEBIAN/$2"
}

control() { # PACKAGE
  local size programs libraries=
  mkdir -p "$stage/$1/DEBIAN"
  (cd "$stage/$1" && find . -path ./DEBIAN -prune -o -type f -printf '%P\0' | LC_ALL=C sort -z | xargs -0 md5sum) >"$stage/$1/DEBIAN/md5sums"
  # By policy: each file rounded up to a kilobyte, one for everything else.
  size=$(find "$stage/$1" -path "$stage/$1/DEBIAN" -prune -o \( -type f -printf '%s\n' -o -printf '1\n' \) | awk '{ k += int(($1 + 1023) / 1024) } END { print k }')
  ! grep -q @SHLIBS@ "$source/$1/control" || mapfile -t programs < <(cd "$stage" && find "$1/usr/sbin" -type f | LC_ALL=C sort)
  ! grep -q @SHLIBS@ "$source/$1/control" || libraries=$(libraries "${programs[@]}")
  sed -e "s/@VERSION@/$version/; s/@ARCHITECTURE@/$architecture/; s/@SIZE@/$size/; s/@SHLIBS@/$libraries/" \
    -e "s/@MAINTAINER@/$maintainer/" "$source/$1/control" >"$stage/$1/DEBIAN/control"
  [ -z "$(find "$stage/$1/etc" -type f 2>/dev/null)" ] || (cd "$stage/$1" && find etc -type f -printf '/%p\n' | LC_ALL=C sort) >"$stage/$1/DEBIAN/conffiles"
  for name in preinst postinst prerm postrm; do
    [ ! -e "$source/$1/$name" ] || script "$1" $name
  done
}

package() { # PACKAGE PART
  scripts/install.sh "$stage/$1" /usr "$2" >/dev/null
  [ "$2" = web ] || templates "$1"
  if [ "$2" = server ]; then
    install -D -m 644 -t "$stage/$1/usr/share/doc/$1" docs/dbus.md
    spare_unit "$1"
    init_script "$1"
  fi
  documents "$1"
  lists "$1" "$2"
  overrides "$1"
  control "$1"
  local deb=$out/${1}_${version}_$architecture.deb
  find "$stage/$1" -exec touch -h -d "@$SOURCE_DATE_EPOCH" {} +
  dpkg-deb --root-owner-group -Zxz -z"${MANDOS_DEB_LEVEL:-6}" --build "$stage/$1" $work/package.deb >/dev/null
  # Renamed into place: a test that reads the package meanwhile gets the old one or the new one.
  mv -f $work/package.deb "$deb"
  printf '  %s  %s bytes\n' "$deb" "$(stat -c %s "$deb")"
}

package mandos-client-dotnet client
package mandos-dotnet server
package mandos-web-dotnet web
rm -rf $work
