//! Values that messages have beside the cloud's own: texts, lists, numbers.

use std::fmt;
use std::net::Ipv4Addr;
use std::sync::Arc;

use ipnet::Ipv4Net;
use serde_json::Value;

use super::{Message, Say};
use crate::language::Language;
use crate::{as_it_is, values};

/// Makes a value of a message from what the caller has.
pub trait Of<S> {
    /// The value.
    fn of(from: S) -> Self;
}

as_it_is!(Ipv4Addr, Ipv4Net);
values!(Message);

macro_rules! numbers {
    ($($type:ty),*) => {$(
        impl Say for $type {
            fn say(&self, _: Language, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(self, f)
            }

            fn json(&self) -> Value {
                (*self).into()
            }
        }
        values!($type);
    )*};
}

numbers!(u8, u16, u32, u64, usize, i32);

/// A text that reads the same in every language: what somebody wrote, a command, what the kernel said.
#[derive(Clone, PartialEq, Eq)]
pub struct Text(Arc<str>);

impl<T: fmt::Display> Of<T> for Text {
    fn of(from: T) -> Self {
        Text(from.to_string().into())
    }
}

impl fmt::Debug for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

impl Say for Text {
    fn say(&self, _: Language, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A text in quotes, with what is hidden in it escaped: what somebody wrote, where it may be anything.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Quoted(Arc<str>);

impl<T: fmt::Display> Of<T> for Quoted {
    fn of(from: T) -> Self {
        Quoted(from.to_string().into())
    }
}

impl Say for Quoted {
    fn say(&self, _: Language, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&*self.0, f)
    }

    fn json(&self) -> Value {
        Value::String(self.0.as_ref().into())
    }
}

/// A list of texts: `a, b, c`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Names(Vec<Arc<str>>);

impl<T: fmt::Display, L: IntoIterator<Item = T>> Of<L> for Names {
    fn of(from: L) -> Self {
        Names(from.into_iter().map(|text| text.to_string().into()).collect())
    }
}

impl Say for Names {
    fn say(&self, language: Language, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        joined(self.0.iter(), ", ", "、", language, f, |text, f| f.write_str(text))
    }

    fn json(&self) -> Value {
        self.0.iter().map(|text| Value::String(text.as_ref().into())).collect()
    }
}

/// Alternatives: `a or b or c`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Or<T>(pub Vec<T>);

impl<S, T: Of<S>, L: IntoIterator<Item = S>> Of<L> for Or<T> {
    fn of(from: L) -> Self {
        Or(from.into_iter().map(T::of).collect())
    }
}

impl<T: Say> Say for Or<T> {
    fn say(&self, language: Language, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        joined(self.0.iter(), " or ", "或", language, f, |one, f| one.say(language, f))
    }

    fn json(&self) -> Value {
        self.0.iter().map(Say::json).collect()
    }
}

fn joined<T>(
    all: impl Iterator<Item = T>,
    english: &str,
    chinese: &str,
    language: Language,
    f: &mut fmt::Formatter<'_>,
    say: impl Fn(T, &mut fmt::Formatter<'_>) -> fmt::Result,
) -> fmt::Result {
    for (index, one) in all.enumerate() {
        if index > 0 {
            f.write_str(if language == Language::Chinese { chinese } else { english })?;
        }
        say(one, f)?;
    }
    Ok(())
}

/// A sentence that is no message yet: its translation is found by its fixed words.
pub(super) struct Sentence(pub(super) Arc<str>);

impl Say for Sentence {
    fn say(&self, language: Language, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&language.translate(&self.0))
    }
}

impl super::Family for Sentence {
    fn id(&self) -> &'static str {
        ""
    }

    fn values(&self) -> serde_json::Map<String, Value> {
        [("text".to_owned(), Value::String(self.0.as_ref().into()))].into_iter().collect()
    }
}

impl From<String> for Message {
    fn from(sentence: String) -> Self {
        Message::from(Sentence(sentence.into()))
    }
}

impl From<&str> for Message {
    fn from(sentence: &str) -> Self {
        Message::from(Sentence(sentence.into()))
    }
}

impl From<&String> for Message {
    fn from(sentence: &String) -> Self {
        Message::from(sentence.as_str())
    }
}
