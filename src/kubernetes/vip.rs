//! Virtual IPs on a Kubernetes control plane: those of Services, and those that Kuma hands out itself.

use crate::collections::{sort, SortedMap};

use crate::resource::Kind;
use crate::zone::{StoredId, View};

/// The virtual IPs of every service of a view.
///
/// A generated MeshService has its Service's; what was pasted with a `status` keeps it. Everything else gets the next
/// address of its kind's range, in the order in which Kubernetes lists objects: by namespace, then name. Copies from
/// other control planes come without status, so they get addresses too.
pub fn virtual_ips(view: &View) -> SortedMap<StoredId, Vec<String>> {
    let mut out = SortedMap::new();
    for (kind, range) in [(Kind::MeshService, 241), (Kind::MeshExternalService, 242), (Kind::MeshMultiZoneService, 243)]
    {
        let mut without: Vec<(&str, &str, StoredId)> = Vec::new();
        for (id, stored) in view.all().filter(|(_, s)| s.kind() == kind) {
            let own = stored.as_mesh_service().map(|s| s.vips.as_slice()).unwrap_or_default();
            match own.is_empty() || stored.created.phase == 4 {
                false => drop(out.insert(id, own.to_vec())),
                true => {
                    let (namespace, name) = stored.listed();
                    without.push((namespace, name, id));
                }
            }
        }
        sort(&mut without);
        for ((_, _, id), number) in without.into_iter().zip(0u32..) {
            let [_, a, b, c] = number.to_be_bytes();
            out.insert(id, vec![format!("{range}.{a}.{b}.{c}")]);
        }
    }
    out
}
