#!/bin/sh
# Refuses an executable that is not static, that is bound to one address, or that holds code which would load libssl at run time.
# usage: guard-static.sh FILE
set -eu
file=$1

refuse() {
  echo "$file: error: $1" >&2
  exit 1
}

command -v readelf >/dev/null || refuse "cannot be looked at: readelf (package binutils) is missing"
[ "$(head -c 4 "$file" | tail -c 3)" = ELF ] || refuse "is not an executable"
if readelf -lW "$file" | grep -q 'INTERP'; then
  refuse "is not static: it names a program interpreter"
fi
if readelf -dW "$file" | grep -q 'NEEDED'; then
  refuse "is not static: it needs a shared library"
fi
# ET_DYN: position independent, so that the kernel chooses a new address at each start.
if ! LC_ALL=C readelf -hW "$file" | grep -q 'Type: *DYN'; then
  refuse "is not position independent: build it with PositionIndependentExecutable"
fi
for word in libssl libcrypto; do
  if grep -q -a -F "$word" "$file"; then
    refuse "holds code that loads $word; see src/native/no_openssl.c"
  fi
done
