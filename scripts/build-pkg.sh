#!/usr/bin/env bash
# Compiles the npm package's TypeScript into pkg/dist, and writes the JSON Schema of its answers.
set -euo pipefail
cd "$(dirname "$0")/.."
rm -rf pkg/dist
npx tsc -p pkg
node scripts/schema.mjs pkg/engine/engine.d.ts pkg/dist/schema.json
chmod +x pkg/dist/cli.js
cp LICENSE pkg/LICENSE
