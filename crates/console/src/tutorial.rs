//! The tutorial beside the page: the step, whose turn it is, its checks, and hints on demand.

use maud::{Markup, html};

use crate::doors::{Door, door};
use crate::form::Page;
use crate::messages::Said;
use crate::seen::StepSeen;
use crate::view::View;

/// How many hints a step has.
pub(crate) const HINTS: usize = 4;

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
