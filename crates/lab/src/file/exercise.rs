//! `[[fault]]` and `[exercise]`.

use std::collections::BTreeMap;

use crate::error::Span;
use crate::lab::FaultWording;
use crate::language::Language;
use crate::message::Message;
use crate::msg;
use crate::reader::messages::Said;
use crate::reader::{Faults, Table, Text};

pub(crate) struct FaultTable {
    pub(crate) header: Span,
    pub(crate) kind: Text,
    pub(crate) account: Option<Text>,
    pub(crate) run: Vec<Text>,
    pub(crate) told: FaultWording,
    pub(crate) wordings: BTreeMap<Language, FaultWording>,
}

impl FaultTable {
    pub(super) fn read(mut table: Table, faults: &mut Faults) -> Option<Self> {
        let kind = table.required("kind", Message::text("\"route\""), faults);
        let account = table.text("account", faults);
        let run = table.texts("run", faults);
        let told = FaultWording::read(&mut table, faults);
        let mut wordings = BTreeMap::new();
        for language in Language::OTHERS {
            let what = msg!(Said::WordsIn { language: language.tag(), table: "[[fault]]" });
            if let Some(mut words) = table.table(language.tag(), what, faults) {
                wordings.insert(language, FaultWording::read(&mut words, faults));
                words.finish(faults);
            }
        }
        let header = table.span.clone();
        table.finish(faults);
        Some(FaultTable { header, kind: kind?, account, run, told, wordings })
    }
}

impl FaultWording {
    fn read(table: &mut Table, faults: &mut Faults) -> Self {
        let ticket = table.text("ticket", faults).map(|text| text.value);
        FaultWording { ticket, hints: table.texts("hints", faults).into_iter().map(|text| text.value).collect() }
    }
}

pub(crate) struct ExerciseTable {
    pub(crate) seed: Option<Text>,
    pub(crate) learner: Option<Text>,
}

impl ExerciseTable {
    pub(super) fn read(mut table: Table, faults: &mut Faults) -> Self {
        let exercise = ExerciseTable { seed: table.number("seed", faults), learner: table.text("learner", faults) };
        table.finish(faults);
        exercise
    }
}
