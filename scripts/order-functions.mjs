// Names the functions of a WebAssembly file so that sorting them by name puts those side by side that share much code:
// gzip looks back 32 kB only. `node scripts/order-functions.mjs in.wasm out.wasm`
//
// Which order is best is a travelling salesman's problem; from each function the way goes to the one that has the largest
// part of its sequences of six bytes in common with the last few.
import { readFileSync, writeFileSync } from 'node:fs';

const [, , from = '', to = ''] = process.argv;
const bytes = readFileSync(from);
const CUSTOM = 0;
const IMPORTS = 2;
const CODE = 10;
/** Sequences that more functions have say nothing. */
const COMMON = 1000;
/** How many functions the next one is compared with; the further back, the less they count. */
const LAST = 4;
/** Counts as sequences of every function, so that short ones do not come first only because they are short. */
const BASE = 30;

/**
 * An unsigned LEB128 number at an offset, and where it ends.
 * @param {number} at
 * @returns {[number, number]}
 */
function number(at) {
  let value = 0;
  for (let shift = 0; ; shift += 7) {
    const byte = bytes.readUInt8(at++);
    value += (byte & 127) * 2 ** shift;
    if (byte < 128) return [value, at];
  }
}

/** @param {number} value */
function leb(value) {
  const out = [];
  do {
    out.push((value & 127) | (value > 127 ? 128 : 0));
    value >>>= 7;
  } while (value > 0);
  return Buffer.from(out);
}

/** @type {{ id: number, at: number, start: number, end: number }[]} */
const sections = [];
for (let at = 8; at < bytes.length;) {
  const [length, start] = number(at + 1);
  sections.push({ id: bytes.readUInt8(at), at, start, end: start + length });
  at = start + length;
}

const code = sections.find(({ id }) => id === CODE);
if (!code) throw new Error('there is no code');
/** @type {Buffer[]} */
const bodies = [];
let [left, at] = number(code.start);
for (; left > 0; left--) {
  const [length, start] = number(at);
  at = start + length;
  bodies.push(bytes.subarray(start, at));
}

/** How many functions are imported: they are numbered first. */
function imported() {
  const imports = sections.find(({ id }) => id === IMPORTS);
  if (!imports) return 0;
  let functions = 0;
  let [count, at] = number(imports.start);
  for (; count > 0; count--) {
    for (let name = 0; name < 2; name++) {
      const [length, start] = number(at);
      at = start + length;
    }
    if (bytes[at] !== 0) throw new Error('only functions are expected to be imported');
    functions++;
    [, at] = number(at + 1);
  }
  return functions;
}

const sequences = bodies.map((body) => {
  /** @type {Set<number>} */
  const set = new Set();
  for (let at = 0; at + 6 <= body.length; at++) set.add(body.readUIntBE(at, 6));
  return set;
});
/** The functions that have a sequence. @type {Map<number, number[]>} */
const having = new Map();
sequences.forEach((set, index) => {
  for (const sequence of set) {
    const list = having.get(sequence);
    if (list) list.push(index);
    else having.set(sequence, [index]);
  }
});

/** @type {number[]} */
const order = [];
const waiting = new Set(bodies.keys());
/** @type {number | undefined} */
let next = bodies.reduce(
  (longest, { length }, index) => (length > (bodies[longest]?.length ?? 0) ? index : longest),
  0,
);
while (next !== undefined) {
  order.push(next);
  waiting.delete(next);
  /** @type {Map<number, number>} */
  const shared = new Map();
  for (const [age, last] of order.slice(-LAST).reverse().entries()) {
    for (const sequence of sequences[last] ?? []) {
      const list = having.get(sequence) ?? [];
      if (list.length > COMMON) continue;
      for (const index of list) if (waiting.has(index)) shared.set(index, (shared.get(index) ?? 0) + 1 / (1 + age));
    }
  }
  let best = 0;
  [next] = waiting;
  for (const [index, count] of shared) {
    const part = count / ((sequences[index]?.size ?? 0) + BASE);
    if (part > best) [best, next] = [part, index];
  }
}

const first = imported();
const place = new Map(order.map((index, place) => [index, place]));
const names = [...bodies.keys()].map((index) => {
  const name = Buffer.from(String(place.get(index)).padStart(6, '0'));
  return Buffer.concat([leb(first + index), leb(name.length), name]);
});
const list = Buffer.concat([leb(names.length), ...names]);
const content = Buffer.concat([leb(4), Buffer.from('name'), Buffer.from([1]), leb(list.length), list]);
const kept = sections.filter(
  ({ id, start }) => id !== CUSTOM || bytes.toString('utf8', start + 1, start + 5) !== 'name',
);
writeFileSync(
  to,
  Buffer.concat([
    bytes.subarray(0, 8),
    ...kept.map(({ at, end }) => bytes.subarray(at, end)),
    Buffer.from([CUSTOM]),
    leb(content.length),
    content,
  ]),
);
