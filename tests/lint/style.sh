#!/bin/sh
# What docs/STYLE.md says in numbers: length of files, no waiting by the clock in tests, and the layout of the code where
# the clang-format of Debian 12 is at hand.
set -eu
cd "$1"
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
bad=0

say() {
    [ -s "$2" ] || return 0
    bad=1
    sed "s/^/$1: /" "$2"
}

# longer LINES PATTERN DIRECTORY…: files that are.
longer() {
    max=$1 pattern=$2
    shift 2
    find "$@" -name "$pattern" -exec awk -v max="$max" 'FNR > max { print FILENAME; nextfile }' {} + >"$tmp/fault"
}

longer 150 '*.h' include src
say 'header of more than 150 lines' "$tmp/fault"
longer 900 '*.[ch]' src tests tools
say 'file of more than 900 lines' "$tmp/fault"

grep -rnE '\b(u|nano)?sleep *\(|\btime\.sleep\b' tests --include='*.[ch]' --include='*.py' >"$tmp/fault" || :
grep -rnE '^[^#]*\bsleep +[0-9.]' tests --include='*.sh' >>"$tmp/fault" || :
say 'a test waits for the event, not for the clock' "$tmp/fault"

if command -v clang-format >/dev/null && clang-format --version | grep -q 'version 14\.'; then
    find include src tests tools -name '*.[ch]' -exec clang-format --dry-run {} + 2>&1 |
        sed -n 's/:[0-9]*:[0-9]*: warning: code should be clang-formatted.*//p' | sort -u >"$tmp/fault"
    say 'not as clang-format has it' "$tmp/fault"
fi

exit $bad
