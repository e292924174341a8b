#!/usr/bin/env bash
# Changes the code of policies, services and traffic, one change at a time, and runs the tests that should notice:
# `scripts/mutants.sh [SHARE]`, for example 3/50 for the third fiftieth of all changes. Works on a copy.
set -euo pipefail
cd "$(dirname "$0")/.."
cargo mutants --version >/dev/null 2>&1 || cargo install --quiet --locked cargo-mutants ||
  { echo "mutants: no cargo-mutants: cargo install cargo-mutants" >&2; exit 1; }
exec cargo mutants -j 1 --shard "${1:-0/50}" --output .cache/mutants --timeout 240 --baseline skip \
  -f 'src/policy/*.rs' -f 'src/service/**/*.rs' -f 'src/traffic/**/*.rs' \
  -- --test conformance --test policy --test traffic --test template --test regex --test http_match
