//! The difference between two rulesets.
//!
//! All changes of one [`diff`] belong in one transaction (`kernel::nft::Nft::apply`), which puts
//! them in an order that the kernel accepts: deletions first, including the rules of replaced chains, so that nothing
//! refers to a deleted object and every object that a rule names exists. The order of the list is for readers.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::{self, Formatter};

use super::ruleset::{Chain, Data, Family, Rule, Ruleset, Set, Statement, Table, Value, Verdict};
use super::ruleset_text::Element;

/// A table's identity.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct TableId {
    /// Its family.
    pub family: Family,
    /// Its name.
    pub name: String,
}

impl TableId {
    /// The identity of the table with this family and name.
    pub fn new(family: Family, name: impl Into<String>) -> Self {
        TableId { family, name: name.into() }
    }
}

impl fmt::Display for TableId {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.family, self.name)
    }
}

/// Elements of a set, by key.
pub type Elements = BTreeMap<Vec<Value>, Data>;

/// One change of a ruleset.
///
/// `{}` is a line for `plan -v`; `{:#}` adds its details on separate lines that begin with a tab.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RulesetChange {
    /// Deletes a table, with its content.
    DeleteTable {
        /// The table.
        table: TableId,
    },
    /// Adds a table, with its content.
    AddTable {
        /// The table.
        table: TableId,
        /// Its content.
        content: Table,
    },
    /// Deletes a counter.
    DeleteCounter {
        /// The table.
        table: TableId,
        /// Its name.
        counter: String,
    },
    /// Adds a counter, at zero.
    AddCounter {
        /// The table.
        table: TableId,
        /// Its name.
        counter: String,
    },
    /// Deletes a set or map, with its elements.
    DeleteSet {
        /// The table.
        table: TableId,
        /// Its name.
        set: String,
    },
    /// Adds a set or map, with its elements.
    AddSet {
        /// The table.
        table: TableId,
        /// Its name.
        set: String,
        /// Its type and elements.
        content: Set,
    },
    /// Deletes elements. An element whose data changes is deleted and added.
    DeleteElements {
        /// The table.
        table: TableId,
        /// The set.
        set: String,
        /// The elements.
        elements: Elements,
    },
    /// Adds elements.
    AddElements {
        /// The table.
        table: TableId,
        /// The set.
        set: String,
        /// The elements.
        elements: Elements,
    },
    /// Deletes a chain, with its rules.
    DeleteChain {
        /// The table.
        table: TableId,
        /// Its name.
        chain: String,
    },
    /// Adds a chain, with its rules.
    AddChain {
        /// The table.
        table: TableId,
        /// Its name.
        chain: String,
        /// Its hook and rules.
        content: Chain,
    },
    /// Replaces all rules of a chain at once.
    ReplaceRules {
        /// The table.
        table: TableId,
        /// The chain.
        chain: String,
        /// The old rules, for the reader.
        from: Vec<Rule>,
        /// The new rules.
        to: Vec<Rule>,
    },
}

impl RulesetChange {
    /// The changed table.
    pub fn table(&self) -> &TableId {
        match self {
            RulesetChange::DeleteTable { table }
            | RulesetChange::AddTable { table, .. }
            | RulesetChange::DeleteCounter { table, .. }
            | RulesetChange::AddCounter { table, .. }
            | RulesetChange::DeleteSet { table, .. }
            | RulesetChange::AddSet { table, .. }
            | RulesetChange::DeleteElements { table, .. }
            | RulesetChange::AddElements { table, .. }
            | RulesetChange::DeleteChain { table, .. }
            | RulesetChange::AddChain { table, .. }
            | RulesetChange::ReplaceRules { table, .. } => table,
        }
    }
}

/// The changes that turn `current` into `desired`.
///
/// Deletes every table that is not desired, including other programs'. Recreates a chain whose hook differs, a set
/// whose type differs, and everything that refers to them.
pub fn diff(current: &Ruleset, desired: &Ruleset) -> Vec<RulesetChange> {
    let mut changes = Vec::new();
    for (id @ (family, name), table) in &current.tables {
        if !desired.tables.contains_key(id) || !table.foreign.is_empty() {
            changes.push(RulesetChange::DeleteTable { table: TableId::new(*family, name) });
        }
    }
    for (id @ (family, name), table) in &desired.tables {
        let of = TableId::new(*family, name);
        match current.tables.get(id).filter(|table| table.foreign.is_empty()) {
            None => changes.push(RulesetChange::AddTable { table: of, content: table.clone() }),
            Some(current) => TableDiff::new(&of, current, table).collect(&mut changes),
        }
    }
    changes
}

