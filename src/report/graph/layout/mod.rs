//! Places the boxes and draws the lines, from sizes and links alone; deterministic.
//!
//! Places each connected part in several ways (see `place`), draws its lines in each (see `route`), and takes the
//! best-looking one: no line through a box, few crossings, the largest picture in a slide's shape.

mod geometry;
mod place;
mod route;

pub use geometry::{Point, Rect, Size};
pub use route::{Line, Slope};

/// The distance between unconnected parts.
const BETWEEN_PARTS: f64 = 64.0;

/// More links than this in one part are a tangle.
const TANGLE: usize = 100;

/// A line to draw between two boxes, with its label.
#[derive(Clone, Copy, Debug)]
pub struct Link {
    /// One box.
    pub a: usize,
    /// The other.
    pub b: usize,
    /// The label's size if the line is horizontal: the label is above and below the line.
    pub level: Size,
    /// The label's size if the line is slanted.
    pub across: Size,
    /// The label's size if the line is vertical.
    pub upright: Size,
}

/// Boxes and lines in their places, all to the right of and below (0, 0).
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Layout {
    /// The boxes, by index.
    pub boxes: Vec<Rect>,
    /// The lines, by link.
    pub lines: Vec<Line>,
    /// The total size.
    pub size: Size,
}

/// Places boxes of these sizes, with at least `gap` between any two; every link joins two different boxes.
pub fn arrange(sizes: &[Size], links: &[Link], gap: Size) -> Layout {
    let parts = parts(sizes.len(), links);
    let arranged: Vec<_> = parts.iter().map(|part| arrange_part(part, sizes, links, gap)).collect();
    pack(sizes.len(), links.len(), &arranged)
}

/// A connected part of the whole, by the whole's indices.
struct Part {
    boxes: Vec<usize>,
    links: Vec<usize>,
}

fn parts(boxes: usize, links: &[Link]) -> Vec<Part> {
    let mut root: Vec<usize> = (0..boxes).collect();
    let find = |root: &[usize], mut at: usize| {
        while root[at] != at {
            at = root[at];
        }
        at
    };
    for link in links {
        let (a, b) = (find(&root, link.a), find(&root, link.b));
        root[a.max(b)] = a.min(b);
    }
    let mut parts: Vec<Part> = Vec::new();
    let mut part_of = vec![usize::MAX; boxes];
    for at in 0..boxes {
        let first = find(&root, at);
        if first == at {
            part_of[at] = parts.len();
            parts.push(Part { boxes: Vec::new(), links: Vec::new() });
        }
        part_of[at] = part_of[first];
        parts[part_of[at]].boxes.push(at);
    }
    for (index, link) in links.iter().enumerate() {
        parts[part_of[link.a]].links.push(index);
    }
    parts
}

/// A part in its place, with its indices in the whole.
struct Arranged<'a> {
    part: &'a Part,
    layout: Layout,
}

fn arrange_part<'a>(part: &'a Part, sizes: &[Size], links: &[Link], gap: Size) -> Arranged<'a> {
    let own: Vec<Size> = part.boxes.iter().map(|at| sizes[*at]).collect();
    let within = |at: usize| part.boxes.binary_search(&at).expect("a link's boxes are in the link's part");
    let wanted = part.links.iter().map(|index| &links[*index]);
    let wanted: Vec<_> = wanted.map(|link| Link { a: within(link.a), b: within(link.b), ..*link }).collect();
    let draw = |boxes: Vec<Rect>| {
        let lines = route::route(&boxes, &wanted);
        let layout = to_origin(boxes, lines);
        (cost(&layout), layout)
    };
    let least = |drawn: &mut dyn Iterator<Item = (f64, Layout)>| drawn.min_by(|(a, _), (b, _)| a.total_cmp(b));
    // The first of the best: the most natural candidate comes first.
    let mut best = least(&mut place::candidates(&own, &wanted, gap).into_iter().map(draw));
    // If labels do not fit on their lines, move the boxes further apart, except in a tangle, where labels are mere
    // marks and space is scarce.
    let crowded = |layout: &Layout| wanted.len() <= TANGLE && route::faults(&layout.boxes, &layout.lines).covered > 0;
    if let Some((cost, layout)) = best.take_if(|(_, layout)| crowded(layout)) {
        let wider = [1.12, 1.25, 1.4, 1.6].map(|times| apart(&layout.boxes, times));
        best = least(&mut std::iter::once((cost, layout)).chain(wider.into_iter().map(draw)));
    }
    Arranged { part, layout: best.map(|(_, layout)| layout).unwrap_or_default() }
}

