//! Which MeshServices belong to a MeshMultiZoneService (rule 8.3).

use crate::collections::{sort, Gather};
use crate::resource::{Kind, MeshMultiZoneService};
use crate::zone::{Stored, StoredId, View};

/// The members: MeshServices of every mesh in the view whose labels match, in the order in which Kuma lists them,
/// that of the string `name/namespace/zone/mesh`. Global control planes list none.
pub fn members(view: &View, service: &MeshMultiZoneService) -> Vec<StoredId> {
    let mut members: Vec<(String, StoredId)> = Vec::new();
    for mesh in view.meshes() {
        for id in view.with_labels(Kind::MeshService, mesh, &service.match_labels) {
            if let Some(member) = view.get(id) {
                members.push((listing(member), id));
            }
        }
    }
    sort(&mut members);
    members.into_iter().map(|(_, id)| id).gather()
}

/// `-` sorts before `/`, so `billing-v2` comes before `billing`.
fn listing(member: &Stored) -> String {
    format!("{}/{}/{}/{}", member.display_name(), member.namespace(), member.zone(), member.mesh())
}
