//! VPC-to-VPC: a row for each connection, with its two ends.

use maud::{Markup, html};

use super::ends::{VPC_TO_VPC as LIST, action, is_mutual, mine, named, own, owner, routes, speeds, state, vpcs};
use super::words as w;
use crate::choices::{self, Choice};
use crate::cloud::{Role, RouterInterface, Status};
use crate::field::Field;
use crate::form::{Form, Page};
use crate::messages::Said;
use crate::parts::{button, cards, go};
use crate::view::View;

pub(super) fn page(view: &View<'_>, rest: &[&str]) -> Option<Page> {
    match rest {
        [] => Some(list(view)),
        ["new"] => Some(new(view)),
        ["made"] => Some(made(view)),
        [id, "add"] => Some(add(view, own(view, id)?)),
        [id, "routes"] => Some(routes(view, LIST, own(view, id)?, false)),
        [id, "routes", "new"] => Some(routes(view, LIST, own(view, id)?, true)),
        [id, deed] => action(view, LIST, own(view, id)?, deed),
        _ => None,
    }
}

fn list(view: &View<'_>) -> Page {
    let own: Vec<_> = mine(view).filter(|it| view.shows(&view.region_of(&it.vpc))).collect();
    // A pair of one account in one region is one row, its initiator's.
    let is_second = |end: &RouterInterface| {
        end.role == Role::Acceptor
            && own.iter().any(|other| other.role == Role::Initiator && is_mutual(view, end, other))
    };
    let rows: Vec<_> = own.iter().filter(|end| !is_second(end)).collect();
    let columns = [w::INITIATOR, w::BANDWIDTH, w::ACCEPTOR, w::ACTIONS].map(|it| view.word(it));
    let body = html! {
        div.tools {
            (go(view, &format!("{LIST}/new"), view.word(w::CREATE_PEERING), "primary"))
            (go(view, LIST, view.word(w::REFRESH), ""))
        }
        (cards(view, &columns, &rows, mine(view).map(|it| view.region_of(&it.vpc)), |end| row(view, end)))
    };
    Page::new(view.word(w::PEERING), body)
}

fn row(view: &View<'_>, end: &RouterInterface) -> Markup {
    let far = named(view, end);
    let spec = match end.role {
        Role::Initiator => end.spec,
        Role::Acceptor => far.and_then(|far| far.spec),
    };
    let own_far = far.filter(|far| far.account == *view.account && is_mutual(view, end, far));
    let halves = match end.role {
        Role::Initiator => [Some(end), far],
        Role::Acceptor => [far, Some(end)],
    };
    let speed = spec.and_then(|spec| speeds(view, false).into_iter().find(|it| it.value == spec.name));
    html! {
        tr id=(end.id) {
            td { (half(view, end, halves[0], Role::Initiator)) }
            td { span.cell-label { (view.word(w::BANDWIDTH)) }
                @match speed {
                    Some(speed) => { span { (speed.label) } " " span.faint { (speed.note) } }
                    None => { (view.word(w::DEFAULT)) }
                }
            }
            td { (half(view, end, halves[1], Role::Acceptor)) }
            td { (more(view, end, own_far)) }
        }
    }
}

/// One half of a row: an end of the account's own, the other account's, or one that is not there.
fn half(view: &View<'_>, row: &RouterInterface, half: Option<&RouterInterface>, role: Role) -> Markup {
    let word = view.word(super::ends::role(role));
    let is_own = half.is_some_and(|half| half.account == *view.account);
    let written = row.opposite.as_ref().and_then(|it| it.interface.clone());
    html! {
        div.half role="group" aria-label=(word) {
            span.cell-label { (word) }
            @match half {
                Some(half) => {
                    p { code.id { (half.id) } }
                    @if is_own {
                        p { a href=(view.to(&format!("/vpc/vpcs/{}", vpc_id(view, half)))) { (half.vpc) } " "
                            span.faint { (view.region_name(&view.region_of(&half.vpc))) } }
                        p { (state(view, half.status)) }
                        div.row { (go(view, &format!("{LIST}/{}/routes", half.id), view.word(w::ROUTE_SETTINGS), "small")) }
                    } @else {
                        p.faint { (view.say(crate::msg!(Said::Of { account: &half.account }))) " · " (view.region_name(&row.opposite_region.0)) }
                        @if is_mutual(view, row, half) { p { (state(view, half.status)) } }
                    }
                }
                None => {
                    @if let Some(written) = &written { p { code.id { (written) } } }
                    p.faint { (view.region_name(&row.opposite_region.0)) }
                }
            }
            @if row.role != role && row.status == Status::Idle {
                @let word = match (&written, role) {
                    (Some(_), _) => w::CHANGE,
                    (None, Role::Acceptor) => w::ADD_ACCEPTOR,
                    (None, Role::Initiator) => w::ADD_INITIATOR,
                };
                div.row { (go(view, &format!("{LIST}/{}/add", row.id), view.word(word), "small")) }
            }
        }
    }
}

