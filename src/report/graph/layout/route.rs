//! Draws lines between placed boxes: around other boxes, with few crossings, each with room for its label.

use super::Link;
use super::geometry::{Point, Rect, cross};

/// A line: a quadratic Bézier curve, straight where its control point is in the middle.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Line {
    /// The point where it leaves one box.
    pub from: Point,
    /// The control point.
    pub control: Point,
    /// The point where it meets the other box.
    pub to: Point,
    /// The place of its label.
    pub label: Rect,
    /// The slope, which selects one of the link's labels.
    pub slope: Slope,
}

/// The slope of a line, for its label.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Slope {
    #[default]
    Level,
    Across,
    Upright,
}

/// A line that rises less than this is level.
pub(super) const LEVEL: f64 = 3.0;

/// The number of straight pieces that approximate a curve to find what it meets.
const PIECES: usize = 10;

/// The distance outside all boxes at which a line costs as much as a bend, because it makes the picture smaller.
const OUTSIDE: f64 = 4.0;

/// The distance between a label and a box or another label.
const AROUND_LABEL: f64 = 5.0;

impl Line {
    fn straight(from: Point, to: Point) -> Self {
        Line { from, control: from.toward(to, 0.5), to, ..Line::default() }
    }

    /// The point at this fraction of the curve.
    pub fn at(&self, part: f64) -> Point {
        self.from.toward(self.control, part).toward(self.control.toward(self.to, part), part)
    }

    pub(crate) fn is_straight(&self) -> bool {
        self.control.distance(self.from.toward(self.to, 0.5)) < 0.2
    }

    fn slope(&self) -> Slope {
        let (dx, dy) = ((self.to.x - self.from.x).abs(), (self.to.y - self.from.y).abs());
        match () {
            () if dy > 1.2 * dx => Slope::Upright,
            () if dy < LEVEL && self.is_straight() => Slope::Level,
            () => Slope::Across,
        }
    }

    /// Its bounds, including the label.
    pub(super) fn bounds(&self) -> Rect {
        let corner = |point: Point| Rect { x: point.x, y: point.y, w: 0.0, h: 0.0 };
        // The turning points in each direction.
        let turn = |a: f64, b: f64, c: f64| ((a - b) / (a - 2.0 * b + c)).clamp(0.0, 1.0);
        let turns = [turn(self.from.x, self.control.x, self.to.x), turn(self.from.y, self.control.y, self.to.y)];
        let turns = turns.into_iter().filter(|part| part.is_finite()).map(|part| corner(self.at(part)));
        let line = turns.fold(corner(self.from).around(corner(self.to)), Rect::around);
        if self.label.w > 0.0 { line.around(self.label) } else { line }
    }

    /// Whether it runs through a rectangle.
    pub(crate) fn passes(&self, rect: Rect) -> bool {
        Traced::of(*self).passes(rect)
    }

    pub(crate) fn moved(self, x: f64, y: f64) -> Line {
        Line {
            from: self.from.moved(x, y),
            control: self.control.moved(x, y),
            to: self.to.moved(x, y),
            label: self.label.moved(x, y),
            ..self
        }
    }

    fn rounded(self) -> Line {
        Line { from: self.from.rounded(), control: self.control.rounded(), to: self.to.rounded(), ..self }
    }
}

/// A line as straight pieces, to find what it meets.
struct Traced {
    line: Line,
    pieces: Vec<(Point, Point)>,
    bounds: Rect,
}

impl Traced {
    fn of(line: Line) -> Self {
        let count = if line.is_straight() { 1 } else { PIECES };
        let at = |n: usize| line.at(n as f64 / count as f64);
        let bounds = Line { label: Rect::default(), ..line }.bounds();
        Traced { line, pieces: (0..count).map(|n| (at(n), at(n + 1))).collect(), bounds: bounds.grown(0.1, 0.1) }
    }

    fn passes(&self, rect: Rect) -> bool {
        self.bounds.overlaps(rect) && self.pieces.iter().any(|(a, b)| rect.is_crossed(*a, *b))
    }

    fn crosses(&self, other: &Traced) -> bool {
        self.bounds.overlaps(other.bounds) && self.pieces.iter().any(|a| other.pieces.iter().any(|b| cross(*a, *b)))
    }

    fn length(&self) -> f64 {
        self.pieces.iter().map(|(a, b)| a.distance(*b)).sum()
    }

