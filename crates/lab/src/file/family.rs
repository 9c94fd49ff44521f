//! The tables of the families of peerings.

use std::collections::BTreeMap;

use super::common::Unchecked;
use crate::cloud::table::{FamilyTable, Key, Needed, Takes, UNCHECKED};
use crate::error::Span;
use crate::message::Message;
use crate::reader::{Faults, Table, Text, Written};

/// A table of a family's objects; the family reads its content.
pub(crate) struct FamilyTableTable {
    pub(crate) family: &'static FamilyTable,
    pub(crate) name: Text,
    pub(crate) span: Span,
    pub(crate) values: Values,
    pub(crate) unchecked: Option<Unchecked>,
}

impl FamilyTableTable {
    pub(super) fn read(
        family: &'static FamilyTable,
        name: &Text,
        mut table: Table,
        faults: &mut Faults,
    ) -> Option<Self> {
        let values = read_values(family, family.table.keys, &mut table, faults);
        let unchecked = Unchecked::read(&mut table, faults);
        let span = table.span.clone();
        table.finish(faults);
        Some(FamilyTableTable { family, name: name.clone(), span, values: values?, unchecked })
    }
}

/// The values of such a table's keys.
pub(crate) type Values = BTreeMap<&'static str, FamilyValue>;

/// The value of one key.
pub(crate) enum FamilyValue {
    Text(Text),
    Flag(Written<bool>),
    Table(Span, Values),
}

/// The values of a table's keys; `None` if one is missing, or a table inside is wrong.
fn read_values(family: &FamilyTable, keys: &[Key], table: &mut Table, faults: &mut Faults) -> Option<Values> {
    let mut values = Values::new();
    let mut whole = true;
    for Key(key, takes, needed, _) in keys.iter().filter(|key| key.0 != UNCHECKED.0) {
        let example = family.example(key);
        let value = match takes {
            Takes::Boolean => table.boolean(key, faults).map(FamilyValue::Flag),
            Takes::Number => table.number(key, faults).map(FamilyValue::Text),
            Takes::Table(inner) => {
                let given = table.has(key);
                let keys = family.inner.iter().find(|table| table.name == *inner).map_or(&[][..], |table| table.keys);
                let value = table.table(key, example, faults).and_then(|mut table| {
                    table.what = Message::text(key);
                    let (span, values) = (table.span.clone(), read_values(family, keys, &mut table, faults));
                    table.finish(faults);
                    Some(FamilyValue::Table(span, values?))
                });
                whole &= value.is_some() || !given;
                value
            }
            _ if *needed == Needed::Required => table.required(key, example, faults).map(FamilyValue::Text),
            _ => table.text(key, faults).map(FamilyValue::Text),
        };
        whole &= value.is_some() || *needed == Needed::Optional;
        values.extend(value.map(|value| (*key, value)));
    }
    whole.then_some(values)
}
