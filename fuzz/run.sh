#!/bin/sh
# Runs every target in turn for so many seconds (default 60), or those that are named: fuzz/run.sh [SECONDS [TARGET...]].
# What is learned stays in fuzz/corpus, what is found in fuzz/artifacts. Prints a table in the end; fails if something was
# found.
set -eu
cd "$(dirname "$0")/.."

seconds=${1:-60}
[ $# -eq 0 ] || shift
targets=${*:-request edit signature catalog jpeg png bmp gif webp tiff metadata resample encode version engine profile content}

# Folders of catalogs are made and forgotten a thousand times a second.
if [ -d /dev/shm ] && [ -w /dev/shm ]; then
    TMPDIR=$(mktemp -d /dev/shm/platemark-fuzz.XXXXXX)
else
    TMPDIR=$(mktemp -d)
fi
export TMPDIR
trap 'rm -rf "$TMPDIR"' EXIT
trap 'exit 130' INT TERM

length() {
    case $1 in
    version | resample | content | signature) echo 512 ;;
    request | edit) echo 2048 ;;
    encode) echo 4096 ;;
    *) echo 20480 ;;
    esac
}

cargo +nightly fuzz build >&2
table=$TMPDIR/table
printf '| target | seconds | executions | cov | ft | corpus | outcome |\n|---|---|---|---|---|---|---|\n' >"$table"
failed=0
for target in $targets; do
    log=$TMPDIR/$target.log
    mkdir -p "fuzz/corpus/$target" "fuzz/seeds/$target" "fuzz/findings/$target"
    dictionary=fuzz/dictionaries/$target.dict
    [ "$target" != edit ] || dictionary=fuzz/dictionaries/request.dict
    outcome=clean
    cargo +nightly fuzz run "$target" "fuzz/corpus/$target" "fuzz/seeds/$target" "fuzz/findings/$target" -- \
        "-max_len=$(length "$target")" -rss_limit_mb=2048 -timeout=20 -print_final_stats=1 \
        "-max_total_time=$seconds" ${dictionary:+$([ -f "$dictionary" ] && echo "-dict=$dictionary")} \
        >"$log" 2>&1 || { outcome=FOUND failed=1; tail -n 40 "$log" >&2; }
    number() { sed -n "s/^stat::$1: *//p" "$log" | tail -n 1; }
    last=$(grep -E '^#[0-9]+.* cov: ' "$log" | tail -n 1)
    field() { printf '%s' "$last" | sed -n "s/.* $1: \([^ ]*\).*/\1/p"; }
    printf '| %s | %s | %s | %s | %s | %s | %s |\n' "$target" "$seconds" "$(number number_of_executed_units)" \
        "$(field cov)" "$(field ft)" "$(field corp)" "$outcome" | tee -a "$table" >&2
done
cat "$table"
exit "$failed"
