//! Renders an explanation for people and as JSON.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use anstyle::{AnsiColor, Style};
use serde::{Serialize, Serializer};

use super::count::counted;
use crate::cloud::{Operation, Origin};
use crate::error::Source;
use crate::flow::Disposition;
use crate::language::Language;
use crate::message::Message;
use crate::msg;
use crate::report::messages::Said;
use crate::terminal::{Table, Terminal, Tone, break_line, columns, fit, pad};
use crate::trace::{Blocker, Change, Explanation, Hop, Place, Trace, What};
use crate::verify::{AnsweredBy, Disagreement, Moved, Observed, Sighting};

/// The least width: on a narrower terminal, lines overflow instead of becoming a column of words.
const NARROWEST: usize = 60;

/// The greatest width, so that the eye can follow from a decision to its place in the file.
const WIDEST: usize = 110;

/// An explanation for people: the hops there and back, each with who decided and where that is written, every blocker,
/// and the fix as commands to copy, which are never wrapped.
pub fn render(explanation: &Explanation, source: Option<&Source>, terminal: &Terminal) -> String {
    let width = terminal.width.clamp(NARROWEST, WIDEST);
    let mut page = Page { text: String::new(), source, width, terminal: *terminal };
    page.verdict(&explanation.trace);
    page.hops(&explanation.trace);
    page.blockers(&explanation.blockers);
    page.fix(explanation);
    page.text
}

/// The hops of a flow that was not as predicted, and the result of a packet that was sent alone. `drifted`: drift was
/// found.
pub fn evidence(disagreement: &Disagreement, drifted: bool, terminal: &Terminal) -> String {
    let Disagreement { trace, sighting, source } = disagreement;
    let width = terminal.width.clamp(NARROWEST, WIDEST);
    let mut page = Page { text: String::new(), source: Some(source), width, terminal: *terminal };
    page.verdict(trace);
    page.hops(trace);
    page.text + &sent(sighting, trace.disposition, drifted, terminal)
}

/// The result of a real packet, and whether it was as predicted. `drifted`: as for [`evidence`].
pub fn sent(sighting: &Sighting, predicted: Disposition, drifted: bool, terminal: &Terminal) -> String {
    let answer = match (sighting.observed, &sighting.answered_by.seen, sighting.rtt) {
        (Observed::Drop, ..) => msg!(Said::NoAnswer),
        (Observed::Unknown, ..) => msg!(Said::HostSilent),
        (Observed::AnsweredByAnother, Some(who), _) => msg!(Said::Answered { who }),
        (Observed::AnsweredByAnother, None, _) => msg!(Said::AnsweredAnotherWhichNotKnown),
        (_, _, Some(rtt)) => msg!(Said::AnsweredIn { ms: format!("{:.2}", rtt.as_secs_f64() * 1000.0) }),
        (_, _, None) => msg!(Said::AnsweredAtLast),
    };
    let one = |Moved { vpc, reason, packets, rule }: &Moved| {
        let text = terminal.say(msg!(Said::Counted { vpc, packets, reason: counted(reason) }));
        let rule = rule.as_ref().map(|rule| terminal.say(msg!(Said::By { rule })));
        text + &rule.unwrap_or_default()
    };
    let moved: String = sighting.counters.iter().map(one).collect();
    let moved = match moved.as_str() {
        "" if sighting.unsent => terminal.say(msg!(Said::OwnLinkRefused)),
        "" if sighting.observed == Observed::Drop && sighting.counted => terminal.say(msg!(Said::NoDropCounted)),
        _ => moved,
    };
    let (verdict, style) = match sighting.agrees(predicted) {
        true => (msg!(Said::AsPredicted), GOOD),
        false if drifted => (msg!(Said::SomebodyChanged), BAD),
        false => (msg!(Said::DefectOrChanged), BAD),
    };
    let verdict = styled(&terminal.say(verdict), style, terminal.colour);
    let head = styled(&terminal.say(msg!(Said::Sent)), STRONG, terminal.colour);
    let line = format!("{head}  {}{moved}{}{verdict}", terminal.say(answer), terminal.say(msg!(Said::Semicolon)));
    format!("\n{}\n", fit(&line, terminal.width.clamp(NARROWEST, WIDEST), 6))
}

