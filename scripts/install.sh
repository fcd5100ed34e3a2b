#!/usr/bin/env bash
# Installs what `make build` made.
# usage: install.sh DESTDIR PREFIX
# Configuration files that exist are kept; files that belong to a Debian package are never written over.
set -euo pipefail
cd "$(dirname "$0")/.."
destdir=$1
prefix=${2%/}
fail() {
  echo "install.sh: error: $1" >&2
  [ $# -lt 2 ] || echo "hint: $2" >&2
  exit 1
}
for program in mandos-client mandos-keygen mandos; do
  [ -x "artifacts/bin/$program" ] || fail "artifacts/bin/$program is not there" "run 'make build' first"
done

# As Debian's packages: PREFIX/lib/<multiarch>/mandos on Debian's own prefix, PREFIX/lib/mandos elsewhere.
libdir=$prefix/lib/mandos
if [ "$prefix" = /usr ] && command -v gcc >/dev/null; then
  libdir=/usr/lib/$(gcc -print-multiarch)/mandos
fi
etc=/etc
mandir=$prefix/share/man

put() { # MODE SOURCE TARGET
  local target=$destdir$3
  if [ -z "$destdir" ] && owner=$(dpkg-query -S "$3" 2>/dev/null); then
    fail "$3 belongs to the package ${owner%%:*}" "use PREFIX=/usr/local, or remove that package first"
  fi
  install -D -m "$1" "$2" "$target"
  echo "$target"
}

put 755 artifacts/bin/mandos "$prefix/sbin/mandos"
put 755 artifacts/bin/mandos-keygen "$prefix/sbin/mandos-keygen"
put 755 artifacts/bin/mandos-client "$libdir/plugins.d/mandos-client"
ln -sf plugins.d/mandos-client "$destdir$libdir/plugin-runner"
echo "$destdir$libdir/plugin-runner"
install -d -m 700 "$destdir$etc/mandos/plugins.d" "$destdir$etc/mandos/plugin-helpers"
if [ -e "$destdir$etc/mandos/plugin-runner.conf" ]; then
  echo "$destdir$etc/mandos/plugin-runner.conf (kept)"
else
  put 644 plugins/plugin-runner.conf "$etc/mandos/plugin-runner.conf"
fi
put 644 plugins/README.md "$prefix/share/doc/mandos-client/writing-plugins.md"
for page in docs/man/*; do
  section=${page##*.}
  put 644 "$page" "$mandir/man${section%%[a-z]*}/${page##*/}"
done
for file in packaging/completions/bash/*; do
  put 644 "$file" "$prefix/share/bash-completion/completions/${file##*/}"
done
for file in packaging/etc/mandos/*; do
  target=$etc/mandos/${file##*/}
  if [ -e "$destdir$target" ]; then
    echo "$destdir$target (kept)"
  else
    # Secrets are kept in clients.conf.
    put 600 "$file" "$target"
  fi
done
install -d -m 700 "$destdir$etc/keys/mandos"
