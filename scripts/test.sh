#!/usr/bin/env bash
# Runs every check and test, or one part: rust, js, browser. Stops at the first part that fails and always closes with
# one line of what passed and what failed, counted from the test runners' own closing lines.
set -uo pipefail
cd "$(dirname "$0")/.."
export CARGO_TERM_COLOR=${CARGO_TERM_COLOR:-never}
log=$(mktemp)
failed_step=""
trap 'rm -f "$log"' EXIT

step() { # LABEL CMD...
  local label=$1 t=$SECONDS rc=0; shift
  [ -z "$failed_step" ] || return 0
  printf '\n== %s\n' "$label"
  "$@" 2>&1 | tee -a "$log" || rc=$?
  printf '== %s: %s (%d s)\n' "$label" "$([ $rc -eq 0 ] && echo ok || echo FAILED)" $((SECONDS - t))
  [ $rc -eq 0 ] || failed_step=$label
}

node_test() { node --test --test-reporter=spec --test-concurrency="${CONCURRENCY:-1}" "$@"; }

# What is timed has the machine for itself; the other files of the browser tests run two at a time.
TIMED="tests/browser/load.test.mjs tests/browser/large.test.mjs"
untimed() { for file in tests/browser/*.test.mjs; do case " $TIMED " in *" $file "*) ;; *) echo "$file" ;; esac; done; }

rust() {
  step "rustfmt" cargo fmt --check
  step "clippy, native" cargo clippy --quiet --all-targets -- -D warnings
  step "clippy, wasm32" bash scripts/setup-wasm.sh run cargo clippy --quiet --lib --features wasm --target wasm32-unknown-unknown -- -D warnings -D clippy::disallowed_types -D clippy::disallowed_methods
  step "cargo test" cargo test --release
  # tests/unit/dependencies.test.mjs checks as much without it
  ! cargo deny --version >/dev/null 2>&1 || step "cargo deny" cargo deny --log-level error check licenses bans sources
}
js() {
  step "build the engine" bash scripts/build-engine.sh
  step "build the package" bash scripts/build-pkg.sh
  step "formatting" npx prettier --check .
  step "types of the tests" npx tsc -p tests
  CONCURRENCY=2 step "unit tests" node_test tests/unit/*.test.mjs
}
browser() {
  step "build the playground" bash scripts/build-www.sh
  step "build the single file" bash scripts/build-single.sh
  CHROMIUM=$(bash scripts/chromium.sh) || { failed_step="find Chromium"; return; }
  export CHROMIUM
  # shellcheck disable=SC2046,SC2086 # names without spaces
  CONCURRENCY=2 step "browser tests" node_test $(untimed)
  # shellcheck disable=SC2086
  step "browser tests that measure time" node_test $TIMED
  step "pack the package" bash scripts/pack.sh
  CONCURRENCY=2 step "the package in the hands of others" node_test tests/package/*.test.mjs
}

part=${1:-all}
export CARGO_LOCK=Cargo.lock
step "set-up" bash scripts/setup.sh
case $part in
  all) rust; js; browser ;;
  rust) rust ;;
  js) js ;;
  browser) js; browser ;;
  *) echo "usage: scripts/test.sh [rust | js | browser]" >&2; exit 2 ;;
esac

read -r passed failed < <(awk '
  /^test result:/ { for (i = 1; i < NF; i++) { if ($(i+1) ~ /^passed/) p += $i; if ($(i+1) ~ /^failed/) f += $i } }
  /^ℹ pass /      { p += $3 }
  /^ℹ fail /      { f += $3 }
  END { print p + 0, f + 0 }' "$log")
[ -z "$failed_step" ] || printf '\nfailed: %s\n' "$failed_step"
[ -z "$failed_step" ] || [ "$failed" -gt 0 ] || failed=1
printf '\n%d passed, %d failed\n' "$passed" "$failed"
[ -z "$failed_step" ] && [ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
