//! Fields of forms: how a value is given.

use crate::choices::{self, Choice, distinct};
use crate::cloud::{Argument, ArgumentKind};
use crate::messages::Said;
use crate::view::View;
use crate::words::Word;

/// A field.
#[derive(Clone, Debug)]
pub struct Field {
    /// Its name in the form.
    pub name: String,
    /// The word beside it, which is its name for readers of the page.
    pub label: String,
    /// How its value is given.
    pub control: Control,
    /// The value.
    pub value: String,
    /// A line below it.
    pub note: String,
    /// The arguments of the call that it is for.
    pub arguments: &'static [&'static str],
    /// How a value reads that cannot be changed, if otherwise.
    pub shown: Option<String>,
    /// Only while another field has one of these values.
    pub when: Option<(&'static str, &'static [&'static str])>,
}

/// How a value is given.
#[derive(Clone, Debug)]
pub enum Control {
    /// It is typed.
    Text,
    /// One of a few.
    Radios(Vec<Choice>),
    /// One of many.
    Select(Vec<Choice>),
    /// Any number of them.
    Checks(Vec<Choice>),
    /// It cannot be changed.
    Fixed,
}

impl Field {
    pub(crate) fn new(view: &View<'_>, name: impl Into<String>, label: impl Into<String>, control: Control) -> Self {
        let name = name.into();
        let value = view.given.text(&name).to_owned();
        Field {
            name,
            label: label.into(),
            control,
            value,
            note: String::new(),
            arguments: &[],
            shown: None,
            when: None,
        }
    }

    pub(crate) fn text(view: &View<'_>, name: impl Into<String>, label: Word) -> Self {
        Field::new(view, name, view.word(label), Control::Text)
    }

    /// One of a few; the first, unless another is chosen.
    pub(crate) fn radios(view: &View<'_>, name: impl Into<String>, label: Word, choices: Vec<Choice>) -> Self {
        let field = Field::new(view, name, view.word(label), Control::Radios(Vec::new()));
        let value = match choices.iter().any(|it| it.value == field.value) {
            true => field.value,
            false => choices.first().map(|it| it.value.clone()).unwrap_or_default(),
        };
        Field { value, control: Control::Radios(choices), ..field }
    }

    /// One of many; none, unless one is chosen.
    pub(crate) fn select(view: &View<'_>, name: impl Into<String>, label: Word, choices: Vec<Choice>) -> Self {
        Field::new(view, name, view.word(label), Control::Select(distinct(choices)))
    }

    pub(crate) fn checks(view: &View<'_>, name: impl Into<String>, label: Word, choices: Vec<Choice>) -> Self {
        Field::new(view, name, view.word(label), Control::Checks(distinct(choices)))
    }

    /// An argument of an operation, as its row describes it.
    pub(crate) fn of_argument(view: &View<'_>, argument: &'static Argument, word: Word) -> Self {
        let yes = |value: &str, said: Said| Choice::new(value, view.say(said));
        let name = argument.field;
        let field = match argument.kind {
            ArgumentKind::Thing(kinds) => Field::select(view, name, word, choices::things(view, kinds)),
            ArgumentKind::Region => Field::select(view, name, word, choices::regions(view)).or(view, view.region()),
            ArgumentKind::Protocol => Field::select(view, name, word, choices::protocols()),
            ArgumentKind::Policy | ArgumentKind::InnerAccess => {
                Field::radios(view, name, word, choices::policies(view))
            }
            ArgumentKind::Boolean => {
                Field::radios(view, name, word, vec![yes("true", Said::Yes), yes("false", Said::No)])
            }
            _ => Field::text(view, name, word),
        };
        let names = match &argument.option {
            Some(option) => std::slice::from_ref(option),
            None => std::slice::from_ref(&argument.field),
        };
        field.of(names)
    }

    pub(crate) fn fixed(view: &View<'_>, label: Word, value: impl Into<String>) -> Self {
        Field { value: value.into(), ..Field::new(view, "", view.word(label), Control::Fixed) }
    }

    /// The value until another is given.
    pub(crate) fn or(mut self, view: &View<'_>, value: impl Into<String>) -> Self {
        if view.given.get(&self.name).is_none() {
            self.value = value.into();
        }
        self
    }

    /// Has these checked until others are sent; the checked ones, too.
    pub(crate) fn checked(self, view: &View<'_>, now: impl Iterator<Item = String>) -> (Self, Vec<String>) {
        let checked: Vec<String> = match view.sent {
            true => view.given.all(&self.name).map(str::to_owned).collect(),
            false => now.collect(),
        };
        (Field { value: checked.join(" "), ..self }, checked)
    }

    pub(crate) fn note(self, note: impl Into<String>) -> Self {
        Field { note: note.into(), ..self }
    }

    pub(crate) fn of(self, arguments: &'static [&'static str]) -> Self {
        Field { arguments, ..self }
    }

    pub(crate) fn when(self, field: &'static str, values: &'static [&'static str]) -> Self {
        Field { when: Some((field, values)), ..self }
    }

    pub(crate) fn id(&self) -> String {
        format!("f-{}", self.name.replace('.', "-"))
    }

    /// The chosen one, as it reads.
    pub(crate) fn as_read(&self) -> String {
        let choices = match &self.control {
            Control::Radios(choices) | Control::Select(choices) => &choices[..],
            _ => &[],
        };
        choices.iter().find(|it| it.value == self.value).map_or_else(|| self.value.clone(), |it| it.label.clone())
    }
}
