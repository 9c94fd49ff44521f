//! Values that messages have beside the cloud's own: texts, lists, numbers.

use std::fmt;
use std::net::Ipv4Addr;
use std::sync::Arc;

use ipnet::Ipv4Net;
use serde_json::Value;

use super::{Message, Say};
use crate::as_it_is;
use crate::language::Language;

/// Makes a value of a message from what the caller has.
pub trait Of<S> {
    /// The value.
    fn of(from: S) -> Self;
}

/// Borrows what is borrowed already no further: `name` alone in [`msg!`](crate::msg) may be either.
pub trait Borrowed {
    /// It, borrowed once.
    fn borrowed(&self) -> &Self {
        self
    }
}

impl<T: ?Sized> Borrowed for T {}

as_it_is!(Ipv4Addr, Ipv4Net);

/// Of a message of whatever family, or of what says itself as one.
impl<T: Into<Message>> Of<T> for Message {
    fn of(from: T) -> Self {
        from.into()
    }
}

/// A number, a number for programs too.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Number(i64);

macro_rules! numbers {
    ($($type:ty),*) => {$(
        impl Of<$type> for Number {
            fn of(from: $type) -> Self {
                Number(i64::try_from(from).unwrap_or(i64::MAX))
            }
        }

        impl Of<&$type> for Number {
            fn of(from: &$type) -> Self {
                Number::of(*from)
            }
        }

        impl Of<&&$type> for Number {
            fn of(from: &&$type) -> Self {
                Number::of(**from)
            }
        }
    )*};
}

numbers!(u8, u16, u32, u64, usize, i32, i64);

impl Say for Number {
    fn say(&self, _: Language, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }

    fn json(&self) -> Value {
        self.0.into()
    }
}

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

/// What the operating system says of an error, in the words of its `errno`: the most usual ones in Chinese too.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OsError(Arc<str>);

impl<T: fmt::Display> Of<T> for OsError {
    fn of(from: T) -> Self {
        OsError(from.to_string().into())
    }
}

