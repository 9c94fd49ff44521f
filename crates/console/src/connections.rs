//! Peering connections: requested by one side, accepted by the other.

use maud::{Markup, html};

use crate::api::made::{self, PLACE};
use crate::choices::{self, Choice};
use crate::cloud::{
    BetweenRegions, Call, ConnectionStatus, EntriesAtDelete, Family, GIVEN, PeeringConnection, Requests, Vpc,
};
use crate::field::Field;
use crate::form::{ASKED, Ask, Form, Page, named};
use crate::messages::Said;
use crate::parts::{cards, chip, go};
use crate::view::View;
use crate::words::Word;

const LIST: &str = "/vpc/peering-connections";

fn connection_of<'a>(view: &View<'a>, text: &str) -> Option<&'a PeeringConnection> {
    mine(view).find(|it| &*it.id.0 == text).or_else(|| mine(view).find(|it| it.name.as_str() == text))
}

fn mine<'a>(view: &View<'a>) -> impl Iterator<Item = &'a PeeringConnection> + use<'a> {
    let account = view.account;
    let is_mine = move |it: &&PeeringConnection| it.requester.account == *account || it.accepter.account == *account;
    view.cloud.peering_connections().filter(is_mine)
}

fn regions_of(view: &View<'_>, it: &PeeringConnection) -> Vec<String> {
    let sides = [&it.requester, &it.accepter].into_iter().filter(|side| side.account == *view.account);
    sides.map(|side| side.region.to_string()).collect()
}

pub(crate) fn page(view: &View<'_>, rest: &[&str]) -> Option<Page> {
    let t = &view.console.terms;
    match rest {
        [] => Some(list(view)),
        ["new"] => new(view),
        [id] => Some(one(view, connection_of(view, id)?)),
        [id, "dns"] => dns(view, connection_of(view, id)?),
        [id, deed] => {
            let it = connection_of(view, id)?;
            let form = Form::new("", (view.word(t.cancel), LIST)).then(format!("{LIST}/{}", it.id));
            let name = ("name", &*it.id.0);
            let (word, form) = match *deed {
                "accept" => (t.accept_request, form.call("accept-vpc-peering-connection", &[name])),
                "reject" => (t.reject_request, form.call("reject-vpc-peering-connection", &[name]).danger()),
                "delete" => {
                    let id = (&*it.id.0, it.name.as_str());
                    let form = Form::deletion(view, "delete-vpc-peering-connection", id, LIST);
                    (t.delete_peering, forced(view, form, &it.id.0))
                }
                "bandwidth" if it.bandwidth.is_some() => {
                    let asked = [("bandwidth", t.bandwidth)];
                    let here = format!("{LIST}/{}", it.id);
                    let form = Form::of(view, "modify-vpc-peering-connection", &[name], &asked, t.confirm, &here);
                    (t.change_bandwidth, form)
                }
                _ => return None,
            };
            let form =
                Form { submit: if form.submit.is_empty() { view.word(word).to_owned() } else { form.submit }, ..form };
            let page = Page::of_form(view.word(word), form).below(view.word(t.peerings), LIST);
            Some(page.with(facts(view, it)))
        }
        _ => None,
    }
}

/// The provider's families of connections.
fn requests<'a>(view: &View<'a>) -> impl Iterator<Item = &'a Requests> + use<'a> {
    view.cloud.provider().families.iter().filter_map(|family| match family {
        Family::Requests(it) => Some(it),
        _ => None,
    })
}

/// Where entries that lead to a connection prevent its deletion, they can be deleted with it.
fn forced(view: &View<'_>, form: Form, id: &str) -> Form {
    if !requests(view).any(|it| it.entries == EntriesAtDelete::Forced) {
        return form;
    }
    let t = &view.console.terms;
    let field = Field::checks(view, "force", t.force, vec![Choice::new(GIVEN, view.say(Said::WithEntries))]);
    let force = field.value.clone();
    let call = made::call("delete-vpc-peering-connection", &[("name", id), ("force", &force)]);
    let fields = form.fields.iter().cloned().chain([field.of(&["force"])]).collect();
    form.calls(vec![call]).fields(fields)
}

