//! Parses TOML with recovery: reports syntax errors, and reads the rest anyway.

mod messages;

use std::ops::Range;

use toml::de::DeTable;

use super::reader::Faults;
use crate::error::{Error, Source, Span};
use crate::message::Message;
use crate::msg;
use messages::Said;

/// Parses the whole text; reports syntax errors, and reads the rest anyway.
pub(super) fn parse<'i>(text: &'i str, faults: &mut Faults) -> DeTable<'i> {
    let (document, mut broken) = DeTable::parse_recoverable(text);
    broken.extend(hidden(text, &broken));
    for error in syntax_errors(text, broken) {
        let span = error.span.clone();
        let mut fault = Error::input(error.message).code(error.code).hint(error.hint);
        fault = fault.at(faults.source(), span);
        if let Some((first, label)) = error.first {
            fault = fault.related(faults.source(), first, label);
        }
        faults.push(fault);
    }
    document.into_inner()
}

/// Errors that the parser skips after a key that it cannot read: finds them by blanking that key's line.
fn hidden(text: &str, broken: &[toml::de::Error]) -> Vec<toml::de::Error> {
    let of_a_key = |error: &&toml::de::Error| {
        ["invalid unquoted key", "key with no value", "extra `=`"].iter().any(|it| error.message().starts_with(it))
    };
    let mut blank = text.to_owned();
    for error in broken.iter().filter(of_a_key) {
        let line = line_of(text, clamp(text, error.span()).start);
        if !text[line.clone()].trim_start().starts_with('[') {
            blank.replace_range(line.clone(), &" ".repeat(line.len()));
        }
    }
    if blank == text {
        return Vec::new();
    }
    let mut found = DeTable::parse_recoverable(&blank).1;
    found.retain(|error| error.message() != "duplicate key");
    found
}

/// The most syntax errors for which the file is searched: a file of another format has one on every line. The others are only
/// counted (`reader::sort`).
const MOST_ERRORS: usize = 200;

struct SyntaxError {
    code: &'static str,
    span: Span,
    first: Option<(Span, Label)>,
    message: Message,
    hint: Message,
}

fn syntax_errors(text: &str, broken: Vec<toml::de::Error>) -> Vec<SyntaxError> {
    let mut errors: Vec<SyntaxError> = Vec::new();
    // A duplicate table repeats its keys, which are not separate errors.
    let mut repeated: Range<usize> = 0..0;
    let mut broken: Vec<_> = broken.into_iter().map(|error| (clamp(text, error.span()), error)).collect();
    broken.sort_by_key(|(span, _)| span.start);
    for (number, (span, error)) in broken.into_iter().enumerate() {
        // What is above a byte, where the file is searched.
        let above = |at: usize| if number < MOST_ERRORS { &text[..at] } else { "" };
        if error.message() != "duplicate key" {
            let deep = error.message() == TOO_DEEP && number < MOST_ERRORS;
            let span = if deep { deepest(text, span) } else { span };
            // One mistake can break a line in several ways; its first error is enough.
            let line = line_of(text, span.start);
            let said =
                errors.last().is_some_and(|last| last.code == "Syntax" && line_of(text, last.span.start) == line);
            // Lines below an unclosed array are read as a part of it.
            let unclosed =
                errors.last().is_some_and(|last| last.first.as_ref().is_some_and(|it| it.1 == Label::ArrayBegins));
            if !said && !unclosed {
                errors.push(advised(text, above(line.start), span, error.message()));
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
            let first = lines(above(line_of(text, span.start).start))
                .find(|range| text[range.clone()].trim().starts_with(header));
            let end = text[span.end..].find("\n[").map_or(text.len(), |at| span.end + at);
            repeated = span.end..end;
            let message = msg!(Said::TableTwice { header });
            let first = first.map(|first| (first, Label::First));
            let hint = msg!(Said::NamesAreUnique);
            errors.push(SyntaxError { code: "DuplicateName", span, first, message, hint });
        } else {
            let above = above(line_of(text, span.start).start);
            let first = previous_key(above, key).map(|first| (first, Label::First));
            let message = msg!(Said::KeyTwice { key });
            let hint = msg!(Said::KeepOne);
            errors.push(SyntaxError { code: "DuplicateKey", span, first, message, hint });
        }
    }
    errors
}

/// The parser's message for a header or key with too many dots, which it reports after the end of its table.
const TOO_DEEP: &str = "recursion limit";

/// The key with the most dots in the lines above.
fn deepest(text: &str, behind: Span) -> Span {
    let dots = |line: &Span| unquoted(&text[line.clone()]).filter(|(_, c)| *c == '.').count();
    let line = lines(&text[..behind.start]).max_by_key(dots).unwrap_or(behind);
    let end = text[line.clone()].find([']', '=']).map_or(line.end, |at| line.start + at + 1);
    line.start..end
}

/// What another place of an error is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Label {
    First,
    ArrayBegins,
}

