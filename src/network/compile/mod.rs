//! From the Cloud to the Network: a function of the Cloud alone, linear in what the Cloud holds.
//!
//! ```text
//! VPC                 namespace: a router; nft `vpc` decides what it forwards, nft `guard` who may send
//! ├ subnet            bridge that holds the gateway's address; what comes in by it looks up its route table
//! │ └ instance        isolated port ═veth═ eth0 in the instance's namespace, whose one route is the gateway
//! ├ peering           veth to the other VPC's router, there only while packets pass
//! └ public addresses  veth to the namespace `internet`, where every address answers
//! ```
//!
//! First [`Layout`] gives everything its name, index and table number; then each namespace is written on its own.

mod firewall;
mod groups;
mod guard;
mod instance;
mod internet;
mod layout;
mod names;
mod router;
#[cfg(test)]
mod tests;
mod wire;

use layout::Layout;

pub use names::INTERNET;

use super::model::{NamespaceName, Network};
use crate::cloud::Cloud;

/// The kernel that carries this Cloud.
pub fn compile(cloud: &Cloud) -> Network {
    let layout = Layout::of(cloud);
    let mut network = Network::default();
    for vpc in layout.vpcs.values() {
        network.namespaces.insert(vpc.namespace(), router::namespace(&layout, vpc));
        for home in &vpc.instances {
            network.namespaces.insert(home.namespace(), instance::namespace(vpc, home));
        }
    }
    network.namespaces.insert(NamespaceName::from(INTERNET), internet::namespace(&layout));
    network
}
