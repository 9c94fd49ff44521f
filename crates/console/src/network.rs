//! The network beside the page: the picture, the matrix, what was pinged; and the page that explains a pair.

use maud::{Markup, PreEscaped, html};

use crate::cloud::flow::{Disposition, Endpoint, Protocol};
use crate::cloud::{AccountName, Cloud, InstanceName};
use crate::form::Page;
use crate::given::encoded;
use crate::message::Message;
use crate::messages::Said;
use crate::seen::Pinged;
use crate::trace;
use crate::view::View;

/// The page of the network.
const PATH: &str = "/network";

/// The most instances whose pairs are shown as a matrix.
const MOST: usize = 16;

/// A result in the reader's words, with how it looks.
fn shown(view: &View<'_>, disposition: Disposition) -> (String, &'static str) {
    match disposition {
        Disposition::Reach => (view.say(Said::Reaches), "reach"),
        Disposition::Drop { reason, .. } => (view.say(disposition), reason.as_str()),
    }
}

fn latest<'a>(view: &View<'a>, from: &InstanceName, to: &InstanceName) -> Option<&'a Pinged> {
    view.side.pings.iter().rev().find(|it| it.from == from.as_str() && it.to == to.as_str())
}

/// The link to the explanation of a pair.
fn pair(view: &View<'_>, from: &str, to: &str) -> String {
    format!("{}/network?from={}&to={}", view.base, encoded(from), encoded(to))
}

/// The network, beside every page.
pub(crate) fn pane(view: &View<'_>) -> Markup {
    html! {
        h2 #network-title { a href=(view.to("/network")) data-key="n" { (view.say(Said::Network)) } }
        // The network's own page has it large.
        @if view.path != PATH { (picture(view)) }
        (matrix(view))
        @if !view.side.drift.is_empty() { (drift(view)) }
    }
}

fn picture(view: &View<'_>) -> Markup {
    html! {
        div.picture-box role="region" tabindex="0" aria-label=(view.say(Said::Picture)) { (PreEscaped(view.side.picture)) }
    }
}

fn drift(view: &View<'_>) -> Markup {
    html! {
        div.drift role="note" {
            h3 { (view.say(Said::Drift)) }
            ul { @for fact in view.side.drift { li { (view.say(fact)) } } }
        }
    }
}

/// All pairs: what is predicted, and what was pinged.
fn matrix(view: &View<'_>) -> Markup {
    let matrix = trace::matrix(view.cloud, Protocol::Icmp);
    let all = matrix.instances();
    html! {
        @if all.is_empty() { p.faint { (view.say(Said::NoInstances)) } }
        @else if all.len() > MOST { p.faint { (view.say(crate::msg!(Said::TooManyInstances { instances: all.len() }))) } }
        @else {
            div.scroll role="region" tabindex="0" aria-label=(view.say(Said::Matrix)) {
                table.matrix #matrix role="grid" {
                    caption.unseen { (view.say(Said::Matrix)) }
                    thead { tr {
                        th scope="col" { (view.say(Said::FromTo)) }
                        @for to in all { th scope="col" { (to) } }
                    } }
                    tbody { @for (i, from) in all.iter().enumerate() {
                        tr {
                            th scope="row" { (from) }
                            @for (j, to) in all.iter().enumerate() {
                                @if i == j { td.own { "·" } } @else {
                                    @let (word, class) = shown(view, matrix.at(i, j));
                                    td id={ "cell-" (i) "-" (j) } {
                                        a.cell.(class) href=(pair(view, from.as_str(), to.as_str())) aria-label={ (from) " → " (to) ": " (word) } { (word) }
                                        @if let Some(pinged) = latest(view, from, to) {
                                            span.pinged.old[pinged.old].bad[!pinged.agrees] title=(pinged.when) {
                                                (view.say(pinged.said()))
                                                @if !pinged.agrees { " · " (view.say(Said::PingDiffers)) }
                                                @if pinged.old { " · " (view.say(Said::PingOld)) }
                                            }
                                        }
                                    }
                                }
                            }
                        }
                    } }
                }
            }
            form.inline method="post" action={ (view.base) "/ping" } {
                input type="hidden" name="token" value=(view.token);
                input type="hidden" name="back" value=(view.path);
                button.small type="submit" data-key="p" { (view.say(Said::PingAll)) }
            }
        }
    }
}

