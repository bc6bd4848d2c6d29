#!/usr/bin/env bash
# Fuzzes every parser of bytes from outside for so many seconds each: fuzz/run.sh SECONDS [TARGET...]
# Prints executions and finds of each target; fails if there is a find. What was found lies in fuzz/artifacts.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

seconds="${1:?usage: fuzz/run.sh SECONDS [TARGET...]}"
shift
targets=("$@")
if [ "${#targets[@]}" -eq 0 ]; then
    targets=(v3_replies v2_replies settings scans database journal)
fi

# No sanitizer: there is no unsafe code of ours to watch, and so the pinned stable compiler will do.
if ! cargo fuzz --version >/dev/null 2>&1; then
    # Built outside the workspace's target folder, which may be another build's at the moment.
    CARGO_TARGET_DIR="${TMPDIR:-/tmp}/cargo-fuzz-build" cargo install cargo-fuzz --locked --quiet
fi
log="$(mktemp)"
trap 'rm -f "$log"' EXIT
how=(--sanitizer none --debug-assertions --codegen-units 16 --fuzz-dir .)
if ! cargo fuzz build "${how[@]}" >"$log" 2>&1; then
    cat "$log" >&2
    exit 1
fi

finds=0
for target in "${targets[@]}"; do
    mkdir -p "corpus/$target" "artifacts/$target"
    status=0
    cargo fuzz run "${how[@]}" "$target" "corpus/$target" "seeds/$target" -- \
        -max_total_time="$seconds" -timeout=10 -rss_limit_mb=1024 -print_final_stats=1 >"$log" 2>&1 || status=$?
    executed="$(sed -n 's/^stat::number_of_executed_units: *//p' "$log" | tail -1)"
    covered="$(sed -n 's/.* cov: \([0-9]*\) .*/\1/p' "$log" | tail -1)"
    if [ "$status" -eq 0 ]; then
        echo "$target: ${executed:-0} executions, ${covered:-0} edges, 0 finds"
    else
        finds=$((finds + 1))
        echo "$target: ${executed:-?} executions, FOUND something:"
        grep -E "panicked at|ERROR:|Test unit written" -A 1 "$log" | head -12 || tail -20 "$log"
    fi
done
echo "${#targets[@]} targets, $seconds s each: $finds finds"
[ "$finds" -eq 0 ]
