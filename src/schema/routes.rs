//! MeshHTTPRoute and MeshTCPRoute.

use super::common::{BACKEND_REF, BACKEND_REFS, HEADER_MATCHES, HEADER_MODIFIER, HOSTNAME, TEXTS, TOP, TO_REF};
use super::{field, int, list, Default, Family, List, Object, Schema, Scope, Type, Width, FILLED, TEXT};

static PATH: Object = Object {
    go: "PathMatch",
    fields: &[
        field("type", Type::Enum(&["Exact", "PathPrefix", "RegularExpression"]), "How the path is compared.")
            .required(),
        field("value", FILLED, "What it is compared with; starts with `/` unless it is a regular expression.")
            .required(),
    ],
};
static QUERY: Object = Object {
    go: "QueryParamsMatch",
    fields: &[
        field("type", Type::Enum(&["Exact", "RegularExpression"]), "How the value is compared.").required(),
        field("name", FILLED, "The parameter.").required(),
        field("value", TEXT, "What its value is compared with.").required(),
    ],
};
static QUERIES: List = list(Type::Object(&QUERY));
static MATCH: Object = Object {
    go: "Match",
    fields: &[
        field("path", Type::Object(&PATH), "The path, without the query."),
        field(
            "method",
            Type::Enum(&["CONNECT", "DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT", "TRACE"]),
            "The HTTP method.",
        ),
        field("queryParams", Type::List(&QUERIES), "Query parameters; all of them must match."),
        field("headers", Type::List(&HEADER_MATCHES), "Headers; all of them must match."),
    ],
};
static MATCHES: List = list(Type::Object(&MATCH)).least(1);

static PATH_REWRITE: Object = Object {
    go: "PathRewrite",
    fields: &[
        field("type", Type::Enum(&["ReplaceFullPath", "ReplacePrefixMatch"]), "Which part is replaced.").required(),
        field("replaceFullPath", TEXT, "The new path."),
        field("replacePrefixMatch", TEXT, "What takes the place of the matched prefix."),
    ],
};
static REDIRECT: Object = Object {
    go: "RequestRedirect",
    fields: &[
        field("scheme", Type::Enum(&["http", "https"]), "The scheme of the new location."),
        field("hostname", HOSTNAME, "Its host name."),
        field("path", Type::Object(&PATH_REWRITE), "Its path; the request's own if absent."),
        field("port", int(Width::Int32, 1, 65535), "Its port; the request's own if absent."),
        field("statusCode", Type::IntEnum(&[301, 302, 303, 307, 308]), "The status of the answer.")
            .or(Default::Int(302)),
    ],
};
static REWRITE: Object = Object {
    go: "URLRewrite",
    fields: &[
        field("hostname", HOSTNAME, "The host that the backend sees."),
        field("path", Type::Object(&PATH_REWRITE), "The path that the backend sees."),
        field("hostToBackendHostname", Type::Bool, "Whether the backend's own host name is sent; gateways only.")
            .omit_empty(),
    ],
};
static MIRROR: Object = Object {
    go: "RequestMirror",
    fields: &[
        field("percentage", Type::IntOrText, "How many of the requests; all if absent."),
        field("backendRef", Type::Object(&BACKEND_REF), "Where the copies go: always a `kuma.io/service` by name.")
            .required(),
    ],
};
static FILTER: Object = Object {
    go: "Filter",
    fields: &[
        field(
            "type",
            Type::Enum(&[
                "RequestHeaderModifier",
                "ResponseHeaderModifier",
                "RequestRedirect",
                "URLRewrite",
                "RequestMirror",
            ]),
            "What the filter does; the field of that name says how.",
        )
        .required(),
        field("requestHeaderModifier", Type::Object(&HEADER_MODIFIER), "Changes of the request's headers."),
        field("responseHeaderModifier", Type::Object(&HEADER_MODIFIER), "Changes of the response's headers."),
        field("requestRedirect", Type::Object(&REDIRECT), "An answer that sends the client elsewhere."),
        field("urlRewrite", Type::Object(&REWRITE), "Changes of host and path."),
        field("requestMirror", Type::Object(&MIRROR), "Copies for another service, whose answers are thrown away."),
    ],
};
static FILTERS: List = list(Type::Object(&FILTER));
const BACKENDS: &str = "Where the requests go, by weight; the destination itself if absent.";
/// `default` of an HTTP rule.
pub static HTTP_RULE_CONF: Object = Object {
    go: "RuleConf",
    fields: &[
        field("filters", Type::List(&FILTERS), "What happens to a request on its way."),
        field("backendRefs", Type::List(&BACKEND_REFS), BACKENDS),
    ],
};
static HTTP_RULE: Object = Object {
    go: "Rule",
    fields: &[
        field("matches", Type::List(&MATCHES), "Which requests: any of these.").required(),
        field("default", Type::Object(&HTTP_RULE_CONF), "What is done with them.").required(),
    ],
};
static HTTP_RULES: List = list(Type::Object(&HTTP_RULE));
static HTTP_TO: Object = Object {
    go: "To",
    fields: &[
        field("hostnames", Type::List(&TEXTS), "Host names of a gateway's listener; only with MeshGateway."),
        TO_REF,
        field("rules", Type::List(&HTTP_RULES), "Rules, the most specific match first."),
    ],
};
static HTTP_TOS: List = list(Type::Object(&HTTP_TO));

/// MeshHTTPRoute.
pub static MESH_HTTP_ROUTE: Schema = Schema {
    kind: "MeshHTTPRoute",
    family: Family::Schema,
    scope: Scope::Mesh,
    doc: "Routes HTTP requests of clients to backends.",
    spec: &Object {
        go: "MeshHTTPRoute",
        fields: &[TOP, field("to", Type::List(&HTTP_TOS), "Destinations whose requests are routed.")],
    },
};

/// `default` of a TCP rule.
pub static TCP_RULE_CONF: Object =
    Object { go: "RuleConf", fields: &[field("backendRefs", Type::List(&BACKEND_REFS), BACKENDS)] };
static TCP_RULE: Object = Object {
    go: "Rule",
    fields: &[field("default", Type::Object(&TCP_RULE_CONF), "What is done with the connections.").required()],
};
static TCP_RULES: List = list(Type::Object(&TCP_RULE)).most(1);
static TCP_TO: Object = Object {
    go: "To",
    fields: &[TO_REF, field("rules", Type::List(&TCP_RULES), "The rule; there can be one.").required()],
};
static TCP_TOS: List = list(Type::Object(&TCP_TO)).least(1);

/// MeshTCPRoute.
pub static MESH_TCP_ROUTE: Schema = Schema {
    kind: "MeshTCPRoute",
    family: Family::Schema,
    scope: Scope::Mesh,
    doc: "Routes TCP connections of clients to backends.",
    spec: &Object {
        go: "MeshTCPRoute",
        fields: &[TOP, field("to", Type::List(&TCP_TOS), "Destinations whose connections are routed.")],
    },
};
