// Links: what goes in comes out, every version ever written stays readable, and nothing in one is trusted.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { once } from 'node:events';
import { describe, it } from 'node:test';
import { buffer } from 'node:stream/consumers';
import { createDeflateRaw } from 'node:zlib';
import { fromLink, linkVersion, toLink } from 'meshscope/link';

const fixtures = new URL('../fixtures/links/', import.meta.url);

/** @type {import('meshscope/link').LinkState} */
const state = {
  files: [
    { name: 'west.yaml', text: 'type: Mesh\nname: größe 🐙\n', zone: 'west', environment: 'universal' },
    { name: 'b.yaml', text: '', zone: '', environment: '' },
  ],
  active: 1,
  view: 'services',
  zone: 'west',
  proxy: 'default/web',
  mode: 'Everywhere',
  selected: '3/spec.to[0]',
  requests: [{ from: 'a', zone: 'z', to: 'b:80', method: 'GET', path: '/', headers: 'x: y', expect: 'c' }],
  migration: { via: 'ReachableBackends', choices: { 'default/orders': 'meshMultiZoneService' } },
};

describe('links', () => {
  it('give back what they were made of', async () => {
    assert.deepEqual(await fromLink(await toLink(state)), state);
  });

  it('stay short: 15 kB of YAML in less than 2 kB', async () => {
    const part = readFileSync(new URL('../../gallery/seed/west.yaml', import.meta.url), 'utf8');
    const text = part.repeat(Math.ceil(15_000 / part.length));
    const link = await toLink({ files: [{ name: 'a.yaml', text, zone: '', environment: '' }] });
    assert.ok(link.length < 2000, `${link.length} characters`);
  });

  it('hold only what an address may hold', async () => {
    assert.match(await toLink(state), /^1\.[A-Za-z0-9_-]+$/);
  });

  for (const name of readdirSync(fixtures).filter((each) => each.endsWith('.txt'))) {
    it(`of version ${name.replace('.txt', '')} are still read`, async () => {
      const link = readFileSync(new URL(name, fixtures), 'utf8').trim();
      const expected = JSON.parse(readFileSync(new URL(name.replace('.txt', '.json'), fixtures), 'utf8'));
      assert.deepEqual(await fromLink(link), expected);
    });
  }

  for (const [what, link] of [
    ['another version', '9.AAAA'],
    ['no base64', '1.%%%'],
    ['no deflate stream', '1.AAAA'],
    ['nothing', ''],
    ['an example', 'example=seed'],
  ]) {
    it(`give nothing for ${what}`, async () => {
      assert.equal(await fromLink(link ?? ''), undefined);
    });
  }

  it('give nothing for wrong types and drop wrong fields', async () => {
    assert.equal(await fromLink(await pack({ f: 'text' })), undefined);
    assert.equal(await fromLink(await pack([])), undefined);
    const read = await fromLink(await pack({ f: [[1, 'a: b', null, 'moon']], a: 7, v: {}, r: ['x'] }));
    assert.deepEqual(read?.files, [{ name: 'world.yaml', text: 'a: b', zone: '', environment: '' }]);
    assert.equal(read?.active, 0);
    assert.equal(read?.view, '');
    assert.deepEqual(read?.requests, []);
  });

  it('do not unpack without end: a bomb of 400 MB is refused soon, with little memory', async () => {
    const deflate = createDeflateRaw({ level: 9 });
    const packed = buffer(deflate);
    deflate.write('{"f":[["a","');
    const part = Buffer.alloc(1 << 20, 'a');
    for (let n = 0; n < 400; n++) if (!deflate.write(part)) await once(deflate, 'drain');
    deflate.end('","",""]]}');
    const bomb = `1.${(await packed).toString('base64url')}`;
    assert.ok(bomb.length < 600_000, `${bomb.length}`);
    const before = process.memoryUsage();
    const start = performance.now();
    assert.equal(await fromLink(bomb), undefined);
    assert.ok(performance.now() - start < 2000, `${performance.now() - start} ms`);
    const after = process.memoryUsage();
    assert.ok(
      after.arrayBuffers + after.heapUsed - before.arrayBuffers - before.heapUsed < 60e6,
      JSON.stringify(after),
    );
  });

  it('take few files and requests only, and names that end', async () => {
    assert.equal(await fromLink(await pack({ f: Array.from({ length: 100_000 }, () => []) })), undefined);
    const r = Array.from({ length: 500 }, () => ['a', '', 'b']);
    const read = await fromLink(await pack({ f: [['n'.repeat(1e6), 't'.repeat(1e6), '', '']], r }));
    assert.equal(read?.requests?.length, 12);
    assert.equal(read?.files[0]?.name.length, 20_000);
    assert.equal(read?.files[0]?.text.length, 1e6);
  });

  it('give nothing for every cut of a link', async () => {
    const link = await toLink(state);
    for (let length = 0; length < link.length; length++) assert.equal(await fromLink(link.slice(0, length)), undefined);
  });

  it('say their version, readable or not', () => {
    assert.equal(linkVersion('1.AAAA'), 1);
    assert.equal(linkVersion('12.%'), 12);
    for (const other of ['', 'example=seed', 'v1.x', '1', '99999999999.x']) assert.equal(linkVersion(other), undefined);
  });
});

/** @param {unknown} wire */
async function pack(wire) {
  const stream = new Blob([JSON.stringify(wire)]).stream().pipeThrough(new CompressionStream('deflate-raw'));
  return `1.${Buffer.from(await new Response(stream).arrayBuffer()).toString('base64url')}`;
}
