//! Security groups: their rules, one by one or edited together.

use maud::{Markup, html};

use crate::api::made::{self, PLACE};
use crate::cloud::{Call, Direction, Policy, Rule, RulePeer, RuleProtocol, SecurityGroup};
use crate::document::{cards, go, headed};
use crate::editor::{Column, Editor, rows};
use crate::form::{Choice, Field, Form, Page};
use crate::messages::Said;
use crate::provider::Style;
use crate::view::View;
use crate::vpcs::choices;

const LIST: &str = "/compute/security-groups";

/// The account's own group with this id, or this name.
pub(crate) fn group_of<'a>(view: &View<'a>, text: &str) -> Option<&'a SecurityGroup> {
    let account = view.account;
    let all = || view.cloud.security_groups().filter(move |it| it.account == *account);
    all().find(|it| &*it.id.0 == text).or_else(|| all().find(|it| it.name.as_str() == text))
}

fn region(view: &View<'_>, group: &SecurityGroup) -> String {
    view.cloud.vpc(&group.vpc).map_or_else(String::new, |vpc| vpc.region.to_string())
}

pub(crate) fn page(view: &View<'_>, rest: &[&str]) -> Option<Page> {
    let t = &view.console.terms;
    match rest {
        [] => Some(list(view)),
        ["new"] => {
            let vpc = Field::select(view, "vpc", t.vpc, choices(view)).of(&["vpc"]);
            let name = Field::text(view, "name", t.name).of(&["name"]);
            let called = if name.value.is_empty() { PLACE } else { &name.value };
            let form = Form::new(view.word(t.confirm), (view.word(t.cancel), LIST))
                .call("create-security-group", &[("name", called), ("vpc", &vpc.value)]);
            let page = Page::of_form(view.word(t.create_group), form.fields(vec![name, vpc]));
            Some(page.below(view.word(t.groups), LIST))
        }
        [id] => Some(one(view, group_of(view, id)?)),
        [id, "edit"] => Some(edit(view, group_of(view, id)?)),
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
    let all: Vec<_> = mine().filter(|it| view.shows(&region(view, it))).collect();
    let columns = [t.id_name, t.vpc, t.instances, t.actions].map(|it| view.word(it));
    let body = html! {
        div.tools { (go(view, &format!("{LIST}/new"), view.word(t.create_group), "primary")) }
        (cards(view, &columns, &all, mine().map(|it| region(view, it)), |it| html! {
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

fn ports(rule: &Rule) -> String {
    rule.ports.map_or_else(|| "-1/-1".to_owned(), |ports| format!("{}/{}", ports.low, ports.high))
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
        p.facts { strong { (group.name) } " " code.id { (group.id) } " · " (group.vpc) " · "
            (view.say(Said::InnerAccess)) ": " (view.say(if group.inner_access == Policy::Accept { Said::Accepts } else { Said::Drops })) }
        (crate::network::tabs(view, &here, word, &tabs))
        div.row { @match together {
            true => { (go(view, &format!("{here}/edit?direction={word}"), view.word(edit), "primary")) }
            false => { (go(view, &format!("{here}/rules/new?direction={word}"), view.word(t.add_rule), "primary")) }
        } }
        (rules(view, group))
    };
    Page::new(view.word(t.rules_of_group), body).below(view.word(t.groups), LIST)
}

fn rules(view: &View<'_>, group: &SecurityGroup) -> Markup {
    let t = &view.console.terms;
    let side = if is_egress(view) { t.target } else { t.source };
    let columns = [t.policy, t.protocol, t.ports, side, t.priority, t.actions].map(|it| view.word(it));
    let rules: Vec<_> = group.rules.iter().filter(|rule| rule.direction == direction(view)).collect();
    html! {
        @if rules.is_empty() { p.empty { (view.say(Said::NothingYet)) } } @else {
            table.cards #rules {
                thead { tr { (headed(&columns)) } }
                tbody { @for rule in rules {
                    tr {
                        td { span.cell-label { (columns[0]) } (policy(view, rule.policy)) }
                        td { span.cell-label { (columns[1]) } (rule.protocol) }
                        td { span.cell-label { (columns[2]) } (ports(rule)) }
                        td { span.cell-label { (columns[3]) } code { (peer(rule)) }
                            @if let RulePeer::Group { account, .. } = &rule.peer { @if *account != *view.account { " " span.faint { (view.account_id(account)) } } }
                            @if let Some(stale) = view.cloud.stale(group, rule) { " " span.bad title=(stale) { (view.say(Said::Dead)) } }
                        }
                        td { span.cell-label { (columns[4]) } (rule.priority) }
                        td { @if view.console.style == Style::OneByOne {
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

/// All rules of a direction at once.
fn edit(view: &View<'_>, group: &SecurityGroup) -> Page {
    let t = &view.console.terms;
    let here = format!("{LIST}/{}", group.id);
    let way = direction(view);
    let word = if is_egress(view) { "egress" } else { "ingress" };
    let side = if is_egress(view) { t.target } else { t.source };
    let protocols = RuleProtocol::ALL.map(|it| Choice::new(it.to_string(), protocol_word(&it.to_string())));
    let mut columns = vec![
        Column::chosen("protocol", view.word(t.protocol), protocols.into(), &["protocol"]).usual("tcp"),
        Column::typed("port", view.word(t.ports), &["port"]),
        Column::typed("peer", view.word(side), &["cidr", "group", "group-account"]),
    ];
    let drops = view.cloud.provider().groups().priorities.is_some();
    if drops {
        let policies = vec![Choice::new("accept", view.word(t.accept)), Choice::new("drop", view.word(t.drop))];
        columns.push(Column::chosen("policy", view.word(t.policy), policies, &["policy"]).usual("accept"));
        columns.push(Column::typed("priority", view.word(t.priority), &["priority"]).usual("1"));
    }
    let values = |rule: &&Rule| {
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
        let mut values = vec![rule.protocol.to_string(), port, peer];
        if drops {
            values.push(if rule.policy == Policy::Drop { "drop" } else { "accept" }.to_owned());
            values.push(rule.priority.to_string());
        }
        values
    };
    let there: Vec<Vec<String>> =
        group.rules.iter().filter(|rule| rule.direction == way).collect::<Vec<_>>().iter().map(values).collect();
    let (mut rows, again) = rows(view, &columns, there.clone());
    let texts = |values: &[String]| {
        let (account, peer) = match values[2].split_once("/sg-") {
            Some((account, rest)) => (account.to_owned(), format!("sg-{rest}")),
            None => (String::new(), values[2].clone()),
        };
        let is_block = peer.contains(['.', '/', ':']);
        let (cidr, by_group) = if is_block || peer.is_empty() { (peer, String::new()) } else { (String::new(), peer) };
        let port = if values[1] == "-1/-1" { String::new() } else { values[1].replace('-', "/") };
        let mut texts = vec![
            ("protocol", values[0].clone()),
            ("port", port),
            ("cidr", cidr),
            ("group", by_group),
            ("group_account", account),
        ];
        if drops {
            texts.push(("policy", values[3].clone()));
            texts.push(("priority", values[4].clone()));
        }
        texts
    };
    let after: Vec<_> = rows.iter().map(|row| row.values.clone()).collect();
    let gone = there.iter().filter(|it| !after.contains(it));
    let mut calls: Vec<_> = gone.map(|values| call("revoke", way, group, &texts(values))).collect();
    for row in &mut rows {
        if !there.contains(&row.values) {
            row.calls.push(calls.len());
            calls.push(call("authorize", way, group, &texts(&row.values)));
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
    let form =
        Form::new(view.word(t.save), (view.word(t.cancel), &here)).calls(calls).then(format!("{here}?tab={word}"));
    let kept = Field {
        name: "direction".into(),
        ..Field::fixed(
            view,
            t.rules_of_group,
            if is_egress(view) { view.word(t.outbound) } else { view.word(t.inbound) },
        )
    };
    let kept = Field { value: word.to_owned(), ..kept };
    let form = Form { editor: Some(editor), again, ..form };
    let heading = if is_egress(view) { t.edit_outbound } else { t.edit_inbound };
    Page::of_form(view.word(heading), form.fields(vec![kept])).below(view.word(t.rules_of_group), here)
}

/// A protocol as consoles write it.
pub(crate) fn protocol_word(protocol: &str) -> String {
    if protocol == "all" { "All".to_owned() } else { protocol.to_uppercase() }
}
