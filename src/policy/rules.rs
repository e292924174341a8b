//! The merged rules of every proxy of a control plane: outbound by destination, inbound, and for the proxy as a whole.
//!
//! Proxies that match the same policies share one set of rules; [`ViewRules`] keeps each set once.

use crate::collections::{sort, sort_by_cached_key, Gather, SortedMap, SortedSet};
use crate::text::Text;
use std::sync::Arc;

use serde_json::Value;

use crate::resource::{
    label, BackendRef, DocumentId, HttpMatch, Inbound, InboundState, Item, Kind, Labels, Policy, RouteRule, TargetKind,
};
use crate::yaml::{Node, Span};
use crate::zone::{Stored, StoredId, View};

use super::conf;
use super::matching::{self, Match, Proxy, Selected, Why};
use super::merge::{self, MergedRule, RuleAt, Step};
use super::order::{self, Criterion, Ranked};
use super::resolve::{self, Owner};
use super::subset::{self, Subset};

/// An item of a policy: what contributes to a rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Origin {
    /// The policy.
    pub policy: StoredId,
    /// The item's position in the policy's `to`, `from` or `rules`.
    pub rule_index: u32,
}

/// What a rule is about.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RuleKey {
    /// A destination, a route, or the Mesh.
    pub resource: StoredId,
    /// The port's sectionName; empty for all.
    pub section: String,
}

/// A merged conf and what it was merged from.
#[derive(Clone, Debug, PartialEq)]
pub struct Merged {
    /// The conf as Kuma prints it.
    pub conf: Value,
    /// The contributing items in merge order, weakest first.
    pub origins: Vec<Origin>,
    /// For MeshHTTPRoute and MeshTCPRoute: the merged rules.
    pub routes: Vec<Route>,
}

impl Merged {
    /// The contributing policies in merge order, each once.
    pub fn policies(&self) -> Vec<StoredId> {
        let mut out: Vec<StoredId> = Vec::new();
        for origin in &self.origins {
            if !out.contains(&origin.policy) {
                out.push(origin.policy);
            }
        }
        out
    }
}

/// A merged rule of routes.
#[derive(Clone, Debug, PartialEq)]
pub struct Route {
    /// Its matches; empty for MeshTCPRoute.
    pub matches: Vec<HttpMatch>,
    /// Where its traffic goes; nothing if no contributing rule says.
    pub backend_refs: Option<Vec<BackendRef>>,
    /// What happens to its requests, as written.
    pub filters: Option<Vec<Node>>,
    /// The item that gives it its name, place and the zone and namespace of its backendRefs: the strongest.
    pub origin: Origin,
    /// The rules that it is merged from, strongest first: the item, and the rule's position in it.
    pub sources: Vec<(Origin, u32)>,
}

/// A rule by tags: of a group of clients, or of a `kuma.io/service`.
#[derive(Clone, Debug, PartialEq)]
pub struct TagRule {
    /// The group.
    pub subset: Subset,
    /// The merged conf.
    pub merged: Merged,
}

/// An inbound rule. Inbound rules are not merged (rule 11.4).
#[derive(Clone, Debug, PartialEq)]
pub struct InboundRule {
    /// The conf as Kuma prints it.
    pub conf: Value,
    /// The item.
    pub origin: Origin,
    /// True if it comes from a `from` item.
    pub is_from: bool,
}

/// The outbound rules of one kind of policy, for all proxies that match the same ones.
#[derive(Clone, Debug, PartialEq)]
pub struct OutboundRules {
    /// The kind.
    pub kind: Kind,
    /// The policies in merge order.
    pub policies: Vec<StoredId>,
    /// Rules by destination and port.
    pub to: SortedMap<RuleKey, Merged>,
    /// Rules of `kuma.io/service` outbounds (rule 5.8), those with more tags first.
    pub by_tags: Vec<TagRule>,
}