/// A flow's end in one line, as in `ecs-a → ecs-b icmp: no-route at VPC1: … (labs/x.toml:42)`.
pub fn line(trace: &Trace, source: Option<&Source>) -> String {
    let (Trace { from, to, disposition, .. }, traffic) = (trace, trace.traffic());
    let mut text = format!("{from} → {to} {traffic}: {disposition}");
    if let Some((place, step)) = trace.last_word() {
        let _ = write!(text, " at {}", place.with(&step.decision));
        if let Some(written) = step.origin.as_ref().and_then(|origin| written(origin, source)) {
            let _ = write!(text, " ({written})");
        }
    }
    text
}

/// The number of other pairs listed.
const LISTED: usize = 8;

/// Side effects of a fix, a line for each pair; empty if there are none.
pub fn also(changes: &[Change], terminal: &Terminal) -> String {
    if changes.is_empty() {
        return String::new();
    }
    let head = styled(&terminal.say(msg!(Said::WhatElseChanges)), STRONG, terminal.colour);
    let mut table = Table::new();
    for Change { from, to, was, is } in changes.iter().take(LISTED) {
        let tone = if is.reaches() { Tone::Good } else { Tone::Bad };
        let ends = (Tone::Plain, format!("{from} → {to}"));
        table.row([ends, (Tone::Plain, terminal.say(was)), (Tone::Plain, "→".into()), (tone, terminal.say(is))]);
    }
    let more = match changes.len().saturating_sub(LISTED) {
        0 => String::new(),
        more => terminal.wrap(&terminal.say(msg!(Said::MorePairs { more })), 2),
    };
    format!("\n{head}\n{}{more}", table.render(terminal, 2))
}

/// What a fix leaves behind, as commands that remove it; empty if it leaves nothing.
pub fn left(operations: &[Operation], terminal: &Terminal) -> String {
    if operations.is_empty() {
        return String::new();
    }
    let head = styled(&terminal.say(msg!(Said::WhatItLeaves)), STRONG, terminal.colour);
    operations.iter().map(command).fold(format!("\n{head}\n"), |text, command| text + "  " + &command + "\n")
}

/// The same as JSON.
#[derive(Debug, Serialize)]
pub struct JsonChange {
    from: String,
    to: String,
    was: String,
    is: String,
}

/// Side effects of a fix, as JSON.
pub fn also_to_json(changes: &[Change]) -> Vec<JsonChange> {
    let json = |Change { from, to, was, is }: &Change| {
        let [from, to] = [from, to].map(ToString::to_string);
        JsonChange { from, to, was: was.to_string(), is: is.to_string() }
    };
    changes.iter().map(json).collect()
}

/// An operation as the command to copy.
pub fn command(operation: &Operation) -> String {
    format!("peerlab api --as {} {}", operation.caller, operation.call)
}

/// Where something is written, as in `labs/x.toml:42` or `api: deactivate-router-interface ri-a`; `None` for the
/// provider's defaults.
pub fn written(origin: &Origin, source: Option<&Source>) -> Option<String> {
    match origin {
        Origin::File { span, .. } => source.map(|source| format!("{}:{}", source.name, source.line(span.start))),
        // Show the operation only for states; a created resource is named already.
        Origin::Api(operation) if operation.contains("activate-") => Some(format!("api: {operation}")),
        Origin::Api(_) => Some("api".into()),
        Origin::Provider => None,
    }
}

fn line_of(origin: &Origin, source: Option<&Source>) -> Option<usize> {
    match origin {
        Origin::File { span, .. } => source.map(|source| source.line(span.start)),
        Origin::Api(_) | Origin::Provider => None,
    }
}

// ── for a person ───────────────────────────────────────────────────────────────────────────────────────────────────

const GOOD: Style = AnsiColor::Green.on_default();
const BAD: Style = AnsiColor::Red.on_default();
const FAINT: Style = Style::new().dimmed();
const STRONG: Style = Style::new().bold();

struct Page<'a> {
    text: String,
    source: Option<&'a Source>,
    width: usize,
    terminal: Terminal,
}

/// A row of hops or blockers, before the columns' widths are known.
struct Row {
    mark: &'static str,
    style: Style,
    left: String,
    kind: String,
    text: String,
    written: Option<String>,
}

fn styled(text: &str, style: Style, colour: bool) -> String {
    if colour && !text.is_empty() { format!("{style}{text}{style:#}") } else { text.to_string() }
}

