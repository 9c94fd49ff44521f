//! Instances: their states, their addresses, the way in.

use maud::html;

use crate::api::made::{self, PLACE};
use crate::choices::Choice;
use crate::cloud::{Instance, Power};
use crate::field::Field;
use crate::form::{Form, Page};
use crate::messages::Said;
use crate::parts::{button, cards, chip, go};
use crate::view::View;

/// The account's own instance with this id, or this name.
pub(crate) fn instance_of<'a>(view: &View<'a>, text: &str) -> Option<&'a Instance> {
    let account = view.account;
    let all = || view.cloud.instances().filter(move |it| it.account == *account);
    all().find(|it| &*it.id.0 == text).or_else(|| all().find(|it| it.name.as_str() == text))
}

pub(crate) fn page(view: &View<'_>, rest: &[&str]) -> Option<Page> {
    let t = &view.console.terms;
    let list = "/compute/instances";
    match rest {
        [] => {
            let mine = || view.cloud.instances().filter(|it| it.account == *view.account);
            let all: Vec<_> = mine().filter(|it| view.shows(&view.region_of(&it.subnet.vpc))).collect();
            let columns = [t.id_name, t.status, t.vpc, t.address, t.groups, t.actions].map(|it| view.word(it));
            let body = html! {
                div.tools { (go(view, "/compute/instances/new", view.word(t.create_instance), "primary")) }
                (cards(view, &columns, &all, mine().map(|it| view.region_of(&it.subnet.vpc)), |it| html! {
                    tr id=(it.id) {
                        th scope="row" { span.name { (it.name) } br; code.id { (it.id) } }
                        td { span.cell-label { (columns[1]) }
                            @match it.power {
                                Power::Running => { (chip(view.word(t.running), "carries", "Running")) }
                                Power::Stopped => { (chip(view.word(t.stopped), "off", "Stopped")) }
                            }
                        }
                        td { span.cell-label { (columns[2]) } (it.subnet.vpc) br; span.faint { (it.subnet.subnet) } }
                        td { span.cell-label { (columns[3]) } code { (it.ip) } @if let Some(ip) = it.public_ip { br; code { (ip) } } }
                        td { span.cell-label { (columns[4]) } @for group in view.cloud.groups_of(it) {
                            a href=(view.to(&format!("/compute/security-groups/{}", group.id))) { (group.name) } " "
                        } }
                        td { div.row {
                            (go(view, &format!("{list}/{}/terminal", it.id), view.word(t.connect), "small"))
                            @match it.power {
                                Power::Running => { (button(view, &format!("{list}/{}/stop", it.id), view.word(t.stop), "small")) }
                                Power::Stopped => { (button(view, &format!("{list}/{}/start", it.id), view.word(t.start), "small")) }
                            }
                            details.menu id={ "more-" (it.id) } {
                                summary { (view.word(t.more)) }
                                div.items {
                                    (button(view, &format!("{list}/{}/reboot", it.id), view.word(t.reboot), ""))
                                    @for (deed, word) in [("groups", t.change_groups), ("forwards", t.change_forwards), ("delete", t.delete)] {
                                        (go(view, &format!("{list}/{}/{deed}", it.id), view.word(word), ""))
                                    }
                                }
                            }
                        } }
                    }
                }))
            };
            Some(Page::new(view.word(t.instances), body))
        }
        ["new"] => {
            let subnets = view.own_subnets().map(|(vpc, it)| {
                Choice::new(&*it.id.0, it.name.to_string()).note(format!(
                    "{} · {}",
                    it.cidr,
                    view.region_name(&vpc.region.0)
                ))
            });
            let subnet = Field::select(view, "subnet", t.subnet, subnets.collect()).of(&["subnet"]);
            let name = Field::text(view, "name", t.name).of(&["name"]);
            let ip = Field::text(view, "ip", t.address).of(&["ip"]);
            let public = Field::text(view, "public-ip", t.public_address).of(&["public-ip"]);
            let groups = view.cloud.security_groups().filter(|it| it.account == *view.account);
            let groups = groups.map(|it| Choice::new(&*it.id.0, it.name.to_string()).note(it.vpc.as_str()));
            let group = Field::select(view, "group", t.group, groups.collect()).of(&["security-group"]);
            let called = if name.value.is_empty() { PLACE } else { &name.value };
            let form = Form::new(view.word(t.confirm), (view.word(t.cancel), list)).call(
                "create-instance",
                &[
                    ("name", called),
                    ("subnet", &subnet.value),
                    ("ip", &ip.value),
                    ("public_ip", &public.value),
                    ("security_group", &group.value),
                ],
            );
            let form = form.fields(vec![name, subnet, ip, public, group]);
            Some(Page::of_form(view.word(t.create_instance), form).below(view.word(t.instances), list))
        }
        [id, "terminal"] => crate::terminal::page(view, instance_of(view, id)?),
        [id, deed] => {
            let it = instance_of(view, id)?;
            let form = Form::new(view.word(t.confirm), (view.word(t.cancel), list)).then(format!("{list}#{}", it.id));
            let name = ("name", &*it.id.0);
            let (word, form) = match *deed {
                "start" => (t.start, form.call("start-instance", &[name])),
                "stop" => (t.stop, form.call("stop-instance", &[name]).danger()),
                "reboot" => (t.reboot, form.call("reboot-instance", &[name]).danger()),
                "forwards" => {
                    let asked = [("forwards", t.forwards)];
                    let form = Form::of(view, "modify-instance", &[name], &asked, t.confirm, list);
                    let is = it.forwards.to_string();
                    let fields = form.fields.into_iter().map(|field| field.or(view, is.as_str())).collect::<Vec<_>>();
                    let value = fields.first().map(|field| field.value.clone()).unwrap_or_default();
                    let form = Form { fields, calls: Vec::new(), ..form };
                    (t.change_forwards, form.call("modify-instance", &[name, ("forwards", &value)]))
                }
                "groups" => (t.change_groups, groups(view, it, form)),
                "delete" => {
                    let form = form.note(view.say(crate::msg!(Said::WillDelete { name: it.name.as_str() }))).danger();
                    (t.delete, form.call("delete-instance", &[name]).then(list))
                }
                _ => return None,
            };
            let page = Page::of_form(view.word(word), form).below(view.word(t.instances), list);
            Some(page.with(html! { p.facts { strong { (it.name) } " " code.id { (it.id) } } }))
        }
        _ => None,
    }
}

