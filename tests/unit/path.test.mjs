// Where a line stands in its document, for completion: right on whole text and on half-typed text.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { pathAt } from '../../pkg/dist/element/path.js';

const text = `type: MeshHTTPRoute
name: r
spec:
  targetRef:
    kind: Mesh
  to:
  - targetRef:
      kind: MeshService
      name: a
      labels:
        kuma.io/zone: east
    rules:
      - matches:
          - path:
              type: Exact
        default:
          backendRefs:
            - kind: MeshService
              name: b
              port: 80
            - kind: MeshService
              name: c
---
type: Mesh
name: m
`;
const lines = text.split('\n');

/** @param {string} needle @param {number} [nth] */
function at(needle, nth = 0) {
  const found = lines.flatMap((line, n) => (line.includes(needle) ? [n] : []))[nth];
  assert.ok(found !== undefined, needle);
  return pathAt(lines, found, (lines[found] ?? '').length);
}

describe('the path of a line', () => {
  it('is empty at the top of a document, also of the second', () => {
    assert.deepEqual(at('type: MeshHTTPRoute').keys, []);
    assert.deepEqual(at('name: m').keys, []);
    assert.deepEqual(
      [...at('name: m').siblings],
      [
        ['type', 'Mesh'],
        ['name', 'm'],
      ],
    );
  });

  it('goes through mappings and lists', () => {
    assert.deepEqual(at('name: a').keys, ['spec', 'to', 'targetRef']);
    assert.deepEqual(at('type: Exact').keys, ['spec', 'to', 'rules', 'matches', 'path']);
    assert.deepEqual(at('port: 80').keys, ['spec', 'to', 'rules', 'default', 'backendRefs']);
  });

  it('knows the neighbours in the same list item only', () => {
    assert.deepEqual(Object.fromEntries(at('port: 80').siblings), { kind: 'MeshService', name: 'b', port: '80' });
    assert.deepEqual(Object.fromEntries(at('name: c').siblings), { kind: 'MeshService', name: 'c' });
  });

  it('knows the mapping around it', () => {
    const path = at('kuma.io/zone');
    assert.deepEqual(path.keys, ['spec', 'to', 'targetRef', 'labels']);
    assert.equal(path.outer.get('name'), 'a');
  });

  it('tells key from value', () => {
    assert.equal(at('name: a').key, 'name');
    assert.equal(pathAt(['spec:', '  targ'], 1, 6).key, undefined);
    assert.deepEqual(pathAt(['spec:', '  targ'], 1, 6).keys, ['spec']);
  });
});
