//! Exports a running lab as a lab file: the author's text, with operations by hand as steps in their places.

use std::ops::Range;

use super::file::{CheckTable, File};
use super::lab::{Check, Lab};
use super::play::messages::Said;
use super::read::read_as;
use super::reader::Faults;
use super::syntax;
use crate::cloud::{Call, Cloud, ResourceKind};
use crate::error::{Errors, Source, Span};
use crate::flow::Endpoint;
use crate::language::Language;
use crate::message::Say as _;
use crate::msg;

/// An entry of the exported file, in order: the file's own steps, each once, and operations by hand between them.
#[derive(Clone, Debug)]
pub enum Entry {
    /// A step of the file.
    Step {
        /// Its index, from 0.
        index: usize,
        /// For each line of its `run`: the line as it ran; `None` if it was skipped because its effect existed.
        ran: Vec<Option<String>>,
        /// Its checks, of the instances that are there then; `None`: one that cannot hold any more. Empty where all are as in
        /// their file.
        checks: Vec<Option<Check>>,
    },
    /// A step of the file that is not done, and that the cloud would refuse after the operations by hand: it stays.
    Refused {
        /// Its index, from 0.
        index: usize,
    },
    /// An operation by hand.
    ByHand {
        /// The calling account.
        account: String,
        /// The call.
        call: Call,
    },
}

/// A lab as a file.
#[derive(Clone, Debug)]
pub struct Exported {
    /// The file's text.
    pub text: String,
    /// The number of its steps.
    pub steps: usize,
    /// The number of those that are done, operations by hand among them.
    pub done: usize,
    /// The number of checks that became comments because they cannot hold any more.
    pub left_out: usize,
}

/// A range of a text, and its replacement.
type Edit = (Range<usize>, String);

/// The lab's file with these entries as its steps, of which the first `done` are done and made this Cloud, and with these
/// as its own checks. Reads the result again; returns its errors if there are any.
pub fn export(lab: &Lab, entries: &[Entry], done: usize, checks: &[Check], cloud: &Cloud) -> Result<Exported, Errors> {
    let text = &*lab.source.text;
    let mut faults = Faults::new(&lab.source);
    let document = syntax::parse(text, &mut faults);
    let file = File::read(&document, &mut faults);
    let mut edits = head(&file, text, lab, done, entries.len());
    edits.extend(file.checks.iter().zip(checks).flat_map(|(table, check)| renamed(table, check, cloud)));
    let (mut next, mut left_out) = (0, 0);
    for entry in entries {
        match entry {
            Entry::ByHand { account, call } => edits.push(by_hand(&file, text, next, account, call)),
            Entry::Step { index, ran, checks } => {
                next = index + 1;
                let step = &lab.steps[*index];
                for (table, check) in file.steps[*index].checks.iter().zip(checks) {
                    match check {
                        Some(check) => edits.extend(renamed(table, check, cloud)),
                        None => {
                            left_out += 1;
                            edits.extend(check_left_out(text, table));
                        }
                    }
                }
                for ((written, operation), ran) in file.steps[*index].run.iter().zip(&step.operations).zip(ran) {
                    match ran {
                        None => edits.extend(without(text, &written.span)),
                        Some(line) if *line != operation.call.to_string() => {
                            edits.push((written.span.clone(), quoted(line)));
                        }
                        Some(_) => {}
                    }
                }
                // A skipped line was not refused.
                if let (Some(refused), Some(None)) = (&file.steps[*index].refused, ran.last()) {
                    let start = line(text, &refused.span).start;
                    if text[start..].trim_start().starts_with("refused") {
                        edits.push((start..start, "# ".to_owned()));
                    }
                }
            }
            Entry::Refused { index } => next = index + 1,
        }
    }
    let mut text = edited(text, edits);
    // A check of a deleted instance cannot be evaluated.
    while let Err(errors) = read_as(Source::new(&*lab.source.name, &*text), Some(&lab.name)) {
        let edits = checks_at_fault(&text, &errors);
        if edits.is_empty() {
            return Err(errors);
        }
        left_out += edits.len();
        text = edited(&text, edits.concat());
    }
    Ok(Exported { text, steps: entries.len(), done, left_out })
}

