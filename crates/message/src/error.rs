//! Errors: what is wrong, where it is written, and what to do.

use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use serde::Serialize;

use crate::Message;

/// A byte range in a lab file's text.
pub type Span = Range<usize>;

/// A text to which errors refer: a lab file, or an operation typed on the command line.
#[derive(Clone, Debug, Eq)]
pub struct Source {
    /// Its name as the user gave it: a path, or `api` for a typed operation.
    pub name: Arc<str>,
    /// Its whole text.
    pub text: Arc<str>,
}

impl PartialEq for Source {
    /// Nearly always a text is compared with itself, and it may be megabytes long.
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name && (Arc::ptr_eq(&self.text, &other.text) || self.text == other.text)
    }
}

impl Source {
    /// A source from its name and text.
    pub fn new(name: impl Into<Arc<str>>, text: impl Into<Arc<str>>) -> Self {
        Source { name: name.into(), text: text.into() }
    }

    /// The line (from 1) that contains byte `at`.
    pub fn line(&self, at: usize) -> usize {
        let at = at.min(self.text.len());
        self.text.as_bytes()[..at].iter().filter(|byte| **byte == b'\n').count() + 1
    }
}

/// The kind of a failure, which alone determines the exit status.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// A check or the verification failed: exit 1.
    Check,
    /// The command line or the lab file is wrong: exit 2.
    Input,
    /// The cloud refused an operation: exit 3.
    Refused,
    /// The host cannot do it: exit 4.
    Host,
}

impl Kind {
    /// The exit status of a run that ends with this kind of error.
    pub fn exit_status(self) -> u8 {
        match self {
            Kind::Check => 1,
            Kind::Input => 2,
            Kind::Refused => 3,
            Kind::Host => 4,
        }
    }
}

/// A place in a source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The text.
    pub source: Source,
    /// The bytes at fault.
    pub span: Span,
}

impl Place {
    /// The line (from 1) where it begins.
    pub fn line(&self) -> usize {
        self.source.line(self.span.start)
    }
}

/// One error, ready to be shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error {
    /// The kind of failure.
    pub kind: Kind,
    /// The provider's error code, or peerlab's own for a lab file's faults.
    pub code: Option<String>,
    /// The problem, in terms of the user's input.
    pub message: Message,
    /// Where it is written.
    pub place: Option<Place>,
    /// The argument of the operation that is at fault.
    pub argument: Option<Argument>,
    /// The remedy.
    pub hint: Option<Message>,
    /// Other places that explain it, for example where a name was first used.
    pub related: Vec<Related>,
}

/// An argument of an operation, and what was written for it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Argument {
    /// By its name in the grammar: `cidr`, `next-hop`.
    pub name: Arc<str>,
    /// Without quotes and escapes.
    pub written: Arc<str>,
}

/// Another place that explains an error, with a label.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Related {
    /// Where.
    pub place: Place,
    /// The label, as in `first here`.
    pub label: Message,
}

impl Error {
    /// An error of `kind` with this message.
    pub fn new(kind: Kind, message: impl Into<Message>) -> Self {
        Error {
            kind,
            code: None,
            message: message.into(),
            place: None,
            argument: None,
            hint: None,
            related: Vec::new(),
        }
    }

    /// The command line or the lab file is wrong.
    pub fn input(message: impl Into<Message>) -> Self {
        Error::new(Kind::Input, message)
    }

    /// The host cannot do it.
    pub fn host(message: impl Into<Message>) -> Self {
        Error::new(Kind::Host, message)
    }

    /// With a code.
    pub fn code(mut self, code: impl Into<String>) -> Self {
        self.code = Some(code.into());
        self
    }

    /// With the place where it is written.
    pub fn at(mut self, source: &Source, span: Span) -> Self {
        self.place = Some(Place { source: source.clone(), span });
        self
    }

    /// With another place that explains it.
    pub fn related(mut self, source: &Source, span: Span, label: impl Into<Message>) -> Self {
        self.related.push(Related { place: Place { source: source.clone(), span }, label: label.into() });
        self
    }

    /// With the argument that is at fault.
    pub fn argument(mut self, name: &str, written: &str) -> Self {
        self.argument = Some(Argument { name: name.into(), written: written.into() });
        self
    }

    /// With what to do.
    pub fn hint(mut self, hint: impl Into<Message>) -> Self {
        self.hint = Some(hint.into());
        self
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(place) = &self.place {
            write!(f, "{}:{}: ", place.source.name, place.line())?;
        }
        if let Some(code) = &self.code {
            write!(f, "{code}: ")?;
        }
        write!(f, "{}", self.message)?;
        if let Some(hint) = &self.hint {
            write!(f, " ({hint})")?;
        }
        Ok(())
    }
}

impl std::error::Error for Error {}

impl From<Error> for Errors {
    fn from(error: Error) -> Self {
        Errors(vec![error])
    }
}

/// One or more errors, in the order of the file: a run reports all it can find.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Errors(pub Vec<Error>);

impl Errors {
    /// The gravest kind: a broken host, then wrong input, then a refusal, then a failed check.
    pub fn kind(&self) -> Option<Kind> {
        let rank = |kind: Kind| match kind {
            Kind::Host => 3,
            Kind::Input => 2,
            Kind::Refused => 1,
            Kind::Check => 0,
        };
        self.0.iter().map(|error| error.kind).max_by_key(|kind| rank(*kind))
    }

    /// `Ok` if nothing was collected.
    pub fn into_result(self) -> Result<(), Errors> {
        if self.0.is_empty() { Ok(()) } else { Err(self) }
    }
}

impl fmt::Display for Errors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, error) in self.0.iter().enumerate() {
            if i > 0 {
                f.write_str("\n")?;
            }
            error.fmt(f)?;
        }
        Ok(())
    }
}

impl std::error::Error for Errors {}

/// A result whose error is one error.
pub type Result<T, E = Error> = std::result::Result<T, E>;
