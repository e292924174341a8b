// Natively the engine asks the standard library about characters outside of ASCII, here it asks JavaScript. What the native
// tests expect has to come of it here too.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createWorld } from 'meshscope';

/** @param {string} text */
function messages(text) {
  const world = createWorld([{ name: 'world.yaml', text }]);
  return world
    .diagnostics()
    .map((each) => `${each.message} ${each.kuma?.reason ?? ''}`)
    .join('\n');
}

/** @param {string} template */
const generator = (template) => `type: HostnameGenerator
name: generator
spec:
  selector:
    meshService:
      matchLabels:
        app: web
  template: ${JSON.stringify(template)}
`;

describe('characters outside of ASCII', () => {
  it('are shown in messages of templates if they can be seen, and only then', () => {
    assert.match(messages(generator('{{ € }}')), /U\+20AC '€'/);
    assert.match(messages(generator('{{ \u200b }}')), /U\+200B(?! ')/);
    // a combining mark can be seen, a noncharacter cannot
    assert.match(messages(generator('{{ \u0301 }}')), /U\+0301 '\u0301'/);
    assert.match(messages(generator('{{ \uffff }}')), /U\+FFFF(?! ')/);
  });

  it('have another case in regular expressions or do not', () => {
    /** @param {string} pattern */
    const route = (pattern) => {
      const world = createWorld([
        {
          name: 'world.yaml',
          text: `type: MeshHTTPRoute
mesh: default
name: route
spec:
  targetRef: { kind: Mesh }
  to:
  - targetRef: { kind: MeshService, name: web }
    rules:
    - matches: [{ path: { type: RegularExpression, value: ${JSON.stringify(pattern)} } }]
      default: {}
---
type: MeshService
mesh: default
name: web
labels: { kuma.io/display-name: web }
spec:
  selector: { dataplaneTags: { app: web } }
  ports: [{ port: 80, targetPort: 80, appProtocol: http }]
---
type: Dataplane
mesh: default
name: client
networking:
  address: 10.0.0.1
  inbound: [{ port: 8080, tags: { kuma.io/service: client, app: web } }]
  transparentProxying: { redirectPortInbound: 15006, redirectPortOutbound: 15001 }
`,
        },
      ]);
      return JSON.stringify(
        world.request({ zone: 'default', mesh: 'default', proxy: 'client', to: 'web:80', path: '/字' }),
      );
    };
    const known = route('(?i)/字');
    const unknown = route('(?i)/ж');
    assert.doesNotMatch(known, /letters outside of ASCII/);
    assert.match(unknown, /letters outside of ASCII/);
  });
});
