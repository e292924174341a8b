#!/usr/bin/env bash
# Builds the playground as one file that works from disk: www/single/meshscope.html.
set -euo pipefail
cd "$(dirname "$0")/.."
npx tsc -p www
npx vite build --logLevel warn --config www/vite.single.config.ts www
size=$(wc -c <www/single/meshscope.html)
printf 'single file: www/single/meshscope.html, %d kB\n' $((size / 1000))
