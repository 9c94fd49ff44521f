//! The tutorial beside the page: the step, whose turn it is, its checks, and hints on demand.

use maud::{Markup, html};

use crate::cloud::{AccountName, ArgumentKind, Call, Operation, ResourceKind};
use crate::form::Page;
use crate::message::Message;
use crate::messages::Said;
use crate::view::View;

/// The lab's steps, as they are now.
#[derive(Clone, Debug, Default)]
pub struct Tutorial {
    /// The lab's title, in the reader's language.
    pub title: Option<String>,
    /// Its text.
    pub text: Option<String>,
    /// Its steps.
    pub steps: Vec<StepSeen>,
    /// How many hints of the step were given.
    pub hints: usize,
    /// Of an exercise: the ticket and the hints that were given.
    pub exercise: Option<(String, Vec<String>)>,
}

/// A step.
#[derive(Clone, Debug)]
pub struct StepSeen {
    /// Its title, in the reader's language.
    pub title: String,
    /// Its text.
    pub text: String,
    /// Who does it.
    pub account: Option<AccountName>,
    /// Whether its effect is there.
    pub done: bool,
    /// Its checks.
    pub checks: Vec<CheckSeen>,
    /// Its operations that are not done.
    pub operations: Vec<Operation>,
    /// The lines that do it.
    pub lines: Vec<String>,
}

/// A check of a step.
#[derive(Clone, Debug)]
pub struct CheckSeen {
    /// The pair, and what is to come of it.
    pub wanted: String,
    /// What is predicted now.
    pub now: Message,
    /// Whether that is what is wanted.
    pub passes: bool,
}

/// How many hints a step has.
pub(crate) const HINTS: usize = 4;

impl Tutorial {
    /// The step that comes next.
    pub fn current(&self) -> Option<usize> {
        self.steps.iter().position(|step| !step.done)
    }

    /// Whether there is something left to do.
    pub fn is_open(&self) -> bool {
        self.current().is_some() || self.exercise.is_some()
    }
}

/// The tutorial, beside every page.
pub(crate) fn pane(view: &View<'_>) -> Markup {
    let tutorial = view.tutorial;
    let steps = tutorial.steps.len();
    html! {
        h2 #tutorial-title { a href=(view.to("/tutorial")) data-key="t" { (view.say(if tutorial.exercise.is_some() { Said::Exercise } else { Said::Tutorial })) } }
        @if let Some((ticket, hints)) = &tutorial.exercise { (exercise(view, ticket, hints)) }
        @else if steps == 0 { p.faint { (view.say(Said::NoSteps)) } }
        @else {
            (marks(view))
            @match tutorial.current() {
                None => { p.done { "✓ " (view.say(Said::AllDone)) } }
                Some(at) => { (step(view, at)) }
            }
        }
    }
}

fn marks(view: &View<'_>) -> Markup {
    let current = view.tutorial.current();
    html! {
        ol.marks {
            @for (at, step) in view.tutorial.steps.iter().enumerate() {
                @let (class, sign, word) = match step.done {
                    true => ("done", "✓", Said::StepDone),
                    false if Some(at) == current => ("now", "▸", Said::StepNow),
                    false => ("ahead", "○", Said::StepAhead),
                };
                li.(class) title=(step.title) aria-current=[(Some(at) == current).then_some("step")] {
                    span aria-hidden="true" { (sign) (at + 1) }
                    span.unseen { (step.title) ": " (view.say(word)) }
                }
            }
        }
    }
}

fn step(view: &View<'_>, at: usize) -> Markup {
    let step = &view.tutorial.steps[at];
    let steps = view.tutorial.steps.len();
    let mine = step.account.as_ref().is_none_or(|account| account == view.account);
    html! {
        p.turn {
            strong { (view.say(crate::msg!(Said::StepOf { step: at + 1, steps }))) } " · "
            @if let Some(account) = &step.account {
                span class={ "who account-" (view.colour(account)) } { (view.say(crate::msg!(Said::AccountWord { account }))) } " · "
                @match mine {
                    true => { span.mine { (view.say(Said::YourTurn)) } }
                    false => { span.theirs { (view.say(crate::msg!(Said::TurnOf { account }))) } }
                }
            }
        }
        h3 #step-title { (step.title) }
        @for paragraph in paragraphs(&step.text) { p.text { (prose(&paragraph)) } }
        (checks(view, step))
        (hints(view, step, mine))
    }
}

