#!/usr/bin/env bash
# Fuzzes everything that reads what strangers wrote, for a given time: `scripts/fuzz.sh [SECONDS]`. Installs what it needs.
#
# Every target of fuzz/ runs under libFuzzer, one after the other, with arithmetic checked and at most 512 MB, and fails at
# an input that takes more than a second. Inputs that it finds on the way stay in fuzz/corpus; the kept ones are in
# tests/corpus. Then links of the playground run under Node.
set -uo pipefail
cd "$(dirname "$0")/.."
seconds=${1:-60}
targets=(yaml world structured template regex merge numbers)

die() { printf 'fuzz: %s\n' "$*" >&2; exit 1; }

rustup run nightly rustc --version >/dev/null 2>&1 || rustup toolchain install nightly --profile minimal >/dev/null 2>&1 ||
  die "no nightly Rust: rustup toolchain install nightly"
cargo fuzz --version >/dev/null 2>&1 || cargo install --quiet --locked cargo-fuzz || die "no cargo-fuzz: cargo install cargo-fuzz"

# No sanitizer: the engine has no unsafe code, and without one there are several times as many runs.
cargo +nightly fuzz build --sanitizer none --debug-assertions || die "the targets do not build"

failed=0
total=0
each=$(((seconds + ${#targets[@]}) / (${#targets[@]} + 1)))
log=$(mktemp)
trap 'rm -f "$log"' EXIT
for target in "${targets[@]}"; do
  mkdir -p "fuzz/corpus/$target"
  rc=0
  cargo +nightly fuzz run --sanitizer none --debug-assertions "$target" "fuzz/corpus/$target" "tests/corpus/$target" -- \
    -max_total_time="$each" -timeout=1 -rss_limit_mb=512 -max_len=4096 -print_final_stats=1 >"$log" 2>&1 || rc=$?
  runs=$(awk '/stat::number_of_executed_units/ { print $2 }' "$log")
  total=$((total + ${runs:-0}))
  printf '%-12s %10d runs  %s\n' "$target" "${runs:-0}" "$([ $rc -eq 0 ] && echo ok || echo FAILED)"
  [ $rc -eq 0 ] || { failed=1; tail -n 30 "$log"; }
done

bash scripts/build-engine.sh >/dev/null && bash scripts/build-pkg.sh >/dev/null || die "the package does not build"
node tests/fuzz/links.mjs "$each" || failed=1
printf 'all targets  %10d runs, without links\n' "$total"
exit $failed
