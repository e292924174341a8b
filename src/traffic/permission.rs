//! Whether MeshTrafficPermission lets a client in.

use crate::collections::{Gather, SortedSet};
use crate::text::Text;

use serde_json::Value;

use crate::policy::rules::{InboundRules, Origin, TagRule};
use crate::resource::{label, Dataplane, Kind};
use crate::world::World;
use crate::zone::{Stored, StoredId};

use super::zones::Zones;

/// Whether a request is let in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verdict {
    /// It is.
    Allowed,
    /// It is, and is logged as if it were not.
    AllowedWithShadowDeny,
    /// It is not.
    Denied,
    /// Without mTLS nothing is checked.
    NotChecked,
    /// It cannot be worked out here.
    NotEvaluated,
}

/// Whether a request is let in, and why.
#[derive(Clone, Debug, PartialEq)]
pub struct Permission {
    /// Whether it is.
    pub verdict: Verdict,
    /// Why, in a few words.
    pub reason: String,
    /// The zone whose policies decided.
    pub zone: String,
    /// The items that decided.
    pub origins: Vec<Origin>,
}

/// Who asks: the identities in the certificate of a proxy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Client {
    mesh: String,
    /// Tags of all inbounds, or of the gateway: a client has them all at once.
    tags: SortedSet<(Text, Text)>,
}

impl Client {
    /// A proxy as others see it.
    pub fn of(stored: &Stored, dataplane: &Dataplane) -> Client {
        let maps = dataplane.gateway.iter().map(|g| &g.tags).chain(dataplane.inbounds.iter().map(|i| &i.tags));
        let tags = maps.flatten().map(|(k, v)| (k.clone(), v.clone())).gather();
        Client { mesh: stored.mesh().to_owned(), tags }
    }

    fn has(&self, key: &str, value: &str) -> bool {
        self.tags.contains(&(key.into(), value.into()))
    }

    /// The SPIFFE IDs that a Mesh's own mTLS gives: one for each `kuma.io/service`.
    fn spiffe_ids(&self) -> Vec<String> {
        let services = self.tags.iter().filter(|(key, _)| key == label::SERVICE_TAG);
        services.map(|(_, service)| format!("spiffe://{}/{service}", self.mesh)).gather()
    }
}

/// Whether an inbound of a proxy lets a client in.
pub fn permission(
    world: &World,
    zones: &Zones,
    client: &Client,
    zone: &str,
    dataplane: StoredId,
    inbound: u32,
) -> Permission {
    let answer = |verdict, reason: String, origins| Permission { verdict, reason, zone: zone.to_owned(), origins };
    let Some(there) = world.zone(zone) else {
        return answer(Verdict::NotEvaluated, format!("zone `{zone}` is not in the pasted set"), Vec::new());
    };
    let mesh = there.get(dataplane).map(Stored::mesh).unwrap_or_default();
    if !there.mesh(mesh).is_some_and(|m| m.mtls) {
        return answer(Verdict::NotChecked, "without mTLS in the Mesh nothing is checked".into(), Vec::new());
    }
    let rules = zones.zone(world, zone).and_then(|z| z.rules.inbound(dataplane, Kind::MeshTrafficPermission, inbound));
    let Some(rules) = rules else {
        return answer(Verdict::Denied, "with mTLS and no MeshTrafficPermission nobody is let in".into(), Vec::new());
    };
    let by_rules = rules.rules.iter().any(|r| !r.is_from);
    match (by_rules, rules.from.is_empty()) {
        (true, false) => answer(
            Verdict::NotEvaluated,
            "MeshTrafficPermissions with `from` and with `rules` meet here, which is not evaluated".into(),
            rules.rules.iter().map(|r| r.origin).gather(),
        ),
        (true, true) => {
            let (verdict, reason, origins) = by_spiffe_id(client, rules);
            answer(verdict, reason, origins)
        }
        (false, _) => {
            let (verdict, reason, origins) = by_tags(client, &rules.from);
            answer(verdict, reason, origins)
        }
    }
}

/// `from`: the group that the client belongs to.
fn by_tags(client: &Client, from: &[TagRule]) -> (Verdict, String, Vec<Origin>) {
    let group = from.iter().find(|rule| rule.subset.iter().all(|t| client.has(&t.key, &t.value) != t.not));
    let Some(group) = group else {
        let reason = "no `from` item of a MeshTrafficPermission speaks of this client".into();
        return (Verdict::Denied, reason, Vec::new());
    };
    let whom = match group.subset.is_empty() {
        true => "everybody".to_owned(),
        false => {
            let tag =
                |t: &crate::policy::subset::Tag| format!("{}`{}: {}`", if t.not { "not " } else { "" }, t.key, t.value);
            format!("clients with {}", group.subset.iter().map(tag).gather::<Vec<_>>().join(", "))
        }
    };
    let action = group.merged.conf.get("action").and_then(Value::as_str).unwrap_or_default().to_owned();
    let verdict = match action.as_str() {
        "Allow" | "ALLOW" => Verdict::Allowed,
        "AllowWithShadowDeny" | "ALLOW_WITH_SHADOW_DENY" => Verdict::AllowedWithShadowDeny,
        _ => Verdict::Denied,
    };
    let action = if action.is_empty() { "Deny".to_owned() } else { action };
    (verdict, format!("action {action} for {whom}"), group.merged.origins.clone())
}

/// `rules`: any deny outweighs, then any allow.
fn by_spiffe_id(client: &Client, rules: &InboundRules) -> (Verdict, String, Vec<Origin>) {
    let ids = client.spiffe_ids();
    let matches = |entry: &Value| -> Option<bool> {
        let spiffe = entry.get("spiffeID")?;
        let value = spiffe.get("value")?.as_str()?;
        match spiffe.get("type").and_then(Value::as_str)? {
            "Exact" => Some(ids.iter().any(|id| id == value)),
            "Prefix" => Some(ids.iter().any(|id| id.starts_with(value))),
            _ => None,
        }
    };
    let mut unknown = false;
    for (list, verdict) in [
        ("deny", Verdict::Denied),
        ("allowWithShadowDeny", Verdict::AllowedWithShadowDeny),
        ("allow", Verdict::Allowed),
    ] {
        for rule in &rules.rules {
            let entries = rule.conf.get(list).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
            for entry in entries {
                match matches(entry) {
                    Some(true) => {
                        let value = entry.get("spiffeID").and_then(|s| s.get("value")).and_then(Value::as_str);
                        let reason = format!("`{list}` names `{}`", value.unwrap_or_default());
                        return (verdict, reason, vec![rule.origin]);
                    }
                    Some(false) => {}
                    None => unknown = true,
                }
            }
        }
    }
    match unknown {
        true => (Verdict::NotEvaluated, "a match of the rules is not evaluated here".into(), Vec::new()),
        false => {
            let reason = format!("no rule names {}", ids.join(" or "));
            (Verdict::Denied, reason, rules.rules.iter().map(|r| r.origin).gather())
        }
    }
}
