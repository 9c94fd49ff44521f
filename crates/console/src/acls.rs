//! Network ACLs: their rules by number, and the subnets behind them.

use maud::{Markup, html};

use crate::api::made;
use crate::choices::{self, Choice, protocol_word};
use crate::cloud::{AclEntry, Direction, NetworkAcl, Policy, Subnet};
use crate::editor::{Column, Editor, rows};
use crate::field::Field;
use crate::form::{Form, Page};
use crate::messages::Said;
use crate::parts::{self, cards, go, headed};
use crate::view::View;

const LIST: &str = "/vpc/acls";

fn acl_of<'a>(view: &View<'a>, text: &str) -> Option<&'a NetworkAcl> {
    let account = view.account;
    let all = || view.cloud.network_acls().filter(move |it| it.account == *account);
    all().find(|it| &*it.id.0 == text).or_else(|| all().find(|it| it.name.as_str() == text))
}

pub(crate) fn page(view: &View<'_>, rest: &[&str]) -> Option<Page> {
    let t = &view.console.terms;
    match rest {
        [] => Some(list(view)),
        ["new"] => {
            let asked = [("name", t.name), ("vpc", t.vpc)];
            let form = Form::of(view, "create-network-acl", &[], &asked, t.confirm, LIST);
            let page = Page::of_form(view.word(t.create_acl), form.then(format!("{LIST}/{{id}}")));
            Some(page.below(view.word(t.acls), LIST))
        }
        [id] => Some(one(view, acl_of(view, id)?)),
        [id, "edit"] => Some(edit(view, acl_of(view, id)?)),
        [id, "associate"] => Some(associate(view, acl_of(view, id)?)),
        [id, "delete"] => {
            let acl = acl_of(view, id)?;
            let form = Form::deletion(view, "delete-network-acl", (&acl.id.0, acl.name.as_str()), LIST);
            Some(Page::of_form(view.word(t.delete), form).below(view.word(t.acls), LIST))
        }
        _ => None,
    }
}

fn list(view: &View<'_>) -> Page {
    let t = &view.console.terms;
    let mine = || view.cloud.network_acls().filter(|it| it.account == *view.account);
    let all: Vec<_> = mine().filter(|it| view.shows(&view.region_of(&it.vpc))).collect();
    let columns = [t.id_name, t.vpc, t.subnets, t.actions].map(|it| view.word(it));
    let body = html! {
        div.tools { (go(view, &format!("{LIST}/new"), view.word(t.create_acl), "primary")) }
        (cards(view, &columns, &all, mine().map(|it| view.region_of(&it.vpc)), |it| html! {
            tr id=(it.id) {
                th scope="row" { a href=(view.to(&format!("{LIST}/{}", it.id))) { (it.name) } br; code.id { (it.id) } }
                td { span.cell-label { (columns[1]) } (it.vpc) }
                td { span.cell-label { (columns[2]) } @for subnet in view.cloud.subnets_behind(it) { (subnet.name.subnet) " " } }
                td { @if !it.is_default() { (go(view, &format!("{LIST}/{}/delete", it.id), view.word(t.delete), "small")) } }
            }
        }))
    };
    Page::new(view.word(t.acls), body)
}

fn way(view: &View<'_>) -> (Direction, &'static str) {
    let given = if view.given.get("tab").is_some() { "tab" } else { "direction" };
    match view.given.text(given) {
        "egress" => (Direction::Egress, "egress"),
        _ => (Direction::Ingress, "ingress"),
    }
}

fn one(view: &View<'_>, acl: &NetworkAcl) -> Page {
    let t = &view.console.terms;
    let here = format!("{LIST}/{}", acl.id);
    let (direction, word) = way(view);
    let tab = if view.given.text("tab") == "subnets" { "subnets" } else { word };
    let tabs =
        [("ingress", view.word(t.inbound)), ("egress", view.word(t.outbound)), ("subnets", view.word(t.associations))];
    let edit = if direction == Direction::Egress { t.edit_outbound } else { t.edit_inbound };
    let body = html! {
        p.facts { strong { (acl.name) } " " code.id { (acl.id) } " · " (acl.vpc) }
        (parts::tabs(view, &here, tab, &tabs))
        @match tab {
            "subnets" => {
                ul { @for subnet in view.cloud.subnets_behind(acl) { li { (subnet.name.subnet) " " code { (subnet.cidr) } } } }
                div.row { (go(view, &format!("{here}/associate"), view.word(t.associate), "")) }
            }
            _ => {
                div.row { (go(view, &format!("{here}/edit?direction={word}"), view.word(edit), "primary")) }
                (entries(view, acl, direction))
            }
        }
    };
    Page::new(view.word(t.acl), body).below(view.word(t.acls), LIST)
}

fn entries(view: &View<'_>, acl: &NetworkAcl, direction: Direction) -> Markup {
    let t = &view.console.terms;
    let side = if direction == Direction::Egress { t.target } else { t.source };
    let columns = [t.number, t.protocol, t.ports, side, t.policy].map(|it| view.word(it));
    let policy = |policy| view.word(if policy == Policy::Accept { t.accept } else { t.drop });
    html! {
        table.cards #entries {
            thead { tr { (headed(&columns)) } }
            tbody {
                @for entry in acl.entries(direction) {
                    tr {
                        th scope="row" { (entry.number) }
                        td { span.cell-label { (columns[1]) } (protocol_word(&entry.protocol.to_string())) }
                        td { span.cell-label { (columns[2]) } (ports(view, entry)) }
                        td { span.cell-label { (columns[3]) } code { (entry.cidr) } }
                        td { span.cell-label { (columns[4]) } (policy(entry.policy)) }
                    }
                }
                tr {
                    th scope="row" { "*" }
                    td { (protocol_word("all")) } td { (view.say(Said::Any)) } td { code { "0.0.0.0/0" } } td { (policy(Policy::Drop)) }
                }
            }
        }
    }
}

