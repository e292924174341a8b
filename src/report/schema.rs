//! What an editor may offer.

use serde::Serialize;

use crate::schema::FieldInfo;

/// A field that may stand at a place of a document.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "wasm", derive(tsify::Tsify))]
#[serde(rename_all = "camelCase")]
pub struct SchemaFieldReport {
    /// The key.
    pub name: String,
    /// What its value is: `text`, `number`, `true or false`, `duration`, `list`, `map` …
    pub kind: String,
    /// Whether Kuma asks for it.
    pub required: bool,
    /// What it does.
    pub doc: String,
    /// The values it may have, if they are few.
    pub values: Vec<String>,
    /// What Kuma fills in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub default: Option<String>,
}

impl From<FieldInfo> for SchemaFieldReport {
    fn from(field: FieldInfo) -> Self {
        SchemaFieldReport {
            name: field.name.to_owned(),
            kind: field.kind.to_owned(),
            required: field.required,
            doc: field.doc.to_owned(),
            values: field.values,
            default: field.default,
        }
    }
}
