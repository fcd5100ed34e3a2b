#!/usr/bin/env bash
# Runs test programs and adds up their results.
# usage: test.sh SUITE...     SUITE: the name of a project folder in tests/; `root:SUITE` runs as root; `both:SUITE` runs
#                             as the calling user, except the tests that need root; `fuzz:MINUTES` fuzzes, each
#                             target counts as a test; `make:TARGET` runs a target of the Makefile, which is not a suite
#                             `then`: waits until all earlier suites have ended; if a `make:TARGET` has failed, what
#                             follows does not run
# Two suites run in parallel; the output of each appears in one piece, when it ends.
# Finally prints the time of each suite, the ten slowest tests, the failures with the beginning of each message, and the line
# "N passed, N failed, N skipped"; exit status 1 if anything failed or nothing ran.
set -uo pipefail
cd "$(dirname "$0")/.."
results=artifacts/test-results
mkdir -p "$results"
at_once=2
passed=0 failed=0 skipped=0 names=() targets=() broken=() failures=()

# A short list of failures, at the end of the output.
list_failed() { # REPORT
  tr '\n' ' ' <"$1" | grep -oP 'name="[^"]*" result="Fail".*?(</message>|</test>)' |
    sed -E 's/^name="([^"]*)".*<message>(<!\[CDATA\[)?/\1: /; s/(\]\]>)?<\/.*//; s/^(.{500}).*/\1.../; s/^/test.sh: failed: /'
}

attribute() { sed -n "s/.*<assembly [^>]*\b$1=\"\([0-9]*\)\".*/\1/p" "$2" | head -n 1; }

# Starts a suite in the background, as soon as fewer than $at_once are running. The suite writes NAME.xml, and NAME.end with its
# exit status and its time in seconds.
start() { # NAME COMMAND...
  local name=$1
  shift
  while [ "$(jobs -pr | wc -l)" -ge $at_once ]; do wait -n; done
  names+=("$name")
  rm -f "$results/$name".*
  echo "== $name"
  (
    began=$SECONDS status=0
    "$@" </dev/null >"$results/$name.log" 2>&1 || status=$?
    echo "$status $((SECONDS - began))" >"$results/$name.end"
    # In one write, as far as the pipe allows: two suites may end at the same time.
    { cat "$results/$name.log" && echo "== $name took $((SECONDS - began)) s"; } | flock "$results" cat
  ) &
}

run() { # SUITE NAME '' | root [ARGUMENT...]
  local suite=$1 name=$2 as=$3 program command=()
  shift 3
  if [ "$as" = root ] && [ "$(id -u)" != 0 ]; then
    if ! command -v sudo >/dev/null; then
      echo "test.sh: error: $name needs root, and sudo is not installed" >&2
      echo "hint: run this as root" >&2
      broken+=("$name")
      return
    fi
    # sudo runs here, where a password can be typed.
    echo "== $name: becoming root with sudo"
    sudo -v
    command=(sudo --preserve-env env "PATH=$PATH" "DOTNET_ROOT=$(dirname "$(readlink -f "$(command -v dotnet)")")")
  fi
  program=$(find "tests/$suite/bin/Debug/net10.0" -maxdepth 1 -name 'Mandos.*' -type f -perm -u+x ! -name '*.dll' ! -name '*.so' 2>/dev/null | head -n 1)
  if [ -z "$program" ]; then
    echo "test.sh: error: tests/$suite is not built" >&2
    broken+=("$name")
    return
  fi
  # shellcheck disable=SC2086 # Several words, if any.
  start "$name" "${command[@]}" "$program" -noLogo -noColor -result-xml "$results/$name.xml" "$@" ${TEST_ARGUMENTS:-}
}

# Waits for all that is running; false if a target of the Makefile has failed.
finish() {
  local name status seconds
  wait
  for name in "${targets[@]}"; do
    read -r status seconds <"$results/$name.end" || return 1
    [ "$status" = 0 ] || return 1
  done
}

add_up_target() { # NAME
  local status seconds
  read -r status seconds <"$results/$1.end" || status=1 seconds=0
  [ "$status" = 0 ] || broken+=("$1")
  printf '%6d s  %s\n' "$seconds" "$1" >>"$results/times"
}

add_up() { # NAME
  local name=$1 report=$results/$1.xml status seconds suite_failed
  if ! read -r status seconds <"$results/$name.end" || [ ! -s "$report" ]; then
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
  [ "$status" = 0 ] || [ $suite_failed != 0 ] || broken+=("$name")
  printf '%6d s  %s\n' "$seconds" "$name" >>"$results/times"
}

# The slowest tests of all suites.
slowest() {
  cat "$results"/*.xml | tr '\n' ' ' | grep -oP '<test [^>]*' |
    sed -E 's/.* name="([^"]*)".* time="([0-9.]+)".*/\2 \1/; s/&[^;]*;|\\//g' | sort -rn | head -n 10 |
    while read -r seconds name; do printf '%8.1f s  %.120s\n' "$seconds" "$name"; done
}

rm -f "$results"/*.xml "$results/times"
for suite in "$@"; do
  case $suite in
    then) finish || break ;;
    make:*)
      start "make-${suite#make:}" "${MAKE:-make}" --no-print-directory "${suite#make:}"
      targets+=("make-${suite#make:}")
      ;;
    fuzz:*) start Fuzz scripts/fuzz.sh "${suite#fuzz:}" "$PWD/$results/Fuzz.xml" ;;
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
wait
for name in "${names[@]}"; do
  if [[ $name == make-* ]]; then add_up_target "$name"; else add_up "$name"; fi
done

if [ -s "$results/times" ]; then
  echo "== time of each suite ($SECONDS s altogether)"
  sort -rn "$results/times"
  echo '== the slowest tests'
  slowest
fi
[ ${#failures[@]} = 0 ] || printf '%s\n' "${failures[@]}"
for name in "${broken[@]}"; do
  echo "test.sh: error: $name did not finish properly" >&2
  failed=$((failed + 1))
done
echo "$passed passed, $failed failed, $skipped skipped"
[ $failed = 0 ] && [ $passed -gt 0 ]
