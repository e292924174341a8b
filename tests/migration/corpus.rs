//! The modes side by side against what was recorded: each case is named, and a missing one fails.

use std::collections::BTreeSet;

use meshscope::migration::modes::modes;
use meshscope::report::ModeProxyReport;
use serde_json::Value;

use super::{case, recorded, recorded_listeners};

/// The cases of modes and of `kuma.io/service`s beside MeshServices.
const CASES: [&str; 6] = [
    "everywhere-legacy-outbound-routes",
    "gen-modes-side-by-side",
    "live-kuma-service-everywhere",
    "tproxy-mode-disabled",
    "tproxy-mode-everywhere",
    "tproxy-mode-exclusive",
];

const FAMILIES: [&str; 4] = ["everywhere-", "gen-modes-side-by-side", "live-kuma-service-", "tproxy-mode-"];

#[test]
fn every_case_of_the_modes_is_here() {
    let root = format!("{}/tests/conformance/universal", env!("CARGO_MANIFEST_DIR"));
    let all = std::fs::read_dir(root).unwrap().map(|e| e.unwrap().file_name().to_string_lossy().into_owned());
    let found: BTreeSet<String> = all.filter(|name| FAMILIES.iter().any(|f| name.starts_with(f))).collect();
    assert_eq!(found.iter().map(String::as_str).collect::<Vec<_>>(), CASES);
}

/// What a proxy reaches, in the words of the recording: addresses of written outbounds, owners of virtual IPs.
fn destinations(proxy: &ModeProxyReport) -> BTreeSet<String> {
    proxy
        .destinations
        .iter()
        .flat_map(|d| match (d.kind.as_str(), d.addresses.as_slice()) {
            (_, [first, ..]) if first.starts_with("127.") => d.addresses.clone(),
            ("kuma.io/service", _) => vec![format!("vip:{}", d.name)],
            _ => vec![format!("vip:{}_", d.name.rsplit_once('_').unwrap().0)],
        })
        .collect()
}

/// The recorded clusters of destinations: passing through is none.
fn clusters(xds: &Value) -> usize {
    let clusters = xds["clusters"].as_array().into_iter().flatten();
    clusters.filter(|c| c["lbPolicy"] != "CLUSTER_PROVIDED").count()
}

/// How many endpoints the recorded clusters have.
fn endpoints(xds: &Value) -> usize {
    let clusters = xds["clusters"].as_array().into_iter().flatten();
    clusters.map(|c| c["endpoints"].as_array().map_or(0, Vec::len)).sum()
}

/// In every case and mesh, the mode in use has the recorded destinations, listeners, clusters and endpoints of each proxy
/// that was recorded.
#[test]
fn the_modes_have_the_recorded_destinations() {
    let mut compared = 0;
    for name in CASES {
        let (world, answers) = case(name);
        let all = modes(&[world], &recorded());
        for (zone, meshes) in answers["zones"].as_object().unwrap() {
            for (mesh, answer) in meshes.as_object().unwrap() {
                for (proxy, facts) in answer["proxies"].as_object().into_iter().flatten() {
                    let xds = &facts["xds"];
                    if xds["listeners"].as_array().is_none() {
                        continue;
                    }
                    let used = all.iter().find(|m| m.in_use).unwrap();
                    let is_it =
                        |p: &&ModeProxyReport| p.proxy.zone == *zone && p.proxy.mesh == *mesh && p.proxy.name == *proxy;
                    let ours = used.proxies.iter().find(is_it).unwrap();
                    let what = format!("{name} {zone}/{mesh}/{proxy}");
                    let listeners = recorded_listeners(xds);
                    assert_eq!(ours.numbers.listeners as usize, listeners.len(), "{what}: listeners");
                    let owners: BTreeSet<String> = listeners
                        .iter()
                        .map(|l| match l.strip_prefix("vip:") {
                            Some(_) => l.rsplit_once(':').unwrap().0.to_owned(),
                            None => l.clone(),
                        })
                        .collect();
                    assert_eq!(destinations(ours), owners, "{what}: destinations");
                    assert_eq!(ours.numbers.clusters as usize, clusters(xds), "{what}: clusters");
                    assert_eq!(ours.numbers.endpoints as usize, endpoints(xds), "{what}: endpoints");
                    compared += 1;
                }
            }
        }
    }
    assert_eq!(compared, 5);
}

/// The same world in each mode that was recorded for it: not only the mode in use.
#[test]
fn other_modes_have_the_destinations_recorded_for_them() {
    let recordings = [("Disabled", "disabled"), ("Everywhere", "everywhere"), ("Exclusive", "exclusive")];
    for (_, start) in recordings {
        let all = modes(&[case(&format!("tproxy-mode-{start}")).0], &recorded());
        for (mode, name) in recordings {
            let (_, answers) = case(&format!("tproxy-mode-{name}"));
            let xds = &answers["zones"]["default"]["default"]["proxies"]["web-1"]["xds"];
            let report = all.iter().find(|m| m.mode == mode).unwrap();
            let web = report.proxies.iter().find(|p| p.proxy.name == "web-1").unwrap();
            assert_eq!(web.numbers.listeners as usize, recorded_listeners(xds).len(), "{mode} from {start}");
            assert_eq!(report.in_use, name == start);
        }
    }
}
