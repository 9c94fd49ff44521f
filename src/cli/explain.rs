//! `peerlab explain FROM TO [PROTOCOL]`

use std::path::{Path, PathBuf};

use clap::Args;
use serde::Serialize;

use super::context::Context;
use super::exercise;
use super::interrupt::Hold;
use super::lab_file::read_lab;
use super::messages::explain::Said as Asked;
use super::messages::target::Said;
use super::number::{MOST_DATA, number};
use super::target::{LabChoice, Until, endpoint, look, running_lab, sender, speak_of_file, traffic, walk};
use super::{Ending, addressed};
use crate::cloud::{Client, Operation};
use crate::error::{Error, Errors};
use crate::flow::{Endpoint, PING_HEADERS, Protocol, Traffic};
use crate::message::Message;
use crate::msg;
use crate::report::drift;
use crate::report::explain::{self, command};
use crate::session::{self, Run, Scope, Session};
use crate::target;
use crate::terminal::Tone;
use crate::trace::{self, Change, Explanation};
use crate::verify::{self, Observed, Sighting};

/// Show hop by hop why a packet arrives or not, every blocker, and the operations that fix it
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  peerlab explain ecs-a ecs-b
  peerlab explain ecs-a ecs-b tcp/22
  peerlab explain ecs-a ecs-b -f lab.toml      the finished lab, without privilege and without running it
  peerlab explain ecs-a ecs-b --fix            apply the fix, and trace again")]
pub(super) struct Arguments {
    /// An instance, or internet
    from: String,
    /// An instance, internet, or an address
    to: String,
    /// icmp, tcp/PORT or udp/PORT
    #[arg(default_value = "icmp", value_parser = str::parse::<Protocol>)]
    protocol: Protocol,
    /// The port that the flow is opened from, with tcp and udp; network ACLs tell ports apart [default: 50000]
    #[arg(long, value_name = "PORT", value_parser = clap::value_parser!(u16).range(1..))]
    source_port: Option<u16>,
    /// The data bytes of an echo request, as with ping(8): the packet is 28 bytes larger, and must not be fragmented
    #[arg(short, long, value_name = "BYTES", value_parser = number(MOST_DATA.0, MOST_DATA.1))]
    size: Option<u16>,
    /// Explain the finished lab of this file, or this shipped lab (-: standard input); needs no privilege and no running lab
    #[arg(short, long, value_hint = clap::ValueHint::FilePath, conflicts_with_all = ["lab", "fix"])]
    file: Option<PathBuf>,
    #[command(flatten)]
    until: Until,
    /// Apply the fix, and trace again
    #[arg(long, conflicts_with = "until")]
    fix: bool,
    /// Show the fix as commands of the provider's own client too
    #[arg(long, value_name = "CLIENT", value_parser = client, conflicts_with = "fix")]
    as_cli: Option<Client>,
    #[command(flatten)]
    lab: LabChoice,
}

/// A client by its name.
fn client(name: &str) -> Result<Client, String> {
    Client::named(name).ok_or_else(|| Client::ALL.map(|client| client.name).join(", "))
}

impl Arguments {
    fn traffic(&self) -> Traffic {
        Traffic::of(self.protocol, self.source_port).sized(self.size.map(|data| data + PING_HEADERS))
    }

    pub(super) fn only_reads_files(&self) -> bool {
        self.file.is_some()
    }
}

pub(super) fn run(arguments: &Arguments, context: &Context) -> Result<Ending, Errors> {
    traffic(arguments.protocol, arguments.source_port, arguments.size)?;
    match &arguments.file {
        Some(file) => from_file(file, arguments, context),
        None if arguments.until.until.is_some() => {
            let message = msg!(Said::UntilIsOfAFile);
            Err(Error::input(message).code("CommandLine").hint(Said::GiveFileWithF).into())
        }
        None if arguments.fix => fix(arguments, context),
        None => {
            let (lab, run) = look(&arguments.lab, context)?;
            let (explanation, seen) = (explanation(&run, arguments)?, observe(&lab, &run, arguments)?);
            let agrees = seen.agrees(explanation.trace.disposition);
            let drift = drift_of(&run, &explanation, &seen)?;
            let lines = in_client(&run, &explanation, arguments)?;
            show(&run, &explanation, Some((&seen, drift)), None, lines, context);
            if !explanation.blockers.is_empty() && run.lab().exercise.is_some() {
                let _lock = Session::lock_only(&lab)?;
                exercise::count_explanation(&lab, run.lab(), context)?;
            }
            Ok(Ending::failed_if(!agrees))
        }
    }
}

