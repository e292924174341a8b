#!/usr/bin/env bash
# Measures the engine, natively and as WebAssembly under Node: `scripts/bench.sh [--check] [--quick]`. With --check it fails
# where a figure misses its target, with --quick it takes seconds.
set -euo pipefail
cd "$(dirname "$0")/.."

quick=""
for argument in "$@"; do [ "$argument" != --quick ] || quick=1; done

worlds=$(mktemp -d)
trap 'rm -rf "$worlds"' EXIT
sizes="10 100 300 1000"
[ -z "$quick" ] || sizes="10 100"
files=()
for services in $sizes; do
  node benches/world.mjs "$services" >"$worlds/$services.yaml"
  files+=("$worlds/$services.yaml")
done

printf '\n== natively, stage by stage\n'
cargo bench --quiet --bench evaluate -- "${files[@]}"

printf '\n== as WebAssembly under Node %s, on %s\n' "$(node -v)" \
  "$(awk -F ': ' '/model name/ { name = $2; n++ } END { print n " × " name }' /proc/cpuinfo 2>/dev/null || uname -m)"
bash scripts/build-engine.sh
node --expose-gc benches/engine.mjs "$@"
