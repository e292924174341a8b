//! Documents of meshscope's own kind, `type: MeshscopeCheck`: requests and where they have to land, references and what
//! they have to hit. They have no part in the mesh; Kuma never gets to see them.
//!
//! ```yaml
//! type: MeshscopeCheck
//! name: orders
//! requests:
//! - from: web
//!   to: http://orders.mesh/v2
//!   lands: [{service: orders-v2, share: 90%}, {service: orders-v3, share: 10%}]
//! references:
//! - at: MeshTimeout/orders to[0].targetRef
//!   hits: [{service: orders, port: http}]
//! ```
//!
//! This module reads them; [`crate::answer::checks`] compares them with what the other rooms worked out.

mod read;

use crate::collections::SortedMap;

use crate::report::RequestOutcome;
use crate::yaml::Span;

pub use read::{read, KIND};

/// One document of checks.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Checks {
    /// Its name.
    pub name: String,
    /// The mesh of its proxies, where a request names none.
    pub mesh: String,
    /// Requests, in their order.
    pub requests: Vec<RequestCheck>,
    /// References, in their order.
    pub references: Vec<ReferenceCheck>,
}

/// A request and what has to become of it.
#[derive(Clone, Debug, PartialEq)]
pub struct RequestCheck {
    /// What to call it.
    pub title: String,
    /// The Dataplane that sends it.
    pub from: String,
    /// The zone of that Dataplane; without it the check is about every zone that has one of the name.
    pub zone: Option<String>,
    /// The mesh of that Dataplane.
    pub mesh: String,
    /// Where to: what [`crate::report::RequestInput::to`] takes.
    pub to: String,
    /// The method; GET if empty.
    pub method: String,
    /// The path; empty to take it from `to`.
    pub path: String,
    /// Headers.
    pub headers: SortedMap<String, String>,
    /// The rule that has to take it, as `MeshHTTPRoute/name to[0].rules[0]`.
    pub rule: Option<String>,
    /// What has to become of it.
    pub expected: Expected,
    /// Where the check stands.
    pub span: Span,
}

/// What has to become of a request.
#[derive(Clone, Debug, PartialEq)]
pub enum Expected {
    /// It lands at these places and nowhere else, and is let in there.
    Lands(Vec<Place>),
    /// It ends in this way.
    Outcome(RequestOutcome),
    /// It gets to endpoints, and MeshTrafficPermission refuses it at every one of them.
    Denied,
}

/// A reference and what it has to hit.
#[derive(Clone, Debug, PartialEq)]
pub struct ReferenceCheck {
    /// What to call it.
    pub title: String,
    /// The reference, as `MeshHTTPRoute/name to[0].rules[0].backendRefs[0]`.
    pub at: String,
    /// From where; without it the check is about every zone where the document has an effect.
    pub zone: Option<String>,
    /// What it hits and nothing else; empty if it has to hit nothing.
    pub hits: Vec<Place>,
    /// Where the check stands.
    pub span: Span,
}

/// Where traffic lands, or what a reference hits. What is left out does not matter.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Place {
    /// The kind of the destination.
    pub kind: Option<String>,
    /// The destination's display name, or the value of `kuma.io/service`.
    pub service: Option<String>,
    /// The port's number or name.
    pub port: Option<String>,
    /// The zone of the endpoints.
    pub zone: Option<String>,
    /// The Dataplane that answers, or the address outside; requests only.
    pub endpoint: Option<String>,
    /// Its share of such requests, in percent; requests only.
    pub share: Option<f64>,
}
