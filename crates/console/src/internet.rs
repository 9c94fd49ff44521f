//! The internet: NAT gateways with their entries, gateways of VPCs, public addresses.

use maud::{Markup, html};

use crate::choices::protocol_word;
use crate::cloud::{DnatEntry, Gateway, Instance, NatGateway};
use crate::form::{Form, Page};
use crate::messages::Said;
use crate::parts::{cards, go, headed};
use crate::terms;
use crate::view::View;
use crate::words::Word;

/// The paths of these pages.
pub(crate) const NATS: &str = "/vpc/nat-gateways";
pub(crate) const GATEWAYS: &str = "/vpc/gateways";
pub(crate) const ADDRESSES: &str = "/vpc/addresses";

/// The pages below `/vpc` of these things.
pub(crate) fn page(view: &View<'_>, parts: &[&str]) -> Option<Page> {
    match parts {
        ["nat-gateways", rest @ ..] => nat_gateways(view, rest),
        ["gateways", rest @ ..] => gateways(view, rest),
        ["addresses", rest @ ..] => addresses(view, rest),
        _ => None,
    }
}

fn nats<'a>(view: &View<'a>) -> impl Iterator<Item = &'a NatGateway> + use<'a> {
    let account = view.account;
    view.cloud.nat_gateways().filter(move |it| it.account == *account)
}

fn nat_gateways(view: &View<'_>, rest: &[&str]) -> Option<Page> {
    let (t, w) = (&view.console.terms, view.console.internet);
    let nat = |text: &str| nats(view).find(|it| &*it.id.0 == text || it.name.as_str() == text);
    match rest {
        [] => Some(list_of_nats(view)),
        ["new"] => {
            let asked = [("name", t.name), ("subnet", t.subnet), ("public_ip", t.public_address)];
            let form = Form::of(view, "create-nat-gateway", &[], &asked, w.create_nat, NATS);
            let then = if w.entries.is_some() { format!("{NATS}/{{id}}") } else { NATS.to_owned() };
            Some(Page::of_form(view.word(w.create_nat), form.then(then)).below(view.word(w.nats), NATS))
        }
        [id] => {
            let it = nat(id)?;
            let body = html! { (facts(view, it)) @if let Some(words) = &w.entries { (entries(view, it, words)) } };
            Some(Page::new(it.name.as_str(), body).below(view.word(w.nats), NATS))
        }
        [id, "delete"] => {
            let it = nat(id)?;
            let form = Form::deletion(view, "delete-nat-gateway", (&it.id.0, it.name.as_str()), NATS);
            Some(Page::of_form(view.word(t.delete), form).below(view.word(w.nats), NATS).with(facts(view, it)))
        }
        [id, kind, deed] => {
            let it = nat(id)?;
            let words = w.entries.as_ref()?;
            let here = format!("{NATS}/{}", it.id);
            let own = ("nat_gateway", &*it.id.0);
            let (word, form) = match (*kind, *deed) {
                ("snat", "new") => {
                    let asked = [("cidr", words.source)];
                    (words.add_snat, Form::of(view, "create-snat-entry", &[own], &asked, t.confirm, &here))
                }
                ("dnat", "new") => {
                    let asked = [
                        ("protocol", t.protocol),
                        ("port", words.public_port),
                        ("to", words.private_address),
                        ("to_port", words.private_port),
                    ];
                    (words.add_dnat, Form::of(view, "create-dnat-entry", &[own], &asked, t.confirm, &here))
                }
                ("snat", "delete") => {
                    let asked = [("cidr", words.source)];
                    (t.delete, Form::of(view, "delete-snat-entry", &[own], &asked, t.delete, &here).danger())
                }
                ("dnat", "delete") => {
                    let asked = [("protocol", t.protocol), ("port", words.public_port)];
                    (t.delete, Form::of(view, "delete-dnat-entry", &[own], &asked, t.delete, &here).danger())
                }
                _ => return None,
            };
            Some(Page::of_form(view.word(word), form).below(it.name.as_str(), here))
        }
        _ => None,
    }
}

