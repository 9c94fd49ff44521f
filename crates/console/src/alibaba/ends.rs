//! What both generations have: the ends of a pair, their states, their routes, and what is done to them.

use maud::{Markup, html};

use super::words as w;
use crate::choices::{self, Choice};
use crate::cloud::{Account, AccountName, Role, RouterInterface, Status, Vpc};
use crate::field::Field;
use crate::form::{Form, Page};
use crate::messages::Said;
use crate::parts::{chip, go};
use crate::view::View;
use crate::words::Word;

/// The path of VPC-to-VPC.
pub(crate) const VPC_TO_VPC: &str = "/ec/vpc-to-vpc";
/// The path of the router interfaces.
pub(crate) const INTERFACES: &str = "/ec/router-interfaces";

/// The end with this id, or this name.
pub(super) fn end<'a>(view: &View<'a>, text: &str) -> Option<&'a RouterInterface> {
    let all = || view.cloud.router_interfaces();
    all().find(|it| &*it.id.0 == text).or_else(|| all().find(|it| it.name.as_str() == text))
}

/// The account's own ends.
pub(super) fn mine<'a>(view: &View<'a>) -> impl Iterator<Item = &'a RouterInterface> + use<'a> {
    let account = view.account;
    view.cloud.router_interfaces().filter(move |it| it.account == *account)
}

/// The account's own end.
pub(super) fn own<'a>(view: &View<'a>, text: &str) -> Option<&'a RouterInterface> {
    end(view, text).filter(|it| it.account == *view.account)
}

/// The end that this one names.
pub(super) fn named<'a>(view: &View<'a>, end: &RouterInterface) -> Option<&'a RouterInterface> {
    view.cloud.named_by(end.opposite.as_ref()?)
}

/// Whether two ends name each other.
pub(super) fn is_mutual(view: &View<'_>, a: &RouterInterface, b: &RouterInterface) -> bool {
    let names = |a: &RouterInterface, b: &RouterInterface| named(view, a).is_some_and(|it| it.name == b.name);
    names(a, b) && names(b, a)
}

/// A state, with the API's word.
pub(super) fn state(view: &View<'_>, status: Status) -> Markup {
    let (word, class) = match status {
        Status::Idle => (w::IDLE, "waits"),
        Status::Connecting => (w::CONNECTING, "passes"),
        Status::AcceptingConnecting => (w::ACCEPTING, "passes"),
        Status::Activating => (w::ACTIVATING, "passes"),
        Status::Active => (w::ACTIVE, "carries"),
        Status::Deactivating => (w::DEACTIVATING, "passes"),
        Status::Inactive => (w::INACTIVE, "off"),
        Status::Deleting => (w::DELETING, "passes"),
    };
    chip(view.word(word), class, &format!("{status:?}"))
}

/// The role's word.
pub(super) fn role(role: Role) -> Word {
    match role {
        Role::Initiator => w::INITIATOR,
        Role::Acceptor => w::ACCEPTOR,
    }
}

/// The account's VPCs of a region; all, if none is chosen, or none is there.
pub(super) fn vpcs(view: &View<'_>, region: &str) -> Vec<Choice> {
    let all: Vec<&Vpc> = view.own_vpcs().collect();
    let there: Vec<&Vpc> = all.iter().copied().filter(|vpc| *vpc.region.0 == *region).collect();
    if there.is_empty() { all } else { there }.into_iter().map(|vpc| choices::vpc(view, vpc)).collect()
}

/// The account and the router of an end that somebody typed: of the end that has the id; before there is one, of the lab's
/// step that makes it; else of the only other account, and its VPC in the region.
pub(super) fn owner(view: &View<'_>, text: &str, region: &str) -> (Option<AccountName>, Option<String>) {
    if let Some(end) = end(view, text) {
        return (Some(end.account.clone()), view.cloud.vpc(&end.vpc).map(|vpc| vpc.router_id.to_string()));
    }
    let router = |vpc: &str| view.vpc(vpc).map(|vpc| vpc.router_id.to_string());
    let step = view.awaited.iter().find(|it| it.call.created_as_written().is_some_and(|made| made.is_called(text)));
    if let Some(step) = step {
        let vpc = step.call.arguments().find(|(argument, _)| argument.name() == "vpc");
        return (Some(step.caller.clone()), vpc.and_then(|(_, texts)| router(texts.first()?)));
    }
    let mut others = view.cloud.accounts().filter(|it| it.name != *view.account);
    let only = others.next().filter(|_| others.next().is_none()).map(|it: &Account| it.name.clone());
    let vpc = only.as_ref().and_then(|account| {
        let mut there = view.cloud.vpcs().filter(|vpc| vpc.account == *account && *vpc.region.0 == *region);
        there.next().filter(|_| there.next().is_none())
    });
    (only, vpc.map(|vpc| vpc.router_id.to_string()))
}

