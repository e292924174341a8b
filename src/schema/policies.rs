//! Policies other than routes.

use super::common::{
    CLIENT_MATCHES, FROM_REF, HEADERS_TO_ADD, HEADER_MATCHES, HEADER_NAME, JSON_PATCHES, OTEL_BACKEND_REF, TEXTS,
    TLS_VERSION, TOP, TO_REF,
};
use super::{
    field, int, list, Default, Family, List, Object, Pattern, Schema, Scope, Text, Type, Width, FILLED, I32, I64, TEXT,
    U32,
};

const CONF: &str = "What is configured.";
const TO: &str = "Rules for traffic that the proxies send, by destination.";
const FROM: &str = "Rules for traffic that the proxies receive, by client; deprecated in favour of rules.";
const RULES: &str = "Rules for traffic that the proxies receive.";

/// The schema of a policy of this configuration with the named lists.
macro_rules! policy {
    ($schema:ident = $kind:literal, $doc:literal, $conf:ident $(, to $to:ident)? $(, from $from:ident)? $(, rules $rules:ident)?) => {
        $(
            static $to: List = list(Type::Object(&Object {
                    go: "To",
                    fields: &[TO_REF, field("default", Type::Object(&$conf), CONF)],
                }));
        )?
        $(
            static $from: List = list(Type::Object(&Object {
                    go: "From",
                    fields: &[FROM_REF, field("default", Type::Object(&$conf), CONF)],
                }));
        )?
        $(
            static $rules: List = list(Type::Object(&Object { go: "Rule", fields: &[field("default", Type::Object(&$conf), CONF)] }));
        )?
        #[doc = concat!($kind, ".")]
        pub static $schema: Schema = Schema {
            kind: $kind,
            family: Family::Schema,
            scope: Scope::Mesh,
            doc: $doc,
            spec: &Object {
                go: $kind,
                fields: &[
                    TOP,
                    $(field("to", Type::List(&$to), TO),)?
                    $(field("from", Type::List(&$from), FROM),)?
                    $(field("rules", Type::List(&$rules), RULES),)?
                ],
            },
        };
    };
}

// MeshTimeout

static TIMEOUT_HTTP: Object = Object {
    go: "Http",
    fields: &[
        field("requestTimeout", Type::Duration, "How long a request may take until its response begins; 15s if unset."),
        field("streamIdleTimeout", Type::Duration, "How long a stream may be silent; 30m if unset."),
        field("maxStreamDuration", Type::Duration, "How long a stream may live; unlimited if unset."),
        field("maxConnectionDuration", Type::Duration, "How long a connection may live; unlimited if unset."),
        field("requestHeadersTimeout", Type::Duration, "How long the request's headers may take; unlimited if unset."),
    ],
};
static TIMEOUT_CONF: Object = Object {
    go: "Conf",
    fields: &[
        field("connectionTimeout", Type::Duration, "How long a TCP connection may take to open; 5s if unset."),
        field("idleTimeout", Type::Duration, "How long a connection may be silent; 1h if unset, 0 for ever."),
        field("http", Type::Object(&TIMEOUT_HTTP), "Times that only HTTP has."),
    ],
};
policy!(MESH_TIMEOUT = "MeshTimeout", "Limits how long connections and requests may take.", TIMEOUT_CONF,
    to TIMEOUT_TO, from TIMEOUT_FROM, rules TIMEOUT_RULES);

// MeshRetry

static BACK_OFF: Object = Object {
    go: "BackOff",
    fields: &[
        field("baseInterval", Type::Duration, "The wait before the first retry; 25ms if unset."),
        field("maxInterval", Type::Duration, "The longest wait; ten times the first if unset."),
    ],
};
static RESET_HEADER: Object = Object {
    go: "ResetHeader",
    fields: &[
        field("name", HEADER_NAME, "The header, in lower case.").required(),
        field("format", Type::Enum(&["Seconds", "UnixTimestamp"]), "How it tells the time.").required(),
    ],
};
static RESET_HEADERS: List = list(Type::Object(&RESET_HEADER));
static RATE_LIMITED_BACK_OFF: Object = Object {
    go: "RateLimitedBackOff",
    fields: &[
        field("resetHeaders", Type::List(&RESET_HEADERS), "Response headers that say how long to wait."),
        field("maxInterval", Type::Duration, "The longest wait; 300s if unset."),
    ],
};
static PREDICATE: Object = Object {
    go: "Predicate",
    fields: &[
        field(
            "predicate",
            Type::Enum(&["OmitPreviousHosts", "OmitHostsWithTags", "OmitPreviousPriorities"]),
            "Which endpoints a retry avoids.",
        )
        .required(),
        field("tags", Type::TextMap, "The tags of OmitHostsWithTags."),
        field("updateFrequency", I32, "After how many attempts the priorities are computed again.").or(Default::Int(2)),
    ],
};
static PREDICATES: List = list(Type::Object(&PREDICATE));
static GRPC_RETRY_ON: List =
    list(Type::Enum(&["Canceled", "DeadlineExceeded", "Internal", "ResourceExhausted", "Unavailable"]));
