//! What a proxy does, as text.

use std::fmt::Write;

use meshscope::policy::matching::{self, Match};
use meshscope::policy::rules::{self, FieldOrigin, Level, List, Merged, Origin, ViewRules};
use meshscope::policy::subset::Subset;
use meshscope::resource::{Dataplane, InboundState, Kind, Port, Protocol};
use meshscope::traffic::endpoints::{behind, shares, Endpoint, Via};
use meshscope::traffic::network::{MeshNetwork, Network};
use meshscope::traffic::outbound::{outbounds, skipped, Destination, Outbound};
use meshscope::traffic::routes::{balanced, Setting};
use meshscope::traffic::zones::Zones;
use meshscope::world::World;
use meshscope::zone::{Stored, StoredId, View};
use serde_json::Value;

use crate::page::Attributes;
use crate::text::{line, wanted};

/// A proxy and what decides about it.
pub struct Proxy<'a> {
    pub world: &'a World,
    pub view: &'a View,
    pub zones: Zones,
    pub network: MeshNetwork,
    pub rules: ViewRules,
    pub id: StoredId,
    pub dataplane: &'a Dataplane,
    pub stored: &'a Stored,
}

impl<'a> Proxy<'a> {
    /// The proxy that the attributes name.
    pub fn of(world: &'a World, attributes: &Attributes) -> Result<Proxy<'a>, String> {
        let name = attributes.get("proxy").ok_or("which proxy? add `proxy=name`")?;
        let found = |view: &'a View| {
            let here = |s: &Stored| s.name == name && s.is_local() && s.as_dataplane().is_some();
            view.all().find(|(_, s)| here(s)).map(|(id, stored)| (view, id, stored))
        };
        let zones = world.views.iter().filter(|v| v.plane.zone().is_some_and(|zone| wanted(attributes, "in", zone)));
        let mut all = zones.filter_map(found);
        let (view, id, stored) = all.next().ok_or(format!("there is no proxy `{name}`"))?;
        if all.next().is_some() {
            return Err(format!("several zones have a proxy `{name}`: add `in=zone`"));
        }
        let dataplane = stored.as_dataplane().ok_or("no Dataplane")?;
        let mut network = Network::of(world, view.plane.zone().unwrap_or_default()).ok_or("no such zone")?;
        let network = network.meshes.remove(stored.mesh()).ok_or("no such mesh")?;
        let zones = Zones::of(world);
        Ok(Proxy { world, view, zones, network, rules: rules::evaluate(view), id, dataplane, stored })
    }

    /// What its routes are made from.
    pub fn setting(&self) -> Setting<'_> {
        Setting { view: self.view, network: &self.network, rules: &self.rules }
    }

    /// The name of an outbound's destination.
    pub fn outbound_name<'s>(&'s self, outbound: &'s Outbound) -> &'s str {
        match &outbound.destination {
            Destination::Real { id, .. } => self.name(*id),
            Destination::Tagged { service, .. } => service,
        }
    }

    fn outbounds(&self, attributes: &Attributes) -> Vec<Outbound> {
        let mut all = outbounds(self.view, &self.network, self.id);
        all.retain(|o| {
            let kind = match &o.destination {
                Destination::Real { id, .. } => self.view.get(*id).map_or("", |s| s.kind().name()),
                Destination::Tagged { .. } => "kuma.io/service",
            };
            wanted(attributes, "kind", kind) && wanted(attributes, "to", self.outbound_name(o))
        });
        all
    }

    /// `orders · api 8080 http · zone west`.
    pub fn destination(&self, destination: &Destination) -> String {
        match destination {
            Destination::Real { id, .. } => {
                let Some(stored) = self.view.get(*id) else { return String::new() };
                let mut out = match stored.kind() {
                    Kind::MeshService => stored.display_name().to_owned(),
                    kind => format!("{kind} {}", stored.display_name()),
                };
                out.extend(destination.port(self.view).map(|p| format!(" · {}", port(p))));
                if stored.kind() == Kind::MeshService {
                    out.push_str(&format!(" · zone {}", stored.zone()));
                }
                out
            }
            Destination::Tagged { service, tags } => {
                let more: Vec<String> =
                    tags.iter().filter(|(k, _)| *k != "kuma.io/service").map(|(k, v)| format!("{k}: {v}")).collect();
                match more.is_empty() {
                    true => format!("kuma.io/service {service}"),
                    false => format!("kuma.io/service {service} with {}", more.join(", ")),
                }
            }
        }
    }

    pub fn head(&self, outbound: &Outbound) -> String {
        format!("{}:{} → {}", outbound.address, outbound.port, self.destination(&outbound.destination))
    }

    fn name(&self, id: StoredId) -> &str {
        self.view.get(id).map_or("", Stored::display_name)
    }

    pub fn origin(&self, origin: &Origin, list: &str) -> String {
        match list {
            "" => self.name(origin.policy).to_owned(),
            list => format!("{} {list}[{}]", self.name(origin.policy), origin.rule_index),
        }
    }
}

