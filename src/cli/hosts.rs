//! `peerlab hosts --on …`

use std::collections::BTreeMap;

use clap::Args;
use serde::Serialize;

use super::Ending;
use super::context::Context;
use super::messages::hosts::Said;
use crate::error::{Error, Errors};
use crate::journal::shared::shared;
use crate::msg;
use crate::target::ovn::hosts::{HostState, hosts, now};
use crate::terminal::{Table, Tone};

/// List the hosts that run instances of labs over several hosts
#[derive(Debug, Args)]
#[command(after_help = "\
A host is listed once `peerlab node` has run on it. One that has not said for 12 seconds that it is there counts as lost.

Example:
  peerlab hosts --on tcp:10.0.0.1:6641")]
pub(super) struct Arguments;

#[derive(Serialize)]
struct Listed {
    host: String,
    /// `up` or `lost`.
    state: &'static str,
    /// The number of processors, by which instances are shared out.
    weight: u32,
    /// In MiB.
    memory: u64,
    version: String,
    /// Seconds since it last said that it is there.
    seconds: u64,
    /// The number of parts of each lab.
    labs: BTreeMap<String, usize>,
    trouble: Option<String>,
}

impl From<HostState> for Listed {
    fn from(host: HostState) -> Self {
        Listed {
            state: if host.is_alive() { "up" } else { "lost" },
            weight: host.weight,
            memory: host.memory,
            version: host.version,
            seconds: now().saturating_sub(host.seen),
            labs: host.labs.into_iter().map(|(lab, (_, parts))| (lab, parts)).collect(),
            trouble: host.trouble,
            host: host.name,
        }
    }
}

pub(super) fn run(context: &Context) -> Result<Ending, Errors> {
    if shared().is_none() {
        return Err(Error::input(Said::WhichDatabase).code("CommandLine").hint(Said::GiveOn).into());
    }
    let hosts: Vec<Listed> = hosts()?.into_iter().map(Listed::from).collect();
    context.show(&serde_json::json!({ "hosts": hosts }), |out| {
        let mut table = Table::new();
        for host in &hosts {
            let (tone, state) = match host.state {
                "up" => (Tone::Good, out.say(Said::HostUp)),
                _ => (Tone::Bad, out.say(msg!(Said::HostLost { seconds: host.seconds }))),
            };
            let parts: usize = host.labs.values().sum();
            table.row([
                (Tone::Strong, host.host.clone()),
                (tone, state),
                (Tone::Plain, out.say(msg!(Said::HostHas { parts, labs: host.labs.len() }))),
                (Tone::Faint, out.say(msg!(Said::HostSize { processors: u64::from(host.weight), mib: host.memory }))),
            ]);
            if let Some(trouble) = &host.trouble {
                table.note(Tone::Bad, trouble.clone());
            }
        }
        table.render(out, 0)
    });
    if hosts.is_empty() {
        context.talk(Said::NoHosts);
    }
    Ok(Ending::Done)
}