impl Page<'_> {
    fn say(&self, message: impl Into<Message>) -> String {
        self.terminal.say(message)
    }

    fn styled(&self, text: &str, style: Style) -> String {
        styled(text, style, self.terminal.colour)
    }

    fn verdict(&mut self, trace: &Trace) {
        let (Trace { from, to, disposition, .. }, traffic) = (trace, trace.traffic());
        let flow = self.styled(&format!("{from} → {to}  {traffic}"), STRONG);
        let (mark, style) = mark(disposition.reaches());
        let mut end = self.styled(&format!("{mark} {}", self.say(disposition)), style.bold());
        if self.terminal.language != Language::English {
            // The reason as in lab files.
            end += &self.styled(&format!("  {disposition}"), FAINT);
        }
        let line = format!("{flow}  {end}");
        let _ = match columns(&line) <= self.width {
            true => writeln!(self.text, "{line}"),
            // The names are too long for one line: put each on a separate line.
            false => {
                let from = self.styled(&from.to_string(), STRONG);
                let to = fit(&self.styled(&format!("  → {to}  {traffic}"), STRONG), self.width, 4);
                writeln!(self.text, "{from}\n{to}\n  {end}")
            }
        };
        if let Some(impostor) = trace.impostor() {
            let note = match trace.answered_by() {
                Some(_) => msg!(Said::AnswersNot { impostor, to }),
                None => msg!(Said::PacketGetsNot { impostor, to }),
            };
            let _ = writeln!(self.text, "  {}", self.styled(&self.say(note), BAD));
        }
    }

    fn hops(&mut self, trace: &Trace) {
        let (Some(source), Some(destination)) = (trace.source, trace.destination) else {
            return self.rows(self.rows_of(&trace.there));
        };
        self.heading(&self.say(msg!(Said::There)), &format!("{source} → {destination}"));
        self.rows(self.rows_of(&trace.there));
        if let Some(address) = trace.seen_from {
            let _ = writeln!(self.text, "  {}", self.styled(&self.say(msg!(Said::SeenFrom { address })), FAINT));
        }
        if !trace.back.is_empty() {
            self.heading(&self.say(msg!(Said::Back)), "");
            self.rows(self.rows_of(&trace.back));
        }
    }

    fn blockers(&mut self, blockers: &[Blocker]) {
        // The last hop already shows a single blocker; what to build instead is shown anyway.
        if blockers.len() > 1 {
            let found = self.say(msg!(Said::Blockers { blockers: blockers.len() }));
            self.heading(&found, &self.say(msg!(Said::BackEachIfThoseBefore)));
            let row = |blocker: &Blocker| Row {
                mark: "✗",
                style: BAD,
                left: self.say(blocker.disposition()),
                kind: String::new(),
                text: self.say(&blocker.at),
                written: blocker.origin.as_ref().and_then(|origin| written(origin, self.source)),
            };
            let all = blockers.iter().map(row).collect();
            self.rows(all);
        }
    }

    fn fix(&mut self, explanation: &Explanation) {
        let mut advice: Vec<_> = explanation.blockers.iter().filter_map(|blocker| blocker.instead.as_ref()).collect();
        // The texts for both directions may be the same.
        let mut said = BTreeSet::new();
        advice.retain(|text| said.insert(text.to_string()));
        match &explanation.fix {
            Some(fix) if fix.is_empty() => {}
            Some(fix) => {
                self.heading(&self.say(msg!(Said::MakeReach)), "");
                self.commands(fix.iter());
                self.advice(&advice);
            }
            None => {
                self.heading(&self.say(msg!(Said::NoOperationMakesReach)), "");
                self.advice(&advice);
                let some: Vec<_> = explanation.blockers.iter().flat_map(|blocker| &blocker.fix).collect();
                if !some.is_empty() {
                    self.heading(&self.say(msg!(Said::WhatLiftsOtherBlockers)), "");
                    self.commands(some.into_iter());
                }
            }
        }
    }

    fn advice(&mut self, advice: &[&Message]) {
        for text in advice.iter().copied() {
            let lines = break_line(&self.say(text), self.width.saturating_sub(4));
            for (index, line) in lines.iter().enumerate() {
                let _ = writeln!(self.text, "  {} {line}", if index == 0 { "•" } else { " " });
            }
        }
    }

    fn heading(&mut self, text: &str, rest: &str) {
        let line = format!("{}  {}", self.styled(text, STRONG), self.styled(rest, FAINT));
        let _ = writeln!(self.text, "\n{}", fit(line.trim_end_matches(' '), self.width, 2));
    }

    fn commands<'b>(&mut self, operations: impl Iterator<Item = &'b Operation>) {
        for operation in operations {
            let _ = writeln!(self.text, "  {}", command(operation));
        }
    }

    /// Rows in columns. A text that is too long continues on the next line; its place in the file is at the end of its
    /// last line, or below it if there is no room.
    fn rows(&mut self, rows: Vec<Row>) {
        let widest = |column: fn(&Row) -> usize| rows.iter().map(column).max().unwrap_or(0);
        let left = widest(|row| columns(&row.left));
        let kind = widest(|row| columns(&row.kind));
        let beside = 4 + left + 2 + if kind == 0 { 0 } else { kind + 2 };
        // The names leave no room for the text's longest word: put the text below them.
        let longest = widest(|row| row.text.split(' ').map(columns).max().unwrap_or(0));
        let below = beside + longest.max(NARROWEST / 2) > self.width;
        let indent = if below { 6 } else { beside };
        let room = self.width.saturating_sub(indent).max(NARROWEST / 2);
        for row in &rows {
            let mut head = format!("  {} {}  ", self.styled(row.mark, row.style), pad(&row.left, left));
            if kind > 0 {
                let _ = write!(head, "{}", self.styled(&format!("{}  ", pad(&row.kind, kind)), FAINT));
            }
            if below {
                let named = [&*row.left, &*self.styled(&row.kind, FAINT)].join("  ");
                let named = format!("  {} {}", self.styled(row.mark, row.style), named.trim());
                head = format!("{}\n{:indent$}", fit(&named, self.width, 4), "");
            }
            let mut used = 0;
            for (index, line) in break_line(&row.text, room).into_iter().enumerate() {
                if index > 0 {
                    let _ = write!(head, "\n{:indent$}", "");
                }
                used = columns(&line);
                head += &line;
            }
            if let Some(written) = &row.written {
                let wanted = columns(written);
                if used + 2 + wanted > room {
                    let _ = write!(head, "\n{:indent$}", "");
                    used = 0;
                }
                let space = room.saturating_sub(used + wanted);
                let _ = write!(head, "{:space$}{}", "", self.styled(written, FAINT));
            }
            let _ = writeln!(self.text, "{head}");
        }
    }

    /// A row for each step; only a hop's first step has the place.
    fn rows_of(&self, hops: &[Hop]) -> Vec<Row> {
        let rows = hops.iter().flat_map(|hop| {
            hop.steps.iter().enumerate().map(move |(index, step)| {
                let (mark, style) = mark(step.drop.is_none());
                Row {
                    mark,
                    style,
                    left: match &hop.place {
                        _ if index > 0 => String::new(),
                        // The decision names both ends.
                        Place::Peering { near, .. } => near.to_string(),
                        place => place.to_string(),
                    },
                    kind: self.say(step.decision.kind()),
                    text: self.say(&step.decision),
                    written: step.origin.as_ref().and_then(|origin| written(origin, self.source)),
                }
            })
        });
        rows.collect()
    }
}

