//! Route tables: their entries, one by one or edited together, and the subnets that use them.

use maud::{Markup, html};

use crate::api::made::{self, PLACE};
use crate::choices::{self, Choice, distinct};
use crate::cloud::{Call, NextHop, RouteEntry, RouteTable, Subnet};
use crate::editor::{Column, Editor, rows};
use crate::field::Field;
use crate::form::{Form, Page};
use crate::parts::{self, cards, chip, go, headed};
use crate::provider::Style;
use crate::view::View;

const LIST: &str = "/vpc/route-tables";

/// The account's own tables.
fn own<'a>(view: &View<'a>) -> impl Iterator<Item = &'a RouteTable> + use<'a> {
    let cloud = view.cloud;
    view.own_vpcs().flat_map(move |vpc| cloud.route_tables_of(&vpc.name))
}

fn table_of<'a>(view: &View<'a>, id: &str) -> Option<&'a RouteTable> {
    own(view).find(|it| &*it.id.0 == id).or_else(|| own(view).find(|it| it.name.as_str() == id))
}

pub(crate) fn page(view: &View<'_>, rest: &[&str]) -> Option<Page> {
    match rest {
        [] => Some(list(view)),
        ["new"] => Some(new(view)),
        [id] => Some(one(view, table_of(view, id)?)),
        [id, "entries", "new"] => Some(new_entry(view, table_of(view, id)?)),
        [id, "entries", "delete"] => delete_entry(view, table_of(view, id)?),
        [id, "edit"] => Some(edit(view, table_of(view, id)?)),
        [id, "associate"] => Some(associate(view, table_of(view, id)?)),
        [id, "main"] => Some(set_main(view, table_of(view, id)?)),
        [id, "delete"] => Some(delete(view, table_of(view, id)?)),
        _ => None,
    }
}

