#!/usr/bin/env bash
# Asks nuget.org whether a package that any project uses, also one that only another package needs, has a known
# vulnerability or is deprecated. Exit status 1 if one is vulnerable; what is deprecated is listed.
# usage: audit.sh
set -euo pipefail
cd "$(dirname "$0")/.."
solution=Mandos.Client.sln
list() { # OPTION...: what dotnet says; where nuget.org cannot be asked it ends here
  dotnet list $solution package "$@" --include-transitive 2>&1 || {
    echo "audit.sh: error: nuget.org could not be asked" >&2
    exit 1
  }
}

# Exactly the versions and hashes of the lock files.
dotnet restore $solution --locked-mode -v quiet
vulnerable=$(list --vulnerable)
deprecated=$(list --deprecated)
printf '%s\n' "$deprecated" | grep -v '^ *$\|Determining projects\|All projects are\|no deprecated packages\|^The following sources were used\|^   https://' || true
printf '%s\n' "$vulnerable" | grep -v '^ *$\|Determining projects\|All projects are\|no vulnerable packages\|^The following sources were used\|^   https://' || true
if printf '%s\n' "$vulnerable" | grep -q 'has the following vulnerable packages'; then
  echo "audit.sh: error: packages with known vulnerabilities are in use" >&2
  echo "hint: raise their versions in Directory.Packages.props and run 'make locks'" >&2
  exit 1
fi
echo 'audit: no package with a known vulnerability'