/// A port without a name is its number.
fn port(port: &Port) -> String {
    match &port.name {
        Some(name) if *name != port.port.to_string() => format!("{name} {} {}", port.port, port.app_protocol),
        _ => format!("{} {}", port.port, port.app_protocol),
    }
}

/// What a proxy listens on and where that leads.
pub fn outbounds_of(proxy: &Proxy, attributes: &Attributes) -> String {
    let mut out = String::new();
    for outbound in proxy.outbounds(attributes) {
        let _ = writeln!(out, "{}", proxy.head(&outbound));
        if let Destination::Real { section, .. } = &outbound.destination {
            let name = outbound.destination.port(proxy.view).map(Port::section).unwrap_or_default();
            if *section != name {
                let _ = writeln!(out, "  policies find its port as `{section}`, not as `{name}`");
            }
        }
    }
    if attributes.get("to").is_none() && attributes.get("kind").is_none() {
        for missing in skipped(proxy.view, &proxy.network, proxy.id) {
            line(&mut out, &format!("✗ {}:", missing.what), &missing.missing.to_string());
        }
    }
    out
}

/// The endpoints behind each outbound.
pub fn endpoints_of(proxy: &Proxy, attributes: &Attributes) -> String {
    let mut out = String::new();
    let all = outbounds(proxy.view, &proxy.network, proxy.id);
    let tagged: Vec<String> = all
        .iter()
        .filter(|o| matches!(o.destination, Destination::Tagged { .. }))
        .map(|o| proxy.outbound_name(o).to_owned())
        .collect();
    for outbound in proxy.outbounds(attributes) {
        let _ = writeln!(out, "{}", proxy.head(&outbound));
        let set = balanced(&proxy.setting(), proxy.id, &outbound.destination, &tagged);
        let shares = shares(&set.endpoints);
        let mut list: Vec<(&Endpoint, f64)> = set.endpoints.iter().zip(shares).collect();
        list.sort_by_key(|(e, _)| (e.priority, e.zone.clone(), e.address.clone(), e.port));
        for (endpoint, share) in list {
            let who = match &endpoint.via {
                Via::Dataplane { dataplane, .. } => proxy.name(*dataplane).to_owned(),
                Via::Ingress { ingress, .. } => format!("ZoneIngress {}", proxy.name(*ingress)),
                Via::Egress { egress, .. } => format!("ZoneEgress {}", proxy.name(*egress)),
            };
            let zone = match endpoint.zone.as_str() {
                "" => String::new(),
                zone => format!(" · zone {zone}"),
            };
            let mut weight = match endpoint.weight {
                1 => String::new(),
                weight => format!(" · weight {weight}"),
            };
            if let Some(own) = endpoint.locality_weight {
                weight.push_str(&format!(" · locality weight {own}"));
            }
            let _ = writeln!(
                out,
                "  priority {}: {who} {}:{}{zone}{weight} · {}",
                endpoint.priority,
                endpoint.address,
                endpoint.port,
                percent(share)
            );
            if !matches!(endpoint.via, Via::Dataplane { .. }) {
                let number = outbound.destination.port(proxy.view).map(|p| p.port);
                for real in behind(proxy.world, proxy.view, proxy.stored.mesh(), number, endpoint) {
                    let there = proxy.world.zone(&real.zone);
                    let name = real.dataplane.and_then(|id| there?.get(id)).map_or(String::new(), |s| s.name.clone());
                    let at = real.port.map_or(real.address.clone(), |p| format!("{}:{p}", real.address));
                    let _ = writeln!(out, "    then {}", [name.as_str(), at.as_str()].join(" ").trim());
                }
            }
        }
        for absent in &set.absent {
            let _ = writeln!(out, "  ✗ {}", absent.describe(proxy.view));
        }
        if let Some(factor) = set.overprovisioning {
            let _ = writeln!(out, "  overprovisioning factor {factor}");
        }
    }
    out
}

/// `33.3 %`, `90 %`.
pub fn percent(share: f64) -> String {
    let tenths = (share * 1000.0).round() / 10.0;
    format!("{tenths} %")
}

/// The conf of a kind of policy for a destination, and what it is a rule of.
fn find<'p>(proxy: &'p Proxy, kind: Kind, destination: &Destination) -> Option<(&'static str, &'p Merged)> {
    let rules = proxy.rules.outbound(proxy.id, kind)?;
    match destination {
        Destination::Real { id, section, .. } => {
            let found = rules.find(proxy.view, *id, section)?;
            let level = match found.level {
                Level::Section => "for the port",
                Level::Resource => "for the service",
                Level::Mesh => "for the mesh",
            };
            Some((level, found.rule))
        }
        Destination::Tagged { service, .. } => {
            let tags = [("kuma.io/service".into(), service.as_str().into())].into();
            Some(("for the kuma.io/service", &rules.find_by_tags(&tags)?.merged))
        }
    }
}