impl From<Label> for Message {
    fn from(label: Label) -> Self {
        match label {
            Label::First => msg!(Said::FirstHere),
            Label::ArrayBegins => msg!(Said::ArrayBeginsHere),
        }
    }
}

/// Characters that an input method or a word processor writes instead of TOML's.
const LOOKALIKES: &[(char, char)] = &[
    ('“', '"'),
    ('”', '"'),
    ('„', '"'),
    ('‘', '"'),
    ('’', '"'),
    ('＂', '"'),
    ('＇', '\''),
    ('「', '"'),
    ('」', '"'),
    ('＝', '='),
    ('，', ','),
    ('、', ','),
    ('：', '='),
    ('。', '.'),
    ('．', '.'),
    ('－', '-'),
    ('—', '-'),
    ('【', '['),
    ('】', ']'),
    ('［', '['),
    ('］', ']'),
    ('｛', '{'),
    ('｝', '}'),
    ('＃', '#'),
    ('／', '/'),
    ('\u{3000}', ' '),
    ('\u{a0}', ' '),
];

/// The parser's message, with what to do.
fn advised(text: &str, above: &str, span: Span, message: &str) -> SyntaxError {
    let line = line_of(text, span.start);
    let message = message.trim_end_matches(", expected nothing");
    let error =
        |span: Span, message: Message, hint: Message| SyntaxError { code: "Syntax", span, first: None, message, hint };
    // The error is at such a character, or after it.
    let known = |(at, sign): (usize, char)| {
        let (_, plain) = LOOKALIKES.iter().find(|(foreign, _)| *foreign == sign)?;
        Some((line.start + at..line.start + at + sign.len_utf8(), sign, *plain))
    };
    if let Some((at, sign, plain)) = unquoted(&text[line.clone()]).find_map(known) {
        return match plain {
            ' ' => error(at, msg!(Said::ForeignSpace), msg!(Said::TypePlainSpace)),
            plain => error(at, msg!(Said::ForeignSign { sign: sign.to_string() }), msg!(Said::TypePlain { plain })),
        };
    }
    if [TOO_DEEP, "cannot recurse further; max recursion depth met"].contains(&message) {
        let hint = msg!(Said::FourDeepAtMost);
        return error(span, msg!(Said::TooDeep), hint);
    }
    let here = text[span.start..line.end.max(span.start)].trim_start();
    let opened = (message.starts_with("string values must be quoted")
        && text[line.clone()].trim_start().starts_with('['))
    .then(|| open_array(above))
    .flatten();
    if let Some(opened) = opened {
        let unclosed = error(opened.clone(), msg!(Said::OpenArray), msg!(Said::CloseArray));
        return SyntaxError { first: Some((opened, Label::ArrayBegins)), span, ..unclosed };
    }
    let hint = match () {
        () if here.starts_with(':') || text[line.start..span.start].trim_end().ends_with(':') => {
            msg!(Said::WriteEquals)
        }
        () if here.starts_with("//") => msg!(Said::CommentSign),
        () if here.starts_with([';', '；']) => msg!(Said::NoSemicolon),
        () if here.starts_with('{') && message.starts_with("invalid key-value pair") => {
            msg!(Said::NotJson)
        }
        () if message.starts_with("invalid basic string") || message.starts_with("invalid literal string") => {
            msg!(Said::CloseString)
        }
        () if message.starts_with("missing escaped value") => msg!(Said::EscapeBackslash),
        () if message.starts_with("unclosed table") => {
            msg!(Said::CloseHeader)
        }
        () if message.starts_with("invalid inline table") => msg!(Said::CloseTable),
        () if message.starts_with("invalid unquoted key") => {
            msg!(Said::KeysAre)
        }
        () if message.starts_with("missing comma") => msg!(Said::WriteComma),
        () if message.starts_with("extra `=`") => msg!(Said::OneEquals),
        () if message.starts_with("key with no value") => msg!(Said::WriteKeyAndValue),
        () if message.starts_with("string values must be quoted") || message.starts_with("invalid float") => {
            msg!(Said::QuoteText)
        }
        () => msg!(Said::SeeToml),
    };
    error(span, msg!(Said::NotToml { why: message }), hint)
}