fn kind(view: &View<'_>, table: &RouteTable) -> &'static str {
    let t = &view.console.terms;
    view.word(if table.is_main { t.system } else { t.custom })
}

fn list(view: &View<'_>) -> Page {
    let t = &view.console.terms;
    let all: Vec<_> = own(view).filter(|it| view.shows(&view.region_of(&it.vpc))).collect();
    let columns = [t.id_name, t.vpc, t.kind, t.associations, t.actions].map(|it| view.word(it));
    let body = html! {
        div.tools { (go(view, "/vpc/route-tables/new", view.word(t.create_table), "primary")) }
        (cards(view, &columns, &all, own(view).map(|it| view.region_of(&it.vpc)), |it| html! {
            tr id=(it.id) {
                th scope="row" { a href=(view.to(&format!("{LIST}/{}", it.id))) { (it.name) } br; code.id { (it.id) } }
                td { span.cell-label { (columns[1]) } (it.vpc) }
                td { span.cell-label { (columns[2]) } (kind(view, it)) }
                td { span.cell-label { (columns[3]) } @for subnet in view.cloud.subnets_served_by(it) { (subnet.name.subnet) " " } }
                td { div.row {
                    @if view.console.style == Style::OneByOne { a href=(view.to(&format!("{LIST}/{}", it.id))) { (view.word(t.manage)) } }
                    (go(view, &format!("{LIST}/{}/associate", it.id), view.word(t.associate), "small"))
                    @match it.is_main {
                        true => { button.small type="button" aria-disabled="true" { (view.word(t.delete)) } }
                        false => { (go(view, &format!("{LIST}/{}/delete", it.id), view.word(t.delete), "small")) }
                    }
                } }
            }
        }))
    };
    Page::new(view.word(t.route_tables), body)
}

fn new(view: &View<'_>) -> Page {
    let t = &view.console.terms;
    let place = view.region();
    let region = Field::select(view, "region", t.region, choices::regions(view)).or(view, place).of(&["region"]);
    let vpc = Field::select(view, "vpc", t.vpc, choices::vpcs(view)).of(&["vpc"]);
    let name = Field::text(view, "name", t.name).of(&["name"]);
    let called = if name.value.is_empty() { PLACE } else { &name.value };
    let form = Form::new(view.word(t.confirm), (view.word(t.cancel), LIST))
        .call("create-route-table", &[("name", called), ("vpc", &vpc.value)])
        .then(view.console.table_made);
    Page::of_form(view.word(t.create_table), form.fields(vec![region, vpc, name]))
        .below(view.word(t.route_tables), LIST)
}

/// What an entry's next hop is called.
fn kind_of_hop(view: &View<'_>, hop: &NextHop) -> &'static str {
    let t = &view.console.terms;
    view.word(match hop {
        NextHop::Internet | NextHop::Gateway(_) => t.to_internet,
        NextHop::NatGateway(_) => t.to_nat,
        NextHop::Instance(_) => t.to_instance,
        NextHop::Peering(_) | NextHop::Gone(_) => t.to_peering,
    })
}

/// The id of an entry's next hop.
fn id_of_hop(view: &View<'_>, table: &RouteTable, hop: &NextHop) -> String {
    match hop {
        NextHop::Peering(name) => {
            view.cloud.end_in(&table.vpc, name).map_or_else(|| name.to_string(), |it| it.id.to_string())
        }
        NextHop::Instance(name) => view.cloud.instance(name).map_or_else(|| name.to_string(), |it| it.id.to_string()),
        NextHop::NatGateway(name) => {
            view.cloud.nat_gateway(name).map_or_else(|| name.to_string(), |it| it.id.to_string())
        }
        NextHop::Gateway(name) => view.cloud.gateway(name).map_or_else(|| name.to_string(), |it| it.id.to_string()),
        other => other.to_string(),
    }
}

/// Whether an entry leads anywhere.
fn leads(view: &View<'_>, table: &RouteTable, entry: &RouteEntry) -> bool {
    match &entry.next_hop {
        NextHop::Internet | NextHop::Gateway(_) | NextHop::NatGateway(_) => true,
        NextHop::Instance(name) => view.cloud.instance(name).is_some_and(|it| it.passes_on()),
        NextHop::Peering(name) => view.cloud.end_in(&table.vpc, name).is_some_and(|end| end.carries),
        NextHop::Gone(_) => false,
    }
}

/// The query by which a page names an entry.
fn query(view: &View<'_>, table: &RouteTable, entry: &RouteEntry) -> String {
    let hop = crate::given::encoded(&id_of_hop(view, table, &entry.next_hop));
    format!("destination={}&hop={hop}", crate::given::encoded(&entry.destination.to_string()))
}

/// A table's entries, with those that the provider makes.
pub(crate) fn entries(view: &View<'_>, table: &RouteTable) -> Markup {
    let t = &view.console.terms;
    // Rows that are edited together have no buttons of their own; where any table can be the main one, its word is that.
    let (alone, kinds) = (view.console.style == Style::OneByOne, !view.console.has_main);
    let columns = [(t.destination, true), (t.status, true), (t.next_hop, true), (t.kind, kinds), (t.actions, alone)];
    let headings: Vec<_> = columns.iter().filter(|(_, is_shown)| *is_shown).map(|(word, _)| view.word(*word)).collect();
    let label = |at: usize| html! { span.cell-label { (view.word(columns[at].0)) } };
    let state = |leads: bool| match leads {
        true => chip(view.word(t.available), "carries", ""),
        false => chip(view.word(t.blackhole), "off", ""),
    };
    let local: Vec<_> = view.cloud.vpc(&table.vpc).map(|vpc| vpc.blocks().collect()).unwrap_or_default();
    let own: Vec<_> = view.cloud.subnets_of(&table.vpc).collect();
    html! {
        h2 { (view.word(t.entries)) }
        table.cards #entries {
            thead { tr { (headed(&headings)) } }
            tbody {
                @for block in &local {
                    tr {
                        th scope="row" { code { (block) } }
                        td { (label(1)) (state(true)) }
                        td { (label(2)) "local" @for subnet in &own { " " span.faint { (subnet.name.subnet) } } }
                        @if kinds { td { (label(3)) (view.word(t.system)) } }
                        @if alone { td {} }
                    }
                }
                @for entry in &table.entries {
                    tr id={ "entry-" (entry.destination.to_string().replace(['.', '/'], "-")) "-" (id_of_hop(view, table, &entry.next_hop)) } {
                        th scope="row" { code { (entry.destination) } @if let Some(priority) = entry.priority { " " span.faint { (priority) } } }
                        td { (label(1)) (state(leads(view, table, entry))) }
                        td { (label(2)) (kind_of_hop(view, &entry.next_hop)) " " code.id { (id_of_hop(view, table, &entry.next_hop)) } }
                        @if kinds { td { (label(3)) (view.word(t.custom)) } }
                        @if alone { td {
                            (go(view, &format!("{LIST}/{}/entries/delete?{}", table.id, query(view, table, entry)), view.word(t.delete), "small"))
                        } }
                    }
                }
            }
        }
    }
}

fn one(view: &View<'_>, table: &RouteTable) -> Page {
    let t = &view.console.terms;
    let here = format!("{LIST}/{}", table.id);
    let tab = view.given.text("tab");
    let together = view.console.style == Style::Together;
    let tabs = [("about", t.about_table), ("entries", t.entries), ("subnets", t.associations)];
    let tab = if together { if tab.is_empty() { "entries" } else { tab } } else { "" };
    let facts = html! {
        dl.facts {
            dt { (view.word(t.table)) } dd { (table.name) " " code.id { (table.id) } }
            dt { (view.word(t.vpc)) } dd { (table.vpc) }
            dt { (view.word(t.kind)) } dd { (kind(view, table)) }
        }
    };
    let subnets = html! {
        h2 { (view.word(t.associations)) }
        ul { @for subnet in view.cloud.subnets_served_by(table) { li { (subnet.name.subnet) " " code { (subnet.cidr) } } } }
        div.row { (go(view, &format!("{here}/associate"), view.word(t.associate), "")) }
        @if !table.is_main && view.console.has_main { div.row { (go(view, &format!("{here}/main"), view.word(t.set_main), "")) } }
    };
    let body = match together {
        false => html! {
            h2 { (view.word(t.about_table)) } (facts)
            div.row { (go(view, &format!("{here}/entries/new"), view.word(t.add_entry), "primary")) }
            (entries(view, table)) (subnets)
        },
        true => html! {
            (parts::tabs(view, &here, tab, &tabs.map(|(id, word)| (id, view.word(word)))))
            @match tab {
                "about" => { (facts) }
                "subnets" => { (subnets) }
                _ => { div.row { (go(view, &format!("{here}/edit"), view.word(t.edit_entries), "primary")) } (entries(view, table)) }
            }
        },
    };
    Page::new(table.name.as_str(), body).below(view.word(t.route_tables), LIST)
}

/// What a table's entries can lead to: kind and id, with the name.
pub(crate) fn hops(view: &View<'_>, table: &RouteTable) -> Vec<(&'static str, Choice)> {
    let ends = view.cloud.peerings_of(&table.vpc).map(|end| {
        ("peering", Choice::new(&*end.id.0, end.name.as_str()).note(format!("{} · {}", end.id, end.status)))
    });
    let instances = view
        .cloud
        .instances_of(&table.vpc)
        .map(|it| ("instance", Choice::new(&*it.id.0, it.name.as_str()).note(format!("{} · {}", it.id, it.ip))));
    let nat = view
        .cloud
        .nat_gateways_of(&table.vpc)
        .map(|it| ("nat", Choice::new(&*it.id.0, it.name.as_str()).note(&*it.id.0)));
    let internet = internet(view, table);
    ends.chain(instances).chain(nat).chain([("internet", Choice::new(&internet, &internet))]).collect()
}

/// What leads to the internet: the VPC's gateway, where it has one.
fn internet(view: &View<'_>, table: &RouteTable) -> String {
    view.cloud.gateway_of(&table.vpc).map_or_else(|| "internet".to_owned(), |it| it.id.to_string())
}

fn kinds(view: &View<'_>) -> Vec<Choice> {
    let t = &view.console.terms;
    [("peering", t.to_peering), ("instance", t.to_instance), ("nat", t.to_nat), ("internet", t.to_internet)]
        .map(|(id, word)| Choice::new(id, view.word(word)))
        .into()
}

fn new_entry(view: &View<'_>, table: &RouteTable) -> Page {
    let t = &view.console.terms;
    let here = format!("{LIST}/{}", table.id);
    let destination = Field::text(view, "destination", t.destination).of(&["destination"]);
    let kind = Field::radios(view, "kind", t.next_hop_kind, kinds(view));
    let hops = hops(view, table).into_iter().filter(|(of, _)| *of != "internet").map(|(_, choice)| choice).collect();
    let hop =
        Field::select(view, "hop", t.next_hop, hops).of(&["next-hop"]).when("kind", &["peering", "instance", "nat"]);
    let out = internet(view, table);
    let to = if kind.value == "internet" { &out } else { &hop.value };
    let form = Form::new(view.word(t.confirm), (view.word(t.cancel), &here))
        .call("create-route-entry", &[("table", &table.id.0), ("destination", &destination.value), ("next_hop", to)]);
    let form = form.then(here.clone()).fields(vec![destination, kind, hop]);
    Page::of_form(view.word(t.add_entry), form).below(table.name.as_str(), here)
}

fn delete_entry(view: &View<'_>, table: &RouteTable) -> Option<Page> {
    let t = &view.console.terms;
    let here = format!("{LIST}/{}", table.id);
    let asked = (view.given.text("destination").to_owned(), view.given.text("hop").to_owned());
    let found = table
        .entries
        .iter()
        .find(|it| it.destination.to_string() == asked.0 && id_of_hop(view, table, &it.next_hop) == asked.1);
    let (destination, hop) = match found {
        Some(entry) => (entry.destination.to_string(), id_of_hop(view, table, &entry.next_hop)),
        None => asked,
    };
    let keep = |name: &str, value: &str, word| Field { name: name.to_owned(), ..Field::fixed(view, word, value) };
    let form = Form::new(view.word(t.delete), (view.word(t.cancel), &here)).danger().then(here.clone());
    let form = form.fields(vec![keep("destination", &destination, t.destination), keep("hop", &hop, t.next_hop)]);
    let form =
        form.call("delete-route-entry", &[("table", &table.id.0), ("destination", &destination), ("next_hop", &hop)]);
    Some(Page::of_form(view.word(t.delete), form).below(table.name.as_str(), here))
}

fn entry_calls(table: &RouteTable, operation: &str, destination: &str, hop: &str) -> Call {
    made::call(operation, &[("table", &table.id.0), ("destination", destination), ("next_hop", hop)])
}

/// All entries at once: what is gone is deleted, what is new is made, all or none.
fn edit(view: &View<'_>, table: &RouteTable) -> Page {
    let t = &view.console.terms;
    let here = format!("{LIST}/{}", table.id);
    let all = distinct(hops(view, table).into_iter().map(|(_, choice)| choice).collect());
    let columns = vec![
        Column::typed("destination", view.word(t.destination), &["destination"]),
        Column::chosen("kind", view.word(t.next_hop_kind), kinds(view), &[]),
        Column::chosen("hop", view.word(t.next_hop), all, &["next-hop"]),
    ];
    let is = |entry: &RouteEntry| {
        let kind = match entry.next_hop {
            NextHop::Internet | NextHop::Gateway(_) => "internet",
            NextHop::NatGateway(_) => "nat",
            NextHop::Instance(_) => "instance",
            NextHop::Peering(_) | NextHop::Gone(_) => "peering",
        };
        vec![entry.destination.to_string(), kind.to_owned(), id_of_hop(view, table, &entry.next_hop)]
    };
    let there: Vec<_> = table.entries.iter().map(is).collect();
    let (mut rows, again) = rows(view, &columns, there.clone());
    let wanted = |values: &[String]| {
        let hop = if values[1] == "internet" { internet(view, table) } else { values[2].clone() };
        (values[0].clone(), hop)
    };
    let before: Vec<_> = there.iter().map(|values| wanted(values)).collect();
    let after: Vec<_> = rows.iter().map(|row| wanted(&row.values)).collect();
    let mut calls: Vec<_> = before
        .iter()
        .filter(|it| !after.contains(it))
        .map(|(destination, hop)| entry_calls(table, "delete-route-entry", destination, hop))
        .collect();
    for (row, (destination, hop)) in rows.iter_mut().zip(&after) {
        if !before.contains(&(destination.clone(), hop.clone())) {
            row.calls.push(calls.len());
            calls.push(entry_calls(table, "create-route-entry", destination, hop));
        }
    }
    let form =
        Form::new(view.word(t.save), (view.word(t.cancel), &here)).then(format!("{here}?tab=entries")).calls(calls);
    let blocks = view.cloud.vpc(&table.vpc).map(|vpc| vpc.blocks().collect::<Vec<_>>()).unwrap_or_default();
    let local = |block: &_| vec![format!("local {block}"), "local".to_owned(), "local".to_owned()];
    let editor = Editor {
        label: view.word(t.entries).to_owned(),
        columns,
        rows,
        fixed: blocks.iter().map(local).collect(),
        add: view.word(t.add_row).to_owned(),
        remove: view.word(t.remove_row).to_owned(),
    };
    let form = Form { editor: Some(editor), again, ..form };
    Page::of_form(view.word(t.edit_entries), form).below(table.name.as_str(), here)
}

/// Which subnets use a table: those that are chosen, and did not.
fn associate(view: &View<'_>, table: &RouteTable) -> Page {
    let t = &view.console.terms;
    let here = format!("{LIST}/{}", table.id);
    let uses = |subnet: &Subnet| subnet.association.as_ref().is_some_and(|it| it.table == table.name);
    let all: Vec<_> = view.cloud.subnets_of(&table.vpc).collect();
    let choice = |subnet: &&Subnet| {
        let now = view.cloud.table_of(subnet);
        Choice::new(&*subnet.id.0, &*subnet.name.subnet).note(format!(
            "{} · {}: {}",
            subnet.cidr,
            view.word(t.table),
            now.name
        ))
    };
    let field = Field::checks(view, "subnet", t.subnet, all.iter().map(choice).collect()).of(&["subnet", "table"]);
    let (field, chosen) = field.checked(view, all.iter().filter(|it| uses(it)).map(|it| it.id.to_string()));
    let mut calls = Vec::new();
    for subnet in &all {
        let wants = chosen.iter().any(|id| **id == *subnet.id.0);
        let texts = [("table", &*table.id.0), ("subnet", &*subnet.id.0)];
        let replaces = subnet.association.is_some() && view.console.has_main;
        match (uses(subnet), wants) {
            (false, true) if replaces => calls.push(made::call("replace-route-table-association", &texts)),
            (false, true) => calls.push(made::call("associate-route-table", &texts)),
            (true, false) => calls.push(made::call("unassociate-route-table", &texts)),
            _ => {}
        }
    }
    let form = Form::new(view.word(t.save_associations), (view.word(t.cancel), &here)).calls(calls).fields(vec![field]);
    let form = form.then(format!("{here}?tab=subnets"));
    Page::of_form(view.word(t.associate), form).below(table.name.as_str(), here)
}

fn set_main(view: &View<'_>, table: &RouteTable) -> Page {
    let t = &view.console.terms;
    let here = format!("{LIST}/{}", table.id);
    let form = Form::new(view.word(t.confirm), (view.word(t.cancel), &here)).then(here.clone());
    let form = form.call("set-main-route-table", &[("table", &table.id.0)]).typed(view, Some("set"));
    Page::of_form(view.word(t.set_main), form).below(table.name.as_str(), here)
}

fn delete(view: &View<'_>, table: &RouteTable) -> Page {
    let t = &view.console.terms;
    let form = Form::deletion(view, "delete-route-table", (&table.id.0, table.name.as_str()), LIST);
    Page::of_form(view.word(t.delete), form).below(view.word(t.route_tables), LIST)
}