fn ports(view: &View<'_>, entry: &AclEntry) -> String {
    entry.ports.map_or_else(|| view.say(Said::Any), |ports| format!("{}-{}", ports.low, ports.high))
}

fn edit(view: &View<'_>, acl: &NetworkAcl) -> Page {
    let t = &view.console.terms;
    let here = format!("{LIST}/{}", acl.id);
    let (direction, word) = way(view);
    let side = if direction == Direction::Egress { t.target } else { t.source };
    let columns = vec![
        Column::typed("number", view.word(t.number), &["number"]),
        Column::chosen("protocol", view.word(t.protocol), choices::protocols(), &["protocol"]).usual("tcp"),
        Column::typed("port", view.word(t.ports), &["port"]),
        Column::typed("cidr", view.word(side), &["cidr"]),
        Column::chosen("policy", view.word(t.policy), choices::policies(view), &["policy"]).usual("accept"),
    ];
    let values = |entry: &AclEntry| {
        let port = entry.ports.map_or_else(String::new, |ports| match ports.low == ports.high {
            true => ports.low.to_string(),
            false => format!("{}-{}", ports.low, ports.high),
        });
        let policy = if entry.policy == Policy::Accept { "accept" } else { "drop" };
        vec![entry.number.to_string(), entry.protocol.to_string(), port, entry.cidr.to_string(), policy.to_owned()]
    };
    let there: Vec<Vec<String>> = acl.entries(direction).map(values).collect();
    let (mut rows, again) = rows(view, &columns, there.clone());
    let after: Vec<_> = rows.iter().map(|row| row.values.clone()).collect();
    let id = acl.id.to_string();
    let way = direction.to_string();
    let gone = there.iter().filter(|it| !after.contains(it));
    let delete = |values: &Vec<String>| {
        made::call("delete-network-acl-entry", &[("acl", &id), ("number", &values[0]), ("direction", &way)])
    };
    let mut calls: Vec<_> = gone.map(delete).collect();
    for row in &mut rows {
        if there.contains(&row.values) {
            continue;
        }
        row.calls.push(calls.len());
        let v = &row.values;
        let port = v[2].replace('-', "/");
        calls.push(made::call(
            "create-network-acl-entry",
            &[
                ("acl", &id),
                ("number", &v[0]),
                ("direction", &way),
                ("protocol", &v[1]),
                ("port", &port),
                ("cidr", &v[3]),
                ("policy", &v[4]),
            ],
        ));
    }
    let editor = Editor {
        label: view.word(t.acl).to_owned(),
        columns,
        rows,
        fixed: Vec::new(),
        add: view.word(t.add_acl_rule).to_owned(),
        remove: view.word(t.remove_row).to_owned(),
    };
    let heading = if direction == Direction::Egress { t.edit_outbound } else { t.edit_inbound };
    let form =
        Form::new(view.word(t.save), (view.word(t.cancel), &here)).calls(calls).then(format!("{here}?tab={word}"));
    let kept = Field { name: "direction".into(), value: word.to_owned(), ..Field::fixed(view, t.acl, "") };
    let form = Form { editor: Some(editor), again, ..form }.fields(vec![kept]);
    Page::of_form(view.word(heading), form).below(view.word(t.acl), here)
}

fn associate(view: &View<'_>, acl: &NetworkAcl) -> Page {
    let t = &view.console.terms;
    let here = format!("{LIST}/{}", acl.id);
    let all: Vec<_> = view.cloud.subnets_of(&acl.vpc).collect();
    let uses = |subnet: &Subnet| subnet.acl.as_ref().is_some_and(|it| it.acl == acl.name);
    let choice = |subnet: &&Subnet| {
        let now = view.cloud.acl_of(subnet).map_or_else(String::new, |it| it.name.to_string());
        Choice::new(&*subnet.id.0, &*subnet.name.subnet).note(format!("{} · {now}", subnet.cidr))
    };
    let field = Field::checks(view, "subnet", t.subnet, all.iter().map(choice).collect()).of(&["subnet", "acl"]);
    let (field, chosen) = field.checked(view, all.iter().filter(|it| uses(it)).map(|it| it.id.to_string()));
    let mut calls = Vec::new();
    for subnet in &all {
        let texts = [("acl", &*acl.id.0), ("subnet", &*subnet.id.0)];
        match (uses(subnet), chosen.iter().any(|id| **id == *subnet.id.0)) {
            (false, true) => calls.push(made::call("associate-network-acl", &texts)),
            (true, false) => calls.push(made::call("unassociate-network-acl", &texts)),
            _ => {}
        }
    }
    let submit = view.word(t.save_associations);
    let form = Form::new(submit, (view.word(t.cancel), &here)).calls(calls).fields(vec![field]);
    Page::of_form(view.word(t.associate), form.then(format!("{here}?tab=subnets"))).below(view.word(t.acl), here)
}