const NUM_RETRIES: &str = "How often a failed request is sent again; once if unset.";
const PER_TRY: &str = "How long each attempt may take.";
const WAIT: &str = "How long to wait between attempts.";
const LIMITED: &str = "How long to wait when the server says so.";
static RETRY_HTTP: Object = Object {
    go: "HTTP",
    fields: &[
        field("numRetries", U32, NUM_RETRIES),
        field("perTryTimeout", Type::Duration, PER_TRY),
        field("backOff", Type::Object(&BACK_OFF), WAIT),
        field("rateLimitedBackOff", Type::Object(&RATE_LIMITED_BACK_OFF), LIMITED),
        field("retryOn", Type::List(&TEXTS), "What counts as failed: 5xx, GatewayError, Reset, a status such as 503."),
        field("retriableResponseHeaders", Type::List(&HEADER_MATCHES), "Response headers that ask for a retry."),
        field("retriableRequestHeaders", Type::List(&HEADER_MATCHES), "Request headers without which there is none."),
        field("hostSelection", Type::List(&PREDICATES), "How a retry chooses its endpoint."),
        field("hostSelectionMaxAttempts", I64, "How often the choice is made again; once if unset."),
    ],
};
static RETRY_GRPC: Object = Object {
    go: "GRPC",
    fields: &[
        field("numRetries", U32, NUM_RETRIES),
        field("perTryTimeout", Type::Duration, PER_TRY),
        field("backOff", Type::Object(&BACK_OFF), WAIT),
        field("rateLimitedBackOff", Type::Object(&RATE_LIMITED_BACK_OFF), LIMITED),
        field("retryOn", Type::List(&GRPC_RETRY_ON), "gRPC statuses that count as failed."),
    ],
};
static RETRY_TCP: Object =
    Object { go: "TCP", fields: &[field("maxConnectAttempt", U32, "How often opening a connection is tried.")] };
static RETRY_CONF: Object = Object {
    go: "Conf",
    fields: &[
        field("tcp", Type::Object(&RETRY_TCP), "Retries of connections."),
        field("http", Type::Object(&RETRY_HTTP), "Retries of HTTP requests."),
        field("grpc", Type::Object(&RETRY_GRPC), "Retries of gRPC calls."),
    ],
};
policy!(MESH_RETRY = "MeshRetry", "Sends failed requests again.", RETRY_CONF, to RETRY_TO);

// MeshCircuitBreaker

const CONSECUTIVE: &str = "How many in a row put the endpoint out.";
const HOSTS: &str = "How many endpoints need enough requests for the detector to work.";
const VOLUME: &str = "How many requests in an interval are enough.";
static CONSECUTIVE_TOTAL: Object =
    Object { go: "DetectorTotalFailures", fields: &[field("consecutive", U32, CONSECUTIVE)] };
static CONSECUTIVE_GATEWAY: Object =
    Object { go: "DetectorGatewayFailures", fields: &[field("consecutive", U32, CONSECUTIVE)] };
static CONSECUTIVE_LOCAL: Object =
    Object { go: "DetectorLocalOriginFailures", fields: &[field("consecutive", U32, CONSECUTIVE)] };
static SUCCESS_RATE: Object = Object {
    go: "DetectorSuccessRateFailures",
    fields: &[
        field("minimumHosts", U32, HOSTS),
        field("requestVolume", U32, VOLUME),
        field("standardDeviationFactor", Type::IntOrText, "How far below the average is too far."),
    ],
};
static FAILURE_PERCENTAGE: Object = Object {
    go: "DetectorFailurePercentageFailures",
    fields: &[
        field("minimumHosts", U32, HOSTS),
        field("requestVolume", U32, VOLUME),
        field("threshold", U32, "The percentage of failures that puts an endpoint out."),
    ],
};
static DETECTORS: Object = Object {
    go: "Detectors",
    fields: &[
        field("totalFailures", Type::Object(&CONSECUTIVE_TOTAL), "All errors of an endpoint."),
        field("gatewayFailures", Type::Object(&CONSECUTIVE_GATEWAY), "Answers 502, 503 and 504."),
        field("localOriginFailures", Type::Object(&CONSECUTIVE_LOCAL), "Errors of the connection itself."),
        field("successRate", Type::Object(&SUCCESS_RATE), "A success rate far below the average."),
        field("failurePercentage", Type::Object(&FAILURE_PERCENTAGE), "A share of failures above a limit."),
    ],
};
static OUTLIER: Object = Object {
    go: "OutlierDetection",
    fields: &[
        field("disabled", Type::Bool, "Whether endpoints stay in whatever they do."),
        field("interval", Type::Duration, "How often endpoints are judged."),
        field("baseEjectionTime", Type::Duration, "How long an endpoint stays out, times how often it was out."),
        field("maxEjectionPercent", U32, "How many of the endpoints may be out at once; 10 if unset."),
        field("splitExternalAndLocalErrors", Type::Bool, "Whether errors of the connection are counted apart."),
        field("detectors", Type::Object(&DETECTORS), "What puts an endpoint out."),
        field(
            "healthyPanicThreshold",
            Type::IntOrText,
            "Below which share of healthy endpoints all are used; 50 if unset.",
        ),
    ],
};
static LIMITS: Object = Object {
    go: "ConnectionLimits",
    fields: &[
        field("maxConnections", U32, "How many connections may be open."),
        field("maxConnectionPools", U32, "How many connection pools may exist."),
        field("maxPendingRequests", U32, "How many requests may wait for a connection."),
        field("maxRetries", U32, "How many retries may be under way."),
        field("maxRequests", U32, "How many requests may be under way."),
    ],
};
static BREAKER_CONF: Object = Object {
    go: "Conf",
    fields: &[
        field("connectionLimits", Type::Object(&LIMITS), "Limits beyond which requests fail at once."),
        field("outlierDetection", Type::Object(&OUTLIER), "Which endpoints are taken out for a while."),
    ],
};
policy!(MESH_CIRCUIT_BREAKER = "MeshCircuitBreaker", "Keeps overloaded and failing endpoints out of use.", BREAKER_CONF,
    to BREAKER_TO, from BREAKER_FROM, rules BREAKER_RULES);

