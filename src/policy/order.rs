//! The order in which policies merge, weakest first (rule 5.4).
//!
//! Each comparison is the derived `Ord` of a key whose fields, top to bottom, are the rule. Only one criterion is not
//! an order: a Dataplane reference with neither name nor labels is equal to both others while those are not equal to
//! each other. Where all three meet, Kuma's result is that of its stable insertion sort, and so is ours.

use std::cmp::{Ordering, Reverse};

use crate::resource::{label, Item, Policy, TargetKind, TargetRef};
use crate::zone::Stored;

/// Kuma's order of the kinds that a targetRef names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct KindRank(u8);

impl From<TargetKind> for KindRank {
    fn from(kind: TargetKind) -> Self {
        KindRank(match kind {
            TargetKind::Mesh => 1,
            TargetKind::Dataplane => 2,
            TargetKind::MeshSubset => 3,
            TargetKind::MeshGateway => 4,
            TargetKind::MeshService => 5,
            TargetKind::MeshExternalService => 6,
            TargetKind::MeshMultiZoneService => 7,
            TargetKind::MeshServiceSubset => 8,
            TargetKind::MeshHTTPRoute => 9,
        })
    }
}

/// How a top-level Dataplane reference selects.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum DataplaneBy {
    /// By labels.
    Labels,
    /// By name.
    Name,
}

/// Where a policy was created.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Origin {
    /// On global.
    Global,
    /// Not known.
    Unknown,
    /// In a zone.
    Zone,
}

/// What a policy is for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Role {
    /// The operator's; also without a label.
    #[default]
    System,
    /// Of the owner of a service, for all its clients.
    Producer,
    /// Of the owner of clients.
    Consumer,
    /// Of the owner of a workload.
    WorkloadOwner,
}

impl Role {
    /// The role that a policy's label names.
    pub fn of(policy: &Stored) -> Role {
        match policy.label(label::POLICY_ROLE) {
            Some("producer") => Role::Producer,
            Some("consumer") => Role::Consumer,
            Some("workload-owner") => Role::WorkloadOwner,
            _ => Role::System,
        }
    }

    /// Kuma's name.
    pub const fn name(self) -> &'static str {
        match self {
            Role::System => "system",
            Role::Producer => "producer",
            Role::Consumer => "consumer",
            Role::WorkloadOwner => "workload-owner",
        }
    }
}

/// The criteria that come from the policy as a whole, its name apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PolicyKey {
    /// The kind of the top-level targetRef.
    pub kind: KindRank,
    /// For kind Dataplane: how it selects; nothing if by neither name nor labels, and for other kinds.
    pub by: Option<DataplaneBy>,
    /// For kind Dataplane: whether it names an inbound.
    pub has_section: bool,
    /// Where it was created.
    pub origin: Origin,
    /// Its role.
    pub role: Role,
}

impl PolicyKey {
    /// The key of a policy.
    pub fn of(stored: &Stored, policy: &Policy) -> PolicyKey {
        let target = &policy.target_ref;
        let is_dataplane = target.kind == TargetKind::Dataplane;
        PolicyKey {
            kind: target.kind.into(),
            by: match (is_dataplane, target.name.is_some(), target.labels.is_empty()) {
                (true, true, _) => Some(DataplaneBy::Name),
                (true, false, false) => Some(DataplaneBy::Labels),
                _ => None,
            },
            has_section: is_dataplane && target.section_name.is_some(),
            origin: match stored.label(label::ORIGIN) {
                Some("global") => Origin::Global,
                Some("zone") => Origin::Zone,
                _ => Origin::Unknown,
            },
            role: Role::of(stored),
        }
    }

    /// Kuma's comparison; not transitive where Dataplane references of all three forms meet.
    pub fn compare(&self, other: &PolicyKey) -> Ordering {
        let by = match (self.by, other.by) {
            (Some(a), Some(b)) => a.cmp(&b),
            _ => Ordering::Equal,
        };
        self.kind
            .cmp(&other.kind)
            .then(by)
            .then_with(|| self.has_section.cmp(&other.has_section))
            .then_with(|| (self.origin, self.role).cmp(&(other.origin, other.role)))
    }
}

/// The criteria that come from an item of `to`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ItemKey {
    /// The kind of its targetRef.
    pub kind: KindRank,
    /// For kind MeshService, and only for it (rule 5.9): whether it names a port.
    pub has_section: bool,
}

