//! The content of a VPC's box: every text and shape, relative to the box's corner.

use super::layout::{Rect, Size};
use super::model::{Graph, Vpc};
use super::text::{width, wrap};
use crate::msg;
use crate::report::graph::messages::Said;

/// With more VPCs or instances than this an instance is a dot: its name and addresses are told when it is pointed at.
const VPCS_IN_WORDS: usize = 20;
const INSTANCES_IN_WORDS: usize = 80;

/// The distance from the box's edge to its content.
const PAD: f64 = 12.0;
/// The distance between two items in a box.
const SPACE: f64 = 8.0;
const ROW: f64 = 24.0;
/// The most instances of a subnet in one column.
const ROWS: usize = 6;
const DOT: f64 = 11.0;
const DOTS: usize = 10;
const NOTE: f64 = 11.5;

/// The level of detail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Detail {
    /// Everything, by subnet.
    Words,
    /// Instances are dots.
    Dots,
}

impl Detail {
    pub(super) fn of(graph: &Graph) -> Self {
        let few = graph.vpcs.len() <= VPCS_IN_WORDS && graph.instances.len() <= INSTANCES_IN_WORDS;
        if few { Detail::Words } else { Detail::Dots }
    }
}

/// A text, by the left end or (`end`) the right end of its baseline.
#[derive(Clone, Debug)]
pub(super) struct Text {
    pub x: f64,
    pub y: f64,
    pub class: &'static str,
    pub end: bool,
    pub text: String,
}

/// An instance's place.
#[derive(Clone, Debug)]
pub(super) struct Spot {
    pub instance: usize,
    pub rect: Rect,
    pub texts: Vec<Text>,
}

/// A subnet's place.
#[derive(Clone, Debug)]
pub(super) struct Panel {
    pub rect: Rect,
    pub texts: Vec<Text>,
    pub spots: Vec<Spot>,
    pub tip: String,
}

/// A VPC's box.
#[derive(Clone, Debug)]
pub(super) struct VpcBox {
    pub size: Size,
    pub texts: Vec<Text>,
    pub panels: Vec<Panel>,
}

/// The box of a VPC; `with_group`: its account and region are written in it.
pub(super) fn vpc_box(graph: &Graph, vpc: &Vpc, detail: Detail, with_group: bool) -> VpcBox {
    let group = with_group.then(|| format!("{} · {}", vpc.account, vpc.region));
    let name = (width(&vpc.name, 15.0, true), width(&vpc.cidr, 12.0, false));
    let stacked = detail == Detail::Dots;
    let head = if stacked { name.0.max(name.1) } else { name.0 + 20.0 + name.1 };
    let head = head.max(group.as_ref().map_or(0.0, |group| width(group, 11.0, false)));
    let contents: Vec<Contents> = vpc.subnets.iter().map(|subnet| contents(graph, subnet, detail)).collect();
    let widest = contents.iter().map(|it| it.size.w).fold(head, f64::max);
    let least = if stacked { 84.0 } else { 150.0 };
    let inner = widest.max(least).ceil();

    let mut texts = vec![text(PAD, PAD + 13.0, "name", &vpc.name)];
    let mut y = PAD + 18.0;
    if stacked {
        y += 14.0;
        texts.push(text(PAD, y - 2.0, "cidr", &vpc.cidr));
    } else {
        texts.push(Text { end: true, ..text(PAD + inner, PAD + 13.0, "cidr", &vpc.cidr) });
    }
    if let Some(group) = group {
        y += 14.0;
        texts.push(text(PAD, y - 2.0, "group", &group));
    }
    let mut panels = Vec::new();
    for contents in contents.iter().filter(|contents| contents.size.h > 0.0) {
        y += SPACE;
        panels.push(contents.at(PAD, y, if stacked { contents.size.w } else { inner }));
        y += contents.size.h;
    }
    // In a picture of dots there is no room for words: what is wrong inside is a mark, and told when pointed at.
    if stacked && !vpc.notes.is_empty() {
        texts.push(Text { end: true, ..text(PAD + inner, PAD + 13.0, "note", "✗") });
    }
    for note in vpc.notes.iter().filter(|_| !stacked) {
        y += 4.0;
        for line in wrap(note, NOTE, inner) {
            y += 15.0;
            texts.push(text(PAD, y, "note", &line));
        }
    }
    VpcBox { size: Size { w: inner + 2.0 * PAD, h: (y + PAD).ceil() }, texts, panels }
}

