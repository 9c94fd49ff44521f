//! What the APIs keep beside the Cloud, which has one name for each thing: labels, and the answers to repeated requests.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// What is kept of a lab.
#[derive(Clone, Debug, Default)]
pub struct Kept {
    /// By id and word (`name`, `description`, …).
    words: BTreeMap<(String, String), String>,
    /// By account, action and token.
    answers: BTreeMap<(String, String, String), (u64, Value)>,
    /// When the lab began, in seconds since 1970.
    began: i64,
}

/// A change of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Note {
    /// A thing is called so; no text: it is called nothing.
    Word {
        /// Its id.
        id: String,
        /// Which word of it.
        word: String,
        /// The word.
        text: String,
    },
    /// A request with this token had this answer.
    Answer {
        /// The account.
        account: String,
        /// The action.
        action: String,
        /// The token.
        token: String,
        /// A hash of the other parameters.
        parameters: u64,
        /// The answer.
        reply: Value,
    },
}

/// The word that lists show as a thing's name.
pub(crate) const NAME: &str = "name";
/// A longer word of it.
pub(crate) const DESCRIPTION: &str = "description";
/// When it was made.
pub(crate) const MADE: &str = "made";
/// The zone it is in.
pub(crate) const ZONE: &str = "zone";

/// What is kept, with the notes of a change that is being made.
#[derive(Clone, Copy, Debug)]
pub struct Words<'a> {
    kept: &'a Kept,
    notes: &'a [Note],
}

impl<'a> From<&'a Kept> for Words<'a> {
    fn from(kept: &'a Kept) -> Self {
        Words { kept, notes: &[] }
    }
}

impl<'a> Words<'a> {
    /// With these notes, the latest last.
    pub(crate) fn with(kept: &'a Kept, notes: &'a [Note]) -> Self {
        Words { kept, notes }
    }

    /// A word of a thing.
    pub fn word(&self, id: &str, word: &str) -> Option<&'a str> {
        let noted = self.notes.iter().rev().find_map(|note| match note {
            Note::Word { id: of, word: named, text } if of == id && named == word => Some(text.as_str()),
            _ => None,
        });
        let kept = || self.kept.words.get(&(id.to_owned(), word.to_owned())).map(String::as_str);
        noted.map_or_else(kept, |text| Some(text).filter(|text| !text.is_empty()))
    }

    /// The words of a thing that begin with a prefix, without it, in order.
    pub(crate) fn words(&self, id: &str, prefix: &str) -> BTreeMap<&'a str, &'a str> {
        let from = self.kept.words.range((id.to_owned(), prefix.to_owned())..);
        let mut all: BTreeMap<&str, &str> = from
            .take_while(|((of, _), _)| of == id)
            .map_while(|((_, word), text)| Some((word.strip_prefix(prefix)?, text.as_str())))
            .collect();
        for note in self.notes {
            if let Note::Word { id: of, word, text } = note
                && of == id
                && let Some(word) = word.strip_prefix(prefix)
            {
                all.insert(word, text);
            }
        }
        all.retain(|_, text| !text.is_empty());
        all
    }

    /// When a thing was made.
    pub(crate) fn made(&self, id: &str) -> i64 {
        self.word(id, MADE).and_then(|text| text.parse().ok()).unwrap_or(self.kept.began)
    }
}

impl Note {
    /// A word of a thing.
    pub(crate) fn word(id: &str, word: &str, text: impl Into<String>) -> Self {
        Note::Word { id: id.into(), word: word.into(), text: text.into() }
    }
}

impl Kept {
    /// Nothing yet, of a lab that began at this time, in seconds since 1970.
    pub fn since(began: i64) -> Self {
        Kept { began, ..Kept::default() }
    }

    /// Adds a change.
    pub fn note(&mut self, note: Note) {
        match note {
            Note::Word { id, word, text } if text.is_empty() => _ = self.words.remove(&(id, word)),
            Note::Word { id, word, text } => _ = self.words.insert((id, word), text),
            Note::Answer { account, action, token, parameters, reply } => {
                self.answers.insert((account, action, token), (parameters, reply));
            }
        }
    }

    /// The answer to an earlier request with this token, and the hash of its parameters.
    pub fn answer(&self, account: &str, action: &str, token: &str) -> Option<&(u64, Value)> {
        self.answers.get(&(account.to_owned(), action.to_owned(), token.to_owned()))
    }
}
