//! `peerlab doctor`

use std::path::{Path, PathBuf};

use clap::Args;
use peerlab_ovsdb::Remote;
use serde::Serialize;

use super::Ending;
use super::context::Context;
use super::messages::host::Said;
use super::on::On;
use crate::doctor::{self, Area, Finding, Report, State};
use crate::error::{Error, Errors};
use crate::message::Message;
use crate::msg;
use crate::progress::Watched;
use crate::report::count::{Thing, count};
use crate::report::messages::Said as Words;
use crate::terminal::{Table, Terminal, Tone};
use crate::{kernel, rootless, session};

/// Report what this host can do: privileges, kernel, limits, and what labs left behind
#[derive(Debug, Args)]
#[command(after_help = "\
Shows each problem with its effect and what to do. Tries kernel features for real, in temporary namespaces, and \
changes nothing on the host. The answer is for the user who asks: root by sudo, an ordinary user without. Exit status \
4: labs cannot run.

Examples:
  peerlab doctor
  peerlab doctor --json
  peerlab doctor --on tcp:10.0.0.1:6641    also whether this host can run labs over several hosts
  peerlab doctor --clean              remove what dead labs left behind
  peerlab doctor --apparmor           a profile, if AppArmor forbids user namespaces")]
pub(super) struct Arguments {
    /// Remove what dead labs left behind: their namespaces, and labs that never came up
    #[arg(long)]
    clean: bool,
    /// Print an AppArmor profile that lets this program, or the one at this path, create user namespaces
    #[arg(long, value_name = "PROGRAM", num_args = 0..=1, require_equals = true, conflicts_with = "clean")]
    apparmor: Option<Option<PathBuf>>,
    /// The host's own Open_vSwitch database, with --on
    #[arg(long, value_name = "DATABASE", default_value = super::node::OVS)]
    ovs: String,
}

pub(super) fn run(arguments: &Arguments, on: &On, context: &Context) -> Result<Ending, Errors> {
    if let Some(program) = &arguments.apparmor {
        return apparmor(program.as_deref(), context);
    }
    if arguments.clean {
        return clean(context);
    }
    let on = on.remote()?;
    let ovs = arguments.ovs.parse::<Remote>()?;
    let report = doctor::examine(on.as_ref().map(|on| (on, &ovs)));
    context.show(&report, |out| render(&report, out));
    Ok(if report.ready { Ending::Done } else { Ending::NotReady })
}

/// Prints the profile for the program at this path, or for this one.
fn apparmor(program: Option<&Path>, context: &Context) -> Result<Ending, Errors> {
    let binary = program
        .map_or_else(std::env::current_exe, |program| Ok(program.to_owned()))
        .map_err(|error| Error::host(msg!(Said::ProgramPathUnknown { error })).hint(Said::MountProc))?;
    context.print_file(&rootless::profile(&binary));
    Ok(Ending::Done)
}

/// A dead lab, with the names of its namespaces.
#[derive(Serialize)]
struct Cleaned {
    lab: String,
    namespaces: Vec<String>,
}

/// Shows what dead labs left behind, and removes it.
fn clean(context: &Context) -> Result<Ending, Errors> {
    kernel::privilege::check()?;
    let (mut removed, mut errors) = (Vec::new(), Errors::default());
    for leftover in session::leftovers()? {
        let lab = leftover.lab.clone();
        let namespaces: Vec<_> = leftover.namespaces.iter().map(|name| format!("{lab}.{name}")).collect();
        let left = match namespaces.is_empty() {
            true => Said::ItsDirectory.into(),
            false => msg!(Words::Items { items: namespaces.iter().map(Message::text) }),
        };
        context.talk(msg!(Said::LabDead { lab: &lab, left }));
        match session::clean(&leftover, Watched { lab: &lab, progress: &context.progress() }) {
            Ok(()) => removed.push(Cleaned { lab, namespaces }),
            Err(found) => errors.0.extend(found.0),
        }
    }
    context.show(&serde_json::json!({ "removed": removed }), |out| {
        let line = |it: &Cleaned| {
            let said = msg!(Said::LabCleaned { lab: &it.lab, count: count(it.namespaces.len(), Thing::Namespace) });
            format!("{} {}\n", out.paint(Tone::Good, "✓"), out.say(said))
        };
        match removed.is_empty() && errors.0.is_empty() {
            true => out.say(Said::NothingLeft) + "\n",
            false => removed.iter().map(line).collect(),
        }
    });
    errors.into_result().map(|()| Ending::Done)
}

fn render(report: &Report, out: &Terminal) -> String {
    let mut text = String::new();
    for (area, title) in [
        (Area::Privileges, Said::Privileges),
        (Area::Kernel, Said::Kernel),
        (Area::Limits, Said::Limits),
        (Area::Leftovers, Said::Leftovers),
        (Area::Hosts, Said::SeveralHosts),
    ] {
        let of_area = report.findings.iter().filter(|finding| finding.area == area);
        if area == Area::Hosts && of_area.clone().next().is_none() {
            continue;
        }
        text += &format!("{}\n{}", out.paint(Tone::Strong, out.say(title)), table(of_area, out));
    }
    let warnings = report.findings.iter().filter(|finding| finding.state == State::Notice).count();
    text.push('\n');
    text += &match report.ready {
        false if rootless::refusal().is_some() => out.paint(Tone::Bad, out.say(Said::NotReadyWithoutRoot)),
        false => out.paint(Tone::Bad, out.say(Said::NotReady)),
        true if report.rootless => out.paint(Tone::Good, out.say(Said::ReadyWithoutRoot)),
        true => out.paint(Tone::Good, out.say(Said::Ready)),
    };
    if report.ready && warnings > 0 {
        text += &out.say(msg!(Said::WithWarnings { warnings: count(warnings, Thing::Warning) }));
    }
    text + "\n"
}

fn table<'a>(findings: impl Iterator<Item = &'a Finding>, out: &Terminal) -> String {
    let mut table = Table::new();
    for finding in findings {
        let (mark, tone) = match finding.state {
            State::Good => ("✓", Tone::Good),
            State::Notice => ("!", Tone::Notice),
            State::Bad => ("✗", Tone::Bad),
            State::Unknown => ("?", Tone::Notice),
        };
        let found = if finding.state == State::Good { Tone::Faint } else { Tone::Plain };
        table.row([(tone, mark.to_owned()), (Tone::Plain, out.say(&finding.what)), (found, out.say(&finding.found))]);
        for more in finding.consequence.iter().chain(&finding.remedy) {
            table.note(Tone::Plain, out.say(more));
        }
    }
    table.render(out, 2)
}
