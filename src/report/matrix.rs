//! Renders a verification for a terminal: who reaches whom, and everything that failed.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use anstyle::{AnsiColor, Style};

use super::{drift, explain, order};
use crate::flow::{Disposition, Reason, Traffic};
use crate::message::Message;
use crate::msg;
use crate::report::count::{Thing, count};
use crate::report::messages::Said;
use crate::terminal::{Terminal, columns};
use crate::verify::{self, CheckResult, Observed, PairResult, Report, foretold};

/// The meaning of a text, which selects its colour. Colour never adds information.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Shade {
    Reach,
    Drop,
    Wrong,
    Quiet,
}

/// The number of disagreeing pairs listed one by one.
const LISTED: usize = 20;

/// Rows send, columns receive.
pub(crate) const HEAD: Said = Said::FromTo;

/// With more instances than this, the matrix is by VPC.
const INSTANCES: usize = 40;

/// Renders a report, in lines that fit the terminal if names allow it.
///
/// A few instances give a table with round trips and reasons, more give a table with one letter per pair, and more than
/// 40 a table with one letter per pair of VPCs.
pub fn render(report: &Report, terminal: &Terminal) -> String {
    let (page, width) = (Page { terminal: *terminal }, terminal.width);
    let mut text = drift::line(&report.lab, &report.drift, terminal);
    if !report.pairs.is_empty() {
        let instances = report.pairs.instances().len();
        // A column takes at least three characters.
        let matrix = (instances <= INSTANCES.max(width / 3)).then(|| Matrix::of_instances(report));
        let table = matrix.as_ref().and_then(|matrix| matrix.table(&page)).filter(|table| table.width <= width);
        text += &match (table, matrix) {
            (Some(table), _) => table.text,
            (None, Some(matrix)) if instances <= INSTANCES => matrix.letters(&page, width),
            _ => {
                let head = page.say(msg!(Said::InstancesVpc { instances }));
                format!("{head}\n{}", Matrix::of_vpcs(report).letters(&page, width))
            }
        };
        text.push('\n');
    }
    text + &failures(report, &page) + &summary(report, &page)
}

/// The drift, the failures, and a line with the overall result.
pub fn outcome(report: &Report, terminal: &Terminal) -> String {
    let page = Page { terminal: *terminal };
    drift::line(&report.lab, &report.drift, terminal) + &failures(report, &page) + &summary(report, &page)
}

/// The colours and the language of texts.
struct Page {
    terminal: Terminal,
}

impl Page {
    fn say(&self, message: impl Into<Message>) -> String {
        self.terminal.say(message)
    }

    fn paint(&self, shade: Shade, text: &str) -> String {
        let style = match shade {
            Shade::Reach => AnsiColor::Green.on_default(),
            Shade::Drop => AnsiColor::Yellow.on_default(),
            Shade::Wrong => AnsiColor::Red.on_default().bold(),
            Shade::Quiet => Style::new().dimmed(),
        };
        if self.terminal.colour && !text.trim().is_empty() {
            format!("{style}{text}{style:#}")
        } else {
            text.to_owned()
        }
    }

    /// Paints, then pads: the bytes of colours take no columns.
    fn cell(&self, shade: Shade, text: &str, width: usize) -> String {
        self.paint(shade, text) + &" ".repeat(width.saturating_sub(columns(text)))
    }
}

/// The matrix of reachability, by instance or by VPC.
struct Matrix<'a> {
    names: Vec<&'a str>,
    /// The cells, by the indices of the two names.
    cells: BTreeMap<(usize, usize), Cell>,
}

/// Pairs shown in one cell.
struct Cell {
    /// The first pair.
    first: PairResult,
    /// The number of pairs.
    pairs: usize,
    /// Whether all are as predicted.
    agree: bool,
    /// The number of represented pairs by prediction.
    predicted: BTreeMap<Disposition, usize>,
}

impl Cell {
    fn of(first: PairResult) -> Self {
        Cell { first, pairs: 0, agree: true, predicted: BTreeMap::new() }
    }