fn list_of_nats(view: &View<'_>) -> Page {
    let (t, w) = (&view.console.terms, view.console.internet);
    let all: Vec<_> = nats(view).filter(|it| view.shows(&view.region_of(&it.host.subnet.vpc))).collect();
    let columns = [t.id_name, t.vpc, t.subnet, t.public_address, t.actions].map(|it| view.word(it));
    let elsewhere = nats(view).map(|it| view.region_of(&it.host.subnet.vpc));
    let body = html! {
        div.tools { (go(view, &format!("{NATS}/new"), view.word(w.create_nat), "primary")) }
        (cards(view, &columns, &all, elsewhere, |it| html! {
            tr id=(it.id) {
                th scope="row" { a href=(view.to(&format!("{NATS}/{}", it.id))) { (it.name) } br; code.id { (it.id) } }
                td { span.cell-label { (columns[1]) } (it.host.subnet.vpc) }
                td { span.cell-label { (columns[2]) } (it.host.subnet.subnet) }
                td { span.cell-label { (columns[3]) } (address(it.public_ip())) }
                td { (go(view, &format!("{NATS}/{}/delete", it.id), view.word(t.delete), "small")) }
            }
        }))
    };
    Page::new(view.word(w.nats), body)
}

fn address(ip: Option<std::net::Ipv4Addr>) -> Markup {
    html! { @match ip { Some(ip) => { code { (ip) } } None => { span.faint { "–" } } } }
}

fn facts(view: &View<'_>, it: &NatGateway) -> Markup {
    let (t, w) = (&view.console.terms, view.console.internet);
    html! {
        dl.facts {
            dt { (view.word(w.nat)) } dd { (it.name) " " code.id { (it.id) } }
            dt { (view.word(t.vpc)) } dd { (it.host.subnet.vpc) " / " (it.host.subnet.subnet) }
            dt { (view.word(t.public_address)) } dd { (address(it.public_ip())) }
            dt { (view.word(t.address)) } dd { code { (it.host.ip) } }
        }
    }
}

fn entries(view: &View<'_>, it: &NatGateway, words: &terms::Entries) -> Markup {
    let t = &view.console.terms;
    let here = format!("{NATS}/{}", it.id);
    let columns = [t.protocol, words.public_port, words.private_address, words.private_port, t.actions];
    let columns = columns.map(|it| view.word(it));
    let gone = |entry: &DnatEntry| format!("{here}/dnat/delete?protocol={}&port={}", entry.protocol, entry.port);
    html! {
        h2 { (view.word(words.snat)) }
        div.tools { (go(view, &format!("{here}/snat/new"), view.word(words.add_snat), "")) }
        @if it.snat.is_empty() { p.empty { (view.say(Said::NothingYet)) } } @else {
            table.cards {
                thead { tr { (headed(&[view.word(words.source), view.word(t.actions)])) } }
                tbody { @for entry in &it.snat { tr {
                    th scope="row" { code { (entry.cidr) } }
                    td { (go(view, &format!("{here}/snat/delete?cidr={}", crate::given::encoded(&entry.cidr.to_string())), view.word(t.delete), "small")) }
                } } }
            }
        }
        h2 { (view.word(words.dnat)) }
        div.tools { (go(view, &format!("{here}/dnat/new"), view.word(words.add_dnat), "")) }
        @if it.dnat.is_empty() { p.empty { (view.say(Said::NothingYet)) } } @else {
            table.cards {
                thead { tr { (headed(&columns)) } }
                tbody { @for entry in &it.dnat { tr {
                    th scope="row" { span.cell-label { (columns[0]) } (protocol_word(&entry.protocol.to_string())) }
                    td { span.cell-label { (columns[1]) } (entry.port) }
                    td { span.cell-label { (columns[2]) } code { (entry.to) } }
                    td { span.cell-label { (columns[3]) } (entry.to_port) }
                    td { (go(view, &gone(entry), view.word(t.delete), "small")) }
                } } }
            }
        }
    }
}

