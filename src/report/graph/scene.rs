//! The picture with everything placed: boxes, lines with their labels, frames around accounts and regions.

use super::layout::{self, Line, Link, Rect, Size, Slope};
use super::model::{Border, End, Graph, Passage, Peering, State};
use super::text::width;
use super::vpc_box::{Detail, VpcBox, vpc_box};
use crate::message::Of as _;
use crate::report::graph::messages::Said;

/// Up to this many lines have full labels with both ends' names and states.
const WHOLE_LABELS: usize = 14;
const LABELS: usize = 45;

/// The distance between a frame and its boxes.
const FRAME: f64 = 14.0;
/// The additional distance above them, for the title.
const FRAME_TITLE: f64 = 22.0;
const FRAME_TITLE_TEXT: f64 = 12.0;
/// The distance from the top of a title to its baseline.
pub(super) const FRAME_TITLE_BASE: f64 = 13.0;

pub(super) const LABEL_TEXT: f64 = 11.5;
pub(super) const LABEL_ROW: f64 = 15.0;
const LABEL_PAD: f64 = 7.0;

/// The size of the internet's box.
const CLOUD: Size = Size { w: 132.0, h: 68.0 };

/// Everything placed; the upper left corner is (0, 0).
pub(super) struct Scene {
    pub vpcs: Vec<(Rect, VpcBox)>,
    pub internet: Option<Rect>,
    pub lines: Vec<Wire>,
    pub frames: Vec<Frame>,
    pub detail: Detail,
    /// The account and region of all boxes, if it is the same and there are no frames.
    pub common_group: Option<String>,
    pub size: Size,
}

/// A frame around the VPCs of one account and region.
pub(super) struct Frame {
    pub rect: Rect,
    pub title: String,
    pub title_rect: Rect,
    pub account: usize,
}

/// The meaning of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Means {
    /// A peering, by index.
    Peering(usize),
    /// A VPC's link to the internet, by index of the border.
    Internet(usize),
}

/// A line with its label.
pub(super) struct Wire {
    pub means: Means,
    pub line: Line,
    pub state: State,
    pub carries: bool,
    /// Whether each end's status allows traffic.
    pub up: [bool; 2],
    pub label: Vec<Row>,
}

