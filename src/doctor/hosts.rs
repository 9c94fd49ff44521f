//! What this host needs for labs over several hosts.

use peerlab_ovsdb::{Client, Remote};

use super::{Area, Finding, State};
use crate::doctor::messages::Said;
use crate::error::Error;
use crate::journal::shared::shared;
use crate::message::Message;
use crate::msg;
use crate::node::Switch;
use crate::target::ovn::hosts::{hosts, now};

/// `on` is OVN's database, `ovs` this host's own.
pub(super) fn look(on: &Remote, ovs: &Remote) -> Vec<Finding> {
    let mut findings = Vec::new();
    let connected = Client::connect(on, "OVN_Northbound", peerlab_ovn::NEEDS);
    findings.push(match &connected {
        Ok(_) => good(Said::Northbound, Message::text(on)),
        Err(error) => bad(Said::Northbound, error).means(Said::NoLabOverHosts),
    });
    let switch = match Switch::open(ovs) {
        Ok(switch) => switch,
        Err(error) => {
            findings.push(bad(Said::OpenVswitch, &error).means(Said::NoInstancesHere));
            return findings;
        }
    };
    let datapath = if switch.is_userspace() { Said::Userspace } else { Said::InKernel };
    findings.push(good(Said::OpenVswitch, msg!(Said::BridgeIn { bridge: switch.bridge(), datapath: datapath })));
    findings.push(good(Said::LargestPacket, msg!(Said::Bytes { mtu: u64::from(switch.mtu()) })));
    let Some(name) = switch.chassis() else {
        let finding = Finding::new(Area::Hosts, Said::Chassis, State::Bad, Said::NoSystemId);
        findings.push(finding.means(Said::NoInstancesHere).remedy(Said::SetSystemId));
        return findings;
    };
    findings.push(match switch.encapsulation() {
        Some(encapsulation) => good(Said::Chassis, msg!(Said::ChassisWith { name: &name, encapsulation })),
        None => Finding::new(Area::Hosts, Said::Chassis, State::Bad, Said::NoEncapsulation)
            .means(Said::NoInstancesHere)
            .remedy(Said::SetEncapsulation),
    });
    if connected.is_ok() && shared().is_some() {
        let host = hosts().ok().and_then(|hosts| hosts.into_iter().find(|host| host.name == name));
        findings.push(match host {
            Some(host) if host.is_alive() => good(Said::Node, msg!(Said::NodeAlive { version: &host.version })),
            Some(host) => {
                let seconds = now().abs_diff(host.seen);
                let finding = Finding::new(Area::Hosts, Said::Node, State::Notice, msg!(Said::NodeSilent { seconds }));
                finding.means(Said::NoInstancesHere).remedy(Said::StartNodeOrSetClock)
            }
            None => Finding::new(Area::Hosts, Said::Node, State::Notice, Said::NoNode)
                .means(Said::NoInstancesHere)
                .remedy(Said::StartNode),
        });
    }
    findings
}

fn good(what: Said, found: impl Into<Message>) -> Finding {
    Finding::new(Area::Hosts, what, State::Good, found)
}

fn bad(what: Said, error: &Error) -> Finding {
    let finding = Finding::new(Area::Hosts, what, State::Bad, error.message.clone());
    match &error.hint {
        Some(hint) => finding.remedy(hint.clone()),
        None => finding,
    }
}