    fn add(&mut self, pair: &PairResult) {
        self.pairs += 1;
        self.agree &= pair.agrees();
        *self.predicted.entry(pair.predicted).or_default() += pair.stands_for;
    }
}

struct Table {
    text: String,
    width: usize,
}

impl<'a> Matrix<'a> {
    fn of_instances(report: &'a Report) -> Self {
        Matrix::new(report, report.pairs.instances().iter().map(|name| name.as_str()).collect())
    }

    fn of_vpcs(report: &'a Report) -> Self {
        let vpcs: BTreeMap<_, _> = report.places.iter().map(|it| (it.instance.as_str(), it.vpc.as_str())).collect();
        let of = |instance: &str| vpcs.get(instance).copied().unwrap_or("?");
        Matrix::new(report, report.pairs.instances().iter().map(|name| of(name.as_str())).collect())
    }

    /// `shown_as` gives each instance the name of its row and column.
    fn new(report: &Report, shown_as: Vec<&'a str>) -> Self {
        let (names, places) = order::distinct(&shown_as);
        let mut cells = BTreeMap::new();
        for ((from, to), pair) in report.pairs.placed() {
            cells.entry((places[from], places[to])).or_insert_with(|| Cell::of(pair.clone())).add(&pair);
        }
        Matrix { names, cells }
    }

    /// A table with one text per pair; `None` if a cell has no pair or several.
    fn table(&self, page: &Page) -> Option<Table> {
        let all = self.names.len();
        let mut rows = vec![vec![(Shade::Quiet, page.say(HEAD))]];
        rows[0].extend(self.names.iter().map(|name| (Shade::Quiet, (*name).to_owned())));
        for from in 0..all {
            let mut row = vec![(Shade::Quiet, self.names[from].to_owned())];
            for to in 0..all {
                row.push(match self.cells.get(&(from, to)) {
                    _ if from == to => (Shade::Quiet, "·".into()),
                    Some(cell) if cell.pairs == 1 => in_words(&cell.first, page),
                    _ => return None,
                });
            }
            rows.push(row);
        }
        let widths: Vec<_> = (0..=all).map(|at| rows.iter().map(|row| columns(&row[at].1)).max()).collect();
        let widths: Vec<_> = widths.into_iter().map(Option::unwrap_or_default).collect();
        let line = |row: Vec<(Shade, String)>| {
            let cells = row.iter().zip(&widths).map(|((shade, text), width)| page.cell(*shade, text, *width));
            let line = cells.collect::<Vec<_>>().join("  ");
            line.trim_end().to_owned() + "\n"
        };
        let text = rows.into_iter().map(line).collect();
        Some(Table { text, width: widths.iter().sum::<usize>() + 2 * all })
    }

