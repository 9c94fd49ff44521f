//! Parses the `run` lines of steps to operations, each with the places of its words in the file.

use super::broken::Broken;
use super::line;
use super::reader::{Faults, Text};
use crate::cloud::{AccountName, Call, Operation, Origin, WrittenValue};
use crate::error::{Error, Source, Span};

/// Parses one operation, as in a `run` line; an error refers to the line as a source called `api`.
pub fn parse_operation(line: &str) -> Result<Call, Error> {
    line::parse(line).map(|parsed| parsed.call).map_err(|fault| {
        let error = Error::input(fault.message).code("InvalidOperation").hint(fault.hint);
        error.at(&Source::new("api", line), fault.span)
    })
}

/// The operations of `run` lines. Adds the names in broken lines to `broken`.
pub(super) fn operations(
    run: &[Text],
    caller: &AccountName,
    broken: &mut Broken,
    faults: &mut Faults,
) -> Vec<Operation> {
    let mut operations = Vec::new();
    for written in run {
        let place = Placed::new(written, faults.source());
        match line::parse(&written.value) {
            Ok(parsed) => {
                let placed = |value: WrittenValue| WrittenValue { span: place.of(value.span), ..value };
                let values = parsed.values.into_iter().map(placed).collect();
                let origin = Origin::File { span: place.whole(), values };
                operations.push(Operation { caller: caller.clone(), call: parsed.call, origin });
            }
            Err(fault) => {
                faults.add("InvalidOperation", &place.of(fault.span), fault.message, fault.hint);
                broken_line(&written.value, broken);
            }
        }
    }
    operations
}

/// Marks what a broken line's operation would have created or changed as broken.
pub(super) fn broken_line(line: &str, broken: &mut Broken) {
    if let Some(name) = line.split_whitespace().nth(1) {
        broken.insert_whatever(name);
    }
}

/// A string of the file whose parts can have places.
struct Placed<'a> {
    written: &'a Text,
    /// The place of its first byte, if the file contains it without escapes.
    content: Option<usize>,
}

impl<'a> Placed<'a> {
    fn new(written: &'a Text, source: &Source) -> Self {
        let raw = &source.text[written.span.clone()];
        let content = (!written.value.is_empty()).then(|| raw.find(&written.value)).flatten();
        Placed { written, content: content.map(|at| written.span.start + at) }
    }

    fn whole(&self) -> Span {
        self.of(0..self.written.value.len())
    }

    /// The place in the file of a part of the string; the whole literal if it contains escapes.
    fn of(&self, part: Span) -> Span {
        match self.content {
            Some(start) => start + part.start..start + part.end,
            None => self.written.span.clone(),
        }
    }
}