fn mark(good: bool) -> (&'static str, Style) {
    if good { ("✓", GOOD) } else { ("✗", BAD) }
}

/// The fix as commands of the provider's own client, after an explanation.
pub fn in_client(lines: &[String], out: &Terminal) -> String {
    if lines.is_empty() {
        return String::new();
    }
    let heading = out.paint(Tone::Strong, out.say(Said::InClient));
    lines.iter().fold(format!("\n{heading}\n"), |text, line| format!("{text}  {line}\n"))
}

// ── as JSON ────────────────────────────────────────────────────────────────────────────────────────────────────────

/// `explain --json` (docs/lab-format.md §4).
#[derive(Debug, Serialize)]
pub struct Json {
    #[serde(flatten)]
    trace: JsonTrace,
    blockers: Vec<JsonBlocker>,
    /// All commands in order; `null`: no operation makes the flow reach.
    fix: Option<Vec<String>>,
}

impl Json {
    /// Rewrites each command with `written`.
    pub fn with_commands(mut self, written: impl Fn(&str) -> String) -> Self {
        let fixes = self.blockers.iter_mut().map(|blocker| &mut blocker.fix).chain(&mut self.fix);
        fixes.flatten().for_each(|command| *command = written(command));
        self
    }
}

/// The part with the hops, which `verify --json` has for each disagreement.
#[derive(Debug, Serialize)]
struct JsonTrace {
    from: String,
    to: String,
    protocol: String,
    /// The size of its packets, if one was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    size: Option<u16>,
    disposition: String,
    /// The one that answers instead of the named receiver.
    #[serde(flatten)]
    answered_by: AnsweredBy,
    /// The address by which the internet knows the sender, if the packet goes there.
    #[serde(skip_serializing_if = "Option::is_none")]
    seen_from: Option<String>,
    hops: Vec<JsonHop>,
}