    /// A table with one letter per cell, numbered columns and a legend.
    fn letters(&self, page: &Page, width: usize) -> String {
        let all = self.names.len();
        let digits = all.to_string().len();
        // A gap after every fifth column.
        let room = width.saturating_sub(digits + 2) * 5 / 6;
        if all > room.max(INSTANCES) {
            return self.sums(page);
        }
        let label = width.saturating_sub(digits + 2 + all + all / 5).clamp(11, 24);
        let head = page.say(HEAD);
        let label = self.names.iter().map(|name| columns(name)).max().unwrap_or(0).min(label).max(columns(&head));
        // A gap after every fifth column; if that does not fit, after every tenth.
        let room = width.saturating_sub(label + digits + 2);
        let extent = |every: usize| all + all.saturating_sub(1) / every;
        let every = if extent(5) > room && extent(10) <= room { 10 } else { 5 };
        let row = |label_text: &str, number: &str, cells: Vec<(Shade, char)>| {
            let mut line = page.cell(Shade::Quiet, &shorten(label_text, label), label + 1);
            line += &page.paint(Shade::Quiet, &format!("{number:>digits$} "));
            for (column, (shade, letter)) in cells.into_iter().enumerate() {
                if column > 0 && column % every == 0 {
                    line.push(' ');
                }
                line += &page.paint(shade, &letter.to_string());
            }
            line.trim_end().to_owned() + "\n"
        };
        let mut text = String::new();
        let mut used = BTreeSet::new();
        // Columns that do not fit follow below, with all rows again.
        let together = if extent(every) <= room { all } else { 5 * ((room + 1) / 6).max(1) };
        let all_columns: Vec<usize> = (0..all).collect();
        for (nth, band) in all_columns.chunks(together.max(1)).enumerate() {
            if nth > 0 {
                text.push('\n');
            }
            for place in 0..digits {
                let digit = |column: usize| format!("{:>digits$}", column + 1).chars().nth(place).unwrap_or(' ');
                let head = if place + 1 == digits { &*head } else { "" };
                text += &row(head, "", band.iter().map(|column| (Shade::Quiet, digit(*column))).collect());
            }
            for (from, name) in self.names.iter().enumerate() {
                let cell = |to: &usize| {
                    let none = (Shade::Quiet, if from == *to { '·' } else { ' ' });
                    self.cells.get(&(from, *to)).map_or(none, letter)
                };
                let cells: Vec<_> = band.iter().map(cell).collect();
                used.extend(cells.iter().map(|(_, letter)| *letter));
                text += &row(name, &(from + 1).to_string(), cells);
            }
        }
        let legend = legend();
        let legend = legend.iter().filter(|(letter, _)| used.contains(letter));
        let mut legend: Vec<_> = legend.map(|(letter, meaning)| format!("{letter} {}", page.say(meaning))).collect();
        if used.iter().any(char::is_ascii_uppercase) {
            legend.push(page.say(msg!(Said::CapitalsOnWayBack)));
        }
        text + &fill(&legend, width)
    }

    /// For labs too large for a table: the number of pairs by result.
    fn sums(&self, page: &Page) -> String {
        let mut sums: BTreeMap<Disposition, usize> = BTreeMap::new();
        for (predicted, pairs) in self.cells.values().flat_map(|cell| &cell.predicted) {
            *sums.entry(*predicted).or_default() += pairs;
        }
        let line = |(predicted, pairs): (Disposition, usize)| {
            let shade = if predicted.reaches() { Shade::Reach } else { Shade::Drop };
            let said = page.say(msg!(Said::PairsPredicted));
            format!("{pairs:>10} {said} {}\n", page.paint(shade, &page.say(predicted)))
        };
        sums.into_iter().map(line).collect()
    }
}

/// A pair in a word or two.
fn in_words(pair: &PairResult, page: &Page) -> (Shade, String) {
    let who = pair.answered_by.who().map_or("?".to_owned(), ToString::to_string);
    match (pair.agrees(), pair.observed, pair.predicted) {
        (true, Observed::AnsweredByAnother, _) => (Shade::Drop, page.say(msg!(Said::Answer { who }))),
        (true, Observed::Drop, Disposition::Drop { reason, on_return }) => {
            (Shade::Drop, format!("{}{}", if on_return { "↩ " } else { "" }, page.say(short(reason))))
        }
        (true, ..) => {
            let rtt = pair.rtt.map_or(String::new(), |rtt| format!(" {:.2}ms", rtt.as_secs_f64() * 1000.0));
            (Shade::Reach, format!("✓{rtt}"))
        }
        (_, Observed::Unknown, _) => (Shade::Wrong, page.say(Said::WrongUnknown)),
        (false, Observed::Drop, _) => (Shade::Wrong, page.say(Said::WrongDrop)),
        (false, Observed::AnsweredByAnother, _) => (Shade::Wrong, page.say(msg!(Said::WrongAnswer { who }))),
        (false, ..) => (Shade::Wrong, page.say(Said::WrongReach)),
    }
}

