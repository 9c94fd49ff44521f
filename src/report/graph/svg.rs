//! The picture as SVG: one file without fonts, which follows the reader's light or dark theme.

use std::fmt::Write as _;

use super::layout::{Point, Rect, Slope};
use super::model::{End, Graph, Passage, State, Vpc};
use super::scene::{FRAME_TITLE_BASE, Frame, LABEL_ROW, Means, Row, Scene, Wire};
use super::text::{escape, width};
use super::vpc_box::{Detail, Text, VpcBox};
use crate::flow::Endpoint;
use crate::language::Language;
use crate::message::Of as _;
use crate::msg;
use crate::report::count::{Thing, count};
use crate::report::graph::messages::Said;
use peerlab_console::encoded;

/// How the picture looks.
pub const STYLE: &str = include_str!("picture.css");

/// The margin around everything.
const MARGIN: f64 = 28.0;
/// The height of the title and the line below it.
const HEAD: f64 = 62.0;
/// The height of the legend.
const FOOT: f64 = 40.0;

/// The number of colours for accounts, which then repeat.
const COLOURS: usize = 8;

/// The picture.
pub(super) fn draw(graph: &Graph) -> String {
    let scene = Scene::of(graph);
    let title = graph.caption.title.clone().unwrap_or_else(|| graph.caption.lab.clone());
    let about = about(graph, &scene);
    let legend = legend(graph, &scene);
    let legend_width: f64 = legend.iter().map(|(_, text)| 30.0 + width(text, 12.0, false) + 18.0).sum();
    let wide = [scene.size.w, width(&title, 22.0, true), width(&about, 13.0, false), legend_width];
    let wide = (wide.into_iter().fold(320.0, f64::max) + 2.0 * MARGIN).ceil();
    let high = (scene.size.h + HEAD + FOOT + 2.0 * MARGIN).ceil();

    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\"{} class=\"picture\" viewBox=\"0 0 {wide} {high}\" width=\"{wide}\" \
         height=\"{high}\" role=\"{}\" aria-labelledby=\"picture-title picture-about\">\n\
         <title id=\"picture-title\">{}</title>\n<desc id=\"picture-about\">{}</desc>\n<style>\n{STYLE}</style>\n\
         <rect class=\"page\" width=\"{wide}\" height=\"{high}\" rx=\"10\"/>\n\
         <text class=\"title\" x=\"{MARGIN}\" y=\"{}\">{}</text>\n<text class=\"about\" x=\"{MARGIN}\" y=\"{}\">{}</text>\n",
        match graph.caption.language {
            Language::English => String::new(),
            language => format!(" lang=\"{}\"", language.tag()),
        },
        // What is an image has no links.
        if graph.caption.links.is_some() { "group" } else { "img" },
        escape(&title),
        escape(&in_words(graph)),
        MARGIN + 18.0,
        escape(&title),
        MARGIN + 40.0,
        escape(&about),
    );
    let (x, y) = (((wide - scene.size.w) / 2.0).round(), MARGIN + HEAD);
    let _ = writeln!(out, "<g transform=\"translate({x} {y})\">");
    scene.frames.iter().for_each(|frame| draw_frame(&mut out, frame));
    scene.lines.iter().for_each(|wire| draw_line(&mut out, graph, wire));
    let accounts = graph.accounts();
    for (index, (rect, vpc_box)) in scene.vpcs.iter().enumerate() {
        let account = accounts.iter().position(|account| *account == graph.vpcs[index].account).unwrap_or(0);
        draw_vpc(&mut out, graph, index, account, *rect, vpc_box);
    }
    scene.internet.iter().for_each(|rect| draw_internet(&mut out, graph, *rect));
    scene.lines.iter().for_each(|wire| draw_ports(&mut out, graph, wire));
    for wire in &scene.lines {
        draw_label(&mut out, graph, wire);
    }
    scene.frames.iter().for_each(|frame| draw_frame_title(&mut out, frame));
    out += "</g>\n";
    draw_legend(&mut out, &legend, high - MARGIN + 4.0);
    out + "</svg>\n"
}

