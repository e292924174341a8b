// How much of its stack the engine uses for what is nested as deep as its limits allow, and in the worlds of the gallery.
// WebAssembly traps when a stack is too small, and nothing can be asked of that instance any more.
import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { test } from 'node:test';

import { initSync, World } from '../../pkg/engine/engine.js';

const { memory } = initSync({ module: readFileSync(new URL('../../pkg/engine/engine_bg.wasm', import.meta.url)) });

/** The stack as the build sets it; it is the first thing in memory and grows down. */
const STACK = Number(
  readFileSync(new URL('../../scripts/build-engine.sh', import.meta.url), 'utf8').match(/stack-size=(\d+)/)?.[1],
);
const PAINT = 0xaa;

/** @type {(depth: number, open: string, close: string, inner?: string) => string} */
const nested = (depth, open, close, inner = '1') => open.repeat(depth) + inner + close.repeat(depth);
/** @type {(text: string) => string} */
const quoted = (text) => JSON.stringify(text);

/** A world with a hostname template. @type {(text: string) => string} */
const template = (text) => `type: Mesh
name: default
meshServices: {mode: Exclusive}
---
type: HostnameGenerator
name: names
spec: {selector: {meshService: {matchLabels: {team: shop}}}, template: ${quoted(text)}}
---
type: MeshService
name: orders
mesh: default
labels: {team: shop}
spec: {ports: [{port: 80}]}
`;

/** A world with a route by pattern, and a proxy that asks for it. @type {(text: string) => string} */
const pattern = (text) => `type: Mesh
name: default
---
type: Dataplane
name: web
mesh: default
networking:
  address: 10.0.0.1
  inbound: [{port: 80, tags: {kuma.io/service: web, kuma.io/protocol: http}}]
  outbound: [{port: 90, tags: {kuma.io/service: web}}]
---
type: MeshHTTPRoute
name: routes
mesh: default
spec:
  to:
  - targetRef: {kind: MeshService, name: web}
    rules: [{matches: [{path: {type: RegularExpression, value: ${quoted(text)}}}], default: {}}]
`;

/**
 * @param {number} depth
 * @returns {Record<string, string>}
 */
function worlds(depth) {
  return {
    lists: `a: ${nested(depth, '[', ']')}`,
    mappings: nested(depth, '{a: ', '}'),
    blocks: Array.from({ length: depth }, (_, at) => `${' '.repeat(at)}a:`).join('\n'),
    conf: `type: MeshTimeout\nname: t\nmesh: default\nspec: {to: [{targetRef: {kind: Mesh}, default: ${nested(depth, '{a: ', '}')}}]}`,
    parentheses: template(`{{ ${nested(depth, '(', ')', '.Name')} }}`),
    calls: template(`{{ ${nested(depth, '(print ', ')', '.Name')} }}`),
    conditions: template(nested(depth, '{{ if true }}', '{{ end }}')),
    groups: pattern(`/${nested(depth, '(a|', ')*', 'a')}`),
    repetitions: pattern(`/${nested(depth, '(?:', '){1,2}', 'a')}`),
  };
}

/** @param {string} text */
function ask(text) {
  const world = new World({});
  try {
    world.setSource({ name: 'world.yaml', text });
    const { zones } = world.summary();
    world.diagnostics();
    world.rules();
    world.services();
    world.kubernetes();
    world.checks();
    world.generated();
    world.migration(undefined);
    world.modes();
    world.rewritten(undefined, undefined);
    for (const { zone, mesh, name } of zones.flatMap(({ proxies }) => proxies).slice(0, 5)) {
      world.proxy(zone, mesh, name);
      world.request({ zone, mesh, proxy: name, to: 'http://127.0.0.1:90/aaa' });
    }
  } finally {
    world.free();
  }
}

/** @param {string} text */
function used(text) {
  new Uint8Array(memory.buffer).fill(PAINT, 0, STACK - 4096);
  ask(text);
  const untouched = new Uint8Array(memory.buffer, 0, STACK).findIndex((byte) => byte !== PAINT);
  return STACK - untouched;
}

test('the deepest input leaves half of the stack', () => {
  for (const depth of [50, 99, 250, 1000]) {
    for (const [name, text] of Object.entries(worlds(depth))) {
      const bytes = used(text);
      assert.ok(bytes < STACK / 2, `${name}, ${depth} deep: ${bytes} of ${STACK} bytes`);
    }
  }
});

test('the worlds of the gallery leave half of the stack', () => {
  const gallery = new URL('../../gallery/', import.meta.url);
  for (const file of readdirSync(gallery, { encoding: 'utf8', recursive: true }).filter((name) =>
    name.endsWith('.yaml'),
  )) {
    const bytes = used(readFileSync(new URL(file, gallery), 'utf8'));
    assert.ok(bytes < STACK / 2, `${file}: ${bytes} of ${STACK} bytes`);
  }
});