/// Multiplies the boxes' distances.
fn apart(boxes: &[Rect], times: f64) -> Vec<Rect> {
    let moved = |rect: &Rect| Point { x: rect.center().x * times, y: rect.center().y * times };
    boxes.iter().map(|rect| Rect::at(moved(rect), Size { w: rect.w, h: rect.h })).collect()
}

/// The cost of a layout: how bad it looks.
fn cost(layout: &Layout) -> f64 {
    let faults = route::faults(&layout.boxes, &layout.lines);
    let shrunk = shrunk(layout.size).max(0.6);
    // One more crossing in a tangle does not matter, but small letters do.
    let crossings = (20.0 * (faults.crossings as f64).sqrt()).min(250.0);
    let covered = if layout.lines.len() <= TANGLE { 120.0 } else { 60.0 };
    // Rounded, so that floating-point noise decides nothing.
    (100.0 * shrunk.powf(1.6) + crossings).round() + covered * faults.covered as f64 + 400.0 * faults.hits as f64
}

/// The factor by which a picture must shrink to fit a slide of 1600 by 900.
fn shrunk(size: Size) -> f64 {
    (size.w / 1600.0).max(size.h / 900.0)
}

fn to_origin(boxes: Vec<Rect>, lines: Vec<Line>) -> Layout {
    let bounds = boxes.iter().copied().chain(lines.iter().map(Line::bounds)).reduce(Rect::around).unwrap_or_default();
    let (x, y) = (bounds.x.floor(), bounds.y.floor());
    Layout {
        boxes: boxes.into_iter().map(|rect| rect.moved(-x, -y)).collect(),
        lines: lines.into_iter().map(|line| line.moved(-x, -y)).collect(),
        size: Size { w: (bounds.x + bounds.w - x).ceil(), h: (bounds.y + bounds.h - y).ceil() },
    }
}

/// Arranges the parts in rows, each as high as its highest part; among equally good arrangements, the one with the
/// fewest rows.
fn pack(boxes: usize, links: usize, arranged: &[Arranged]) -> Layout {
    let mut rooms: Vec<f64> = Vec::new();
    for it in arranged {
        rooms.push(rooms.last().map_or(0.0, |used| used + BETWEEN_PARTS) + it.layout.size.w);
    }
    let best = rooms.iter().rev().map(|room| in_rows(arranged, *room)).min_by(|a, b| a.shrunk().total_cmp(&b.shrunk()));
    let Some(Rows { rows, .. }) = best else { return Layout::default() };
    let mut whole =
        Layout { boxes: vec![Rect::default(); boxes], lines: vec![Line::default(); links], size: Size::default() };
    let mut y = 0.0;
    for (row, used) in &rows {
        let height = row.iter().map(|it| it.layout.size.h).fold(0.0, f64::max);
        let mut x = 0.0;
        for it in row {
            let down = y + ((height - it.layout.size.h) / 2.0).round();
            for (index, rect) in it.part.boxes.iter().zip(&it.layout.boxes) {
                whole.boxes[*index] = rect.moved(x, down);
            }
            for (index, line) in it.part.links.iter().zip(&it.layout.lines) {
                whole.lines[*index] = line.moved(x, down);
            }
            x += it.layout.size.w + BETWEEN_PARTS;
        }
        whole.size.w = whole.size.w.max(*used);
        y += height + BETWEEN_PARTS;
    }
    whole.size.h = (y - BETWEEN_PARTS).max(0.0);
    whole
}

/// Parts in rows, each row with its width, and the total size.
struct Rows<'a> {
    rows: Vec<(Vec<&'a Arranged<'a>>, f64)>,
    size: Size,
}

impl Rows<'_> {
    fn shrunk(&self) -> f64 {
        shrunk(self.size).max(1.0)
    }
}

/// Fills each row with as many parts as fit.
fn in_rows<'a>(arranged: &'a [Arranged<'a>], room: f64) -> Rows<'a> {
    let mut rows: Vec<(Vec<&Arranged>, f64)> = Vec::new();
    for it in arranged {
        match rows.last_mut() {
            Some((row, used)) if *used + BETWEEN_PARTS + it.layout.size.w <= room => {
                *used += BETWEEN_PARTS + it.layout.size.w;
                row.push(it);
            }
            _ => rows.push((vec![it], it.layout.size.w)),
        }
    }
    let w = rows.iter().map(|(_, used)| *used).fold(0.0, f64::max);
    let highest = |row: &[&Arranged]| row.iter().map(|it| it.layout.size.h).fold(0.0, f64::max);
    let h = rows.iter().map(|(row, _)| highest(row) + BETWEEN_PARTS).sum::<f64>() - BETWEEN_PARTS;
    Rows { rows, size: Size { w, h } }
}

#[cfg(test)]
mod tests;