    fn hits(&self, boxes: &[Rect], own: (usize, usize)) -> usize {
        let others = boxes.iter().enumerate().filter(|(index, _)| *index != own.0 && *index != own.1);
        let through = others.filter(|(_, rect)| self.passes(rect.grown(6.0, 6.0))).count();
        // A bent line may re-enter the box that it left.
        let into_own = [own.0, own.1].into_iter().filter(|index| {
            let inner = boxes[*index].grown(-2.0, -2.0);
            self.pieces[1..].iter().any(|(at, _)| inner.contains(*at))
        });
        through + into_own.count()
    }
}

/// The lines of all links.
pub(super) fn route(boxes: &[Rect], links: &[Link]) -> Vec<Line> {
    // Short lines first, because they have the least choice.
    let distance = |link: &Link| boxes[link.a].center().distance(boxes[link.b].center());
    let mut order: Vec<usize> = (0..links.len()).collect();
    order.sort_by_key(|index| (distance(&links[*index]).round() as i64, *index));
    let mut drawn: Vec<(usize, Traced)> = Vec::new();
    let whole = boxes.iter().copied().reduce(Rect::around).unwrap_or_default();
    let middle = whole.center();
    for index in order {
        let link = &links[index];
        let own = (link.a.min(link.b), link.a.max(link.b));
        let same = |other: &Link| (other.a.min(other.b), other.a.max(other.b)) == own;
        let twins = drawn.iter().filter(|(other, _)| same(&links[*other])).count();
        let cost = |line: &Traced| {
            let crossings = drawn.iter().filter(|(_, other)| line.crosses(other)).count();
            let bend = ((line.length() / distance(link).max(1.0) - 0.3) * 4.0).round().max(0.0) as usize;
            let outside = ((line.bounds.around(whole).w - whole.w) + (line.bounds.around(whole).h - whole.h)) / OUTSIDE;
            line.hits(boxes, own) * 1000 + crossings * 8 + bend + outside as usize
        };
        let mut best: Option<(usize, Traced)> = None;
        for line in candidates(boxes[own.0], boxes[own.1], twins, middle) {
            let line = Traced::of(line.rounded());
            let cost = cost(&line);
            if best.as_ref().is_none_or(|(least, _)| cost < *least) {
                // No other line can be much better than one that meets nothing.
                let good = cost < 8;
                best = Some((cost, line));
                if good {
                    break;
                }
            }
        }
        drawn.extend(best.map(|(_, line)| (index, line)));
    }
    drawn.sort_by_key(|(index, _)| *index);
    let traced: Vec<Traced> = drawn.into_iter().map(|(_, line)| line).collect();
    let mut lines = with_labels(boxes, links, &traced);
    for (line, _) in lines.iter_mut().zip(links).filter(|(_, link)| link.a > link.b) {
        (line.from, line.to) = (line.to, line.from);
    }
    lines
}

/// Ways to draw a line from one box to another, the simplest first; bent toward the middle of the picture rather than
/// away from it. A second line between two boxes bends away from the first.
fn candidates(a: Rect, b: Rect, twins: usize, middle: Point) -> Vec<Line> {
    let (from, to) = (a.center(), b.center());
    let mut lines = Vec::new();
    if twins == 0 {
        // If the boxes are next to each other, draw along the axis rather than at a slant.
        let (left, right) = (a.x.max(b.x), (a.x + a.w).min(b.x + b.w));
        let (top, bottom) = (a.y.max(b.y), (a.y + a.h).min(b.y + b.h));
        if right - left > 24.0 {
            let x = if (from.x - to.x).abs() < 1.0 { from.x } else { (left + right) / 2.0 };
            let (upper, lower) = (Point { x, y: (a.y + a.h).min(b.y + b.h) }, Point { x, y: a.y.max(b.y) });
            lines.push(if from.y < to.y { Line::straight(upper, lower) } else { Line::straight(lower, upper) });
        } else if bottom - top > 24.0 {
            let y = if (from.y - to.y).abs() < 1.0 { from.y } else { (top + bottom) / 2.0 };
            let (near, far) = (Point { x: (a.x + a.w).min(b.x + b.w), y }, Point { x: a.x.max(b.x), y });
            lines.push(if from.x < to.x { Line::straight(near, far) } else { Line::straight(far, near) });
        }
        lines.push(Line::straight(a.exit(to), b.exit(from)));
        lines.push(by_the_sides(a, b));
    }
    let (dx, dy) = (to.x - from.x, to.y - from.y);
    let bends: &[f64] = match twins {
        0 => &[0.12, -0.12, 0.25, -0.25, 0.4, -0.4, 0.6, -0.6, 0.85, -0.85],
        1 => &[0.3, 0.5],
        2 => &[-0.3, -0.5],
        3 => &[0.6, 0.8],
        _ => &[-0.6, -0.8],
    };
    let inward = (middle.y - from.y) * dx - (middle.x - from.x) * dy;
    let inward = if twins == 0 && inward < 0.0 { -1.0 } else { 1.0 };
    for bend in bends.iter().map(|bend| bend * inward) {
        let control = from.toward(to, 0.5).moved(-dy * bend, dx * bend);
        lines.push(Line { from: a.exit(control), control, to: b.exit(control), ..Line::default() });
    }
    lines
}

