//! What is fuzzed. Each function takes any bytes and must not panic; most also compare with something that must agree.
//!
//! The binaries of `fuzz_targets/` run these under libFuzzer; `tests/corpus.rs` runs them over the kept inputs.

use meshscope::answer;
use meshscope::diagnostic::SourceId;
use meshscope::float;
use meshscope::json;
use meshscope::migration::edit::{apply, invert};
use meshscope::migration::{migrate, migration, rewrites, rewritten, Decisions};
use meshscope::policy::merge;
use meshscope::report::{RequestInput, RequestOutcome, RequestReport, Summary};
use meshscope::schema::{Family, Object, Type, SCHEMAS};
use meshscope::service::template;
use meshscope::traffic::regex::{self, Compiled};
use meshscope::traffic::zones::Zones;
use meshscope::world::{build, Options, Source, World};
use meshscope::yaml::{self, Limits, Value};
use serde_json::{json, Map, Value as Json};

/// The reader: spans stay within the text, a document read alone is the document read with the others, and what is plain
/// in every YAML means what another reader says it means.
pub fn yaml(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let limits = Limits::default();
    let reading = yaml::read(SourceId(0), &text, &limits);
    for problem in &reading.diagnostics {
        if let Some(at) = problem.at {
            assert!(text.get(at.span.start as usize..at.span.end as usize).is_some(), "{problem:?}");
        }
    }
    let spans = yaml::document_spans(&text);
    for (document, span) in reading.documents.iter().zip(spans) {
        let (alone, _) = yaml::read_document(SourceId(0), &text, span, document.index, &limits);
        assert_eq!(format!("{:?}", alone.root), format!("{:?}", document.root));
        if let Some(root) = &document.root {
            within(root, &text);
        }
    }
    if let ([document], true) = (reading.documents.as_slice(), is_plain(&text)) {
        if let (Some(root), Ok(theirs)) = (&document.root, serde_yaml::from_str::<Json>(&text)) {
            assert_eq!(root.to_json(), theirs, "{text}");
        }
    }
}

fn within(node: &yaml::Node, text: &str) {
    assert!(text.get(node.span.start as usize..node.span.end as usize).is_some(), "{:?}", node.span);
    match &node.value {
        Value::Seq(items) => items.iter().for_each(|item| within(item, text)),
        Value::Map(map) => map.entries.iter().for_each(|entry| within(&entry.value, text)),
        _ => {}
    }
}

/// Text on which YAML 1.1 and 1.2, and strict and lenient readers, agree: mappings and lists of words.
fn is_plain(text: &str) -> bool {
    let words = ["yes", "no", "on", "off", "y", "n", "true", "false", "null"];
    let mut keys = std::collections::BTreeSet::new();
    text.bytes().all(|b| b.is_ascii_lowercase() || b" \n:-".contains(&b))
        && !text.contains("---")
        && text.lines().all(|line| keys.insert(line.split(':').next().unwrap_or_default().to_owned()))
        && !text.split(|c: char| !c.is_ascii_lowercase()).any(|word| words.contains(&word))
}

/// Everything that can be asked of a world.
fn ask(text: &str, options: &Options) {
    let sources = [Source { name: "world.yaml".into(), text: text.into(), ..Source::default() }];
    let world = build(&sources, options);
    let zones = Zones::of(&world);
    let summary = Summary::of(&world);
    let mut out = json::text(&summary);
    out += &json::text(&answer::diagnostics(&world, &zones));
    out += &json::text(&answer::references::references(&world, &zones));
    let services = answer::services::services(&world);
    out += &json::text(&services);
    out += &json::text(&answer::kubernetes::clusters(&world));
    out += &json::text(&answer::checks::checks(&world, &zones));
    out += &answer::generated(&world);
    for name in summary.zones.iter().flat_map(|zone| &zone.proxies).take(8) {
        out += &json::text(&answer::proxies::proxy(&world, &zones, name));
        for service in services.iter().take(4) {
            let to = service.hostnames.iter().find_map(|h| h.hostname.clone()).unwrap_or(service.kri.clone());
            let input = RequestInput {
                zone: name.zone.clone(),
                mesh: name.mesh.clone(),
                proxy: name.name.clone(),
                to,
                path: "/v2/x?a=b".into(),
                ..RequestInput::default()
            };
            out += &json::text(&answer::requests::request(&world, &zones, &input));
        }
    }
    assert!(!out.is_empty());
}

/// The whole evaluation on any text.
pub fn world(data: &[u8]) {
    ask(&String::from_utf8_lossy(data), &Options::default());
}