fn vpc_id(view: &View<'_>, end: &RouterInterface) -> String {
    view.cloud.vpc(&end.vpc).map_or_else(String::new, |vpc| vpc.id.to_string())
}

/// What else can be done: to the row's end, and to the other one if it is the account's own.
fn more(view: &View<'_>, end: &RouterInterface, far: Option<&RouterInterface>) -> Markup {
    let ends: Vec<_> = [Some(end), far].into_iter().flatten().collect();
    let initiator = ends.iter().find(|it| it.role == Role::Initiator);
    html! {
        details.menu id={ "more-" (end.id) } {
            summary { (view.word(w::MORE)) }
            div.items {
                @if let Some(end) = initiator.filter(|it| it.status == Status::Idle) {
                    (button(view, &format!("{LIST}/{}/connect", end.id), view.word(w::CONNECT), ""))
                }
                @for end in &ends {
                    @let is_initiator = end.role == Role::Initiator;
                    @if end.status == Status::Active {
                        (go(view, &format!("{LIST}/{}/suspend", end.id),
                            view.word(if is_initiator { w::SUSPEND_INITIATOR } else { w::SUSPEND_ACCEPTOR }), ""))
                    }
                    @if end.status == Status::Inactive {
                        (go(view, &format!("{LIST}/{}/activate", end.id),
                            view.word(if is_initiator { w::ACTIVATE_INITIATOR } else { w::ACTIVATE_ACCEPTOR }), ""))
                    }
                }
                @if let Some(end) = initiator.filter(|it| matches!(it.status, Status::Active | Status::Idle)) {
                    (go(view, &format!("{LIST}/{}/spec", end.id), view.word(w::SPEC_CHANGE), ""))
                }
                @for end in &ends {
                    @let word = view.word(w::DELETE);
                    @let word = match ends.len() { 1 => word.to_owned(), _ => format!("{word} {}", view.word(super::ends::role(end.role))) };
                    (go(view, &format!("{LIST}/{}/delete", end.id), &word, ""))
                }
            }
        }
    }
}

/// The form that buys a connection, or one end of it.
fn new(view: &View<'_>) -> Page {
    let kind = Field::radios(
        view,
        "kind",
        w::ACCOUNT_KIND,
        vec![Choice::new("same", view.word(w::SAME)), Choice::new("other", view.word(w::OTHER))],
    );
    let scene = Field::radios(view, "scene", w::SCENE, vec![Choice::new("vpc", view.word(w::VPC_TO_VPC))]);
    let is_other = kind.value == "other";
    let both = Choice::new("both", view.word(w::BOTH));
    let one =
        [Choice::new("initiator", view.word(w::INITIATOR_ONLY)), Choice::new("acceptor", view.word(w::ACCEPTOR_ONLY))];
    // The first that fits the kind of account; with the page's script, only those that fit are shown.
    let usual = if is_other { "initiator" } else { "both" };
    let choices = [both].into_iter().chain(one).collect();
    let router = Field::radios(view, "router", w::ROUTER_CREATION, choices);
    let fits = (router.value == "both") != is_other;
    let router = match fits || view.given.get("router").is_some() {
        true => router.of(&["role"]),
        false => Field { value: usual.to_owned(), ..router }.of(&["role"]),
    };
    let creates = router.value.clone();
    let is_acceptor = creates == "acceptor";
    let local = Field::select(view, "local-region", w::LOCAL_REGION, choices::regions(view)).or(view, view.region());
    let local = local.of(&["region"]);
    let vpc = Field::select(
        view,
        "vpc",
        w::LOCAL_VPC,
        vpcs(view, if view.given.get("local-region").is_some() { &local.value } else { "" }),
    );
    let vpc = vpc.of(&["vpc"]);
    let peer = Field::select(view, "peer-region", w::PEER_REGION, choices::regions(view)).of(&["opposite-region"]);
    let peer_vpc =
        Field::select(view, "peer-vpc", w::PEER_VPC, vpcs(view, "")).of(&["peer-vpc"]).when("router", &["both"]);
    let mut speeds = speeds(view, false);
    speeds.push(Choice::new("", view.word(w::DEFAULT)));
    let bandwidth = Field::select(view, "bandwidth", w::BANDWIDTH, speeds).of(&["spec"]);
    let bandwidth = bandwidth.or(view, if is_acceptor { "" } else { "Mini.2" });
    let spec = if is_acceptor { "" } else { &*bandwidth.value };
    let form = Form::new(view.word(w::BUY), (view.word(w::CANCEL), LIST));
    let form = match &*creates {
        "both" => form
            .call(
                "create-peering",
                &[
                    ("name", crate::api::made::PLACE),
                    ("vpc", &vpc.value),
                    ("peer_vpc", &peer_vpc.value),
                    ("spec", spec),
                ],
            )
            .then(format!("{LIST}/made?id={{id}}")),
        role => form
            .call(
                "create-router-interface",
                &[
                    ("name", crate::api::made::PLACE),
                    ("vpc", &vpc.value),
                    ("role", role),
                    ("spec", spec),
                    ("opposite_region", &peer.value),
                ],
            )
            .then(format!("{LIST}/made?id={{id}}")),
    };
    let all = [&kind, &scene, &router, &local, &vpc, &peer, &bandwidth];
    let mut summary: Vec<_> = all.iter().map(|field| (field.label.clone(), field.as_read())).collect();
    summary.push((view.word(w::PRICE).to_owned(), "¥0.00".to_owned()));
    let form = Form { summary: Some((view.word(w::CURRENT).to_owned(), summary)), ..form };
    let form = form
        .fields(vec![kind, scene, router, local, vpc, peer, peer_vpc, bandwidth])
        .note(view.say(Said::FreeOfCharge));
    Page::of_form(view.word(w::CREATE_PEERING), form).below(view.word(w::PEERING), LIST)
}

