#!/usr/bin/env bash
# Installs what is missing, and nothing else: Rust components, npm packages, the wasm tools. Safe to run again.
set -euo pipefail
cd "$(dirname "$0")/.."

die() { printf 'setup: %s\n' "$*" >&2; exit 1; }
have() { command -v "$1" >/dev/null 2>&1; }

have cargo || die "no cargo: install Rust with rustup, https://rustup.rs"
have node || die "no node: install Node.js 20.19 or newer"
node -e 'const [a, b] = process.versions.node.split(".").map(Number); process.exit(a > 20 || (a === 20 && b >= 19) ? 0 : 1)' ||
  die "Node.js $(node -v) is too old: 20.19 or newer is needed"

for component in rustfmt clippy; do
  case $component in rustfmt) probe="cargo fmt --version" ;; clippy) probe="cargo clippy --version" ;; esac
  $probe >/dev/null 2>&1 || rustup component add "$component"
done

# npm writes node_modules/.package-lock.json last, so it is the mark of a finished install.
if [ ! -f node_modules/.package-lock.json ] || [ package-lock.json -nt node_modules/.package-lock.json ]; then
  npm ci --no-audit --no-fund
  touch node_modules/.package-lock.json
fi

CARGO_LOCK=Cargo.lock bash scripts/setup-wasm.sh
