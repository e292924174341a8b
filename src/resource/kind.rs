//! The kinds of resources that meshscope knows, with Kuma's names for them.

/// A kind of Kuma resource. The order is that of the table below and means nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// Mesh.
    Mesh,
    /// Dataplane.
    Dataplane,
    /// MeshService.
    MeshService,
    /// MeshMultiZoneService.
    MeshMultiZoneService,
    /// MeshExternalService.
    MeshExternalService,
    /// HostnameGenerator.
    HostnameGenerator,
    /// ZoneIngress.
    ZoneIngress,
    /// ZoneEgress.
    ZoneEgress,
    /// MeshGateway; known so that it is not "unknown", and for routes attached to it.
    MeshGateway,
    /// VirtualOutbound; known for the migration view, which names the HostnameGenerator to write instead.
    VirtualOutbound,
    /// MeshHTTPRoute.
    MeshHTTPRoute,
    /// MeshTCPRoute.
    MeshTCPRoute,
    /// MeshTimeout.
    MeshTimeout,
    /// MeshRetry.
    MeshRetry,
    /// MeshCircuitBreaker.
    MeshCircuitBreaker,
    /// MeshHealthCheck.
    MeshHealthCheck,
    /// MeshRateLimit.
    MeshRateLimit,
    /// MeshFaultInjection.
    MeshFaultInjection,
    /// MeshAccessLog.
    MeshAccessLog,
    /// MeshLoadBalancingStrategy.
    MeshLoadBalancingStrategy,
    /// MeshTrafficPermission.
    MeshTrafficPermission,
    /// MeshTLS.
    MeshTLS,
    /// MeshTrace.
    MeshTrace,
    /// MeshMetric.
    MeshMetric,
    /// MeshPassthrough.
    MeshPassthrough,
    /// MeshProxyPatch.
    MeshProxyPatch,
}

impl Kind {
    /// Every kind.
    pub const ALL: &'static [Kind] = &[
        Kind::Mesh,
        Kind::Dataplane,
        Kind::MeshService,
        Kind::MeshMultiZoneService,
        Kind::MeshExternalService,
        Kind::HostnameGenerator,
        Kind::ZoneIngress,
        Kind::ZoneEgress,
        Kind::MeshGateway,
        Kind::VirtualOutbound,
        Kind::MeshHTTPRoute,
        Kind::MeshTCPRoute,
        Kind::MeshTimeout,
        Kind::MeshRetry,
        Kind::MeshCircuitBreaker,
        Kind::MeshHealthCheck,
        Kind::MeshRateLimit,
        Kind::MeshFaultInjection,
        Kind::MeshAccessLog,
        Kind::MeshLoadBalancingStrategy,
        Kind::MeshTrafficPermission,
        Kind::MeshTLS,
        Kind::MeshTrace,
        Kind::MeshMetric,
        Kind::MeshPassthrough,
        Kind::MeshProxyPatch,
    ];

    /// The name in `type:` (Universal) or `kind:` (Kubernetes), and the short name in a KRI.
    const fn names(self) -> (&'static str, &'static str) {
        match self {
            Kind::Mesh => ("Mesh", "m"),
            Kind::Dataplane => ("Dataplane", "dp"),
            Kind::MeshService => ("MeshService", "msvc"),
            Kind::MeshMultiZoneService => ("MeshMultiZoneService", "mzsvc"),
            Kind::MeshExternalService => ("MeshExternalService", "extsvc"),
            Kind::HostnameGenerator => ("HostnameGenerator", "hg"),
            Kind::ZoneIngress => ("ZoneIngress", "zi"),
            Kind::ZoneEgress => ("ZoneEgress", "ze"),
            Kind::MeshGateway => ("MeshGateway", "mgw"),
            Kind::VirtualOutbound => ("VirtualOutbound", "vo"),
            Kind::MeshHTTPRoute => ("MeshHTTPRoute", "mhttpr"),
            Kind::MeshTCPRoute => ("MeshTCPRoute", "mtcpr"),
            Kind::MeshTimeout => ("MeshTimeout", "mt"),
            Kind::MeshRetry => ("MeshRetry", "mr"),
            Kind::MeshCircuitBreaker => ("MeshCircuitBreaker", "mcb"),
            Kind::MeshHealthCheck => ("MeshHealthCheck", "mhc"),
            Kind::MeshRateLimit => ("MeshRateLimit", "mrl"),
            Kind::MeshFaultInjection => ("MeshFaultInjection", "mfi"),
            Kind::MeshAccessLog => ("MeshAccessLog", "mal"),
            Kind::MeshLoadBalancingStrategy => ("MeshLoadBalancingStrategy", "mlbs"),
            Kind::MeshTrafficPermission => ("MeshTrafficPermission", "mtp"),
            Kind::MeshTLS => ("MeshTLS", "mtls"),
            Kind::MeshTrace => ("MeshTrace", "mtr"),
            Kind::MeshMetric => ("MeshMetric", "mm"),
            Kind::MeshPassthrough => ("MeshPassthrough", "mp"),
            Kind::MeshProxyPatch => ("MeshProxyPatch", "mpp"),
        }
    }

    /// The name as Kuma writes it.
    pub const fn name(self) -> &'static str {
        self.names().0
    }

    /// The short name in a KRI.
    pub const fn short(self) -> &'static str {
        self.names().1
    }

    /// The kind of this name; the case matters, as in Kuma.
    pub fn named(name: &str) -> Option<Kind> {
        Kind::ALL.iter().copied().find(|k| k.name() == name)
    }

    /// True for the kinds that have no mesh.
    pub const fn is_global_scoped(self) -> bool {
        matches!(self, Kind::Mesh | Kind::HostnameGenerator | Kind::ZoneIngress | Kind::ZoneEgress)
    }

    /// True for the policies that have a top-level targetRef, routes included.
    pub const fn is_policy(self) -> bool {
        matches!(
            self,
            Kind::MeshHTTPRoute
                | Kind::MeshTCPRoute
                | Kind::MeshTimeout
                | Kind::MeshRetry
                | Kind::MeshCircuitBreaker
                | Kind::MeshHealthCheck
                | Kind::MeshRateLimit
                | Kind::MeshFaultInjection
                | Kind::MeshAccessLog
                | Kind::MeshLoadBalancingStrategy
                | Kind::MeshTrafficPermission
                | Kind::MeshTLS
                | Kind::MeshTrace
                | Kind::MeshMetric
                | Kind::MeshPassthrough
                | Kind::MeshProxyPatch
        )
    }

    /// True for what a zone may own (rule 1.1): a zone's control plane labels these with its zone and origin.
    pub const fn is_zone_owned(self) -> bool {
        self.is_policy()
            || matches!(
                self,
                Kind::Dataplane
                    | Kind::MeshService
                    | Kind::MeshExternalService
                    | Kind::HostnameGenerator
                    | Kind::MeshGateway
                    | Kind::VirtualOutbound
            )
    }

    /// True for the three kinds of destination.
    pub const fn is_service(self) -> bool {
        matches!(self, Kind::MeshService | Kind::MeshMultiZoneService | Kind::MeshExternalService)
    }
}

impl std::fmt::Display for Kind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}
