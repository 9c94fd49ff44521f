//! The providers' words: each in Chinese and English, with where it is from.

use std::fmt;

use crate::language::Language;

/// Where a word is from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mark {
    /// A tutorial: readers click by it.
    Tutorial,
    /// A screenshot of that year.
    Screenshot,
    /// A document of the provider.
    Document,
    /// Proposed: nobody has confirmed it.
    Proposed,
}

/// A word of a provider's console.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Word {
    /// In Chinese.
    pub zh: &'static str,
    /// In English.
    pub en: &'static str,
    /// Where the Chinese is from.
    pub mark: Mark,
}

impl Word {
    /// In a language.
    pub fn of(self, language: Language) -> &'static str {
        match language {
            Language::Chinese => self.zh,
            Language::English => self.en,
        }
    }
}

impl fmt::Display for Word {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.en)
    }
}

/// Rows of words: name, mark (T, S, D, P), Chinese, English.
macro_rules! words {
    ($($name:ident $mark:ident $zh:literal $en:literal;)*) => {
        $(pub(crate) const $name: $crate::words::Word = $crate::words::Word {
            zh: $zh,
            en: $en,
            mark: $crate::words::mark::$mark,
        };)*

        /// All of them.
        pub(crate) const ALL: &[$crate::words::Word] = &[$($name),*];
    };
}

/// The marks as the rows have them.
pub(crate) mod mark {
    use super::Mark;

    pub(crate) const T: Mark = Mark::Tutorial;
    pub(crate) const S: Mark = Mark::Screenshot;
    pub(crate) const D: Mark = Mark::Document;
    pub(crate) const P: Mark = Mark::Proposed;
}

pub(crate) use words;
