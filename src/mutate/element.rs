//! The parts of a lab that can be left out: those that decide about packets, not the resources that they refer to.

use crate::cloud::{Cloud, Operation, Origin, Part};
use crate::error::Span;

/// An operation, or a part of one.
pub(super) struct Element {
    /// Its kind, as in `this route entry`.
    pub(super) what: &'static Part,
    /// Its place in the file.
    pub(super) span: Span,
    /// The operation that replaces it.
    instead: Option<Operation>,
}

impl Element {
    /// The parts of an operation that can be left out. A VPC, subnet, table, group or instance is not one of them,
    /// because the cloud refuses the other operations without it.
    pub(super) fn of(operation: &Operation) -> Vec<Self> {
        let Origin::File { span, values } = &operation.origin else { return Vec::new() };
        let place_of = |name: &str, place: usize| {
            let mut places = values.iter().filter(|value| value.argument == name).map(|value| value.span.clone());
            places.nth(place).unwrap_or_else(|| span.clone())
        };
        let mut parts = Vec::new();
        let (several, single): (Vec<_>, Vec<_>) =
            operation.call.arguments().partition(|(argument, _)| argument.several);
        for (argument, texts) in several.into_iter().chain(single) {
            let Some(what) = argument.part else { continue };
            // The last of what is required is the whole.
            let spare = texts.len() > usize::from(argument.required);
            parts.extend((0..texts.len()).filter(|_| spare).filter_map(|place| {
                let call = operation.call.without(argument, place)?;
                let instead = Some(Operation { call, ..operation.clone() });
                Some(Element { what, span: place_of(argument.name(), place), instead })
            }));
        }
        if !parts.is_empty() {
            return parts;
        }
        let whole = operation.call.kind().part.map(|what| Element { what, span: span.clone(), instead: None });
        whole.into_iter().collect()
    }

    /// The cloud after the operation, without this part.
    pub(super) fn leave_out(&self, before: &Cloud) -> Cloud {
        let mut cloud = before.clone();
        if let Some(instead) = &self.instead {
            // If even the rest is refused, leave out all of it.
            let _ = cloud.apply(instead);
        }
        cloud
    }
}
