//! The policies that Kuma creates with every Mesh that does not forbid it.

use std::sync::Arc;

use crate::diagnostic::SourceId;
use crate::resource::{self, DocumentId, Environment, Mesh, Provenance, Reading, Resource};
use crate::yaml::{self, Limits};

/// The policies of Kuma 2.14; the name of the mesh goes where `%mesh` stands.
const POLICIES: &str = "
type: MeshTimeout
name: mesh-gateways-timeout-all-%mesh
spec:
  targetRef: {kind: Mesh, proxyTypes: [Gateway]}
  to:
  - targetRef: {kind: Mesh}
    default: {idleTimeout: 1h, http: {streamIdleTimeout: 5s}}
  from:
  - targetRef: {kind: Mesh}
    default: {idleTimeout: 5m, http: {streamIdleTimeout: 5s, requestHeadersTimeout: 500ms}}
---
type: MeshTimeout
name: mesh-timeout-all-%mesh
spec:
  targetRef: {kind: Mesh, proxyTypes: [Sidecar]}
  to:
  - targetRef: {kind: Mesh}
    default: {connectionTimeout: 5s, idleTimeout: 1h, http: {requestTimeout: 15s, streamIdleTimeout: 30m}}
  from:
  - targetRef: {kind: Mesh}
    default:
      connectionTimeout: 10s
      idleTimeout: 2h
      http: {requestTimeout: 0s, streamIdleTimeout: 1h, maxStreamDuration: 0s}
---
type: MeshRetry
name: mesh-retry-all-%mesh
spec:
  targetRef: {kind: Mesh}
  to:
  - targetRef: {kind: Mesh}
    default:
      tcp: {maxConnectAttempt: 5}
      http: {numRetries: 5, perTryTimeout: 16s, backOff: {baseInterval: 25ms, maxInterval: 250ms}}
      grpc: {numRetries: 5, perTryTimeout: 16s, backOff: {baseInterval: 25ms, maxInterval: 250ms}}
---
type: MeshCircuitBreaker
name: mesh-circuit-breaker-all-%mesh
spec:
  targetRef: {kind: Mesh}
  to:
  - targetRef: {kind: Mesh}
    default: {connectionLimits: {maxConnections: 1024, maxPendingRequests: 1024, maxRetries: 3, maxRequests: 1024}}
";

/// The policies that Kuma creates with a Mesh, but for those that its `skipCreatingInitialPolicies` names. On
/// Kubernetes they live in Kuma's own namespace.
pub fn default_policies(name: &str, mesh: &Mesh, environment: Environment, system_namespace: &str) -> Vec<Resource> {
    let skips = |kind: &str| mesh.skip_initial_policies.iter().any(|skipped| skipped == "*" || skipped == kind);
    if skips("*") {
        return Vec::new();
    }
    let source = SourceId(u32::MAX);
    let read = yaml::read(source, &POLICIES.replace("%mesh", name), &Limits::default());
    let mut out = Vec::new();
    for document in &read.documents {
        let id = DocumentId { source, index: document.index };
        let Some(Reading::Kuma(policy)) = document.root.as_ref().map(|root| resource::read(root, id)) else { continue };
        let mut policy = Arc::unwrap_or_clone(policy);
        if skips(policy.kind.name()) {
            continue;
        }
        policy.mesh = name.to_owned();
        policy.provenance = Provenance::Default;
        policy.environment = environment;
        policy.namespace = (environment == Environment::Kubernetes).then(|| system_namespace.to_owned());
        out.push(policy);
    }
    out
}
