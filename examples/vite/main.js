import { evaluate, init } from 'meshscope';
import 'meshscope/element';
import 'meshscope/element.css';

const text = `
type: Dataplane
name: orders-1
mesh: default
networking:
  address: 10.0.0.1
  inbound: [{ name: main, port: 8080, tags: { kuma.io/service: orders, kuma.io/protocol: http } }]
---
type: MeshTimeout
name: orders
mesh: default
spec:
  to:
  - targetRef: { kind: MeshService, name: orders }
    default: { http: { requestTimeout: 10s } }
`;
const sources = [{ name: 'orders.yaml', text, zone: 'west' }];

// The engine in the page itself …
await init();
const [rule] = evaluate(sources).rules;
const [hit] = rule.answers[0].hits;
document.querySelector('#answer').textContent =
  `${rule.name} hits ${hit.name} on port ${hit.ports[0].port} in ${hit.zone}`;

// … and the element, which has its own in a worker.
document.querySelector('mesh-scope').sources = sources;