/// A reason in at most twelve characters.
pub(crate) fn short(reason: Reason) -> Said {
    match reason {
        Reason::TooBig => Said::TooBig,
        Reason::EgressSecurityGroup => Said::EgressGroup,
        Reason::EgressNetworkAcl => Said::EgressAcl,
        Reason::NoRoute => Said::NoRoute,
        Reason::InstanceStopped => Said::StoppedShort,
        Reason::NextHopGone => Said::NextHopGoneShort,
        Reason::NotForwarded => Said::NotForwardedShort,
        Reason::PeeringInactive => Said::Inactive,
        Reason::NotTransitive => Said::NotTransitiveShort,
        Reason::NoInternetGateway => Said::NoGateway,
        Reason::NoPublicIp => Said::NoPublicIp,
        Reason::NoSuchAddress => Said::NoAddress,
        Reason::IngressNetworkAcl => Said::IngressAcl,
        Reason::IngressSecurityGroup => Said::IngressGroup,
        Reason::AnsweredByAnother => Said::Another,
    }
}

/// The meanings of the matrix's letters.
pub(crate) fn legend() -> Vec<(char, Message)> {
    let ends = [Disposition::Reach].into_iter().chain(Reason::ALL.map(Disposition::drop));
    let ends = ends.map(|disposition| (letter_of(disposition), disposition.into()));
    let others = [('%', Said::SomeReach), ('!', Said::NotAsPredicted), ('·', Said::Itself)];
    ends.chain(others.map(|(letter, said)| (letter, said.into()))).collect()
}

/// The end of a flow as one character.
pub(crate) fn letter_of(disposition: Disposition) -> char {
    let Disposition::Drop { reason, on_return } = disposition else { return '✓' };
    let letter = match reason {
        Reason::TooBig => 'b',
        Reason::EgressSecurityGroup => 'e',
        Reason::EgressNetworkAcl => 'n',
        Reason::NoRoute => 'r',
        Reason::InstanceStopped => 's',
        Reason::NextHopGone => 'x',
        Reason::NotForwarded => 'f',
        Reason::PeeringInactive => 'p',
        Reason::NotTransitive => 't',
        Reason::NoInternetGateway => 'g',
        Reason::NoPublicIp => 'u',
        Reason::NoSuchAddress => 'a',
        Reason::IngressNetworkAcl => 'm',
        Reason::IngressSecurityGroup => 'i',
        Reason::AnsweredByAnother => 'o',
    };
    if on_return { letter.to_ascii_uppercase() } else { letter }
}

/// A cell as one character.
fn letter(cell: &Cell) -> (Shade, char) {
    if !cell.agree {
        return (Shade::Wrong, '!');
    }
    match cell.predicted.keys().next() {
        Some(Disposition::Reach) if cell.predicted.len() == 1 => (Shade::Reach, '✓'),
        Some(disposition) if cell.predicted.len() == 1 => (Shade::Drop, letter_of(*disposition)),
        _ => (Shade::Drop, '%'),
    }
}

