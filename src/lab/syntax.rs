//! From text to TOML: what is none is reported, and the rest is read all the same.

use std::ops::Range;

use toml::de::DeTable;

use super::reader::Faults;
use crate::error::{Error, Source, Span};

/// Parses the whole text; what is no TOML is reported, and the rest is read all the same.
pub(super) fn parse<'i>(text: &'i str, faults: &mut Faults) -> DeTable<'i> {
    let (document, broken) = DeTable::parse_recoverable(text);
    for error in syntax_errors(text, broken) {
        let span = error.span.clone();
        let mut fault = Error::input(error.message).code(error.code).hint(error.hint);
        fault = fault.at(faults.source(), span);
        if let Some(first) = error.first {
            fault = fault.related(faults.source(), first, "first here");
        }
        faults.push(fault);
    }
    document.into_inner()
}

/// So many errors of syntax are looked at: a file of another sort has one on every line, and each costs a look through it.
const MOST_ERRORS: usize = 200;

struct SyntaxError {
    code: &'static str,
    span: Span,
    first: Option<Span>,
    message: String,
    hint: &'static str,
}

fn syntax_errors(text: &str, broken: Vec<toml::de::Error>) -> Vec<SyntaxError> {
    let mut errors: Vec<SyntaxError> = Vec::new();
    // A table that is there twice repeats its keys: they are no errors of their own.
    let mut repeated: Range<usize> = 0..0;
    let mut broken: Vec<_> = broken.into_iter().map(|error| (clamp(text, error.span()), error)).collect();
    broken.sort_by_key(|(span, _)| span.start);
    broken.truncate(MOST_ERRORS);
    for (span, error) in broken {
        if error.message() != "duplicate key" {
            let message = error.message().trim_end_matches(", expected nothing");
            let message = format!("this is not TOML: {message}");
            let hint = "see https://toml.io for the format; strings stand in double quotes";
            // One slip can break a line in several ways: its first error says enough.
            let line = line_of(text, span.start);
            let said =
                errors.last().is_some_and(|last| last.code == "Syntax" && line_of(text, last.span.start) == line);
            if !said {
                errors.push(SyntaxError { code: "Syntax", span, first: None, message, hint });
            }
            continue;
        }
        if repeated.contains(&span.start) {
            continue;
        }
        let line = text[line_of(text, span.start)].trim();
        let key = text[span.clone()].trim();
        if line.starts_with('[') {
            let header = line.split('#').next().unwrap_or(line).trim_end();
            let first = lines(&text[..line_of(text, span.start).start])
                .find(|range| text[range.clone()].trim().starts_with(header));
            let end = text[span.end..].find("\n[").map_or(text.len(), |at| span.end + at);
            repeated = span.end..end;
            let message = format!("{header} is there twice");
            let hint = "names are unique in a lab: give one of the two another name";
            errors.push(SyntaxError { code: "DuplicateName", span, first, message, hint });
        } else {
            let first = previous_key(text, key, span.start);
            let message = format!("{key} is given twice in one table");
            errors.push(SyntaxError { code: "DuplicateKey", span, first, message, hint: "keep one of the two" });
        }
    }
    errors
}

/// A span that can be sliced out of `text`, at its end where there is none.
fn clamp(text: &str, span: Option<Span>) -> Span {
    let span = span.unwrap_or(text.len()..text.len());
    let (start, end) = (span.start.min(text.len()), span.end.min(text.len()));
    if start <= end && text.is_char_boundary(start) && text.is_char_boundary(end) {
        start..end
    } else {
        text.len()..text.len()
    }
}

/// The line on which byte `at` stands, without its end.
fn line_of(text: &str, at: usize) -> Span {
    let start = text[..at].rfind('\n').map_or(0, |end| end + 1);
    let end = text[at..].find('\n').map_or(text.len(), |end| at + end);
    start..end
}

fn lines(text: &str) -> impl Iterator<Item = Span> {
    let mut start = 0;
    text.split('\n').map(move |line| {
        let span = start..start + line.len();
        start = span.end + 1;
        span
    })
}

/// Where `key` was given before byte `at`, in the same table as far as its lines tell.
fn previous_key(text: &str, key: &str, at: usize) -> Option<Span> {
    let before: Vec<Span> = lines(&text[..line_of(text, at).start]).collect();
    for line in before.into_iter().rev() {
        let written = &text[line.clone()];
        let indent = written.len() - written.trim_start().len();
        let written = written.trim_start();
        if written.starts_with('[') {
            return None;
        }
        if written.strip_prefix(key).is_some_and(|rest| rest.trim_start().starts_with('=')) {
            return Some(line.start + indent..line.start + indent + key.len());
        }
    }
    None
}

/// The lines that are no TOML.
pub(super) struct BrokenLines {
    lines: Vec<Span>,
    /// A header is among them: which table the lines below belong to is not known.
    header: bool,
}

impl BrokenLines {
    /// Those among the faults found so far; `None` where the whole file is TOML.
    pub(super) fn of(source: &Source, faults: &Faults) -> Option<Self> {
        let syntax = faults.found().iter().filter(|error| error.code.as_deref() == Some("Syntax"));
        let starts = syntax.filter_map(|error| error.place.as_ref()).map(|place| place.span.start);
        let lines: Vec<Span> = starts.map(|at| line_of(&source.text, at)).collect();
        let header = lines.iter().any(|line| source.text[line.clone()].trim_start().starts_with('['));
        (!faults.found().is_empty()).then_some(BrokenLines { lines, header })
    }

    /// Whether an error stands whatever the broken lines were meant to say.
    pub(super) fn keeps(&self, error: &Error) -> bool {
        let own = ["Syntax", "DuplicateName", "DuplicateKey"];
        let sure = ["UnknownKey", "WrongType", "InvalidName", "InvalidOperation", "InvalidReason", "InvalidBandwidth"];
        let code = error.code.as_deref().unwrap_or_default();
        if own.contains(&code) {
            return true;
        }
        let at = error.place.as_ref().map_or(0, |place| place.span.start);
        !self.header && sure.contains(&code) && !self.lines.iter().any(|line| line.contains(&at) || line.end == at)
    }
}
