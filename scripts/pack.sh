#!/usr/bin/env bash
# Packs the npm package into .cache/pack, prints the size of the tarball and fails when it grows over its budget.
set -euo pipefail
cd "$(dirname "$0")/.."
BUDGET=$((615 * 1000))
mkdir -p .cache/pack
rm -f .cache/pack/*.tgz
npm pack --silent --workspace pkg --pack-destination .cache/pack >/dev/null
for tarball in .cache/pack/*.tgz; do
  # What it is made of, each part compressed alone.
  part() {
    local name=$1
    shift
    local size
    size=$(tar xzOf "$tarball" --wildcards "$@" 2>/dev/null | gzip -9 | wc -c)
    printf '  %4d.%d kB  %s\n' $((size / 1000)) $((size % 1000 / 100)) "$name"
  }
  part 'the engine (engine_bg.wasm)' 'package/engine/engine_bg.wasm'
  part 'code (*.js)' 'package/*.js'
  part 'types (*.d.ts)' 'package/*.d.ts'
  part 'the schema, README, licence, styles' package/dist/schema.json package/README.md package/LICENSE package/element.css
  size=$(wc -c <"$tarball")
  printf 'package: %s, %d.%d kB (budget %d kB)\n' "$tarball" $((size / 1000)) $((size % 1000 / 100)) $((BUDGET / 1000))
  [ "$size" -le "$BUDGET" ] || { echo "package: over the budget" >&2; exit 1; }
done
