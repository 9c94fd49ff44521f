//! `peerlab explain FROM TO [PROTOCOL]`

use std::collections::BTreeMap;
use std::path::Path;

use serde::Serialize;

use super::context::Context;
use super::target::{endpoint, look, read_lab, running_lab, sender, walk};
use super::{Ending, Explain};
use crate::cloud::{Cloud, Operation};
use crate::error::{Error, Errors};
use crate::flow::{Disposition, Endpoint};
use crate::kernel;
use crate::network::model::NamespaceName;
use crate::report::explain::{self, command};
use crate::report::terminal::{Terminal, Tone};
use crate::session::{Run, Session};
use crate::trace::{self, Explanation};
use crate::{probe, verify};

pub(super) fn run(arguments: &Explain, context: &Context) -> Result<Ending, Errors> {
    match &arguments.file {
        Some(file) => from_file(file, arguments, context),
        None if arguments.until.until.is_some() => {
            let message = "--until says how far the lab of a file is walked";
            Err(Error::input(message).code("CommandLine").hint("give the file with -f, or leave --until out").into())
        }
        None if arguments.fix => fix(arguments, context),
        None => {
            let (lab, run) = look(&arguments.lab, context)?;
            let (explanation, seen) = (explanation(&run, arguments)?, observe(&lab, &run, arguments)?);
            show(&run, &explanation, Some(&seen), &[], context);
            Ok(Ending::failed_if(!seen.agrees(&explanation)))
        }
    }
}

/// The lab of a file, which need not be up: nothing is sent.
fn from_file(file: &Path, arguments: &Explain, context: &Context) -> Result<Ending, Errors> {
    let run = walk(read_lab(file, None)?, file, &arguments.until)?;
    show(&run, &explanation(&run, arguments)?, None, &[], context);
    Ok(Ending::Done)
}

/// Does what the explanation proposes, by the same way as `api`, and asks again.
fn fix(arguments: &Explain, context: &Context) -> Result<Ending, Errors> {
    kernel::privilege::check()?;
    let lab = running_lab(arguments.lab.lab.as_deref())?;
    let (mut session, before) = Session::open_running(&lab, context.waiting(&lab))?;
    let mut run = before.run;
    let proposed = explanation(&run, arguments)?;
    let Some(operations) = &proposed.fix else {
        drop(session);
        show(&run, &proposed, Some(&observe(&lab, &run, arguments)?), &[], context);
        return Ok(Ending::CheckFailed);
    };
    if operations.is_empty() {
        context.talk("there is nothing to mend");
    }
    for operation in operations {
        let outcome = run.operate(operation.caller.as_str(), operation.call.clone())?;
        outcome.warnings.iter().for_each(|warning| context.warn(warning));
    }
    session.settle(&run)?.notes.iter().for_each(|note| context.warn(note));
    drop(session);
    let (explanation, seen) = (explanation(&run, arguments)?, observe(&lab, &run, arguments)?);
    show(&run, &explanation, Some(&seen), operations, context);
    Ok(Ending::failed_if(!seen.reached || !seen.agrees(&explanation)))
}

fn ends(cloud: &Cloud, arguments: &Explain) -> Result<(Endpoint, Endpoint), Error> {
    Ok((sender(cloud, &arguments.from)?, endpoint(cloud, &arguments.to)?))
}

fn explanation(run: &Run, arguments: &Explain) -> Result<Explanation, Error> {
    let (from, to) = ends(run.cloud(), arguments)?;
    Ok(trace::explain(run.cloud(), &from, &to, arguments.protocol))
}

/// What a real packet met.
#[derive(Debug, Serialize)]
struct Seen {
    #[serde(rename = "observed", serialize_with = "in_a_word")]
    reached: bool,
    rtt_ms: Option<f64>,
    /// The kernel's counters that moved while it was under way.
    counters: Vec<Moved>,
}

/// A counter of drops that moved.
#[derive(Debug, Serialize)]
struct Moved {
    vpc: String,
    reason: String,
    packets: u64,
}

fn in_a_word<S: serde::Serializer>(reached: &bool, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(if *reached { "reach" } else { "drop" })
}

impl Seen {
    /// Whether it ended as predicted, and was counted under the predicted reason where it was dropped.
    fn agrees(&self, explanation: &Explanation) -> bool {
        match explanation.trace.disposition {
            Disposition::Reach => self.reached,
            Disposition::Drop { reason, .. } => {
                !self.reached && self.counters.iter().any(|counter| counter.reason == reason.as_str())
            }
        }
    }