/// The routes of an end's VPC, and the form for another.
pub(super) fn routes(view: &View<'_>, list: &str, end: &RouterInterface, adds: bool) -> Page {
    let table = view.cloud.main_table_of(&end.vpc);
    let peer = named(view, end).and_then(|far| view.cloud.vpc(&far.vpc));
    let here = format!("{list}/{}/routes", end.id);
    let body = html! {
        p.facts {
            (view.word(w::VPC)) " " strong { (end.vpc) } " · " (view.word(role(end.role))) " " code { (end.id) } " · "
            a href=(view.to(&format!("/vpc/route-tables/{}", table.id))) { (view.word(w::ROUTE_TABLE)) }
        }
        @if !adds { div.row { (go(view, &format!("{here}/new"), view.word(w::ADD_PEER_ROUTE), "primary")) } }
        (crate::tables::entries(view, table))
    };
    let heading = view.word(w::ROUTE_SETTINGS);
    let page = match adds {
        false => Page::new(heading, body),
        true => {
            let tables = view.cloud.route_tables_of(&end.vpc).collect::<Vec<_>>();
            let custom = view.cloud.subnets_of(&end.vpc).any(|subnet| subnet.association.is_some());
            let choices = tables.iter().map(|it| Choice::new(&*it.id.0, it.name.as_str()).note(&*it.id.0)).collect();
            let chosen =
                Field::select(view, "table", w::ROUTE_TABLE, choices).or(view, &*table.id.0).of(&["table", "vpc"]);
            let destination = Field::text(view, "destination", w::DESTINATION).of(&["destination", "next-hop"]);
            let destination = match peer {
                Some(peer) => destination.note(view.say(crate::msg!(Said::PeerBlock { cidr: peer.cidr }))),
                None => destination,
            };
            let by_table = ("table", chosen.value.as_str());
            let vpc = end.vpc.to_string();
            let by = if chosen.value == *table.id.0 { ("vpc", vpc.as_str()) } else { by_table };
            let id = end.id.to_string();
            let form = Form::new(view.word(w::CONFIRM), (view.word(w::CANCEL), &here))
                .call("create-route-entry", &[by, ("destination", &destination.value), ("next_hop", &id)])
                .then(here.clone());
            let fields = if custom { vec![chosen, destination] } else { vec![destination] };
            Page::of_form(view.word(w::ADD_PEER_ROUTE), form.fields(fields)).with(body)
        }
    };
    page.below(view.word(if list == VPC_TO_VPC { w::PEERING } else { w::INTERFACES }), list)
}

/// What is done to an end: connecting, suspending, activating, deleting, another bandwidth.
pub(super) fn action(view: &View<'_>, list: &str, end: &RouterInterface, action: &str) -> Option<Page> {
    let is_initiator = end.role == Role::Initiator;
    let back = (view.word(w::CANCEL), list);
    let id = end.id.to_string();
    let then = format!("{list}#{id}");
    let form = Form::new(view.word(w::CONFIRM), back).then(then);
    let (word, form) = match action {
        "connect" => (w::CONNECT, form.call("connect-router-interface", &[("name", &id)])),
        "suspend" => {
            let word = if is_initiator { w::SUSPEND_INITIATOR } else { w::SUSPEND_ACCEPTOR };
            let form = form.call("deactivate-router-interface", &[("name", &id)]);
            (word, form.note(view.say(Said::WillCut)).danger())
        }
        "activate" => {
            let word = if is_initiator { w::ACTIVATE_INITIATOR } else { w::ACTIVATE_ACCEPTOR };
            (word, form.call("activate-router-interface", &[("name", &id)]))
        }
        "delete" => {
            let form = form.call("delete-router-interface", &[("name", &id)]);
            let form = form.note(view.say(crate::msg!(Said::WillDelete { name: &id }))).danger().then(list);
            (w::DELETE, form)
        }
        "spec" => {
            let field = Field::select(view, "spec", w::BANDWIDTH, speeds(view, false)).of(&["spec"]);
            let field = field.or(view, end.spec.map_or("", |spec| spec.name));
            let value = field.value.clone();
            let form = form.call("modify-router-interface-spec", &[("name", &id), ("spec", &value)]);
            (w::SPEC_CHANGE, form.fields(vec![field]))
        }
        _ => return None,
    };
    let heading = view.word(if list == VPC_TO_VPC { w::PEERING } else { w::INTERFACES });
    let about = html! { p.facts { (view.word(role(end.role))) " " code { (end.id) } " " (end.vpc) " " (state(view, end.status)) } };
    Some(Page::of_form(view.word(word), form).below(heading, list).with(about))
}

/// The bandwidths, by the words of one generation or the other.
pub(super) fn speeds(view: &View<'_>, classes: bool) -> Vec<Choice> {
    let specs = view.cloud.provider().families.iter().flat_map(|family| family.specs());
    let choice = |spec: &crate::cloud::Spec| {
        let bits = spec.bandwidth.0;
        let speed = match bits / 1_000_000_000 {
            0 => format!("{}Mb", bits / 1_000_000),
            giga => format!("{giga}Gb"),
        };
        match classes {
            false => Choice::new(spec.name, speed).note(spec.name),
            true => Choice::new(spec.name, class(view, spec.name)).note(format!("{} · {speed}", spec.name)),
        }
    };
    specs.map(choice).collect()
}

/// A class as the console of 2018 names it: `Large.1` is 大型1档.
fn class(view: &View<'_>, name: &str) -> String {
    if view.language == crate::language::Language::English {
        return name.to_owned();
    }
    let (size, step) = name.split_once('.').unwrap_or((name, ""));
    let sizes = [("Mini", "微型"), ("Small", "小型"), ("Middle", "中型"), ("Large", "大型"), ("Xlarge", "超大型")];
    let size = sizes.iter().find(|(it, _)| *it == size).map_or(size, |(_, zh)| zh);
    format!("{size}{step}档")
}