// MeshHealthCheck

static STATUSES: List = list(I32);
static CHECK_TCP: Object = Object {
    go: "TcpHealthCheck",
    fields: &[
        field("disabled", Type::Bool, "Whether it is left out."),
        field("send", TEXT, "What is sent, in base64."),
        field("receive", Type::List(&TEXTS), "What must come back in this order, each in base64."),
    ],
};
static CHECK_HTTP: Object = Object {
    go: "HttpHealthCheck",
    fields: &[
        field("disabled", Type::Bool, "Whether it is left out."),
        field("path", TEXT, "The path that is asked for; `/` if unset."),
        field("requestHeadersToAdd", Type::Object(&HEADERS_TO_ADD), "Headers of the request."),
        field("expectedStatuses", Type::List(&STATUSES), "Statuses that count as healthy; 200 if unset."),
    ],
};
static CHECK_GRPC: Object = Object {
    go: "GrpcHealthCheck",
    fields: &[
        field("disabled", Type::Bool, "Whether it is left out."),
        field("serviceName", TEXT, "The service that is asked about."),
        field("authority", TEXT, "The `:authority` header of the request."),
    ],
};
static CHECK_CONF: Object = Object {
    go: "Conf",
    fields: &[
        field("interval", Type::Duration, "How often endpoints are checked; 1m if unset."),
        field("unhealthyInterval", Type::Duration, "How often unhealthy endpoints are checked."),
        field("timeout", Type::Duration, "How long a check may take; 15s if unset."),
        field("unhealthyThreshold", I32, "How many failures in a row make an endpoint unhealthy; 5 if unset."),
        field("healthyThreshold", I32, "How many successes in a row make it healthy again; 1 if unset."),
        field("initialJitter", Type::Duration, "Up to how long the first check waits."),
        field("intervalJitter", Type::Duration, "Up to how long every check waits."),
        field("intervalJitterPercent", I32, "The same as a percentage of the interval."),
        field("failTrafficOnPanic", Type::Bool, "Whether requests fail when too few endpoints are healthy."),
        field("eventLogPath", TEXT, "A file for the events of health checks."),
        field("alwaysLogHealthCheckFailures", Type::Bool, "Whether every failure is written there."),
        field("noTrafficInterval", Type::Duration, "How often endpoints without traffic are checked; 60s if unset."),
        field("tcp", Type::Object(&CHECK_TCP), "Checks by a TCP connection."),
        field("http", Type::Object(&CHECK_HTTP), "Checks by an HTTP request."),
        field("grpc", Type::Object(&CHECK_GRPC), "Checks by the gRPC health service."),
        field("reuseConnection", Type::Bool, "Whether checks share one connection; yes if unset."),
        field("healthyPanicThreshold", Type::IntOrText, "Deprecated: belongs to MeshCircuitBreaker."),
    ],
};
policy!(MESH_HEALTH_CHECK = "MeshHealthCheck", "Asks endpoints whether they are well.", CHECK_CONF, to CHECK_TO);

// MeshRateLimit

static RATE: Object = Object {
    go: "Rate",
    fields: &[
        field("num", U32, "How many.").required(),
        field("interval", Type::Duration, "In how much time.").required(),
    ],
};
static ON_RATE_LIMIT: Object = Object {
    go: "OnRateLimit",
    fields: &[
        field("status", U32, "The status of the answer; 429 if unset."),
        field("headers", Type::Object(&HEADERS_TO_ADD), "Headers of the answer."),
    ],
};
static LIMIT_HTTP: Object = Object {
    go: "LocalHTTP",
    fields: &[
        field("disabled", Type::Bool, "Whether there is no limit."),
        field("requestRate", Type::Object(&RATE), "How many requests."),
        field("onRateLimit", Type::Object(&ON_RATE_LIMIT), "How requests above the limit are answered."),
    ],
};
static LIMIT_TCP: Object = Object {
    go: "LocalTCP",
    fields: &[
        field("disabled", Type::Bool, "Whether there is no limit."),
        field("connectionRate", Type::Object(&RATE), "How many new connections."),
    ],
};
static LIMIT_LOCAL: Object = Object {
    go: "Local",
    fields: &[
        field("http", Type::Object(&LIMIT_HTTP), "Limits of HTTP requests."),
        field("tcp", Type::Object(&LIMIT_TCP), "Limits of TCP connections."),
    ],
};
static LIMIT_CONF: Object = Object {
    go: "Conf",
    fields: &[field("local", Type::Object(&LIMIT_LOCAL), "Limits that each proxy counts for itself.")],
};
policy!(MESH_RATE_LIMIT = "MeshRateLimit", "Limits how many requests or connections are taken.", LIMIT_CONF,
    to LIMIT_TO, from LIMIT_FROM, rules LIMIT_RULES);

// MeshFaultInjection

