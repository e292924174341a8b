#!/usr/bin/env bash
# Compiles the npm package's TypeScript into pkg/dist.
set -euo pipefail
cd "$(dirname "$0")/.."
rm -rf pkg/dist
npx tsc -p pkg
for f in LICENSE; do [ ! -f $f ] || cp $f pkg/$f; done