/// The whole evaluation on documents that follow the schemas, mostly, and speak of each other, mostly; and what migration
/// makes of them, which must be readable again and do what its proof says.
pub fn structured(data: &[u8]) {
    let mut choices = Choices { rest: data };
    let options = Options {
        federated: [None, Some(true), Some(false)][choices.below(3)],
        mode: [None, Some(meshscope::resource::MeshServicesMode::Everywhere)][choices.below(2)],
        ..Options::default()
    };
    let text = choices.world();
    ask(&text, &options);
    let sources = [Source { name: "world.yaml".into(), text: text.into(), ..Source::default() }];
    let report = migration(&sources, &options, &Decisions::default());
    assert!(!json::text(&report).is_empty());
    for source in migrate(&sources, &options, &Decisions::default()) {
        let before = yaml::read(SourceId(0), &sources[0].text, &Limits::default());
        let after = yaml::read(SourceId(0), &source.text, &Limits::default());
        let broken = |reading: &yaml::Reading| reading.documents.iter().filter(|d| d.root.is_none()).count();
        assert!(broken(&after) <= broken(&before), "{}", source.text);
    }
    rewrites_agree(&sources, &options);
}

/// Rewrites against evaluation: each can be undone, and a request to an outbound's address that lands elsewhere after it is one
/// that its proof names.
fn rewrites_agree(sources: &[Source], options: &Options) {
    let decisions = Decisions::default();
    let old = build(sources, options);
    let old_zones = Zones::of(&old);
    for (id, edits) in rewrites(sources, options, &decisions).into_iter().take(3) {
        let next = apply(sources, &edits);
        assert_eq!(apply(&next, &invert(sources, &edits)), sources, "{id}: undoing");
        let new = build(&next, options);
        let new_zones = Zones::of(&new);
        let proof = rewritten(sources, options, &decisions, Some(std::slice::from_ref(&id))).proof;
        for input in requests_to_outbounds(&old) {
            let trace = |world, zones| answer::requests::request(world, zones, &input);
            let (before, after) = (trace(&old, &old_zones), trace(&new, &new_zones));
            let ended = |r: &RequestReport| !matches!(r.outcome, RequestOutcome::Routed | RequestOutcome::Redirected);
            if before.outcome == RequestOutcome::NoOutbound || (ended(&before) && ended(&after)) {
                continue;
            }
            let named = proof.changes.iter().any(|change| {
                let proxies = &change.proxies;
                change.request.to == input.to
                    && proxies.iter().any(|p| p.zone == input.zone && p.mesh == input.mesh && p.name == input.proxy)
            });
            assert!(
                named || !proof.not_evaluated.is_empty() || shares(&before) == shares(&after),
                "{id}: {input:?}\n{}\n{}\n{}",
                before.summary,
                after.summary,
                next[0].text
            );
        }
    }
}

/// A request to each address that the outbounds of Dataplanes have.
fn requests_to_outbounds(world: &World) -> Vec<RequestInput> {
    let mut out = Vec::new();
    for view in &world.views {
        let Some(zone) = view.plane.zone() else { continue };
        for (_, stored) in view.all() {
            for outbound in stored.as_dataplane().into_iter().flat_map(|dataplane| &dataplane.outbounds) {
                out.push(RequestInput {
                    zone: zone.to_owned(),
                    mesh: stored.mesh().to_owned(),
                    proxy: stored.name.clone(),
                    to: format!("{}:{}", outbound.address, outbound.port),
                    path: "/v2/x".into(),
                    ..RequestInput::default()
                });
            }
        }
    }
    out.truncate(6);
    out
}

/// Who gets which share of a request, in ten-thousandths.
fn shares(report: &RequestReport) -> std::collections::BTreeMap<(String, String, u32), u32> {
    let mut out = std::collections::BTreeMap::new();
    for endpoint in report.backends.iter().flat_map(|backend| &backend.endpoints) {
        let share = (endpoint.share * 1e4).round() as u32;
        if share > 0 {
            *out.entry((endpoint.zone.clone(), endpoint.name.clone(), endpoint.port)).or_default() += share;
        }
    }
    out
}

/// Bytes as decisions; when they run out, every decision is the first.
struct Choices<'a> {
    rest: &'a [u8],
}

