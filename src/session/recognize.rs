//! Recognizes what a learner did by hand as steps, under any names and ids, and finds a command to continue if it is
//! not quite the same.

use std::cmp::Reverse;
use std::collections::BTreeSet;

use serde::Serialize;

use super::Run;
use super::behind::{making, place_of};
use crate::cloud::{
    AccountName, Alike, Binding, Bindings, Call, Cloud, Created, Difference, Operation, Origin, ResourceKind, deletion,
};
use crate::error::{Error, Kind};
use crate::flow::Endpoint;
use crate::lab::{Check, DoneResult};
use crate::message::Message;
use crate::msg;
use crate::session::messages::Said;

/// The number of commands tried to find one that lets the learner continue.
const TRIED: usize = 64;

/// A step that is not done yet, compared with the current state.
#[derive(Clone, Debug)]
pub struct StepSeen {
    /// Its index in the lab, from 0.
    pub index: usize,
    /// Its operations.
    pub operations: Vec<OperationSeen>,
    /// The command that resolves the difference, if `next` would be refused.
    pub command: Option<String>,
}

/// An operation of a step that is not done yet.
#[derive(Clone, Debug, Serialize)]
pub struct OperationSeen {
    /// The operation, as it would be called.
    pub operation: String,
    /// Its state.
    pub state: State,
    /// The name of the resource made by hand in place of the one it would create.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub made: Option<String>,
    /// The differences of that resource.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub differences: Vec<Difference>,
    /// The refusal, if it would be refused.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message: Option<Message>,
}

/// The state of a step's operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// It was done by hand.
    Done,
    /// `next` will do it.
    Missing,
    /// A resource made by hand differs from the one that it would create.
    Differs,
    /// It will be refused, as it must be.
    Refused,
    /// It should be refused, but would not be after what was done by hand.
    Past,
    /// It would be refused.
    Blocked,
}

impl Run {
    /// The bindings for resources made by hand that a step creates or refers to, under names other than the lab's.
    ///
    /// # Errors
    ///
    /// `StepDiffers` if something made by hand is almost what the step creates.
    pub(super) fn recognize(&self, index: usize) -> Result<Vec<Binding>, Error> {
        let mut search = Search::new(self);
        search.earlier(index, search.unknown(&self.lab().steps[index].operations));
        for operation in making(&self.lab().steps[index]) {
            if let Some((near, created)) = search.creation(operation) {
                return Err(differs(index, &near, &created));
            }
        }
        Ok(search.found)
    }

    /// The same for a step that is to count as done: almost the same is enough.
    pub(super) fn recognize_any(&self, index: usize) -> Vec<Binding> {
        let mut search = Search::new(self);
        for operation in making(&self.lab().steps[index]) {
            if let Some((near, created)) = search.creation(operation) {
                search.bind(&near, &created, operation);
            }
        }
        search.found
    }

    /// The bindings of all resources made by hand, including those of later steps.
    pub fn foreseen(&self) -> Bindings {
        if !self.is_beside_a_learner() {
            return Bindings::default();
        }
        let mut search = Search::new(self);
        let lab = self.lab();
        for operation in lab.steps.iter().skip(self.steps_done()).flat_map(making) {
            search.creation(operation);
        }
        let checks = lab.checks.iter().chain(lab.steps.iter().flat_map(|step| &step.checks));
        let instances = checks.flat_map(|check| [&check.from, &check.to]).filter_map(|end| match end {
            Endpoint::Instance(name) => Some(name.to_string()),
            _ => None,
        });
        let unknown = instances.filter(|name| search.name_of(&[ResourceKind::Instance], name).is_none());
        search.earlier(lab.steps.len(), unknown.collect());
        search.bindings
    }

    /// The lab's checks, with the names of the instances that were made.
    pub fn checks(&self, checks: &[Check]) -> Vec<Check> {
        let bindings = self.foreseen();
        let end = |end: &Endpoint| match end {
            Endpoint::Instance(name) => {
                let made = bindings.made(self.cloud(), ResourceKind::Instance, name.as_str());
                let made = made.and_then(|made| self.cloud().instances().find(|it| it.name.as_str() == made));
                Endpoint::Instance(made.map_or_else(|| name.clone(), |it| it.name.clone()))
            }
            other => other.clone(),
        };
        checks.iter().map(|check| Check { from: end(&check.from), to: end(&check.to), ..check.clone() }).collect()
    }