fn text(x: f64, y: f64, class: &'static str, text: &str) -> Text {
    Text { x, y, class, end: false, text: text.to_owned() }
}

/// The content of a subnet, before it is placed.
struct Contents<'a> {
    graph: &'a Graph,
    title: [String; 2],
    instances: &'a [usize],
    detail: Detail,
    columns: usize,
    column: f64,
    row: f64,
    size: Size,
}

fn contents<'a>(graph: &'a Graph, subnet: &'a super::model::Subnet, detail: Detail) -> Contents<'a> {
    let title = [subnet.label(), subnet.cidr.clone()];
    let count = subnet.instances.len();
    let mut contents = Contents {
        graph,
        title,
        instances: &subnet.instances,
        detail,
        columns: count.div_ceil(ROWS).max(1),
        column: 0.0,
        row: ROW,
        size: Size::default(),
    };
    if detail == Detail::Dots {
        contents.columns = count.clamp(1, DOTS);
        let rows = count.div_ceil(DOTS) as f64;
        let extent = |count: f64| (count * (DOT + 4.0) - 4.0).max(0.0);
        contents.size = Size { w: extent(contents.columns as f64), h: extent(rows) };
        return contents;
    }
    let shown = subnet.instances.iter().map(|at| &graph.instances[*at]);
    let rows = shown.clone().map(|it| {
        let public = it.public_ip.as_ref().map_or(0.0, |ip| width(&graph.say(msg!(Said::Public { ip })), 11.5, false));
        (width(&it.name, 13.0, true) + 20.0 + width(&it.ip, 12.0, false)).max(public) + 16.0
    });
    contents.column = rows.fold(0.0, f64::max).ceil();
    contents.row = if shown.clone().any(|it| it.public_ip.is_some()) { ROW + 15.0 } else { ROW };
    let titles = contents.title.each_ref().map(|title| width(title, 11.0, false));
    let columns = contents.columns as f64;
    let below = count.div_ceil(contents.columns) as f64 * (contents.row + 4.0);
    contents.size = Size {
        w: (titles[0] + 16.0 + titles[1]).max(columns * (contents.column + 4.0) - 4.0) + 16.0,
        h: 24.0 + below + if count > 0 { 4.0 } else { 0.0 },
    };
    contents
}

impl Contents<'_> {
    fn at(&self, x: f64, y: f64, wide: f64) -> Panel {
        let [name, cidr] = &self.title;
        let rect = Rect { x, y, w: wide, h: self.size.h };
        let tip = self.graph.say(msg!(Said::Subnet { name, cidr }));
        let spots = self.instances.iter().enumerate();
        if self.detail == Detail::Dots {
            let spot = |(nth, at): (usize, &usize)| {
                let step = DOT + 4.0;
                let place = ((nth % DOTS) as f64 * step, (nth / DOTS) as f64 * step);
                let rect = Rect { x: x + place.0, y: y + place.1, w: DOT, h: DOT };
                Spot { instance: *at, rect, texts: Vec::new() }
            };
            return Panel { rect, texts: Vec::new(), spots: spots.map(spot).collect(), tip };
        }
        let column = ((wide - 16.0 + 4.0) / self.columns as f64 - 4.0).floor();
        let per_column = self.instances.len().div_ceil(self.columns).max(1);
        let spot = |(nth, at): (usize, &usize)| {
            let it = &self.graph.instances[*at];
            let rect = Rect {
                x: x + 8.0 + (nth / per_column) as f64 * (column + 4.0),
                y: y + 24.0 + (nth % per_column) as f64 * (self.row + 4.0),
                w: column,
                h: self.row,
            };
            let mut texts = vec![
                text(rect.x + 8.0, rect.y + 16.5, "instance-name", &it.name),
                Text { end: true, ..text(rect.x + column - 8.0, rect.y + 16.5, "address", &it.ip) },
            ];
            if let Some(ip) = &it.public_ip {
                let public = self.graph.say(msg!(Said::Public { ip }));
                texts.push(Text { end: true, ..text(rect.x + column - 8.0, rect.y + 32.0, "public", &public) });
            }
            Spot { instance: *at, rect, texts }
        };
        let texts = vec![
            text(x + 8.0, y + 16.0, "subnet-name", name),
            Text { end: true, ..text(x + wide - 8.0, y + 16.0, "subnet-name", cidr) },
        ];
        Panel { rect, texts, spots: spots.map(spot).collect(), tip }
    }
}
