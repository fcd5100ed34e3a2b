#!/usr/bin/env bash
# Builds and tests what the working tree changes: the unit suites of changed projects, and of projects that refer to them.
# usage: quick.sh [--list] SUITE...    SUITE: the unit suites to choose from; --list: print the chosen ones, run nothing
# The working tree is compared with the last commit. A change of a file outside src/ and tests/ concerns all suites if the
# build reads it (*.props, *.targets, packages, settings), and otherwise those that check documents.
set -euo pipefail
cd "$(dirname "$0")/.."
list=
[ "${1:-}" != --list ] || { list=1 && shift; }
all=("$@")

# The suites that read documents, packaging and hooks: from the root of the checkout.
mapfile -t documents < <(git grep -l 'Golden\.Root' -- 'tests/*.Tests/*.cs' | cut -d / -f 2 | sort -u)

# A project and all that it refers to, as folders.
closure() { # FOLDER
  local folder=$1 project reference
  case " $seen " in *" $folder "*) return ;; esac
  seen+=" $folder"
  for project in "$folder"/*.csproj; do
    while read -r reference; do
      closure "$(realpath --relative-to=. "$folder/$(dirname "$reference")")"
    done < <(sed -n 's/.*<ProjectReference Include="\([^"]*\)".*/\1/p' "$project")
  done
}

chosen=()
choose() { case " ${chosen[*]} " in *" $1 "*) ;; *) chosen+=("$1") ;; esac; }

mapfile -d '' -t changed < <(git diff -z --name-only --no-renames HEAD && git ls-files -z --others --exclude-standard)
for suite in "${all[@]}"; do
  seen=
  closure "tests/$suite"
  for file in "${changed[@]}"; do
    case $file in
      src/*/* | tests/*/*)
        case " $seen tests/Shared tests/golden " in *" $(cut -d / -f 1-2 <<<"$file") "*) choose "$suite" ;; esac
        # Compiled into the programs, and checked against the table of rooms.
        case $file,$suite in src/*.cs,Mandos.Architecture.Tests) choose "$suite" ;; esac
        ;;
      *.props | *.targets | *.sln | *.json | *.config | .editorconfig | src/* | tests/*) choose "$suite" ;;
      *) case " ${documents[*]} " in *" $suite "*) choose "$suite" ;; esac ;;
    esac
  done
done

if [ ${#chosen[@]} = 0 ]; then
  echo "quick.sh: nothing that the unit suites test differs from the last commit"
  exit 0
fi
if [ -n "$list" ]; then
  printf '%s\n' "${chosen[@]}"
  exit 0
fi
for suite in "${chosen[@]}"; do
  echo "== build $suite"
  dotnet build "tests/$suite" -v quiet -nologo -clp:NoSummary
done
exec scripts/test.sh "${chosen[@]}"
