/** The package in Node: the same as `index`, with the engine loaded from beside it at once. */
import { readFileSync } from 'node:fs';
import { initSync } from './engine.js';

initSync(readFileSync(new URL('../engine/engine_bg.wasm', import.meta.url)));

export * from './index.js';