/// The inbound rules of one kind of policy, for all inbounds that match the same ones.
#[derive(Clone, Debug, PartialEq)]
pub struct InboundRules {
    /// The kind.
    pub kind: Kind,
    /// The policies in merge order.
    pub policies: Vec<StoredId>,
    /// By client, from `from` items.
    pub from: Vec<TagRule>,
    /// From `rules`, weakest first.
    pub rules: Vec<InboundRule>,
}

/// The one conf of a proxy, for kinds that have no destinations.
#[derive(Clone, Debug, PartialEq)]
pub struct ProxyConf {
    /// The kind.
    pub kind: Kind,
    /// The merged conf.
    pub merged: Merged,
}

/// A handle of one of the sets in [`ViewRules`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SetId(u32);

/// What the policies of one kind come to for a proxy.
#[derive(Clone, Debug, PartialEq)]
pub struct KindRules {
    /// The policies that apply, in merge order, and what they select.
    pub matched: Vec<(StoredId, Selected)>,
    /// The outbound rules.
    pub outbound: Option<SetId>,
    /// The inbound rules by the inbound's position in the Dataplane.
    pub inbound: SortedMap<u32, SetId>,
    /// The inbound rules by port, of listeners that a MeshGateway gives the proxy.
    pub listeners: SortedMap<u32, SetId>,
    /// The conf of the proxy.
    pub proxy: Option<SetId>,
    /// Kuma's warnings.
    pub warnings: Vec<String>,
}

/// What policies come to for a proxy.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ProxyRules {
    /// By kind of policy; kinds of which none applies are left out.
    pub kinds: SortedMap<Kind, KindRules>,
}

/// The rules of all proxies of a control plane.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ViewRules {
    proxies: SortedMap<StoredId, Arc<ProxyRules>>,
    outbound: Vec<OutboundRules>,
    inbound: Vec<InboundRules>,
    proxy: Vec<ProxyConf>,
}

impl ViewRules {
    /// What policies come to for a proxy.
    pub fn of(&self, dataplane: StoredId) -> Option<&ProxyRules> {
        self.proxies.get(&dataplane).map(Arc::as_ref)
    }

    /// The outbound rules of a kind for a proxy.
    pub fn outbound(&self, dataplane: StoredId, kind: Kind) -> Option<&OutboundRules> {
        self.outbound.get(self.of(dataplane)?.kinds.get(&kind)?.outbound?.0 as usize)
    }

    /// The inbound rules of a kind for an inbound of a proxy.
    pub fn inbound(&self, dataplane: StoredId, kind: Kind, inbound: u32) -> Option<&InboundRules> {
        self.inbound.get(self.of(dataplane)?.kinds.get(&kind)?.inbound.get(&inbound)?.0 as usize)
    }

    /// The inbound rules of a kind for a listener that a MeshGateway gives a proxy, by its port.
    pub fn listener(&self, dataplane: StoredId, kind: Kind, port: u32) -> Option<&InboundRules> {
        self.inbound.get(self.of(dataplane)?.kinds.get(&kind)?.listeners.get(&port)?.0 as usize)
    }

    /// The conf of a kind for a proxy.
    pub fn proxy(&self, dataplane: StoredId, kind: Kind) -> Option<&ProxyConf> {
        self.proxy.get(self.of(dataplane)?.kinds.get(&kind)?.proxy?.0 as usize)
    }

    /// Every set of outbound rules, each once, whoever has it.
    pub fn all_outbound(&self) -> &[OutboundRules] {
        &self.outbound
    }
}

/// Where the rule of an outbound was found (rule 5.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// A rule of the port.
    Section,
    /// No rule of the port: that of the whole destination.
    Resource,
    /// No rule of the destination either: that of the mesh.
    Mesh,
}

/// The rule of an outbound.
#[derive(Clone, Debug, PartialEq)]
pub struct Found<'a> {
    /// How specific it is.
    pub level: Level,
    /// What it is about.
    pub key: RuleKey,
    /// The rule.
    pub rule: &'a Merged,
    /// Less specific rules that are there but do not count, since rules are not mixed here.
    pub passed_over: Vec<(Level, RuleKey)>,
}

