// The JSON Schema comes from the engine's types; here real answers of the gallery and of the recorded worlds are held against
// it, so that types, schema and answers cannot part.
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { createWorld } from 'meshscope';
import { schema, types } from '../../scripts/schema.mjs';
import { worlds } from '../gallery.mjs';

const url = (/** @type {string} */ path) => new URL(`../../${path}`, import.meta.url);
const generated = readFileSync(url('pkg/engine/engine.d.ts'), 'utf8');
const written = JSON.parse(readFileSync(url('pkg/dist/schema.json'), 'utf8'));
const ajv = new Ajv2020({ allErrors: true, allowUnionTypes: true });
ajv.addSchema(written, 'meshscope');

/**
 * @param {string} name empty for the whole
 * @param {unknown} value
 * @param {string} what
 */
function fits(name, value, what) {
  const validate = ajv.getSchema(name === '' ? 'meshscope' : `meshscope#/$defs/${name}`);
  assert.ok(validate, `no schema ${name}`);
  // what JSON does to it: fields that are undefined are not there
  validate(JSON.parse(JSON.stringify(value)));
  const errors = (validate.errors ?? [])
    .slice(0, 5)
    .map((each) => `${what}${each.instancePath}: ${each.message} ${JSON.stringify(each.params)}`);
  assert.deepEqual(errors, []);
}

/**
 * @param {import('meshscope').Source[]} sources
 * @param {string} what
 */
function everyAnswer(sources, what) {
  const world = createWorld(sources);
  try {
    const evaluation = world.evaluation();
    fits('', evaluation, what);
    for (const each of world.kubernetes()) fits('KubernetesReport', each, what);
    fits('ChecksReport', world.checks(), what);
    fits('MigrationReport', world.migration(), what);
    fits('RewrittenReport', world.rewritten(), what);
    for (const each of world.modes()) fits('ModeReport', each, what);
    fits('DiffReport', world.diff(sources.slice(1)), what);
    const proxies = evaluation.summary.zones.flatMap((zone) => zone.proxies);
    const services = evaluation.services.flatMap((service) =>
      service.ports.map((port) => `${service.displayName}:${port.port}`),
    );
    for (const proxy of proxies.slice(0, 4)) {
      fits('ProxyReport', world.proxy(proxy), what);
      for (const to of services.slice(0, 4)) {
        fits('RequestReport', world.request({ zone: proxy.zone, mesh: proxy.mesh, proxy: proxy.name, to }), what);
      }
    }
  } finally {
    world.free();
  }
}

describe('the JSON Schema', () => {
  it('is in step with the types', () => assert.deepEqual(written, schema(generated)));

  it('has every type that the package exports', () => {
    const exported = readFileSync(url('pkg/engine/reports.d.ts'), 'utf8');
    assert.equal(exported, types(generated));
    const names = [...exported.matchAll(/^export (?:interface|type) (\w+)/gm)].map((match) => match[1]);
    assert.deepEqual(names.sort(), Object.keys(written.$defs).sort());
  });

  it('fits the answers about every world of the gallery', () => {
    for (const { id, sources } of worlds()) everyAnswer(sources, id);
  });

  for (const kind of ['universal', 'kubernetes']) {
    it(`fits the answers about the recorded ${kind} worlds`, () => {
      const folder = url(`tests/conformance/${kind}/`);
      for (const name of readdirSync(folder)) {
        const file = new URL(`${name}/world.yaml`, folder);
        if (existsSync(file)) everyAnswer([{ name, text: readFileSync(file, 'utf8') }], name);
      }
    });
  }

  it('does not take what is not in the types', () => {
    const [world] = worlds();
    const evaluation = createWorld(world?.sources ?? []).evaluation();
    assert.throws(() => fits('', { ...evaluation, more: 1 }, ''));
    assert.throws(() => fits('', { ...evaluation, rules: [{}] }, ''));
  });
});
