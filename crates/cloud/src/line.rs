//! Formats a call as a run line that parses back to it.

use std::fmt;
use std::str::FromStr;

use super::{Argument, ArgumentKind, Call, OperationKind, WrittenValue};
use crate::error::Span;

/// The text of an option that is given without a value.
pub const GIVEN: &str = "true";

impl fmt::Display for Call {
    /// As in `create-vpc VPC1 --region cn-qingdao --cidr 192.168.0.0/16`; [`read`] reads the same call.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())?;
        let mut dashed = Vec::new();
        for (argument, texts) in self.arguments() {
            for text in texts {
                let word = shell_words::quote(text);
                if argument.kind == ArgumentKind::Flag && text == GIVEN {
                    write!(f, " --{}", argument.name())?;
                    continue;
                }
                match argument.option {
                    // A value that begins with a dash would be taken for an option.
                    Some(option) if text.starts_with('-') || argument.kind == ArgumentKind::Flag => {
                        write!(f, " --{option}={word}")?
                    }
                    Some(option) => write!(f, " --{option} {word}")?,
                    None if text.starts_with('-') => dashed.push(word),
                    None => write!(f, " {word}")?,
                }
            }
        }
        dashed.iter().try_for_each(|word| write!(f, " -- {word}"))
    }
}

impl Call {
    /// The operation and its main argument, as in `create-route-entry 172.16.0.0/16`.
    pub fn in_short(&self) -> String {
        let subject = self.arguments().find(|(argument, _)| argument.required).and_then(|(_, texts)| texts.first());
        subject.map_or_else(|| self.name().to_owned(), |subject| format!("{} {subject}", self.name()))
    }
}

/// A parsed call, with its values as written.
#[derive(Clone, Debug)]
pub struct Line {
    /// The call.
    pub call: Call,
    /// The values, in the order of the line.
    pub values: Vec<WrittenValue>,
}

/// A fault of a line, with its span.
#[derive(Clone, Debug)]
pub struct LineFault {
    /// The place.
    pub span: Span,
    /// The fault.
    pub what: Slip,
}