/// The characters of a line outside strings and comments, with their places.
fn unquoted(line: &str) -> impl Iterator<Item = (usize, char)> {
    let mut quote = None;
    let mut escaped = false;
    line.char_indices().take_while(move |(_, c)| *c != '#' || quote.is_some()).filter(move |(_, c)| {
        let inside = quote.is_some();
        match quote {
            Some('"') if *c == '\\' && !escaped => escaped = true,
            Some(open) if *c == open && !escaped => quote = None,
            Some(_) => escaped = false,
            None if matches!(c, '"' | '\'') => quote = Some(*c),
            None => {}
        }
        !inside
    })
}

/// The beginning of the last array of a text.
fn open_array(text: &str) -> Option<Span> {
    let above: Vec<Span> = lines(text).collect();
    let begins = |line: &Span| {
        let written = &text[line.clone()];
        let bracket = written.find('[').filter(|at| written[..*at].trim_end().ends_with('='))?;
        Some(line.start + bracket..line.start + bracket + 1)
    };
    above.iter().rev().find_map(begins)
}

/// A span clamped to `text`; its end if there is none.
fn clamp(text: &str, span: Option<Span>) -> Span {
    let span = span.unwrap_or(text.len()..text.len());
    let (start, end) = (span.start.min(text.len()), span.end.min(text.len()));
    if start <= end && text.is_char_boundary(start) && text.is_char_boundary(end) {
        start..end
    } else {
        text.len()..text.len()
    }
}

/// The line that contains byte `at`, without its newline.
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

/// The last place of `key` in a text, in its last table as far as its lines show.
fn previous_key(text: &str, key: &str) -> Option<Span> {
    let before: Vec<Span> = lines(text).collect();
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

/// The lines with syntax errors.
pub(super) struct BrokenLines {
    lines: Vec<Span>,
    /// Whether a header is among them, so that the table of the following lines is unknown.
    header: bool,
}

impl BrokenLines {
    /// The broken lines among the faults so far; `None` if the whole file is valid TOML.
    pub(super) fn of(source: &Source, faults: &Faults) -> Option<Self> {
        let syntax = faults.found().iter().filter(|error| error.code.as_deref() == Some("Syntax"));
        let starts = syntax.filter_map(|error| error.place.as_ref()).map(|place| place.span.start);
        let lines: Vec<Span> = starts.map(|at| line_of(&source.text, at)).collect();
        let header = lines.iter().any(|line| source.text[line.clone()].trim_start().starts_with('['));
        (!faults.found().is_empty()).then_some(BrokenLines { lines, header })
    }

    /// Whether an error is independent of the broken lines.
    pub(super) fn keeps(&self, error: &Error) -> bool {
        let own = ["Syntax", "DuplicateName", "DuplicateKey"];
        let sure = ["UnknownKey", "WrongType", "InvalidName", "InvalidOperation", "InvalidReason", "InvalidBandwidth"];
        let code = error.code.as_deref().unwrap_or_default();
        if own.contains(&code) {
            return true;
        }
        // A value that could not be read has no place.
        if error.place.as_ref().is_none_or(|place| place.span.is_empty()) {
            return false;
        }
        let at = error.place.as_ref().map_or(0, |place| place.span.start);
        !self.header && sure.contains(&code) && !self.lines.iter().any(|line| line.contains(&at) || line.end == at)
    }
}
