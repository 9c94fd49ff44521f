//! Compiles the Cloud to rows: a function of the Cloud and the placement of its instances.
//!
//! ```text
//! VPC                 Logical_Router; what comes in by a subnet looks up its route table, the rest the table V/peering
//! ├ subnet            Logical_Switch; the router's port has the gateway's address
//! │ └ instance        Logical_Switch_Port, on its host
//! ├ peering           two router ports that are each other's peer; with a cap or a delay, a wire on one host between two switches
//! ├ network ACL       a router of its own between the subnet and the VPC's, whose policies are the entries
//! ├ NAT gateway       Logical_Switch_Port of a namespace that translates, on its host
//! ├ group             Port_Group with an ACL for each rule, Address_Set of its members
//! └ public addresses  NAT on a router port that is on one host; a namespace there answers for the internet
//! ```
//!
//! Names begin with the lab's, and continue with a sign that tells what they are of: `.` an instance or a VPC, `/` a subnet, `~` a
//! peering. No name in a lab has the last two.

mod blocks;
mod edge;
mod groups;
mod internet;
mod links;
mod names;
mod nat;
mod peering;
mod router;
#[cfg(test)]
pub(crate) mod tests;

use crate::cloud::Cloud;
use crate::message::Message;
use crate::placement::Placement;
use crate::rows::Rows;

use links::Links;

/// The rows of a Cloud.
#[derive(Clone, Debug)]
pub struct Compiled {
    /// The rows.
    pub rows: Rows,
    /// What of the Cloud they do not carry.
    pub warnings: Vec<Message>,
}

/// The Cloud with the names and addresses that its rows share.
struct Layout<'a> {
    lab: &'a str,
    cloud: &'a Cloud,
    placement: &'a Placement,
    links: Links,
}

/// The desired rows of this Cloud.
pub fn compile(lab: &str, cloud: &Cloud, placement: &Placement) -> Compiled {
    let mut warnings = Vec::new();
    let links = Links::of(cloud, &mut warnings);
    let layout = Layout { lab, cloud, placement, links };
    let mut rows = Rows::new(lab);
    for vpc in cloud.vpcs() {
        router::add(&mut rows, &layout, vpc, &mut warnings);
    }
    peering::add(&mut rows, &layout, &mut warnings);
    internet::add(&mut rows, &layout);
    groups::add(&mut rows, &layout, &mut warnings);
    nat::add(&mut rows, &layout);
    Compiled { rows, warnings }
}

/// The switch port of an instance: what its interface is bound to on its host.
pub fn iface_of(lab: &str, instance: &str) -> String {
    names::of_instance(lab, instance)
}

/// The switch port of the host on the internet.
pub fn internet_iface(lab: &str) -> String {
    names::internet_host(lab)
}