/// Explains a flow in a file's lab, which need not be up; sends no packets.
fn from_file(file: &Path, arguments: &Arguments, context: &Context) -> Result<Ending, Errors> {
    let run = walk(read_lab(file, None)?, file, &arguments.until)?;
    speak_of_file(file, run.lab());
    let explanation = explanation(&run, arguments)?;
    let lines = in_client(&run, &explanation, arguments)?;
    show(&run, &explanation, None, None, lines, context);
    Ok(Ending::Done)
}

/// Applies the fix in the same way as `api`, and traces again.
fn fix(arguments: &Arguments, context: &Context) -> Result<Ending, Errors> {
    target::check()?;
    let lab = running_lab(arguments.lab.lab.as_deref())?;
    let interrupts = Hold::new();
    let (mut session, before) = Session::open_running(&lab, context.waiting(&lab, &interrupts))?;
    let mut run = before.run;
    let proposed = explanation(&run, arguments)?;
    let Some(operations) = &proposed.fix else {
        exercise::count_explanation(&lab, run.lab(), context)?;
        drop((session, interrupts));
        let seen = observe(&lab, &run, arguments)?;
        let drift = drift_of(&run, &proposed, &seen)?;
        show(&run, &proposed, Some((&seen, drift)), None, Vec::new(), context);
        return Ok(Ending::CheckFailed);
    };
    if !operations.is_empty() {
        exercise::count_explanation(&lab, run.lab(), context)?;
    }
    let also = trace::side_effects(run.cloud(), &proposed.trace, operations);
    let left = trace::left_behind(run.cloud(), &proposed.trace, operations);
    for operation in operations {
        let outcome = run.operate(operation.caller.as_str(), operation.call.clone())?;
        outcome.warnings.iter().for_each(|warning| context.warn(warning));
    }
    let settled = session.settle(&run, Scope::Change, &context.progress())?;
    interrupts.heed_settled(&lab);
    settled.notes.iter().for_each(|note| context.warn(note));
    context.show_changes(&settled.changes);
    drop((session, settled, interrupts));
    let (explanation, seen) = (explanation(&run, arguments)?, observe(&lab, &run, arguments)?);
    let drift = drift_of(&run, &explanation, &seen)?;
    if operations.is_empty() && drift.is_empty() {
        context.talk(Said::NothingToMend);
    }
    show(&run, &explanation, Some((&seen, drift)), Some(&Done { operations, also, left }), Vec::new(), context);
    Ok(Ending::failed_if(seen.observed != Observed::Reach || !seen.agrees(explanation.trace.disposition)))
}

/// The fix as commands of the client that was asked for.
fn in_client(run: &Run, explanation: &Explanation, arguments: &Arguments) -> Result<Vec<String>, Error> {
    let Some(client) = arguments.as_cli else { return Ok(Vec::new()) };
    let provider = run.cloud().provider().name;
    if client.provider != provider {
        let message = msg!(Asked::ClientOfAnother { client: client.name, theirs: client.provider, provider });
        let own: Vec<_> = Client::ALL.iter().filter(|it| it.provider == provider).map(|it| it.name).collect();
        return Err(Error::input(message).code("CommandLine").hint(msg!(Asked::WriteClients { clients: own })));
    }
    let each = explanation.blockers.iter().flat_map(|blocker| &blocker.fix).cloned().collect::<Vec<_>>();
    Ok(run.cloud().as_lines(client, explanation.fix.as_ref().unwrap_or(&each)))
}