/// The merged policies of each outbound, and where each field comes from.
pub fn policies_of(proxy: &Proxy, attributes: &Attributes) -> String {
    let mut out = String::new();
    for outbound in proxy.outbounds(attributes) {
        let _ = writeln!(out, "{}", proxy.head(&outbound));
        let before = out.len();
        let asked = |k: &Kind| k.is_policy() && wanted(attributes, "policy", k.name());
        for kind in Kind::ALL.iter().copied().filter(asked) {
            if let Some((level, merged)) = find(proxy, kind, &outbound.destination) {
                let origins: Vec<String> = merged.origins.iter().map(|o| proxy.origin(o, "to")).collect();
                let _ = writeln!(out, "  {kind} {level}, from {}", origins.join(", then "));
                for field in rules::field_origins(proxy.view, kind, List::To, merged) {
                    let _ = writeln!(out, "    {}", said_by(proxy, &field));
                }
            }
        }
        if out.len() == before {
            let _ = writeln!(out, "  no policies");
        }
    }
    out
}

fn said_by(proxy: &Proxy, field: &FieldOrigin) -> String {
    let over: Vec<String> = field
        .overrode
        .iter()
        .map(|w| format!(", over {} by {}", value(&w.value), proxy.origin(&w.origin, "to")))
        .collect();
    let from = proxy.origin(&field.chosen.origin, "to");
    format!("{}: {} by {from}{}", field.path, value(&field.chosen.value), over.concat())
}

fn value(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// Which policies apply to a proxy, and why the others do not.
pub fn matches_of(proxy: &Proxy, attributes: &Attributes) -> String {
    let mut out = String::new();
    let Some(asked) = matching::Proxy::of(proxy.view, proxy.stored) else { return out };
    for (_, stored) in proxy.view.all() {
        let Some(policy) = stored.as_policy().filter(|_| stored.resource.document().is_some()) else { continue };
        if !wanted(attributes, "kind", stored.kind().name()) {
            continue;
        }
        let head = format!("{} {}", stored.kind(), stored.display_name());
        match matching::matches(proxy.view, stored, policy, &asked) {
            Match::Not(why) => line(&mut out, &format!("{head} ✗"), &why.to_string()),
            Match::Applies(selected) => {
                let sections: Vec<String> = (0u32..)
                    .zip(&proxy.dataplane.inbounds)
                    .filter(|(i, _)| selected.inbounds.contains(i))
                    .map(|(_, inbound)| inbound.section())
                    .collect();
                let which = match sections.len() == proxy.dataplane.inbounds.len() {
                    true => "applies".to_owned(),
                    false => format!("applies to inbound {}", sections.join(", ")),
                };
                line(&mut out, &format!("{head} →"), &which);
            }
        }
    }
    out
}

/// The inbounds of a proxy and the policies on what arrives there.
pub fn inbounds_of(proxy: &Proxy) -> String {
    let mut out = String::new();
    for (index, inbound) in (0u32..).zip(&proxy.dataplane.inbounds) {
        let protocol = match inbound.protocol {
            Protocol::Unknown => Protocol::Tcp.name(),
            known => known.name(),
        };
        let state = match inbound.state {
            InboundState::Ready => "",
            _ => " · not ready",
        };
        let number = inbound.port.to_string();
        let name = Some(inbound.section()).filter(|s| *s != number).map(|s| s + " ").unwrap_or_default();
        let _ = writeln!(out, "inbound {name}{number} {protocol}{state}");
        for kind in Kind::ALL.iter().copied().filter(|k| k.is_policy()) {
            let Some(rules) = proxy.rules.inbound(proxy.id, kind, index) else { continue };
            for from in &rules.from {
                let origins: Vec<String> = from.merged.origins.iter().map(|o| proxy.origin(o, "from")).collect();
                let _ = writeln!(
                    out,
                    "  {kind} from {}: {} by {}",
                    clients(&from.subset),
                    from.merged.conf,
                    origins.join(", then ")
                );
            }
            for rule in rules.rules.iter().filter(|r| !r.is_from) {
                let _ = writeln!(out, "  {kind}: {} by {}", rule.conf, proxy.origin(&rule.origin, "rules"));
            }
        }
    }
    out
}

fn clients(subset: &Subset) -> String {
    let tags: Vec<String> =
        subset.iter().map(|t| format!("{}{}: {}", if t.not { "not " } else { "" }, t.key, t.value)).collect();
    match tags.is_empty() {
        true => "everybody".to_owned(),
        false => tags.join(" and "),
    }
}
