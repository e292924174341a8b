//! What is taken from memory gives the answers of a fresh evaluation, byte for byte, whatever was edited before.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that fails should stop")]

use meshscope::answer;
use meshscope::documents::Memory;
use meshscope::json;
use meshscope::report::Summary;
use meshscope::traffic::zones::Zones;
use meshscope::world::{build, build_again, Options, Source, World};
use proptest::prelude::*;

/// Everything that the playground shows.
fn answers(world: &World) -> String {
    let zones = Zones::of(world);
    let summary = Summary::of(world);
    let mut out = json::text(&summary);
    out += &json::text(&answer::diagnostics(world, &zones));
    out += &json::text(&answer::references::references(world, &zones));
    out += &json::text(&answer::services::services(world));
    out += &json::text(&answer::kubernetes::clusters(world));
    out += &json::text(&answer::checks::checks(world, &zones));
    for name in summary.zones.iter().flat_map(|zone| &zone.proxies).take(3) {
        out += &json::text(&answer::proxies::proxy(world, &zones, name));
    }
    out
}

const DOCUMENTS: &[&str] = &[
    "type: Mesh\nname: default\nmeshServices: {mode: Exclusive}\n",
    "type: Mesh\nname: default\nmeshServices: {mode: Everywhere}\nmtls: {enabledBackend: ca, backends: [{name: ca, type: builtin}]}\n",
    "type: Dataplane\nmesh: default\nname: a-0\nlabels: {app: a}\nnetworking:\n  address: 10.0.0.1\n  inbound:\n  - {name: http, port: 80, tags: {kuma.io/service: a, kuma.io/protocol: http}}\n",
    "type: Dataplane\nmesh: default\nname: b-0\nlabels: {kuma.io/zone: east}\nnetworking: {address: 10.0.0.2, inbound: [{port: 81, tags: {kuma.io/service: b}}]}\n",
    "type: MeshService\nmesh: default\nname: a\nlabels: {kuma.io/display-name: a, team: t}\nspec: {selector: {dataplaneTags: {kuma.io/service: a}}, ports: [{port: 80, targetPort: 80, appProtocol: http}]}\n",
    "type: MeshTimeout\nmesh: default\nname: t\nspec:\n  targetRef: {kind: MeshSubset, tags: {kuma.io/service: a}}\n  to:\n  - targetRef: {kind: MeshService, name: a, sectionName: '80'}\n    default: {idleTimeout: 1s, typo: 1}\n",
    "type: MeshHTTPRoute\nmesh: default\nname: r\nspec: {targetRef: {kind: Mesh}, to: [{targetRef: {kind: MeshService, labels: {team: t}}, rules: [{matches: [{path: {type: PathPrefix, value: /}}], default: {backendRefs: [{kind: MeshService, name: b, port: 81}]}}]}]}\n",
    "type: ZoneIngress\nname: i\nlabels: {kuma.io/zone: west}\nnetworking: {address: 10.1.0.1, port: 10001, advertisedAddress: 1.2.3.4, advertisedPort: 10001}\n",
    "apiVersion: v1\nkind: List\nitems:\n- {apiVersion: v1, kind: Namespace, metadata: {name: x, labels: {kuma.io/sidecar-injection: enabled}}}\n- {apiVersion: v1, kind: Service, metadata: {name: web, namespace: x}, spec: {selector: {app: web}, ports: [{port: 80}]}}\n",
    "x: &a {b: c}\ny: *a\nx: 1\n",
    "type: MeshscopeCheck\nname: c\nreferences: [{at: MeshTimeout/t to[0], hits: [{kind: MeshService, service: a}]}]\n",
    "# nothing\n",
    "a: [\n",
    "type: Nothing\nname: ü\n",
];

/// A piece of a text, and what it becomes.
#[derive(Clone, Debug)]
enum Edit {
    Insert(usize, &'static str),
    Remove(usize, usize),
    Document(usize, usize),
    Zone(bool),
}

fn edit() -> impl Strategy<Value = Edit> {
    let pieces = prop::sample::select(vec![
        "x",
        "\n",
        " ",
        "#",
        "---\n",
        "\n---\n",
        "ü",
        ":",
        "*",
        "&a ",
        "\n...\n",
        "%YAML\n",
        "east",
        "\u{feff}",
        "- ",
        "labels: {kuma.io/zone: east}\n",
    ]);
    prop_oneof![
        4 => (any::<usize>(), pieces).prop_map(|(at, what)| Edit::Insert(at, what)),
        3 => (any::<usize>(), 1..40usize).prop_map(|(at, length)| Edit::Remove(at, length)),
        2 => (any::<usize>(), 0..DOCUMENTS.len()).prop_map(|(at, what)| Edit::Document(at, what)),
        1 => any::<bool>().prop_map(Edit::Zone),
    ]
}

fn boundary(text: &str, at: usize) -> usize {
    let mut at = at % (text.len() + 1);
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

fn apply(source: &mut Source, edit: &Edit) {
    let mut text = source.text.as_str().to_owned();
    match edit {
        Edit::Insert(at, what) => text.insert_str(boundary(&text, *at), what),
        Edit::Remove(at, length) => {
            let from = boundary(&text, *at);
            let to = boundary(&text, (from + length).min(text.len()));
            text.replace_range(from.min(to)..to, "");
        }
        Edit::Document(at, what) => {
            let starts: Vec<usize> = text.match_indices("---\n").map(|(at, _)| at).chain([text.len()]).collect();
            text.insert_str(starts[at % starts.len()], &format!("---\n{}", DOCUMENTS[*what]));
        }
        Edit::Zone(named) => source.zone = named.then(|| "north".to_owned()),
    }
    source.text = text.into();
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn memory_does_not_show(
        first in prop::collection::vec(0..DOCUMENTS.len(), 0..9),
        edits in prop::collection::vec((any::<bool>(), edit()), 1..24),
    ) {
        let text = first.iter().map(|at| format!("---\n{}", DOCUMENTS[*at])).collect::<String>();
        let other = Source { name: "b.yaml".into(), text: DOCUMENTS[2].into(), ..Source::default() };
        let mut sources = vec![Source { name: "a.yaml".into(), text: text.into(), ..Source::default() }, other];
        let options = Options::default();
        let mut memory = Memory::default();
        for (second, edit) in &edits {
            apply(&mut sources[usize::from(*second)], edit);
            let again = answers(&build_again(&mut memory, &sources, &options));
            let fresh = answers(&build(&sources, &options));
            prop_assert_eq!(again, fresh, "{:?}", sources);
        }
    }
}

#[test]
fn a_large_document_again_and_again() {
    let mut sources = [Source { name: "a.yaml".into(), text: DOCUMENTS[3].into(), ..Source::default() }];
    let comment = format!("# {}\n", "x".repeat(1 << 20));
    let mut memory = Memory::default();
    for round in 0..30 {
        sources[0].text = format!("{}{comment}# {round}\n", DOCUMENTS[2]).into();
        build_again(&mut memory, &sources, &Options::default());
    }
    let again = answers(&build_again(&mut memory, &sources, &Options::default()));
    assert_eq!(again, answers(&build(&sources, &Options::default())));
}
