//! `peerlab ping FROM TO [PROTOCOL] [-c N]`

use std::time::{Duration, Instant};

use clap::Args;
use serde::Serialize;

use super::Ending;
use super::context::Context;
use super::messages::packets::Said;
use super::number::{MOST_DATA, number};
use super::target::{LabChoice, endpoint, look, sender, traffic};
use crate::error::{Error, Errors};
use crate::flow::{Disposition, PING_HEADERS, Protocol};
use crate::message::Message;
use crate::msg;
use crate::probe::Batch;
use crate::progress::Unwatched;
use crate::report::drift;
use crate::report::messages::Said as Words;
use crate::target::{self, Sent};
use crate::terminal::{Terminal, Tone};
use crate::verify::{AnsweredBy, Observed, foretold};
use crate::{probe, session, trace, verify};

/// Send real pings, or packets of another protocol, and show the prediction
#[derive(Debug, Args)]
#[command(after_help = "\
FROM is an instance or internet; TO is an instance, internet or an address.

Examples:
  peerlab ping ecs-a ecs-b
  peerlab ping ecs-a 172.16.1.10 -c 20
  peerlab ping internet ecs-a
  peerlab ping ecs-a ecs-b -s 1472
  peerlab ping ecs-a ecs-b tcp/22 --source-port 40000")]
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
    /// Number of pings
    #[arg(short, long, default_value_t = 4, value_parser = number(1, u32::MAX))]
    count: u32,
    /// The data bytes of each ping, as with ping(8): the packet is 28 bytes larger, and must not be fragmented
    #[arg(short, long, value_name = "BYTES", value_parser = number(MOST_DATA.0, MOST_DATA.1))]
    size: Option<u16>,
    #[command(flatten)]
    lab: LabChoice,
}

/// The interval between pings, as in `ping`.
const INTERVAL: Duration = Duration::from_secs(1);

#[derive(Serialize)]
struct Pinged {
    from: String,
    to: String,
    predicted: String,
    observed: String,
    /// The one that answered, or should have, instead of `to`.
    #[serde(flatten)]
    answered_by: AnsweredBy,
    /// The protocol, if it is not icmp.
    #[serde(skip_serializing_if = "Option::is_none")]
    protocol: Option<String>,
    /// The port that each was sent from, if one was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    source_port: Option<u16>,
    /// The size of each packet in bytes, if one was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    size: Option<u16>,
    sent: u32,
    received: u32,
    /// The round trips in order, in ms; `null`: no answer.
    rtt_ms: Vec<Option<f64>>,
    agree: bool,
    /// What somebody changed in the kernel.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    drift: Vec<Message>,
}