#[derive(Debug, Serialize)]
struct JsonHop {
    way: &'static str,
    kind: &'static str,
    place: String,
    steps: Vec<JsonStep>,
}

#[derive(Debug, Serialize)]
struct JsonStep {
    kind: What,
    text: String,
    drop: Option<String>,
    line: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    operation: Option<String>,
}

#[derive(Debug, Serialize)]
struct JsonBlocker {
    reason: String,
    at: Message,
    line: Option<usize>,
    fix: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    instead: Option<Message>,
}

/// An explanation as JSON, with the real answer if a packet was sent; lines are those of the lab file.
pub fn to_json(explanation: &Explanation, seen: Option<&Sighting>, source: Option<&Source>) -> Json {
    let Explanation { trace, blockers, fix } = explanation;
    let blocker = |blocker: &Blocker| JsonBlocker {
        reason: blocker.disposition().to_string(),
        at: blocker.at.clone(),
        line: blocker.origin.as_ref().and_then(|origin| line_of(origin, source)),
        fix: blocker.fix.iter().map(command).collect(),
        instead: blocker.instead.clone(),
    };
    Json {
        trace: json_trace(trace, seen, source),
        blockers: blockers.iter().map(blocker).collect(),
        fix: fix.as_ref().map(|fix| fix.iter().map(command).collect()),
    }
}

fn json_trace(trace: &Trace, seen: Option<&Sighting>, source: Option<&Source>) -> JsonTrace {
    let there = trace.there.iter().map(|hop| json_hop(hop, false, source));
    let back = trace.back.iter().map(|hop| json_hop(hop, true, source));
    JsonTrace {
        from: trace.from.to_string(),
        to: trace.to.to_string(),
        protocol: trace.protocol.to_string(),
        size: trace.size,
        disposition: trace.disposition.to_string(),
        answered_by: AnsweredBy {
            seen: seen.and_then(|seen| seen.answered_by.seen.clone()),
            ..AnsweredBy::predicted(trace.answered_by().cloned())
        },
        seen_from: trace.seen_from.map(|address| address.to_string()),
        hops: there.chain(back).collect(),
    }
}

impl Serialize for Disagreement {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Json<'a> {
            #[serde(flatten)]
            trace: JsonTrace,
            #[serde(flatten)]
            sighting: &'a Sighting,
        }
        Json { trace: json_trace(&self.trace, Some(&self.sighting), Some(&self.source)), sighting: &self.sighting }
            .serialize(serializer)
    }
}

fn json_hop(hop: &Hop, on_return: bool, source: Option<&Source>) -> JsonHop {
    let kind = match hop.place {
        Place::Instance(_) => "instance",
        Place::NatGateway(_) => "nat_gateway",
        Place::Vpc(_) => "vpc",
        Place::Peering { .. } => "peering",
        Place::Internet => "internet",
    };
    let steps = hop.steps.iter().map(|step| JsonStep {
        kind: step.decision.kind(),
        text: step.decision.to_string(),
        drop: step.drop.map(|reason| Disposition::Drop { reason, on_return }.to_string()),
        line: step.origin.as_ref().and_then(|origin| line_of(origin, source)),
        operation: match &step.origin {
            Some(Origin::Api(text)) => Some(text.to_string()),
            _ => None,
        },
    });
    JsonHop {
        way: if on_return { "back" } else { "there" },
        kind,
        place: hop.place.to_string(),
        steps: steps.collect(),
    }
}

#[cfg(test)]
mod tests {
    mod explanations;

    use super::*;
    use crate::flow::Reason;

    #[test]
    fn a_drop_is_as_predicted_only_where_the_kernel_counted_it_under_the_predicted_reason() {
        let predicted = Disposition::Drop { reason: Reason::NoRoute, on_return: false };
        let seen = |reached, reasons: &[&str]| {
            let moved = |reason: &&str| Moved { vpc: "V1".into(), reason: (*reason).into(), packets: 1, rule: None };
            let observed = if reached { Observed::Reach } else { Observed::Drop };
            let counters = reasons.iter().map(moved).collect();
            Sighting { observed, answered_by: AnsweredBy::default(), rtt: None, unsent: false, counted: true, counters }
        };
        assert!(seen(false, &["no-route"]).agrees(predicted));
        assert!(!seen(false, &["peering-inactive"]).agrees(predicted));
        assert!(!seen(false, &[]).agrees(predicted));
        assert!(!seen(true, &[]).agrees(predicted));
        assert!(
            sent(&seen(false, &[]), predicted, false, &Terminal::PLAIN)
                .contains("no drop was counted; not as predicted")
        );
    }
}
