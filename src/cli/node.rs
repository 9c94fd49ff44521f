//! `peerlab node --on …`

use std::time::Duration;

use clap::Args;
use peerlab_ovsdb::{Remote, UNREACHABLE};
use serde::Serialize;

use super::Ending;
use super::context::Context;
use super::messages::hosts::Said;
use super::on::On;
use super::signals::Signals;
use crate::error::{Error, Errors};
use crate::message::Message;
use crate::msg;
use crate::node::{Node, Passed};

/// Run the instances that labs over several hosts have on this host
#[derive(Debug, Args)]
#[command(after_help = "\
Runs until Ctrl-C on each host, beside ovn-controller: makes the namespaces of instances that are placed here, and removes those that are not \
any more. It keeps no state; it may be ended and started at any time. A database that does not answer is awaited, but not with --once. `peerlab hosts` lists the hosts.

Examples:
  peerlab node --on tcp:10.0.0.1:6641
  peerlab node --on tcp:10.0.0.1:6641 --once     until this host has all its instances
  peerlab node --on tcp:10.0.0.1:6641 --unit > /etc/systemd/system/peerlab-node.service")]
pub(super) struct Arguments {
    /// The host's name; default: the system-id of its Open vSwitch
    #[arg(long)]
    name: Option<String>,
    /// End as soon as this host has all its instances
    #[arg(long)]
    once: bool,
    /// Print a systemd unit that runs this command
    #[arg(long, conflicts_with = "once")]
    unit: bool,
    /// The host's own Open_vSwitch database
    #[arg(long, value_name = "DATABASE", default_value = OVS)]
    ovs: String,
}

impl Arguments {
    /// Whether it only prints a unit.
    pub(super) fn prints_only(&self) -> bool {
        self.unit
    }
}

/// Where Open vSwitch's packages put its socket.
pub(super) const OVS: &str = "unix:/run/openvswitch/db.sock";

/// How long `--once` waits for OVN to connect what was made.
const CONNECTED: Duration = Duration::from_secs(30);

/// The pause after something failed.
const AGAIN: Duration = Duration::from_secs(1);

#[derive(Serialize)]
struct Converged<'a> {
    host: &'a str,
    made: Vec<String>,
    removed: Vec<String>,
    notes: Vec<Message>,
}

pub(super) fn run(arguments: &Arguments, on: &On, context: &Context) -> Result<Ending, Errors> {
    let ovs: Remote = arguments.ovs.parse()?;
    if arguments.unit {
        context.print_file(&unit(arguments, on));
        return Ok(Ending::Done);
    }
    let asked = on.remote()?.ok_or_else(|| Error::input(Said::WhichNorthbound).hint(Said::GiveOn))?;
    let begin = || Node::new(&asked, &ovs, arguments.name.as_deref());
    if arguments.once {
        return once(&mut begin()?, context);
    }
    let signals = Signals::take()?;
    let mut told = None;
    // A host and its central may start in any order.
    let mut node = loop {
        match begin() {
            Ok(node) => break node,
            Err(error) if error.code.as_deref() == Some(UNREACHABLE) => complain(&mut told, Some(&error), context),
            Err(error) => return Err(error.into()),
        }
        std::thread::sleep(AGAIN);
        if signals.arrived() {
            return Ok(Ending::Done);
        }
    };
    context.talk(msg!(Said::NodeRuns { host: node.name() }));
    while !signals.arrived() {
        let pause = match node.pass() {
            Ok(passed) => {
                tell(&passed, context);
                let failed = passed.errors.into_iter().next();
                complain(&mut told, failed.as_ref(), context);
                if failed.is_some() { AGAIN } else { Duration::from_secs(1) }
            }
            Err(error) => {
                complain(&mut told, Some(&error), context);
                AGAIN
            }
        };
        if told.is_some() {
            std::thread::sleep(pause);
        } else {
            node.wait(pause);
        }
    }
    Ok(Ending::Done)
}

/// Passes until nothing is left to do.
fn once(node: &mut Node, context: &Context) -> Result<Ending, Errors> {
    let mut all = Converged { host: "", made: Vec::new(), removed: Vec::new(), notes: Vec::new() };
    let begun = std::time::Instant::now();
    loop {
        let passed = node.pass()?;
        tell(&passed, context);
        let idle = passed.is_idle();
        if !passed.errors.is_empty() {
            return Err(Errors(passed.errors));
        }
        all.made.extend(passed.made);
        all.removed.extend(passed.removed);
        all.notes.extend(passed.notes);
        if idle && (node.is_connected()? || begun.elapsed() > CONNECTED) {
            break;
        }
        node.wait(Duration::from_millis(50));
    }
    let (host, made, removed) = (node.name().to_owned(), all.made.len(), all.removed.len());
    context.show(&Converged { host: &host, ..all }, |out| {
        out.say(msg!(Said::Converged { host: &host, made, removed })) + "\n"
    });
    Ok(Ending::Done)
}

fn tell(passed: &Passed, context: &Context) {
    for name in &passed.removed {
        context.talk(msg!(Said::PartRemoved { name }));
    }
    for name in &passed.made {
        context.talk(msg!(Said::PartMade { name }));
    }
    for note in &passed.notes {
        context.warn(note);
    }
}

/// Shows an error, unless it was shown last.
fn complain(told: &mut Option<String>, error: Option<&Error>, context: &Context) {
    let text = error.map(ToString::to_string);
    if let Some(error) = error.filter(|_| *told != text) {
        context.show_errors(&error.clone().into());
    }
    *told = text;
}

/// A unit file that runs this command.
fn unit(arguments: &Arguments, on: &On) -> String {
    let program = std::env::current_exe().unwrap_or_else(|_| "/usr/bin/peerlab".into()).display().to_string();
    let mut words = vec![program, "node".to_owned()];
    words.extend(on.words());
    words.extend(["--ovs".to_owned(), arguments.ovs.clone()]);
    words.extend(arguments.name.iter().flat_map(|name| ["--name".to_owned(), name.clone()]));
    include_str!("node.service").replace("COMMAND", &words.join(" "))
}