/// From the side that faces the other box to the side that faces this one.
fn by_the_sides(a: Rect, b: Rect) -> Line {
    let (from, to) = (a.center(), b.center());
    let beside = (a.x + a.w).min(b.x + b.w) < a.x.max(b.x);
    let port = |rect: Rect, other: Point| {
        let center = rect.center();
        match beside {
            true => Point { x: if other.x > center.x { rect.x + rect.w } else { rect.x }, y: center.y },
            false => Point { x: center.x, y: if other.y > center.y { rect.y + rect.h } else { rect.y } },
        }
    };
    Line::straight(port(a, to), port(b, from))
}

/// Puts each label on its line where it covers no box, no other label and no other line.
fn with_labels(boxes: &[Rect], links: &[Link], all: &[Traced]) -> Vec<Line> {
    let mut placed: Vec<Rect> = Vec::new();
    let place = |(index, (traced, link)): (usize, (&Traced, &Link))| {
        let mut line = traced.line;
        let size = match line.slope() {
            Slope::Level => link.level,
            Slope::Across => link.across,
            Slope::Upright => link.upright,
        };
        line.slope = line.slope();
        if size.w <= 0.0 {
            line.label = Rect::at(line.at(0.5), size);
            return line;
        }
        let spots = (0..=10).flat_map(|step| [0.5 - 0.035 * step as f64, 0.5 + 0.035 * step as f64]);
        let mut best: Option<(usize, Rect)> = None;
        for part in spots {
            let label = Rect::at(line.at(part), size);
            let near = label.grown(AROUND_LABEL, AROUND_LABEL);
            let boxes = boxes.iter().filter(|rect| rect.overlaps(near)).count();
            let labels = placed.iter().filter(|rect| rect.overlaps(near)).count();
            let others = all.iter().enumerate().filter(|(other, _)| *other != index);
            let covered = others.filter(|(_, other)| other.passes(label)).count();
            let cost = boxes * 40 + labels * 20 + covered * 3;
            if best.is_none_or(|(least, _)| cost < least) {
                best = Some((cost, label));
            }
            if cost == 0 {
                break;
            }
        }
        line.label = best.map(|(_, label)| label).unwrap_or_default();
        placed.push(line.label);
        line
    };
    all.iter().zip(links).enumerate().map(place).collect()
}

/// The faults of a drawing.
pub(super) struct Faults {
    /// Lines through boxes.
    pub hits: usize,
    /// Lines that cross.
    pub crossings: usize,
    /// Labels on boxes and on each other.
    pub covered: usize,
}

pub(super) fn faults(boxes: &[Rect], lines: &[Line]) -> Faults {
    let mut faults = Faults { hits: 0, crossings: 0, covered: 0 };
    let traced: Vec<_> = lines.iter().map(|line| Traced::of(*line)).collect();
    for (index, traced_line) in traced.iter().enumerate() {
        let line = &traced_line.line;
        let own = |rect: &&Rect| rect.grown(1.0, 1.0).contains(line.from) || rect.grown(1.0, 1.0).contains(line.to);
        faults.hits += boxes.iter().filter(|rect| !own(rect)).filter(|rect| traced_line.passes(**rect)).count();
        faults.crossings += traced[..index].iter().filter(|other| traced_line.crosses(other)).count();
        if line.label.w > 0.0 {
            let labels = lines[..index].iter().map(|other| &other.label).filter(|label| label.w > 0.0);
            faults.covered += boxes.iter().chain(labels).filter(|rect| rect.overlaps(line.label)).count();
        }
    }
    faults
}
