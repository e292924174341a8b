/**
 * meshscope: which service, port and zone each rule of Kuma or Kong Mesh YAML hits, and why.
 *
 * In browsers and workers, `await init()` (or `initSync` with bytes) comes first; in Node nothing is needed.
 */
export {
  createWorld,
  default as init,
  evaluate,
  initSync,
  kumaVersion,
  schemaFields,
  schemaVersion,
  World,
  type EngineInput,
} from './engine.js';
export type * from './types.js';
