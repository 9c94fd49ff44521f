//! What a page is made from.

use std::collections::BTreeSet;

use crate::api::Words;
use crate::cloud::{AccountName, Client, Cloud, Operation, Subnet, Vpc, VpcName};
use crate::given::{Given, encoded};
use crate::language::Language;
use crate::message::Message;
use crate::provider::Console;
use crate::seen::{Done, Refused, Side, Tutorial};
use crate::words::Word;

/// The colours.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Theme {
    /// As the reader's system.
    #[default]
    System,
    /// Dark on light.
    Light,
    /// Light on dark.
    Dark,
}

impl Theme {
    /// As the form and the document name it.
    pub fn word(self) -> &'static str {
        match self {
            Theme::System => "system",
            Theme::Light => "light",
            Theme::Dark => "dark",
        }
    }

    /// The one of this name.
    pub fn named(word: &str) -> Option<Self> {
        [Theme::System, Theme::Light, Theme::Dark].into_iter().find(|theme| theme.word() == word)
    }
}

/// What a page is made from.
#[derive(Clone, Copy, Debug)]
pub struct View<'a> {
    /// The lab's name.
    pub lab: &'a str,
    /// The state.
    pub cloud: &'a Cloud,
    /// The provider's console.
    pub console: &'static Console,
    /// Who is signed in.
    pub account: &'a AccountName,
    /// What is kept beside the Cloud.
    pub kept: Option<Words<'a>>,
    /// The reader's language.
    pub language: Language,
    /// The reader's colours.
    pub theme: Theme,
    /// Whether single keys go to what a page has.
    pub keys: bool,
    /// By which the stream of changes knows what the page shows.
    pub mark: &'a str,
    /// Where this account's pages begin: `/c/LAB/ACCOUNT`.
    pub base: &'a str,
    /// The page, below that: `/ec/vpc-to-vpc/new`.
    pub path: &'a str,
    /// The fields of the query, or of the form.
    pub given: &'a Given,
    /// Whether a form was sent.
    pub sent: bool,
    /// By which a form that is sent twice is known.
    pub form: &'a str,
    /// What forms carry, so that no other site can send them.
    pub token: &'a str,
    /// The operations of the lab's steps that are not done yet.
    pub awaited: &'a [Operation],
    /// How many operations came before.
    pub number: usize,
    /// Why what was sent is not done.
    pub refused: Option<&'a Refused>,
    /// The lab's steps.
    pub tutorial: &'a Tutorial,
    /// What a command in an instance wrote.
    pub output: Option<&'a str>,
    /// What was done, the latest last.
    pub log: &'a [Done],
    /// The panels beside the page.
    pub side: Side<'a>,
}

impl<'a> View<'a> {
    /// A word in the reader's language.
    pub(crate) fn word(&self, word: Word) -> &'static str {
        word.of(self.language)
    }

    /// A message in the reader's language.
    pub(crate) fn say(&self, message: impl Into<Message>) -> String {
        self.language.say(message)
    }

    /// The address of a page, with the region that was chosen.
    pub(crate) fn to(&self, path: &str) -> String {
        let region = self.given.get("region").filter(|_| !self.sent).unwrap_or_default();
        match region.is_empty() || path.contains('?') {
            true => format!("{}{path}", self.base),
            false => format!("{}{path}?region={}", self.base, encoded(region)),
        }
    }

    /// The region that was chosen; else the first in which the account has something.
    pub(crate) fn region(&self) -> String {
        let chosen = self.given.get("region").filter(|region| !region.is_empty());
        let own = || self.own_vpcs().map(|vpc| vpc.region.to_string()).next();
        let usual = || self.cloud.provider().regions.first().map_or_else(String::new, |it| (*it).to_owned());
        chosen.map(str::to_owned).or_else(own).unwrap_or_else(usual)
    }

    /// Whether something in this region is on the page: all that is, until a region is chosen.
    pub(crate) fn shows(&self, region: &str) -> bool {
        self.region() == region
    }

    /// The account's VPCs.
    pub(crate) fn own_vpcs(&self) -> impl Iterator<Item = &'a Vpc> + use<'a> {
        let account = self.account;
        self.cloud.vpcs().filter(move |vpc| vpc.account == *account)
    }

    /// The account's subnets, each with its VPC.
    pub(crate) fn own_subnets(&self) -> impl Iterator<Item = (&'a Vpc, &'a Subnet)> + use<'a> {
        let cloud = self.cloud;
        self.own_vpcs().flat_map(move |vpc| cloud.subnets_of(&vpc.name).map(move |subnet| (vpc, subnet)))
    }

    /// The VPC of this id, or this name, whoever's it is.
    pub(crate) fn vpc(&self, text: &str) -> Option<&'a Vpc> {
        let all = || self.cloud.vpcs();
        all().find(|it| &*it.id.0 == text).or_else(|| all().find(|it| it.name.as_str() == text))
    }

    /// The region of a VPC, as its id; empty if there is no such VPC.
    pub(crate) fn region_of(&self, vpc: &VpcName) -> String {
        self.cloud.vpc(vpc).map_or_else(String::new, |vpc| vpc.region.to_string())
    }

    /// A region as the console calls it.
    pub(crate) fn region_name(&self, region: &str) -> String {
        let known = self.console.regions.iter().find(|(id, _)| *id == region);
        known.map_or_else(|| region.to_owned(), |(_, word)| self.word(*word).to_owned())
    }

    /// The provider's regions, those in which something is first: id and name.
    pub(crate) fn regions(&self) -> Vec<(String, String)> {
        let used: BTreeSet<_> = self.cloud.vpcs().map(|vpc| vpc.region.to_string()).collect();
        let own: Vec<_> = self.own_vpcs().map(|vpc| vpc.region.to_string()).collect();
        let mut all: Vec<String> = Vec::new();
        let known = self.console.regions.iter().map(|(id, _)| (*id).to_owned());
        let rest = self.cloud.provider().regions.iter().map(|id| (*id).to_owned());
        for id in own.into_iter().chain(used).chain(known).chain(rest) {
            if !all.contains(&id) {
                all.push(id);
            }
        }
        all.into_iter().map(|id| (id.clone(), self.region_name(&id))).collect()
    }

    /// The provider's own client.
    pub(crate) fn client(&self) -> Option<Client> {
        Client::ALL.into_iter().find(|client| client.provider == self.console.provider)
    }

    /// Whether an attribute of a thing, which is kept beside the Cloud, is set; else what is usual.
    pub(crate) fn has(&self, id: &str, word: &str, usual: bool) -> bool {
        self.kept.and_then(|kept| kept.word(id, word)).map_or(usual, |text| text == "true")
    }

    /// The account's id.
    pub(crate) fn account_id(&self, account: &AccountName) -> String {
        self.cloud.accounts().find(|it| it.name == *account).map_or_else(String::new, |it| it.id.to_string())
    }

    /// The colour of an account, as in the picture.
    pub(crate) fn colour(&self, account: &AccountName) -> usize {
        self.cloud.accounts().position(|it| it.name == *account).unwrap_or_default() % 8
    }
}