impl Say for OsError {
    fn say(&self, language: Language, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The standard library says it with a capital, and the number behind it.
        let words = self.0.split_once(" (os error").map_or(&*self.0, |(words, _)| words).to_lowercase();
        f.write_str(match (language, &*words) {
            (Language::Chinese, "operation not permitted") => "操作不被允许",
            (Language::Chinese, "permission denied") => "权限不足",
            (Language::Chinese, "no such file or directory") => "文件或文件夹不存在",
            (Language::Chinese, "operation not supported") => "操作不受支持",
            (Language::Chinese, "operation not supported on transport endpoint") => "操作不受支持",
            (Language::Chinese, "read-only file system") => "文件系统只读",
            (Language::Chinese, "no space left on device") => "设备上没有剩余空间",
            (Language::Chinese, "try again" | "resource temporarily unavailable") => "资源暂时不可用",
            (Language::Chinese, "cannot allocate memory") => "无法分配内存",
            (Language::Chinese, "too many open files") => "打开的文件过多",
            (Language::Chinese, "exec format error") => "可执行文件格式错误",
            (Language::Chinese, "is a directory") => "这是一个文件夹",
            (Language::Chinese, "file exists") => "文件已存在",
            (Language::Chinese, "not a directory") => "不是文件夹",
            (Language::Chinese, "no such device") => "设备不存在",
            (Language::Chinese, "invalid argument") => "参数无效",
            _ => &self.0,
        })
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

/// A thing with its kind: `router r1`, 路由器r1. Two words of Latin letters stay apart in Chinese too (`VPC v1`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KindAndName(Message, Arc<str>);

impl<K: Into<Message>, N: fmt::Display> Of<(K, N)> for KindAndName {
    fn of((kind, name): (K, N)) -> Self {
        KindAndName(kind.into(), name.to_string().into())
    }
}

impl Say for KindAndName {
    fn say(&self, language: Language, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let KindAndName(kind, name) = self;
        let kind = kind.in_language(language).to_string();
        let is_latin = |letter: Option<char>| letter.is_some_and(|it| it.is_ascii_alphanumeric());
        match language == Language::English || is_latin(kind.chars().last()) && is_latin(name.chars().next()) {
            true => write!(f, "{kind} {name}"),
            false => write!(f, "{kind}{name}"),
        }
    }

    fn json(&self) -> Value {
        serde_json::json!({ "kind": self.0.to_string().to_lowercase().replace(' ', "-"), "name": &*self.1 })
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

/// All of some, in a sentence: `a and b and c`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AllOf<T>(pub Vec<T>);

impl<S, T: Of<S>, L: IntoIterator<Item = S>> Of<L> for AllOf<T> {
    fn of(from: L) -> Self {
        AllOf(from.into_iter().map(T::of).collect())
    }
}

impl<T: Say> Say for AllOf<T> {
    fn say(&self, language: Language, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (language, &self.0[..]) {
            (Language::Chinese, [first @ .., last]) if !first.is_empty() => {
                joined(first.iter(), "", "、", language, f, |one, f| one.say(language, f))?;
                f.write_str("和")?;
                last.say(language, f)
            }
            (_, all) => joined(all.iter(), " and ", "、", language, f, |one, f| one.say(language, f)),
        }
    }

    fn json(&self) -> Value {
        self.0.iter().map(Say::json).collect()
    }
}

/// A list of values: `a, b, c`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Each<T>(pub Vec<T>);

impl<S, T: Of<S>, L: IntoIterator<Item = S>> Of<L> for Each<T> {
    fn of(from: L) -> Self {
        Each(from.into_iter().map(T::of).collect())
    }
}

impl<T: Say> Say for Each<T> {
    fn say(&self, language: Language, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        joined(self.0.iter(), ", ", "、", language, f, |one, f| one.say(language, f))
    }

    fn json(&self) -> Value {
        self.0.iter().map(Say::json).collect()
    }
}

/// A list of names in a sentence: `a, b and c`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct And(Vec<Arc<str>>);

impl<T: fmt::Display, L: IntoIterator<Item = T>> Of<L> for And {
    fn of(from: L) -> Self {
        And(from.into_iter().map(|text| text.to_string().into()).collect())
    }
}

impl Say for And {
    fn say(&self, language: Language, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (language, &self.0[..]) {
            (Language::English, [first @ .., last]) if !first.is_empty() => {
                joined(first.iter(), ", ", "、", language, f, |text, f| f.write_str(text))?;
                write!(f, " and {last}")
            }
            (_, all) => joined(all.iter(), ", ", "、", language, f, |text, f| f.write_str(text)),
        }
    }

    fn json(&self) -> Value {
        self.0.iter().map(|text| Value::String(text.as_ref().into())).collect()
    }
}

macro_rules! lists {
    ($($(#[$doc:meta])* $name:ident $english:literal $chinese:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq)]
        pub struct $name(Vec<Message>);

        impl<T: Into<Message>, L: IntoIterator<Item = T>> Of<L> for $name {
            fn of(from: L) -> Self {
                $name(from.into_iter().map(Into::into).collect())
            }
        }

        impl Say for $name {
            fn say(&self, language: Language, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                joined(self.0.iter(), $english, $chinese, language, f, |one, f| one.say(language, f))
            }

            fn json(&self) -> Value {
                self.0.iter().map(Say::json).collect()
            }
        }
    )*};
}

lists! {
    /// A list of messages: `a, b, c`.
    List ", " "、";
    /// Messages that are clauses of one: `a; b; c`.
    Clauses "; " "；";
}

/// What a message has to say only sometimes: nothing at all where there is `None`.
impl<T: Say> Say for Option<T> {
    fn say(&self, language: Language, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.as_ref().map_or(Ok(()), |said| said.say(language, f))
    }

    fn json(&self) -> Value {
        self.as_ref().map_or(Value::Null, Say::json)
    }
}

impl<S, T: Of<S>> Of<Option<S>> for Option<T> {
    fn of(from: Option<S>) -> Self {
        from.map(T::of)
    }
}

impl<'a, S, T: Of<&'a S>> Of<&'a Option<S>> for Option<T> {
    fn of(from: &'a Option<S>) -> Self {
        from.as_ref().map(T::of)
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

/// A text where a message is wanted.
pub(super) struct Verbatim(pub(super) Text);

impl Say for Verbatim {
    fn say(&self, language: Language, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.say(language, f)
    }
}

impl super::Family for Verbatim {
    fn id(&self) -> &'static str {
        ""
    }

    fn values(&self) -> serde_json::Map<String, Value> {
        [("text".to_owned(), self.0.json())].into_iter().collect()
    }
}
