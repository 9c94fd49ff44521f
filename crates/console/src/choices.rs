//! What can be chosen in forms: VPCs, regions, things of an account, protocols.

use crate::cloud::{AccountName, ResourceKind, RuleProtocol, Subnet, Vpc};
use crate::view::View;

/// A value that can be chosen.
#[derive(Clone, Debug)]
pub struct Choice {
    /// As the form sends it.
    pub value: String,
    /// As it reads.
    pub label: String,
    /// What else is to be known of it.
    pub note: String,
}

impl Choice {
    pub(crate) fn new(value: impl Into<String>, label: impl Into<String>) -> Self {
        Choice { value: value.into(), label: label.into(), note: String::new() }
    }

    pub(crate) fn note(self, note: impl Into<String>) -> Self {
        Choice { note: note.into(), ..self }
    }
}

/// Choices of which no two read the same: those that would, have their values behind them.
pub(crate) fn distinct(mut choices: Vec<Choice>) -> Vec<Choice> {
    let labels: Vec<_> = choices.iter().map(|it| it.label.clone()).collect();
    for choice in &mut choices {
        if labels.iter().filter(|label| **label == choice.label).count() > 1 {
            choice.label = format!("{} ({})", choice.label, choice.value);
        }
    }
    choices
}

/// The regions to choose from: those in which the account has VPCs first.
pub(crate) fn regions(view: &View<'_>) -> Vec<Choice> {
    view.regions().into_iter().map(|(id, name)| Choice::new(&id, name).note(id)).collect()
}

/// A VPC to choose, by name.
pub(crate) fn vpc(view: &View<'_>, vpc: &Vpc) -> Choice {
    let place = view.region_name(&vpc.region.0);
    Choice::new(&*vpc.id.0, vpc.name.as_str()).note(format!("{} · {} · {place}", vpc.id, vpc.cidr))
}

/// The account's own VPCs to choose from.
pub(crate) fn vpcs(view: &View<'_>) -> Vec<Choice> {
    view.own_vpcs().map(|vpc| self::vpc(view, vpc)).collect()
}

/// The account's own things of these kinds, to choose one.
pub(crate) fn things(view: &View<'_>, kinds: &[ResourceKind]) -> Vec<Choice> {
    let cloud = view.cloud;
    let own = |account: &AccountName| *account == *view.account;
    let subnet = |vpc: &Vpc, it: &Subnet| {
        let place = view.region_name(&vpc.region.0);
        Choice::new(&*it.id.0, it.name.to_string()).note(format!("{} · {place}", it.cidr))
    };
    let of = |kind: &ResourceKind| -> Vec<Choice> {
        match kind {
            ResourceKind::Vpc => vpcs(view),
            ResourceKind::Subnet => view.own_subnets().map(|(vpc, it)| subnet(vpc, it)).collect(),
            ResourceKind::Instance => {
                let all = cloud.instances().filter(|it| own(&it.account));
                all.map(|it| Choice::new(&*it.id.0, it.name.as_str()).note(format!("{} · {}", it.id, it.ip))).collect()
            }
            ResourceKind::SecurityGroup => {
                let all = cloud.security_groups().filter(|it| own(&it.account));
                all.map(|it| Choice::new(&*it.id.0, it.name.as_str()).note(format!("{} · {}", it.id, it.vpc))).collect()
            }
            _ => Vec::new(),
        }
    };
    kinds.iter().flat_map(of).collect()
}

/// Accepting and dropping.
pub(crate) fn policies(view: &View<'_>) -> Vec<Choice> {
    let t = &view.console.terms;
    vec![Choice::new("accept", view.word(t.accept)), Choice::new("drop", view.word(t.drop))]
}

/// The protocols of rules.
pub(crate) fn protocols() -> Vec<Choice> {
    RuleProtocol::ALL.iter().map(|it| Choice::new(it.to_string(), protocol_word(&it.to_string()))).collect()
}

/// A protocol as consoles write it.
pub(crate) fn protocol_word(protocol: &str) -> String {
    if protocol == "all" { "All".to_owned() } else { protocol.to_uppercase() }
}