const PERCENT: &str = "How many of the requests, as a number or decimal text.";
static ABORT: Object = Object {
    go: "AbortConf",
    fields: &[
        field("httpStatus", I32, "The status that clients get.").required(),
        field("percentage", Type::IntOrText, PERCENT).required(),
    ],
};
static DELAY: Object = Object {
    go: "DelayConf",
    fields: &[
        field("value", Type::Duration, "How long the response waits.").required(),
        field("percentage", Type::IntOrText, PERCENT).required(),
    ],
};
static BANDWIDTH: Object = Object {
    go: "ResponseBandwidthConf",
    fields: &[
        field("limit", TEXT, "The speed, such as `50kbps`.").required(),
        field("percentage", Type::IntOrText, PERCENT).required(),
    ],
};
static FAULT: Object = Object {
    go: "FaultInjectionConf",
    fields: &[
        field("abort", Type::Object(&ABORT), "Answers without asking the service."),
        field("delay", Type::Object(&DELAY), "Late answers."),
        field("responseBandwidth", Type::Object(&BANDWIDTH), "Slow answers."),
    ],
};
static FAULTS: List = list(Type::Object(&FAULT));
static FAULT_CONF: Object =
    Object { go: "Conf", fields: &[field("http", Type::List(&FAULTS), "Faults of HTTP requests.")] };
static FAULT_TO: List =
    list(Type::Object(&Object { go: "To", fields: &[TO_REF, field("default", Type::Object(&FAULT_CONF), CONF)] }));
static FAULT_FROM: List =
    list(Type::Object(&Object { go: "From", fields: &[FROM_REF, field("default", Type::Object(&FAULT_CONF), CONF)] }));
static FAULT_RULES: List = list(Type::Object(&Object {
    go: "Rule",
    fields: &[
        field("matches", Type::List(&CLIENT_MATCHES), "Which clients: any of these; all if absent."),
        field("default", Type::Object(&FAULT_CONF), CONF),
    ],
}));
/// MeshFaultInjection.
pub static MESH_FAULT_INJECTION: Schema = Schema {
    kind: "MeshFaultInjection",
    family: Family::Schema,
    scope: Scope::Mesh,
    doc: "Makes requests fail on purpose.",
    spec: &Object {
        go: "MeshFaultInjection",
        fields: &[
            TOP,
            field("to", Type::List(&FAULT_TO), TO),
            field("from", Type::List(&FAULT_FROM), FROM),
            field("rules", Type::List(&FAULT_RULES), RULES),
        ],
    },
};

// MeshAccessLog

static PAIR: Object = Object {
    go: "JsonValue",
    fields: &[
        field("key", TEXT, "The key.").required(),
        field("value", TEXT, "The value, with placeholders such as `%START_TIME%`.").required(),
    ],
};
static PAIRS: List = list(Type::Object(&PAIR));
static FORMAT: Object = Object {
    go: "Format",
    fields: &[
        field("type", Type::Enum(&["Plain", "Json"]), "Whether lines are text or JSON.").required(),
        field("plain", TEXT, "The line, with placeholders."),
        field("json", Type::List(&PAIRS), "The members of the JSON object."),
        field("omitEmptyValues", Type::Bool, "Whether empty values are left out.").or(Default::Bool(false)),
    ],
};
static LOG_TCP: Object = Object {
    go: "TCPBackend",
    fields: &[
        field("format", Type::Object(&FORMAT), "What a line holds."),
        field("address", FILLED, "Host and port of the collector.").required(),
    ],
};
static LOG_FILE: Object = Object {
    go: "FileBackend",
    fields: &[
        field("format", Type::Object(&FORMAT), "What a line holds."),
        field("path", FILLED, "The file.").required(),
    ],
};
fn is_attribute_name(text: &str) -> bool {
    crate::validate::names::is_otel_attribute(text)
}
static ATTRIBUTE: Object = Object {
    go: "OtelAttribute",
    fields: &[
        field(
            "key",
            Type::Text(Text {
                min: 0,
                max: usize::MAX,
                pattern: Some(Pattern { text: "^[a-z]([a-z0-9]|[._][a-z0-9])*$", fits: is_attribute_name }),
            }),
            "The name of the attribute.",
        )
        .required(),
        field("value", TEXT, "Its value, with placeholders.").required(),
    ],
};
static ATTRIBUTES: List = list(Type::Object(&ATTRIBUTE));
static LOG_OTEL: Object = Object {
    go: "OtelBackend",
    fields: &[
        field("attributes", Type::List(&ATTRIBUTES), "Attributes of each record."),
        field("body", Type::Any, "The body of each record."),
        field("endpoint", TEXT, "Host and port of the collector.").omit_empty(),
        field("backendRef", Type::Object(&OTEL_BACKEND_REF), "A MeshOpenTelemetryBackend, in place of an endpoint."),
    ],
};
static LOG_BACKEND: Object = Object {
    go: "Backend",
    fields: &[
        field(
            "type",
            Type::Enum(&["Tcp", "File", "OpenTelemetry"]),
            "Where lines go; the field of that name says how.",
        )
        .required(),
        field("tcp", Type::Object(&LOG_TCP), "A TCP collector."),
        field("file", Type::Object(&LOG_FILE), "A file beside the proxy."),
        field("openTelemetry", Type::Object(&LOG_OTEL), "An OpenTelemetry collector."),
    ],
};
static LOG_BACKENDS: List = list(Type::Object(&LOG_BACKEND));
static LOG_CONF: Object =
    Object { go: "Conf", fields: &[field("backends", Type::List(&LOG_BACKENDS), "Where lines go.")] };
policy!(MESH_ACCESS_LOG = "MeshAccessLog", "Writes a line for every request or connection.", LOG_CONF,
    to LOG_TO, from LOG_FROM, rules LOG_RULES);

// MeshLoadBalancingStrategy

static NAME_FILLED: Object = Object { go: "Header", fields: &[field("name", FILLED, "Its name.").required()] };
static COOKIE: Object = Object {
    go: "Cookie",
    fields: &[
        field("name", FILLED, "Its name.").required(),
        field("ttl", Type::Duration, "How long a cookie lives that the proxy sets."),
        field("path", TEXT, "The path of such a cookie."),
    ],
};
static CONNECTION: Object =
    Object { go: "Connection", fields: &[field("sourceIP", Type::Bool, "Whether the client's address counts.")] };
