#!/usr/bin/env bash
# Fuzzes every parser of external input, guided by the branches that inputs reach; see docs/fuzzing.md.
# usage: fuzz.sh [MINUTES [RESULTS.xml]]       all targets share the time (default 5)
#        fuzz.sh COMMAND...                    of tests/Fuzz/Program.cs: list, search, keep, replay
set -euo pipefail
cd "$(dirname "$0")/.."
dotnet build tests/Fuzz -c Release -v quiet -nologo -clp:NoSummary
built=tests/Fuzz/bin/Release/net10.0
program=artifacts/fuzz/bin
# Only a copy is instrumented to count branches; the build is not changed.
if [ "$(cat $program/.made-from 2>/dev/null)" != "$(cat $built/*.dll | sha256sum)" ]; then
  rm -rf $program
  mkdir -p artifacts/fuzz
  cp -r $built $program
  $built/Mandos.Fuzz instrument $program/{Mandos.Core,Mandos.Bus,mandos,mandos-client}.dll
  cat $built/*.dll | sha256sum >$program/.made-from
fi
case ${1:-5} in
  *[!0-9.]*) exec $program/Mandos.Fuzz "$@" ;;
  *) exec $program/Mandos.Fuzz all "${@:-5}" ;;
esac
