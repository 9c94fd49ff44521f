//! The account: what it has, who it is, what was done.

use maud::{Markup, html};

use crate::form::Page;
use crate::messages::Said;
use crate::parts::headed;
use crate::seen::Done;
use crate::view::View;

/// The first page: whose turn it is, and what the account has.
pub(crate) fn home(view: &View<'_>) -> Page {
    let t = &view.console.terms;
    let vpcs: Vec<_> = view.own_vpcs().collect();
    let columns = [t.vpc, t.region, t.cidr, t.instances].map(|it| view.word(it));
    let body = html! {
        @if let Some(text) = &view.tutorial.text { @for paragraph in crate::tutorial::paragraphs(text) { p.text { (crate::tutorial::prose(&paragraph)) } } }
        h2 { (view.say(Said::OwnThings)) }
        @if vpcs.is_empty() { p.empty { (view.say(Said::NothingYet)) } } @else {
            table.cards #list {
                thead { tr { (headed(&columns)) } }
                tbody { @for vpc in &vpcs {
                    tr id=(vpc.id) {
                        th scope="row" { a href=(view.to(&format!("/vpc/vpcs/{}", vpc.id))) { (vpc.name) } br; code.id { (vpc.id) } }
                        td { span.cell-label { (columns[1]) } (view.region_name(&vpc.region.0)) }
                        td { span.cell-label { (columns[2]) } code { (vpc.cidr) } }
                        td { span.cell-label { (columns[3]) } @for it in view.cloud.instances_of(&vpc.name) { (it.name) " " code { (it.ip) } " " } }
                    }
                } }
            }
        }
    };
    let title = view.tutorial.title.clone().unwrap_or_else(|| view.lab.to_owned());
    Page::new(title, body)
}

/// Who is signed in.
pub(crate) fn center(view: &View<'_>) -> Page {
    let t = &view.console.terms;
    let id = view.account_id(view.account);
    let body = html! {
        dl.facts {
            dt { (view.word(t.account_id)) }
            dd { code.id { (id) } " " button.copy.script type="button" data-copy=(id) { (view.say(Said::Copy)) } }
            dt { (view.word(t.name)) } dd { (view.account) }
        }
        form method="post" action={ (view.base) "/out" } {
            input type="hidden" name="token" value=(view.token);
            button type="submit" { (view.say(Said::SignOut)) }
        }
    };
    Page::new(view.word(t.account_center), body)
}

/// What was done, the latest first.
pub(crate) fn log(view: &View<'_>) -> Page {
    let body = html! {
        @if view.log.is_empty() { p.empty { (view.say(Said::NothingDone)) } } @else {
            ol.log { @for it in view.log.iter().rev() {
                li { (done(it)) }
            } }
        }
    };
    Page::new(view.say(Said::Log), body)
}

/// Something that was done: whose it is, and the operation or the step.
pub(crate) fn done(it: &Done) -> Markup {
    html! {
        @if let Some(account) = &it.account { strong { (account) } ": " }
        @if it.is_step { (it.what) } @else { code { (it.what) } }
    }
}
