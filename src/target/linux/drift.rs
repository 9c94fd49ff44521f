//! Finds what somebody changed in a lab's kernel by hand.

use std::collections::BTreeSet;

use super::read;
use crate::cloud::Cloud;
use crate::error::Errors;
use crate::journal::Store;
use crate::kernel;
use crate::message::Message;
use crate::msg;
use crate::network::change::Setting;
use crate::network::compile::compile;
use crate::network::diff::{Change, diff};
use crate::target::linux::messages::Said;

/// The differences between the kernel and the lab, as facts: `VPC1: link eth0 is down`. Reads the whole lab from the
/// kernel.
pub(super) fn drift(lab: &str, cloud: &Cloud) -> Result<Vec<Message>, Errors> {
    let desired = compile(cloud);
    let changes = diff(&read(lab, &desired)?, &desired);
    let created = |change: &Change| matches!(change, Change::CreateNamespace { .. });
    let gone: BTreeSet<_> = changes.iter().filter(|it| created(it)).map(|it| it.namespace().clone()).collect();
    // For a missing namespace, report nothing else.
    let told = changes.iter().filter(|change| created(change) || !gone.contains(change.namespace()));
    Ok(told.map(fact).collect())
}

/// The most namespaces of a lab that verbs which only show something read from the kernel, at one or two milliseconds
/// each.
const READ: usize = 50;

/// The same for verbs that only show a lab's state: in a large lab, looks only for missing namespaces.
pub(super) fn at_a_glance(lab: &str, cloud: &Cloud) -> Result<Vec<Message>, Errors> {
    let names = Store::of(lab).namespaces()?;
    if names.len() <= READ {
        return drift(lab, cloud);
    }
    Ok(names.iter().filter(|name| !kernel::exists(lab, name)).map(|at| msg!(Said::NamespaceGone { at })).collect())
}

fn fact(change: &Change) -> Message {
    let at = change.namespace();
    match change {
        Change::CreateNamespace { .. } => msg!(Said::NamespaceGone { at }),
        Change::SetLink { link, setting: Setting::Up, .. } => msg!(Said::LinkDown { at, link }),
        Change::CreateBridge(it) => msg!(Said::LinkGone { at, link: &it.name }),
        Change::CreateVeth { near, .. } => msg!(Said::LinkGone { at, link: &near.name }),
        Change::AddAddress { link, address, .. } => msg!(Said::AddressGone { at, address, link }),
        Change::AddRoute { route, .. } => msg!(Said::RouteGone { at, route }),
        Change::RemoveLink { link, .. } => msg!(Said::LinkNotTheLabs { at, link }),
        Change::RemoveRoute { route, .. } => msg!(Said::RouteNotTheLabs { at, route }),
        Change::Ruleset { .. } => msg!(Said::RulesetChanged { at }),
        other => msg!(Said::ChangedByHand { at, change: other.to_string().trim_start_matches(&format!("{at}: ")) }),
    }
}