static FILTER_STATE: Object =
    Object { go: "FilterState", fields: &[field("key", FILLED, "The name of Envoy's object.").required()] };
static HASH_POLICY: Object = Object {
    go: "HashPolicy",
    fields: &[
        field(
            "type",
            Type::Enum(&["Header", "Cookie", "Connection", "SourceIP", "QueryParameter", "FilterState"]),
            "What of the request is hashed; the field of that name says which.",
        )
        .required(),
        field("terminal", Type::Bool, "Whether later ones are skipped if this gives a hash."),
        field("header", Type::Object(&NAME_FILLED), "A request header."),
        field("cookie", Type::Object(&COOKIE), "A cookie."),
        field("connection", Type::Object(&CONNECTION), "The connection."),
        field("queryParameter", Type::Object(&NAME_FILLED), "A query parameter."),
        field("filterState", Type::Object(&FILTER_STATE), "An object of Envoy's filter state."),
    ],
};
static HASH_POLICIES: List = list(Type::Object(&HASH_POLICY));
static EMPTY: Object = Object { go: "RoundRobin", fields: &[] };
static LEAST_REQUEST: Object = Object {
    go: "LeastRequest",
    fields: &[
        field("choiceCount", int(Width::Uint32, 2, i64::MAX), "How many endpoints are compared; 2 if unset."),
        field("activeRequestBias", Type::IntOrText, "How strongly requests under way count against an endpoint."),
    ],
};
const RING: Type = int(Width::Uint32, 1, 8_000_000);
const HASHES: &str = "What of a request decides where it goes.";
static RING_HASH: Object = Object {
    go: "RingHash",
    fields: &[
        field("hashFunction", Type::Enum(&["XXHash", "MurmurHash2"]), "The hash function."),
        field("minRingSize", RING, "The least size of the ring; 1024 if unset."),
        field("maxRingSize", RING, "The greatest size of the ring."),
        field("hashPolicies", Type::List(&HASH_POLICIES), HASHES),
    ],
};
static MAGLEV: Object = Object {
    go: "Maglev",
    fields: &[
        field("tableSize", int(Width::Uint32, 1, 5_000_011), "The size of the table, a prime; 65537 if unset."),
        field("hashPolicies", Type::List(&HASH_POLICIES), HASHES),
    ],
};
static BALANCER: Object = Object {
    go: "LoadBalancer",
    fields: &[
        field(
            "type",
            Type::Enum(&["RoundRobin", "LeastRequest", "RingHash", "Random", "Maglev"]),
            "How an endpoint is chosen; the field of that name holds its settings.",
        )
        .required(),
        field("roundRobin", Type::Object(&EMPTY), "One after the other."),
        field("leastRequest", Type::Object(&LEAST_REQUEST), "The least busy of a few."),
        field("ringHash", Type::Object(&RING_HASH), "By hash on a ring."),
        field("random", Type::Object(&EMPTY), "Any."),
        field("maglev", Type::Object(&MAGLEV), "By hash in a table."),
    ],
};
static AFFINITY_TAG: Object = Object {
    go: "AffinityTag",
    fields: &[
        field("key", TEXT, "The tag whose value client and endpoint must share.").required(),
        field("weight", U32, "Its share relative to the other tags; 90 %, 9 %, 1 % … if unset."),
    ],
};
static AFFINITY_TAGS: List = list(Type::Object(&AFFINITY_TAG));
static LOCAL_ZONE: Object = Object {
    go: "LocalZone",
    fields: &[field("affinityTags", Type::List(&AFFINITY_TAGS), "Tags by which near endpoints are preferred.")],
};
static FROM_ZONE: Object =
    Object { go: "FromZone", fields: &[field("zones", Type::List(&TEXTS), "Zones of the client.").required()] };
static TO_ZONE: Object = Object {
    go: "ToZone",
    fields: &[
        field("type", Type::Enum(&["None", "Only", "Any", "AnyExcept"]), "Which zones are next.").required(),
        field("zones", Type::List(&TEXTS), "The zones of Only and AnyExcept."),
    ],
};
static FAILOVER: Object = Object {
    go: "Failover",
    fields: &[
        field("from", Type::Object(&FROM_ZONE), "For clients in which zones; all if absent."),
        field("to", Type::Object(&TO_ZONE), "Where their requests go next.").required(),
    ],
};
static FAILOVERS: List = list(Type::Object(&FAILOVER));
static THRESHOLD: Object = Object {
    go: "FailoverThreshold",
    fields: &[field("percentage", Type::IntOrText, "The share of healthy endpoints.").required()],
};
static CROSS_ZONE: Object = Object {
    go: "CrossZone",
    fields: &[
        field("failover", Type::List(&FAILOVERS), "Zones in order of preference."),
        field("failoverThreshold", Type::Object(&THRESHOLD), "Below which share the next zone helps; 50 if unset."),
    ],
};
static LOCALITY: Object = Object {
    go: "LocalityAwareness",
    fields: &[
        field("disabled", Type::Bool, "Whether all zones are alike."),
        field("localZone", Type::Object(&LOCAL_ZONE), "Preferences inside the zone."),
        field("crossZone", Type::Object(&CROSS_ZONE), "What happens when the zone's own endpoints are not healthy."),
    ],
};
static BALANCING_CONF: Object = Object {
    go: "Conf",
    fields: &[
        field("localityAwareness", Type::Object(&LOCALITY), "Which zones and places are preferred."),
        field("loadBalancer", Type::Object(&BALANCER), "How an endpoint is chosen."),
        field("hashPolicies", Type::List(&HASH_POLICIES), HASHES),
    ],
};
policy!(MESH_LOAD_BALANCING_STRATEGY = "MeshLoadBalancingStrategy", "Decides which endpoint of a service is used.",
    BALANCING_CONF, to BALANCING_TO);

