#!/usr/bin/env bash
# Asks nuget.org whether a direct or transitive package of any project has a known vulnerability or is deprecated.
# Exit status 1 if one is vulnerable; deprecated ones are listed.
# usage: audit.sh
set -euo pipefail
cd "$(dirname "$0")/.."
solution=Mandos.Client.sln
list() { # OPTION...: the output of dotnet; exits here if nuget.org cannot be reached
  dotnet list $solution package "$@" --include-transitive 2>&1 || {
    echo "audit.sh: error: nuget.org could not be reached" >&2
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
