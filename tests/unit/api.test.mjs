// The package as its users see it: what it exports, that nothing in its types is `any`, and that no text makes it throw.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import * as meshscope from 'meshscope';

const dist = new URL('../../pkg/dist/', import.meta.url);

describe('the package', () => {
  it('exports its calls and nothing of how the engine is bound', () => {
    assert.deepEqual(Object.keys(meshscope).sort(), [
      'World',
      'createWorld',
      'evaluate',
      'init',
      'initSync',
      'kumaVersion',
      'schemaFields',
      'schemaVersion',
    ]);
  });

  it('has no `any` in its types', () => {
    const files = readdirSync(dist, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.d.ts'));
    const texts = files.map((name) => [name, readFileSync(new URL(name, dist), 'utf8')]);
    texts.push(['reports.d.ts', readFileSync(new URL('../engine/reports.d.ts', dist), 'utf8')]);
    const code = (/** @type {string} */ text) => text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/\/\/.*/g, '');
    assert.deepEqual(
      texts.filter(([, text]) => /\bany\b/.test(code(text ?? ''))).map(([name]) => name),
      [],
    );
  });

  it('needs no init in Node, and a second one does no harm', async () => {
    await meshscope.init();
    assert.equal(meshscope.evaluate([]).schemaVersion, meshscope.schemaVersion());
    assert.match(meshscope.kumaVersion(), /^\d+\.\d+\.\d+$/);
  });

  for (const text of [
    '',
    '\0',
    '- - - {',
    'a: &a [*a]',
    'type: Mesh',
    'type: [1]',
    '\ud800',
    '---\n'.repeat(3000),
    '"'.repeat(100),
  ]) {
    it(`does not throw for ${JSON.stringify(text.slice(0, 20))}`, () => {
      const world = meshscope.createWorld([{ name: 'a.yaml', text, zone: 'west' }]);
      const { summary, diagnostics } = world.evaluation();
      assert.equal(summary.sources.length, 1);
      assert.ok(Array.isArray(diagnostics));
      assert.equal(typeof world.generated(), 'string');
      assert.equal(world.checks().checks.length, 0);
      assert.equal(world.request({ zone: 'west', mesh: 'default', proxy: text, to: text }).outcome, 'unknownProxy');
      assert.deepEqual(world.explain(text), []);
      world.free();
    });
  }

  it('answers anew after edits, and only then', () => {
    const world = meshscope.createWorld();
    world.setSource({ name: 'a.yaml', text: 'type: Mesh\nname: one' });
    assert.deepEqual(
      world.summary().meshes.map((mesh) => mesh.name),
      ['one'],
    );
    world.setSource({ name: 'a.yaml', text: 'type: Mesh\nname: two' });
    assert.deepEqual(
      world.summary().meshes.map((mesh) => mesh.name),
      ['two'],
    );
    world.removeSource('a.yaml');
    world.removeSource('never-there.yaml');
    assert.deepEqual(world.summary().documents, []);
    world.free();
  });

  // What TypeScript would not let through, from plain JavaScript: an answer, or an error that says what is wrong. Never a
  // trap of the engine, and the world works on.
  const cyclic = /** @type {{ self?: unknown }} */ ({});
  cyclic.self = cyclic;
  const odd = {
    undefined: undefined,
    null: null,
    zero: 0,
    'not a number': Number.NaN,
    'a negative': -1e308,
    'a bigint': 1n,
    true: true,
    'no text': '',
    'a hidden text': '\u0000\u202e\ud800',
    'a huge text': 'x: '.repeat(400_000),
    'a symbol': Symbol('s'),
    'a function': () => 1,
    'an empty object': {},
    'an empty list': [],
    'a list of lists': [[[]]],
    'a cyclic object': cyclic,
    'a map': new Map([['name', 'a']]),
    'a date': new Date(0),
    'a proxy that throws': new Proxy(
      {},
      {
        get() {
          throw new Error('do not touch');
        },
      },
    ),
    'an object that throws': {
      get name() {
        throw new Error('do not read');
      },
    },
    'half a source': { name: 'a.yaml' },
    'a source of numbers': { name: 1, text: 2, zone: 3 },
    'a source with an odd zone': { name: 'a.yaml', text: 'type: Mesh', zone: {}, environment: 'mars' },
    'a request of numbers': { zone: 1, mesh: 2, proxy: 3, to: 4 },
    'a request with odd headers': { zone: '', mesh: '', proxy: '', to: '', headers: [['a', 1]] },
    'odd options': { zone: 1, federated: 'yes', mode: 'Sometimes', labelPropagation: {} },
    'odd decisions': { choices: { 'a/b': 7 }, via: null },
  };
  const yaml = readFileSync(new URL('../../examples/mesh/world.yaml', import.meta.url), 'utf8');

  for (const [what, value] of Object.entries(odd)) {
    it(`takes ${what} for anything, or says what is wrong`, () => {
      const world = meshscope.createWorld([{ name: 'a.yaml', text: yaml }]);
      const rules = world.rules().length;
      assert.ok(rules > 0);
      const it = /** @type {never} */ (value);
      /** @type {Record<string, () => unknown>} */
      const calls = {
        evaluate: () => meshscope.evaluate(it),
        'evaluate with options': () => meshscope.evaluate([], it),
        'evaluate of one': () => meshscope.evaluate([it]),
        createWorld: () => meshscope.createWorld(it, it).free(),
        schemaFields: () => meshscope.schemaFields(it, it),
        removeSource: () => world.removeSource(it),
        explain: () => world.explain(it),
        proxy: () => world.proxy(it),
        request: () => world.request(it),
        migration: () => world.migration(it),
        rewritten: () => world.rewritten(it, it),
        diff: () => world.diff(it),
        setOptions: () => world.setOptions(it),
        setSource: () => world.setSource(it),
      };
      for (const [name, call] of Object.entries(calls)) {
        try {
          JSON.stringify(call());
        } catch (error) {
          assert.ok(error instanceof Error, `${name}: ${String(error)}`);
          assert.ok(!(error instanceof WebAssembly.RuntimeError), `${name}: ${error.message}`);
          assert.doesNotMatch(error.message, /recursive use|unreachable|null pointer|memory access/, name);
          assert.ok(error.message.length > 8, `${name}: ${error.message}`);
        }
      }
      world.setOptions({});
      world.removeSource('');
      world.setSource({ name: 'a.yaml', text: yaml });
      assert.ok(world.rules().length >= rules, 'the world does not work any more');
      world.free();
    });
  }

  it('says which field of which argument is wrong', () => {
    const wrong = /** @type {never} */ ({ name: 'a.yaml', text: 7 });
    assert.throws(() => meshscope.evaluate([wrong]), /`?text`?.*(string|text)/);
    const request = /** @type {never} */ ({ zone: '', mesh: '', proxy: '', to: 4 });
    assert.throws(() => meshscope.createWorld().request(request), /`?to`?.*(string|text)/);
  });
});
