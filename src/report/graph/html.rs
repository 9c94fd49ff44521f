//! The picture as a page, with the matrix and why each pair reaches or not. One file that loads nothing from the
//! network.

use std::collections::BTreeMap;

use serde::Serialize;

use super::flows::Flows;
use super::messages::PAGE as TEXTS;
use super::model::Graph;
use super::scene::Means;
use super::svg;
use super::text::escape;
use crate::cloud::Cloud;
use crate::error::Source;
use crate::flow::{Disposition, Protocol, Reason};
use crate::language::Language;

const PAGE: &str = include_str!("page.html");
const STYLE: &str = include_str!("page.css");
const SCRIPT: &str = include_str!("page.js");

/// The data for the page's script.
#[derive(Serialize)]
struct Data<'a> {
    lab: &'a str,
    protocol: &'a str,
    vpcs: Vec<&'a str>,
    /// Name, private address, public address, VPC.
    instances: Vec<(&'a str, &'a str, Option<&'a str>, usize)>,
    /// The text for each peering.
    peerings: Vec<String>,
    /// The script's texts, and the words of lab files that it shows, in the reader's language.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    said: BTreeMap<String, String>,
    #[serde(flatten)]
    flows: Flows,
}

/// The page. `source` is the lab's file, for the places where things are written.
pub(super) fn draw(graph: &Graph, cloud: &Cloud, protocol: Protocol, source: Option<&Source>) -> String {
    let data = Data {
        lab: &graph.caption.lab,
        protocol: &graph.protocol,
        vpcs: graph.vpcs.iter().map(|vpc| vpc.name.as_str()).collect(),
        instances: graph.instances.iter().map(|it| (&*it.name, &*it.ip, it.public_ip.as_deref(), it.vpc)).collect(),
        peerings: (0..graph.peerings.len()).map(|index| svg::tip(graph, Means::Peering(index))).collect(),
        said: said(graph.caption.language),
        flows: Flows::of(cloud, graph, protocol, source),
    };
    // Data in a script must not contain the script's end tag or the beginning of a comment.
    let data = serde_json::to_string(&data).expect("the data hold nothing that JSON cannot").replace('<', "\\u003c");
    let title = graph.caption.title.as_deref().unwrap_or(&graph.caption.lab);
    let parts = [
        ("{{title}}", escape(title)),
        ("{{style}}", STYLE.to_owned()),
        ("{{picture}}", svg::draw(graph)),
        ("{{data}}", data),
        ("{{script}}", SCRIPT.to_owned()),
    ];
    // Replace each placeholder once, from left to right, so that inserted text is never taken for a placeholder.
    let mut page = String::new();
    let whole = in_language(graph.caption.language);
    let mut rest = &*whole;
    for (place, part) in parts {
        let (before, after) = rest.split_once(place).expect("the page has a place for each part, in this order");
        page.push_str(before);
        page.push_str(&part);
        rest = after;
    }
    page + rest
}

/// The page with its texts (`{{say Zoom}}`) in this language.
fn in_language(language: Language) -> String {
    let mut page = String::new();
    let mut rest = PAGE;
    while let Some((before, after)) = rest.split_once("{{say ") {
        let (text, after) = after.split_once("}}").expect("each place of a text ends");
        page += before;
        page += &escape(in_words(text, language));
        rest = after;
    }
    (page + rest).replace("{{language}}", language.tag())
}

/// A text of the page in this language; its holes are the script's to fill.
fn in_words(text: &'static str, language: Language) -> &'static str {
    match language {
        Language::English => text,
        Language::Chinese => TEXTS.iter().find(|(english, _)| *english == text).map_or(text, |(_, chinese)| chinese),
    }
}

/// Every text of the script (`say("copy")`), and the ends of flows, in this language.
fn said(language: Language) -> BTreeMap<String, String> {
    if language == Language::English {
        return BTreeMap::new();
    }
    let texts = SCRIPT.split("say(\"").skip(1).filter_map(|rest| rest.split('"').next());
    let dropped = [false, true]
        .into_iter()
        .flat_map(|on_return| Reason::DROPS.map(|reason| Disposition::Drop { reason, on_return }));
    let ends = dropped.chain([Disposition::Reach, Disposition::ANSWERED_BY_ANOTHER]);
    let texts = texts.map(|text| (text.to_owned(), in_words(text, language).to_owned()));
    texts.chain(ends.map(|end| (end.to_string(), language.say(end)))).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_text_of_the_page_has_its_chinese_and_none_is_dead() {
        let script = SCRIPT.split("say(\"").skip(1).filter_map(|rest| rest.split('"').next());
        let page = PAGE.split("{{say ").skip(1).filter_map(|rest| rest.split("}}").next());
        let shown: BTreeSet<_> = script.chain(page).collect();
        let known: BTreeSet<_> = TEXTS.iter().map(|(english, _)| *english).collect();
        assert_eq!(shown, known);
    }
}
