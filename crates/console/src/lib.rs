//! The consoles: the providers' pages by the words of their tutorials, as functions of the Cloud. Pure: the server
//! (`src/serve/console` of the program) has the sign-in, the sockets and the lab.
//!
//! ```text
//! path + what was given ─page→ Page { heading, body, form? } ─document→ HTML
//!                                        └─ form.calls ─→ a turn of the lab ─→ 303, or the page again with the refusal
//! ```
//!
//! A provider is one value of [`provider::Console`]: its menus, its regions, and its words (`terms`). A file for each
//! list of its menu has the pages that all providers have; a provider's folder has the pages of its own.

#![forbid(unsafe_code)]

mod account;
mod acls;
mod alibaba;
mod assets;
mod aws;
mod choices;
mod connections;
mod document;
mod doors;
mod editor;
mod explain;
mod field;
mod form;
mod given;
mod groups;
mod instances;
mod internet;
mod jdcloud;
mod keyboard;
mod messages;
mod network;
mod parts;
mod paths;
mod provider;
mod seen;
mod tables;
mod teacher;
mod terminal;
mod terms;
#[cfg(test)]
mod tests;
mod tutorial;
mod view;
mod vpcs;
mod words;

use peerlab_api as api;
use peerlab_cloud as cloud;
use peerlab_message as message;
#[cfg(test)]
use peerlab_message::error;
use peerlab_message::{language, messages, msg};
use peerlab_trace as trace;

pub use assets::{Asset, PICTURE_IS_STYLED_BY, asset};
pub use document::{document, problem, signed_in_as};
pub use form::{ASKED, Ask, Equivalent, Form, Page, Then, equivalents, with_name};
pub use given::{Given, encoded};
pub use messages::Said;
pub use network::places;
pub use paths::slug;
pub use provider::Console;
pub use seen::{CheckSeen, Done, Ping, Pinged, Refused, Side, StepSeen, Tutorial};
pub use teacher::{AccountSeen, LabSeen, teacher};
pub use terminal::Screen;
pub use view::{Theme, View};
pub use words::{Mark, Word};

/// Every provider's console.
pub const CONSOLES: [&Console; 3] = [&alibaba::CONSOLE, &jdcloud::CONSOLE, &aws::CONSOLE];

impl Console {
    /// The console of a provider.
    pub fn of(provider: &str) -> Option<&'static Console> {
        CONSOLES.into_iter().find(|console| console.provider == provider)
    }
}

/// The page of a path, for what was given; `None` if there is no such page.
pub fn page(view: &View<'_>) -> Option<Page> {
    let parts: Vec<_> = view.path.split('/').filter(|part| !part.is_empty()).map(given::decoded).collect();
    let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
    match &parts[..] {
        [] => Some(account::home(view)),
        ["account"] => Some(account::center(view)),
        ["tutorial"] => Some(tutorial::all(view)),
        ["network"] => Some(network::page(view)),
        ["keyboard"] => Some(keyboard::page(view)),
        ["log"] => Some(account::log(view)),
        parts => own(view, parts).or_else(|| shared(view, parts)),
    }
}

/// The pages of a provider's own.
fn own(view: &View<'_>, parts: &[&str]) -> Option<Page> {
    match view.console.provider {
        "alibaba" => alibaba::page(view, parts),
        "jdcloud" => jdcloud::page(view, parts),
        _ => None,
    }
}

/// The pages that every provider has.
fn shared(view: &View<'_>, parts: &[&str]) -> Option<Page> {
    match parts {
        ["vpc", "vpcs", rest @ ..] => vpcs::vpcs(view, rest),
        ["vpc", "subnets", rest @ ..] => vpcs::subnets(view, rest),
        ["vpc", "route-tables", rest @ ..] => tables::page(view, rest),
        ["vpc", "peering-connections", rest @ ..] => connections::page(view, rest),
        ["vpc", "acls", rest @ ..] => acls::page(view, rest),
        ["compute", "instances", rest @ ..] => instances::page(view, rest),
        ["compute", "security-groups", rest @ ..] => groups::page(view, rest),
        ["vpc", rest @ ..] => internet::page(view, rest),
        _ => None,
    }
}
