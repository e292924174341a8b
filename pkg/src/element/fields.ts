/** What completion knows of Kuma's documents: kinds, the fields of references and services, and their fixed values. */

/** Resource kinds that take part in destinations. */
export const KINDS = [
  'Dataplane',
  'HostnameGenerator',
  'Mesh',
  'MeshAccessLog',
  'MeshCircuitBreaker',
  'MeshExternalService',
  'MeshFaultInjection',
  'MeshHTTPRoute',
  'MeshHealthCheck',
  'MeshLoadBalancingStrategy',
  'MeshMetric',
  'MeshMultiZoneService',
  'MeshPassthrough',
  'MeshProxyPatch',
  'MeshRateLimit',
  'MeshRetry',
  'MeshService',
  'MeshTCPRoute',
  'MeshTLS',
  'MeshTimeout',
  'MeshTrace',
  'MeshTrafficPermission',
  'ZoneEgress',
  'ZoneIngress',
] as const;

/** Kinds that `to[].targetRef`, `backendRefs` and the like may name. */
export const DESTINATIONS = ['MeshService', 'MeshMultiZoneService', 'MeshExternalService'] as const;

/** Kinds that a top-level `targetRef` may name. */
export const TARGETS = ['Mesh', 'Dataplane', 'MeshHTTPRoute'] as const;

/** A field and what it is for. */
export interface Field {
  readonly name: string;
  readonly doc: string;
}

const field = (name: string, doc: string): Field => ({ name, doc });

const KIND = field('kind', 'What kind of resource is meant.');
const LABELS = field(
  'labels',
  'Means resources that carry all these labels, in any zone. A written MeshService has no kuma.io/display-name in its own zone; generated ones and synchronised copies do.',
);
const SECTION = field('sectionName', 'A port of it, by name. A port without a name goes by its number, written as text.');

/** The fields below a key; `` stands for the top of a Universal document. */
export const FIELDS: Readonly<Record<string, readonly Field[]>> = {
  '': [
    field('type', 'The kind of this document, in Universal form.'),
    field('name', 'Its name.'),
    field('mesh', 'The mesh it belongs to.'),
    field('labels', 'Its labels. kuma.io/zone says which zone it was written in.'),
    field('spec', 'Its content.'),
    field('apiVersion', 'kuma.io/v1alpha1, in Kubernetes form.'),
    field('metadata', 'Name, namespace and labels, in Kubernetes form.'),
  ],
  spec: [
    field('targetRef', 'Which proxies this policy configures. Missing: all of the mesh.'),
    field('to', 'What it says about traffic to destinations.'),
    field('rules', 'What it says about traffic that comes in.'),
    field('selector', 'Which Dataplanes (or MeshServices) are meant.'),
    field('ports', 'The ports of the service.'),
    field('template', 'A Go template that gives the hostname.'),
  ],
  targetRef: [
    KIND,
    field('name', 'By name: the one of the zone, mesh and namespace that this document belongs to.'),
    field('namespace', 'The namespace of the name, on Kubernetes.'),
    LABELS,
    SECTION,
    field('proxyTypes', 'Only Sidecar or only Gateway proxies.'),
  ],
  to: [
    field('targetRef', 'The destination.'),
    field('default', 'What holds for it.'),
    field('rules', 'The routes to it, each with matches and backendRefs.'),
  ],
  backendRefs: [
    KIND,
    field('name', 'By name: the one of the route’s own zone and mesh.'),
    field('namespace', 'The namespace of the name, on Kubernetes.'),
    LABELS,
    field('port', 'The number of the port. Without port and sectionName a MeshService is read as kuma.io/service.'),
    SECTION,
    field('weight', 'Its share of the traffic among its neighbours; 1 if missing, 0 for none.'),
  ],
  backendRef: [
    KIND,
    field('name', 'By name: the one of the proxy’s own zone and mesh.'),
    LABELS,
    field('port', 'The number of the port.'),
  ],
  rules: [
    field('matches', 'Which requests; one match is enough.'),
    field('default', 'Where they go and what happens to them on the way.'),
  ],
  matches: [
    field('path', 'The path: Exact, PathPrefix or RegularExpression.'),
    field('method', 'The HTTP method.'),
    field('headers', 'Headers that all must fit.'),
    field('queryParams', 'Query parameters that all must fit.'),
  ],
  path: [field('type', 'How value is compared.'), field('value', 'The path, or a regular expression for all of it.')],
  default: [
    field('backendRefs', 'Where the requests go. Missing: to the service itself.'),
    field('filters', 'What is changed on the way.'),
    field('http', 'Settings for HTTP.'),
    field('connectionTimeout', 'How long connecting may take.'),
    field('idleTimeout', 'How long a connection may be idle.'),
  ],
  ports: [
    field('name', 'What sectionName calls it; the number if missing.'),
    field('port', 'The port that clients use.'),
    field('targetPort', 'The inbound: its number, or its name. Missing: none matches.'),
    field('appProtocol', 'http, http2, grpc, tcp, tls, kafka or mysql; tcp if missing.'),
  ],
  selector: [
    field('dataplaneTags', 'Dataplanes with an inbound that has all these tags.'),
    field('dataplaneLabels', 'Dataplanes by their labels.'),
    field('dataplaneRef', 'One Dataplane by name.'),
    field('meshService', 'MeshServices by matchLabels.'),
    field('meshMultiZoneService', 'MeshMultiZoneServices by matchLabels.'),
    field('meshExternalService', 'MeshExternalServices by matchLabels.'),
  ],
  networking: [
    field('address', 'The address of the proxy.'),
    field('inbound', 'What it serves.'),
    field('outbound', 'What it calls, each with a backendRef or tags.'),
    field('transparentProxying', 'Calls are caught on their way out.'),
    field('gateway', 'It is a gateway.'),
  ],
  inbound: [
    field('port', 'The port that clients of the proxy use.'),
    field('name', 'What targetPort may call it.'),
    field('tags', 'kuma.io/service and others.'),
    field('state', 'Ready, NotReady or Ignored.'),
  ],
  meshServices: [field('mode', 'Whether MeshServices replace kuma.io/service, and where.')],
};

/** Fixed values of a key. */
export const VALUES: Readonly<Record<string, readonly string[]>> = {
  mode: ['Disabled', 'Everywhere', 'ReachableBackends', 'Exclusive'],
  appProtocol: ['http', 'http2', 'grpc', 'tcp', 'tls', 'kafka', 'mysql'],
  'kuma.io/protocol': ['http', 'http2', 'grpc', 'tcp', 'tls', 'kafka', 'mysql'],
  method: ['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'CONNECT', 'OPTIONS', 'TRACE', 'PATCH'],
  apiVersion: ['kuma.io/v1alpha1', 'v1'],
  state: ['Ready', 'NotReady', 'Ignored'],
};