// MeshTrafficPermission

static PERMISSION_FROM_CONF: Object = Object {
    go: "Conf",
    fields: &[field(
        "action",
        Type::Enum(&["Allow", "Deny", "AllowWithShadowDeny"]),
        "Whether these clients may call; AllowWithShadowDeny lets them and logs.",
    )],
};
static PERMISSION_RULE_CONF: Object = Object {
    go: "RuleConf",
    fields: &[
        field("deny", Type::List(&CLIENT_MATCHES), "Clients that may not call, whatever else is said."),
        field("allow", Type::List(&CLIENT_MATCHES), "Clients that may call."),
        field("allowWithShadowDeny", Type::List(&CLIENT_MATCHES), "Clients that may call, with a log as if not."),
    ],
};
static PERMISSION_FROM: List = list(Type::Object(&Object {
    go: "From",
    fields: &[FROM_REF, field("default", Type::Object(&PERMISSION_FROM_CONF), CONF)],
}));
static PERMISSION_RULES: List = list(Type::Object(&Object {
    go: "Rule",
    fields: &[field("default", Type::Object(&PERMISSION_RULE_CONF), CONF).required()],
}));
/// MeshTrafficPermission.
pub static MESH_TRAFFIC_PERMISSION: Schema = Schema {
    kind: "MeshTrafficPermission",
    family: Family::Schema,
    scope: Scope::Mesh,
    doc: "Says which clients may call.",
    spec: &Object {
        go: "MeshTrafficPermission",
        fields: &[
            TOP,
            field("rules", Type::List(&PERMISSION_RULES), RULES),
            field("from", Type::List(&PERMISSION_FROM), FROM),
        ],
    },
};

// MeshTLS

/// Cipher suites that Kuma knows.
pub static CIPHERS: &[&str] = &[
    "ECDHE-ECDSA-AES128-GCM-SHA256",
    "ECDHE-ECDSA-AES256-GCM-SHA384",
    "ECDHE-ECDSA-CHACHA20-POLY1305",
    "ECDHE-RSA-AES128-GCM-SHA256",
    "ECDHE-RSA-AES256-GCM-SHA384",
    "ECDHE-RSA-CHACHA20-POLY1305",
];
static CIPHER_LIST: List = list(Type::Enum(CIPHERS));
static TLS_CONF: Object = Object {
    go: "Conf",
    fields: &[
        field("mode", Type::Enum(&["Permissive", "Strict"]), "Whether plain traffic is taken too."),
        field("tlsVersion", Type::Object(&TLS_VERSION), "Which TLS versions; only for the whole mesh."),
        field("tlsCiphers", Type::List(&CIPHER_LIST), "Which cipher suites; only for the whole mesh."),
    ],
};
policy!(MESH_TLS = "MeshTLS", "Decides how traffic inside the mesh is encrypted.", TLS_CONF,
    from TLS_FROM, rules TLS_RULES);

// MeshTrace

static ZIPKIN: Object = Object {
    go: "ZipkinBackend",
    fields: &[
        field("url", TEXT, "The collector's address.").required(),
        field("traceId128bit", Type::Bool, "Whether trace identifiers have 128 bits.").or(Default::Bool(false)),
        field("apiVersion", Type::Enum(&["httpJson", "httpProto"]), "The version of the API.")
            .or(Default::Text("httpJson")),
        field("sharedSpanContext", Type::Bool, "Whether client and server share a span.").or(Default::Bool(true)),
    ],
};
static DATADOG: Object = Object {
    go: "DatadogBackend",
    fields: &[
        field("url", TEXT, "The collector's address: scheme, host and port.").required(),
        field("splitService", Type::Bool, "Whether services are split by direction and destination.")
            .or(Default::Bool(false)),
    ],
};
static TRACE_OTEL: Object = Object {
    go: "OpenTelemetryBackend",
    fields: &[
        field("endpoint", TEXT, "Host and port of the collector.").omit_empty(),
        field("backendRef", Type::Object(&OTEL_BACKEND_REF), "A MeshOpenTelemetryBackend, in place of an endpoint."),
    ],
};
static TRACE_BACKEND: Object = Object {
    go: "Backend",
    fields: &[
        field(
            "type",
            Type::Enum(&["Zipkin", "Datadog", "OpenTelemetry"]),
            "Where spans go; the field of that name says how.",
        )
        .required(),
        field("zipkin", Type::Object(&ZIPKIN), "Zipkin."),
        field("datadog", Type::Object(&DATADOG), "Datadog."),
        field("openTelemetry", Type::Object(&TRACE_OTEL), "An OpenTelemetry collector."),
    ],
};
static TRACE_BACKENDS: List = list(Type::Object(&TRACE_BACKEND));
static SAMPLING: Object = Object {
    go: "Sampling",
    fields: &[
        field("overall", Type::IntOrText, "The most of all requests, in percent."),
        field("client", Type::IntOrText, "Of requests whose client asks for a trace, in percent."),
        field("random", Type::IntOrText, "Of all other requests, in percent."),
    ],
};
static HEADER_TAG: Object = Object {
    go: "HeaderTag",
    fields: &[
        field("name", TEXT, "The header.").required(),
        field("default", TEXT, "The value if the header is missing."),
    ],
};
static TAG: Object = Object {
    go: "Tag",
    fields: &[
        field("name", TEXT, "The tag's name.").required(),
        field("literal", TEXT, "A fixed value."),
        field("header", Type::Object(&HEADER_TAG), "A value from a request header."),
    ],
};
static TAGS: List = list(Type::Object(&TAG));
static TRACE_CONF: Object = Object {
    go: "Conf",
    fields: &[
        field("backends", Type::List(&TRACE_BACKENDS), "Where spans go: at most one."),
        field("sampling", Type::Object(&SAMPLING), "How many requests are traced."),
        field("tags", Type::List(&TAGS), "Tags of every span."),
    ],
};

