#!/usr/bin/env bash
# Runs test programs and sums up their results.
# usage: test.sh SUITE...     SUITE: the name of a project folder in tests/; `root:SUITE` runs as root; `both:SUITE` runs
#                             as the calling user, except the tests that need root; `fuzz:MINUTES` fuzzes, each
#                             target counts as a test
# Ends with what failed, each with the beginning of its message, and the line "N passed, N failed, N skipped"; exit
# status 1 if anything failed or nothing ran.
set -uo pipefail
cd "$(dirname "$0")/.."
results=artifacts/test-results
mkdir -p "$results"
passed=0 failed=0 skipped=0 broken=() failures=()

# A short list of failures, at the end of the output.
list_failed() { # REPORT
  tr '\n' ' ' <"$1" | grep -oP 'name="[^"]*" result="Fail".*?(</message>|</test>)' |
    sed -E 's/^name="([^"]*)".*<message>(<!\[CDATA\[)?/\1: /; s/(\]\]>)?<\/.*//; s/^(.{500}).*/\1.../; s/^/test.sh: failed: /'
}

attribute() { sed -n "s/.*<assembly [^>]*\b$1=\"\([0-9]*\)\".*/\1/p" "$2" | head -n 1; }

run() { # SUITE NAME '' | root [ARGUMENT...]
  local suite=$1 name=$2 as=$3 program report status=0 began=$SECONDS command=()
  shift 3
  if [ "$as" = root ] && [ "$(id -u)" != 0 ]; then
    if ! command -v sudo >/dev/null; then
      echo "test.sh: error: $name needs root, and sudo is not installed" >&2
      echo "hint: run this as root" >&2
      broken+=("$name")
      return
    fi
    echo "== $name: becoming root with sudo"
    command=(sudo --preserve-env env "PATH=$PATH" "DOTNET_ROOT=$(dirname "$(readlink -f "$(command -v dotnet)")")")
  fi
  program=$(find "tests/$suite/bin/Debug/net10.0" -maxdepth 1 -name 'Mandos.*' -type f -perm -u+x ! -name '*.dll' ! -name '*.so' 2>/dev/null | head -n 1)
  if [ -z "$program" ]; then
    echo "test.sh: error: tests/$suite is not built" >&2
    broken+=("$name")
    return
  fi
  report=$results/$name.xml
  rm -f "$report"
  echo "== $name"
  "${command[@]}" "$program" -noLogo -noColor -result-xml "$report" "$@" ${TEST_ARGUMENTS:-} </dev/null || status=$?
  [ ${#command[@]} = 0 ] || [ ! -s "$report" ] || sudo chown "$(id -u):$(id -g)" "$report"
  add_up "$name" "$report" $status $((SECONDS - began))
}

fuzz() { # MINUTES
  local report=$results/Fuzz.xml status=0 began=$SECONDS
  rm -f "$report"
  echo "== Fuzz, $1 minutes"
  scripts/fuzz.sh "$1" "$PWD/$report" </dev/null || status=$?
  add_up Fuzz "$report" $status $((SECONDS - began))
}

add_up() { # NAME REPORT STATUS SECONDS
  local name=$1 report=$2 status=$3 suite_failed
  echo "== $name took $4 s"
  if [ ! -s "$report" ]; then
    broken+=("$name")
    return
  fi
  suite_failed=$(($(attribute failed "$report") + $(attribute errors "$report")))
  passed=$((passed + $(attribute passed "$report")))
  skipped=$((skipped + $(attribute skipped "$report")))
  failed=$((failed + suite_failed))
  [ $suite_failed = 0 ] || mapfile -t -O ${#failures[@]} failures < <(list_failed "$report")
  # A suite without tests proves nothing; a program that fails without naming a failed test has failed as a whole.
  [ "$(attribute total "$report")" != 0 ] || broken+=("$name")
  [ $status = 0 ] || [ $suite_failed != 0 ] || broken+=("$name")
}

for suite in "$@"; do
  case $suite in
    fuzz:*) fuzz "${suite#fuzz:}" ;;
    root:*) run "${suite#root:}" "${suite#root:}" root ;;
    both:*)
      suite=${suite#both:}
      if [ "$(id -u)" = 0 ]; then
        run "$suite" "$suite" ''
      else
        run "$suite" "$suite" '' -trait- needs=root
        run "$suite" "$suite.root" root -trait needs=root
      fi
      ;;
    *) run "$suite" "$suite" '' ;;
  esac
done

[ ${#failures[@]} = 0 ] || printf '%s\n' "${failures[@]}"
for name in "${broken[@]}"; do
  echo "test.sh: error: suite $name did not finish properly" >&2
  failed=$((failed + 1))
done
echo "$passed passed, $failed failed, $skipped skipped"
[ $failed = 0 ] && [ $passed -gt 0 ]