/// The page of the network, and of one pair.
pub(crate) fn page(view: &View<'_>) -> Page {
    let names: Vec<String> = view.cloud.instances().map(|it| it.name.to_string()).collect();
    let given = |name: &str, not: &str| match view.given.text(name) {
        "" => names.iter().find(|it| *it != not).cloned().unwrap_or_default(),
        text => text.to_owned(),
    };
    let from = given("from", view.given.text("to"));
    let to = given("to", &from);
    let written = view.given.text("protocol");
    let protocol = if written.is_empty() { Ok(Protocol::Icmp) } else { written.parse::<Protocol>() };
    let wrong = protocol.as_ref().err().map(|wrong| view.say(Message::from(wrong)));
    let select = |name: &str, word: Said, chosen: &str, internet: bool| {
        html! {
            label for={ "n-" (name) } { (view.say(word)) }
            select id={ "n-" (name) } name=(name) {
                @for it in &names { option value=(it) selected[it == chosen] { (it) } }
                @if internet { option value="internet" selected[chosen == "internet"] { "internet" } }
            }
        }
    };
    let body = html! {
        form.tools method="get" action={ (view.base) "/network" } {
            (select("from", Said::From, &from, true)) (select("to", Said::To, &to, true))
            label for="n-protocol" { (view.say(Said::Protocol)) }
            input #n-protocol name="protocol" value=(if written.is_empty() { "icmp" } else { written }) size="8" autocomplete="off"
                aria-invalid=[wrong.as_ref().map(|_| "true")] aria-describedby=[wrong.as_ref().map(|_| "n-protocol-error")];
            button.primary type="submit" { (view.say(Said::Explain)) }
        }
        div.tools {
            a.button href=(pair(view, &to, &from)) { (view.say(Said::Swap)) }
            form.inline method="post" action={ (view.base) "/ping" } {
                input type="hidden" name="token" value=(view.token);
                input type="hidden" name="from" value=(from);
                input type="hidden" name="to" value=(to);
                input type="hidden" name="back" value="/network";
                button type="submit" data-key="p" { (view.say(Said::Ping)) }
            }
        }
        @if let Some(wrong) = &wrong { p.error #n-protocol-error role="alert" { (wrong) } }
        @if from.is_empty() || wrong.is_some() {}
        @else if view.tutorial.exercise.is_some() && (!view.sent || view.output.is_some()) {
            // In an exercise an explanation is asked for, and counts as hints.
            form.inline method="post" action={ (view.base) "/network" } {
                input type="hidden" name="token" value=(view.token);
                input type="hidden" name="from" value=(from);
                input type="hidden" name="to" value=(to);
                button type="submit" { (view.say(Said::ExplainCounts)) }
            }
        }
        @else if let Ok(protocol) = protocol {
            (crate::explain::explanation(view, &end(view, &from), &end(view, &to), protocol))
        }
        (picture(view))
        (packets(view, &from, &to))
        @match view.side.drift.is_empty() {
            true => { p.faint { (view.say(Said::NoDrift)) } }
            false => { (drift(view)) }
        }
    };
    Page::new(view.say(Said::Network), body)
}

/// The places of an account at which it may see packets: its instances, NAT gateways and VPCs, by name.
pub fn places(cloud: &Cloud, account: &AccountName) -> Vec<String> {
    let instances = cloud.instances().filter(|it| it.account == *account).map(|it| it.name.to_string());
    let nats = cloud.nat_gateways().filter(|it| it.account == *account).map(|it| it.name.to_string());
    let vpcs = cloud.vpcs().filter(|it| it.account == *account).map(|it| it.name.to_string());
    instances.chain(nats).chain(vpcs).collect()
}

/// Packets as `peerlab capture` shows them: live, by the page's script, or those of a ping.
fn packets(view: &View<'_>, from: &str, to: &str) -> Markup {
    let all = places(view.cloud, view.account);
    let (place, filter) = (view.given.text("packets"), view.given.text("filter"));
    let is_live = !place.is_empty() && view.output.is_none();
    let usual = [place, from, to].into_iter().find(|it| all.iter().any(|place| place == it));
    let usual = usual.or(all.first().map(String::as_str)).unwrap_or_default();
    let pair = html! {
        input type="hidden" name="from" value=(from);
        input type="hidden" name="to" value=(to);
    };
    html! {
        @if !all.is_empty() {
            section.packets #packets data-place=[is_live.then_some(place)] data-filter=(filter) {
                h2 #packets-title { (view.say(Said::Packets)) }
                form.tools method="get" action={ (view.base) "/network#packets" } {
                    (pair)
                    label for="p-place" { (view.say(Said::PacketsAt)) }
                    select #p-place name="packets" { @for it in &all { option value=(it) selected[it == usual] { (it) } } }
                    label for="p-filter" { (view.say(Said::PacketsFilter)) }
                    input #p-filter name="filter" type="text" value=(filter) size="16" autocomplete="off" spellcheck="false" placeholder="icmp";
                    button type="submit" { (view.say(Said::ShowPackets)) }
                    @if is_live { a.button.script href=(self::pair(view, from, to)) { (view.say(Said::StopPackets)) } }
                }
                form.tools method="post" action={ (self::pair(view, from, to)) "#packets" } {
                    input type="hidden" name="token" value=(view.token);
                    (pair)
                    input type="hidden" name="packets" value=(usual);
                    input type="hidden" name="filter" value=(filter);
                    button type="submit" { (view.say(crate::msg!(Said::PingWithPackets { place: usual }))) }
                }
                @if is_live { div.lines.script #packet-lines role="log" tabindex="0" aria-labelledby="packets-title" {} }
                @if let Some(output) = view.output { pre.output #packet-output tabindex="0" role="log" aria-labelledby="packets-title" { (output) } }
            }
        }
    }
}

fn end(view: &View<'_>, text: &str) -> Endpoint {
    match text {
        "internet" => Endpoint::Internet,
        text => match text.parse() {
            Ok(address) => Endpoint::Address(address),
            Err(_) => {
                let known = view.cloud.instances().find(|it| it.name.as_str() == text || &*it.id.0 == text);
                Endpoint::Instance(known.map_or_else(|| InstanceName::trusted(text), |it| it.name.clone()))
            }
        },
    }
}
