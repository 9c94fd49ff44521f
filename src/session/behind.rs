//! Finds the lab's operations that a learner has already passed, in an order of their own.

use std::collections::{BTreeMap, BTreeSet};

use super::Run;
use crate::cloud::{Binding, Call, Cloud, Effect, Operation, ResourceKind};
use crate::journal::Event;
use crate::lab::Step;

/// What was done, in order: the caller, and the call by the resources' own names at that time.
pub(super) type Deeds = Vec<(String, Call)>;

/// A thing, or a part of one, whose states the lab's operations change one after the other.
pub(super) type Place = (ResourceKind, String, Option<String>);

/// A state of it, and who brought it about.
type State = (String, String);

impl Run {
    /// The lab's operations, by step and index, that are skipped although their effect is absent.
    ///
    /// Order matters only within each resource. An operation counts as passed if the learner did everything that the lab
    /// does to its resource up to that point, in that order, and left the resource in a later state of the lab. Repeating
    /// it would undo finished work: a resource that one step deletes and another recreates would get another id.
    pub(super) fn behind(&self, bound: &[Binding]) -> BTreeSet<(usize, usize)> {
        if self.standing.history.by_hand() == 0 {
            return BTreeSet::new();
        }
        let names = Names::of(self, bound);
        let deeds = self.deeds.get_or_init(|| {
            let whole = Run::replay(self.lab().clone(), self.path().to_owned(), self.events());
            whole.ok().and_then(|run| run.deeds.into_inner()).unwrap_or_default()
        });
        let did = deeds.iter().map(|(account, call)| ((), account.clone(), call.effects()));
        let steps = self.lab().steps.iter().enumerate().filter(|(index, _)| !self.is_skipped(*index));
        let lab: Vec<_> = steps
            .flat_map(|(index, step)| making(step).enumerate().map(move |(at, operation)| ((index, at), operation)))
            .map(|(at, it)| (at, it.caller.to_string(), names.own(self.cloud(), &it.call).effects()))
            .collect();
        let (did, wanted) = (by_place(did.collect()), by_place(lab.clone()));
        let behind: BTreeMap<_, BTreeSet<_>> = wanted
            .into_iter()
            .map(|(place, states)| {
                let done = did.get(&place).map_or(&[][..], Vec::as_slice);
                (place, passed(&states, done))
            })
            .collect();
        let is_behind = |(at, _, effects): &((usize, usize), String, Vec<Effect>)| {
            !effects.is_empty() && effects.iter().all(|it| behind[&place_of(it)].contains(at))
        };
        lab.iter().filter(|it| is_behind(it)).map(|(at, ..)| *at).collect()
    }
}

/// The operations of a step that have an effect.
pub(super) fn making(step: &Step) -> impl DoubleEndedIterator<Item = &Operation> {
    let refused = usize::from(step.refused.is_some() && !step.operations.is_empty());
    step.operations[..step.operations.len() - refused].iter()
}

pub(super) fn place_of(effect: &Effect) -> Place {
    (effect.kind, effect.name.clone(), effect.part.clone())
}

/// The states of each thing and part, in order: those of a part are also that its thing is made and gone.
fn by_place<T: Copy>(operations: Vec<(T, String, Vec<Effect>)>) -> BTreeMap<Place, Vec<(T, State)>> {
    let mut places: BTreeMap<Place, Vec<(T, State)>> = BTreeMap::new();
    let effects = || operations.iter().flat_map(|(at, who, effects)| effects.iter().map(move |it| (*at, who, it)));
    for (_, _, effect) in effects() {
        places.entry((effect.kind, effect.name.clone(), None)).or_default();
        places.entry(place_of(effect)).or_default();
    }
    for (at, who, effect) in effects() {
        let state = (who.clone(), effect.to.clone());
        if effect.part.is_some() {
            places.entry(place_of(effect)).or_default().push((at, state));
            continue;
        }
        let first = (effect.kind, effect.name.clone(), None);
        let of_thing = |place: &Place| (place.0, &place.1) == (effect.kind, &effect.name);
        for (_, states) in places.range_mut(first..).take_while(|(place, _)| of_thing(place)) {
            states.push((at, state.clone()));
        }
    }
    places
}

/// The lab's states that a learner who went through `done` has passed.
fn passed<T: Copy + Ord, U>(lab: &[(T, State)], done: &[(U, State)]) -> BTreeSet<T> {
    let Some((_, now)) = done.last() else { return BTreeSet::new() };
    let last = lab.iter().rposition(|(_, state)| state == now).unwrap_or(0);
    let mut left = done.iter();
    let gone_through = lab.iter().take_while(|(_, state)| left.any(|(_, done)| done == state));
    gone_through.take(last).map(|(at, _)| *at).collect()
}

/// The resources' own names for what the lab's lines call them.
struct Names {
    /// The lab's names by the ids that it gives.
    of_ids: BTreeMap<(ResourceKind, String), String>,
    /// What was made by hand, by the lab's names and ids.
    made: BTreeMap<(ResourceKind, String), String>,
}

impl Names {
    fn of(run: &Run, bound: &[Binding]) -> Self {
        let operations = run.lab().base.iter().chain(run.lab().steps.iter().flat_map(|step| &step.operations));
        let created = operations.filter_map(|operation| operation.call.created(run.cloud()));
        let of_ids = created.filter_map(|it| Some(((it.kind, it.id?), it.name))).collect();
        let earlier = run.events().iter().filter_map(Event::step).flat_map(|(_, bound)| bound);
        let mut made = BTreeMap::new();
        for binding in earlier.chain(bound) {
            made.extend(binding.lab.iter().map(|lab| ((binding.kind, lab.clone()), binding.made.clone())));
        }
        Names { of_ids, made }
    }

    fn of_kinds(&self, kinds: &[ResourceKind], text: &str) -> Option<String> {
        if let Some((vpc, rest)) = text.split_once('/') {
            let vpc = self.of_kinds(&[ResourceKind::Vpc], vpc).unwrap_or_else(|| vpc.to_owned());
            let whole = format!("{vpc}/{rest}");
            return Some(kinds.iter().find_map(|kind| self.of_kind(*kind, &whole)).unwrap_or(whole));
        }
        kinds.iter().find_map(|kind| self.of_kind(*kind, text))
    }

    fn of_kind(&self, kind: ResourceKind, text: &str) -> Option<String> {
        let text = (kind, kind.strip(text)?.to_owned());
        let name = self.of_ids.get(&text).map(|name| (kind, name.clone()));
        let made = self.made.get(&text).or_else(|| self.made.get(name.as_ref()?));
        made.cloned().or(name.map(|(_, name)| name))
    }

    /// A call of the lab by the resources' own names.
    fn own(&self, cloud: &Cloud, call: &Call) -> Call {
        let mut own = call.clone();
        own.each_reference(&mut |kinds, text| {
            if let Some(name) = self.of_kinds(kinds, text) {
                *text = name;
            }
        });
        let own = &mut cloud.in_names(&own);
        if let Some(created) = own.created(cloud)
            && let Some(made) = self.of_kind(created.kind, &created.name)
        {
            own.rename(made.rsplit_once('/').map_or(&*made, |(_, subnet)| subnet));
        }
        own.clone()
    }
}

#[cfg(test)]
mod tests;
