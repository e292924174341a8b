#!/usr/bin/env bash
# Compiles the npm package's TypeScript into pkg/dist, and writes the types and the JSON Schema of its answers.
set -euo pipefail
cd "$(dirname "$0")/.."
rm -rf pkg/dist
mkdir pkg/dist
node scripts/schema.mjs pkg/engine/engine.d.ts pkg/engine/reports.d.ts pkg/dist/schema.json
npx tsc -p pkg
chmod +x pkg/dist/cli.js
cp LICENSE pkg/LICENSE
