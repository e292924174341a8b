// A worker of one's own, which gets a compiled module instead of an address.
import { createWorld, initSync } from '../node_modules/meshscope/dist/index.js';

const ready = fetch('../node_modules/meshscope/engine/engine_bg.wasm')
  .then((response) => response.arrayBuffer())
  .then((bytes) => WebAssembly.compile(bytes))
  .then(initSync);

self.onmessage = async ({ data }) => {
  await ready;
  self.postMessage(createWorld(data).evaluation());
};
