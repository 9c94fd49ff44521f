//! Security groups: their rules, one by one or edited together.

use maud::{Markup, html};

use crate::api::made;
use crate::choices::{self, Choice, protocol_word};
use crate::cloud::{Call, Direction, INTERNET_HOST, OperationKind, Policy, Rule, RulePeer, SecurityGroup};
use crate::editor::{Column, Editor, rows};
use crate::field::Field;
use crate::form::{Form, Page};
use crate::messages::Said;
use crate::parts::{self, cards, go, headed};
use crate::provider::Style;
use crate::view::View;

const LIST: &str = "/compute/security-groups";

/// The account's own group with this id, or this name.
pub(crate) fn group_of<'a>(view: &View<'a>, text: &str) -> Option<&'a SecurityGroup> {
    let account = view.account;
    let all = || view.cloud.security_groups().filter(move |it| it.account == *account);
    all().find(|it| &*it.id.0 == text).or_else(|| all().find(|it| it.name.as_str() == text))
}

pub(crate) fn page(view: &View<'_>, rest: &[&str]) -> Option<Page> {
    let t = &view.console.terms;
    match rest {
        [] => Some(list(view)),
        ["new"] => {
            let asked = [("name", t.name), ("vpc", t.vpc)];
            let form = Form::of(view, "create-security-group", &[], &asked, t.confirm, LIST);
            Some(Page::of_form(view.word(t.create_group), form).below(view.word(t.groups), LIST))
        }
        [id] => Some(one(view, group_of(view, id)?)),
        [id, "edit"] => Some(edit(view, group_of(view, id)?)),
        [id, "inner-access"] => {
            let group = group_of(view, id)?;
            let here = format!("{LIST}/{}", group.id);
            let (gave, asked) = ([("name", &*group.id.0)], [("inner_access", t.policy)]);
            let form = Form::of(view, "modify-security-group", &gave, &asked, t.confirm, &here);
            Some(Page::of_form(view.word(t.change_inner_access), form).below(view.word(t.rules_of_group), here))
        }
        [id, "revoke"] => Some(revoke(view, group_of(view, id)?)),
        [id, "delete"] => {
            let group = group_of(view, id)?;
            let form = Form::new(view.word(t.delete), (view.word(t.cancel), LIST)).danger();
            let form = form.note(view.say(crate::msg!(Said::WillDelete { name: group.name.as_str() })));
            let form = form.call("delete-security-group", &[("name", &group.id.0)]);
            Some(Page::of_form(view.word(t.delete), form).below(view.word(t.groups), LIST))
        }
        _ => None,
    }
}

fn list(view: &View<'_>) -> Page {
    let t = &view.console.terms;
    let mine = || view.cloud.security_groups().filter(|it| it.account == *view.account);
    let all: Vec<_> = mine().filter(|it| view.shows(&view.region_of(&it.vpc))).collect();
    let columns = [t.id_name, t.vpc, t.instances, t.actions].map(|it| view.word(it));
    let body = html! {
        div.tools { (go(view, &format!("{LIST}/new"), view.word(t.create_group), "primary")) }
        (cards(view, &columns, &all, mine().map(|it| view.region_of(&it.vpc)), |it| html! {
            tr id=(it.id) {
                th scope="row" { span.name { (it.name) } br; code.id { (it.id) } }
                td { span.cell-label { (columns[1]) } (it.vpc) }
                td { span.cell-label { (columns[2]) } (view.cloud.members(it).count()) }
                td { div.row {
                    a href=(view.to(&format!("{LIST}/{}", it.id))) { (view.word(t.rules)) }
                    @if !it.is_default() { (go(view, &format!("{LIST}/{}/delete", it.id), view.word(t.delete), "small")) }
                } }
            }
        }))
    };
    Page::new(view.word(t.groups), body)
}

fn is_egress(view: &View<'_>) -> bool {
    let given = if view.given.get("tab").is_some() { "tab" } else { "direction" };
    view.given.text(given) == "egress"
}

fn direction(view: &View<'_>) -> Direction {
    if is_egress(view) { Direction::Egress } else { Direction::Ingress }
}

/// The other side of a rule, as the console writes it.
fn peer(rule: &Rule) -> String {
    match &rule.peer {
        RulePeer::Cidr(cidr) => cidr.to_string(),
        RulePeer::Group { id, .. } => id.to_string(),
    }
}

/// The ports as the console writes them.
fn ports(view: &View<'_>, rule: &Rule) -> String {
    match (rule.ports, view.console.style) {
        (Some(ports), Style::Together) if ports.low == ports.high => ports.low.to_string(),
        (Some(ports), Style::Together) => format!("{}-{}", ports.low, ports.high),
        (Some(ports), Style::OneByOne) => format!("{}/{}", ports.low, ports.high),
        (None, Style::Together) => view.say(Said::Any),
        (None, Style::OneByOne) => "-1/-1".to_owned(),
    }
}

