//! The tables: a family's messages, and the words of an enum, each row with both languages.

/// Makes a family of messages: an enum, and its words in both languages.
///
/// A hole is named for the value it takes. rustc resolves the holes, so a wrong one is an error at the row, and so is a value
/// that a language does not use.
#[macro_export]
macro_rules! messages {
    (
        $(#[$meta:meta])*
        $vis:vis enum $family:ident in $prefix:literal {
            $($message:ident $({ $($field:ident: $type:ty),* $(,)? })? en $en:literal zh $zh:literal;)*
        }
    ) => {
        $(#[$meta])*
        #[allow(missing_docs)] // a row says in two languages what it is
        #[derive(Clone, Debug, PartialEq, Eq)]
        $vis enum $family {
            $($message $({ $($field: $type),* })?,)*
        }

        #[deny(unused_variables)]
        impl $crate::Say for $family {
            fn say(
                &self,
                language: $crate::language::Language,
                f: &mut ::std::fmt::Formatter<'_>,
            ) -> ::std::fmt::Result {
                #[allow(unused_imports)]
                use $crate::Say as _;
                match language {
                    $crate::language::Language::English => match self {
                        $($family::$message $({ $($field),* })? => {
                            $($(let $field = $field.in_language(language);)*)?
                            ::std::write!(f, $en)
                        })*
                    },
                    $crate::language::Language::Chinese => match self {
                        $($family::$message $({ $($field),* })? => {
                            $($(let $field = $field.in_language(language);)*)?
                            ::std::write!(f, $zh)
                        })*
                    },
                }
            }
        }

        impl ::std::convert::From<&$family> for $crate::Message {
            fn from(said: &$family) -> Self {
                $crate::Message::from(said.clone())
            }
        }

        impl $crate::Family for $family {
            fn id(&self) -> &'static str {
                match self {
                    $($family::$message { .. } => ::std::concat!($prefix, ".", ::std::stringify!($message)),)*
                }
            }

            fn values(&self) -> $crate::serde_json::Map<::std::string::String, $crate::serde_json::Value> {
                #[allow(unused_imports)]
                use $crate::Say as _;
                #[allow(unused_mut)]
                let mut values = $crate::serde_json::Map::new();
                match self {
                    $($family::$message $({ $($field),* })? => {
                        $($(values.insert(::std::stringify!($field).into(), $field.json());)*)?
                    })*
                }
                values
            }
        }
    };
}

/// A message of a family with its values, borrowed or not, of any type that the field can be made of; `name` alone is `name: name`.
#[macro_export]
macro_rules! msg {
    ($($message:ident)::+) => {
        $crate::Message::from($($message)::+)
    };
    ($($message:ident)::+ { $($field:ident $(: $value:expr)?),* $(,)? }) => {
        $crate::Message::from($($message)::+ {
            $($field: $crate::msg!(@value $field $($value)?),)*
        })
    };
    (@value $field:ident $value:expr) => {
        $crate::Of::of($value)
    };
    (@value $field:ident) => {
        $crate::Of::of({
            use $crate::Borrowed as _;
            $field.borrowed()
        })
    };
}

/// Says the variants of an enum that exists: in English as its `Display` has them, in Chinese as the table does. Each is a value
/// of messages, and a message.
#[macro_export]
macro_rules! words {
    ($type:ty, in $prefix:literal { $($variant:ident zh $zh:literal;)* }) => {
        impl $crate::Say for $type {
            fn say(
                &self,
                language: $crate::language::Language,
                f: &mut ::std::fmt::Formatter<'_>,
            ) -> ::std::fmt::Result {
                match language {
                    $crate::language::Language::English => ::std::fmt::Display::fmt(self, f),
                    $crate::language::Language::Chinese => f.write_str(match self { $(Self::$variant => $zh,)* }),
                }
            }
        }

        impl $crate::Family for $type {
            fn id(&self) -> &'static str {
                match self { $(Self::$variant => ::std::concat!($prefix, ".", ::std::stringify!($variant)),)* }
            }

            fn values(&self) -> $crate::serde_json::Map<::std::string::String, $crate::serde_json::Value> {
                $crate::serde_json::Map::new()
            }
        }

        impl ::std::convert::From<&$type> for $crate::Message {
            fn from(said: &$type) -> Self {
                $crate::Message::from(said.clone())
            }
        }

        $crate::values!($type);
    };
}

/// Lets a type be the value of a message, owned or borrowed.
#[macro_export]
macro_rules! values {
    ($($type:ty),* $(,)?) => {$(
        impl $crate::Of<$type> for $type {
            fn of(value: $type) -> Self {
                value
            }
        }

        impl $crate::Of<&$type> for $type {
            fn of(value: &$type) -> Self {
                value.clone()
            }
        }

        impl $crate::Of<&&$type> for $type {
            fn of(value: &&$type) -> Self {
                (*value).clone()
            }
        }
    )*};
}

/// Lets a type be the value of a message that reads the same in every language: a number, an address, a path.
#[macro_export]
macro_rules! as_it_is {
    ($($type:ty),* $(,)?) => {$(
        impl $crate::Say for $type {
            fn say(&self, _: $crate::language::Language, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                ::std::fmt::Display::fmt(self, f)
            }
        }
        $crate::values!($type);
    )*};
}