impl OutboundRules {
    /// The rule of a port of a destination: that of the section, else of the resource, else of the mesh.
    pub fn find(&self, view: &View, resource: StoredId, section: &str) -> Option<Found<'_>> {
        let mesh = view.get(resource).and_then(|s| view.named(Kind::Mesh, "", s.mesh()));
        let keys = [
            (Level::Section, Some(RuleKey { resource, section: section.to_owned() }).filter(|_| !section.is_empty())),
            (Level::Resource, Some(RuleKey { resource, section: String::new() })),
            (Level::Mesh, mesh.map(|resource| RuleKey { resource, section: String::new() })),
        ];
        let mut there = keys
            .into_iter()
            .filter_map(|(level, key)| key.map(|key| (level, key)))
            .filter_map(|(level, key)| self.to.get(&key).map(|rule| (level, key, rule)));
        let (level, key, rule) = there.next()?;
        Some(Found { level, key, rule, passed_over: there.map(|(level, key, _)| (level, key)).gather() })
    }

    /// The rule of a `kuma.io/service` outbound with these tags.
    pub fn find_by_tags(&self, tags: &Labels) -> Option<&TagRule> {
        self.by_tags.iter().find(|rule| subset::has_member(&rule.subset, tags))
    }
}

/// Works out the rules of every proxy of a control plane.
pub fn evaluate(view: &View) -> ViewRules {
    let mut builder = Builder { view, out: ViewRules::default(), confs: SortedMap::new(), sets: Sets::default() };
    for mesh in view.meshes() {
        let kinds: Vec<(Kind, Vec<Candidate<'_>>)> = Kind::ALL
            .iter()
            .copied()
            .filter(|k| k.is_policy())
            .map(|kind| (kind, policies(view, kind, mesh)))
            .filter(|(_, list)| !list.is_empty())
            .gather();
        let alike = Alike::of(&kinds);
        let mut known: SortedMap<Traits<'_>, Arc<ProxyRules>> = SortedMap::new();
        for (id, stored) in view.of_kind(Kind::Dataplane, mesh) {
            let Some(proxy) = Proxy::of(view, stored) else { continue };
            let traits = alike.traits(view, &proxy);
            let rules = match traits.as_ref().and_then(|traits| known.get(traits)) {
                Some(rules) => Arc::clone(rules),
                None => {
                    let found =
                        kinds.iter().filter_map(|(kind, list)| Some((*kind, builder.kind(*kind, list, &proxy)?)));
                    let rules = Arc::new(ProxyRules { kinds: found.gather() });
                    known.extend(traits.map(|traits| (traits, Arc::clone(&rules))));
                    rules
                }
            };
            builder.out.proxies.insert(id, rules);
        }
    }
    builder.out
}

/// What policies ask of proxies in this mesh. Those that answer alike get the same rules, so each sort of proxy is worked
/// out once.
struct Alike<'a> {
    /// The keys of the tags that targets name.
    tags: SortedSet<&'a str>,
    /// The policies whose targets ask for more than tags.
    others: Vec<Candidate<'a>>,
}

