//! What several tables have: names, words in other languages, and why no check covers them.

use crate::cloud::check_name;
use crate::error::Span;
use crate::lab::{Wording, Wordings};
use crate::language::Language;
use crate::msg;
use crate::reader::messages::Said;
use crate::reader::{Faults, Table, Text};

pub(super) fn good_name(name: &Text, faults: &mut Faults) -> bool {
    let Err(fault) = check_name(&name.value) else { return true };
    faults.add("InvalidName", &name.span, fault.message(), fault.hint());
    false
}

/// A table's title and text in other languages, under each language's tag.
pub(super) fn wordings(table: &mut Table, of: &str, faults: &mut Faults) -> Wordings {
    let mut wordings = Wordings::new();
    for language in Language::OTHERS {
        let Some(mut words) =
            table.table(language.tag(), msg!(Said::WordsIn { language: language.tag(), table: of }), faults)
        else {
            continue;
        };
        let mut said = |key| words.text(key, faults).map(|text| text.value);
        let wording = Wording { title: said("title"), text: said("text") };
        words.finish(faults);
        wordings.insert(language, wording);
    }
    wordings
}

/// Why no check covers a table.
#[derive(Clone)]
pub(crate) struct Unchecked {
    /// The whole table.
    pub(crate) span: Span,
    pub(crate) why: Text,
}

impl Unchecked {
    pub(super) fn read(table: &mut Table, faults: &mut Faults) -> Option<Self> {
        let why = table.text("unchecked", faults)?;
        if why.value.trim().is_empty() {
            let hint = msg!(Said::WriteWhy);
            faults.add("InvalidCheck", &why.span, msg!(Said::UncheckedWithoutReason), hint);
        }
        Some(Unchecked { span: table.whole(), why })
    }
}