/// The groups that an instance is in: those that are chosen, and were not, are joined; the others are left.
fn groups(view: &View<'_>, it: &Instance, form: Form) -> Form {
    let t = &view.console.terms;
    let there =
        view.cloud.security_groups().filter(|group| group.account == *view.account && group.vpc == it.subnet.vpc);
    let all: Vec<_> = there.collect();
    let is_in = |group: &crate::cloud::SecurityGroup| view.cloud.groups_of(it).iter().any(|own| own.id == group.id);
    let choices = all.iter().map(|group| Choice::new(&*group.id.0, group.name.as_str()).note(&*group.id.0)).collect();
    let field = Field::checks(view, "group", t.groups, choices).of(&["group", "instance"]);
    let (field, chosen) = field.checked(view, all.iter().filter(|it| is_in(it)).map(|it| it.id.to_string()));
    let wants = |group: &crate::cloud::SecurityGroup| chosen.iter().any(|id| **id == *group.id.0);
    let texts =
        |group: &crate::cloud::SecurityGroup| [("instance", it.id.to_string()), ("group", group.id.to_string())];
    let call = |operation: &str, group: &crate::cloud::SecurityGroup| {
        let texts = texts(group);
        made::call(operation, &texts.each_ref().map(|(name, text)| (*name, text.as_str())))
    };
    // Joined first: an instance is never in none.
    let joined = all.iter().filter(|group| wants(group) && !is_in(group)).map(|it| call("join-security-group", it));
    let left = all.iter().filter(|group| !wants(group) && is_in(group)).map(|it| call("leave-security-group", it));
    form.calls(joined.chain(left).collect()).fields(vec![field])
}