/// The answers of one proxy.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Traits<'a> {
    labels: [Option<&'a str>; 3],
    /// For each inbound, whether it takes no part, and the values of the tags.
    inbounds: Vec<(bool, Vec<Option<&'a str>>)>,
    /// What the other policies select.
    others: Vec<Option<Selected>>,
}

impl<'a> Alike<'a> {
    fn of(kinds: &[(Kind, Vec<Candidate<'a>>)]) -> Self {
        let mut alike = Alike { tags: SortedSet::new(), others: Vec::new() };
        for (id, stored, policy) in kinds.iter().flat_map(|(_, list)| list) {
            let target = &policy.target_ref;
            alike.tags.extend(target.tags.keys().map(Text::as_str));
            match target.kind {
                TargetKind::MeshService | TargetKind::MeshServiceSubset => drop(alike.tags.insert(label::SERVICE_TAG)),
                TargetKind::Dataplane | TargetKind::MeshHTTPRoute => alike.others.push((*id, *stored, *policy)),
                _ => {}
            }
        }
        alike
    }

    /// The answers of a proxy; nothing for gateways, whose tags come from several places.
    fn traits(&self, view: &View, proxy: &Proxy<'a>) -> Option<Traits<'a>> {
        if proxy.gateway.is_some() || proxy.dataplane.is_gateway() {
            return None;
        }
        let values =
            |inbound: &'a Inbound| self.tags.iter().map(|key| inbound.tags.get(*key).map(Text::as_str)).gather();
        let inbounds = proxy.dataplane.inbounds.iter().map(|i| (i.state == InboundState::Ignored, values(i)));
        let selected = |(_, stored, policy): &Candidate<'_>| matching::matches(view, stored, policy, proxy).selected();
        Some(Traits {
            labels: [label::ORIGIN, label::ZONE, label::NAMESPACE].map(|key| proxy.stored.label(key)),
            inbounds: inbounds.gather(),
            others: self.others.iter().map(selected).gather(),
        })
    }
}

/// A policy that might apply.
type Candidate<'a> = (StoredId, &'a Stored, &'a Policy);

/// The policies of a kind in the order in which Kuma lists them before it sorts.
fn policies<'a>(view: &'a View, kind: Kind, mesh: &'a str) -> Vec<Candidate<'a>> {
    let mut list: Vec<_> = view.of_kind(kind, mesh).filter_map(|(id, s)| Some((id, s, s.as_policy()?))).gather();
    sort_by_cached_key(&mut list, |(id, stored, _)| {
        let (namespace, name) = stored.listed();
        (namespace.to_owned(), name.to_owned(), *id)
    });
    order::sort_policies(list, |(_, stored, policy)| Ranked::of(stored, policy))
}

/// The sets that exist already, by the policies they are built from.
#[derive(Default)]
struct Sets {
    outbound: SortedMap<(Kind, Vec<StoredId>), SetId>,
    inbound: SortedMap<(Kind, Vec<StoredId>), SetId>,
    proxy: SortedMap<(Kind, Vec<StoredId>), SetId>,
}

struct Builder<'a> {
    view: &'a View,
    out: ViewRules,
    confs: SortedMap<(StoredId, List, u32), Value>,
    sets: Sets,
}

/// Which list of a policy an item stands in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum List {
    /// `to`.
    To,
    /// `from`.
    From,
    /// `rules`.
    Rules,
    /// No list: `default`.
    Default,
}

impl List {
    /// The way from the policy's `spec` to a conf.
    pub const fn path(self) -> &'static [&'static str] {
        match self {
            List::To => &["to", "default"],
            List::From => &["from", "default"],
            List::Rules => &["rules", "default"],
            List::Default => &["default"],
        }
    }
}

/// An item on its way into rules.
#[derive(Clone, Copy)]
struct Entry<'a> {
    policy: StoredId,
    stored: &'a Stored,
    content: &'a Policy,
    item: &'a Item,
}

impl Entry<'_> {
    fn origin(&self) -> Origin {
        Origin { policy: self.policy, rule_index: self.item.index }
    }
}