impl From<&TargetRef> for ItemKey {
    fn from(target: &TargetRef) -> Self {
        ItemKey {
            kind: target.kind.into(),
            has_section: target.kind == TargetKind::MeshService && target.section_name.is_some(),
        }
    }
}

/// A policy in the order of policies. Of equal ones the alphabetically first is the strongest.
#[derive(Clone, Copy, Debug)]
pub struct Ranked<'a> {
    /// Its key.
    pub key: PolicyKey,
    /// Its display name.
    pub name: &'a str,
}

impl<'a> Ranked<'a> {
    /// The rank of a policy.
    pub fn of(stored: &'a Stored, policy: &Policy) -> Ranked<'a> {
        Ranked { key: PolicyKey::of(stored, policy), name: stored.display_name() }
    }
}

/// What decided between two policies or items.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Criterion {
    /// The kind of the top-level targetRef.
    TopLevelKind,
    /// A Dataplane by name is stronger than Dataplanes by labels.
    DataplaneBy,
    /// A Dataplane's inbound is stronger than the whole Dataplane.
    DataplaneSection,
    /// A zone's policy is stronger than global's.
    Origin,
    /// The policy's role.
    Role,
    /// The kind of the item's targetRef.
    ItemKind,
    /// A MeshService's port is stronger than the whole MeshService.
    ItemSection,
    /// The alphabetically first name is the strongest.
    Name,
    /// Later items of one policy are stronger.
    Position,
}

/// Which criterion decides between two entries; `None` if they are equal but for their policies' order.
pub fn decided_by(a: (&Ranked<'_>, &ItemKey, u32), b: (&Ranked<'_>, &ItemKey, u32)) -> Option<(Criterion, Ordering)> {
    let (ka, kb) = (&a.0.key, &b.0.key);
    let by = match (ka.by, kb.by) {
        (Some(a), Some(b)) => a.cmp(&b),
        _ => Ordering::Equal,
    };
    [
        (Criterion::TopLevelKind, ka.kind.cmp(&kb.kind)),
        (Criterion::DataplaneBy, by),
        (Criterion::DataplaneSection, ka.has_section.cmp(&kb.has_section)),
        (Criterion::Origin, ka.origin.cmp(&kb.origin)),
        (Criterion::Role, ka.role.cmp(&kb.role)),
        (Criterion::ItemKind, a.1.kind.cmp(&b.1.kind)),
        (Criterion::ItemSection, a.1.has_section.cmp(&b.1.has_section)),
        (Criterion::Name, Reverse(a.0.name).cmp(&Reverse(b.0.name))),
        (Criterion::Position, a.2.cmp(&b.2)),
    ]
    .into_iter()
    .find(|(_, ordering)| ordering.is_ne())
}

/// Sorts policies, weakest first.
pub fn sort_policies<T>(list: Vec<T>, rank: impl for<'a> Fn(&'a T) -> Ranked<'a>) -> Vec<T> {
    insertion_sort(list, |a, b| {
        let (a, b) = (rank(a), rank(b));
        a.key.compare(&b.key).then_with(|| b.name.cmp(a.name))
    })
}

/// Sorts the items of policies that [`sort_policies`] has put in order, weakest first. The items of one policy must
/// come in their written order.
pub fn sort_items<T>(list: Vec<T>, rank: impl for<'a> Fn(&'a T) -> (Ranked<'a>, ItemKey)) -> Vec<T> {
    insertion_sort(list, |a, b| {
        let ((a, item_a), (b, item_b)) = (rank(a), rank(b));
        a.key.compare(&b.key).then_with(|| item_a.cmp(&item_b)).then_with(|| b.name.cmp(a.name))
    })
}

/// The key of an item.
pub fn item_key(item: &Item) -> ItemKey {
    ItemKey::from(&item.target_ref)
}

/// Sorts by putting each value behind the last one that is not greater. For an order this is a stable sort; where the
/// comparison is not transitive it gives what Kuma's sort gives.
fn insertion_sort<T>(list: Vec<T>, compare: impl Fn(&T, &T) -> Ordering) -> Vec<T> {
    let mut sorted: Vec<T> = Vec::with_capacity(list.len());
    for value in list {
        let at = sorted.iter().rposition(|before| compare(&value, before).is_ge()).map_or(0, |i| i + 1);
        sorted.insert(at, value);
    }
    sorted
}