    /// The next step, compared with the current state; `None` if all are done.
    pub fn next_seen(&self) -> Option<StepSeen> {
        let index = self.steps_done();
        let step = self.lab().steps.get(index)?;
        let mut search = Search::new(self);
        search.earlier(index, search.unknown(&step.operations));
        let last = making(step).count();
        let near = |(at, operation)| if at < last { search.creation(operation) } else { None };
        let near: Vec<_> = step.operations.iter().enumerate().map(near).collect();
        let mut cloud = self.cloud().clone();
        let behind = self.behind(&search.found);
        let operations = self.beside(&search.found, |beside| {
            let see = |(at, near): (usize, Option<(Alike, Created)>)| {
                if let Some((near, _)) = near {
                    let operation = step.operations[at].call.to_string();
                    let (made, differences) = (Some(near.name), near.differences);
                    return OperationSeen { operation, state: State::Differs, made, differences, message: None };
                }
                if behind.contains(&(index, at)) {
                    let operation = step.operations[at].call.to_string();
                    let (made, message) = (None, None);
                    return OperationSeen { operation, state: State::Done, made, differences: Vec::new(), message };
                }
                let (result, operation) = self.lab().play_one(step, at, &mut cloud, beside);
                let (state, made, message) = match result.map(|done| done.result) {
                    Ok(DoneResult::Applied(_)) => (State::Missing, None, None),
                    Ok(DoneResult::Already(made)) => (State::Done, made, None),
                    Ok(DoneResult::Refused(_)) => (State::Refused, None, None),
                    Ok(DoneResult::Past) => (State::Past, None, None),
                    Err(error) => (State::Blocked, None, Some(error.message)),
                };
                let operation = operation.call.to_string();
                OperationSeen { operation, state, made, differences: Vec::new(), message }
            };
            near.into_iter().enumerate().map(see).collect()
        });
        let command = self.clone().try_step(index).is_err().then(|| self.command_on(index));
        Some(StepSeen { index, operations, command })
    }

    /// An error of a step, with the command that resolves it.
    pub(super) fn with_way_on(&self, error: Error, index: usize) -> Error {
        let command = self.command_on(index);
        error.hint(match command.ends_with("--skip") {
            true => msg!(Said::CountsAsDone { command }),
            false => msg!(Said::ThenNext { command }),
        })
    }

    fn command_on(&self, index: usize) -> String {
        match self.way_on(index) {
            Some((account, call)) => format!("peerlab api --as {account} {call}"),
            None => "peerlab next --skip".to_owned(),
        }
    }

    /// The operation after which the step is possible; tries all candidates.
    fn way_on(&self, index: usize) -> Option<(AccountName, Call)> {
        let cloud = self.cloud();
        let mut search = Search::new(self);
        let step = &self.lab().steps[index];
        let unknown = search.unknown(&step.operations);
        search.earlier(index, unknown.clone());
        let missing: Vec<_> = search.makers(index, unknown).into_iter().map(|it| self.as_meant(&search, it)).collect();
        let mut tries = Vec::new();
        for operation in making(step) {
            if let Some((near, _)) = search.creation(operation) {
                let owner = self.account_of(&near).unwrap_or_else(|| operation.caller.clone());
                tries.extend(near.change().map(|call| (owner.clone(), call)));
                tries.extend(deletion(near.kind, &near.name).map(|call| (owner, call)));
            }
        }
        tries.extend(missing.iter().cloned());
        tries.extend(making(step).filter_map(|operation| self.by_the_other_end(&search, operation)));
        let reversed = self.reversed(index);
        tries.extend(reversed.iter().cloned());
        for operation in making(step) {
            let (caller, call) = self.as_meant(&search, operation);
            tries.push((caller.clone(), call.clone()));
            let Some(created) = call.created(cloud) else { continue };
            let plain = created.name.rsplit_once('/').map_or(&*created.name, |(_, subnet)| subnet).to_owned();
            let free = (2..).map(|number| format!("{plain}-{number}")).find(|name| {
                let whole = created.name.strip_suffix(&plain).unwrap_or_default().to_owned() + name;
                cloud.name_of(created.kind, &whole).is_none()
            });
            tries.extend(free.map(|free| {
                let mut call = call;
                call.rename(&free);
                (caller, call)
            }));
        }
        tries.extend(cloud.deletions());
        let gets_on = |(account, call): &(AccountName, Call)| {
            let mut run = self.clone();
            run.operate(account.as_str(), call.clone()).is_ok() && run.try_step(index).is_ok()
        };
        let is_done =
            |(account, call): &(AccountName, Call)| self.clone().operate(account.as_str(), call.clone()).is_ok();
        let refusal = |run: &mut Run| run.try_step(index).err().map(|error| error.message);
        let now = refusal(&mut self.clone());
        let gets_nearer = |(account, call): &(AccountName, Call)| {
            let mut run = self.clone();
            run.operate(account.as_str(), call.clone()).is_ok() && refusal(&mut run) != now
        };
        let found = tries.into_iter().take(TRIED).find(gets_on);
        // If several are missing, propose the first.
        found.or_else(|| missing.into_iter().find(is_done)).or_else(|| reversed.into_iter().find(gets_nearer))
    }

