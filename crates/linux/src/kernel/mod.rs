//! Programs the kernel, in this process, over netlink. No other module does.
//!
//! A lab's namespaces are `/run/netns/<lab>.<name>`. [`read()`] reads their state, [`apply()`] makes the changes that
//! [`diff`](crate::network::diff) found, [`remove`] removes them. The caller's threads never change their namespaces,
//! and no program is run.

mod apply;
mod batch;
pub(crate) mod buffers;
pub mod cost;
mod dismantled;
mod fault;
pub mod features;
mod firewall;
mod fits;
mod groups;
mod link;
mod messages;
mod monitor;
mod neighbour;
mod netconf;
mod netlink;
mod netns;
pub mod nft;
mod offload;
pub mod packet;
mod peers;
pub mod plug;
pub mod privilege;
mod process;
mod read;
mod remove;
pub mod room;
mod route;
pub mod signals;
mod sysctl;
mod tc;
pub mod threads;
mod tracked;

use std::collections::BTreeMap;

pub use fault::lost_answers;
pub(crate) use netns::{all_of, visit};

pub use apply::{Applied, apply};
pub use dismantled::wait_until_dismantled;
pub use fits::fits;
pub use monitor::Monitor;
pub use netns::{enter, exists, identity, is_taken, path};
pub use read::read;
pub use remove::remove;

use crate::error::{Errors, Result};
use crate::network::model::NamespaceName;
use crate::network::ruleset::Family;

/// Whether peerlab created this namespace: it contains what peerlab gives to instances and the internet, or a VPC's
/// nftables table.
pub fn is_of_a_lab(lab: &str, name: &NamespaceName) -> bool {
    const PINGS: (&str, &str) = crate::network::compile::ANYBODY_MAY_PING;
    const TABLE: &str = "vpc";
    let look = || {
        let pings = sysctl::get(PINGS.0).ok().flatten().is_some_and(|value| value == PINGS.1);
        let ruleset = || firewall::read(lab, name).unwrap_or_default();
        pings || ruleset().tables.keys().any(|(family, table)| *family == Family::Ip && table == TABLE)
    };
    exists(lab, name) && netns::enter(lab, name, look).unwrap_or(false)
}

/// The packets that each namespace counted, by counter.
pub type Counters<By> = BTreeMap<NamespaceName, BTreeMap<By, u64>>;

/// Reads the named counters of namespaces.
pub fn counters(lab: &str, names: &[NamespaceName]) -> Result<Counters<String>, Errors> {
    each_there(lab, names, firewall::counters)
}

/// The packets that rules of groups dropped in each namespace, by reason and rule. (If no rule accepts a packet, no
/// rule dropped it.)
pub fn rule_counters(lab: &str, names: &[NamespaceName]) -> Result<Counters<(String, String)>, Errors> {
    each_there(lab, names, firewall::rule_counters)
}

/// Does `work` in each namespace that is not gone.
fn each_there<T: Send>(
    lab: &str,
    names: &[NamespaceName],
    work: impl Fn(&str, &NamespaceName) -> Result<T> + Sync,
) -> Result<BTreeMap<NamespaceName, T>, Errors> {
    let there: Vec<_> = names.iter().filter(|name| exists(lab, name)).cloned().collect();
    let found = threads::each(&there, |name| {
        netns::visit(lab, name)?;
        work(lab, name)
    })?;
    Ok(there.into_iter().zip(found).collect())
}
