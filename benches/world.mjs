// Worlds to measure with: `node benches/world.mjs 300 > world.yaml`.
//
// A world of N services has, all in one zone: for each service three Dataplanes of two inbounds and a MeshService; a
// HostnameGenerator; and for each tenth service a MeshTimeout that speaks of one service by name and of many by label, and
// a MeshHTTPRoute that splits by name and by label. Everything follows from N.
import { pathToFileURL } from 'node:url';

const four = (n) => String(n).padStart(4, '0');
const service = (n) => `svc-${four(n)}`;

/** Lines of one document. */
const doc = (...lines) => lines.join('\n') + '\n';

function dataplane(n, replica, address) {
  const tier = `t${n % 5}`;
  return doc(
    'type: Dataplane',
    'mesh: default',
    `name: ${service(n)}-${replica}`,
    'labels:',
    `  app: ${service(n)}`,
    `  tier: ${tier}`,
    'networking:',
    `  address: 10.${(address >> 16) & 255}.${(address >> 8) & 255}.${address & 255}`,
    '  inbound:',
    '  - name: http',
    '    port: 8080',
    '    tags:',
    `      kuma.io/service: ${service(n)}`,
    '      kuma.io/protocol: http',
    `      tier: ${tier}`,
    '  - name: admin',
    '    port: 9090',
    '    tags:',
    `      kuma.io/service: ${service(n)}-admin`,
    '      kuma.io/protocol: tcp',
  );
}

const meshService = (n) =>
  doc(
    'type: MeshService',
    'mesh: default',
    `name: ${service(n)}`,
    'labels:',
    `  kuma.io/display-name: ${service(n)}`,
    '  kuma.io/origin: zone',
    `  team: team-${n % 20}`,
    'spec:',
    '  selector:',
    '    dataplaneTags:',
    `      kuma.io/service: ${service(n)}`,
    '  ports:',
    '  - name: http',
    '    port: 8080',
    '    targetPort: 8080',
    '    appProtocol: http',
  );

const timeout = (n) =>
  doc(
    'type: MeshTimeout',
    'mesh: default',
    `name: timeout-${four(n)}`,
    'spec:',
    '  targetRef:',
    '    kind: MeshSubset',
    '    tags:',
    `      tier: t${n % 5}`,
    '  to:',
    '  - targetRef:',
    '      kind: MeshService',
    `      name: ${service(n * 10)}`,
    '      sectionName: http',
    '    default:',
    '      http:',
    `        requestTimeout: ${n + 1}s`,
    '  - targetRef:',
    '      kind: MeshService',
    '      labels:',
    `        team: team-${n % 20}`,
    '    default:',
    `      idleTimeout: ${n + 1}s`,
  );

const route = (n) =>
  doc(
    'type: MeshHTTPRoute',
    'mesh: default',
    `name: route-${four(n)}`,
    'spec:',
    '  targetRef:',
    '    kind: Mesh',
    '  to:',
    '  - targetRef:',
    '      kind: MeshService',
    `      name: ${service(n * 10)}`,
    '    rules:',
    '    - matches:',
    '      - path:',
    '          type: PathPrefix',
    '          value: /v2',
    '      default:',
    '        backendRefs:',
    '        - kind: MeshService',
    `          name: ${service(n * 10 + 1)}`,
    '          port: 8080',
    '          weight: 90',
    '        - kind: MeshService',
    '          labels:',
    `            kuma.io/display-name: ${service(n * 10 + 2)}`,
    '          port: 8080',
    '          weight: 10',
  );

/** The YAML of a world of this many services. */
export function world(services, replicas = 3) {
  const documents = [
    doc('type: Mesh', 'name: default', "skipCreatingInitialPolicies: ['*']", 'meshServices: {mode: Exclusive}'),
  ];
  for (let n = 0; n < services; n++) {
    for (let replica = 0; replica < replicas; replica++) {
      documents.push(dataplane(n, replica, n * replicas + replica + 1));
    }
    documents.push(meshService(n));
  }
  documents.push(
    doc(
      'type: HostnameGenerator',
      'name: local',
      'spec:',
      '  selector:',
      '    meshService:',
      '      matchLabels:',
      '        kuma.io/origin: zone',
      "  template: '{{ .DisplayName }}.svc.mesh.local'",
    ),
  );
  for (let n = 0; n < Math.floor(services / 10); n++) documents.push(timeout(n), route(n));
  return documents.join('---\n');
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  process.stdout.write(world(Number(process.argv[2] ?? 100), Number(process.argv[3] ?? 3)));
}