fn ends(run: &Run, arguments: &Arguments) -> Result<(Endpoint, Endpoint), Error> {
    Ok((sender(run, &arguments.from)?, endpoint(run, &arguments.to)?))
}

fn explanation(run: &Run, arguments: &Arguments) -> Result<Explanation, Error> {
    let (from, to) = ends(run, arguments)?;
    Ok(trace::explain(run.cloud(), &from, &to, arguments.traffic()))
}

/// Sends the packet and finds the counters that changed.
fn observe(lab: &str, run: &Run, arguments: &Arguments) -> Result<Sighting, Errors> {
    let (from, to) = ends(run, arguments)?;
    verify::sight(lab, run.cloud(), &from, &to, arguments.traffic())
}

/// What somebody changed in the kernel: along the path, and if the packet was not as predicted, anywhere.
fn drift_of(run: &Run, explanation: &Explanation, seen: &Sighting) -> Result<Vec<Message>, Errors> {
    let near = session::drift_at_a_glance(run, Some(&explanation.trace)).unwrap_or_default();
    match near.is_empty() && !seen.agrees(explanation.trace.disposition) {
        true => session::drift(run),
        false => Ok(near),
    }
}

/// The effects of `--fix`, and its side effects.
struct Done<'a> {
    operations: &'a [Operation],
    also: Vec<Change>,
    left: Vec<Operation>,
}

/// The JSON of `explain`: the explanation, and the result of a real packet.
#[derive(Serialize)]
struct Explained<'a> {
    #[serde(flatten)]
    explanation: explain::Json,
    /// The fix as commands of the provider's own client.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    as_cli: Vec<String>,
    #[serde(flatten)]
    seen: Option<&'a Sighting>,
    /// The other pairs that the fix changes.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    also: Vec<explain::JsonChange>,
    /// The commands that remove what the fix leaves behind.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    leaves: Vec<String>,
    /// The effects of `--fix`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    done: Vec<String>,
    /// What somebody changed in the kernel.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    drift: Vec<Message>,
}

/// Shows an explanation and, of a running lab, the packet and the drift.
fn show(
    run: &Run,
    explanation: &Explanation,
    seen: Option<(&Sighting, Vec<Message>)>,
    done: Option<&Done>,
    as_cli: Vec<String>,
    context: &Context,
) {
    let (seen, drift) = seen.map_or((None, Vec::new()), |(seen, drift)| (Some(seen), drift));
    let source = Some(&run.lab().source);
    let (also, left) = match (done, &explanation.fix) {
        (Some(done), _) => (done.also.clone(), done.left.clone()),
        (None, Some(fix)) => {
            let (cloud, asked) = (run.cloud(), &explanation.trace);
            (trace::side_effects(cloud, asked, fix), trace::left_behind(cloud, asked, fix))
        }
        (None, None) => (Vec::new(), Vec::new()),
    };
    let done: Vec<_> = done.iter().flat_map(|done| done.operations).map(command).collect();
    let json =
        explain::to_json(explanation, seen, source).with_commands(|command| addressed::in_full(command).into_owned());
    let leaves = left.iter().map(|operation| addressed::in_full(&command(operation)).into_owned()).collect();
    let also_json = explain::also_to_json(&also);
    let explained = Explained { explanation: json, as_cli, seen, also: also_json, leaves, done, drift };
    context.show(&explained, |out| {
        let mark = out.paint(Tone::Good, "✓");
        let done: String = explained.done.iter().map(|command| format!("{mark} {command}\n")).collect();
        let is_drifted = !explained.drift.is_empty();
        let sent = |seen| explain::sent(seen, explanation.trace.disposition, is_drifted, out);
        let seen = seen.map(sent).unwrap_or_default();
        drift::line(&run.lab().name, &explained.drift, out)
            + &done
            + &explain::render(explanation, source, out)
            + &explain::in_client(&explained.as_cli, out)
            + &explain::also(&also, out)
            + &explain::left(&left, out)
            + &seen
    });
}
