//! Reads TOML tables with the place of every value, and collects all faults.

pub(super) mod messages;

use toml::de::{DeTable, DeValue};

use crate::cloud::{did_you_mean, left_out};
use crate::error::{Error, Errors, Kind, Source, Span};
use crate::message::Message;
use crate::msg;
use messages::Said;

/// A value with its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Written<T> {
    pub(super) value: T,
    pub(super) span: Span,
}

/// A string of the file.
pub(super) type Text = Written<String>;

/// The faults found so far.
pub(super) struct Faults {
    source: Source,
    found: Vec<Error>,
}

impl Faults {
    pub(super) fn new(source: &Source) -> Self {
        Faults { source: source.clone(), found: Vec::new() }
    }

    pub(super) fn source(&self) -> &Source {
        &self.source
    }

    pub(super) fn any(&self) -> bool {
        !self.found.is_empty()
    }

    /// A fault at `span`.
    pub(super) fn add(&mut self, code: &str, span: &Span, message: impl Into<Message>, hint: impl Into<Message>) {
        self.push(Error::input(message).code(code).at(&self.source, span.clone()).hint(hint));
    }

    /// A fault that involves two places.
    pub(super) fn add_pair(&mut self, code: &str, span: &Span, other: &Span, message: Message, hint: Message) {
        let error = Error::input(message).code(code).at(&self.source, span.clone()).hint(hint);
        let label = if code.starts_with("Duplicate") { msg!(Said::FirstHere) } else { msg!(Said::BesideThis) };
        self.push(error.related(&self.source, other.clone(), label));
    }

    pub(super) fn push(&mut self, error: Error) {
        self.found.push(error);
    }

    /// The faults found so far, unsorted.
    pub(super) fn found(&self) -> &[Error] {
        &self.found
    }

    /// Keeps only the faults for which `keep` returns true.
    pub(super) fn retain(&mut self, keep: impl FnMut(&Error) -> bool) {
        self.found.retain(keep);
    }

    /// All faults, in the order of the file.
    pub(super) fn into_errors(mut self) -> Errors {
        sort(&mut self.found);
        Errors(self.found)
    }
}

/// The most errors reported for one file: each takes a scan of the file, and a file of another format has one on every
/// line.
const MOST_ERRORS: usize = 100;

/// Sorts errors in the order of the file, those without a place last, and keeps only the first of very many.
pub(super) fn sort(errors: &mut Vec<Error>) {
    errors.sort_by_key(|error| error.place.as_ref().map_or(usize::MAX, |place| place.span.start));
    errors.dedup();
    let left_out = errors.len().saturating_sub(MOST_ERRORS);
    if left_out > 0 {
        errors.truncate(MOST_ERRORS);
        let kind = errors.last().map_or(Kind::Input, |last| last.kind);
        let message = msg!(Said::MoreErrors { left_out });
        errors.push(Error::new(kind, message).code("TooManyErrors").hint(msg!(Said::MendAboveFirst)));
    }
}

/// A table while it is read. It records the requested keys, so that all others are unknown.
pub(super) struct Table<'a, 'i> {
    /// Its name in messages: `[vpc.VPC1]`, `this route entry`.
    pub(super) what: Message,
    /// Its header, or the whole of an inline table.
    pub(super) span: Span,
    entries: &'a DeTable<'i>,
    known: Vec<&'static str>,
}

impl<'a, 'i> Table<'a, 'i> {
    pub(super) fn new(what: impl Into<Message>, span: Span, entries: &'a DeTable<'i>) -> Self {
        Table { what: what.into(), span, entries, known: Vec::new() }
    }

    /// From its first byte to the last of its values.
    pub(super) fn whole(&self) -> Span {
        self.span.start..end_of(self.entries).max(self.span.end)
    }

    /// Whether some key looks like a misspelling of `key`; it is reported as unknown, so `key` need not be reported as
    /// missing.
    pub(super) fn misspells(&self, key: &str) -> bool {
        let others = self.entries.iter().map(|(other, _)| other.get_ref());
        others.filter(|other| !self.known.contains(&&***other)).any(|other| nearest(other, [key]).is_some())
    }

