#!/usr/bin/env bash
# Writes every man page and document as HTML, with links between them, into artifacts/html, or into the folder given.
# usage: html.sh [FOLDER]
set -euo pipefail
cd "$(dirname "$0")/.."
out=${1:-artifacts/html}
rm -rf "$out"
mkdir -p "$out"

style='body { max-width: 50em; margin: 2em auto; padding: 0 1em; font-family: sans-serif; line-height: 1.5; color: #222; background: #fff }
pre, code { font-family: monospace; font-size: 95% } pre { padding: .7em; overflow-x: auto; background: #f4f4f4 }
table { border-collapse: collapse } th, td { border: 1px solid #ccc; padding: .3em .6em; text-align: left; vertical-align: top }
table.head, table.foot { width: 100% } table.head td, table.foot td { border: 0 } td.head-rtitle, td.foot-os { text-align: right }
@media (prefers-color-scheme: dark) { body { color: #ddd; background: #1b1b1b } pre { background: #2a2a2a } a { color: #8ab4f8 } th, td { border-color: #555 } }'

document() { # TITLE < BODY
  printf '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n<meta name="viewport" content="width=device-width">\n'
  printf '<title>%s</title>\n<style>\n%s\n</style>\n</head>\n<body>\n' "$1" "$style"
  cat
  printf '</body>\n</html>\n'
}

pages=() links=''
for page in docs/man/*; do
  name=${page##*/}
  pages+=("$name")
  links+="s|<b>${name%.*}</b>(${name##*.})|<a href=\"$name.html\">&</a>|g;"
done
for name in "${pages[@]}"; do
  mandoc -T html -O fragment "docs/man/$name" | sed "$links" | document "${name%.*}(${name##*.})" >"$out/$name.html"
done

# The documents lie beside each other here; links to folders of the source have nothing to point to.
flatten='s:href="\(\.\./\)*\(docs/\)\{0,1\}\([A-Za-z-]*\)\.md:href="\3.html:g; s:<a href="\(docs/man\|LICENSE\|\(src\|tests\|packaging\)[^"]*\|\.\./[^"]*\)">\([^<]*\)</a>:\3:g'
# Pictures lie in one folder here.
pictures='s:src="docs/pictures/:src="pictures/:g'
# The name of a heading as on the sites that show such files.
# shellcheck disable=SC2016
anchors='s{<h([1-6])>(.*?)</h\1>}{ my ($n, $t) = ($1, $2); my $id = lc $t; $id =~ s/<[^>]*>//g; $id =~ s/[^a-z0-9 _-]//g; $id =~ s/ /-/g; qq(<h$n id="$id">$t</h$n>) }ge'
for text in README.md SECURITY.md CHANGELOG.md ARCHITECTURE.md CONTRIBUTING.md docs/*.md; do
  name=${text##*/}
  title=$(sed -n 's/^# //p' "$text" | head -n 1)
  cmark-gfm --extension table --extension autolink "$text" | sed "$flatten; $pictures" | perl -pe "$anchors" | document "$title" >"$out/${name%.md}.html"
done

cp -r docs/pictures "$out"

{
  printf '<h1>Mandos</h1>\n<h2>Manual pages</h2>\n<ul>\n'
  for name in "${pages[@]}"; do
    what=$(sed -n '/^\.SH NAME/{n;s/.*\\- //p;q}' "docs/man/$name")
    printf '<li><a href="%s.html">%s(%s)</a>: %s</li>\n' "$name" "${name%.*}" "${name##*.}" "$what"
  done
  printf '</ul>\n<h2>Documents</h2>\n<ul>\n'
  for text in README.md docs/tour.md SECURITY.md docs/migrating.md docs/troubleshooting.md docs/differences.md docs/dbus.md docs/protocol.md docs/benchmarks.md \
    docs/features.md ARCHITECTURE.md docs/reading.md CONTRIBUTING.md docs/dependencies.md docs/fuzzing.md CHANGELOG.md; do
    name=${text##*/}
    printf '<li><a href="%s.html">%s</a></li>\n' "${name%.md}" "$(sed -n 's/^# //p' "$text" | head -n 1)"
  done
  printf '</ul>\n'
} | document 'Mandos' >"$out/index.html"
printf '  %s  %s pages\n' "$out" "$(find "$out" -name '*.html' | wc -l)"
