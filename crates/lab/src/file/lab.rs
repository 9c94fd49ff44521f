//! `[lab]`: what the whole lab has.

use super::common::wordings;
use crate::cloud::{Provider, Quota};
use crate::error::Span;
use crate::lab::Wordings;
use crate::message::Message;
use crate::msg;
use crate::reader::messages::Said;
use crate::reader::{Faults, Table, Text};

#[derive(Default)]
pub(crate) struct LabTable {
    pub(crate) header: Span,
    pub(crate) name: Option<Text>,
    pub(crate) title: Option<Text>,
    pub(crate) text: Option<Text>,
    pub(crate) until: Option<Text>,
    pub(crate) wordings: Wordings,
    pub(crate) provider: Option<Text>,
    pub(crate) allow: Vec<Text>,
    pub(crate) quotas: Vec<(Quota, Text)>,
    pub(crate) pace: Option<Text>,
    pub(crate) pace_seconds: Option<Text>,
}

impl LabTable {
    pub(super) fn read(mut table: Table, faults: &mut Faults) -> Self {
        let lab = LabTable {
            header: table.span.clone(),
            name: table.text("name", faults),
            title: table.text("title", faults),
            text: table.text("text", faults),
            until: table.number("until", faults),
            provider: table.required(
                "provider",
                msg!(Said::ExampleOfProvider { providers: names_of_providers() }),
                faults,
            ),
            allow: table.texts("allow", faults),
            quotas: quotas(&mut table, faults),
            pace: table.text("pace", faults),
            pace_seconds: table.number("pace_seconds", faults),
            wordings: wordings(&mut table, "[lab]", faults),
        };
        table.finish(faults);
        lab
    }
}

/// The providers' names.
pub(super) fn names_of_providers() -> [&'static str; Provider::ALL.len()] {
    Provider::ALL.map(|provider| provider.name)
}

/// The limits that the lab raises.
fn quotas(table: &mut Table, faults: &mut Faults) -> Vec<(Quota, Text)> {
    let what = Message::text(format_args!("quotas = {{ {} = 125 }}", Quota::PeeringsPerVpc.key()));
    let Some(mut table) = table.table("quotas", what, faults) else { return Vec::new() };
    let all = Quota::ALL.into_iter().filter_map(|quota| Some((quota, table.number(quota.key(), faults)?))).collect();
    table.finish(faults);
    all
}
