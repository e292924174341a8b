//! Where traffic goes: a proxy's outbounds, the routes of each, and the endpoints behind them.

pub mod endpoints;
pub mod network;
pub mod outbound;
//! Traffic: which route takes a request and what it does to it.

pub mod http;
pub mod regex;