/// The failures, each with what was expected, predicted and observed.
fn failures(report: &Report, page: &Page) -> String {
    let mut text = String::new();
    let wrong = page.paint(Shade::Wrong, "✗");
    let mut line = |said: String| {
        let _ = writeln!(text, "{wrong} {said}");
    };
    for check in report.checks.iter().filter(|check| !check.passed) {
        let CheckResult { from, to, expected, answered_by, line: at, .. } = check;
        let (predicted, observed) = (foretold(check.predicted, answered_by), check.observed.told(answered_by));
        let found = page.say(msg!(Said::ExpectedPredictedObserved {
            expected: verify::expected(expected),
            predicted,
            observed
        }));
        let check = page.say(msg!(Said::CheckAtLine { at, from, to, asked: check.asked() }));
        line(format!("{check}\n    {found}"));
    }
    let disagree = || report.pairs.iter().filter(|pair| !pair.agrees());
    for pair in disagree().take(LISTED) {
        let PairResult { from, to, protocol, answered_by, .. } = &pair;
        let (predicted, observed) = (foretold(pair.predicted, answered_by), pair.observed.told(answered_by));
        line(page.say(msg!(Said::PredictedObserved { from, to, protocol, predicted, observed })));
    }
    let more = disagree().count().saturating_sub(LISTED);
    if more > 0 {
        line(page.say(msg!(Said::MoreInJson { pairs: count(more, Thing::Pair) })));
    }
    for check in report.checks.iter().filter(|check| check.passed && !check.agrees()) {
        let CheckResult { from, to, protocol, answered_by, line: at, .. } = check;
        let asked = check.traffic();
        let (predicted, observed) = (foretold(check.predicted, answered_by), check.observed.told(answered_by));
        if asked != Traffic::from(*protocol) || !report.pairs.contains(from, to, *protocol) {
            line(page.say(msg!(Said::PredictedObservedAtLine { from, to, asked, at, predicted, observed })));
        }
    }
    for it in &report.counters {
        line(page.say(msg!(Said::DropsCounted { reason: it.reason, predicted: it.predicted, counted: it.counted })));
    }
    for disagreement in &report.disagreements {
        text += "\n";
        text += &explain::evidence(disagreement, !report.drift.is_empty(), &page.terminal);
    }
    if !report.disagreements.is_empty() {
        text.push('\n');
    }
    // The drift is the first line already.
    if report.summary.wrong() > 0 && report.drift.is_empty() {
        text += &page.say(Said::NotPredictedIsADefect);
    }
    text
}

fn summary(report: &Report, page: &Page) -> String {
    let summary = &report.summary;
    let seen = |observed| report.pairs.iter().filter(|pair| pair.observed == observed).count();
    let (reach, dropped, another) = (seen(Observed::Reach), seen(Observed::Drop), seen(Observed::AnsweredByAnother));
    let pairs = count(summary.pairs, Thing::Pair);
    let mut parts = vec![page.say(match (summary.stands_for, another) {
        (None, 0) => msg!(Said::ReachDropped { pairs, reach, dropped }),
        (None, _) => msg!(Said::ReachDroppedAnsweredAnother { pairs, reach, dropped, another }),
        (Some(all), 0) => msg!(Said::PingedFor { pairs, all, reach, dropped }),
        (Some(all), _) => msg!(Said::PingedForAnsweredByAnother { pairs, all, reach, dropped, another }),
    })];
    parts.push(match summary.wrong() {
        0 => page.paint(Shade::Reach, &page.say(Said::AllAsPredicted)),
        wrong => page.paint(Shade::Wrong, &page.say(msg!(Said::SomeNotAsPredicted { wrong }))),
    });
    let checks = summary.checks_passed + summary.checks_failed;
    if checks > 0 {
        parts.push(match summary.checks_failed {
            0 => page.paint(Shade::Reach, &page.say(msg!(Said::Passed { count: count(checks, Thing::Check) }))),
            wrong => {
                page.paint(Shade::Wrong, &page.say(msg!(Said::Failed { wrong, count: count(checks, Thing::Check) })))
            }
        });
    }
    let said = parts.join(&page.say(msg!(Said::Semicolon)));
    if columns(&said) <= page.terminal.width { said + "\n" } else { parts.join("\n") + "\n" }
}

/// Shortens a name in the middle, because its end is more informative: `very-long-…-07`.
pub(crate) fn shorten(text: &str, width: usize) -> String {
    let characters: Vec<_> = text.chars().collect();
    if characters.len() <= width || width < 5 {
        return characters.into_iter().take(width).collect();
    }
    let tail = &characters[characters.len() - 3..];
    characters[..width - 4].iter().chain(&['…']).chain(tail).collect()
}

/// Fills lines with texts.
fn fill(texts: &[String], width: usize) -> String {
    let mut lines = vec![String::new()];
    for text in texts {
        let line = lines.last_mut().expect("there is a first line");
        if !line.is_empty() && columns(line) + 2 + columns(text) > width {
            lines.push(text.clone());
        } else {
            *line += if line.is_empty() { "" } else { "  " };
            *line += text;
        }
    }
    lines.into_iter().map(|line| line + "\n").collect()
}

#[cfg(test)]
mod tests;
