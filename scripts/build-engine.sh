#!/usr/bin/env bash
# Builds the Rust core for the web into pkg/engine, prints its size and fails when it grows over its budget.
set -euo pipefail
cd "$(dirname "$0")/.."
BUDGET_GZ=$((490 * 1000))

out=pkg/engine
# The build is skipped when nothing that goes into it is newer than what came out.
if [ -f $out/engine_bg.wasm ] && [ -z "$(find src Cargo.toml Cargo.lock scripts/build-engine.sh scripts/order-functions.mjs -newer $out/engine_bg.wasm -print -quit)" ]; then
  echo "engine: up to date"
else
  # loop strength reduction trades bytes for time; without it the engine is 1 % smaller. Of the stack at most 140 kB are
  # used, by what is nested as deep as the limits allow (tests/unit/stack.test.mjs).
  CARGO_LOCK=Cargo.lock bash scripts/setup-wasm.sh run \
    sh -c 'CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUSTFLAGS="${CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUSTFLAGS-} -Cllvm-args=-disable-lsr -Clink-arg=-zstack-size=327680" exec "$@"' sh \
    wasm-pack build --mode no-install --target web --profile web --no-pack --out-dir $out --out-name engine . --features wasm
  node scripts/order-functions.mjs $out/engine_bg.wasm $out/ordered.wasm
  bash scripts/setup-wasm.sh run wasm-opt --reorder-functions-by-name --strip-debug --strip-target-features $out/ordered.wasm -o $out/engine_bg.wasm
  rm $out/ordered.wasm
  rm -f $out/.gitignore # wasm-pack's own would keep npm from packing the folder
  touch $out/engine_bg.wasm
fi

raw=$(wc -c <$out/engine_bg.wasm)
gz=$(gzip -9 -c $out/engine_bg.wasm | wc -c)
printf 'engine: %d.%d kB, %d.%d kB gzipped (budget %d kB)\n' $((raw / 1000)) $((raw % 1000 / 100)) $((gz / 1000)) $((gz % 1000 / 100)) $((BUDGET_GZ / 1000))
[ "$gz" -le "$BUDGET_GZ" ] || { echo "engine: over the budget" >&2; exit 1; }
