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
});