/// The schema of a policy that configures the proxies themselves.
macro_rules! proxy_policy {
    ($schema:ident = $kind:literal, $doc:literal, $conf:ident) => {
        #[doc = concat!($kind, ".")]
        pub static $schema: Schema = Schema {
            kind: $kind,
            family: Family::Schema,
            scope: Scope::Mesh,
            doc: $doc,
            spec: &Object { go: $kind, fields: &[TOP, field("default", Type::Object(&$conf), CONF)] },
        };
    };
}
proxy_policy!(MESH_TRACE = "MeshTrace", "Traces requests across services.", TRACE_CONF);

// MeshMetric

static PROFILE: Object = Object {
    go: "Profile",
    fields: &[field("name", Type::Enum(&["All", "Basic", "None"]), "A set of metrics.").required()],
};
static PROFILE_LIST: List = list(Type::Object(&PROFILE));
static METRIC: Object = Object {
    go: "Selector",
    fields: &[
        field("type", Type::Enum(&["Prefix", "Regex", "Exact", "Contains"]), "How names are compared.").required(),
        field("match", TEXT, "What they are compared with.").required(),
    ],
};
static METRICS: List = list(Type::Object(&METRIC));
static PROFILES: Object = Object {
    go: "Profiles",
    fields: &[
        field("appendProfiles", Type::List(&PROFILE_LIST), "Sets of metrics, added up."),
        field("exclude", Type::List(&METRICS), "Metrics to leave out."),
        field("include", Type::List(&METRICS), "Metrics to take all the same."),
    ],
};
static SIDECAR: Object = Object {
    go: "Sidecar",
    fields: &[
        field("profiles", Type::Object(&PROFILES), "Which metrics of the proxy."),
        field("includeUnused", Type::Bool, "Whether metrics that never changed are shown.").or(Default::Bool(false)),
    ],
};
static APPLICATION: Object = Object {
    go: "Application",
    fields: &[
        field("name", TEXT, "The application's name."),
        field("path", TEXT, "Where its metrics are.").or(Default::Text("/metrics/prometheus")),
        field("address", TEXT, "Its address."),
        field("port", U32, "Its port.").required(),
    ],
};
static APPLICATIONS: List = list(Type::Object(&APPLICATION));
static PROMETHEUS_TLS: Object = Object {
    go: "PrometheusTls",
    fields: &[field("mode", Type::Enum(&["Disabled", "ProvidedTLS", "ActiveMTLSBackend"]), "How it is encrypted.")
        .or(Default::Text("Disabled"))],
};
static PROMETHEUS: Object = Object {
    go: "PrometheusBackend",
    fields: &[
        field("clientId", TEXT, "The Prometheus that discovers the proxies."),
        field("port", U32, "The proxy's port for metrics.").or(Default::Int(5670)),
        field("path", TEXT, "The path there.").or(Default::Text("/metrics")),
        field("tls", Type::Object(&PROMETHEUS_TLS), "How it is encrypted."),
    ],
};
static METRIC_OTEL: Object = Object {
    go: "OpenTelemetryBackend",
    fields: &[
        field("endpoint", TEXT, "Host and port of the collector.").omit_empty(),
        field("refreshInterval", Type::Duration, "How often metrics are sent."),
        field("backendRef", Type::Object(&OTEL_BACKEND_REF), "A MeshOpenTelemetryBackend, in place of an endpoint."),
    ],
};
static METRIC_BACKEND: Object = Object {
    go: "Backend",
    fields: &[
        field(
            "type",
            Type::Enum(&["Prometheus", "OpenTelemetry"]),
            "Where metrics go; the field of that name says how.",
        )
        .required(),
        field("prometheus", Type::Object(&PROMETHEUS), "Prometheus."),
        field("openTelemetry", Type::Object(&METRIC_OTEL), "An OpenTelemetry collector."),
    ],
};
static METRIC_BACKENDS: List = list(Type::Object(&METRIC_BACKEND));
static METRIC_CONF: Object = Object {
    go: "Conf",
    fields: &[
        field("sidecar", Type::Object(&SIDECAR), "Metrics of the proxy."),
        field("applications", Type::List(&APPLICATIONS), "Applications whose metrics the proxy passes on."),
        field("backends", Type::List(&METRIC_BACKENDS), "Where metrics go."),
    ],
};
proxy_policy!(MESH_METRIC = "MeshMetric", "Collects metrics of proxies and applications.", METRIC_CONF);

// MeshPassthrough