fn policy(view: &View<'_>, policy: Policy) -> &'static str {
    let t = &view.console.terms;
    view.word(match policy {
        Policy::Accept => t.accept,
        Policy::Drop => t.drop,
    })
}

fn one(view: &View<'_>, group: &SecurityGroup) -> Page {
    let t = &view.console.terms;
    let here = format!("{LIST}/{}", group.id);
    let egress = is_egress(view);
    let together = view.console.style == Style::Together;
    let tabs = [("ingress", view.word(t.inbound)), ("egress", view.word(t.outbound))];
    let edit = if egress { t.edit_outbound } else { t.edit_inbound };
    let word = if egress { "egress" } else { "ingress" };
    let body = html! {
        p.facts { strong { (group.name) } " " code.id { (group.id) } " · " (group.vpc)
            @if has_inner_access(view) {
                " · " (view.say(Said::InnerAccess)) ": "
                (view.say(if group.inner_access == Policy::Accept { Said::Accepts } else { Said::Drops }))
            }
        }
        @if has_inner_access(view) { div.row { (go(view, &format!("{here}/inner-access"), view.word(t.change_inner_access), "small")) } }
        (parts::tabs(view, &here, word, &tabs))
        div.row { @match together {
            true => { (go(view, &format!("{here}/edit?direction={word}"), view.word(edit), "primary")) }
            false => { (go(view, &format!("{here}/rules/new?direction={word}"), view.word(t.add_rule), "primary")) }
        } }
        (rules(view, group))
    };
    Page::new(view.word(t.rules_of_group), body).below(view.word(t.groups), LIST)
}

/// Whether members of a group may be kept from each other, with this provider.
fn has_inner_access(view: &View<'_>) -> bool {
    let kind = OperationKind::named("modify-security-group");
    kind.is_some_and(|kind| kind.api.iter().any(|(provider, _)| *provider == view.console.provider))
}

fn rules(view: &View<'_>, group: &SecurityGroup) -> Markup {
    let t = &view.console.terms;
    let side = if is_egress(view) { t.target } else { t.source };
    // Without priorities, rules only accept; rows that are edited together have no buttons of their own.
    let drops = view.cloud.provider().groups().priorities.is_some();
    let alone = view.console.style == Style::OneByOne;
    let columns =
        [(t.policy, drops), (t.protocol, true), (t.ports, true), (side, true), (t.priority, drops), (t.actions, alone)];
    let headings: Vec<_> = columns.iter().filter(|(_, is_shown)| *is_shown).map(|(word, _)| view.word(*word)).collect();
    let label = |at: usize| html! { span.cell-label { (view.word(columns[at].0)) } };
    let rules: Vec<_> = group.rules.iter().filter(|rule| rule.direction == direction(view)).collect();
    html! {
        @if rules.is_empty() { p.empty { (view.say(Said::NothingYet)) } } @else {
            table.cards #rules {
                thead { tr { (headed(&headings)) } }
                tbody { @for rule in rules {
                    tr {
                        @if drops { td { (label(0)) (policy(view, rule.policy)) } }
                        td { (label(1)) (protocol_word(&rule.protocol.to_string())) }
                        td { (label(2)) (ports(view, rule)) }
                        td { (label(3)) code { (peer(rule)) }
                            @if let RulePeer::Group { account, .. } = &rule.peer { @if *account != *view.account { " " span.faint { (view.account_id(account)) } } }
                            @if let Some(stale) = view.cloud.stale(group, rule) { " " span.bad title=(stale) { (view.say(Said::Dead)) } }
                        }
                        @if drops { td { (label(4)) (rule.priority) } }
                        @if alone { td {
                            form.inline method="post" action={ (view.base) (LIST) "/" (group.id) "/revoke" } {
                                input type="hidden" name="token" value=(view.token);
                                @for (name, value) in texts(rule) { input type="hidden" name=(name) value=(value); }
                                input type="hidden" name="direction" value=(rule.direction);
                                button.small type="submit" { (view.word(t.delete)) }
                            }
                        } }
                    }
                } }
            }
        }
    }
}

/// A rule as the arguments of a call.
fn texts(rule: &Rule) -> Vec<(&'static str, String)> {
    let (cidr, group, account) = match &rule.peer {
        RulePeer::Cidr(cidr) => (cidr.to_string(), String::new(), String::new()),
        RulePeer::Group { id, account, .. } => (String::new(), id.to_string(), account.to_string()),
    };
    vec![
        ("protocol", rule.protocol.to_string()),
        ("port", rule.ports.map_or_else(String::new, |ports| format!("{}/{}", ports.low, ports.high))),
        ("cidr", cidr),
        ("group", group),
        ("group_account", account),
        ("policy", if rule.policy == Policy::Drop { "drop".to_owned() } else { String::new() }),
        ("priority", if rule.priority <= 1 { String::new() } else { rule.priority.to_string() }),
    ]
}