fn about(graph: &Graph, scene: &Scene) -> String {
    let caption = &graph.caption;
    let lab = caption.title.is_some().then_some(caption.lab.as_str());
    let group = scene.common_group.as_deref();
    let parts = [lab, Some(caption.provider.as_str()), group, Some(caption.state.as_str())];
    parts.into_iter().flatten().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" · ")
}

/// A description for screen readers.
fn in_words(graph: &Graph) -> String {
    let mut words = String::new();
    for vpc in &graph.vpcs {
        let instances = count(vpc.subnets.iter().map(|subnet| subnet.instances.len()).sum(), Thing::Instance);
        let Vpc { name, cidr, account, region, .. } = vpc;
        words += &graph.say(msg!(Said::VpcOfAccount { name, cidr, account, region, instances }));
    }
    for index in 0..graph.peerings.len() {
        words += &tip(graph, Means::Peering(index)).replace('\n', &graph.say(Said::Comma));
        words += &graph.say(Said::FullStop);
    }
    words + &reached(graph)
}

fn reached(graph: &Graph) -> String {
    let (Passage { pairs, reach, .. }, protocol) = (&graph.pairs, &graph.protocol);
    match pairs {
        0 => graph.say(msg!(Said::NoPairs)),
        _ => graph.say(msg!(Said::PairsReach { reach, pairs, protocol })),
    }
}

fn draw_frame(out: &mut String, frame: &Frame) {
    let (colour, at) = (frame.account % COLOURS, place(frame.rect));
    let _ = writeln!(out, "<rect class=\"frame account-{colour}\" {at} rx=\"10\"/>");
}

/// Draws a frame's title over the lines, because on a crowded frame it may cover one.
fn draw_frame_title(out: &mut String, frame: &Frame) {
    let (colour, Rect { x, y, .. }) = (frame.account % COLOURS, frame.title_rect);
    let (y, title) = (y + FRAME_TITLE_BASE, escape(&frame.title));
    let _ = writeln!(out, "<text class=\"frame-title account-{colour}\" x=\"{x}\" y=\"{y}\">{title}</text>");
}

fn place(rect: Rect) -> String {
    format!("x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\"", rect.x, rect.y, rect.w, rect.h)
}

fn draw_text(out: &mut String, text: &Text, x: f64, y: f64) {
    let end = if text.end { " text-anchor=\"end\"" } else { "" };
    let _ = write!(
        out,
        "<text class=\"{}\" x=\"{}\" y=\"{}\"{end}>{}</text>",
        text.class,
        text.x + x,
        text.y + y,
        escape(&text.text)
    );
}

fn draw_vpc(out: &mut String, graph: &Graph, index: usize, account: usize, rect: Rect, vpc_box: &VpcBox) {
    let vpc = &graph.vpcs[index];
    let Vpc { name, cidr, account: owner, region, .. } = vpc;
    let mut tip = format!("VPC {name} {cidr}\n{}", graph.say(msg!(Said::Account { owner, region })));
    vpc.notes.iter().for_each(|note| tip = format!("{tip}\n{note}"));
    let _ = write!(
        out,
        "<g class=\"vpc account-{}\" data-vpc=\"{index}\"><title>{}</title><rect class=\"box\" {} rx=\"8\"/>\
         <path class=\"stripe\" d=\"M{} {}v{}\"/>",
        account % COLOURS,
        lines(&tip),
        place(rect),
        rect.x + 3.0,
        rect.y + 12.0,
        vpc_box.size.h - 24.0,
    );
    vpc_box.texts.iter().for_each(|text| draw_text(out, text, rect.x, rect.y));
    out.push('\n');
    for panel in &vpc_box.panels {
        if !panel.texts.is_empty() {
            let at = panel.rect.moved(rect.x, rect.y);
            let _ = write!(
                out,
                "<rect class=\"subnet\" {} rx=\"6\"><title>{}</title></rect>",
                place(at),
                lines(&panel.tip)
            );
            panel.texts.iter().for_each(|text| draw_text(out, text, rect.x, rect.y));
        }
        for spot in &panel.spots {
            let at = spot.rect.moved(rect.x, rect.y);
            let it = &graph.instances[spot.instance];
            let public = it.public_ip.as_ref().map(|ip| format!("\n{}", graph.say(msg!(Said::Public { ip }))));
            let link = link(graph, Some(spot.instance), None);
            out.push_str(link.as_deref().unwrap_or_default());
            let _ = write!(
                out,
                "<g class=\"instance\" data-instance=\"{}\"><title>{}</title><rect class=\"{}\" {} rx=\"{}\"/>",
                spot.instance,
                lines(&format!("{} {}{}\n{}", it.name, it.ip, public.unwrap_or_default(), panel.tip)),
                if spot.texts.is_empty() { "dot" } else { "host" },
                place(at),
                if spot.texts.is_empty() { 3 } else { 5 }
            );
            spot.texts.iter().for_each(|text| draw_text(out, text, rect.x, rect.y));
            out.push_str(if link.is_some() { "</g></a>\n" } else { "</g>\n" });
        }
    }
    out.push_str("</g>\n");
}