/// The edits of `[lab]`: the lab's name, and `until` if not all steps are done.
fn head(file: &File, text: &str, lab: &Lab, done: usize, steps: usize) -> Vec<Edit> {
    let mut edits = Vec::new();
    let mut set = |written: Option<&Span>, key: &str, value: String| match (written, &file.lab.provider) {
        (Some(span), _) => edits.push((span.clone(), value)),
        (None, Some(provider)) => edits.push(beside(text, &provider.span, &format!("{key} = {value}"))),
        (None, None) => {}
    };
    if file.lab.name.as_ref().is_none_or(|name| name.value != lab.name) {
        set(file.lab.name.as_ref().map(|name| &name.span), "name", quoted(&lab.name));
    }
    let written = file.lab.until.as_ref();
    let is_needed = written.is_some() || done < steps;
    if is_needed && written.is_none_or(|written| written.value != done.to_string()) {
        set(written.map(|until| &until.span), "until", done.to_string());
    }
    edits
}

/// Inserts a key next to another key of the same table, which may be under a header, inline, or dotted keys.
fn beside(text: &str, value: &Span, key: &str) -> Edit {
    let before = text[line(text, value).start..value.start].trim_end().trim_end_matches('=');
    if before.contains(['{', ',']) {
        return (value.end..value.end, format!(", {key}"));
    }
    let prefix = before.rfind('.').map_or("", |dot| &before[..=dot]);
    let end = line(text, value).end;
    (end..end, format!("\n{prefix}{key}"))
}

/// Inserts an operation by hand as a step before the file's step `next`.
fn by_hand(file: &File, text: &str, next: usize, account: &str, call: &Call) -> Edit {
    let title = msg!(Said::ByHand { operation: call.in_short() });
    let titles = [Language::English, Language::Chinese].map(|language| title.in_language(language).to_string());
    let mut keys = vec![format!("title = {}", quoted(&titles[0])), format!("zh.title = {}", quoted(&titles[1]))];
    keys.push(format!("account = {}", quoted(account)));
    keys.push(format!("run = [{}]", quoted(&call.to_string())));
    let (last, first) = (next.checked_sub(1).map(|last| &file.steps[last].span), file.steps.first());
    let is_inline = |span: &Span| text[span.clone()].starts_with('{');
    let inline = format!("{{ {} }}", keys.join(", "));
    let table = format!("[[step]]\n{}\n", keys.join("\n"));
    match (last, first.map(|first| &first.span)) {
        (Some(last), _) if is_inline(last) => (last.end..last.end, format!(", {inline}")),
        (None, Some(first)) if is_inline(first) => (first.start..first.start, format!("{inline}, ")),
        (Some(last), _) => {
            let end = line(text, last).end;
            (end..end, format!("\n\n{}", table.trim_end()))
        }
        (None, Some(first)) => {
            let start = with_comment(text, first.start);
            (start..start, format!("{table}\n"))
        }
        (None, None) => {
            let end = text.len();
            (end..end, format!("{}\n{table}", if text.ends_with('\n') { "" } else { "\n" }))
        }
    }
}

/// The beginning of the comment directly above `start`.
fn with_comment(text: &str, start: usize) -> usize {
    let mut start = text[..start].rfind('\n').map_or(0, |at| at + 1);
    while let Some(before) = text[..start].strip_suffix('\n') {
        let above = before.rfind('\n').map_or(0, |at| at + 1);
        if !before[above..].trim_start().starts_with('#') {
            break;
        }
        start = above;
    }
    start
}

