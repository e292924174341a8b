//! Which policies apply to a proxy, what their references mean, and what they merge to per destination.
//!
//! Every decision comes with its evidence: [`resolve`] says for each resource that a reference did not mean why not.

pub mod resolve;
