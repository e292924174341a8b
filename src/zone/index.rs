//! Look-ups of Dataplanes by what selectors ask for, so that a thousand services don't each read every Dataplane.

use std::collections::HashMap;

use crate::resource::{Kind, Labels, Selector};

use super::Stored;

type ByText<T> = HashMap<String, T>;

/// The Dataplanes of a list by mesh, name, tag and label. It holds their positions in the list, ascending.
#[derive(Clone, Debug, Default)]
pub struct DataplaneIndex {
    meshes: ByText<MeshIndex>,
}

#[derive(Clone, Debug, Default)]
struct MeshIndex {
    all: Vec<u32>,
    by_name: ByText<Vec<u32>>,
    by_tag: ByText<ByText<Vec<u32>>>,
    by_label: ByText<ByText<Vec<u32>>>,
}

impl DataplaneIndex {
    /// Reads a list; what is no Dataplane keeps its position and is left out.
    pub fn of<'a>(list: impl IntoIterator<Item = &'a Stored>) -> DataplaneIndex {
        let mut index = DataplaneIndex::default();
        for (stored, position) in list.into_iter().zip(0u32..) {
            if stored.kind() != Kind::Dataplane {
                continue;
            }
            let Some(dataplane) = stored.as_dataplane() else { continue };
            let mesh = index.meshes.entry(stored.mesh().to_owned()).or_default();
            mesh.all.push(position);
            mesh.by_name.entry(stored.name.clone()).or_default().push(position);
            for (key, value) in stored.labels.iter() {
                mesh.by_label.entry(key.clone()).or_default().entry(value.clone()).or_default().push(position);
            }
            for inbound in &dataplane.inbounds {
                for (key, value) in &inbound.tags {
                    let list = mesh.by_tag.entry(key.clone()).or_default().entry(value.clone()).or_default();
                    if list.last() != Some(&position) {
                        list.push(position);
                    }
                }
            }
        }
        index
    }

    /// The positions of the Dataplanes of a mesh that a selector may select: all that it selects are among them.
    pub fn candidates(&self, mesh: &str, selector: &Selector) -> &[u32] {
        let Some(mesh) = self.meshes.get(mesh) else { return &[] };
        match selector {
            Selector::None => &[],
            Selector::DataplaneRef(name) => mesh.by_name.get(name).map(Vec::as_slice).unwrap_or_default(),
            Selector::DataplaneTags(tags) => rarest(&mesh.by_tag, tags).unwrap_or_default(),
            Selector::DataplaneLabels(labels) => rarest(&mesh.by_label, labels).unwrap_or(&mesh.all),
        }
    }

    /// The positions of the Dataplanes of a mesh that have a tag on some inbound.
    pub fn with_tag(&self, mesh: &str, key: &str, value: &str) -> &[u32] {
        let found = self.meshes.get(mesh).and_then(|m| m.by_tag.get(key)).and_then(|values| values.get(value));
        found.map(Vec::as_slice).unwrap_or_default()
    }
}

/// The shortest list of those of the pairs; nothing if there are no pairs.
fn rarest<'a>(index: &'a ByText<ByText<Vec<u32>>>, pairs: &Labels) -> Option<&'a [u32]> {
    pairs
        .iter()
        .map(|(k, v)| index.get(k).and_then(|values| values.get(v)).map(Vec::as_slice).unwrap_or_default())
        .min_by_key(|list| list.len())
}