/// A row of a label.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Row {
    /// One text in the middle.
    One(&'static str, String),
    /// The texts of the left end and of the right end, and the text between them.
    Two([(&'static str, String); 2], String),
}

impl Scene {
    pub(super) fn of(graph: &Graph) -> Self {
        let framed = Scene::arranged(graph, true);
        if framed.frames_are_clear() {
            return framed;
        }
        Scene::arranged(graph, false)
    }

    fn arranged(graph: &Graph, framed: bool) -> Self {
        let detail = Detail::of(graph);
        let groups = graph.groups();
        let with_group = !framed && groups.len() > 1;
        let boxes: Vec<VpcBox> = graph.vpcs.iter().map(|vpc| vpc_box(graph, vpc, detail, with_group)).collect();
        let mut sizes: Vec<Size> = boxes.iter().map(|it| it.size).collect();
        let cloud = sizes.len();
        if !graph.internet.is_empty() {
            sizes.push(CLOUD);
        }
        let wanted = wanted(graph, cloud);
        let gap = match (framed && groups.len() > 1, detail) {
            (true, _) => Size { w: 2.0 * FRAME + 14.0, h: 2.0 * FRAME + FRAME_TITLE + 12.0 },
            (false, Detail::Words) => Size { w: 36.0, h: 36.0 },
            (false, Detail::Dots) => Size { w: 28.0, h: 24.0 },
        };
        let links: Vec<Link> = wanted.iter().map(|(means, (a, b))| link(graph, *means, *a, *b, wanted.len())).collect();
        let placed = layout::arrange(&sizes, &links, gap);

        let lines = wanted.iter().zip(&placed.lines);
        let lines: Vec<Wire> = lines.map(|((means, _), line)| wire(graph, *means, *line, wanted.len())).collect();
        let frames = groups.iter().filter(|_| framed).map(|((account, region), members)| {
            let around = members.iter().map(|at| placed.boxes[*at]).reduce(Rect::around).unwrap_or_default();
            let around = around.grown(FRAME, FRAME);
            let rect = Rect { y: around.y - FRAME_TITLE, h: around.h + FRAME_TITLE, ..around };
            let title = format!("{account} · {region}");
            let title_rect = title_rect(&title, rect, &lines);
            let account = graph.accounts().iter().position(|it| it == account).unwrap_or(0);
            Frame { rect, title, title_rect, account }
        });
        let common = groups.first().filter(|_| !framed && groups.len() == 1);
        let mut scene = Scene {
            frames: frames.collect(),
            internet: placed.boxes.get(cloud).copied(),
            vpcs: placed.boxes.iter().copied().zip(boxes).collect(),
            lines,
            detail,
            common_group: common.map(|((account, region), _)| format!("{account} · {region}")),
            size: placed.size,
        };
        scene.move_to_origin();
        scene
    }

    /// Whether no frame overlaps another or contains a foreign box.
    fn frames_are_clear(&self) -> bool {
        let title_fits = |frame: &Frame| frame.title_rect.w + 2.0 * FRAME <= frame.rect.w;
        self.frames.iter().enumerate().all(|(index, frame)| {
            let inside = |rect: &Rect| frame.rect.around(*rect) == frame.rect;
            let around = self.vpcs.iter().map(|(rect, _)| rect).chain(&self.internet);
            let strangers = self.frames.iter().enumerate().filter(|(other, _)| *other != index);
            title_fits(frame)
                && around.filter(|rect| rect.overlaps(frame.rect)).all(inside)
                && self.internet.is_none_or(|rect| !rect.overlaps(frame.rect))
                && !strangers.into_iter().any(|(_, other)| other.rect.grown(3.0, 3.0).overlaps(frame.rect))
        })
    }

    fn move_to_origin(&mut self) {
        let whole = Rect { x: 0.0, y: 0.0, w: self.size.w, h: self.size.h };
        let whole = self.frames.iter().map(|frame| frame.rect).fold(whole, Rect::around);
        let (x, y) = (-whole.x, -whole.y);
        self.vpcs.iter_mut().for_each(|(rect, _)| *rect = rect.moved(x, y));
        self.internet = self.internet.map(|rect| rect.moved(x, y));
        self.lines.iter_mut().for_each(|wire| wire.line = wire.line.moved(x, y));
        self.frames.iter_mut().for_each(|frame| {
            frame.rect = frame.rect.moved(x, y);
            frame.title_rect = frame.title_rect.moved(x, y);
        });
        self.size = Size { w: whole.w, h: whole.h };
    }
}

/// The place along a frame's top where its title covers the fewest lines and labels; preferably on the left.
fn title_rect(title: &str, frame: Rect, lines: &[Wire]) -> Rect {
    let size = Size { w: width(title, FRAME_TITLE_TEXT, true).ceil(), h: FRAME_TITLE - 6.0 };
    let room = (frame.w - 2.0 * FRAME - size.w).max(0.0);
    let at = |part: f64| Rect { x: (frame.x + FRAME + room * part).round(), y: frame.y + 7.0, w: size.w, h: size.h };
    let met = |rect: &Rect| {
        let near = rect.grown(4.0, 2.0);
        let met = lines.iter().filter(|wire| wire.line.passes(near) || wire.line.label.overlaps(near));
        met.count()
    };
    // The first of the best.
    [0.0, 1.0, 0.5, 0.25, 0.75].map(at).into_iter().min_by_key(met).unwrap_or_default()
}

/// The lines to draw, and their boxes; `cloud` is the internet's box.
fn wanted(graph: &Graph, cloud: usize) -> Vec<(Means, (usize, usize))> {
    let peerings = graph.peerings.iter().enumerate();
    let peerings = peerings.filter_map(|(index, peering)| Some((Means::Peering(index), peering.vpcs()?)));
    let borders = graph.internet.iter().enumerate();
    let borders = borders.map(|(index, border)| (Means::Internet(index), (border.vpc, cloud)));
    peerings.filter(|(_, (a, b))| a != b).chain(borders).collect()
}

fn link(graph: &Graph, means: Means, a: usize, b: usize, all: usize) -> Link {
    let sized = |slope: Slope| {
        let rows = label(graph, means, slope, false, all);
        let wide = rows.iter().map(Row::width).fold(0.0, f64::max);
        let high = match slope {
            // The line runs below the first row, in the middle of the label.
            Slope::Level if rows.len() > 1 => 2 * (rows.len() - 1),
            _ => rows.len(),
        };
        match rows.len() {
            0 => Size::default(),
            _ => Size { w: (wide + 2.0 * LABEL_PAD).ceil(), h: high as f64 * LABEL_ROW + LABEL_PAD },
        }
    };
    Link { a, b, level: sized(Slope::Level), across: sized(Slope::Across), upright: sized(Slope::Upright) }
}

fn wire(graph: &Graph, means: Means, line: Line, all: usize) -> Wire {
    // The near end may be to the right of the far one, or below it.
    let upright = line.slope == Slope::Upright;
    let turned = if upright { line.from.y > line.to.y } else { line.from.x > line.to.x };
    let label = label(graph, means, line.slope, turned, all);
    let (state, carries, up) = match means {
        Means::Peering(index) => {
            let peering = &graph.peerings[index];
            let far = peering.far.as_ref().is_some_and(|far| far.up);
            (peering.state(), peering.carries, [peering.near.up, far])
        }
        Means::Internet(index) => (graph.internet[index].state(), true, [true, true]),
    };
    Wire { means, line, state, carries, up, label }
}

/// The rows of a line's label; `turned`: the far end is to the left or above.
fn label(graph: &Graph, means: Means, slope: Slope, turned: bool, all: usize) -> Vec<Row> {
    let mut rows = match means {
        Means::Peering(index) if all <= WHOLE_LABELS => whole_label(graph, &graph.peerings[index], slope, turned),
        Means::Peering(index) => {
            let peering = &graph.peerings[index];
            let mut rows: Vec<_> = complaints(graph, peering, slope, turned).into_iter().take(1).collect();
            if rows.is_empty() && all <= LABELS {
                rows.extend(peering.bandwidth.iter().map(|text| Row::One("bandwidth", text.clone())));
            }
            rows
        }
        Means::Internet(index) => {
            let Border { out, into, .. } = &graph.internet[index];
            both_ways(graph, out, into, slope, turned)
        }
    };
    if all > LABELS {
        // There is only room for the sign.
        rows = rows.into_iter().take(1).map(|_| Row::One("bad", "✗".into())).collect();
    }
    rows
}

fn whole_label(graph: &Graph, peering: &Peering, slope: Slope, turned: bool) -> Vec<Row> {
    let nowhere = End { name: None, vpc: None, status: None, up: false };
    let far = peering.far.as_ref().unwrap_or(&nowhere);
    let (first, last) = if turned { (far, &peering.near) } else { (&peering.near, far) };
    let name = |end: &End| end.name.clone().unwrap_or_else(|| "—".into());
    let status = |end: &End| {
        (
            if end.up { "up" } else { "down" },
            end.status.map_or_else(|| graph.say(Said::NotThere), |status| graph.say(crate::cloud::State::of(status))),
        )
    };
    let quality: Vec<_> = [&peering.bandwidth, &peering.latency, &peering.mtu].into_iter().flatten().cloned().collect();
    let mut quality = quality.join(" · ");
    let complaints = complaints(graph, peering, slope, turned);
    if slope == Slope::Upright {
        let end = |end: &End| {
            let (class, status) = status(end);
            [Row::One("end", name(end)), Row::One(class, status)]
        };
        let quality = (!quality.is_empty()).then_some(Row::One("bandwidth", quality));
        return end(first).into_iter().chain(quality).chain(complaints).chain(end(last)).collect();
    }
    let between = if slope == Slope::Level { std::mem::take(&mut quality) } else { String::new() };
    let quality = (!quality.is_empty()).then_some(Row::One("bandwidth", quality));
    let names = Row::Two([first, last].map(|end| ("end", name(end))), between);
    let states = Row::Two([first, last].map(status), String::new());
    [names, states].into_iter().chain(quality).chain(complaints).collect()
}

fn complaints(graph: &Graph, peering: &Peering, slope: Slope, turned: bool) -> Vec<Row> {
    if !peering.carries {
        let lacks = peering.missing.iter().map(|lack| Row::One("bad", format!("✗ {}", lack.short)));
        return lacks.take(2).collect();
    }
    both_ways(graph, &peering.there, &peering.back, slope, turned)
}

/// The problems there and back; only one text if they are the same.
fn both_ways(graph: &Graph, there: &Passage, back: &Passage, slope: Slope, turned: bool) -> Vec<Row> {
    let class = |passage: &Passage| if passage.reach == 0 { "bad" } else { "partly" };
    let complaints = [there, back].map(|passage| passage.complaint(graph.caption.language));
    if let [Some(one), Some(other)] = &complaints
        && one == other
    {
        return vec![Row::One(class(there), one.clone())];
    }
    let arrows = match (slope == Slope::Upright, turned) {
        (false, false) => ["→", "←"],
        (false, true) => ["←", "→"],
        (true, false) => ["↓", "↑"],
        (true, true) => ["↑", "↓"],
    };
    let rows = complaints.into_iter().zip([there, back]).zip(arrows);
    rows.filter_map(|((complaint, passage), arrow)| Some(Row::One(class(passage), format!("{arrow} {}", complaint?))))
        .collect()
}

impl Row {
    fn width(&self) -> f64 {
        match self {
            Row::One(class, text) => width(text, LABEL_TEXT, matches!(*class, "bad" | "partly")),
            Row::Two(both, between) => {
                // The row is centred on the label, regardless of the lengths of its ends.
                let ends = both.iter().map(|(_, text)| width(text, LABEL_TEXT, true));
                match between.is_empty() {
                    true => ends.sum::<f64>() + 22.0,
                    false => 2.0 * ends.fold(0.0, f64::max) + width(between, LABEL_TEXT, false) + 36.0,
                }
            }
        }
    }
}
