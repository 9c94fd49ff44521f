//! Actions: a row says what one is called, which operations are behind it, what it takes and gives, and what does it.

use peerlab_cloud::flow::{Endpoint, Protocol};
use peerlab_cloud::{AccountName, Call, Cloud, Fault, Id, Operation, Region, ResourceKind};
use peerlab_message::error::Error;
use serde_json::{Value, json};

use crate::kept::{DESCRIPTION, Kept, MADE, NAME, Note, Words};
use crate::parameters::Parameters;
use crate::{Refused, made};

/// An action of a provider's API.
#[derive(Debug)]
pub struct Action {
    /// The product it belongs to, as its clients name it: a version, or a service.
    pub product: &'static str,
    /// Its name.
    pub name: &'static str,
    /// Its method and path, where clients do not send its name.
    pub path: Option<(&'static str, &'static str)>,
    /// The operations behind it; none: it describes, or keeps a word.
    pub operations: &'static [&'static str],
    /// What it takes, by name; `*` behind what is required.
    pub parameters: &'static str,
    /// The filters it takes, each with the member of the reply that it is about.
    pub filters: &'static [(&'static str, &'static str)],
    /// What it gives back beside the request's id.
    pub reply: &'static str,
    /// What does it.
    pub does: Does,
}

/// What does an action.
#[derive(Clone, Copy, Debug)]
pub enum Does {
    /// Describes what is there.
    Describe(fn(&Asked<'_>) -> Result<Value, Refused>),
    /// Changes it.
    Change(fn(&mut Change<'_>) -> Result<Value, Refused>),
    /// Changes it once a packet was sent: the packet, and the change, which sees whether it was answered.
    Send(fn(&Asked<'_>) -> Result<Flow, Refused>, fn(&mut Change<'_>) -> Result<Value, Refused>),
    /// Has a command run in instances.
    Run(fn(&Asked<'_>) -> Result<Errand, Refused>),
    /// Describes the commands that were run for the caller.
    Ran(fn(&Asked<'_>, &[Ran]) -> Result<Value, Refused>),
}

/// A packet to send.
#[derive(Clone, Debug)]
pub struct Flow {
    /// Who sends it.
    pub from: Endpoint,
    /// For whom it is.
    pub to: Endpoint,
    /// What it is.
    pub protocol: Protocol,
}

/// A command to run in instances.
#[derive(Clone, Debug)]
pub struct Errand {
    /// The instances, by id.
    pub instances: Vec<String>,
    /// What a shell runs.
    pub script: String,
    /// What the provider's API calls it.
    pub comment: String,
    /// How long it may take, in seconds.
    pub seconds: u64,
    /// Whether what it writes as errors is kept apart.
    pub apart: bool,
    /// The reply, by the errand's id, and when it began.
    pub reply: fn(&Errand, &str, i64) -> Value,
}

/// A command that runs or ran in an instance.
#[derive(Clone, Debug)]
pub struct Ran {
    /// The id of its errand.
    pub errand: String,
    /// Who had it run.
    pub account: AccountName,
    /// The instance, by id.
    pub instance: String,
    /// What a shell ran.
    pub script: String,
    /// What the provider's API calls it.
    pub comment: String,
    /// When it began, in seconds since 1970.
    pub began: i64,
    /// When it ended; `None`: it runs.
    pub ended: Option<i64>,
    /// Its exit status; `None`: it runs, or was ended because it took too long.
    pub status: Option<i32>,
    /// What it wrote, the end of it; standard error too, unless it is apart.
    pub output: Vec<u8>,
    /// What it wrote on standard error, if that is apart.
    pub errors: Vec<u8>,
    /// How many bytes before that are left out.
    pub dropped: usize,
}

/// A row that changes something, of a client that sends the action's name.
pub(crate) const fn change(
    product: &'static str,
    name: &'static str,
    operations: &'static [&'static str],
    parameters: &'static str,
    reply: &'static str,
    does: fn(&mut Change<'_>) -> Result<Value, Refused>,
) -> Action {
    Action { product, name, path: None, operations, parameters, filters: &[], reply, does: Does::Change(does) }
}

/// A row that describes something, of a client that sends the action's name.
pub(crate) const fn describe(
    product: &'static str,
    name: &'static str,
    parameters: &'static str,
    reply: &'static str,
    does: fn(&Asked<'_>) -> Result<Value, Refused>,
) -> Action {
    Action { product, name, path: None, operations: &[], parameters, filters: &[], reply, does: Does::Describe(does) }
}

impl Action {
    /// The names of the required parameters.
    pub(crate) fn required(&self) -> impl Iterator<Item = &'static str> {
        let starred = self.parameters.split_whitespace().filter_map(|name| name.strip_suffix('*'));
        starred.map(|name| name.strip_suffix(".N").unwrap_or(name))
    }
}

/// The parameter with the request's region, where a dialect has one.
pub(crate) const REGION: &str = "RegionId";

/// Who asks, and for what.
#[derive(Clone, Copy, Debug)]
pub struct Caller<'a> {
    /// The account.
    pub account: &'a AccountName,
    /// The parameters.
    pub parameters: &'a Parameters,
    /// The time, in seconds since 1970.
    pub now: i64,
    /// Whether the packet was answered that was sent for the request, if one was.
    pub arrived: Option<bool>,
    /// How the provider says that something is not there: for a code, and what was named.
    pub(crate) not_there: fn(&str, &str) -> String,
}

/// A question, and where its answer is.
#[derive(Clone, Copy, Debug)]
pub struct Asked<'a> {
    /// The state.
    pub cloud: &'a Cloud,
    /// Who asks.
    pub caller: Caller<'a>,
    /// What is kept beside it.
    pub kept: Words<'a>,
}

impl<'a> Asked<'a> {
    pub(crate) fn parameters(&self) -> &'a Parameters {
        self.caller.parameters
    }

    /// Whether an account is the caller.
    pub(crate) fn is_mine(&self, account: &AccountName) -> bool {
        account == self.caller.account
    }

    /// The id of an account.
    pub(crate) fn account_id(&self, name: &AccountName) -> String {
        self.cloud.find_account(name.as_str()).map_or_else(|| name.to_string(), |account| account.id.to_string())
    }

    /// Whether the request is about this region, or about none.
    pub(crate) fn is_here(&self, region: &Region) -> bool {
        self.is_region(&region.0)
    }

    /// The same, for the region's name.
    pub(crate) fn is_region(&self, region: &str) -> bool {
        self.parameters().get(REGION).is_none_or(|wanted| wanted.eq_ignore_ascii_case(region))
    }

    /// What a thing is called: the label it was given, else its name in the lab.
    pub(crate) fn label(&self, id: &Id, name: &str) -> String {
        let own = if name == &*id.0 { "" } else { name };
        self.kept.word(&id.0, NAME).unwrap_or(own).to_owned()
    }

    /// The description of a thing.
    pub(crate) fn description(&self, id: &Id) -> &'a str {
        self.kept.word(&id.0, DESCRIPTION).unwrap_or_default()
    }

    /// The error for a thing that is not there, in an operation.
    pub(crate) fn not_found(&self, kind: ResourceKind, id: &str, operation: &str) -> Refused {
        let code = self.cloud.provider().code(Fault::NotFound(kind), operation).to_string();
        let message = (self.caller.not_there)(&code, id);
        Refused::new(404, code, message)
    }
}

/// Where a change takes place.
pub trait Ground {
    /// The state now, with what was operated.
    fn cloud(&self) -> &Cloud;

    /// Does an operation, with all others of this change or not at all.
    fn operate(&mut self, account: &AccountName, call: Call) -> Result<(), Error>;

    /// How many operations came before.
    fn number(&self) -> usize;

    /// The operations of the lab's steps that are not done yet, in order.
    fn awaited(&self) -> Vec<Operation>;
}

/// A change that is being made.
pub struct Change<'a> {
    ground: &'a mut dyn Ground,
    caller: Caller<'a>,
    kept: &'a Kept,
    status: fn(&str) -> u16,
    notes: Vec<Note>,
}

/// A change that was made, but for the kernel.
#[derive(Clone, Debug)]
pub struct Done {
    /// The reply.
    pub reply: Value,
    /// What is to be kept.
    pub notes: Vec<Note>,
}

impl<'a> Change<'a> {
    pub(crate) fn new(ground: &'a mut dyn Ground, caller: Caller<'a>, kept: &'a Kept, status: fn(&str) -> u16) -> Self {
        Change { ground, caller, kept, status, notes: Vec::new() }
    }

    pub(crate) fn run(mut self, does: fn(&mut Change<'_>) -> Result<Value, Refused>) -> Result<Done, Refused> {
        does(&mut self).map(|reply| Done { reply, notes: self.notes })
    }

    pub(crate) fn parameters(&self) -> &'a Parameters {
        self.caller.parameters
    }

    /// The state now, as a description sees it.
    pub(crate) fn asked(&self) -> Asked<'_> {
        Asked { cloud: self.ground.cloud(), caller: self.caller, kept: Words::with(self.kept, &self.notes) }
    }

    pub(crate) fn cloud(&self) -> &Cloud {
        self.ground.cloud()
    }

    /// Does an operation as the caller.
    pub(crate) fn operate(&mut self, call: Call) -> Result<(), Refused> {
        self.ground.operate(self.caller.account, call).map_err(|error| {
            let code = error.code.clone().unwrap_or_else(|| "InternalError".to_owned());
            let hint = error.hint.as_ref().map(|hint| format!(" ({hint})")).unwrap_or_default();
            Refused { status: (self.status)(&code), message: format!("{}{hint}", error.message), code }
        })
    }

    /// Does an operation whose reply is empty.
    pub(crate) fn done(&mut self, call: Call) -> Result<Value, Refused> {
        self.operate(call)?;
        Ok(json!({}))
    }

    /// Creates a thing without a name: gives it the name and id of the lab's next step that makes such a thing, else a
    /// new id, which is its name too. Returns its id.
    pub(crate) fn create(&mut self, kind: ResourceKind, call: impl Fn(String) -> Call) -> Result<Id, Refused> {
        let call = self.named(kind, &call(made::PLACE.to_owned()), |_| false);
        self.operate(call.clone())?;
        let made = self.ground.cloud().made_by(&call);
        let id = made.into_iter().next().map(|(_, id)| id);
        let id = id.ok_or_else(|| Refused::new(500, "InternalError", "Nothing was made."))?;
        self.notes.push(Note::word(&id.0, MADE, self.caller.now.to_string()));
        Ok(id)
    }

    /// The name and the id of a thing that is created later, as [`create`](Self::create) gives them; not an id that is
    /// taken by such a thing.
    pub(crate) fn reserve(
        &mut self,
        kind: ResourceKind,
        call: impl Fn(String) -> Call,
        taken: impl Fn(&str) -> bool,
    ) -> (String, Id) {
        let cloud = self.ground.cloud();
        let created = self.named(kind, &call(made::PLACE.to_owned()), taken).created(cloud);
        let name = created.as_ref().map_or_else(String::new, |it| it.name.clone());
        let id = created.and_then(|it| it.id).map_or_else(|| cloud.fresh_id(kind, &name), |id| Id(id.into()));
        self.notes.push(Note::word(&id.0, MADE, self.caller.now.to_string()));
        (name, id)
    }

    /// A call with a name and an id for what it creates.
    fn named(&self, kind: ResourceKind, unnamed: &Call, taken: impl Fn(&str) -> bool) -> Call {
        let (cloud, account) = (self.ground.cloud(), self.caller.account);
        let id_of = |call: &Call| {
            let created = call.created(cloud)?;
            Some(created.id.unwrap_or_else(|| cloud.fresh_id(kind, &created.name).to_string()))
        };
        let awaited = made::awaited(cloud, account, unnamed, &self.ground.awaited());
        awaited.filter(|call| !id_of(call).is_some_and(|id| taken(&id))).unwrap_or_else(|| {
            let text = format!("{} {account}", self.ground.number());
            // Not that of a thing which the Cloud does not have yet.
            let words = self.asked().kept;
            let ids = (0..).map(|again: usize| cloud.fresh_id(kind, &format!("{text}{}", "+".repeat(again))));
            let id = ids.into_iter().find(|id| words.word(&id.0, MADE).is_none());
            made::with_id(unnamed, kind, &id.unwrap_or_else(|| cloud.fresh_id(kind, &text)))
        })
    }

    /// Keeps what a thing is called, if the request says so.
    pub(crate) fn keep(&mut self, id: &str, word: &str, parameter: &str) {
        if let Some(text) = self.parameters().get(parameter) {
            self.notes.push(Note::word(id, word, text));
        }
    }

    /// Keeps a word of a thing.
    pub(crate) fn keep_word(&mut self, id: &str, word: &str, text: &str) {
        self.notes.push(Note::word(id, word, text));
    }
}