/// The beginning of a link to the page of a pair, if the picture has links: of one instance, or of one and another.
fn link(graph: &Graph, from: Option<usize>, to: Option<usize>) -> Option<String> {
    let page = graph.caption.links.as_ref()?;
    let name = |at: usize| &graph.instances[at].name;
    let query =
        [("from", from), ("to", to)].into_iter().filter_map(|(key, at)| Some(format!("{key}={}", encoded(name(at?)))));
    let said = [from, to].into_iter().flatten().map(|at| name(at).as_str()).collect::<Vec<_>>().join(" → ");
    let query = query.collect::<Vec<_>>().join("&amp;");
    Some(format!("<a href=\"{}?{query}\" aria-label=\"{}\">", escape(page), escape(&said)))
}

/// The first instances of the VPCs that a peering joins.
fn pair(graph: &Graph, means: Means) -> Option<(usize, usize)> {
    let Means::Peering(index) = means else { return None };
    let peering = &graph.peerings[index];
    let first = |end: Option<&End>| {
        let vpc = end?.vpc?;
        graph.instances.iter().position(|it| it.vpc == vpc)
    };
    first(Some(&peering.near)).zip(first(peering.far.as_ref()))
}

/// Lines of a tooltip.
fn lines(text: &str) -> String {
    text.split('\n').map(escape).collect::<Vec<_>>().join("\n")
}

fn draw_internet(out: &mut String, graph: &Graph, rect: Rect) {
    let (x, y, w, h) = (rect.x, rect.y, rect.w, rect.h);
    let at = |part: f64, down: f64| format!("{} {}", (x + w * part).round(), (y + h * down).round());
    let _ = writeln!(
        out,
        "<g class=\"internet\" data-internet=\"\"><title>{}</title><path class=\"cloud\" d=\"M{} C{} {} {} \
         C{} {} {} C{} {} {} C{} {} {} C{} {} {}z\"/><text class=\"name\" x=\"{}\" y=\"{}\" text-anchor=\"middle\">{}</text></g>",
        graph.say(msg!(Said::Internet)),
        at(0.2, 1.0),
        at(-0.06, 1.0),
        at(-0.06, 0.5),
        at(0.15, 0.45),
        at(0.14, 0.1),
        at(0.42, -0.08),
        at(0.5, 0.22),
        at(0.62, -0.06),
        at(0.84, 0.08),
        at(0.83, 0.4),
        at(1.06, 0.42),
        at(1.06, 1.0),
        at(0.8, 1.0),
        at(0.8, 1.0),
        at(0.2, 1.0),
        at(0.2, 1.0),
        x + w / 2.0,
        y + h * 0.72,
        Endpoint::Internet,
    );
}

fn class(state: State) -> &'static str {
    match state {
        State::Good => "good",
        State::Partly => "some",
        State::Broken => "broken",
    }
}