pub(super) fn run(arguments: &Arguments, context: &Context) -> Result<Ending, Errors> {
    let Arguments { protocol, source_port, size, .. } = *arguments;
    let traffic = traffic(protocol, source_port, size)?;
    let (lab, run) = look(&arguments.lab, context)?;
    let cloud = run.cloud();
    let (from, to) = (sender(&run, &arguments.from)?, endpoint(&run, &arguments.to)?);
    let path = trace::trace(cloud, &from, &to, traffic);
    let predicted = path.disposition;
    let mut answered_by = AnsweredBy::predicted(path.answered_by().cloned());
    let Some(probe) = verify::probe(cloud, &from, &to, traffic) else {
        return Err(Error::input(msg!(Said::NoWayToName { from, to })).hint(Said::AskForAnAddress).into());
    };
    let mut drift = session::drift_at_a_glance(&run, Some(&path)).unwrap_or_default();
    let mut searched = !drift.is_empty();
    let begun = Instant::now();
    let (mut rtts, mut agree, mut observed) = (Vec::new(), true, Observed::Drop);
    for number in 0..arguments.count {
        std::thread::sleep((begun + INTERVAL * number).saturating_duration_since(Instant::now()));
        let batch = Batch { probes: vec![probe.clone()], ..Batch::default() };
        let Sent { seen, lost, .. } = target::of(&lab).send(&lab, batch, &probe::uncounted, &Unwatched)?;
        let rtt = seen[0].rtt.map(|rtt| rtt.as_secs_f64() * 1000.0);
        let (mut ended, by) = Observed::of(cloud, &to, &probe, &seen[0]);
        if !seen[0].reached && !lost.is_empty() {
            ended = Observed::Unknown;
        }
        let by = AnsweredBy { seen: by, ..answered_by.clone() };
        agree &= ended.agrees(predicted, &by);
        let is_to_search = !agree && !searched;
        if is_to_search {
            drift = session::drift(&run)?;
            searched = true;
        }
        if !context.json && (number == 0 || is_to_search) {
            context.print(&drift::line(&lab, &drift, &context.out));
        }
        // Only now, because drift must be the first line.
        if number == 0 && !context.json {
            let head = context.out.say(match traffic.size {
                Some(size) => msg!(Said::PingOfSize { from, to, address: probe.to, size }),
                None if protocol != Protocol::Icmp => {
                    msg!(Said::PingOf { protocol, from, to, address: probe.to })
                }
                None => msg!(Said::Ping { from, to, address: probe.to }),
            });
            context.print(&context.out.wrap(&format!("{head}{}", tell(predicted, &answered_by, &context.out)), 0));
        }
        if !context.json {
            let answer = match (rtt, &by.seen) {
                (Some(rtt), Some(who)) => context.out.say(msg!(Said::AnswerOf { who, ms: format!("{:.3}", rtt) })),
                (Some(rtt), None) => context.out.say(msg!(Said::Answer { ms: format!("{:.3}", rtt) })),
                (None, _) => context.out.paint(Tone::Bad, context.out.say(Words::NoAnswer)),
            };
            context.print(&format!("  {}  {answer}\n", number + 1));
        }
        // Report an answer of another instance, regardless of the other pings.
        if ended == Observed::AnsweredByAnother || observed == Observed::Drop {
            observed = ended;
        }
        answered_by.seen = by.seen.or(answered_by.seen);
        rtts.push(rtt);
    }
    let received = rtts.iter().flatten().count();
    let pinged = Pinged {
        from: from.to_string(),
        to: to.to_string(),
        predicted: predicted.to_string(),
        observed: observed.to_string(),
        answered_by,
        protocol: (protocol != Protocol::Icmp).then(|| protocol.to_string()),
        source_port,
        size: traffic.size,
        sent: arguments.count,
        received: received as u32,
        rtt_ms: rtts,
        agree,
        drift,
    };
    context.show(&pinged, |out| render(&pinged, out));
    Ok(Ending::failed_if(!agree || !predicted.reaches()))
}

fn tell(predicted: Disposition, by: &AnsweredBy, out: &Terminal) -> String {
    out.paint(if predicted.reaches() { Tone::Good } else { Tone::Bad }, out.say(foretold(predicted, by)))
}

fn render(pinged: &Pinged, out: &Terminal) -> String {
    let Pinged { sent, received, .. } = pinged;
    let text = out.say(match &pinged.answered_by.seen {
        Some(who) => msg!(Said::SentAnsweredBy { sent, received, who }),
        None => msg!(Said::SentAnswered { sent, received }),
    });
    let protocol = pinged.protocol.as_ref().map_or_else(String::new, |protocol| format!(" {protocol}"));
    let port = pinged.source_port.map_or_else(String::new, |port| format!(" --source-port {port}"));
    let size = pinged.size.map_or_else(String::new, |size| format!(" -s {}", size - PING_HEADERS));
    let (and, so) = (out.say(Words::Semicolon), out.say(Said::PingAsPredicted));
    match pinged.agree {
        true if pinged.observed != "reach" => {
            let hint = out.say(msg!(Said::ExplainSaysWhy {
                from: &pinged.from,
                to: format!("{}{protocol}{port}{size}", pinged.to)
            }));
            format!("{text}{so}{and}{}\n", out.paint(Tone::Faint, hint))
        }
        true => format!("{text}{so}\n"),
        false => {
            let said = out.say(Said::PingNotAsPredicted);
            format!("{text}{}{}\n", out.say(Words::Colon), out.paint(Tone::Bad, said))
        }
    }
}