impl<'a> Builder<'a> {
    /// What the policies of a kind come to for a proxy; nothing if none applies.
    fn kind(&mut self, kind: Kind, list: &[Candidate<'_>], proxy: &Proxy<'_>) -> Option<KindRules> {
        let mut matched = Vec::new();
        let mut warnings = Vec::new();
        for (id, stored, policy) in list {
            match matching::matches(self.view, stored, policy, proxy) {
                Match::Applies(selected) => matched.push((*id, selected)),
                Match::Not(why) => warnings.extend(warning(stored, &why)),
            }
        }
        if matched.is_empty() && warnings.is_empty() {
            return None;
        }
        let mut by_inbound: SortedMap<u32, Vec<StoredId>> = SortedMap::new();
        let mut by_listener: SortedMap<u32, Vec<StoredId>> = SortedMap::new();
        for (id, selected) in &matched {
            for inbound in &selected.inbounds {
                by_inbound.entry(*inbound).or_default().push(*id);
            }
            for port in &selected.listeners {
                by_listener.entry(*port).or_default().push(*id);
            }
        }
        let ids: Vec<StoredId> = matched.iter().map(|(id, _)| *id).gather();
        let listeners =
            by_listener.into_iter().filter_map(|(port, ids)| Some((port, self.inbound(kind, ids)?))).gather();
        let inbound = by_inbound.into_iter().filter_map(|(i, ids)| Some((i, self.inbound(kind, ids)?))).gather();
        Some(KindRules {
            outbound: self.outbound(kind, &ids),
            inbound,
            listeners,
            proxy: self.proxy(kind, ids),
            matched,
            warnings,
        })
    }

    fn entries(&self, ids: &[StoredId], list: List) -> Vec<Entry<'a>> {
        let view = self.view;
        let mut out = Vec::new();
        for policy in ids {
            let Some(stored) = view.get(*policy) else { continue };
            let Some(content) = stored.as_policy() else { continue };
            let items = if list == List::To { &content.to } else { &content.from };
            out.extend(items.iter().map(|item| Entry { policy: *policy, stored, content, item }));
        }
        out
    }

    fn conf(&mut self, policy: StoredId, list: List, index: u32) -> Value {
        let view = self.view;
        self.confs
            .entry((policy, list, index))
            .or_insert_with(|| {
                let stored = view.get(policy);
                let node = stored.and_then(Stored::as_policy).and_then(|p| conf_node(p, list, index));
                match (stored, node) {
                    (Some(stored), Some(node)) => conf::printed(stored.kind(), list, node),
                    _ => Value::Object(serde_json::Map::new()),
                }
            })
            .clone()
    }

    fn outbound(&mut self, kind: Kind, ids: &[StoredId]) -> Option<SetId> {
        let key = (kind, ids.to_vec());
        if let Some(known) = self.sets.outbound.get(&key) {
            return Some(*known);
        }
        let entries = self.entries(ids, List::To);
        if entries.is_empty() {
            return None;
        }
        let rules = OutboundRules {
            kind,
            policies: ids.to_vec(),
            to: self.by_resource(kind, &entries),
            by_tags: self.by_service(kind, &entries),
        };
        let id = push(&mut self.out.outbound, rules);
        self.sets.outbound.insert(key, id);
        Some(id)
    }

