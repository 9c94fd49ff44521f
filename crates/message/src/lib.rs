//! Messages as data: which message, with which values.
//!
//! A message becomes words only where it is shown, in the reader's language ([`Say::in_language`]). Each family of messages is an
//! enum that [`messages!`](crate::messages) makes of one table with both languages, so rustc finds a missing translation, an
//! unknown hole and a value that a language forgets. [`msg!`](crate::msg) makes a message, with values borrowed or not:
//!
//! ```
//! use peerlab_message::language::Language;
//! use peerlab_message::{Quoted, Say, Text};
//! use peerlab_message::{messages, msg};
//!
//! messages! {
//!     /// What a door says.
//!     pub enum Door in "door" {
//!         Locked { door: Text, owner: Text } en "{door} is locked: {owner} has the key" zh "{door}已上锁：钥匙在{owner}处";
//!         Unknown { text: Quoted } en "there is no door {text}" zh "没有名为{text}的门";
//!     }
//! }
//!
//! let owner = String::from("A");
//! let said = msg!(Door::Locked { door: "front", owner });
//! assert_eq!(said.to_string(), "front is locked: A has the key");
//! assert_eq!(said.in_language(Language::Chinese).to_string(), "front已上锁：钥匙在A处");
//! assert_eq!(said.id(), "door.Locked");
//! ```

#![forbid(unsafe_code)]

pub mod error;
pub mod language;
pub mod name;
pub mod printable;
mod table;
mod value;

use std::fmt;
use std::sync::Arc;

use serde::{Serialize, Serializer};
use serde_json::{Map, Value};

use crate::language::Language;

/// For the macros.
#[doc(hidden)]
pub use serde_json;
pub use value::{AllOf, And, Borrowed, Clauses, Each, KindAndName, List, Names, Number, Of, Or, OsError, Quoted, Text};

/// Something that can be put into words in a language.
pub trait Say {
    /// Writes it in a language.
    fn say(&self, language: Language, f: &mut fmt::Formatter<'_>) -> fmt::Result;

    /// As a program reads it: a name is `{"kind","name"}`, a number is a number, all else its English.
    fn json(&self) -> Value {
        Value::String(In { said: self, language: Language::English }.to_string())
    }

    /// It in a language, to be displayed.
    fn in_language(&self, language: Language) -> In<'_, Self>
    where
        Self: Sized,
    {
        In { said: self, language }
    }
}

/// Something in a language. Its `Display` ignores width and precision.
pub struct In<'a, T: ?Sized> {
    said: &'a T,
    language: Language,
}

impl<T: Say + ?Sized> fmt::Display for In<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.said.say(self.language, f)
    }
}

/// One message of a family.
pub trait Family: Say + Send + Sync {
    /// The family and the message in it (`router-interface.AcceptorConnects`): stable, for programs.
    fn id(&self) -> &'static str;

    /// The values by name, as JSON.
    fn values(&self) -> Map<String, Value>;
}

/// Any family's message. It has no language: `Display` is English, for logs and tests.
#[derive(Clone)]
pub struct Message(Arc<dyn Family>);

impl Message {
    /// The family and the message in it; empty for a sentence that is not a message yet.
    pub fn id(&self) -> &'static str {
        self.0.id()
    }

    /// The values by name, as JSON.
    pub fn values(&self) -> Map<String, Value> {
        self.0.values()
    }

    /// A text that reads the same in every language, where a message is wanted: a name, a command, what another program said.
    pub fn text(text: impl fmt::Display) -> Self {
        Message::from(value::Verbatim(Text::of(text)))
    }
}

impl<T: Family + 'static> From<T> for Message {
    fn from(message: T) -> Self {
        Message(Arc::new(message))
    }
}

impl From<&Message> for Message {
    fn from(message: &Message) -> Self {
        message.clone()
    }
}

impl From<&&Message> for Message {
    fn from(message: &&Message) -> Self {
        (*message).clone()
    }
}

impl Say for Message {
    fn say(&self, language: Language, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.say(language, f)
    }

    /// Its id and values, so that a message in a message keeps both.
    fn json(&self) -> Value {
        match self.id() {
            "" => Value::String(self.to_string()),
            id => serde_json::json!({ "id": id, "values": self.values() }),
        }
    }
}

/// Its English: what an object for programs has as a text.
impl Serialize for Message {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl std::error::Error for Message {}

impl fmt::Display for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.say(Language::English, f)
    }
}

impl fmt::Debug for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{:?}", self.id(), self.to_string())
    }
}

/// Two messages are equal if they say the same of the same.
impl PartialEq for Message {
    fn eq(&self, other: &Self) -> bool {
        self.id() == other.id() && self.values() == other.values()
    }
}

impl Eq for Message {}

/// For tests: whether its English is this.
impl PartialEq<str> for Message {
    fn eq(&self, english: &str) -> bool {
        let said = self.to_string();
        said == english
    }
}

impl PartialEq<&str> for Message {
    fn eq(&self, english: &&str) -> bool {
        *self == **english
    }
}

#[cfg(test)]
impl Message {
    /// Whether its English has this part.
    pub fn contains(&self, part: &str) -> bool {
        self.to_string().contains(part)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{messages, msg};

    messages! {
        /// Messages to try the table with.
        enum Tried in "tried" {
            Nothing en "nothing" zh "无";
            Found { name: Text, count: Number } en "{count} of {name}" zh "{name}有{count}个";
            Because { why: Message, names: Names } en "{names}: {why}" zh "{names}：{why}";
            Quote { text: Quoted } en "{text}?" zh "{text}？";
        }
    }

    fn chinese(message: &Message) -> String {
        message.in_language(Language::Chinese).to_string()
    }

    #[test]
    fn a_message_is_put_into_words_where_it_is_shown() {
        let found = msg!(Tried::Found { name: "rules", count: 3usize });
        let because = msg!(Tried::Because { why: &found, names: ["a", "b"] });
        assert_eq!(because, "a, b: 3 of rules");
        assert_eq!(chinese(&because), "a、b：rules有3个");
        assert_eq!(chinese(&msg!(Tried::Nothing)), "无");
        assert_eq!(msg!(Tried::Quote { text: "a\"b" }), "\"a\\\"b\"?");
    }

    #[test]
    fn a_message_is_data_for_programs() {
        let found = msg!(Tried::Found { name: "rules", count: 3usize });
        assert_eq!(found.id(), "tried.Found");
        assert_eq!(serde_json::json!(found.values()), serde_json::json!({ "name": "rules", "count": 3 }));
        let because = msg!(Tried::Because { why: found, names: ["a"] });
        let values = serde_json::json!(because.values());
        assert_eq!(values["why"]["values"]["count"], 3);
        assert_eq!(values["names"], serde_json::json!(["a"]));
    }

    #[test]
    fn messages_are_equal_by_id_and_values() {
        let one = msg!(Tried::Found { name: "a", count: 1usize });
        assert_eq!(one, msg!(Tried::Found { name: String::from("a"), count: 1usize }));
        assert_ne!(one, msg!(Tried::Found { name: "b", count: 1usize }));
    }

    #[test]
    fn two_readers_read_one_message_in_two_languages() {
        let found = msg!(Tried::Found { name: "rules", count: 3usize });
        std::thread::scope(|threads| {
            let english = threads.spawn(|| (0..100).all(|_| found == "3 of rules"));
            let translated = threads.spawn(|| (0..100).all(|_| chinese(&found) == "rules有3个"));
            assert!(english.join().unwrap() && translated.join().unwrap());
        });
    }
}