fn data(graph: &Graph, means: Means) -> String {
    match means {
        Means::Peering(index) => format!("data-peering=\"{index}\""),
        Means::Internet(index) => format!("data-border=\"{}\"", graph.internet[index].vpc),
    }
}

fn draw_line(out: &mut String, graph: &Graph, wire: &Wire) {
    let line = &wire.line;
    let Point { x, y } = line.from;
    let way = match line.is_straight() {
        true => format!("M{x} {y}L{} {}", line.to.x, line.to.y),
        false => {
            let control = line.control.rounded();
            format!("M{x} {y}Q{} {} {} {}", control.x, control.y, line.to.x, line.to.y)
        }
    };
    let silent = if wire.carries { "" } else { " silent" };
    let link = pair(graph, wire.means).and_then(|(from, to)| link(graph, Some(from), Some(to)));
    out.push_str(link.as_deref().unwrap_or_default());
    let _ = write!(
        out,
        "<g class=\"line {}{silent}\" {}><title>{}</title><path class=\"reach\" d=\"{way}\"/><path class=\"wire\" d=\"{way}\"/></g>",
        class(wire.state),
        data(graph, wire.means),
        lines(&tip(graph, wire.means)),
    );
    out.push_str(if link.is_some() { "</a>\n" } else { "\n" });
}

/// Draws the ends of a line over the boxes that it joins.
fn draw_ports(out: &mut String, graph: &Graph, wire: &Wire) {
    let _ = write!(out, "<g class=\"ports {}\" {}>", class(wire.state), data(graph, wire.means));
    for (Point { x, y }, up) in [wire.line.from, wire.line.to].into_iter().zip(wire.up) {
        out.push_str(&port(x, y, up));
    }
    out.push_str("</g>\n");
}

fn port(x: f64, y: f64, up: bool) -> String {
    let circle = |class: &str| format!("<circle class=\"port {class}\" cx=\"{x}\" cy=\"{y}\" r=\"5\"/>");
    match up {
        true => circle("up"),
        false => circle("down") + &format!("<path class=\"cross\" d=\"M{} {}l5 5m0 -5l-5 5\"/>", x - 2.5, y - 2.5),
    }
}

/// The text of a line's tooltip.
pub(super) fn tip(graph: &Graph, means: Means) -> String {
    let complain = |text: &mut String, there: &Passage, back: &Passage, from: &str, to: &str| {
        for (passage, from, to) in [(there, from, to), (back, to, from)] {
            if let Some(complaint) = passage.complaint(graph.caption.language) {
                let _ = write!(text, "\n{from} → {to}{}{complaint}", graph.say(Said::Colon));
            }
        }
    };
    let vpc = |vpc: Option<usize>| vpc.map_or("?", |vpc| graph.vpcs[vpc].name.as_str());
    match means {
        Means::Peering(index) => {
            let it = &graph.peerings[index];
            let end = |end: &super::model::End| {
                let name = end.name.clone().unwrap_or_else(|| graph.say(msg!(Said::NoEndYet)));
                let status = end
                    .status
                    .map(|status| format!(" {}", graph.say(crate::cloud::State::of(status))))
                    .unwrap_or_default();
                name + &graph.say(msg!(Said::EndOf { vpc: vpc(end.vpc) })) + &status
            };
            let mut text = end(&it.near);
            let _ = write!(text, " – {}", it.far.as_ref().map_or_else(|| graph.say(msg!(Said::NoOtherEnd)), end));
            for quality in [&it.bandwidth, &it.latency, &it.mtu].into_iter().flatten() {
                text += &(graph.say(Said::Comma) + quality);
            }
            for lack in &it.missing {
                let _ = write!(text, "\n✗ {}", lack.long);
            }
            complain(&mut text, &it.there, &it.back, vpc(it.near.vpc), vpc(it.far.as_ref().and_then(|far| far.vpc)));
            text
        }
        Means::Internet(index) => {
            let it = &graph.internet[index];
            let mut text = format!("{} – internet", vpc(Some(it.vpc)));
            complain(&mut text, &it.out, &it.into, vpc(Some(it.vpc)), "internet");
            text
        }
    }
}