fn status(view: &View<'_>, it: &PeeringConnection) -> Markup {
    let end = view.cloud.peering(&it.name).map_or("", |end| end.status);
    let class = match it.status {
        ConnectionStatus::Active => "carries",
        ConnectionStatus::Pending => "waits",
        ConnectionStatus::Creating | ConnectionStatus::Updating | ConnectionStatus::Deleting => "passes",
        ConnectionStatus::Deleted => "gone",
        ConnectionStatus::Failed | ConnectionStatus::Rejected | ConnectionStatus::Expired => "off",
    };
    let word = (view.console.connection_state)(it.status);
    chip(view.word(word), class, end)
}

fn list(view: &View<'_>) -> Page {
    let t = &view.console.terms;
    let all: Vec<_> = mine(view).filter(|it| regions_of(view, it).iter().any(|region| view.shows(region))).collect();
    let columns = [t.id_name, t.status, t.requester, t.accepter, t.actions].map(|it| view.word(it));
    let body = html! {
        div.tools { (go(view, &format!("{LIST}/new"), view.word(t.create_peering), "primary")) }
        (cards(view, &columns, &all, mine(view).flat_map(|it| regions_of(view, it)), |it| html! {
            tr id=(it.id) {
                th scope="row" { a href=(view.to(&format!("{LIST}/{}", it.id))) { (it.name) } br; code.id { (it.id) } }
                td { span.cell-label { (columns[1]) } (status(view, it)) }
                @for (at, side) in [(2, &it.requester), (3, &it.accepter)] {
                    td { span.cell-label { (columns[at]) } (side.vpc) br; code.id { (side.vpc_id) } br;
                        @if let Some(vpc) = view.cloud.vpc(&side.vpc) { @for block in vpc.blocks() { code { (block) } " " } br; }
                        span.faint { (view.account_id(&side.account)) " · " (view.region_name(&side.region.0)) } }
                }
                td { (actions(view, it)) }
            }
        }))
    };
    Page::new(view.word(t.peerings), body)
}

/// What can be done: each greyed by state and side, as the console greys it.
fn actions(view: &View<'_>, it: &PeeringConnection) -> Markup {
    let t = &view.console.terms;
    let accepts = it.status == ConnectionStatus::Pending && it.accepter.account == *view.account;
    let path = |deed: &str| format!("{LIST}/{}/{deed}", it.id);
    let deed = |can: bool, deed: &str, word: Word| match can {
        true => go(view, &path(deed), view.word(word), ""),
        false => html! { button type="button" aria-disabled="true" { (view.word(word)) } },
    };
    html! {
        details.menu id={ "actions-" (it.id) } {
            summary { (view.word(t.actions)) }
            div.items {
                (deed(accepts, "accept", t.accept_request))
                (deed(accepts, "reject", t.reject_request))
                @if let Some(dns) = view.console.connections.and_then(|words| words.dns.as_ref()) {
                    (deed(it.status == ConnectionStatus::Active, "dns", dns.edit))
                }
                @if it.bandwidth.is_some() {
                    (deed(!it.status.is_dead() && it.requester.account == *view.account, "bandwidth", t.change_bandwidth))
                }
                (deed(!it.status.is_dead(), "delete", t.delete_peering))
            }
        }
    }
}

fn facts(view: &View<'_>, it: &PeeringConnection) -> Markup {
    let t = &view.console.terms;
    html! {
        dl.facts {
            dt { (view.word(t.peerings)) } dd { (it.name) " " code.id { (it.id) } }
            dt { (view.word(t.status)) } dd { (status(view, it)) }
            @for (word, side) in [(t.requester, &it.requester), (t.accepter, &it.accepter)] {
                dt { (view.word(word)) }
                dd { (side.vpc) " " code.id { (side.vpc_id) } " · " (view.account_id(&side.account)) " · " (view.region_name(&side.region.0)) }
            }
            @if let Some(bandwidth) = it.bandwidth { dt { "↔" } dd { (bandwidth) } }
        }
    }
}

fn one(view: &View<'_>, it: &PeeringConnection) -> Page {
    let t = &view.console.terms;
    let words = view.console.connections;
    let body = html! {
        @if it.status == ConnectionStatus::Active {
            p { a.button href=(view.to("/vpc/route-tables")) { (words.map_or("", |words| view.word(words.routes))) } }
        }
        (facts(view, it)) (actions(view, it))
    };
    Page::new(it.name.as_str(), body).below(view.word(t.peerings), LIST)
}