    fn render(&self, explanation: &Explanation, out: &Terminal) -> String {
        let answer = match self.rtt_ms {
            Some(rtt) => format!("answered in {rtt:.2} ms"),
            None if self.reached => "answered".into(),
            None => "no answer".into(),
        };
        let moved: String = self
            .counters
            .iter()
            .map(|Moved { vpc, reason, packets }| format!("; {vpc} counted {packets} {reason}"))
            .collect();
        let moved = match moved.as_str() {
            "" if !self.reached => "; no drop was counted",
            moved => moved,
        };
        let verdict = match self.agrees(explanation) {
            true => out.paint(Tone::Good, "as predicted"),
            false => {
                out.paint(Tone::Bad, "not as predicted: a defect of peerlab, or the kernel was changed behind its back")
            }
        };
        format!("\n{}  {answer}{moved}; {verdict}\n", out.paint(Tone::Strong, "sent"))
    }
}

/// Sends the packet, and looks which counters moved.
fn observe(lab: &str, run: &Run, arguments: &Explain) -> Result<Seen, Errors> {
    let cloud = run.cloud();
    let (from, to) = ends(cloud, arguments)?;
    let vpcs = cloud.vpcs().map(|vpc| NamespaceName::from(vpc.name.as_str()));
    let names: Vec<_> = vpcs.chain([NamespaceName::from("internet")]).collect();
    let Some(probe) = verify::probe(cloud, &from, &to, arguments.protocol) else {
        return Ok(Seen { reached: false, rtt_ms: None, counters: Vec::new() });
    };
    let before = kernel::counters(lab, &names)?;
    let seen = probe::run(lab, &[probe], probe::TIMEOUT)?.first().copied().unwrap_or_default();
    let after = kernel::counters(lab, &names)?;
    Ok(Seen {
        reached: seen.reached,
        rtt_ms: seen.rtt.map(|rtt| rtt.as_secs_f64() * 1000.0),
        counters: moved(&before, &after),
    })
}

/// The packets that each namespace has counted under each reason.
type Counters = BTreeMap<NamespaceName, BTreeMap<String, u64>>;

fn moved(before: &Counters, after: &Counters) -> Vec<Moved> {
    let earlier = |name, reason| before.get(name).and_then(|counters| counters.get(reason)).copied().unwrap_or(0);
    let all = after.iter().flat_map(|(name, counters)| counters.iter().map(move |(reason, now)| (name, reason, now)));
    let moved = all.map(|(name, reason, now)| Moved {
        vpc: name.to_string(),
        reason: reason.clone(),
        packets: now.saturating_sub(earlier(name, reason)),
    });
    moved.filter(|counter| counter.packets > 0).collect()
}

/// The JSON of `explain`: the explanation, and what a real packet met.
#[derive(Serialize)]
struct Explained<'a> {
    #[serde(flatten)]
    explanation: explain::Json,
    #[serde(flatten)]
    seen: Option<&'a Seen>,
    /// What `--fix` did.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    done: Vec<String>,
}

fn show(run: &Run, explanation: &Explanation, seen: Option<&Seen>, done: &[Operation], context: &Context) {
    let source = Some(&run.lab().source);
    let done: Vec<_> = done.iter().map(command).collect();
    let explained = Explained { explanation: explain::to_json(explanation, source), seen, done };
    context.show(&explained, |out| {
        let mark = out.paint(Tone::Good, "✓");
        let done: String = explained.done.iter().map(|command| format!("{mark} {command}\n")).collect();
        let seen = seen.map(|seen| seen.render(explanation, out)).unwrap_or_default();
        done + &explain::render(explanation, source, out.width, out.colour) + &seen
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Source;
    use crate::flow::Protocol;

    /// Two VPCs without a route to each other.
    fn no_route() -> Explanation {
        let mut text = String::from("[lab]\nprovider = \"alibaba\"\n[account.A]\n");
        for n in [1, 2] {
            text += &format!("[vpc.V{n}]\nregion = \"r\"\ncidr = \"10.{n}.0.0/16\"\n");
            text += &format!("[vpc.V{n}.subnet.s]\ncidr = \"10.{n}.0.0/24\"\n[instance.i{n}]\nsubnet = \"V{n}/s\"\n");
        }
        let lab = crate::lab::read(Source::new("lab.toml", text)).unwrap();
        let cloud = lab.build().unwrap().0;
        let end = |name| endpoint(&cloud, name).unwrap();
        trace::explain(&cloud, &end("i1"), &end("i2"), Protocol::Icmp)
    }

    fn seen(reached: bool, reasons: &[&str]) -> Seen {
        let moved = |reason: &&str| Moved { vpc: "V1".into(), reason: (*reason).into(), packets: 1 };
        Seen { reached, rtt_ms: None, counters: reasons.iter().map(moved).collect() }
    }

    #[test]
    fn a_drop_is_as_predicted_only_where_the_kernel_counted_it_under_the_predicted_reason() {
        let explanation = no_route();
        assert!(seen(false, &["no-route"]).agrees(&explanation));
        assert!(!seen(false, &["peering-inactive"]).agrees(&explanation));
        assert!(!seen(false, &[]).agrees(&explanation));
        assert!(!seen(true, &[]).agrees(&explanation));
        let out = Terminal::stdout();
        assert!(seen(false, &[]).render(&explanation, &out).contains("no drop was counted; not as predicted"));
    }
}