/// Whether the line runs between the first row of its label and the others.
fn parted(wire: &Wire) -> bool {
    wire.line.slope == Slope::Level && wire.label.len() > 1
}

fn draw_label(out: &mut String, graph: &Graph, wire: &Wire) {
    if wire.label.is_empty() {
        return;
    }
    let rect = wire.line.label;
    let _ = write!(out, "<g class=\"label {}\" {}>", class(wire.state), data(graph, wire.means));
    let over_line = parted(wire);
    if !over_line {
        let _ = write!(out, "<rect class=\"plate\" {} rx=\"7\"/>", place(rect));
    }
    // The first row is above a horizontal line; the others begin at the middle.
    let first = if over_line { rect.y + rect.h / 2.0 - LABEL_ROW - 2.0 } else { rect.y + 3.5 };
    for (nth, row) in wire.label.iter().enumerate() {
        let y = first + (nth as f64 + 0.76) * LABEL_ROW + if over_line && nth > 0 { 4.0 } else { 0.0 };
        let mut draw = |class: &str, x: f64, anchor: &str, text: &str| {
            let text = escape(text);
            let _ = write!(out, "<text class=\"{class}\" x=\"{x}\" y=\"{y}\" text-anchor=\"{anchor}\">{text}</text>");
        };
        let middle = rect.x + rect.w / 2.0;
        match row {
            Row::One(class, text) => draw(class, middle, "middle", text),
            Row::Two([left, right], between) => {
                draw(left.0, rect.x + 7.0, "start", &left.1);
                draw(right.0, rect.x + rect.w - 7.0, "end", &right.1);
                if !between.is_empty() {
                    draw("bandwidth", middle, "middle", between);
                }
            }
        }
    }
    out.push_str("</g>\n");
}

/// The necessary samples, each with its meaning.
fn legend(graph: &Graph, scene: &Scene) -> Vec<(String, String)> {
    let sample = |class: &str, up: bool| {
        let down = if up { String::new() } else { port(12.0, -4.0, false) };
        format!("<g class=\"line {class}\"><path class=\"wire\" d=\"M0 -4h24\"/>{down}</g>")
    };
    let mut legend = Vec::new();
    let states = |state, carries| scene.lines.iter().any(|wire| wire.state == state && wire.carries == carries);
    if states(State::Good, true) {
        legend.push((sample("good", true), graph.say(msg!(Said::CarriesAllPairsReach))));
    }
    if states(State::Partly, true) {
        legend.push((sample("some", true), graph.say(msg!(Said::CarriesSomePairsDropped))));
    }
    if states(State::Broken, true) {
        legend.push((sample("broken", true), graph.say(msg!(Said::CarriesNoPairReaches))));
    }
    if states(State::Broken, false) {
        legend.push((sample("broken silent", false), graph.say(msg!(Said::DoesNotCarry))));
    }
    if scene.detail == Detail::Dots && !graph.instances.is_empty() {
        legend.push((
            "<rect class=\"dot\" x=\"6\" y=\"-10\" width=\"11\" height=\"11\" rx=\"3\"/>".into(),
            graph.say(msg!(Said::Instance)),
        ));
    }
    let (class, mark) = match graph.pairs.reach {
        reach if reach == graph.pairs.pairs => ("up", "✓"),
        0 => ("bad", "✗"),
        _ => ("partly", "✗"),
    };
    let mark = format!("<text class=\"{class}\" x=\"8\" y=\"0\">{mark}</text>");
    legend.push((mark, reached(graph)));
    legend
}

fn draw_legend(out: &mut String, legend: &[(String, String)], y: f64) {
    let mut x = MARGIN;
    for (sample, text) in legend {
        let _ = writeln!(
            out,
            "<g class=\"legend\" transform=\"translate({} {y})\">{sample}<text class=\"about\" x=\"30\" y=\"0\">{}</text></g>",
            x.round(),
            escape(text)
        );
        x += 30.0 + width(text, 12.0, false) + 18.0;
    }
}
