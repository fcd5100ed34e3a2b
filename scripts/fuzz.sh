#!/usr/bin/env bash
# Bounded fuzzing of every parser.
# usage: fuzz.sh [SECONDS-A-TARGET] [SEED] [TARGET...]; or FUZZ_SECONDS for `make fuzz`
set -euo pipefail
cd "$(dirname "$0")/.."
dotnet build tests/Fuzz -c Release -v quiet -nologo -clp:NoSummary
exec tests/Fuzz/bin/Release/net10.0/Mandos.Fuzz "${@:-${FUZZ_SECONDS:-20}}"
