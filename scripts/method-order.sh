#!/usr/bin/env bash
# Writes src/Mandos.Client/MethodOrder.txt: the methods of the boot executable that real runs call, in the order of their
# first call. Useful when much of the client has changed. Takes some minutes; x86-64 only.
# usage: method-order.sh
set -euo pipefail
cd "$(dirname "$0")/.."
scripts/need.sh 'the order of methods' gcc binutils
folder=artifacts/order
order=src/Mandos.Client/MethodOrder.txt
run=()
[ "$(id -u)" = 0 ] || run=(sudo --preserve-env env "PATH=$PATH" "DOTNET_ROOT=$(dirname "$(readlink -f "$(command -v dotnet)")")")
mkdir -p "$folder"
scripts/build.sh Keygen
dotnet publish src/Mandos.Client -c Release -r linux-x64 -o "$folder" -p:KeepSymbols=true -v quiet -nologo
# Only code from C#; the rest comes from archives, whose order the linker determines.
read -r first size < <(readelf -SW "$folder/mandos-client" | sed -n 's/^.* __managedcode *PROGBITS *\([0-9a-f]*\) [0-9a-f]* \([0-9a-f]*\) .*/\1 \2/p')
nm --defined-only "$folder/mandos-client" | sort | awk -v first="$first" -v last="$(printf '%016x' $((0x$first + 0x$size)))" \
  '($1 "") >= (first "") && ($1 "") < (last "") && $2 ~ /[tTwW]/ { print $1, $3 }' >"$folder/symbols"
gcc -std=gnu17 -O1 -Wall -Wextra -Werror -o "$folder/first-calls" tests/Bench/first-calls.c
dotnet build tests/Bench -c Release -v quiet -nologo -clp:NoSummary
"${run[@]}" tests/Bench/bin/Release/net10.0/Mandos.Bench order "$folder" "$order"
printf '  %s  %s methods\n' "$order" "$(wc -l <"$order")"
