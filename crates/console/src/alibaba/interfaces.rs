//! Router interfaces: the console of May 2018.

use maud::{Markup, html};

use super::ends::{INTERFACES as LIST, action, end, mine, named, own, role, routes, speeds, state, vpcs};
use super::words as w;
use crate::choices::{self, Choice};
use crate::cloud::{Role, RouterInterface, Status};
use crate::field::Field;
use crate::form::{Form, Page};
use crate::messages::Said;
use crate::parts::{button, empty, go, headed};
use crate::view::View;

pub(super) fn page(view: &View<'_>, rest: &[&str]) -> Option<Page> {
    match rest {
        [] => Some(list(view)),
        ["new"] => Some(new(view)),
        ["made"] => Some(made(view)),
        [id, "opposite"] => Some(opposite(view, own(view, id)?)),
        [id, "routes"] => Some(routes(view, LIST, own(view, id)?, false)),
        [id, "routes", "new"] => Some(routes(view, LIST, own(view, id)?, true)),
        [id, deed] => action(view, LIST, own(view, id)?, deed),
        _ => None,
    }
}

fn list(view: &View<'_>) -> Page {
    let sought = view.given.text("id");
    let shown =
        mine(view).filter(|it| view.shows(&view.region_of(&it.vpc)) && (sought.is_empty() || it.id.0.contains(sought)));
    let shown: Vec<_> = shown.collect();
    let columns = [
        w::ID_NAME,
        w::ROUTER_ID,
        w::LOCAL_PLACE,
        w::OPPOSITE,
        w::OPPOSITE_PLACE,
        w::ROLE,
        w::SPEC,
        w::STATUS,
        w::BILLING,
        w::ACTIONS,
    ];
    let columns = columns.map(|word| view.word(word));
    let body = html! {
        div.tools {
            (go(view, LIST, view.word(w::REFRESH), ""))
            (go(view, &format!("{LIST}/new"), view.word(w::CREATE_INTERFACE), "primary"))
            form.search method="get" action={ (view.base) (LIST) } {
                label for="search" { (view.word(w::INTERFACE_ID)) }
                input type="text" id="search" name="id" value=(sought) autocomplete="off";
                input type="hidden" name="region" value=(view.region());
                button type="submit" { (view.word(w::SEARCH)) }
            }
        }
        @if shown.is_empty() {
            (empty(view, mine(view).map(|it| view.region_of(&it.vpc))))
        } @else {
            table.cards.many #list {
                thead { tr { (headed(&columns)) } }
                tbody { @for end in &shown { (row(view, end, &columns)) } }
            }
        }
    };
    Page::new(view.word(w::INTERFACES), body)
}

fn row(view: &View<'_>, end: &RouterInterface, columns: &[&str]) -> Markup {
    let far = named(view, end);
    let vpc = view.cloud.vpc(&end.vpc);
    let written = end.opposite.as_ref().and_then(|it| it.interface.clone());
    let path = format!("{LIST}/{}", end.id);
    let spec = end.spec.map_or("Negative", |spec| spec.name);
    let label = |at: usize| html! { span.cell-label { (columns[at]) } };
    html! {
        tr id=(end.id) {
            th scope="row" { code.id { (end.id) } @if end.name.as_str() != &*end.id.0 { " " span.faint { (end.name) } } }
            td { (label(1)) code.id { @if let Some(vpc) = vpc { (vpc.router_id) } } " " span.faint { (view.word(w::VPC_ROUTER)) } }
            td { (label(2)) (view.region_name(&view.region_of(&end.vpc))) }
            td { (label(3))
                @match &written {
                    None => { a href=(view.to(&format!("{path}/opposite"))) { (view.word(w::ADD)) } }
                    Some(written) => {
                        code.id { (far.map_or_else(|| written.clone(), |far| far.id.to_string())) } " "
                        @if end.status == Status::Idle { a href=(view.to(&format!("{path}/opposite"))) { (view.word(w::CHANGE)) } }
                    }
                }
            }
            td { (label(4)) (view.region_name(&end.opposite_region.0)) }
            td { (label(5)) (view.word(role(end.role))) }
            td { (label(6)) (spec) }
            td { (label(7)) (state(view, end.status)) }
            td { (label(8)) (view.word(w::PAYS)) }
            td { (label(9)) div.row {
                @match end.status {
                    Status::Idle => {
                        @if end.role == Role::Initiator {
                            (button(view, &format!("{path}/connect"), view.word(w::CONNECT), "small"))
                        } @else {
                            button.small type="button" aria-disabled="true" { (view.word(w::CONNECT)) }
                        }
                    }
                    Status::Inactive => {
                        (go(view, &format!("{path}/routes"), view.word(w::ROUTE_SETTINGS), "small"))
                        (go(view, &format!("{path}/activate"), view.word(w::ACTIVATE), "small"))
                    }
                    _ => {
                        (go(view, &format!("{path}/routes"), view.word(w::ROUTE_SETTINGS), "small"))
                        (go(view, &format!("{path}/suspend"), view.word(w::SUSPEND), "small"))
                    }
                }
                details.menu id={ "more-" (end.id) } {
                    summary { (view.word(w::MORE)) }
                    div.items {
                        (go(view, &format!("{path}/opposite"), view.word(w::EDIT_OPPOSITE), ""))
                        @if end.status == Status::Idle { (go(view, &format!("{path}/routes"), view.word(w::ROUTE_SETTINGS), "")) }
                        @if end.role == Role::Initiator { (go(view, &format!("{path}/spec"), view.word(w::CHANGE_SPEC), "")) }
                        (go(view, &format!("{path}/delete"), view.word(w::DELETE), ""))
                    }
                }
            } }
        }
    }
}