static PASS_MATCH: Object = Object {
    go: "Match",
    fields: &[
        field("type", Type::Enum(&["Domain", "IP", "CIDR"]), "What the value is.").required(),
        field("value", TEXT, "A domain (with `*` in front, if wanted), an address or a network.").required(),
        field("port", int(Width::Int32, 1, 65535), "The port; any if absent."),
        field(
            "protocol",
            Type::Enum(&["tcp", "tls", "grpc", "http", "http2", "mysql"]),
            "The protocol that is spoken.",
        )
        .or(Default::Text("tcp")),
    ],
};
static PASS_MATCHES: List = list(Type::Object(&PASS_MATCH));
static PASS_CONF: Object = Object {
    go: "Conf",
    fields: &[
        field("passthroughMode", Type::Enum(&["All", "Matched", "None"]), "What may leave the mesh.")
            .or(Default::Text("None")),
        field("appendMatch", Type::List(&PASS_MATCHES), "Destinations of mode Matched."),
    ],
};
proxy_policy!(
    MESH_PASSTHROUGH = "MeshPassthrough",
    "Says which destinations outside the mesh are reachable.",
    PASS_CONF
);

// MeshProxyPatch

const ORIGIN: &str = "What made the resource: inbound, outbound, transparent, …";
const CHANGE: &str = "What to do with it.";
const VALUE: &str = "The Envoy resource, as YAML text.";
const PATCHES: &str = "JSON patches of it.";
const WHICH: &str = "Which resources.";
const RESOURCE: Type = Type::Enum(&["Add", "Remove", "Patch"]);
const IN_CHAIN: Type = Type::Enum(&["Remove", "Patch", "AddFirst", "AddBefore", "AddAfter", "AddLast"]);
static CLUSTER: Object = Object {
    go: "ClusterMod",
    fields: &[
        field("match", Type::Object(&CLUSTER_MATCH), WHICH),
        field("operation", RESOURCE, CHANGE).required(),
        field("value", TEXT, VALUE),
        field("jsonPatches", Type::List(&JSON_PATCHES), PATCHES),
    ],
};
static CLUSTER_MATCH: Object =
    Object { go: "ClusterMatch", fields: &[field("origin", TEXT, ORIGIN), field("name", TEXT, "The cluster's name.")] };
static LISTENER: Object = Object {
    go: "ListenerMod",
    fields: &[
        field("match", Type::Object(&LISTENER_MATCH), WHICH),
        field("operation", RESOURCE, CHANGE).required(),
        field("value", TEXT, VALUE),
        field("jsonPatches", Type::List(&JSON_PATCHES), PATCHES),
    ],
};
static LISTENER_MATCH: Object = Object {
    go: "ListenerMatch",
    fields: &[
        field("origin", TEXT, ORIGIN),
        field("name", TEXT, "The listener's name."),
        field("tags", Type::TextMap, "Tags of the listener."),
    ],
};
static NETWORK_FILTER: Object = Object {
    go: "NetworkFilterMod",
    fields: &[
        field("match", Type::Object(&FILTER_MATCH), WHICH),
        field("operation", IN_CHAIN, CHANGE).required(),
        field("value", TEXT, VALUE),
        field("jsonPatches", Type::List(&JSON_PATCHES), PATCHES),
    ],
};
static HTTP_FILTER: Object = Object {
    go: "HTTPFilterMod",
    fields: &[
        field("match", Type::Object(&FILTER_MATCH), WHICH),
        field("operation", IN_CHAIN, CHANGE).required(),
        field("value", TEXT, VALUE),
        field("jsonPatches", Type::List(&JSON_PATCHES), PATCHES),
    ],
};
static FILTER_MATCH: Object = Object {
    go: "NetworkFilterMatch",
    fields: &[
        field("origin", TEXT, ORIGIN),
        field("name", TEXT, "The filter's name."),
        field("listenerName", TEXT, "The listener's name."),
        field("listenerTags", Type::TextMap, "Tags of the listener."),
    ],
};
static VIRTUAL_HOST: Object = Object {
    go: "VirtualHostMod",
    fields: &[
        field("match", Type::Object(&VIRTUAL_HOST_MATCH), WHICH).required(),
        field("operation", RESOURCE, CHANGE).required(),
        field("value", TEXT, VALUE),
        field("jsonPatches", Type::List(&JSON_PATCHES), PATCHES),
    ],
};
static VIRTUAL_HOST_MATCH: Object = Object {
    go: "VirtualHostMatch",
    fields: &[
        field("origin", TEXT, ORIGIN),
        field("name", TEXT, "The virtual host's name."),
        field("routeConfigurationName", TEXT, "The name of the route configuration."),
    ],
};
static MODIFICATION: Object = Object {
    go: "Modification",
    fields: &[
        field("cluster", Type::Object(&CLUSTER), "A change of clusters."),
        field("listener", Type::Object(&LISTENER), "A change of listeners."),
        field("networkFilter", Type::Object(&NETWORK_FILTER), "A change of network filters."),
        field("httpFilter", Type::Object(&HTTP_FILTER), "A change of HTTP filters."),
        field("virtualHost", Type::Object(&VIRTUAL_HOST), "A change of virtual hosts."),
    ],
};
static MODIFICATIONS: List = list(Type::Object(&MODIFICATION));
static PATCH_CONF: Object = Object {
    go: "Conf",
    fields: &[field("appendModifications", Type::List(&MODIFICATIONS), "Changes of Envoy's configuration.")],
};
/// MeshProxyPatch.
pub static MESH_PROXY_PATCH: Schema = Schema {
    kind: "MeshProxyPatch",
    family: Family::Schema,
    scope: Scope::Mesh,
    doc: "Changes Envoy's configuration itself.",
    spec: &Object {
        go: "MeshProxyPatch",
        fields: &[TOP, field("default", Type::Object(&PATCH_CONF), CONF).required()],
    },
};
