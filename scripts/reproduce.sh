#!/usr/bin/env bash
# Builds programs, and the packages with them, from copies of the sources in two folders whose names differ in length, and
# compares the results byte for byte. The first is a git checkout, the second is not, and is built with another time zone, umask
# and language.
# usage: reproduce.sh [PROJECT...]      PROJECT: Client, Keygen, Server, Control, Monitor, Web, Notify (default: all, and the packages)
#        reproduce.sh --managed         only the client's assemblies before compilation to machine code; one or two minutes
set -euo pipefail
cd "$(dirname "$0")/.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
first=$work/a
second="$work/another/folder with a longer name"
# Both copies are made first, so that later edits are in neither.
mkdir -p "$first" "$second"
git ls-files -z --cached --others --exclude-standard | tar -c --null --files-from=- --ignore-failed-read | tee >(tar -C "$first" -x) | tar -C "$second" -x
wait

git -C "$first" init -q
git -C "$first" add -A
git -C "$first" -c user.name=reproduce -c user.email=reproduce@localhost commit -q -m copy

build() { # FOLDER [PROJECT...]
  local folder=$1
  shift
  echo "building in $folder"
  if [ "${1-}" = --managed ]; then
    (cd "$folder" && dotnet build src/Mandos.Client -c Release -r "$rid" -v quiet -nologo -clp:NoSummary)
    # These go to the linker without quotes, and the second folder has spaces in its name.
    objects=$(cd "$folder/src/Mandos.Client" && dotnet msbuild -nologo -t:CompileNativeShim -getItem:NativeLibrary -p:Configuration=Release -p:RuntimeIdentifier="$rid")
    if ! grep -q '"Identity": ' <<<"$objects" || grep '"Identity": ".* ' <<<"$objects"; then
      echo "reproduce.sh: error: the linker cannot find these objects in $folder" >&2
      exit 1
    fi
    mkdir -p "$folder/artifacts/bin"
    cp "$folder"/src/*/obj/Release/net10.0/"$rid"/*.dll "$folder/artifacts/bin"
    return
  fi
  "$folder/scripts/build.sh" "$@"
  [ $# -gt 0 ] || { "$folder/scripts/sbom.sh" && "$folder/scripts/deb.sh"; }
}
rid=linux-$(uname -m | sed 's/x86_64/x64/; s/aarch64/arm64/')
build "$first" "$@"
(
  umask 077
  export TZ=Asia/Kolkata LC_ALL=C
  build "$second" "$@"
)

status=0
results=$(cd "$first/artifacts" && find . -type f \( -path './bin/*' -o -path './deb/*.deb' -o -path './sbom/*' \) ! -name '.*' -printf '%P\n' | LC_ALL=C sort)
[ -n "$results" ]
for file in $results; do
  if cmp "$first/artifacts/$file" "$second/artifacts/$file"; then
    echo "reproduce: $file is the same in both: $(sha256sum <"$first/artifacts/$file" | cut -c 1-16)"
  else
    echo "reproduce.sh: error: $file depends on the folder, the time or the settings that it is built with" >&2
    status=1
  fi
done
# Kept to examine the differences, for example with diffoscope.
if [ $status != 0 ]; then
  trap - EXIT
  echo "hint: both builds are in $work; remove it when you no longer need it" >&2
fi
exit $status