fn gateways(view: &View<'_>, rest: &[&str]) -> Option<Page> {
    let t = &view.console.terms;
    let [list, one, create] = view.console.internet.gateways?;
    let account = view.account;
    let mine = move || view.cloud.gateways().filter(move |it| it.account == *account);
    match rest {
        [] => {
            let all: Vec<&Gateway> = mine().filter(|it| view.shows(&view.region_of(&it.vpc))).collect();
            let columns = [t.id_name, t.vpc, t.actions].map(|it| view.word(it));
            let body = html! {
                div.tools { (go(view, &format!("{GATEWAYS}/new"), view.word(create), "primary")) }
                (cards(view, &columns, &all, mine().map(|it| view.region_of(&it.vpc)), |it| html! {
                    tr id=(it.id) {
                        th scope="row" { span.name { (it.name) } br; code.id { (it.id) } }
                        td { span.cell-label { (columns[1]) } (it.vpc) }
                        td { (go(view, &format!("{GATEWAYS}/{}/delete", it.id), view.word(t.delete), "small")) }
                    }
                }))
            };
            Some(Page::new(view.word(list), body))
        }
        ["new"] => {
            let form = Form::of(view, "create-gateway", &[], &[("name", t.name), ("vpc", t.vpc)], create, GATEWAYS);
            Some(Page::of_form(view.word(create), form).below(view.word(list), GATEWAYS))
        }
        [id, "delete"] => {
            let it = mine().find(|it| &*it.id.0 == *id)?;
            let form = Form::deletion(view, "delete-gateway", (&it.id.0, it.name.as_str()), GATEWAYS);
            let about =
                html! { p.facts { (view.word(one)) " " strong { (it.name) } " " code.id { (it.id) } " · " (it.vpc) } };
            Some(Page::of_form(view.word(t.delete), form).below(view.word(list), GATEWAYS).with(about))
        }
        _ => None,
    }
}

fn addresses(view: &View<'_>, rest: &[&str]) -> Option<Page> {
    let (t, w) = (&view.console.terms, view.console.internet);
    let account = view.account;
    let mine = move || view.cloud.instances().filter(move |it| it.account == *account);
    match rest {
        [] => {
            let hosts = || mine().chain(nats(view).map(|it| &it.host)).filter(|it| it.public_ip.is_some());
            let all: Vec<&Instance> = hosts().filter(|it| view.shows(&view.region_of(&it.subnet.vpc))).collect();
            let columns = [t.public_address, w.used_by, t.vpc, t.actions].map(|it| view.word(it));
            let body = html! {
                div.tools { (go(view, &format!("{ADDRESSES}/new"), view.word(w.associate), "primary")) }
                (cards(view, &columns, &all, hosts().map(|it| view.region_of(&it.subnet.vpc)), |it| html! {
                    @let nat = view.cloud.nat_gateway_behind(&it.name);
                    tr id={ "address-" (it.id) } {
                        th scope="row" { (address(it.public_ip)) }
                        td { span.cell-label { (columns[1]) } (nat.map_or_else(|| it.name.to_string(), |nat| nat.name.to_string())) }
                        td { span.cell-label { (columns[2]) } (it.subnet.vpc) }
                        // A NAT gateway takes its address along.
                        td { @if nat.is_none() { (go(view, &format!("{ADDRESSES}/{}/release", it.id), view.word(w.release), "small")) } }
                    }
                }))
            };
            Some(Page::new(view.word(w.addresses), body))
        }
        ["new"] => {
            let asked = [("instance", t.instance), ("public_ip", t.public_address)];
            let form = Form::of(view, "associate-public-ip", &[], &asked, t.confirm, ADDRESSES);
            Some(Page::of_form(view.word(w.associate), form).below(view.word(w.addresses), ADDRESSES))
        }
        [id, "release"] => {
            let it = mine().find(|it| &*it.id.0 == *id)?;
            let form =
                Form::of(view, "release-public-ip", &[("instance", &it.id.0)], &[], t.confirm, ADDRESSES).danger();
            let about =
                html! { p.facts { strong { (it.name) } " " code.id { (it.id) } " · " (address(it.public_ip)) } };
            Some(Page::of_form(view.word(w.release), form).below(view.word(w.addresses), ADDRESSES).with(about))
        }
        _ => None,
    }
}

/// The words of an operation that these pages do, and where: for hints.
pub(crate) fn door(view: &View<'_>, operation: &str) -> Option<(&'static str, Word)> {
    let w = view.console.internet;
    Some(match operation {
        "create-nat-gateway" => (NATS, w.create_nat),
        "create-snat-entry" => (NATS, w.entries.as_ref()?.add_snat),
        "create-dnat-entry" => (NATS, w.entries.as_ref()?.add_dnat),
        "delete-nat-gateway" | "delete-snat-entry" | "delete-dnat-entry" => (NATS, view.console.terms.delete),
        "create-gateway" => (GATEWAYS, w.gateways?[2]),
        "delete-gateway" => (GATEWAYS, view.console.terms.delete),
        "associate-public-ip" => (ADDRESSES, w.associate),
        "release-public-ip" => (ADDRESSES, w.release),
        _ => return None,
    })
}
