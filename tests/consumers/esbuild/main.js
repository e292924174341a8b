import { evaluate, init } from 'meshscope';
import wasm from 'meshscope/engine_bg.wasm';
import { useWorker } from 'meshscope/element';
import { sources, show } from '../world.js';

// esbuild does not follow `new URL(…, import.meta.url)`: the wasm is a file that is imported, the worker an entry.
useWorker(() => new Worker('worker.js', { type: 'module' }));
await init(wasm);
show(evaluate(sources));
