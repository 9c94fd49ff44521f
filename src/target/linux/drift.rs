//! Finds what somebody changed in a lab's kernel by hand.

use std::collections::BTreeSet;

use super::read;
use crate::cloud::Cloud;
use crate::error::Errors;
use crate::journal::Store;
use crate::kernel;
use crate::network::change::Setting;
use crate::network::compile::compile;
use crate::network::diff::{Change, diff};

/// The differences between the kernel and the lab, as facts: `VPC1: link eth0 is down`. Reads the whole lab from the
/// kernel.
pub(super) fn drift(lab: &str, cloud: &Cloud) -> Result<Vec<String>, Errors> {
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
pub(super) fn at_a_glance(lab: &str, cloud: &Cloud) -> Result<Vec<String>, Errors> {
    let names = Store::of(lab).namespaces()?;
    if names.len() <= READ {
        return drift(lab, cloud);
    }
    Ok(names
        .iter()
        .filter(|name| !kernel::exists(lab, name))
        .map(|at| format!("{at}: the namespace is gone"))
        .collect())
}

fn fact(change: &Change) -> String {
    let at = change.namespace();
    match change {
        Change::CreateNamespace { .. } => format!("{at}: the namespace is gone"),
        Change::SetLink { link, setting: Setting::Up, .. } => format!("{at}: link {link} is down"),
        Change::CreateBridge(it) => format!("{at}: link {} is gone", it.name),
        Change::CreateVeth { near, .. } => format!("{at}: link {} is gone", near.name),
        Change::AddAddress { link, address, .. } => format!("{at}: address {address} of link {link} is gone"),
        Change::AddRoute { route, .. } => format!("{at}: route {route} is gone"),
        Change::RemoveLink { link, .. } => format!("{at}: link {link} is not the lab's"),
        Change::RemoveRoute { route, .. } => format!("{at}: route {route} is not the lab's"),
        Change::Ruleset { .. } => format!("{at}: the nftables ruleset is changed"),
        other => format!("{at}: changed by hand: {}", other.to_string().trim_start_matches(&format!("{at}: "))),
    }
}