fn new(view: &View<'_>) -> Page {
    let billing = Field::radios(
        view,
        "billing",
        w::BILLING_METHOD,
        vec![Choice::new("pays", view.word(w::PAYS)), Choice::new("prepaid", view.word(w::PREPAID))],
    );
    let scene = Field::radios(view, "scene", w::SCENE, vec![Choice::new("vpc", view.word(w::VPC_TO_VPC))]);
    let choices = vec![
        Choice::new("initiator", view.word(w::INITIATOR_ONLY)),
        Choice::new("acceptor", view.word(w::ACCEPTOR_ONLY_OLD)),
        Choice::new("both", view.word(w::BOTH)),
    ];
    let router = Field::radios(view, "router", w::ROUTER_SCENE, choices).of(&["role"]);
    let local =
        Field::select(view, "local-region", w::REGION, choices::regions(view)).or(view, view.region()).of(&["region"]);
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
    let class =
        Field::select(view, "spec", w::SPEC, speeds(view, true)).of(&["spec"]).when("router", &["initiator", "both"]);
    let is_acceptor = router.value == "acceptor";
    let spec = if is_acceptor { "" } else { &*class.value };
    let form = Form::new(view.word(w::BUY), (view.word(w::CANCEL), LIST)).then(format!("{LIST}/made?id={{id}}"));
    let name = ("name", crate::api::made::PLACE);
    let form = match &*router.value {
        "both" => {
            form.call("create-peering", &[name, ("vpc", &vpc.value), ("peer_vpc", &peer_vpc.value), ("spec", spec)])
        }
        role => form.call(
            "create-router-interface",
            &[name, ("vpc", &vpc.value), ("role", role), ("spec", spec), ("opposite_region", &peer.value)],
        ),
    };
    let fixed = |word| Field::fixed(view, word, view.word(w::VPC_ROUTER));
    let form = form.note(view.say(Said::FreeOfCharge)).fields(vec![
        billing,
        scene,
        router,
        fixed(w::ROUTER_KIND),
        local,
        vpc,
        peer,
        fixed(w::PEER_ROUTER_KIND),
        peer_vpc,
        class,
    ]);
    Page::of_form(view.word(w::CREATE_INTERFACE), form).below(view.word(w::INTERFACES), LIST)
}

fn made(view: &View<'_>) -> Page {
    let id = view.given.text("id");
    let body = html! {
        p role="status" { (view.say(crate::msg!(Said::Made { what: id }))) }
        p { a.button href=(view.to(LIST)) { (view.word(w::INTERFACES)) } }
        p.faint { (view.say(Said::FreeOfCharge)) }
    };
    Page::new(view.word(w::PAID), body).below(view.word(w::INTERFACES), LIST)
}

/// The dialog that says which the other end is: account, router, interface.
fn opposite(view: &View<'_>, own: &RouterInterface) -> Page {
    let others: Vec<_> = view.cloud.accounts().filter(|it| it.name != *view.account).collect();
    let both =
        vec![Choice::new("other", view.word(w::ANOTHER_ACCOUNT)), Choice::new("own", view.word(w::THIS_ACCOUNT))];
    let both = if others.is_empty() { both.into_iter().rev().collect() } else { both };
    let owner = Field::radios(view, "owner", w::OWNER, both);
    let set = own.opposite.clone().unwrap_or_default();
    let account = Field::text(view, "account", w::OPPOSITE_ACCOUNT).or(view, set.account.unwrap_or_default());
    let account = account.of(&["opposite-account"]).when("owner", &["other"]);
    let router = Field::text(view, "router", w::OPPOSITE_ROUTER).or(view, set.router.unwrap_or_default());
    let router = router.of(&["opposite-router"]);
    let interface = Field::text(view, "interface", w::OPPOSITE_INTERFACE).or(view, set.interface.unwrap_or_default());
    let interface = interface.of(&["opposite-interface"]);
    let id = own.id.to_string();
    let mine = view.account_id(view.account);
    let typed = if owner.value == "own" { &mine } else { &account.value };
    let form = Form::new(view.word(w::CONFIRM), (view.word(w::CANCEL), LIST)).then(format!("{LIST}#{id}")).call(
        "modify-router-interface-attribute",
        &[
            ("name", &id),
            ("opposite_account", typed),
            ("opposite_interface", &interface.value),
            ("opposite_router", &router.value),
        ],
    );
    let kind = Field::fixed(view, w::PEER_ROUTER_KIND, view.word(w::VPC_ROUTER));
    let heading = if own.opposite.is_some() { w::EDIT_OPPOSITE } else { w::ADD_OPPOSITE };
    let heading = if end(view, &id).is_some_and(|it| it.status != Status::Idle) { w::EDIT_OPPOSITE } else { heading };
    let about = html! { p.facts { (view.word(role(own.role))) " " code { (own.id) } " " (own.vpc) } };
    let page = Page::of_form(view.word(heading), form.fields(vec![owner, kind, account, router, interface]));
    page.below(view.word(w::INTERFACES), LIST).with(about)
}
