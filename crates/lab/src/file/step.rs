//! `[[step]]` and `[[check]]`.

use super::common::{Unchecked, wordings};
use crate::error::Span;
use crate::lab::Wordings;
use crate::msg;
use crate::reader::messages::Said;
use crate::reader::{Faults, Table, Text, Written};

pub(crate) struct StepTable {
    pub(crate) header: Span,
    pub(crate) span: Span,
    pub(crate) title: Text,
    pub(crate) account: Option<Text>,
    pub(crate) wordings: Wordings,
    pub(crate) text: Option<Text>,
    pub(crate) run: Vec<Text>,
    pub(crate) refused: Option<Text>,
    pub(crate) checks: Vec<CheckTable>,
    pub(crate) unchecked: Option<Unchecked>,
}

impl StepTable {
    pub(super) fn read(mut table: Table, faults: &mut Faults) -> Option<Self> {
        let title = table.required("title", msg!(Said::ExampleOfTitle), faults);
        let account = table.text("account", faults);
        let text = table.text("text", faults);
        let run = table.texts("run", faults);
        let refused = table.text("refused", faults);
        let checks = table.tables("check", msg!(Said::ThisStepsCheck), faults);
        let checks = checks.into_iter().filter_map(|check| CheckTable::read(check, faults)).collect();
        let unchecked = Unchecked::read(&mut table, faults);
        let wordings = wordings(&mut table, "[[step]]", faults);
        let (header, span) = (table.span.clone(), table.whole());
        table.finish(faults);
        // Read the `run` lines of a step without a title too, so that their faults are found in the same run.
        let title = title.unwrap_or_else(|| Text { value: String::new(), span: header.clone() });
        Some(StepTable { header, span, title, account, text, wordings, run, refused, checks, unchecked })
    }
}

pub(crate) struct CheckTable {
    /// The header, for errors about missing keys.
    pub(crate) header: Span,
    /// The whole of it.
    pub(crate) span: Span,
    pub(crate) from: Text,
    pub(crate) to: Text,
    pub(crate) protocol: Option<Text>,
    pub(crate) expect: Option<Text>,
    pub(crate) because: Option<Text>,
    pub(crate) both_ways: Option<Written<bool>>,
    pub(crate) source_port: Option<Text>,
    pub(crate) size: Option<Text>,
    pub(crate) bandwidth: Option<Text>,
}

impl CheckTable {
    pub(super) fn read(mut table: Table, faults: &mut Faults) -> Option<Self> {
        let from = table.required("from", msg!(Said::ExampleOfFrom), faults);
        let to = table.required("to", msg!(Said::ExampleOfTo), faults);
        let protocol = table.text("protocol", faults);
        let expect = table.text("expect", faults);
        let because = table.text("because", faults);
        let both_ways = table.boolean("both_ways", faults);
        let bandwidth = table.text("bandwidth", faults);
        let source_port = table.number("source_port", faults);
        let size = table.number("size", faults);
        let (header, span) = (table.span.clone(), table.whole());
        let unread = [("protocol", &protocol), ("expect", &expect), ("because", &because), ("bandwidth", &bandwidth)];
        let numbers = [("source_port", &source_port), ("size", &size)];
        let unread = unread.iter().chain(&numbers).any(|(key, value)| table.has(key) && value.is_none());
        table.finish(faults);
        if unread {
            return None;
        }
        Some(CheckTable {
            header,
            span,
            from: from?,
            to: to?,
            protocol,
            expect,
            because,
            both_ways,
            source_port,
            size,
            bandwidth,
        })
    }
}
