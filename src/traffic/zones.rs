//! What is worked out once per zone and shared by all its proxies.

use crate::collections::{Gather, SortedMap};
use std::cell::OnceCell;

use crate::policy::rules::{self, ViewRules};
use crate::service::hostname::{hostnames, HostnameResult};
use crate::world::World;
use crate::zone::StoredId;

use super::network::Network;
use super::routes::Setting;

/// What the proxies of a zone share.
#[derive(Clone, Debug, PartialEq)]
pub struct ZoneTraffic {
    /// Endpoints by mesh.
    pub network: Network,
    /// Merged rules by proxy.
    pub rules: ViewRules,
    /// The hostnames of each service.
    pub hostnames: SortedMap<StoredId, Vec<String>>,
}

/// Every zone, worked out when it is first asked for.
#[derive(Debug, Default)]
pub struct Zones {
    zones: SortedMap<String, OnceCell<Option<ZoneTraffic>>>,
}

impl Zones {
    /// The zones of a world.
    pub fn of(world: &World) -> Zones {
        Zones { zones: world.topology.zones.keys().map(|name| (name.clone(), OnceCell::new())).gather() }
    }

    /// What the proxies of a zone share; nothing if there is no such zone. The world must be the one that this was made
    /// of.
    pub fn zone(&self, world: &World, name: &str) -> Option<&ZoneTraffic> {
        let work = || {
            let view = world.zone(name)?;
            let generated = |list: Vec<crate::service::hostname::Hostname>| {
                let mut names: Vec<String> = list
                    .into_iter()
                    .filter_map(|h| match h.result {
                        HostnameResult::Generated(hostname) => Some(hostname),
                        _ => None,
                    })
                    .gather();
                names.dedup();
                names
            };
            Some(ZoneTraffic {
                network: Network::of(world, name)?,
                rules: rules::evaluate(view),
                hostnames: hostnames(view).into_iter().map(|(id, list)| (id, generated(list))).gather(),
            })
        };
        self.zones.get(name)?.get_or_init(work).as_ref()
    }

    /// What routes of a mesh's proxies in a zone are made from.
    pub fn setting<'a>(&'a self, world: &'a World, zone: &str, mesh: &str) -> Option<Setting<'a>> {
        let shared = self.zone(world, zone)?;
        Some(Setting { view: world.zone(zone)?, network: shared.network.meshes.get(mesh)?, rules: &shared.rules })
    }
}