fn operation(base: &str, direction: Direction) -> String {
    match direction {
        Direction::Ingress => format!("{base}-security-group"),
        Direction::Egress => format!("{base}-security-group-egress"),
    }
}

fn call(base: &str, direction: Direction, group: &SecurityGroup, texts: &[(&str, String)]) -> Call {
    let id = group.id.to_string();
    let mut all = vec![("security_group", id.as_str())];
    all.extend(texts.iter().map(|(name, text)| (*name, text.as_str())));
    made::call(&operation(base, direction), &all)
}

fn revoke(view: &View<'_>, group: &SecurityGroup) -> Page {
    let t = &view.console.terms;
    let here = format!("{LIST}/{}", group.id);
    let names = ["protocol", "port", "cidr", "group", "group_account", "policy", "priority"];
    let texts: Vec<_> = names.iter().map(|name| (*name, view.given.text(name).to_owned())).collect();
    let form = Form::new(view.word(t.delete), (view.word(t.cancel), &here)).danger();
    let tab = if is_egress(view) { "egress" } else { "ingress" };
    let form = form.calls(vec![call("revoke", direction(view), group, &texts)]).then(format!("{here}?tab={tab}"));
    Page::of_form(view.word(t.delete), form).below(view.word(t.rules_of_group), here)
}

/// Types of rules that are a service: its word, and its port.
const SERVICES: [(&str, &str, &str); 5] = [
    ("ssh", "SSH", "22"),
    ("dns", "DNS (UDP)", "53"),
    ("http", "HTTP", "80"),
    ("https", "HTTPS", "443"),
    ("rdp", "RDP", "3389"),
];
const ANYWHERE: &str = "0.0.0.0/0";

/// The protocol of a service.
fn protocol_of(service: &str) -> &'static str {
    if service == "dns" { "udp" } else { "tcp" }
}

/// Where the reader is: on the internet.
fn reader() -> String {
    format!("{INTERNET_HOST}/32")
}

/// All rules of a direction at once.
fn edit(view: &View<'_>, group: &SecurityGroup) -> Page {
    let t = &view.console.terms;
    let here = format!("{LIST}/{}", group.id);
    let way = direction(view);
    let word = if is_egress(view) { "egress" } else { "ingress" };
    let drops = view.cloud.provider().groups().priorities.is_some();
    let columns = columns(view, drops);
    let there: Vec<&Rule> = group.rules.iter().filter(|rule| rule.direction == way).collect();
    let there: Vec<Vec<String>> = there.iter().map(|rule| values(view, rule, drops)).collect();
    let (mut rows, again) = rows(view, &columns, there.clone());
    let texts = |values: &Vec<String>| arguments(view, values, drops);
    let before: Vec<_> = there.iter().map(texts).collect();
    let after: Vec<_> = rows.iter().map(|row| texts(&row.values)).collect();
    let gone = before.iter().filter(|it| !after.contains(it));
    let mut calls: Vec<_> = gone.map(|texts| call("revoke", way, group, texts)).collect();
    for (row, texts) in rows.iter_mut().zip(&after) {
        if !before.contains(texts) {
            row.calls.push(calls.len());
            calls.push(call("authorize", way, group, texts));
        }
    }
    let editor = Editor {
        label: view.word(t.rules_of_group).to_owned(),
        columns,
        rows,
        fixed: Vec::new(),
        add: view.word(t.add_rule).to_owned(),
        remove: view.word(t.remove_row).to_owned(),
    };
    let submit = view.word(t.save_rules);
    let form = Form::new(submit, (view.word(t.cancel), &here)).calls(calls).then(format!("{here}?tab={word}"));
    let (about, heading) = match is_egress(view) {
        true => (t.outbound, t.edit_outbound),
        false => (t.inbound, t.edit_inbound),
    };
    let kept = Field { name: "direction".into(), ..Field::fixed(view, t.rules_of_group, word) };
    let kept = Field { shown: Some(view.word(about).to_owned()), ..kept };
    let form = Form { editor: Some(editor), again, ..form };
    Page::of_form(view.word(heading), form.fields(vec![kept])).below(view.word(t.rules_of_group), here)
}