    /// Whether `key` has a value, valid or not.
    pub(super) fn has(&self, key: &str) -> bool {
        self.entries.contains_key(key)
    }

    fn get(&mut self, key: &'static str) -> Option<(&'a DeValue<'i>, Span)> {
        self.known.push(key);
        self.entries.get(key).map(|value| (value.get_ref(), value.span()))
    }

    /// The string at `key`.
    pub(super) fn text(&mut self, key: &'static str, faults: &mut Faults) -> Option<Text> {
        let (value, span) = self.get(key)?;
        let text = value.as_str().map(|text| Text { value: text.to_owned(), span: span.clone() });
        if text.is_none() {
            let hint = match value {
                DeValue::Integer(_) | DeValue::Float(_) | DeValue::Boolean(_) => {
                    msg!(Said::PutInQuotes { key, written: &faults.source().text[span.clone()] })
                }
                _ => msg!(Said::WriteText { key }),
            };
            self.wrong_type(key, value, &span, msg!(Said::AText), hint, faults);
        }
        text
    }

    /// The required string at `key`. Reports a missing one; the caller then leaves the resource out.
    pub(super) fn required(
        &mut self,
        key: &'static str,
        example: impl Into<Message>,
        faults: &mut Faults,
    ) -> Option<Text> {
        if self.lacks(key, example, faults) { None } else { self.text(key, faults) }
    }

    /// The required string or whole number at `key`, as text. Reports a missing one.
    pub(super) fn required_number(
        &mut self,
        key: &'static str,
        example: impl Into<Message>,
        faults: &mut Faults,
    ) -> Option<Text> {
        if self.lacks(key, example, faults) { None } else { self.number(key, faults) }
    }

    /// Whether a required key is missing; reports it, unless another key is a misspelling of it.
    fn lacks(&mut self, key: &'static str, example: impl Into<Message>, faults: &mut Faults) -> bool {
        if self.has(key) {
            return false;
        }
        self.known.push(key);
        if !self.misspells(key) {
            let message = msg!(Said::NoKey { table: &self.what, key });
            faults.add("MissingKey", &self.span, message, msg!(Said::AddKey { key, example: example }));
        }
        true
    }

    /// The required string at `key`, or the strings of an array. Reports a missing one.
    pub(super) fn required_some(
        &mut self,
        key: &'static str,
        example: impl Into<Message>,
        faults: &mut Faults,
    ) -> Option<Vec<Text>> {
        let items = self.entries.get(key).and_then(|value| value.get_ref().as_array());
        match items.map(|items| items.len()) {
            None => self.required(key, example, faults).map(|text| vec![text]),
            Some(0) => {
                let (_, span) = self.get(key)?;
                let message = msg!(Said::EmptyKey { table: &self.what, key });
                faults.add("MissingKey", &span, message, msg!(Said::AddKey { key, example: example }));
                None
            }
            Some(count) => Some(self.texts(key, faults)).filter(|texts| texts.len() == count),
        }
    }

    /// The string or whole number at `key`, as text.
    pub(super) fn number(&mut self, key: &'static str, faults: &mut Faults) -> Option<Text> {
        let (value, span) = self.get(key)?;
        match value {
            DeValue::String(text) => Some(Text { value: text.to_string(), span }),
            DeValue::Integer(number) => {
                let text = match i64::from_str_radix(number.as_str(), number.radix()) {
                    Ok(number) => number.to_string(),
                    Err(_) => number.to_string(),
                };
                Some(Text { value: text, span })
            }
            _ => {
                self.wrong_type(key, value, &span, msg!(Said::ANumber), msg!(Said::WriteNumber { key }), faults);
                None
            }
        }
    }