/// The difference between two states of a table.
struct TableDiff<'a> {
    id: &'a TableId,
    current: &'a Table,
    desired: &'a Table,
    /// Sets that are deleted or recreated.
    stale_sets: BTreeSet<&'a str>,
    /// Chains that are deleted or recreated.
    stale_chains: BTreeSet<&'a str>,
}

impl<'a> TableDiff<'a> {
    fn new(id: &'a TableId, current: &'a Table, desired: &'a Table) -> Self {
        let stays = |name: &String, set: &Set| {
            desired.sets.get(name).is_some_and(|desired| (&desired.key, desired.data) == (&set.key, set.data))
        };
        let stale_sets = current.sets.iter().filter(|(name, set)| !stays(name, set)).map(|(name, _)| &**name).collect();
        let stays =
            |name: &String, chain: &Chain| desired.chains.get(name).is_some_and(|desired| desired.hook == chain.hook);
        let stale_chains =
            current.chains.iter().filter(|(name, chain)| !stays(name, chain)).map(|(name, _)| &**name).collect();
        TableDiff { id, current, desired, stale_sets, stale_chains }
    }

    fn collect(&self, changes: &mut Vec<RulesetChange>) {
        let TableDiff { current, desired, .. } = *self;
        let table = || self.id.clone();
        for counter in current.counters.difference(&desired.counters).cloned() {
            changes.push(RulesetChange::DeleteCounter { table: table(), counter });
        }
        for set in &self.stale_sets {
            changes.push(RulesetChange::DeleteSet { table: table(), set: set.to_string() });
        }
        for chain in &self.stale_chains {
            changes.push(RulesetChange::DeleteChain { table: table(), chain: chain.to_string() });
        }
        for counter in desired.counters.difference(&current.counters).cloned() {
            changes.push(RulesetChange::AddCounter { table: table(), counter });
        }
        for (name, content) in &desired.chains {
            match current.chains.get(name).filter(|_| !self.stale_chains.contains(&**name)) {
                None => {
                    let (chain, content) = (name.clone(), content.clone());
                    changes.push(RulesetChange::AddChain { table: table(), chain, content });
                }
                Some(was) if was.rules == content.rules && !self.mention_stale(&was.rules) => {}
                Some(was) => {
                    let (chain, from, to) = (name.clone(), was.rules.clone(), content.rules.clone());
                    changes.push(RulesetChange::ReplaceRules { table: table(), chain, from, to });
                }
            }
        }
        for (name, content) in &desired.sets {
            match current.sets.get(name).filter(|_| !self.stale_sets.contains(&**name)) {
                None => {
                    let (set, content) = (name.clone(), content.clone());
                    changes.push(RulesetChange::AddSet { table: table(), set, content });
                }
                Some(was) => self.elements(name, &was.elements, &content.elements, changes),
            }
        }
    }

    fn elements(&self, set: &str, current: &Elements, desired: &Elements, changes: &mut Vec<RulesetChange>) {
        let without = |these: &Elements, others: &Elements| -> Elements {
            let differs = |key, data| others.get(key) != Some(data) || self.leads_to_stale(data);
            let these = these.iter().filter(|(key, data)| differs(*key, *data));
            these.map(|(key, data)| (key.clone(), data.clone())).collect()
        };
        let (gone, new) = (without(current, desired), without(desired, current));
        let table = || self.id.clone();
        if !gone.is_empty() {
            changes.push(RulesetChange::DeleteElements { table: table(), set: set.to_string(), elements: gone });
        }
        if !new.is_empty() {
            changes.push(RulesetChange::AddElements { table: table(), set: set.to_string(), elements: new });
        }
    }

    /// Whether a rule names a set or chain that is deleted or recreated.
    fn mention_stale(&self, rules: &[Rule]) -> bool {
        if self.stale_sets.is_empty() && self.stale_chains.is_empty() {
            return false;
        }
        rules.iter().flat_map(|rule| &rule.statements).any(|statement| match statement {
            Statement::In { set, .. } => self.stale_sets.contains(&**set),
            Statement::VerdictMap { map, .. }
            | Statement::DestinationNat { map, .. }
            | Statement::SourceNat { map, .. } => self.stale_sets.contains(&**map),
            Statement::Verdict(Verdict::Jump(chain) | Verdict::Goto(chain)) => self.stale_chains.contains(&**chain),
            _ => false,
        })
    }

