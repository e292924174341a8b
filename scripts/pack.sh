#!/usr/bin/env bash
# Packs the npm package into .cache/pack, prints the size of the tarball and fails when it grows over its budget.
set -euo pipefail
cd "$(dirname "$0")/.."
BUDGET=$((660 * 1000))
mkdir -p .cache/pack
rm -f .cache/pack/*.tgz
npm pack --silent --workspace pkg --pack-destination .cache/pack >/dev/null
for tarball in .cache/pack/*.tgz; do
  size=$(wc -c <"$tarball")
  printf 'package: %s, %d.%d kB (budget %d kB)\n' "$tarball" $((size / 1000)) $((size % 1000 / 100)) $((BUDGET / 1000))
  [ "$size" -le "$BUDGET" ] || { echo "package: over the budget" >&2; exit 1; }
done
