//! meshscope tells, without a control plane, which service, port and zone each rule of Kuma (Kong Mesh) YAML hits, and why.
//!
//! Evaluation is a pure function of sources and options: the same input gives the same bytes. The rooms of the house,
//! in the order in which data passes through them, are the modules below.

#![forbid(unsafe_code)]

pub mod answer;
pub mod check;
pub mod collections;
pub mod diagnostic;
pub mod documents;
pub mod float;
pub mod json;
pub mod kubernetes;
pub mod migration;
pub mod policy;
pub mod report;
pub mod resource;
pub mod rules_book;
pub mod schema;
pub mod service;
pub mod sha256;
pub mod text;
pub mod traffic;
mod unicode;
pub mod validate;
#[cfg(feature = "wasm")]
#[allow(clippy::disallowed_methods, reason = "what wasm-bindgen writes collects")]
pub mod wasm;
pub mod world;
pub mod yaml;
pub mod zone;