    fn leads_to_stale(&self, data: &Data) -> bool {
        match data {
            Data::Verdict(Verdict::Jump(chain) | Verdict::Goto(chain)) => self.stale_chains.contains(&**chain),
            _ => false,
        }
    }
}

impl fmt::Display for RulesetChange {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            RulesetChange::DeleteTable { table } => write!(f, "delete table {table}"),
            RulesetChange::AddTable { table, content } => {
                let (chains, sets) = (content.chains.len(), content.sets.len());
                let (chains, sets) = (Count(chains, "chain", "chains"), Count(sets, "set", "sets"));
                let counters = Count(content.counters.len(), "counter", "counters");
                write!(f, "add table {table}: {chains}, {sets}, {counters}")?;
                below(f, |f| content.to_string().lines().try_for_each(|line| write!(f, "\n{line}")))
            }
            RulesetChange::DeleteCounter { table, counter } => write!(f, "delete counter {table} {counter}"),
            RulesetChange::AddCounter { table, counter } => write!(f, "add counter {table} {counter}"),
            RulesetChange::DeleteSet { table, set } => write!(f, "delete set {table} {set}"),
            RulesetChange::AddSet { table, set, content } => {
                let word = if content.data.is_some() { "map" } else { "set" };
                let elements = Count(content.elements.len(), "element", "elements");
                write!(f, "add {word} {table} {set}: type {}, {elements}", content.type_text())?;
                below(f, |f| lines(f, &content.elements))
            }
            RulesetChange::DeleteElements { table, set, elements } => {
                write!(f, "delete from set {table} {set}: {}", First(elements))?;
                below(f, |f| lines(f, elements))
            }
            RulesetChange::AddElements { table, set, elements } => {
                write!(f, "add to set {table} {set}: {}", First(elements))?;
                below(f, |f| lines(f, elements))
            }
            RulesetChange::DeleteChain { table, chain } => write!(f, "delete chain {table} {chain}"),
            RulesetChange::AddChain { table, chain, content } => {
                write!(f, "add chain {table} {chain}: ")?;
                if let Some(hook) = content.hook {
                    write!(f, "{hook} ")?;
                }
                Count(content.rules.len(), "rule", "rules").fmt(f)?;
                below(f, |f| content.rules.iter().try_for_each(|rule| write!(f, "\n\t{rule}")))
            }
            RulesetChange::ReplaceRules { table, chain, from, to } => {
                let rules = |rules: &[Rule]| Count(rules.len(), "rule", "rules").to_string();
                write!(f, "replace rules of chain {table} {chain}: {} by {}", rules(from), rules(to))?;
                below(f, |f| {
                    let gone = from.iter().filter(|rule| !to.contains(rule));
                    gone.into_iter().try_for_each(|rule| write!(f, "\n\t- {rule}"))?;
                    let new = to.iter().filter(|rule| !from.contains(rule));
                    new.into_iter().try_for_each(|rule| write!(f, "\n\t+ {rule}"))
                })
            }
        }
    }
}

/// Writes the lines of `{:#}`.
fn below(f: &mut Formatter<'_>, lines: impl FnOnce(&mut Formatter<'_>) -> fmt::Result) -> fmt::Result {
    if f.alternate() { lines(f) } else { Ok(()) }
}

fn lines(f: &mut Formatter<'_>, elements: &Elements) -> fmt::Result {
    elements.iter().try_for_each(|(key, data)| write!(f, "\n\t{}", Element(key, data)))
}

/// A number of things: `1 rule`, `no rules`.
struct Count(usize, &'static str, &'static str);

impl fmt::Display for Count {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self.0 {
            0 => write!(f, "no {}", self.2),
            1 => write!(f, "1 {}", self.1),
            number => write!(f, "{number} {}", self.2),
        }
    }
}

/// The first few elements.
struct First<'a>(&'a Elements);

impl fmt::Display for First<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        const FEW: usize = 4;
        for (i, (key, data)) in self.0.iter().take(FEW).enumerate() {
            write!(f, "{}{}", if i == 0 { "" } else { ", " }, Element(key, data))?;
        }
        match self.0.len().saturating_sub(FEW) {
            0 => Ok(()),
            more => write!(f, " and {more} more"),
        }
    }
}

#[cfg(test)]
pub(crate) mod tests;
