//! What pages have in common: states, tabs, buttons, lists, and a refusal at its field.

use std::collections::BTreeSet;

use maud::{Markup, html};

use crate::cloud::{EndState, Peering};
use crate::given::{decoded, encoded};
use crate::messages::Said;
use crate::seen::Refused;
use crate::view::View;

/// A state: a sign and a word; the provider's API's word stands outside.
pub(crate) fn chip(word: &str, class: &str, api: &str) -> Markup {
    let sign = match class {
        "carries" => "●",
        "waits" => "◐",
        "passes" => "◌",
        "off" => "✕",
        _ => "–",
    };
    html! {
        span.chip.(class) { span.sign aria-hidden="true" { (sign) } " " span.word { (word) } }
        @if !api.is_empty() && !word.replace(' ', "-").eq_ignore_ascii_case(api) { " " code.faint { (api) } }
    }
}

/// An end of a peering of any family, with the API's word.
pub(crate) fn end_chip(view: &View<'_>, end: &Peering) -> Markup {
    let class = match end.state {
        _ if end.carries => "carries",
        EndState::Waiting => "waits",
        EndState::Up => "waits",
        EndState::Off | EndState::Left | EndState::Dead => "off",
    };
    chip(&view.say(if end.carries { Said::Carries } else { Said::CarriesNot }), class, end.status)
}

/// Tabs, each a page of its own.
pub(crate) fn tabs(view: &View<'_>, path: &str, now: &str, all: &[(&str, &str)]) -> Markup {
    html! {
        div.tabs role="tablist" {
            @for (id, word) in all {
                a role="tab" aria-selected=(if *id == now { "true" } else { "false" }) href={ (view.base) (path) "?tab=" (id) } { (word) }
            }
        }
    }
}

/// A button that leads to a page.
pub(crate) fn go(view: &View<'_>, path: &str, word: &str, class: &str) -> Markup {
    let (path, query) = path.split_once('?').unwrap_or((path, ""));
    let region = view.given.get("region").filter(|region| !region.is_empty() && !view.sent);
    html! {
        form.inline method="get" action={ (view.base) (path) } {
            @if let Some(region) = region { input type="hidden" name="region" value=(region); }
            @for (name, value) in query.split('&').filter_map(|pair| pair.split_once('=')) {
                input type="hidden" name=(name) value=(decoded(value));
            }
            button class=(class) type="submit" { (word) }
        }
    }
}

/// A button that changes something at once: a form of its own.
pub(crate) fn button(view: &View<'_>, path: &str, word: &str, class: &str) -> Markup {
    html! {
        form.inline method="post" action={ (view.base) (path) } {
            input type="hidden" name="token" value=(view.token);
            input type="hidden" name="form" value={ (view.form) "-" (path) };
            button class=(class) type="submit" { (word) }
        }
    }
}

/// The cells of a heading.
pub(crate) fn headed(words: &[&str]) -> Markup {
    html! { @for word in words { th scope="col" { (word) } } }
}

/// A list of the account's things in the chosen regions, a row each; `elsewhere`: the regions of all of them.
pub(crate) fn cards<T>(
    view: &View<'_>,
    columns: &[&str],
    all: &[T],
    elsewhere: impl Iterator<Item = String>,
    row: impl Fn(&T) -> Markup,
) -> Markup {
    html! {
        @if all.is_empty() { (empty(view, elsewhere)) } @else {
            table.cards #list {
                thead { tr { (headed(columns)) } }
                tbody { @for it in all { (row(it)) } }
            }
        }
    }
}

/// Where a list would be: what is missing, and where there are some.
pub(crate) fn empty(view: &View<'_>, elsewhere: impl Iterator<Item = String>) -> Markup {
    let region = view.region();
    let others: BTreeSet<_> = elsewhere.filter(|it| *it != region).collect();
    let names: Vec<_> = others.iter().map(|it| view.region_name(it)).collect();
    html! {
        p.empty {
            (view.say(crate::msg!(Said::EmptyHere { region: view.region_name(&region) }))) " "
            @if !names.is_empty() {
                (view.say(crate::msg!(Said::ElsewhereIs { regions: names }))) " "
                @for id in &others { a href={ (view.base) (view.path) "?region=" (encoded(id)) } { (view.region_name(id)) } " " }
            }
        }
    }
}

/// A refusal at its field.
pub(crate) fn error(view: &View<'_>, id: &str, refused: &Refused) -> Markup {
    html! {
        p.error id=(id) {
            @if let Some(code) = &refused.code { code { (code) } " " }
            (view.say(&refused.message))
            @if let Some(hint) = &refused.hint { " " (view.say(Said::ToDo)) (view.say(hint)) }
        }
    }
}