/// Removes an item from an array, with the comma after it, and with its line if nothing else is on it.
fn without(text: &str, item: &Span) -> Vec<Edit> {
    let Some(comma) = comma_behind(text, item.end) else { return vec![(item.clone(), String::new())] };
    let apart = text[item.end..comma].contains(['#', '\n']);
    if apart {
        return vec![(item.clone(), String::new()), (comma..comma + 1, String::new())];
    }
    let line = line(text, item);
    let is_blank = |part: &str| part.trim().is_empty();
    if is_blank(&text[line.start..item.start]) && is_blank(&text[comma + 1..line.end]) && line.end < text.len() {
        return vec![(line.start..line.end + 1, String::new())];
    }
    let space = text[comma + 1..].len() - text[comma + 1..].trim_start_matches(' ').len();
    vec![(item.start..comma + 1 + space, String::new())]
}

/// The next comma, after spaces and comments.
fn comma_behind(text: &str, mut at: usize) -> Option<usize> {
    loop {
        at += text[at..].len() - text[at..].trim_start().len();
        match text[at..].chars().next()? {
            ',' => return Some(at),
            '#' => at += text[at..].find('\n')?,
            _ => return None,
        }
    }
}

/// The ends of a check whose names or ids in the file are not those of its instances.
fn renamed(table: &CheckTable, check: &Check, cloud: &Cloud) -> Vec<Edit> {
    let mut edits = Vec::new();
    for (written, end) in [(&table.from, &check.from), (&table.to, &check.to)] {
        let Endpoint::Instance(name) = end else { continue };
        let meant = cloud.name_of(ResourceKind::Instance, &written.value);
        if written.value != name.as_str() && meant.as_deref() != Some(name.as_str()) {
            edits.push((written.span.clone(), quoted(name.as_str())));
        }
    }
    edits
}

/// Leaves a check out; turns it into a comment if it has lines of its own.
fn check_left_out(text: &str, table: &CheckTable) -> Vec<Edit> {
    match text[table.span.clone()].starts_with('{') {
        true => without(text, &table.span),
        false => vec![as_comment(text, &table.span)],
    }
}

/// Turns the table of a check into a comment.
fn as_comment(text: &str, table: &Span) -> Edit {
    let lines = line(text, table);
    let why = "# This check does not go with what was done by hand.\n".to_owned();
    let commented: Vec<_> =
        text[lines.clone()].split('\n').map(|line| format!("# {line}").trim_end().to_owned()).collect();
    (lines, why + &commented.join("\n"))
}

/// Leaves each check with errors out.
fn checks_at_fault(text: &str, errors: &Errors) -> Vec<Vec<Edit>> {
    let mut faults = Faults::new(&Source::new("", text));
    let document = syntax::parse(text, &mut faults);
    let file = File::read(&document, &mut faults);
    let checks: Vec<&CheckTable> = file.checks.iter().chain(file.steps.iter().flat_map(|step| &step.checks)).collect();
    let wrong = |check: &&&CheckTable| {
        let places = errors.0.iter().filter_map(|error| error.place.as_ref());
        places.into_iter().any(|place| check.span.start <= place.span.start && place.span.end <= check.span.end)
    };
    checks.iter().filter(wrong).map(|check| check_left_out(text, check)).collect()
}

/// The lines of a span, without the last newline.
fn line(text: &str, span: &Span) -> Span {
    let start = text[..span.start].rfind('\n').map_or(0, |at| at + 1);
    let end = text[span.end..].find('\n').map_or(text.len(), |at| span.end + at);
    start..end
}

/// Applies edits to a text; edits of the same place in their order.
fn edited(text: &str, mut edits: Vec<Edit>) -> String {
    edits.sort_by_key(|(range, _)| range.start);
    let (mut out, mut at) = (String::with_capacity(text.len()), 0);
    for (range, put) in edits {
        // Skip edits within a removed part.
        if range.start < at {
            continue;
        }
        out.push_str(&text[at..range.start]);
        out.push_str(&put);
        at = range.end;
    }
    out + &text[at..]
}

/// A TOML string: like JSON's, except for one character that JSON does not escape.
pub fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string().replace('\u{7f}', "\\u007f")
}
