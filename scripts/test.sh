#!/usr/bin/env bash
# Runs test programs and adds up what they say.
# usage: test.sh SUITE...     SUITE: the name of a project folder in tests/; `root:SUITE` runs as root
# Ends with the line "N passed, N failed, N skipped"; exit status 1 if anything failed or nothing ran.
set -uo pipefail
cd "$(dirname "$0")/.."
results=artifacts/test-results
mkdir -p "$results"
passed=0 failed=0 skipped=0 broken=()

attribute() { sed -n "s/.*<assembly [^>]*\b$1=\"\([0-9]*\)\".*/\1/p" "$2" | head -n 1; }

for suite in "$@"; do
  run=()
  case $suite in
    root:*)
      suite=${suite#root:}
      [ "$(id -u)" = 0 ] || run=(sudo --preserve-env env "PATH=$PATH" "DOTNET_ROOT=$(dirname "$(readlink -f "$(command -v dotnet)")")")
      ;;
  esac
  program=$(find "tests/$suite/bin/Debug/net10.0" -maxdepth 1 -name 'Mandos.*' -type f -perm -u+x ! -name '*.dll' ! -name '*.so' 2>/dev/null | head -n 1)
  if [ -z "$program" ]; then
    echo "test.sh: error: tests/$suite is not built" >&2
    broken+=("$suite")
    continue
  fi
  report=$results/$suite.xml
  rm -f "$report"
  echo "== $suite"
  began=$SECONDS
  status=0
  "${run[@]}" "$program" -noLogo -noColor -result-xml "$report" ${TEST_ARGUMENTS:-} </dev/null || status=$?
  echo "== $suite took $((SECONDS - began)) s"
  if [ ! -s "$report" ]; then
    broken+=("$suite")
    continue
  fi
  [ ${#run[@]} = 0 ] || sudo chown "$(id -u):$(id -g)" "$report"
  suite_failed=$(($(attribute failed "$report") + $(attribute errors "$report")))
  passed=$((passed + $(attribute passed "$report")))
  skipped=$((skipped + $(attribute skipped "$report")))
  failed=$((failed + suite_failed))
  # A suite without tests proves nothing; a program that ends badly without naming a failed test has failed as a whole.
  [ "$(attribute total "$report")" != 0 ] || broken+=("$suite")
  [ $status = 0 ] || [ $suite_failed != 0 ] || broken+=("$suite")
done

for suite in "${broken[@]}"; do
  echo "test.sh: error: suite $suite did not end properly" >&2
  failed=$((failed + 1))
done
echo "$passed passed, $failed failed, $skipped skipped"
[ $failed = 0 ] && [ $passed -gt 0 ]