fn checks(view: &View<'_>, step: &StepSeen) -> Markup {
    html! {
        @if !step.checks.is_empty() {
            ul.checks aria-label=(view.say(Said::Checks)) {
                @for check in &step.checks {
                    li.passes[check.passes] {
                        span.sign aria-hidden="true" { (if check.passes { "✓" } else { "○" }) } " "
                        span { (check.wanted) } " "
                        span.faint { (match check.passes {
                            true => view.say(Said::CheckPasses),
                            false => view.say(crate::msg!(Said::CheckFails { now: &check.now })),
                        }) }
                    }
                }
            }
        }
    }
}

/// The paragraphs of a text whose lines are broken as in the lab's file. Chinese has no blanks between lines.
pub(crate) fn paragraphs(text: &str) -> Vec<String> {
    let flowed = |paragraph: &str| {
        paragraph.lines().map(str::trim).fold(String::new(), |text, line| {
            let wide = |c: Option<char>| c.is_some_and(|c| !c.is_ascii());
            match text.is_empty() || wide(text.chars().last()) || wide(line.chars().next()) {
                true => text + line,
                false => text + " " + line,
            }
        })
    };
    text.split("\n\n").map(flowed).filter(|it| !it.is_empty()).collect()
}

/// A paragraph: what stands between backticks is code.
pub(crate) fn prose(paragraph: &str) -> Markup {
    let is_paired = paragraph.matches('`').count().is_multiple_of(2);
    html! {
        @for (at, part) in paragraph.split('`').enumerate() {
            @if at % 2 == 1 && is_paired { code { (part) } }
            @else if at > 0 && !is_paired { "`" (part) }
            @else { (part) }
        }
    }
}

/// The hints that were asked for, and the button for the next.
fn hints(view: &View<'_>, step: &StepSeen, mine: bool) -> Markup {
    let given = view.tutorial.hints.min(HINTS);
    let doors: Vec<Door> = step.operations.iter().map(|it| door(view, &it.call)).collect();
    html! {
        div.hints {
            @if given >= 1 { p { strong { (view.say(Said::HintPage)) } " "
                @for door in &doors { a href=(view.to(&door.path)) { (door.page) } " " }
                @if doors.is_empty() { a href=(view.to("/compute/instances")) { (view.word(view.console.terms.instances)) } }
            } }
            @if given >= 2 { p { strong { (view.say(Said::HintControl)) } " " @for door in &doors { span.control { (door.control) } " " } } }
            @if given >= 3 { div { strong { (view.say(Said::HintValues)) } " "
                @for operation in &step.operations { dl.values { @for (argument, texts) in operation.call.arguments() { @if !texts.is_empty() {
                    dt { (argument.name()) } dd { code { (texts.join(" ")) } }
                } } } }
            } }
            @if given >= 4 { div { strong { (view.say(Said::HintCall)) }
                @for line in &step.lines { pre tabindex="0" { code { (line) } } }
                @if mine && !step.operations.is_empty() {
                    form.inline method="post" action={ (view.base) "/step" } {
                        input type="hidden" name="token" value=(view.token);
                        input type="hidden" name="back" value=(view.path);
                        button type="submit" { (view.say(Said::DoStep)) }
                    }
                }
            } }
            @if given < HINTS && !step.operations.is_empty() {
                form.inline method="post" action={ (view.base) "/hint" } {
                    input type="hidden" name="token" value=(view.token);
                    input type="hidden" name="back" value=(view.path);
                    button.small type="submit" data-key="i" { (view.say(Said::AskHint)) }
                }
                " " span.faint { (view.say(crate::msg!(Said::Hint { given, hints: HINTS }))) }
            }
        }
    }
}

fn exercise(view: &View<'_>, ticket: &str, hints: &[String]) -> Markup {
    html! {
        @for paragraph in paragraphs(ticket) { p.text { (prose(&paragraph)) } }
        @for hint in hints { p.hint { (hint) } }
        form.inline method="post" action={ (view.base) "/hint" } {
            input type="hidden" name="token" value=(view.token);
            input type="hidden" name="back" value=(view.path);
            button.small type="submit" data-key="i" { (view.say(Said::AskHint)) }
        }
    }
}

/// Where an operation is done in this console.
struct Door {
    /// The page's path.
    path: String,
    /// Its word in the menu.
    page: String,
    /// What is pressed there.
    control: String,
}