fn new(view: &View<'_>) -> Option<Page> {
    let t = &view.console.terms;
    let w = view.console.connections?;
    let name = Field::text(view, "name", t.name).of(&["name"]);
    let vpc = Field::select(view, "vpc", w.own_vpc, choices::vpcs(view)).of(&["vpc"]);
    let accounts =
        vec![Choice::new("own", view.word(w.my_account)), Choice::new("other", view.word(w.another_account))];
    let account = Field::radios(view, "account", w.account, accounts);
    let id = Field::text(view, "account-id", w.account_id).of(&["peer-account"]).when("account", &["other"]);
    let places = vec![Choice::new("same", view.word(w.this_region)), Choice::new("other", view.word(w.another_region))];
    let place = Field::radios(view, "place", w.region, places);
    let region = Field::select(view, "peer-region", w.peer_region, choices::regions(view))
        .of(&["peer-region"])
        .when("place", &["other"]);
    let own: Vec<_> = choices::vpcs(view);
    let listed = Field::select(view, "own-peer", w.peer_vpc, own).of(&["peer-vpc"]).when("account", &["own"]);
    let typed = Field::text(view, "peer", w.peer_vpc).of(&["peer-vpc"]).when("account", &["other"]);
    let bandwidth = Field::text(view, "bandwidth", t.bandwidth).of(&["bandwidth"]).when("place", &["other"]);
    let bandwidth = bandwidth.note("100Mbit");
    let has_bandwidth = requests(view).any(|it| matches!(it.between_regions, BetweenRegions::Set { .. }));
    let limit = if has_bandwidth && place.value == "other" { &*bandwidth.value } else { "" };
    let other = account.value == "other";
    let peer = if other { &typed.value } else { &listed.value };
    let own_region = view.vpc(&vpc.value).map(|vpc| vpc.region.to_string()).unwrap_or_default();
    let to_region = if place.value == "other" { region.value.clone() } else { own_region };
    let called = if name.value.is_empty() { PLACE } else { &name.value };
    let texts = [
        ("name", called),
        ("vpc", &vpc.value),
        ("peer_vpc", peer),
        ("peer_account", if other { &id.value } else { "" }),
        ("peer_region", &to_region),
        ("bandwidth", limit),
    ];
    let mut calls = vec![made::call("create-vpc-peering-connection", &texts)];
    let mut asks = Vec::new();
    let quality = w.quality.as_ref().map(|words| {
        let choices =
            vec![Choice::new("Gold", view.word(words.gold)), Choice::new("Platinum", view.word(words.platinum))];
        Field::radios(view, "quality", words.kind, choices).of(&[ASKED]).when("place", &["other"])
    });
    if let Some(quality) = quality.as_ref().filter(|it| place.value == "other" && it.value != "Gold") {
        asks.push(Ask {
            action: "ModifyVpcPeerConnection",
            parameters: vec![("InstanceId".into(), Ask::MADE.into()), ("LinkType".into(), quality.value.clone())],
            line: format!("aliyun vpcpeer ModifyVpcPeerConnection --InstanceId <ID> --LinkType {}", quality.value),
        });
    }
    let routes = w.add_routes.map(|(about, word)| {
        let choices = vec![Choice::new(GIVEN, view.word(word))];
        Field::checks(view, "routes", about, choices).of(&["destination"]).when("account", &["own"])
    });
    if routes.as_ref().is_some_and(|it| it.value == GIVEN && !other) {
        calls = with_routes(view, calls.remove(0), &vpc.value, peer);
    }
    let mut fields = vec![name, vpc, account, id, place, region, listed, typed];
    fields.extend(quality);
    fields.extend(has_bandwidth.then_some(bandwidth));
    fields.extend(routes);
    let form = Form::new(view.word(t.create_peering), (view.word(t.cancel), LIST)).then(format!("{LIST}/{{id}}"));
    let form = Form { asks, ..form.calls(calls).fields(fields) };
    Some(Page::of_form(view.word(t.create_peering), form).below(view.word(t.peerings), LIST))
}

