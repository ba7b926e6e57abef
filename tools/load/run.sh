#!/usr/bin/env bash
# A server under load on this machine: tools/load/run.sh [SECONDS]
#
# Needs `wrk`, and the example server built: cargo build --release --example serve. Fails if a promise is broken that does
# not depend on how fast the machine is; latencies are printed, to be judged by an operator who knows it.
set -euo pipefail
cd "$(dirname "$0")/../.."

seconds=${1:-30}
work=$(mktemp -d)
server=
stop() { [ -z "$server" ] || { kill "$server" && wait "$server"; } 2>/dev/null || true; server=; }
trap 'stop; rm -rf "$work"' EXIT
fail() { echo "load: $*" >&2; exit 1; }

# Starts a server with these options.
start() {
    target/release/examples/serve --listen 127.0.0.1:0 "$@" >"$work/log" &
    server=$!
    for _ in $(seq 100); do grep -q '^listening on ' "$work/log" && break; sleep 0.1; done
    url=$(sed -n 's|^listening on ||p' "$work/log")
    [ -n "$url" ] || fail "the server did not start"
}

# The body of a GET; Bash can speak HTTP where curl is missing.
get() {
    local address=${url#http://}
    exec 3<>"/dev/tcp/${address%:*}/${address##*:}"
    printf 'GET %s HTTP/1.0\r\nHost: x\r\n\r\n' "$1" >&3
    sed '1,/^\r$/d' <&3
    exec 3>&-
}

# A number of /metrics, 0 if it is not there yet.
metric() { get /metrics | awk -v name="$1" '$1 == name { value = $2 } END { print value + 0 }'; }

# wrk with as many connections, and a script.
load() {
    local connections=$1 percent=$2
    wrk -t "$connections" -c "$connections" -d "${3}s" -s tools/load/mixed.lua "$url" -- "$percent" | tee "$work/wrk" |
        grep -E '^(stored|revalidated|new|status|errors|Requests)' || true
}

echo "== mixed traffic, 64 connections, $seconds s: 80 % stored, 15 % revalidations, 5 % new"
megabyte=$((1 << 20))
start --cache-bytes $((64 * megabyte)) --sidecar-bytes $((64 * megabyte))
load 64 5 "$seconds"
grep -q '^errors: 0$' "$work/wrk" || fail "connections failed"
if grep '^status' "$work/wrk" | grep -vE 'status of (stored 200|revalidated 304|new 200): '; then
    fail "some replies were not what they should be"
fi
peak=$(awk '/VmHWM/ { print int($2 / 1024) }' "/proc/$server/status")
echo "peak memory: $peak MB"
# The cache, what decoders know, and what is remembered of requests, of which 32 MB are the default.
[ "$peak" -le $((64 + 64 + 32 + 64)) ] || fail "more memory than the budgets and 64 MB"

echo "== 64 connections ask for one picture that is not there yet"
before=$(metric 'platemark_pictures_total{from="made"}')
wrk -t 1 -c 64 -d 2s "$url/is/image/demo/harbour?wid=1999" | grep -E '^Requests|Non-2xx' || true
made=$(($(metric 'platemark_pictures_total{from="made"}') - before))
[ "$made" = 1 ] || fail "made $made times, not once"
echo "made once"
stop

echo "== overload: nothing but new pictures from 256 connections, of which 16 may wait"
start --queue 16 --cache-bytes $((64 * megabyte))
load 256 100 5
grep -q '^errors: 0$' "$work/wrk" || fail "connections failed"
grep -q '^status of new 503: ' "$work/wrk" || fail "nothing was turned away"
grep -q '^status of new 200: ' "$work/wrk" || fail "nothing was made"
! grep '^status' "$work/wrk" | grep -vE 'new (200|503): ' || fail "other replies than 200 and 503"
echo "and afterwards:"
load 1 100 1
! grep -q '^status of new 503: ' "$work/wrk" || fail "it has not recovered"
stop
echo "load: all promises kept"