    /// The boolean at `key`.
    pub(super) fn boolean(&mut self, key: &'static str, faults: &mut Faults) -> Option<Written<bool>> {
        let (value, span) = self.get(key)?;
        if let Some(value) = value.as_bool() {
            return Some(Written { value, span });
        }
        self.wrong_type(key, value, &span, msg!(Said::ABoolean), msg!(Said::WriteTrue { key }), faults);
        None
    }

    /// The strings of the array at `key`; empty if it is missing.
    pub(super) fn texts(&mut self, key: &'static str, faults: &mut Faults) -> Vec<Text> {
        let Some((value, span)) = self.get(key) else { return Vec::new() };
        let Some(items) = value.as_array() else {
            let hint = match value {
                DeValue::String(_) => msg!(Said::WriteInArray { key, written: &faults.source().text[span.clone()] }),
                _ => msg!(Said::WriteTexts { key }),
            };
            self.wrong_type(key, value, &span, msg!(Said::Texts), hint, faults);
            return Vec::new();
        };
        let mut texts = Vec::new();
        for item in items.iter() {
            match item.get_ref().as_str() {
                Some(text) => texts.push(Text { value: text.to_owned(), span: item.span() }),
                None => {
                    let hint = msg!(Said::EveryItemIsText { key });
                    self.wrong_type(key, item.get_ref(), &item.span(), msg!(Said::Texts), hint, faults);
                }
            }
        }
        texts
    }

    /// The tables of the array at `key`, each called `what`; empty if it is missing.
    pub(super) fn tables(
        &mut self,
        key: &'static str,
        what: impl Into<Message>,
        faults: &mut Faults,
    ) -> Vec<Table<'a, 'i>> {
        let Some((value, span)) = self.get(key) else { return Vec::new() };
        let Some(items) = value.as_array() else {
            let hint = match value {
                DeValue::Table(_) if faults.source().text[span.clone()].starts_with('[') => {
                    msg!(Said::TwoBrackets { key })
                }
                _ => msg!(Said::WriteTables { key }),
            };
            self.wrong_type(key, value, &span, msg!(Said::Tables), hint, faults);
            return Vec::new();
        };
        let mut tables = Vec::new();
        let what = what.into();
        for item in items.iter() {
            match item.get_ref().as_table() {
                Some(entries) => tables.push(Table::new(&what, item.span(), entries)),
                None => {
                    let hint = msg!(Said::EveryItemIsTable { key });
                    self.wrong_type(key, item.get_ref(), &item.span(), msg!(Said::Tables), hint, faults);
                }
            }
        }
        tables
    }

    /// The table at `key`.
    pub(super) fn table(
        &mut self,
        key: &'static str,
        what: impl Into<Message>,
        faults: &mut Faults,
    ) -> Option<Table<'a, 'i>> {
        let (value, span) = self.get(key)?;
        if let Some(entries) = value.as_table() {
            return Some(Table::new(what, span, entries));
        }
        self.wrong_type(key, value, &span, msg!(Said::ATable), msg!(Said::WriteTable { example: what }), faults);
        None
    }

    /// The tables under `key` by their names, in the order of the file: `[vpc.VPC1]`, `[vpc.VPC2]`.
    pub(super) fn named(&mut self, key: &'static str, prefix: &str, faults: &mut Faults) -> Vec<(Text, Table<'a, 'i>)> {
        let Some((value, span)) = self.get(key) else { return Vec::new() };
        let Some(tables) = value.as_table() else {
            let hint = match value {
                DeValue::Array(_) => msg!(Said::SingleBrackets { prefix, key }),
                _ => msg!(Said::WriteNamed { prefix, key }),
            };
            self.wrong_type(key, value, &span, msg!(Said::NamedTables), hint, faults);
            return Vec::new();
        };
        let mut named = Vec::new();
        for (name, value) in tables.iter() {
            let text = Text { value: name.get_ref().to_string(), span: name.span() };
            let what = Message::text(format_args!("[{prefix}{key}.{}]", text.value));
            match value.get_ref().as_table() {
                Some(entries) => named.push((text, Table::new(what, value.span(), entries))),
                None => {
                    let message = msg!(Said::NotATable { key, name: &text.value, is: kind_of(value.get_ref()) });
                    let hint = msg!(Said::AreNamedTables { example: what });
                    faults.add("WrongType", &text.span, message, hint);
                }
            }
        }
        named
    }