/// The call that makes a connection of the reader's own VPCs, and those that make each VPC's route to the other.
fn with_routes(view: &View<'_>, create: Call, own: &str, peer: &str) -> Vec<Call> {
    let create = named(view, &create);
    let name = create.created(view.cloud).map(|it| it.name).unwrap_or_default();
    let route = |from: &Vpc, to: &Vpc| {
        let (vpc, destination) = (from.name.to_string(), to.cidr.to_string());
        made::call("create-route-entry", &[("vpc", &vpc), ("destination", &destination), ("next_hop", &name)])
    };
    let routes = match (view.vpc(own), view.vpc(peer)) {
        (Some(own), Some(peer)) => vec![route(own, peer), route(peer, own)],
        _ => Vec::new(),
    };
    std::iter::once(create).chain(routes).collect()
}

/// The words by which the sides' DNS settings are kept.
const DNS: [&str; 2] = ["dns-of-requester", "dns-of-accepter"];

/// The DNS settings of a connection: each side's owner sets its own.
fn dns(view: &View<'_>, it: &PeeringConnection) -> Option<Page> {
    let t = &view.console.terms;
    let words = view.console.connections?.dns.as_ref()?;
    let here = format!("{LIST}/{}", it.id);
    let own = |side: &crate::cloud::ConnectedVpc| side.account == *view.account;
    let id = it.id.to_string();
    let mut form = Form::new(view.word(words.save), (view.word(t.cancel), &here)).then(here.clone());
    for (at, word, side, parameter) in
        [(0, words.of_requester, &it.requester, "Requester"), (1, words.of_accepter, &it.accepter, "Accepter")]
    {
        let is = view.has(&id, DNS[at], false);
        if !own(side) {
            form.fields.push(Field::fixed(view, word, view.say(if is { Said::Yes } else { Said::No })));
            continue;
        }
        let (field, wants) = switch(view, DNS[at], word, words.allow, is);
        form.fields.push(field);
        if wants != is {
            let option = format!("{parameter}PeeringConnectionOptions");
            let name = format!("{option}.AllowDnsResolutionFromRemoteVpc");
            let line = format!(
                "aws ec2 modify-vpc-peering-connection-options --vpc-peering-connection-id {id} --{}-peering-connection-options \
                 AllowDnsResolutionFromRemoteVpc={wants}",
                parameter.to_lowercase()
            );
            let parameters = vec![("VpcPeeringConnectionId".to_owned(), id.clone()), (name, wants.to_string())];
            form.asks.push(Ask { action: "ModifyVpcPeeringConnectionOptions", parameters, line });
        }
    }
    Some(Page::of_form(view.word(words.edit), form).below(it.name.as_str(), here).with(facts(view, it)))
}

/// A box to check, and whether it is to be checked.
fn switch(view: &View<'_>, name: &'static str, word: Word, label: Word, is: bool) -> (Field, bool) {
    let wants = if view.sent { view.given.get(name).is_some() } else { is };
    let field = Field::checks(view, name, word, vec![Choice::new("true", view.word(label))]).of(&[ASKED]);
    (Field { value: if wants { "true".into() } else { String::new() }, ..field }, wants)
}

/// The DNS settings of a VPC, on which those of its connections depend.
pub(crate) fn vpc_settings(view: &View<'_>, vpc: &Vpc, back: &str) -> Option<Page> {
    let words = view.console.connections?.dns.as_ref()?;
    let id = vpc.id.to_string();
    let cancel = view.word(view.console.terms.cancel);
    let mut form = Form::new(view.word(words.save), (cancel, back)).then(back);
    for (name, parameter, label, usual) in [
        ("enableDnsSupport", "EnableDnsSupport", words.support, true),
        ("enableDnsHostnames", "EnableDnsHostnames", words.hostnames, false),
    ] {
        let is = view.has(&id, name, usual);
        let (field, wants) = switch(view, name, words.of_vpc, label, is);
        form.fields.push(field);
        if wants != is {
            let option = if name == "enableDnsSupport" { "enable-dns-support" } else { "enable-dns-hostnames" };
            let line = format!("aws ec2 modify-vpc-attribute --vpc-id {id} --{option} Value={wants}");
            let parameters = vec![("VpcId".to_owned(), id.clone()), (format!("{parameter}.Value"), wants.to_string())];
            form.asks.push(Ask { action: "ModifyVpcAttribute", parameters, line });
        }
    }
    Some(Page::of_form(view.word(words.edit_vpc), form).below(vpc.name.as_str(), back))
}