/// Why a line is not an operation.
#[derive(Clone, Debug)]
#[allow(missing_docs)] // the first field is the operation; texts are as they were written
pub enum Slip {
    /// The line is empty.
    Empty,
    /// A quote is not closed.
    OpenQuote,
    /// It does not begin with an operation.
    NoOperation { word: String },
    /// There is no such operation.
    UnknownOperation { word: String },
    /// The operation has no such option.
    UnknownOption { kind: &'static OperationKind, word: String },
    /// There are too many positional arguments.
    Extra { kind: &'static OperationKind, word: String },
    /// An option has no value.
    NoValue { kind: &'static OperationKind, argument: &'static Argument },
    /// An option is given twice.
    Twice { kind: &'static OperationKind, argument: &'static Argument },
    /// Two alternatives are both given.
    Both { kind: &'static OperationKind, first: &'static Argument, second: &'static Argument },
    /// Required arguments are missing.
    Lacking { kind: &'static OperationKind, arguments: Vec<&'static Argument> },
}

impl FromStr for Call {
    type Err = LineFault;

    fn from_str(line: &str) -> Result<Self, LineFault> {
        read(line).map(|line| line.call)
    }
}

/// Reads a line.
///
/// # Errors
///
/// The first syntax fault; the cloud checks the values.
pub fn read(line: &str) -> Result<Line, LineFault> {
    let words = split(line)?;
    let fault = |span: &Span, what| LineFault { span: span.clone(), what };
    let Some(first) = words.first() else { return Err(fault(&(0..line.len()), Slip::Empty)) };
    let word = first.text.clone();
    if word.starts_with('-') {
        return Err(fault(&first.span, Slip::NoOperation { word }));
    }
    let Some(kind) = OperationKind::named(&word) else {
        return Err(fault(&first.span, Slip::UnknownOperation { word }));
    };
    let values = values(kind, &words[1..])?;
    let whole = first.span.start..words.last().map_or(line.len(), |word| word.span.end);
    check_together(kind, &values, whole.clone())?;
    let texts = |argument: &'static Argument| {
        let own = values.iter().filter(|value| value.argument.field == argument.field);
        own.map(|value| value.text.clone()).collect()
    };
    let lacking = || Slip::Lacking { kind, arguments: Vec::new() };
    let call = kind.call(texts).ok_or_else(|| fault(&whole, lacking()))?;
    let written = |Given { argument, text, span, .. }| WrittenValue { argument: argument.name(), text, span };
    Ok(Line { call, values: values.into_iter().map(written).collect() })
}

/// A value of a line.
struct Given {
    argument: &'static Argument,
    text: String,
    /// The value's place, including its option if both are one word.
    span: Span,
    /// The option's place; the value's if it has none.
    at: Span,
}

fn values(kind: &'static OperationKind, words: &[Word]) -> Result<Vec<Given>, LineFault> {
    let mut values: Vec<Given> = Vec::new();
    let mut positional = kind.arguments().filter(|argument| argument.option.is_none());
    let mut only_positional = false;
    let mut words = words.iter().peekable();
    while let Some(word) = words.next() {
        let fault = |what| Err(LineFault { span: word.span.clone(), what });
        let (span, at) = (word.span.clone(), word.span.clone());
        if only_positional || word.is_plain() {
            match positional.next() {
                Some(argument) => values.push(Given { argument, text: word.text.clone(), span, at }),
                None => return fault(Slip::Extra { kind, word: word.text.clone() }),
            }
            continue;
        }
        if word.text == "--" {
            only_positional = true;
            continue;
        }
        let (option, attached) = word.text.split_once('=').map_or((&*word.text, None), |(it, value)| (it, Some(value)));
        let known = kind.arguments().find(|it| it.option.is_some() && it.option == option.strip_prefix("--"));
        let Some(argument) = known else {
            return fault(Slip::UnknownOption { kind, word: option.to_owned() });
        };
        let (text, span) = match attached {
            Some(value) => (value.to_owned(), span),
            None if argument.kind == ArgumentKind::Flag => (GIVEN.to_owned(), span),
            None => match words.next_if(|next| next.is_value_of(argument)) {
                Some(value) => (value.text.clone(), value.span.clone()),
                None => return fault(Slip::NoValue { kind, argument }),
            },
        };
        let before = values.iter().find(|value| !argument.several && value.argument.field == argument.field);
        if let Some(before) = before {
            return Err(LineFault { span: before.at.clone(), what: Slip::Twice { kind, argument } });
        }
        values.push(Given { argument, text, span, at });
    }
    Ok(values)
}

/// Checks for missing arguments and exclusive ones.
fn check_together(kind: &'static OperationKind, values: &[Given], whole: Span) -> Result<(), LineFault> {
    let given = |field: &str| values.iter().find(|value| value.argument.field == field);
    for argument in kind.arguments() {
        let Some(other) = argument.or else { continue };
        if let (Some(one), Some(other)) = (given(argument.field), given(other)) {
            let (first, second) = if one.at.start < other.at.start { (one, other) } else { (other, one) };
            let what = Slip::Both { kind, first: first.argument, second: second.argument };
            return Err(LineFault { span: first.at.clone(), what });
        }
    }
    let lacks = |it: &&Argument| given(it.field).is_none() && it.or.is_none_or(|other| given(other).is_none());
    let options = |it: &&Argument| it.option.is_some() && it.required;
    let either = |it: &&Argument| it.or.is_some();
    let positional = |it: &&Argument| it.option.is_none();
    let all = || kind.arguments().filter(lacks);
    let arguments: Vec<_> = all().filter(options).chain(all().filter(either)).chain(all().filter(positional)).collect();
    if arguments.is_empty() {
        return Ok(());
    }
    Err(LineFault { span: whole, what: Slip::Lacking { kind, arguments } })
}

/// A word of a line; its span includes the quotes, its text does not.
struct Word {
    text: String,
    span: Span,
}

impl Word {
    /// Whether it is not an option.
    fn is_plain(&self) -> bool {
        self.text == "-" || !self.text.starts_with('-')
    }

    fn is_value_of(&self, argument: &Argument) -> bool {
        let negative =
            || self.text.strip_prefix('-').is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()));
        self.is_plain() || argument.kind.may_begin_with_a_dash() && negative()
    }
}

fn split(line: &str) -> Result<Vec<Word>, LineFault> {
    let whole = 0..line.len();
    let Ok(texts) = shell_words::split(line) else { return Err(LineFault { span: whole, what: Slip::OpenQuote }) };
    let mut spans = spans(line);
    if spans.len() != texts.len() {
        spans = vec![whole; texts.len()];
    }
    Ok(texts.into_iter().zip(spans).map(|(text, span)| Word { text, span }).collect())
}

/// The places of the words of a line that [`shell_words::split`] takes.
fn spans(line: &str) -> Vec<Span> {
    let mut spans = Vec::new();
    let mut word: Option<usize> = None;
    let mut quote: Option<char> = None;
    let mut chars = line.char_indices();
    while let Some((at, c)) = chars.next() {
        match (quote, c) {
            (Some(open), _) if open == c => quote = None,
            (Some('"') | None, '\\') => {
                word.get_or_insert(at);
                chars.next();
            }
            (Some(_), _) => {}
            (None, ' ' | '\t' | '\n') => spans.extend(word.take().map(|start| start..at)),
            (None, '#') if word.is_none() => {
                chars.by_ref().find(|(_, c)| *c == '\n');
            }
            (None, '\'' | '"') => {
                word.get_or_insert(at);
                quote = Some(c);
            }
            (None, _) => {
                word.get_or_insert(at);
            }
        }
    }
    spans.extend(word.map(|start| start..line.len()));
    spans
}
