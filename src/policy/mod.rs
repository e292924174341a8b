//! Which policies apply to a proxy, what their references mean, and what they merge to per destination.
//!
//! Every decision comes with its evidence: [`matching`] says why a policy does not apply, [`resolve`] why a reference
//! does not mean a resource, [`order`] which criterion puts one item over another, [`merge`] which item each field of a
//! merged conf comes from. [`rules`] puts them together, once for all proxies that match the same policies.

pub mod conf;
pub mod matching;
pub mod merge;
pub mod order;
pub mod resolve;
pub mod rules;
pub mod subset;