/// What was bought.
fn made(view: &View<'_>) -> Page {
    let id = view.given.text("id");
    let body = html! {
        p role="status" { (view.say(crate::msg!(Said::Made { what: id }))) }
        @if let Some(end) = own(view, id) {
            dl.facts {
                dt { (view.word(super::ends::role(end.role))) }
                dd { code.id { (end.id) } " " button.copy.script type="button" data-copy=(end.id) { (view.say(Said::Copy)) } }
                dt { (view.word(w::VPC)) } dd { (end.vpc) }
                dt { (view.word(w::STATUS)) } dd { (state(view, end.status)) }
            }
        }
        p { a.button href=(view.to(LIST)) { (view.word(w::PEERING)) } }
        p.faint { (view.say(Said::FreeOfCharge)) }
    };
    Page::new(view.word(w::PAID), body).below(view.word(w::PEERING), LIST)
}

/// The dialog that says which the other end is.
fn add(view: &View<'_>, end: &RouterInterface) -> Page {
    let (word, other) = match end.role {
        Role::Initiator => (w::ACCEPTOR_INTERFACE, Role::Acceptor),
        Role::Acceptor => (w::INITIATOR_INTERFACE, Role::Initiator),
    };
    let kind = Field::radios(
        view,
        "kind",
        w::BELONGS,
        vec![Choice::new("same", view.word(w::BELONGS_SAME)), Choice::new("other", view.word(w::BELONGS_OTHER))],
    );
    let is_other = kind.value == "other";
    let written = end.opposite.as_ref().and_then(|it| it.interface.clone()).unwrap_or_default();
    let mine = mine(view).filter(|it| it.role == other && it.status == Status::Idle);
    let mine = mine.map(|it| Choice::new(&*it.id.0, &*it.id.0).note(it.vpc.as_str()));
    let list = Field::select(view, "own-interface", word, mine.collect()).of(&["opposite-interface"]);
    let list = list.when("kind", &["same"]);
    let typed = Field::text(view, "interface", word).or(view, written).of(&["opposite-interface", "opposite-router"]);
    let typed = typed.when("kind", &["other"]);
    let chosen = if is_other { typed.value.clone() } else { list.value.clone() };
    let (account, router) = owner(view, &chosen, &end.opposite_region.0);
    let account = match is_other {
        true => account.map(|account| view.account_id(&account)),
        false => Some(view.account_id(view.account)),
    };
    let asked = Field::text(view, "account", w::PEER_ACCOUNT).of(&["opposite-account"]).when("kind", &["other"]);
    let typed_account = (!asked.value.is_empty()).then(|| asked.value.clone());
    let needs_account = is_other && !chosen.is_empty() && account.is_none();
    let id = end.id.to_string();
    let account = typed_account.or(account).unwrap_or_default();
    let router = router.unwrap_or_default();
    let form = Form::new(view.word(w::OK), (view.word(w::CANCEL), LIST)).then(format!("{LIST}#{id}")).call(
        "modify-router-interface-attribute",
        &[("name", &id), ("opposite_account", &account), ("opposite_interface", &chosen), ("opposite_router", &router)],
    );
    let mut fields = vec![kind, list, typed];
    if needs_account || view.given.get("account").is_some() {
        fields.push(asked);
    }
    let about = html! { p.facts { (view.word(super::ends::role(end.role))) " " code { (end.id) } " " (end.vpc) } };
    Page::of_form(view.word(w::ADD_INSTANCE), form.fields(fields)).below(view.word(w::PEERING), LIST).with(about)
}
