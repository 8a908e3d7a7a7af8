#!/bin/sh
# Names of data that code must know, both ways: a parameter or a message of the system that nobody reads is gone with
# the code that read it, and a name that is read has its row. Rows of the register's own errors and alerts (E, W) may
# wait for their check.
set -eu
cd "$1"
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
bad=0

# say TITLE FILE: every line of the file is a fault.
say() {
    [ -s "$2" ] || return 0
    bad=1
    sed "s/^/$1: /" "$2"
}

rows() {
    awk -F'\t' -v pattern="$2" '!/^#/ && $1 ~ pattern { print $1 }' "$1" | sort
}

find src include forms data -type f ! -path data/parameters.tsv ! -path data/messages.tsv \
    -exec cat {} + | tr -c 'A-Za-z0-9_' '\n' | sort -u >"$tmp/words"
find src include data/sql -name '*.[chs]*' -exec cat {} + | tr '\n' ' ' >"$tmp/code"

rows data/parameters.tsv . >"$tmp/parameters"
[ -s "$tmp/parameters" ]
comm -23 "$tmp/parameters" "$tmp/words" >"$tmp/fault"
say 'parameter without a reader' "$tmp/fault"
grep -oE 'rulebook_param(_int)?\([^;",]*, *"[A-Z0-9_]+"\)' "$tmp/code" | sed 's/.*"\(.*\)".*/\1/' | sort -u >"$tmp/read"
[ -s "$tmp/read" ]
comm -13 "$tmp/parameters" "$tmp/read" >"$tmp/fault"
say 'parameter without a row' "$tmp/fault"

rows data/messages.tsv '^S' >"$tmp/messages"
[ -s "$tmp/messages" ]
comm -23 "$tmp/messages" "$tmp/words" >"$tmp/fault"
say 'message that nobody says' "$tmp/fault"
rows data/messages.tsv . >"$tmp/messages"
grep -oE '"([EW][0-9]{2}|S[0-9]{3})"' "$tmp/code" | tr -d '"' | sort -u >"$tmp/read"
[ -s "$tmp/read" ]
comm -13 "$tmp/messages" "$tmp/read" >"$tmp/fault"
say 'message without a row' "$tmp/fault"

exit $bad