impl Choices<'_> {
    fn byte(&mut self) -> u8 {
        match self.rest.split_first() {
            Some((first, rest)) => {
                self.rest = rest;
                *first
            }
            None => 0,
        }
    }

    fn below(&mut self, n: usize) -> usize {
        usize::from(self.byte()) % n.max(1)
    }

    fn one<'t>(&mut self, of: &[&'t str]) -> &'t str {
        of[self.below(of.len())]
    }

    fn world(&mut self) -> String {
        let mut out = String::new();
        for _ in 0..24 {
            if self.rest.is_empty() {
                break;
            }
            let document = if self.below(5) == 0 { self.object_of_cluster() } else { self.resource() };
            out += &document.to_string();
            out += "\n---\n";
        }
        out
    }

    fn name(&mut self) -> Json {
        json!(self.one(&["a", "b", "orders", "orders.x", "web", "default", "a-0", "b-1", "Bad_Name", ""]))
    }

    fn labels(&mut self) -> Json {
        let mut out = Map::new();
        for _ in 0..self.below(4) {
            let key = self.one(&[
                "app",
                "kuma.io/service",
                "kuma.io/zone",
                "kuma.io/origin",
                "kuma.io/display-name",
                "kuma.io/protocol",
                "k8s.kuma.io/namespace",
                "kuma.io/mesh",
                "team",
                "kuma.io/policy-role",
                "kuma.io/effect",
            ]);
            let value = self
                .one(&["a", "b", "orders", "web", "http", "tcp", "grpc", "zone", "global", "east", "west", "*", ""]);
            out.insert(key.to_owned(), json!(value));
        }
        Json::Object(out)
    }

    fn resource(&mut self) -> Json {
        let schema = SCHEMAS[self.below(SCHEMAS.len())];
        let spec = self.object(schema.spec, 0);
        let mesh = json!(self.one(&["default", "default", "default", "other"]));
        let mut out = Map::new();
        if self.below(4) == 3 {
            out.insert("apiVersion".into(), json!("kuma.io/v1alpha1"));
            out.insert("kind".into(), json!(schema.kind));
            let mut labels = self.labels();
            labels["kuma.io/mesh"] = mesh;
            let metadata = json!({"name": self.name(), "namespace": self.one(&["x", "kuma-system"]), "labels": labels});
            out.insert("metadata".into(), metadata);
            out.insert("spec".into(), spec);
            return Json::Object(out);
        }
        out.insert("type".into(), json!(schema.kind));
        out.insert("mesh".into(), mesh);
        out.insert("name".into(), self.name());
        out.insert("labels".into(), self.labels());
        match (schema.family, spec) {
            (Family::Protobuf, Json::Object(fields)) => out.extend(fields),
            (_, spec) => drop(out.insert("spec".into(), spec)),
        }
        Json::Object(out)
    }

    fn object(&mut self, object: &Object, depth: usize) -> Json {
        let mut out = Map::new();
        for field in object.fields {
            if field.required || self.below(3) != 0 {
                out.insert(field.name.to_owned(), self.value(field.name, &field.ty, depth + 1));
            }
        }
        Json::Object(out)
    }

    fn value(&mut self, name: &str, ty: &Type, depth: usize) -> Json {
        if self.below(24) == 23 {
            return [json!(null), json!([]), json!({}), json!(-1), json!(1.5), json!("on"), json!(true)][self.below(7)]
                .clone();
        }
        match (name, ty) {
            _ if depth > 9 => Json::Null,
            ("name" | "sectionName" | "mesh", _) => self.name(),
            ("labels" | "tags" | "matchLabels", _) => self.labels(),
            ("template", _) => json!(self.one(&["{{ .DisplayName }}.mesh", "{{ label \"app\" }}.x", "{{ .Name", "x"])),
            ("value" | "path", Type::Text(_)) => json!(self.one(&["/", "/v2", "/a.*", "(", "a", "true"])),
            (_, Type::Text(_)) => json!(self.one(&["a", "http", "10.0.0.1", "::1", "*", "", "web.mesh", "/x"])),
            (_, Type::Enum(values)) => json!(values[self.below(values.len())]),
            (_, Type::IntEnum(values)) => json!(values[self.below(values.len())]),
            (_, Type::Int(_)) => json!([80, 8080, 0, 1, 100, -1, 70_000, 1_i64 << 40][self.below(8)]),
            (_, Type::Bool) => json!(self.below(2) == 1),
            (_, Type::Duration) => json!(self.one(&["5s", "1h", "0s", "-1s", "5", "1.5ms"])),
            (_, Type::Bytes) => json!(self.one(&["aGk=", "?"])),
            (_, Type::IntOrText) => {
                [json!(50), json!("50.5"), json!("x"), json!(8080), json!("http")][self.below(5)].clone()
            }
            (_, Type::List(list)) => (0..self.below(4)).map(|_| self.value(name, &list.of, depth + 1)).collect(),
            (_, Type::TextMap) => self.labels(),
            (_, Type::Object(object)) => self.object(object, depth),
            (_, Type::Any) => json!({"a": [1, {"b": "c"}]}),
        }
    }

    fn object_of_cluster(&mut self) -> Json {
        let metadata = json!({
            "name": self.name(), "namespace": self.one(&["x", "y", "kuma-system"]), "labels": self.labels(),
            "annotations": {self.one(&["kuma.io/mesh", "8080.service.kuma.io/protocol", "kuma.io/gateway"]): self.one(&["default", "http", "enabled"])},
        });
        let ports = json!([{"name": self.one(&["http", "p"]), "port": 80, "targetPort": self.one(&["http", "8080", "x"]), "containerPort": 8080}]);
        match self.below(5) {
            0 => json!({"apiVersion": "v1", "kind": "Service", "metadata": metadata,
                "spec": {"selector": self.labels(), "clusterIP": self.one(&["10.0.0.9", "None", ""]), "ports": ports}}),
            1 => json!({"apiVersion": "v1", "kind": "Pod", "metadata": metadata,
                "spec": {"containers": [{"name": "c", "ports": ports}]}, "status": {"podIP": "10.0.0.1", "phase": "Running"}}),
            2 => json!({"apiVersion": "v1", "kind": "Namespace",
                "metadata": {"name": "x", "labels": {"kuma.io/sidecar-injection": self.one(&["enabled", "disabled", "true"])}}}),
            3 => {
                json!({"apiVersion": "apps/v1", "kind": self.one(&["Deployment", "StatefulSet"]), "metadata": metadata,
                "spec": {"replicas": self.below(300), "template": {"metadata": {"labels": self.labels()}, "spec": {"containers": [{"name": "c", "ports": ports}]}}}})
            }
            _ => json!({"apiVersion": "gateway.networking.k8s.io/v1", "kind": "HTTPRoute", "metadata": metadata,
                "spec": {"parentRefs": [{"kind": "Service", "name": self.name()}],
                    "rules": [{"backendRefs": [{"name": self.name(), "port": 80, "weight": self.below(3)}]}]}}),
        }
    }
}