    /// The operations of earlier steps whose effect is gone, though no other step reversed it.
    fn reversed(&self, index: usize) -> Vec<(AccountName, Call)> {
        let (cloud, steps) = (self.cloud(), &self.lab().steps[..index]);
        let mut search = Search::new(self);
        search.earlier(index, search.unknown(steps.iter().flat_map(making)));
        let mut later = BTreeSet::new();
        let mut is_last = |call: &Call| {
            let effects = cloud.in_names(call).effects().into_iter();
            effects.filter(|it| later.insert(place_of(it))).count() > 0
        };
        let is_gone = |(caller, call): &(AccountName, Call)| {
            !cloud.already(&Operation { caller: caller.clone(), call: call.clone(), origin: Origin::Provider })
        };
        let earlier = steps.iter().rev().flat_map(|step| making(step).rev()).map(|it| self.as_meant(&search, it));
        let mut reversed: Vec<_> = earlier.filter(|(_, call)| is_last(call)).filter(is_gone).collect();
        reversed.reverse();
        reversed
    }

    /// The same call by the other end of a pair, where the learner exchanged the roles of the two.
    fn by_the_other_end(&self, search: &Search<'_>, operation: &Operation) -> Option<(AccountName, Call)> {
        self.cloud().by_the_other_end(&self.as_meant(search, operation).1)
    }

    fn as_meant(&self, search: &Search<'_>, operation: &Operation) -> (AccountName, Call) {
        (operation.caller.clone(), search.bindings.references(self.cloud(), &operation.call))
    }

    /// The account that made a resource by hand.
    fn account_of(&self, made: &Alike) -> Option<AccountName> {
        let (account, _) = self.by_hand().filter(|(_, line)| *line == &*made.line).last()?;
        self.cloud().accounts().find(|it| it.name.as_str() == account).map(|it| it.name.clone())
    }
}

/// A difference, as a message.
pub fn difference(difference: &Difference) -> Message {
    let Difference { argument, is, wanted } = difference;
    msg!(Said::ArgumentDiffers { argument, is, wanted })
}

fn differs(index: usize, near: &Alike, created: &Created) -> Error {
    let differences: Vec<_> = near.differences.iter().map(difference).collect();
    let (kind, made, name, step) = (near.kind, &near.name, &created.name, index + 1);
    let message = msg!(Said::StepDiffers { made: (kind, made), name, step, differences });
    Error::new(Kind::Refused, message).code("StepDiffers")
}

/// The search for resources made by hand in place of the lab's.
struct Search<'r> {
    run: &'r Run,
    /// The bindings of the journal and the new ones.
    bindings: Bindings,
    found: Vec<Binding>,
    /// Resources that are already the lab's.
    taken: BTreeSet<(ResourceKind, String)>,
}

impl<'r> Search<'r> {
    fn new(run: &'r Run) -> Self {
        let bindings = run.bindings();
        let mut search = Search { run, bindings, found: Vec::new(), taken: BTreeSet::new() };
        for operation in run.lab().steps.iter().take(run.steps_done()).flat_map(making) {
            search.take(operation);
        }
        search
    }

