// The Map as data: what stands on it, what lights up together, and that it stays readable when it is large.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { grouped, layout, referencesGraph, through } from '../../pkg/dist/element/graph.js';

/** @typedef {import('../../pkg/dist/element/model.js').Rule} Rule */
/** @typedef {import('../../pkg/dist/element/model.js').Service} Service */

/**
 * @param {string} name
 * @param {string} home
 * @param {string[]} proxies
 * @returns {Service}
 */
const service = (name, home, proxies) => ({
  id: `service:${home}/${name}`,
  kind: 'MeshService',
  name,
  storedName: name,
  plane: home,
  home,
  mesh: 'default',
  kri: `kri_msvc_default_${home}__${name}_`,
  origin: 'written',
  state: 'Available',
  ports: [{ port: 80, protocol: 'http' }],
  hostnames: [],
  members: proxies.map((proxy) => ({ name: proxy, zone: home, place: undefined })),
  labels: {},
  copies: [],
  conflict: undefined,
  yaml: '',
  place: undefined,
});

/**
 * @param {string} name
 * @param {number} document
 * @param {Service[]} hits
 * @returns {Rule}
 */
const rule = (name, document, hits) => ({
  id: `${document}/to[0]`,
  document,
  kind: 'MeshTimeout',
  name,
  home: 'west',
  path: 'to[0].targetRef',
  asks: 'MeshService `x`',
  form: 'to',
  weight: undefined,
  answers: [
    {
      zones: ['west'],
      tone: hits.length ? 'hit' : 'nothing',
      meaning: '',
      hits: hits.map((each) => ({
        kind: each.kind,
        name: each.name,
        zone: each.home,
        ports: each.ports,
        endpoints: undefined,
        noEndpoints: undefined,
        service: each.id,
        place: undefined,
      })),
      reason: undefined,
      help: undefined,
      rule: undefined,
      candidates: [],
    },
  ],
  place: undefined,
  documentPlace: undefined,
});

