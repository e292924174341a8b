/** What completion knows by itself: kinds, the top of a document, fixed values. The rest comes from the engine and the pasted world. */

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

/** The top of a document that does not say yet what it is. */
export const TOP: readonly Field[] = [
  { name: 'type', doc: 'The kind of this document, in Universal form.' },
  { name: 'name', doc: 'Its name.' },
  { name: 'mesh', doc: 'The mesh it belongs to.' },
  { name: 'labels', doc: 'Its labels. kuma.io/zone says which zone it was written in.' },
  { name: 'spec', doc: 'Its content.' },
  { name: 'apiVersion', doc: 'kuma.io/v1alpha1, in Kubernetes form.' },
  { name: 'kind', doc: 'The kind of this document, in Kubernetes form.' },
  { name: 'metadata', doc: 'Name, namespace and labels, in Kubernetes form.' },
];

/** Fixed values of a key. */
export const VALUES: Readonly<Record<string, readonly string[]>> = {
  mode: ['Disabled', 'Everywhere', 'ReachableBackends', 'Exclusive'],
  appProtocol: ['http', 'http2', 'grpc', 'tcp', 'tls', 'kafka', 'mysql'],
  'kuma.io/protocol': ['http', 'http2', 'grpc', 'tcp', 'tls', 'kafka', 'mysql'],
  method: ['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'CONNECT', 'OPTIONS', 'TRACE', 'PATCH'],
  apiVersion: ['kuma.io/v1alpha1', 'v1'],
  state: ['Ready', 'NotReady', 'Ignored'],
};