    fn cloud(&self) -> &'r Cloud {
        self.run.cloud()
    }

    /// The name of the resource to which a text of the lab refers.
    fn name_of(&self, kinds: &[ResourceKind], text: &str) -> Option<String> {
        let made = |kind: &ResourceKind| self.bindings.made(self.cloud(), *kind, text).map(str::to_owned);
        kinds.iter().find_map(|kind| made(kind).or_else(|| self.cloud().name_of(*kind, text)))
    }

    /// Marks the resource that an operation created, if it exists, as the lab's; returns whether it exists.
    fn take(&mut self, operation: &Operation) -> bool {
        let call = self.bindings.references(self.cloud(), &operation.call);
        let Some(created) = call.created(self.cloud()) else { return false };
        let (kind, names) = created.things();
        // A resource of the same name that was made anew by hand has another id.
        let own = created.id.iter().chain(names.iter().filter(|_| created.id.is_none()));
        let made: Vec<_> = own.filter_map(|text| self.name_of(&[kind], text)).collect();
        let all = made.len() == names.len();
        self.taken.extend(made.into_iter().map(|name| (kind, name)));
        all
    }

    /// References of operations to resources that do not exist.
    fn unknown<'o>(&self, operations: impl IntoIterator<Item = &'o Operation>) -> BTreeSet<String> {
        let mut unknown = BTreeSet::new();
        for operation in operations {
            let mut call = self.bindings.resolve(self.cloud(), &operation.call);
            call.each_reference(&mut |kinds, text| {
                if !text.eq_ignore_ascii_case("internet")
                    && !self.cloud().names_a_pair(kinds, text)
                    && self.name_of(kinds, text).is_none()
                {
                    unknown.insert(text.clone());
                }
            });
        }
        unknown
    }

    /// The operations before a step that create the resources with these names or ids, and their prerequisites.
    fn makers(&self, index: usize, mut wanted: BTreeSet<String>) -> Vec<&'r Operation> {
        let lab = self.run.lab();
        let earlier = lab.base.iter().chain(lab.steps.iter().take(index).flat_map(making));
        let mut makers = Vec::new();
        for operation in earlier.collect::<Vec<_>>().into_iter().rev() {
            let call = self.bindings.references(self.cloud(), &operation.call);
            let Some(created) = call.created(self.cloud()) else { continue };
            let named = |text: &String| created.is_called(text);
            if wanted.iter().any(named) {
                wanted.retain(|text| !named(text));
                wanted.extend(self.unknown([operation]));
                makers.push(operation);
            }
        }
        makers.reverse();
        makers
    }

    /// Searches for replacements of missing resources that earlier steps should have created.
    fn earlier(&mut self, index: usize, unknown: BTreeSet<String>) {
        for operation in self.makers(index, unknown) {
            self.creation(operation);
        }
    }

    /// Searches for the resource made by hand in place of the one that an operation creates, and binds it; otherwise
    /// returns a similar one.
    fn creation(&mut self, operation: &Operation) -> Option<(Alike, Created)> {
        let call = self.bindings.references(self.cloud(), &operation.call);
        let created = call.created(self.cloud())?;
        let meant = Operation { call, ..operation.clone() };
        let is_made = self.bindings.creation(self.cloud(), &operation.call).is_some() || self.cloud().already(&meant);
        // What the learner typed and is there may have got another state since.
        if is_made
            || self.run.did(self.cloud(), operation) && self.cloud().name_of(created.kind, &created.name).is_some()
        {
            self.take(operation);
            return None;
        }
        let mut alike = self.cloud().alike(&meant)?;
        alike.retain(|it| !self.taken.contains(&(it.kind, it.name.clone())));
        if let Some(first) = self.first_of_as_many(&alike, operation) {
            self.bind(&first, &created, operation);
            return None;
        }
        alike.retain(|it| !it.dead);
        let is_one_of_several = alike.len() > 1;
        alike.sort_by_cached_key(|it| {
            let has_id = Some(&*it.id.0) == created.id.as_deref();
            let fits = if is_one_of_several { self.fits(it, &created, operation) } else { 0 };
            (
                !has_id,
                Reverse(fits),
                it.name != created.name,
                self.is_wanted_elsewhere(it, operation),
                self.made_when(it),
            )
        });
        if let Some(same) = alike.iter().find(|it| it.differences.is_empty()) {
            self.bind(same, &created, operation);
            return None;
        }
        let near = alike.into_iter().find(|it| it.near && !self.is_anothers(it, operation))?;
        Some((near, created))
    }

    /// The first that was made, if some are dead, and as many were made as the lab makes: each is one of the lab's, in this order.
    fn first_of_as_many(&self, alike: &[Alike], operation: &Operation) -> Option<Alike> {
        let same: Vec<_> = alike.iter().filter(|it| it.differences.is_empty()).collect();
        if same.len() < 2 || same.iter().all(|it| !it.dead) {
            return None;
        }
        let others = self.others(operation).filter(|other| same.iter().all(|it| self.is_what_makes(other, it)));
        let first = same.iter().min_by_key(|it| self.made_when(it))?;
        (others.count() + 1 == same.len()).then(|| (*first).clone())
    }

    fn bind(&mut self, made: &Alike, created: &Created, operation: &Operation) {
        for binding in made.bindings(created, &operation.call) {
            self.taken.insert((binding.kind, binding.made.clone()));
            // By its own name it is found anyway.
            if binding.lab.iter().any(|lab| *lab != binding.made) {
                self.bindings.extend([binding.clone()]);
                self.found.push(binding);
            }
        }
    }

    /// How many of the lab's other pending operations are already done if the lab means this resource, alone or together
    /// with one that was made in place of another of the lab's: each may name the other.
    fn fits(&self, made: &Alike, created: &Created, operation: &Operation) -> usize {
        let mut bindings = self.bindings.clone();
        bindings.extend(made.bindings(created, &operation.call));
        let done = |bindings: &Bindings| {
            let is_done = |other: &&Operation| {
                let call = bindings.resolve(self.cloud(), &other.call);
                self.cloud().already(&Operation { call, ..(*other).clone() })
            };
            self.others(operation).filter(is_done).count()
        };
        let together = |partner: Vec<Binding>| {
            let mut both = bindings.clone();
            both.extend(partner);
            done(&both)
        };
        let partners = self.others(operation).flat_map(|other| self.in_place_of(other, &bindings));
        partners.map(together).chain([done(&bindings)]).max().unwrap_or(0)
    }

    /// The bindings of each resource made by hand that is exactly what an operation creates, if the lab's own is not there.
    fn in_place_of(&self, operation: &Operation, bindings: &Bindings) -> Vec<Vec<Binding>> {
        let call = bindings.references(self.cloud(), &operation.call);
        let Some(created) = call.created(self.cloud()) else { return Vec::new() };
        let meant = Operation { call, ..operation.clone() };
        if bindings.creation(self.cloud(), &operation.call).is_some() || self.cloud().already(&meant) {
            return Vec::new();
        }
        let mut alike = self.cloud().alike(&meant).unwrap_or_default();
        alike.retain(|it| it.differences.is_empty() && !self.taken.contains(&(it.kind, it.name.clone())));
        alike.iter().map(|it| it.bindings(&created, &operation.call)).collect()
    }

    /// Whether the lab uses its name or id for another resource.
    fn is_wanted_elsewhere(&self, made: &Alike, operation: &Operation) -> bool {
        self.others(operation).any(|other| {
            let created = other.call.created(self.cloud());
            created.is_some_and(|it| {
                it.kind == made.kind && (it.name == made.name || it.id.as_deref() == Some(&*made.id.0))
            })
        })
    }

    /// Whether it is exactly what another pending operation creates.
    fn is_anothers(&self, made: &Alike, operation: &Operation) -> bool {
        self.others(operation).any(|other| self.is_what_makes(other, made))
    }

    /// Whether it is exactly what this operation creates.
    fn is_what_makes(&self, operation: &Operation, made: &Alike) -> bool {
        let call = self.bindings.references(self.cloud(), &operation.call);
        let alike = self.cloud().alike(&Operation { call, ..operation.clone() }).unwrap_or_default();
        alike.iter().any(|it| (it.kind, &it.name) == (made.kind, &made.name) && it.differences.is_empty())
    }

    /// The other pending operations of steps that create resources.
    fn others<'a>(&'a self, operation: &'a Operation) -> impl Iterator<Item = &'r Operation> + 'a {
        let steps = self.run.lab().steps.iter().skip(self.run.steps_done()).flat_map(making);
        steps.filter(move |other| !std::ptr::eq(*other, operation))
    }

    /// The index of the operation that made it among those done by hand.
    fn made_when(&self, made: &Alike) -> Option<usize> {
        self.run.by_hand().collect::<Vec<_>>().iter().rposition(|(_, line)| *line == &*made.line)
    }
}

#[cfg(test)]
pub(super) mod tests;
