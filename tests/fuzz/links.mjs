// Links from strangers: `node tests/fuzz/links.mjs [SECONDS]`. Seeded, so that what fails once fails again.
import assert from 'node:assert/strict';
import { pathToFileURL } from 'node:url';
import { fromLink, linkVersion, toLink } from 'meshscope/link';

/**
 * Numbers that look like chance and are the same for the same seed.
 *
 * @param {number} seed
 * @returns {(below: number) => number}
 */
function numbers(seed) {
  let state = seed >>> 0 || 1;
  return (below) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % below;
  };
}

/** @param {unknown} wire */
async function pack(wire) {
  const stream = new Blob([JSON.stringify(wire)]).stream().pipeThrough(new CompressionStream('deflate-raw'));
  return `1.${Buffer.from(await new Response(stream).arrayBuffer()).toString('base64url')}`;
}

/**
 * A value of any shape, mostly of those that links have.
 *
 * @param {(below: number) => number} pick
 * @param {number} depth
 * @returns {unknown}
 */
function value(pick, depth) {
  const flat = ['', 'a: b', 'universal', 'x'.repeat(pick(3_000)), '\u202e', '__proto__', -1, 1e300, 0, true, null];
  switch (depth > 4 ? 9 : pick(6)) {
    case 0:
      return Array.from({ length: pick(6) }, () => value(pick, depth + 1));
    case 1: {
      const keys = ['f', 'a', 'v', 'z', 'p', 'm', 's', 'r', 'g', '__proto__', 'constructor', 'length'];
      return Object.fromEntries(
        Array.from({ length: pick(6) }, () => [keys[pick(keys.length)], value(pick, depth + 1)]),
      );
    }
    default:
      return flat[pick(flat.length)];
  }
}

/**
 * Whatever a link holds: no exception, only what the type promises, and what is read can be written and read again.
 *
 * @param {string} link
 */
async function holds(link) {
  linkVersion(link);
  const state = await fromLink(link);
  if (state === undefined) return;
  assert.ok(Array.isArray(state.files));
  for (const file of state.files) {
    for (const field of [file.name, file.text, file.zone, file.environment]) assert.equal(typeof field, 'string');
  }
  assert.deepEqual(await fromLink(await toLink(state)), state);
}

/**
 * Tries links until the time is over or enough were tried.
 *
 * @param {{ seed: number; runs: number; seconds: number }} bounds
 */
export async function fuzz({ seed, runs, seconds }) {
  const pick = numbers(seed);
  const good = [
    await pack({ f: [['a.yaml', 'type: Mesh\nname: default\n', 'west', 'universal']], a: 0, v: 'map' }),
    await toLink({ files: [{ name: 'b.yaml', text: 'ü: 🐙', zone: '', environment: '' }] }),
  ];
  const alphabet = 'ABCabc019-_.%=#/ü\0';
  const end = performance.now() + seconds * 1_000;
  let done = 0;
  for (; done < runs && performance.now() < end; done++) {
    let link = good[pick(good.length)] ?? '';
    switch (pick(4)) {
      case 0:
        link = await pack(value(pick, 0));
        break;
      case 1:
        link = await pack({ f: value(pick, 1), a: value(pick, 4), r: value(pick, 2), v: value(pick, 4) });
        break;
      default:
        for (let changes = 1 + pick(4); changes > 0; changes--) {
          const at = pick(link.length + 1);
          const piece = Array.from({ length: pick(4) }, () => alphabet[pick(alphabet.length)]).join('');
          link = link.slice(0, at) + piece + link.slice(at + pick(4));
        }
    }
    const from = performance.now();
    try {
      await holds(link);
    } catch (error) {
      throw new Error(`seed ${seed}, run ${done}: ${link.slice(0, 2_000)}`, { cause: error });
    }
    assert.ok(performance.now() - from < 5_000, `seed ${seed}, run ${done} took too long`);
  }
  return done;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const seed = Date.now() % 1_000_000;
  const runs = await fuzz({ seed, runs: Infinity, seconds: Number(process.argv[2] ?? 10) });
  console.log(`links        ${String(runs).padStart(10)} runs  ok, seed ${seed}`);
}
