/** What each consumer evaluates, and how it shows that it did. */
export const sources = [
  {
    name: 'a.yaml',
    zone: 'west',
    text: `
type: Dataplane
name: orders-1
mesh: default
networking:
  address: 10.0.0.1
  inbound: [{ name: main, port: 8080, tags: { kuma.io/service: orders } }]
---
type: MeshTimeout
name: orders
mesh: default
spec:
  to:
  - targetRef: { kind: MeshService, name: orders }
    default: { http: { requestTimeout: 10s } }
`,
  },
];

/** Writes the answer into the page, and adds an element that works out its own. */
export function show({ rules }) {
  const [hit] = rules[0].answers[0].hits;
  const line = document.createElement('p');
  line.id = 'answer';
  line.textContent = `${rules[0].name} hits ${hit.name} on port ${hit.ports[0].port} in ${hit.zone}`;
  const scope = document.createElement('mesh-scope');
  scope.sources = sources;
  document.body.append(line, scope);
}
