//! Compiles the Cloud to the Network: a function of the Cloud alone, linear in its size.
//!
//! ```text
//! VPC                 namespace: a router; nft `vpc` decides what it forwards, nft `guard` who may send
//! ├ subnet            bridge that holds the gateway's address; what comes in by it looks up its route table
//! │ └ instance        isolated port ═veth═ eth0 in the instance's namespace, whose one route is the gateway
//! ├ NAT gateway       a host of its subnet that forwards, in a namespace of its own
//! ├ peering           veth to the other VPC's router, there only while packets pass
//! └ public addresses  veth to the namespace `internet`, where every address answers
//! ```
//!
//! First `Layout` assigns names, indices and table numbers; then each namespace is written separately. So the
//! [`Difference`] between two Clouds uses no memory for namespaces that are the same in both.

mod acls;
mod difference;
mod firewall;
mod forward;
mod groups;
mod guard;
mod instance;
mod internet;
mod layout;
mod names;
mod nat;
mod packet;
mod router;
#[cfg(test)]
mod tests;
mod wire;

use layout::{Home, Layout, VpcLayout};

pub use difference::Difference;
pub(crate) use firewall::{TO_PRIVATE, TO_PUBLIC};
pub use instance::ANYBODY_MAY_PING;
pub use names::{
    INSTANCE_INDEX, INSTANCE_LINK, INTERNET, instance_of, is_plain, nat_gateway_of, of_instance, of_nat_gateway, of_vpc,
};

use super::model::{LinkName, Namespace, NamespaceName, Network};
use crate::cloud::{Cloud, PeeringName, VpcName};

/// The desired kernel of this Cloud.
pub fn compile(cloud: &Cloud) -> Network {
    let layout = Layout::of(cloud);
    let sites = layout.vpcs().flat_map(sites_of).chain([internet_site()]);
    Network { namespaces: sites.map(|(name, site)| (name, site.namespace(&layout))).collect() }
}

/// The link of a VPC's end of a peering, in its router's namespace; `None` if the peering carries no traffic.
pub fn link_of_peering(cloud: &Cloud, vpc: &VpcName, end: &PeeringName) -> Option<LinkName> {
    Some(Layout::of(cloud).vpc(vpc)?.peerings.get(end)?.link.name.clone())
}

/// The resource that a namespace represents.
#[derive(Clone, Copy)]
enum Site<'l> {
    Router(&'l VpcLayout<'l>),
    Instance(&'l VpcLayout<'l>, &'l Home<'l>),
    Internet,
}

impl Site<'_> {
    /// Whether a VPC's route tables concern it.
    fn follows_routes(self) -> bool {
        match self {
            Site::Router(_) => true,
            Site::Instance(_, home) => home.is_hop,
            Site::Internet => false,
        }
    }

    fn namespace(self, layout: &Layout<'_>) -> Namespace {
        match self {
            Site::Router(vpc) => router::namespace(layout, vpc),
            Site::Instance(vpc, home) => instance::namespace(vpc, home),
            Site::Internet => internet::namespace(layout),
        }
    }
}

/// A VPC's namespaces.
fn sites_of<'l>(vpc: &'l VpcLayout<'l>) -> impl Iterator<Item = (NamespaceName, Site<'l>)> {
    let homes = vpc.instances.iter().map(move |home| (home.namespace.clone(), Site::Instance(vpc, home)));
    [(vpc.namespace(), Site::Router(vpc))].into_iter().chain(homes)
}

/// The internet's namespace.
fn internet_site<'l>() -> (NamespaceName, Site<'l>) {
    (NamespaceName::from(INTERNET), Site::Internet)
}
