//! A provider's console as data: its menus, its regions, and its words for what all providers have.

use crate::cloud::ConnectionStatus;
use crate::terms::{self, Terms};
use crate::words::Word;

/// A provider's console.
#[derive(Debug)]
pub struct Console {
    /// The provider.
    pub provider: &'static str,
    /// The menu of all products.
    pub products: Word,
    /// The groups of the menu at the side, a product each.
    pub menu: &'static [Group],
    /// Its regions by id, those that it names.
    pub regions: &'static [(&'static str, Word)],
    /// The words of the pages that all providers have.
    pub terms: Terms,
    /// How routes and rules are changed.
    pub style: Style,
    /// Whether any table of a VPC can be its main one, and associations are replaced.
    pub has_main: bool,
    /// Where the reader is led when a route table is made; `{id}` is its id.
    pub table_made: &'static str,
    /// The word that is typed before something is deleted, where its console asks for one.
    pub typed_to_delete: Option<&'static str>,
    /// The words of the rows in which a group's rules are edited, where they have types and kinds of sources.
    pub(crate) rules: Option<&'static terms::Rules>,
    /// The words of what leads to the internet.
    pub(crate) internet: &'static terms::Internet,
    /// The states of peering connections.
    pub connection_state: fn(ConnectionStatus) -> Word,
    /// The further words of peering connections, if it has them.
    pub(crate) connections: Option<&'static terms::Connections>,
    /// All its words.
    pub words: &'static [&'static [Word]],
}

/// How routes and rules are changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    /// A form for each.
    OneByOne,
    /// Rows that are edited and saved together.
    Together,
}

/// A group of a menu.
#[derive(Debug)]
pub struct Group {
    /// The product, where the group begins one.
    pub product: Option<Word>,
    /// Its word, which leads to its first page.
    pub word: Word,
    /// Whether it is of an earlier edition of the console.
    pub earlier: bool,
    /// Its pages.
    pub items: &'static [Item],
}

/// A page of a menu.
#[derive(Debug)]
pub struct Item {
    /// Its word.
    pub word: Word,
    /// Its path.
    pub path: &'static str,
}

impl Console {
    /// The page of the menu that a path is on or below.
    pub(crate) fn item(&self, path: &str) -> Option<(&'static Group, &'static Item)> {
        let all = self.menu.iter().flat_map(|group| group.items.iter().map(move |item| (group, item)));
        all.filter(|(_, item)| path == item.path || path.starts_with(&format!("{}/", item.path)))
            .max_by_key(|(_, item)| item.path.len())
    }
}