    /// Rules by resource and section (rules 5.2 to 5.6).
    fn by_resource(&mut self, kind: Kind, entries: &[Entry<'a>]) -> SortedMap<RuleKey, Merged> {
        // a policy attached to a MeshHTTPRoute speaks of kuma.io/services only
        let real: Vec<Entry<'a>> =
            entries.iter().copied().filter(|e| e.content.target_ref.kind != TargetKind::MeshHTTPRoute).gather();
        let sorted = order::sort_items(real, |e| (Ranked::of(e.stored, e.content), order::item_key(e.item)));
        let view = self.view;
        let mut of_mesh: Vec<usize> = Vec::new();
        let mut of_resource: SortedMap<StoredId, Vec<(usize, String)>> = SortedMap::new();
        let mut keys: Vec<RuleKey> = Vec::new();
        for (position, entry) in sorted.iter().enumerate() {
            for hit in resolve::to_target(view, Owner::from(entry.stored), &entry.item.target_ref) {
                let section = hit.section.map(|s| s.name).unwrap_or_default();
                if entry.item.target_ref.kind == TargetKind::Mesh {
                    of_mesh.push(position);
                } else {
                    of_resource.entry(hit.id).or_default().push((position, section.clone()));
                }
                keys.push(RuleKey { resource: hit.id, section });
            }
        }
        sort(&mut keys);
        keys.dedup();
        let mut out = SortedMap::new();
        for key in keys {
            let own = of_resource.get(&key.resource).map(Vec::as_slice).unwrap_or_default();
            let mut positions: Vec<usize> = of_mesh.clone();
            positions.extend(own.iter().filter(|(_, s)| s.is_empty() || *s == key.section).map(|(p, _)| *p));
            sort(&mut positions);
            let relevant: Vec<Entry<'a>> = positions.iter().filter_map(|p| sorted.get(*p).copied()).gather();
            let merged = self.merged(kind, List::To, &relevant);
            out.insert(key, merged);
        }
        out
    }

    /// Rules of `kuma.io/service` outbounds (rule 5.8).
    fn by_service(&mut self, kind: Kind, entries: &[Entry<'a>]) -> Vec<TagRule> {
        let about_route = |e: &Entry<'_>| e.content.to.iter().any(|i| i.target_ref.kind == TargetKind::MeshHTTPRoute);
        let usable: Vec<Entry<'a>> = entries
            .iter()
            .copied()
            .filter(|e| !about_route(e) && e.content.target_ref.kind != TargetKind::MeshHTTPRoute)
            .gather();
        self.by_tags(kind, List::To, &usable, false)
    }

    fn by_tags(&mut self, kind: Kind, list: List, entries: &[Entry<'a>], with_negations: bool) -> Vec<TagRule> {
        let old: Vec<(Entry<'a>, Subset)> =
            entries.iter().filter_map(|e| Some((*e, subset::of(&e.item.target_ref)?))).gather();
        let subsets: Vec<Subset> = old.iter().map(|(_, s)| s.clone()).gather();
        if subsets.is_empty() {
            return Vec::new();
        }
        let mut out = Vec::new();
        for group in subset::partition(&subsets, with_negations) {
            let relevant: Vec<Entry<'a>> =
                old.iter().filter(|(_, s)| subset::contains(s, &group)).map(|(e, _)| *e).gather();
            if !relevant.is_empty() {
                let merged = self.merged(kind, list, &relevant);
                out.push(TagRule { subset: group, merged });
            }
        }
        out
    }

    fn inbound(&mut self, kind: Kind, ids: Vec<StoredId>) -> Option<SetId> {
        let key = (kind, ids);
        if let Some(known) = self.sets.inbound.get(&key) {
            return Some(*known);
        }
        let from_entries = self.entries(&key.1, List::From);
        let from = self.by_tags(kind, List::From, &from_entries, true);
        let rules = self.inbound_rules(kind, &key.1);
        if from.is_empty() && rules.is_empty() {
            return None;
        }
        let id = push(&mut self.out.inbound, InboundRules { kind, policies: key.1.clone(), from, rules });
        self.sets.inbound.insert(key, id);
        Some(id)
    }

    /// Inbound rules one by one: those of `rules`, or for kinds where `from` counts, of its items.
    fn inbound_rules(&mut self, kind: Kind, ids: &[StoredId]) -> Vec<InboundRule> {
        let view = self.view;
        let mut out = Vec::new();
        for policy in ids {
            let Some(content) = view.get(*policy).and_then(Stored::as_policy) else { continue };
            let (list, indexes): (List, Vec<u32>) = match content.rules.is_empty() {
                false => (List::Rules, content.rules.iter().map(|r| r.index).gather()),
                true if matching::from_counts_as_rules(kind) => {
                    (List::From, content.from.iter().map(|i| i.index).gather())
                }
                true => continue,
            };
            for rule_index in indexes {
                out.push(InboundRule {
                    conf: self.conf(*policy, list, rule_index),
                    origin: Origin { policy: *policy, rule_index },
                    is_from: list == List::From,
                });
            }
        }
        out
    }

    fn proxy(&mut self, kind: Kind, ids: Vec<StoredId>) -> Option<SetId> {
        if !conf::is_single_item(kind) || ids.is_empty() {
            return None;
        }
        let key = (kind, ids);
        if let Some(known) = self.sets.proxy.get(&key) {
            return Some(*known);
        }
        let confs: Vec<Value> = key.1.iter().map(|id| self.conf(*id, List::Default, 0)).gather();
        let merged = Merged {
            conf: merge::merge(&confs),
            origins: key.1.iter().map(|policy| Origin { policy: *policy, rule_index: 0 }).gather(),
            routes: Vec::new(),
        };
        let id = push(&mut self.out.proxy, ProxyConf { kind, merged });
        self.sets.proxy.insert(key, id);
        Some(id)
    }

    fn merged(&mut self, kind: Kind, list: List, relevant: &[Entry<'a>]) -> Merged {
        let confs: Vec<Value> = relevant.iter().map(|e| self.conf(e.policy, list, e.item.index)).gather();
        let refs: Vec<&Value> = confs.iter().gather();
        let mut origins: Vec<Origin> = Vec::with_capacity(relevant.len());
        for entry in relevant {
            if !origins.contains(&entry.origin()) {
                origins.push(entry.origin());
            }
        }
        let (conf, rules) = match kind {
            Kind::MeshHTTPRoute => {
                let rules = merge::merge_routes(&refs);
                (merge::merged_routes(&refs, &rules), rules)
            }
            Kind::MeshTCPRoute => (merge::merge(refs.iter().copied()), tcp_rule(relevant)),
            _ => (merge::merge(refs.iter().copied()), Vec::new()),
        };
        let routes = rules.iter().filter_map(|rule| route(relevant, rule)).gather();
        Merged { conf, origins, routes }
    }
}

fn push<T>(arena: &mut Vec<T>, value: T) -> SetId {
    let id = SetId(u32::try_from(arena.len()).unwrap_or(u32::MAX));
    arena.push(value);
    id
}

/// Kuma's warning about a policy that it cannot match.
fn warning(stored: &Stored, why: &Why) -> Option<String> {
    let error = match why {
        Why::NoRoute { wanted } => format!("couldn't resolve MeshHTTPRoute targetRef with name '{wanted}'"),
        Why::Unsupported { kind } => format!("unsupported targetRef kind '{}'", kind.name()),
        _ => return None,
    };
    let (mesh, name) = (stored.mesh(), &stored.name);
    Some(format!("unable to resolve TargetRef on policy: mesh:{mesh} name:{name} error:{error:?}"))
}

/// The one rule of merged MeshTCPRoutes: each item's first rule, strongest first.
fn tcp_rule(relevant: &[Entry<'_>]) -> Vec<MergedRule> {
    let sources: Vec<RuleAt> = relevant
        .iter()
        .enumerate()
        .rev()
        .filter(|(_, e)| !e.item.rules.is_empty())
        .map(|(conf, _)| RuleAt { conf, rule: 0 })
        .gather();
    match sources.is_empty() {
        true => Vec::new(),
        false => vec![MergedRule { sources }],
    }
}

fn route(relevant: &[Entry<'_>], merged: &MergedRule) -> Option<Route> {
    let sources: Vec<(Origin, &RouteRule)> = merged
        .sources
        .iter()
        .filter_map(|at| {
            let entry = relevant.get(at.conf)?;
            Some((entry.origin(), entry.item.rules.get(at.rule)?))
        })
        .gather();
    let (origin, strongest) = sources.first()?;
    Some(Route {
        matches: strongest.matches.clone(),
        backend_refs: sources.iter().find_map(|(_, r)| r.backend_refs.clone()),
        filters: sources.iter().find_map(|(_, r)| r.filters.clone()),
        origin: *origin,
        sources: sources.iter().map(|(origin, rule)| (*origin, rule.index)).gather(),
    })
}

/// The node of an item's conf.
fn conf_node(policy: &Policy, list: List, index: u32) -> Option<&Node> {
    match list {
        List::To => policy.to.iter().find(|i| i.index == index).map(|i| &i.conf),
        List::From => policy.from.iter().find(|i| i.index == index).map(|i| &i.conf),
        List::Rules => policy.rules.iter().find(|r| r.index == index).map(|r| &r.conf),
        List::Default => policy.default.as_ref(),
    }
}

/// A value of a field and where it was written.
#[derive(Clone, Debug, PartialEq)]
pub struct Written {
    /// The item.
    pub origin: Origin,
    /// The value.
    pub value: Value,
    /// The document, for what the user wrote.
    pub document: Option<DocumentId>,
    /// The place of the value, or of what holds it where Kuma filled it in.
    pub span: Span,
}

/// A field of a merged conf, where it comes from and what it overrode.
#[derive(Clone, Debug, PartialEq)]
pub struct FieldOrigin {
    /// Its path in the merged conf, such as `http.requestTimeout` or `rules[0].default.backendRefs`.
    pub path: String,
    /// The value that counts.
    pub chosen: Written,
    /// What it overrode, strongest first.
    pub overrode: Vec<Written>,
}

/// Where each field of a merged conf comes from.
pub fn field_origins(view: &View, kind: Kind, list: List, merged: &Merged) -> Vec<FieldOrigin> {
    let nodes: Vec<(Origin, Option<DocumentId>, &Node)> = merged
        .origins
        .iter()
        .filter_map(|origin| {
            let stored = view.get(origin.policy)?;
            let node = conf_node(stored.as_policy()?, list, origin.rule_index)?;
            Some((*origin, stored.resource.document(), node))
        })
        .gather();
    let confs: Vec<Value> = nodes.iter().map(|(_, _, node)| conf::printed(kind, list, node)).gather();
    let refs: Vec<&Value> = confs.iter().gather();
    let fields = match kind {
        Kind::MeshHTTPRoute => merge::route_fields(&refs, &merge::merge_routes(&refs)),
        _ => merge::fields(&refs),
    };
    let written = |source: &merge::Source| {
        let (origin, document, node) = nodes.get(source.conf)?;
        let span = conf::span_at(kind, node, &source.path);
        Some(Written { origin: *origin, value: source.value.clone(), document: *document, span })
    };
    fields
        .iter()
        .filter_map(|field| {
            Some(FieldOrigin {
                path: path_text(&field.path),
                chosen: written(&field.source)?,
                overrode: field.overrode.iter().filter_map(written).gather(),
            })
        })
        .gather()
}

/// Why each contributing item is stronger than the one before it, by position from the second on. Nothing where two
/// are equal in everything that Kuma compares.
pub fn order_reasons(view: &View, origins: &[Origin]) -> Vec<Option<Criterion>> {
    let entry = |origin: &Origin| {
        let stored = view.get(origin.policy)?;
        let policy = stored.as_policy()?;
        let item = policy.to.iter().find(|i| i.index == origin.rule_index)?;
        Some((Ranked::of(stored, policy), order::item_key(item), origin.rule_index))
    };
    origins
        .windows(2)
        .map(|pair| {
            let [a, b] = pair else { return None };
            let ((rank_a, item_a, at_a), (rank_b, item_b, at_b)) = (entry(a)?, entry(b)?);
            let decided = order::decided_by((&rank_a, &item_a, at_a), (&rank_b, &item_b, at_b))?;
            Some(decided.0)
        })
        .gather()
}

/// A path as people write it.
pub fn path_text(path: &[Step]) -> String {
    let mut out = String::new();
    for step in path {
        match step {
            Step::Key(key) if out.is_empty() => out.push_str(key),
            Step::Key(key) => {
                out.push('.');
                out.push_str(key);
            }
            Step::Index(index) => out.push_str(&format!("[{index}]")),
        }
    }
    out
}