/// The template language.
pub fn template(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let parsed = template::parse(&text);
    let data = template::Data {
        name: "orders-x2f".into(),
        display_name: "orders".into(),
        namespace: "shop".into(),
        zone: "east".into(),
        mesh: "default".into(),
        labels: std::sync::Arc::new([("app".into(), "orders".into())].into()),
    };
    if let Ok(parsed) = &parsed {
        let once = template::render(parsed, &data).ok();
        assert_eq!(once, template::render(parsed, &data).ok());
    }
    let _ = template::hostname(&parsed, &data);
    let _ = template::refusal(&text);
}

/// Patterns: one line is the pattern, the rest is what it is tried on.
pub fn regex(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let (pattern, subject) = text.split_once('\n').unwrap_or((&text, ""));
    if let Compiled::Ok(regex) = regex::compile(pattern) {
        let matches = regex.full_match(subject);
        if let regex::Shape::Exact(only) = regex.shape() {
            assert_eq!(matches, only == subject, "{pattern:?} {subject:?}");
        }
        let _ = regex.replace(subject, "\\0-\\1");
    }
}

/// The merge patch: merging again changes nothing, and an empty layer changes nothing.
pub fn merge(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let Ok(Json::Array(layers)) = serde_json::from_str::<Json>(&text) else { return };
    let once = merge::merge(&layers);
    assert_eq!(once, merge::merge(layers.iter().chain(&layers)), "{text}");
    let all: Vec<&Json> = layers.iter().collect();
    let _ = merge::fields(&all);
    let rules = merge::merge_routes(&all);
    let _ = merge::merged_routes(&all, &rules);
    let _ = merge::route_fields(&all, &rules);
}

/// Decimal text and back, against the standard library; JSON against another reader.
pub fn numbers(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let theirs: Option<f64> = text.parse().ok();
    assert_eq!(float::parse(&text).map(f64::to_bits), theirs.map(f64::to_bits), "{text}");
    if let Some(number) = theirs {
        assert_eq!(float::shortest(number), number.to_string());
        assert_eq!(float::scientific(number, Some(9)), format!("{number:.9e}"));
        assert_eq!(float::fixed(number, 3), format!("{number:.3}"));
    }
    // Go takes a half of a surrogate pair, and more levels
    if !text.contains("\\u") && text.len() < 100 {
        assert_eq!(json::is_valid(&text), serde_json::from_str::<Json>(&text).is_ok(), "{text}");
    }
}