    fn wrong_type(&self, key: &str, value: &DeValue, span: &Span, wanted: Message, hint: Message, faults: &mut Faults) {
        let message = msg!(Said::WrongType { key, table: &self.what, is: kind_of(value), wanted });
        faults.add("WrongType", span, message, hint);
    }

    /// Reports every key that was not requested.
    pub(super) fn finish(self, faults: &mut Faults) {
        for (key, _) in self.entries.iter() {
            let name: &str = key.get_ref();
            if self.known.contains(&name) {
                continue;
            }
            // Only a limited number of errors is reported, and searching for similar keys takes time.
            let near = || nearest(name, self.known.iter().copied()).map(did_you_mean);
            let meant = if faults.found.len() > MOST_ERRORS { None } else { left_out(name).or_else(near) };
            let hint = meant.unwrap_or_else(|| msg!(Said::KeysAre { keys: &self.known }));
            faults.add("UnknownKey", &key.span(), msg!(Said::UnknownKey { table: &self.what, key: name }), hint);
        }
    }
}

/// The end of the last value in a table.
fn end_of(table: &DeTable) -> usize {
    let ends = table.iter().map(|(key, value)| {
        let own = key.span().end.max(value.span().end);
        let inner = match value.get_ref() {
            DeValue::Table(table) => end_of(table),
            DeValue::Array(items) => {
                items.iter().filter_map(|item| item.get_ref().as_table()).map(end_of).max().unwrap_or(0)
            }
            _ => 0,
        };
        own.max(inner)
    });
    ends.max().unwrap_or(0)
}

/// The kind of a value, for a sentence.
fn kind_of(value: &DeValue) -> Message {
    match value {
        DeValue::String(_) => msg!(Said::AText),
        DeValue::Integer(_) => msg!(Said::ANumber),
        DeValue::Float(_) => msg!(Said::AFraction),
        DeValue::Boolean(_) => msg!(Said::ABoolean),
        DeValue::Datetime(_) => msg!(Said::ADate),
        DeValue::Array(_) => msg!(Said::AnArray),
        DeValue::Table(_) => msg!(Said::ATable),
    }
}

/// The word that is most similar to `typed`: at most a third of its letters differ, or two letters are swapped.
pub fn nearest<'w>(typed: &str, words: impl IntoIterator<Item = &'w str>) -> Option<&'w str> {
    // A word much longer than any name is not a misspelling, and would take time.
    if typed.len() > 80 {
        return None;
    }
    let distance = |word: &str| edit_distance(&typed.to_lowercase(), &word.to_lowercase());
    let limit = (typed.chars().count() / 3).max(2).min(typed.chars().count() / 2);
    let best = words.into_iter().map(|word| (distance(word), word)).min_by_key(|(distance, _)| *distance);
    best.filter(|(distance, _)| *distance <= limit).map(|(_, word)| word)
}

/// The least number of letters to insert, delete or replace.
fn edit_distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, from) in a.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, to) in b.iter().enumerate() {
            let replaced = diagonal + usize::from(from != *to);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(diagonal + 1).min(row[j] + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_misspelling_finds_its_word_and_another_word_does_not() {
        let keys = ["cidr", "region", "account", "routes"];
        assert_eq!(nearest("regoin", keys), Some("region"));
        assert_eq!(nearest("CIDR", keys), Some("cidr"));
        assert_eq!(nearest("cdir", keys), Some("cidr"));
        assert_eq!(nearest("colour", keys), None);
        assert_eq!(nearest("x", keys), None);
    }

    #[test]
    fn the_distance_counts_insertions_deletions_and_replacements() {
        assert_eq!(edit_distance("", "abc"), 3);
        assert_eq!(edit_distance("kitten", "sitting"), 3);
        assert_eq!(edit_distance("same", "same"), 0);
    }
}
