//! ZoneIngress and ZoneEgress: the doors between zones and to the outside.

use crate::text::Text;
use crate::yaml::Node;

use super::dataplane::{field, number, text};

/// A ZoneIngress or ZoneEgress.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ZoneProxy {
    /// The address inside the zone.
    pub address: Text,
    /// The port.
    pub port: u32,
    /// The address that other zones use.
    pub advertised_address: Option<Text>,
    /// The port that other zones use.
    pub advertised_port: Option<u32>,
}

impl ZoneProxy {
    /// Reads `networking`.
    pub fn read(doc: &Node) -> ZoneProxy {
        let Some(net) = field(doc, "networking") else { return ZoneProxy::default() };
        ZoneProxy {
            address: text(net, "address").unwrap_or_default(),
            port: number(net, "port").unwrap_or(0),
            advertised_address: text(net, "advertisedAddress"),
            advertised_port: number(net, "advertisedPort").filter(|p| *p != 0),
        }
    }
}