fn door(view: &View<'_>, call: &Call) -> Door {
    let console = view.console;
    let t = &console.terms;
    let kind = call.created_as_written().map(|made| made.kind);
    let (path, control) = match call.name() {
        "modify-router-interface-attribute" | "connect-router-interface" | "create-route-entry"
            if console.provider == "alibaba" =>
        {
            crate::alibaba::door(view, call)
        }
        "create-route-entry" | "delete-route-entry" => ("/vpc/route-tables".to_owned(), view.word(t.edit_entries)),
        "associate-route-table" | "replace-route-table-association" => {
            ("/vpc/route-tables".to_owned(), view.word(t.associate))
        }
        "set-main-route-table" => ("/vpc/route-tables".to_owned(), view.word(t.set_main)),
        name if name.starts_with("authorize-") || name.starts_with("revoke-") => {
            ("/compute/security-groups".to_owned(), view.word(t.rules))
        }
        "create-network-acl-entry" | "delete-network-acl-entry" => {
            let is_egress = call.text_of(ArgumentKind::Direction) == Some("egress");
            ("/vpc/acls".to_owned(), view.word(if is_egress { t.edit_outbound } else { t.edit_inbound }))
        }
        "associate-network-acl" | "unassociate-network-acl" => ("/vpc/acls".to_owned(), view.word(t.associate)),
        "join-security-group" | "leave-security-group" => ("/compute/instances".to_owned(), view.word(t.change_groups)),
        "modify-instance" => ("/compute/instances".to_owned(), view.word(t.change_forwards)),
        "reboot-instance" => ("/compute/instances".to_owned(), view.word(t.reboot)),
        "start-instance" => ("/compute/instances".to_owned(), view.word(t.start)),
        "stop-instance" => ("/compute/instances".to_owned(), view.word(t.stop)),
        "add-cidr" => ("/vpc/vpcs".to_owned(), view.word(t.add_block)),
        "remove-cidr" => ("/vpc/vpcs".to_owned(), view.word(t.remove_block)),
        "modify-security-group" => ("/compute/security-groups".to_owned(), view.word(t.change_inner_access)),
        "modify-vpc-peering-connection" => ("/vpc/peering-connections".to_owned(), view.word(t.change_bandwidth)),
        name if let Some((path, word)) = crate::internet::door(view, name) => (path.to_owned(), view.word(word)),
        "accept-vpc-peering-connection" => ("/vpc/peering-connections".to_owned(), view.word(t.accept_request)),
        "reject-vpc-peering-connection" => ("/vpc/peering-connections".to_owned(), view.word(t.reject_request)),
        _ => {
            let named = call.arguments().find_map(|(argument, _)| argument.names().first().copied());
            let kind = kind.or(named).unwrap_or(ResourceKind::Vpc);
            let path = console.list_of(kind).unwrap_or("/");
            let word = match (kind, call.name().starts_with("create-")) {
                (_, false) => view.word(t.delete),
                (ResourceKind::Vpc, _) => view.word(t.create_vpc),
                (ResourceKind::Subnet, _) => view.word(t.create_subnet),
                (ResourceKind::RouteTable, _) => view.word(t.create_table),
                (ResourceKind::SecurityGroup, _) => view.word(t.create_group),
                (ResourceKind::Instance, _) => view.word(t.create_instance),
                (ResourceKind::NetworkAcl, _) => view.word(t.create_acl),
                (ResourceKind::RouterInterface | ResourceKind::Compound, _) => crate::alibaba::create(view),
                _ => view.word(t.create_peering),
            };
            (path.to_owned(), word)
        }
    };
    let page = console
        .item(&path)
        .map_or_else(|| path.clone(), |(group, item)| format!("{} › {}", view.word(group.word), view.word(item.word)));
    Door { path, page, control: control.to_owned() }
}

/// All steps.
pub(crate) fn all(view: &View<'_>) -> Page {
    let current = view.tutorial.current();
    let body = html! {
        @if let Some(text) = &view.tutorial.text { @for paragraph in paragraphs(text) { p.text { (prose(&paragraph)) } } }
        @if view.tutorial.steps.is_empty() { p.empty { (view.say(Said::NoSteps)) } }
        ol.steps { @for (at, step) in view.tutorial.steps.iter().enumerate() {
            li.done[step.done].now[Some(at) == current] {
                h2 { (if step.done { "✓ " } else { "" }) (step.title) " "
                    @if let Some(account) = &step.account { span class={ "who account-" (view.colour(account)) } { (view.say(crate::msg!(Said::AccountWord { account }))) } }
                }
                @for paragraph in paragraphs(&step.text) { p.text { (prose(&paragraph)) } }
                // What was so after a step need not be so after the next.
                @if !step.done { (checks(view, step)) }
            }
        } }
    };
    Page::new(view.say(Said::AllSteps), body)
}
