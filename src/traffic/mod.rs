//! Where traffic goes: a proxy's outbounds, the routes of each, and the endpoints behind them.

pub mod endpoints;
pub mod findings;
pub mod http;
pub mod network;
pub mod outbound;
pub mod permission;
pub mod regex;
pub mod request;
pub mod routes;
pub mod zones;
