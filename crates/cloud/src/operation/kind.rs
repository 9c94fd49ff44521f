//! The types generated from the table of operations: a type for each call, the enum [`Call`], and each operation as
//! data.

use super::argument::{Argument, in_a_line};
use crate::PeeringKind;

/// An operation as data: everything that a grammar, a page or a form needs. A call of it is a `C`.
#[derive(Debug)]
pub struct Kind<C: 'static> {
    /// Its name (`create-subnet`).
    pub name: &'static str,
    /// Other accepted names.
    pub aliases: &'static [&'static str],
    /// The kind of peerings it works on, for operations that not every provider has.
    pub peering: Option<PeeringKind>,
    /// Whether no account calls it.
    pub is_nobodys: bool,
    /// Its name as a part of a lab that can be left out, as in `this route entry`. `None`: the rest of a lab depends on
    /// what it creates.
    pub part: Option<&'static super::Part>,
    /// The providers' API calls that correspond to it.
    pub api: &'static [(&'static str, &'static [&'static str])],
    pub(super) help: &'static str,
    /// Its own arguments, then those that it shares with others.
    pub(super) arguments: &'static [&'static [Argument]],
    pub(super) build: fn(&mut Texts<'_>) -> Option<C>,
}

/// Returns the texts given for an argument.
pub(super) type Texts<'a> = dyn FnMut(&'static Argument) -> Vec<String> + 'a;

impl<C> Kind<C> {
    /// Its description, one line without a full stop.
    pub fn help(&self) -> &'static str {
        in_a_line(self.help)
    }

    /// Its arguments, in order.
    pub fn arguments(&self) -> impl Iterator<Item = &'static Argument> + Clone + use<C> {
        self.arguments.iter().copied().flatten()
    }

    /// A call with these texts. `None` if a required one is missing.
    pub fn call(&self, mut texts: impl FnMut(&'static Argument) -> Vec<String>) -> Option<C> {
        (self.build)(&mut texts)
    }
}

/// A call, or arguments that several calls share.
pub(super) trait Arguments: Sized {
    /// Its own arguments, then the shared ones.
    const ALL: &'static [&'static [Argument]];

    /// The texts of each argument, in order.
    fn texts<'a>(&'a self, all: &mut Vec<&'a [String]>);

    /// The same, mutable.
    fn texts_mut<'a>(&'a mut self, all: &mut Vec<&'a mut [String]>);

    /// Creates it from the given texts.
    fn build(texts: &mut Texts<'_>) -> Option<Self>;
}

/// Defines a type for arguments, each `"--option" field: Type = Kind; rule "value"`; without an option, an argument is
/// positional.
macro_rules! arguments {
    ($(#[doc = $doc:literal])+ $name:ident {
        $($(#[doc = $help:literal])+ $($option:literal)? $field:ident: $type:ty = $kind:expr $(; $rule:ident $($value:expr)?)*,)*
        $(..$shared:ident: $Shared:ident,)?
    }) => {
        $(#[doc = $doc])+
        #[derive(Clone, Debug, PartialEq, Eq)]
        pub struct $name {
            $($(#[doc = $help])+ pub $field: $type,)*
            $(
                /// The shared arguments.
                pub $shared: $Shared,
            )?
        }

        impl Arguments for $name {
            const ALL: &'static [&'static [Argument]] = &[
                &[$(
                    Argument::new($kind)
                        $(.$rule($($value)?))*
                        .at(stringify!($field), super::kind::given!($($option)?), concat!($($help),+))
                        .of::<$type>()
                ),*],
                $($Shared::ALL[0],)?
            ];

            fn texts<'a>(&'a self, all: &mut Vec<&'a [String]>) {
                all.extend([$(self.$field.texts()),*]);
                $(self.$shared.texts(all);)?
            }

            fn texts_mut<'a>(&'a mut self, all: &mut Vec<&'a mut [String]>) {
                all.extend([$(self.$field.texts_mut()),*]);
                $(self.$shared.texts_mut(all);)?
            }

            fn build(texts: &mut Texts<'_>) -> Option<Self> {
                let mut own = Self::ALL[0].iter();
                Some($name {
                    $($field: Value::from_texts(texts(own.next()?))?,)*
                    $($shared: $Shared::build(texts)?,)?
                })
            }
        }
    };
}

/// Expands to the given value, if any.
macro_rules! given {
    () => {
        None
    };
    ($value:expr) => {
        Some($value)
    };
}

/// Expands to whether there is something.
macro_rules! is_there {
    () => {
        false
    };
    ($there:ident) => {
        true
    };
}

/// Defines the table: for each operation, the functions of [`Cloud`](crate::Cloud) that perform it and check
/// whether it is done already, and its arguments.
macro_rules! operations {
    ($(
        $(#[doc = $doc:literal])+
        $name:ident $text:literal does $apply:ident, done $done:ident
        $(, alias $alias:literal)* $(, of $peering:ident)? $(, by $nobody:ident)? $(, part $part:ident)?
        $(, api $provider:literal $($action:literal)+)*
        { $($arguments:tt)* }
    )*) => {
        $(arguments! { $(#[doc = $doc])+ $name { $($arguments)* } })*

        /// A call and its arguments, as written.
        #[derive(Clone, Debug, PartialEq, Eq)]
        pub enum Call {$(
            $(#[doc = $doc])+
            $name($name),
        )*}

        impl Kind<Call> {
            /// Every operation.
            pub const ALL: &'static [&'static Self] = &[$(&$name::KIND),*];
        }

        $(impl $name {
            /// The operation as data.
            const KIND: Kind<Call> = Kind {
                name: $text,
                aliases: &[$($alias),*],
                peering: super::kind::given!($(PeeringKind::$peering)?),
                is_nobodys: super::kind::is_there!($($nobody)?),
                part: super::kind::given!($(&Part::$part)?),
                api: &[$(($provider, &[$($action),+])),*],
                help: concat!($($doc),+),
                arguments: $name::ALL,
                build: |texts| $name::build(texts).map(Call::$name),
            };
        })*

        impl Call {
            /// Its operation.
            pub fn kind(&self) -> &'static Kind<Call> {
                match self {
                    $(Call::$name(_) => &$name::KIND,)*
                }
            }

            pub(super) fn texts(&self) -> Vec<&[String]> {
                let mut all = Vec::new();
                match self {
                    $(Call::$name(call) => call.texts(&mut all),)*
                }
                all
            }

            pub(super) fn texts_mut(&mut self) -> Vec<&mut [String]> {
                let mut all = Vec::new();
                match self {
                    $(Call::$name(call) => call.texts_mut(&mut all),)*
                }
                all
            }
        }

        impl $crate::Cloud {
            /// Performs it.
            pub(crate) fn perform(&mut self, operation: &Operation) -> Result<Outcome, Refusal> {
                match &operation.call {
                    $(Call::$name(call) => self.$apply(operation, call),)*
                }
            }

            /// Whether its effect exists already. `None` if something that it names does not exist or is not the
            /// caller's.
            pub(crate) fn is_done(&self, operation: &Operation) -> Option<bool> {
                match &operation.call {
                    $(Call::$name(call) => self.$done(operation, call),)*
                }
            }
        }
    };
}

pub(super) use {arguments, given, is_there, operations};
