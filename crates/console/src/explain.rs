//! Why a packet of a pair arrives or not: hop by hop, every blocker, and the fix with who must do it.

use maud::{Markup, html};

use crate::cloud::Operation;
use crate::cloud::flow::{Disposition, Endpoint, Protocol};
use crate::message::Message;
use crate::messages::Said;
use crate::seen::Pinged;
use crate::trace::{self, Explanation, Hop, Place};
use crate::view::View;

/// The explanation of a pair.
pub(crate) fn explanation(view: &View<'_>, from: &Endpoint, to: &Endpoint, protocol: Protocol) -> Markup {
    let told = trace::explain(view.cloud, from, to, protocol);
    let disposition = told.trace.disposition;
    let pinged = view.side.pings.iter().rev().find(|it| it.from == from.to_string() && it.to == to.to_string());
    html! {
        section.path #path aria-live="polite" {
            h2 { (from) " → " (to) " " span.faint { (told.trace.traffic()) } " "
                @match disposition {
                    Disposition::Reach => { span.chip.carries { "● " (view.say(Said::Reaches)) } }
                    other => {
                        @let word = view.say(other);
                        span.chip.off { "✕ " (word) }
                        @if word != other.to_string() { " " code.faint { (other) } }
                    }
                }
            }
            @if let Some(pinged) = pinged {
                p.bad[!pinged.agrees] { (pinged_line(view, pinged)) }
            }
            @if let (Some(source), Some(destination)) = (told.trace.source, told.trace.destination) {
                h3 { (view.say(Said::There)) " " code.faint { (source) " → " (destination) } }
            }
            (hops(view, &told.trace.there))
            @if !told.trace.back.is_empty() { h3 { (view.say(Said::BackWay)) } (hops(view, &told.trace.back)) }
            @if told.blockers.len() > 1 {
                h3 { (view.say(Said::Blockers)) }
                ul.hops.blockers { @for blocker in &told.blockers {
                    li.bad { span.sign { "✗" } code { (blocker.disposition()) } span.text { (view.say(&blocker.at)) } }
                } }
            }
            @if !disposition.reaches() { (fix(view, &told)) }
        }
    }
}

fn hops(view: &View<'_>, hops: &[Hop]) -> Markup {
    html! {
        ol.hops {
            @for hop in hops { @for (index, step) in hop.steps.iter().enumerate() {
                li.bad[step.drop.is_some()] {
                    span.sign { (if step.drop.is_none() { "✓" } else { "✗" }) }
                    span.place { @if index == 0 { (match &hop.place {
                        Place::Peering { near, .. } => near.to_string(),
                        place => place.to_string(),
                    }) } }
                    span.kind { (view.say(step.decision.kind())) }
                    span.text { (view.say(&step.decision)) }
                }
            } }
        }
    }
}

fn fix(view: &View<'_>, told: &Explanation) -> Markup {
    let mut instead: Vec<String> =
        told.blockers.iter().filter_map(|it| it.instead.as_ref()).map(|it| view.say(it)).collect();
    instead.dedup();
    let some: Vec<&Operation> = match &told.fix {
        Some(fix) => fix.iter().collect(),
        None => told.blockers.iter().flat_map(|blocker| &blocker.fix).collect(),
    };
    let inner = html! {
        @if told.fix.is_none() { p { (view.say(Said::NoFix)) } }
        ol.fix { @for operation in &some { li { (one(view, operation)) } } }
        @if !instead.is_empty() { p { (view.say(Said::BuildInstead)) } ul { @for text in &instead { li { (text) } } } }
    };
    // While there is something to learn, the answer is not shown unasked.
    html! {
        @match view.tutorial.is_open() {
            true => { details.fixes #fix { summary { (view.say(Said::Fix)) } (inner) } }
            false => { h3 { (view.say(Said::Fix)) } (inner) }
        }
    }
}

/// An operation of the fix: a button, for one's own account; else who must do it.
fn one(view: &View<'_>, operation: &Operation) -> Markup {
    let line = format!("peerlab api --as {} {}", operation.caller, operation.call);
    html! {
        p { (view.say(crate::msg!(Said::MustBeDoneBy { account: &operation.caller }))) }
        pre tabindex="0" { code { (line) } }
        div.row {
            @if operation.caller == *view.account {
                form.inline method="post" action={ (view.base) "/do" } {
                    input type="hidden" name="token" value=(view.token);
                    input type="hidden" name="call" value=(operation.call);
                    input type="hidden" name="back" value={ (view.path) };
                    button.primary type="submit" { (operation.call.in_short()) }
                }
            }
            button.copy.script type="button" data-copy=(line) { (view.say(Said::Copy)) }
        }
    }
}

/// A ping in a sentence.
fn pinged_line(view: &View<'_>, pinged: &Pinged) -> String {
    let line =
        view.say(crate::msg!(Said::PingedAt { what: Message::text(view.say(pinged.said())), when: &pinged.when }));
    let differs = if pinged.agrees { String::new() } else { format!(" · {}", view.say(Said::PingDiffers)) };
    let old = if pinged.old { format!(" · {}", view.say(Said::PingOld)) } else { String::new() };
    format!("{line}{differs}{old}")
}