/// The columns of the editor.
fn columns(view: &View<'_>, drops: bool) -> Vec<Column> {
    let t = &view.console.terms;
    let (egress, peer) = (is_egress(view), &["cidr", "group", "group-account"]);
    let side = Column::typed("peer", view.word(if egress { t.target } else { t.source }), peer);
    let mut columns = match view.console.rules {
        None => {
            let protocol = Column::chosen("protocol", view.word(t.protocol), choices::protocols(), &["protocol"]);
            vec![protocol.usual("tcp"), Column::typed("port", view.word(t.ports), &["port"]), side]
        }
        Some(words) => {
            let protocols = words.kinds.iter().map(|(id, word)| Choice::new(*id, view.word(*word)));
            let services = SERVICES.iter().map(|(id, word, port)| Choice::new(*id, *word).note(*port));
            let kinds = protocols.chain(services).collect();
            let sources = [("custom", words.custom), ("anywhere", words.anywhere), ("mine", words.mine)];
            let decided = |id: &str| match id {
                "anywhere" => ANYWHERE.to_owned(),
                "mine" => reader(),
                _ => String::new(),
            };
            let sources = sources.map(|(id, word)| Choice::new(id, view.word(word)).note(decided(id)));
            let word = if egress { words.target_kind } else { words.source_kind };
            let own = view.cloud.security_groups().filter(|it| it.account == *view.account);
            let own = own.map(|it| Choice::new(&*it.id.0, it.name.as_str())).collect();
            vec![
                Column {
                    decides: Some("port"),
                    ..Column::chosen("protocol", view.word(words.kind), kinds, &["protocol"]).usual("tcp")
                },
                Column::typed("port", view.word(t.ports), &["port"]),
                Column {
                    decides: Some("peer"),
                    ..Column::chosen("source", view.word(word), sources.into(), &[]).usual("custom")
                },
                Column { suggested: own, ..side },
            ]
        }
    };
    if drops {
        columns
            .push(Column::chosen("policy", view.word(t.policy), choices::policies(view), &["policy"]).usual("accept"));
        columns.push(Column::typed("priority", view.word(t.priority), &["priority"]).usual("1"));
    }
    columns
}

/// A rule as a row of the editor.
fn values(view: &View<'_>, rule: &Rule, drops: bool) -> Vec<String> {
    let port = rule.ports.map_or_else(String::new, |ports| match ports.low == ports.high {
        true => ports.low.to_string(),
        false => format!("{}-{}", ports.low, ports.high),
    });
    let peer = match &rule.peer {
        RulePeer::Group { id, account, .. } if *account != *view.account => {
            format!("{}/{id}", view.account_id(account))
        }
        _ => peer(rule),
    };
    let protocol = rule.protocol.to_string();
    let mut values = match view.console.rules {
        None => vec![protocol, port, peer],
        Some(_) => {
            let is = |(id, _, of): &&(&str, &str, &str)| *of == port && protocol_of(id) == protocol;
            let kind = SERVICES.iter().find(is).map_or(protocol, |(id, _, _)| (*id).to_owned());
            let source = match &*peer {
                ANYWHERE => "anywhere",
                block if block == reader() => "mine",
                _ => "custom",
            };
            vec![kind, port, source.to_owned(), peer]
        }
    };
    if drops {
        values.push(if rule.policy == Policy::Drop { "drop" } else { "accept" }.to_owned());
        values.push(rule.priority.to_string());
    }
    values
}

/// A row of the editor as the arguments of a call.
fn arguments(view: &View<'_>, values: &[String], drops: bool) -> Vec<(&'static str, String)> {
    let service = SERVICES.iter().find(|(id, _, _)| *id == values[0]).filter(|_| view.console.rules.is_some());
    let (protocol, port) = match service {
        Some((id, _, port)) => (protocol_of(id).to_owned(), (*port).to_owned()),
        None => (values[0].clone(), values[1].clone()),
    };
    let (peer, rest) = match (view.console.rules, values.get(2).map(String::as_str)) {
        (Some(_), Some("anywhere")) => (ANYWHERE.to_owned(), 4),
        (Some(_), Some("mine")) => (reader(), 4),
        (Some(_), _) => (values[3].clone(), 4),
        (None, _) => (values[2].clone(), 3),
    };
    let (account, peer) = match peer.split_once("/sg-") {
        Some((account, rest)) => (account.to_owned(), format!("sg-{rest}")),
        None => (String::new(), peer),
    };
    let is_block = peer.contains(['.', '/', ':']);
    let (cidr, by_group) = if is_block || peer.is_empty() { (peer, String::new()) } else { (String::new(), peer) };
    let port = if port == "-1/-1" { String::new() } else { port.replace('-', "/") };
    let mut texts =
        vec![("protocol", protocol), ("port", port), ("cidr", cidr), ("group", by_group), ("group_account", account)];
    if drops {
        texts.push(("policy", values[rest].clone()));
        texts.push(("priority", values[rest + 1].clone()));
    }
    texts
}