describe('the map', () => {
  const a = service('a', 'west', ['a-1']);
  const b = service('b', 'west', ['b-1']);
  const graph = referencesGraph([rule('one', 1, [a]), rule('two', 2, [b]), rule('three', 3, [])], [a, b], '');

  it('leads from rules over services and zones to proxies', () => {
    assert.deepEqual(
      graph.edges.map((edge) => `${edge.from} ${edge.to}`),
      [
        'proxies:all rule:1/to[0]',
        'rule:1/to[0] service:MeshService/a/west/80',
        'service:MeshService/a/west/80 zone:west',
        'zone:west endpoint:west/a-1',
        'proxies:all rule:2/to[0]',
        'rule:2/to[0] service:MeshService/b/west/80',
        'service:MeshService/b/west/80 zone:west',
        'zone:west endpoint:west/b-1',
        'proxies:all rule:3/to[0]',
        'rule:3/to[0] nothing:3/to[0]',
      ],
    );
  });

  it('lights up only the ways through a node, although all of them share a zone', () => {
    const on = through(graph, 'rule:1/to[0]');
    assert.ok(on.has('endpoint:west/a-1'));
    assert.ok(!on.has('endpoint:west/b-1'));
    assert.ok(on.has('zone:west\nendpoint:west/a-1'));
    assert.ok(!on.has('zone:west\nendpoint:west/b-1'));
  });

  it('splits a route into its rules, with whose they are, what they are about, and shares', () => {
    const route =
      (/** @type {string} */ path, /** @type {import('../../pkg/dist/element/model.js').Rule['form']} */ form) =>
      /** @param {Service[]} hits @param {number} [weight] */ (hits, weight) => ({
        ...rule('route', 4, hits),
        id: `4/${path}`,
        kind: 'MeshHTTPRoute',
        path,
        form,
        weight,
      });
    const refs = [
      route('targetRef', 'topLevel')([]),
      route('to[0].targetRef', 'to')([a]),
      route('to[0].rules[0].default.backendRefs[0]', 'backendRef')([a], 3),
      route('to[0].rules[0].default.backendRefs[1]', 'backendRef')([b], 1),
      route('to[0].rules[0].default.backendRefs[2]', 'backendRef')([], 6),
      route('to[0].rules[1].default.backendRefs[0]', 'backendRef')([b], 1),
    ];
    const whole = referencesGraph(refs, [a, b], '');
    assert.deepEqual(
      whole.nodes.filter(({ column }) => column === 'rule').map(({ detail }) => detail),
      ['rules[0] of a', 'rules[1] of a'],
    );
    const first = whole.edges.filter((edge) => edge.from === 'rule:4/to[0].rules[0]');
    assert.deepEqual(
      first.map(({ to, label }) => `${to} ${label}`),
      [
        'service:MeshService/a/west/80 75 %',
        'service:MeshService/b/west/80 25 %',
        'nothing:4/to[0].rules[0].default.backendRefs[2] 0 %',
      ],
    );
    assert.equal(whole.rows.get('4/to[0].rules[0].default.backendRefs[1]'), 'rule:4/to[0].rules[0]');
    assert.deepEqual(
      whole.nodes.filter(({ column }) => column === 'proxy').map(({ title }) => title),
      ['no proxy'],
    );
  });

  it('has no rule that another zone would not see', () => {
    assert.deepEqual(referencesGraph([rule('one', 1, [a])], [a], 'east').nodes, []);
  });

  it('draws many proxies of one service as one', () => {
    const many = service(
      'm',
      'west',
      Array.from({ length: 30 }, (_, n) => `m-${n}`),
    );
    const nodes = referencesGraph([rule('one', 1, [many])], [many], '').nodes.filter(
      (node) => node.column === 'endpoint',
    );
    assert.deepEqual(
      nodes.map((node) => node.title),
      ['30 proxies'],
    );
  });

  it('groups what makes a column tall by zone, and opens a group on its own', () => {
    const services = Array.from({ length: 100 }, (_, n) => service(`s-${n}`, n % 2 ? 'west' : 'east', [`p-${n}`]));
    const rules = [...services.map((each, n) => rule(`r-${n}`, n, [each])), rule('none', 100, [])];
    const whole = referencesGraph(rules, services, '');
    const { graph, inside } = grouped(whole, new Set());
    /** @param {typeof graph} of */
    const column = (of) => of.nodes.filter((node) => node.column === 'service').map((node) => node.title);
    assert.ok(column(graph).length <= 19, `${column(graph).length}`);
    assert.deepEqual(column(graph).slice(-2), ['42 more services', '42 more services']);
    assert.ok(column(graph).includes('hits nothing'));
    const ids = new Set(graph.nodes.map((node) => node.id));
    assert.ok(graph.edges.every((edge) => ids.has(edge.from) && ids.has(edge.to)));
    assert.ok(whole.nodes.every((node) => ids.has(inside.get(node.id) ?? node.id)));
    const opened = column(grouped(whole, new Set(['more:service/west'])).graph);
    assert.equal(opened.filter((title) => title === '42 more services').length, 1);
    assert.equal(opened.length, 8 + 1 + 50 + 1);
    assert.equal(grouped(referencesGraph(rules.slice(0, 15), services, ''), new Set()).inside.size, 0);
  });

  it('places every node once, without overlap, for 100 services in well under a second', () => {
    const services = Array.from({ length: 100 }, (_, n) => service(`s-${n}`, n % 2 ? 'west' : 'east', [`p-${n}`]));
    const rules = services.map((each, n) => rule(`r-${n}`, n, [each, services[(n * 7) % 100] ?? each]));
    const start = performance.now();
    const picture = layout(referencesGraph(rules, services, ''));
    assert.ok(performance.now() - start < 1000);
    assert.equal(new Set(picture.nodes.map((node) => `${node.x} ${node.y}`)).size, picture.nodes.length);
    assert.equal(picture.nodes.filter((node) => node.column === 'service').length, 100);
  });
});
