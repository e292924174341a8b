#!/usr/bin/env bash
# Changes the code of policies, services and traffic, one change at a time, and runs the tests that should notice. Fails
# where a change goes unnoticed and tests/mutants/explained.txt does not say why. Installs what it needs; works on a copy.
#
#   scripts/mutants.sh                      every change
#   scripts/mutants.sh --only src/policy/   those whose line in the report holds a text
#   scripts/mutants.sh --shard 3/50         every fiftieth
#   scripts/mutants.sh --missed             those that went unnoticed the last time
set -euo pipefail
cd "$(dirname "$0")/.."
cargo mutants --version >/dev/null 2>&1 || cargo install --quiet --locked cargo-mutants ||
  { echo "mutants: no cargo-mutants: cargo install cargo-mutants" >&2; exit 1; }
exec cargo run --quiet --release --locked --manifest-path tests/mutants/Cargo.toml --target-dir .cache/mutants/tool -- "$@"
