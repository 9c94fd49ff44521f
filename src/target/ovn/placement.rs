//! Which host has which instance of a lab: decided when it comes up, and kept with its journal.

use std::sync::{Mutex, PoisonError};

use peerlab_ovn::{Host, Pin, Placement};
use serde_json::{Value, json};

use super::hosts::hosts;
use super::messages::Said;
use crate::error::{Error, Result};
use crate::journal::Store;
use crate::msg;

/// The pins of the command line.
static PINS: Mutex<Vec<Pin>> = Mutex::new(Vec::new());

/// Pins instances to hosts: labs that this process brings up are placed anew.
pub fn pin(pins: Vec<Pin>) {
    *PINS.lock().unwrap_or_else(PoisonError::into_inner) = pins;
}

/// The placement of a running lab.
pub(super) fn of(lab: &str) -> Result<Placement> {
    match Store::of(lab).placement().as_deref().and_then(read) {
        Some(placement) => Ok(placement),
        None => anew(),
    }
}

/// The placement that a lab is to have: its own, unless it has none or the command line pins.
pub(super) fn wanted(lab: &str, is_up: bool) -> Result<Placement> {
    let pins = PINS.lock().unwrap_or_else(PoisonError::into_inner).clone();
    if is_up && pins.is_empty() { of(lab) } else { anew() }
}

/// A placement on the hosts that answer now.
fn anew() -> Result<Placement> {
    let pins = PINS.lock().unwrap_or_else(PoisonError::into_inner).clone();
    let hosts: Vec<_> = hosts()?.into_iter().filter(|host| host.is_alive()).collect();
    if hosts.is_empty() {
        return Err(Error::host(Said::NoHosts).code("NoHosts").hint(Said::StartNodes));
    }
    if let Some(pin) = pins.iter().find(|pin| hosts.iter().all(|host| host.name != pin.host)) {
        let names: Vec<_> = hosts.iter().map(|host| host.name.clone()).collect();
        return Err(Error::input(msg!(Said::NoSuchHost { host: &pin.host }))
            .code("HostNotFound")
            .hint(msg!(Said::HostsAre { hosts: names })));
    }
    let hosts = hosts.into_iter().map(|host| Host { weight: host.weight, name: host.name }).collect();
    Ok(Placement { hosts, pins })
}

/// A placement as text.
pub(super) fn write(placement: &Placement) -> String {
    let hosts: Vec<_> = placement.hosts.iter().map(|it| json!({"name": it.name, "weight": it.weight})).collect();
    let pins: Vec<_> = placement.pins.iter().map(ToString::to_string).collect();
    json!({"hosts": hosts, "pins": pins}).to_string()
}

/// Reads a placement; `None` if the text is none.
fn read(text: &str) -> Option<Placement> {
    let value: Value = serde_json::from_str(text).ok()?;
    let host = |host: &Value| {
        let weight = u32::try_from(host["weight"].as_u64()?).ok()?;
        Some(Host { name: host["name"].as_str()?.to_owned(), weight })
    };
    let hosts = value["hosts"].as_array()?.iter().map(host).collect::<Option<_>>()?;
    let pins = value["pins"].as_array()?.iter().map(|pin| pin.as_str()?.parse().ok()).collect::<Option<_>>()?;
    Some(Placement { hosts, pins })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_placement_is_read_as_it_was_written() {
        let hosts = [("h1", 4), ("h2", 64)].map(|(name, weight)| Host { name: name.into(), weight });
        let placement = Placement { hosts: hosts.into(), pins: vec!["web-*=h2".parse().unwrap()] };
        assert_eq!(read(&write(&placement)), Some(placement));
        for text in ["", "{}", "[]", r#"{"hosts":[{}],"pins":[]}"#, r#"{"hosts":[],"pins":["x"]}"#, r#"{"hosts":7}"#] {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
