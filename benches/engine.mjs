// The engine as a browser runs it, under Node: `node --expose-gc benches/engine.mjs [path to engine.wasm's folder]`.
//
// Each figure is the least of several runs: other work on the machine only ever adds. Edits are the exception, where the
// 95th percentile of many different ones counts. Prints a table; with `--check`, fails where a figure misses its target.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { performance } from 'node:perf_hooks';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { resolve } from 'node:path';
import { world } from './world.mjs';

const args = process.argv.slice(2);
const check = args.includes('--check');
const folder = resolve(args.find((a) => !a.startsWith('--')) ?? 'pkg/engine');
const { initSync, World } = await import(pathToFileURL(`${folder}/engine.js`).href);
const wasm = initSync({ module: readFileSync(`${folder}/engine_bg.wasm`) });

const memory = args.find((a) => a.startsWith('--memory='));
if (memory) {
  const text = world(Number(memory.split('=')[1]));
  const handle = new World({});
  handle.setSource({ name: 'world.yaml', text });
  tables(handle);
  console.log(wasm.memory.buffer.byteLength / text.length);
  process.exit(0);
}

const rows = [];
let missed = 0;
function figure(what, value, unit, most, least) {
  const bad = (most !== undefined && value > most) || (least !== undefined && value < least);
  if (bad) missed += 1;
  const target = most !== undefined ? `≤ ${most}` : least !== undefined ? `≥ ${least}` : '';
  rows.push([what, value.toFixed(value < 10 ? 2 : 1), unit, target, bad ? 'missed' : target && 'met']);
}

const least = (runs, work) => {
  let best = Infinity;
  for (let i = 0; i < runs; i++) {
    globalThis.gc?.();
    const from = performance.now();
    work();
    best = Math.min(best, performance.now() - from);
  }
  return best;
};

const source = (text) => ({ name: 'world.yaml', text });

/**
 * Evaluates everything for every proxy, from the text on: documents read and checked, services generated, hostnames,
 * endpoints, the policies of each proxy matched and merged, and the tables of all that. The full account of one proxy,
 * which repeats what it shares with others, is written when it is asked for; its time is a figure of its own.
 */
function everything(text) {
  const handle = new World({});
  handle.setSource(source(text));
  tables(handle);
  handle.free();
}

/** What the playground asks for after each edit. */
function tables(handle) {
  handle.summary();
  handle.diagnostics();
  handle.rules();
  handle.services();
  handle.kubernetes();
  handle.checks();
}

/** The time of the 95th percentile of one-character edits, each somewhere else. */
function edits(services, count, most) {
  const text = world(services);
  const lines = text.split('\n').length - 1;
  const handle = new World({});
  handle.setSource(source(text));
  tables(handle);
  const times = [];
  let seed = 1;
  for (let i = 0; i < count; i++) {
    seed = (seed * 48271) % 2147483647;
    const at = text.indexOf('\n', seed % text.length);
    const edited = text.slice(0, at) + 'x' + text.slice(at);
    const from = performance.now();
    handle.setSource(source(edited));
    tables(handle);
    times.push(performance.now() - from);
  }
  handle.free();
  times.sort((a, b) => a - b);
  figure(`edit, ${lines} lines, p95`, times[Math.floor(times.length * 0.95)], 'ms', most);
  figure(`edit, ${lines} lines, median`, times[times.length >> 1], 'ms');
}

const quick = args.includes('--quick');
const all = {};
for (const [services, runs, most] of [[100, 5], [300, 5, 350], ...(quick ? [] : [[1000, 3, 1500]])]) {
  const text = world(services);
  all[services] = least(runs, () => everything(text));
  figure(`everything evaluated, ${services} services, ${services * 3} proxies`, all[services], 'ms', most);
}
if (!quick) figure('growth from 300 to 1,000 services', all[1000] / all[300], 'times', 4.5);

/** Megabytes of YAML a second, up to the summary. */
function throughput(text) {
  const time = least(3, () => {
    const handle = new World({});
    handle.setSource(source(text));
    handle.summary();
    handle.free();
  });
  return text.length / 1e3 / time;
}

// All documents as values of one that is no resource: they are read and nothing else.
const large = world(quick ? 300 : 1000);
const documents = large.split(/^---\n/m).filter((text) => text.trim() !== '');
const values = documents.map((text) => `- ${text.trimEnd().replaceAll('\n', '\n  ')}\n`);
const unread = `type: Values\nvalues:\n${values.join('')}`;
const megabytes = (text) => `${(text.length / 1e6).toFixed(1)} MB`;
figure(`YAML read, ${megabytes(unread)}`, throughput(unread), 'MB/s', undefined, quick ? undefined : 15);
figure(`YAML read, checked and placed, ${megabytes(large)}`, throughput(large), 'MB/s');

for (const services of quick ? [100] : [100, 300]) {
  const handle = new World({});
  handle.setSource(source(world(services)));
  tables(handle);
  const [zone] = handle.summary().zones;
  const some = zone.proxies.filter((_, at) => at % Math.ceil(zone.proxies.length / 20) === 0);
  const time = least(3, () => some.forEach((proxy) => handle.proxy(proxy.zone, proxy.mesh, proxy.name)));
  figure(`the full account of one proxy, ${services} services`, time / some.length, 'ms');
  handle.free();
}

edits(12, 200, 16);
edits(quick ? 60 : 353, quick ? 40 : 60, quick ? undefined : 150);

// Memory of a WebAssembly instance never shrinks, so each figure needs an instance of its own.
for (const services of quick ? [100] : [100, 1000]) {
  const run = [fileURLToPath(import.meta.url), folder, `--memory=${services}`];
  const ratio = Number(execFileSync(process.execPath, run, { encoding: 'utf8' }));
  figure(`memory, ${services} services, most`, ratio, '× YAML', 12);
}

if (args.includes('--json')) {
  console.log(JSON.stringify(Object.fromEntries(rows.map(([what, value]) => [what, Number(value)]))));
  process.exit(0);
}

const widths = [0, 1, 2, 3].map((column) => Math.max(...rows.map((row) => row[column].length)));
for (const row of rows)
  console.log(
    row
      .map((cell, i) => (i === 1 ? cell.padStart(widths[i]) : cell.padEnd(widths[i] ?? 0)))
      .join('  ')
      .trimEnd(),
  );
if (check && missed) {
  console.error(`${missed} targets missed`);
  process.exit(1);
}
