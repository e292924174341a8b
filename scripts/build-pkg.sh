#!/usr/bin/env bash
# Compiles the npm package's TypeScript into pkg/dist, and writes the types and the JSON Schema of its answers.
set -euo pipefail
cd "$(dirname "$0")/.."
rm -rf pkg/dist
mkdir pkg/dist
node scripts/schema.mjs pkg/engine/engine.d.ts pkg/engine/reports.d.ts pkg/dist/schema.json
npx tsc -p pkg --emitDeclarationOnly
# Users read the types; the code is in the repository, and here as short as it can be.
npx tsc -p pkg --declaration false --removeComments
node scripts/minify.mjs pkg/dist
rm -r pkg/dist/cli.d.ts pkg/dist/cli/*.d.ts # a program, not a module
chmod +x pkg/dist/cli.js
cp LICENSE pkg/LICENSE
