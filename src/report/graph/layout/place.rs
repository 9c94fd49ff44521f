//! Places the boxes of one connected part in the ways that people draw networks: a chain as a row, a ring as a ring, a
//! hub in the middle of its spokes, a tree outward or in columns, anything else on a ring in a good order.

use std::cmp::Ordering;
use std::collections::BTreeSet;

use super::Link;
use super::geometry::{Point, Rect, Size};
use super::route::LEVEL;

/// The least length of a line beside its label at each end, or in total without a label.
const STUB: f64 = 26.0;

/// With more links than this the drawing does not grow for labels, because it would be mostly empty.
const LABELLED: usize = 60;

/// With more boxes than this a ring is rectangular, because a large ellipse is mostly empty.
const ROUND: usize = 12;

/// A ring of more boxes than this may be folded.
const UNFOLDED: usize = 6;

/// The boxes and their links.
struct Part<'a> {
    sizes: &'a [Size],
    links: &'a [Link],
    gap: Size,
    near: Vec<BTreeSet<usize>>,
}

/// Several ways to place the boxes, the most natural first.
pub(super) fn candidates(sizes: &[Size], links: &[Link], gap: Size) -> Vec<Vec<Rect>> {
    let mut near = vec![BTreeSet::new(); sizes.len()];
    for link in links {
        near[link.a].insert(link.b);
        near[link.b].insert(link.a);
    }
    let part = Part { sizes, links, gap, near };
    let all = sizes.len();
    let degree = |at: usize| part.near[at].len();
    let edges: usize = (0..all).map(degree).sum::<usize>() / 2;
    let most = (0..all).map(degree).max().unwrap_or(0);
    if most <= 2 && edges + 1 == all {
        return part.rows(&part.chain());
    }
    if most == 2 {
        let chain = part.chain();
        let mut placed = part.rings(&chain);
        // A large ring is mostly empty, so fold it.
        if all > UNFOLDED {
            placed.extend((2..=all / 4).map(|half| part.folded(&chain, 2 * half)));
        }
        return placed;
    }
    let hub = (0..all).max_by_key(|at| (degree(*at), std::cmp::Reverse(*at))).unwrap_or(0);
    let mut placed = Vec::new();
    if edges + 1 == all && degree(hub) + 1 == all {
        return part.outward(hub);
    }
    let middle = part.middle();
    let roots: BTreeSet<_> = [hub, middle].into();
    for root in roots {
        placed.extend(part.outward(root));
        placed.extend(part.columns(root));
    }
    // In a full mesh, another order or a hub gains nothing.
    placed.extend(part.rings(&part.order()));
    placed
}

impl Part<'_> {
    // ── in rows ────────────────────────────────────────────────────────────────────────────────────────────────────

    /// The order from one end of a chain to the other, in the direction of its links, or around a ring from its first
    /// box.
    fn chain(&self) -> Vec<usize> {
        let end = (0..self.sizes.len()).find(|at| self.near[*at].len() <= 1);
        let mut chain = vec![end.unwrap_or(0)];
        while let Some(next) = self.near[chain[chain.len() - 1]].iter().find(|next| !chain.contains(next)) {
            chain.push(*next);
        }
        if end.is_some() && self.runs_backward(&chain) {
            chain.reverse();
        }
        chain
    }

    /// Whether most links run against this order; in a tie, whether the first one does.
    fn runs_backward(&self, order: &[usize]) -> bool {
        let place = |at: usize| order.iter().position(|it| *it == at);
        let backward: Vec<_> = self.links.iter().map(|link| place(link.a) > place(link.b)).collect();
        let many = backward.iter().filter(|backward| **backward).count();
        match (2 * many).cmp(&backward.len()) {
            Ordering::Equal => backward.first() == Some(&true),
            more => more == Ordering::Greater,
        }
    }

    /// A chain in one row; a long one in several, in alternating directions.
    fn rows(&self, chain: &[usize]) -> Vec<Vec<Rect>> {
        let most = if chain.len() <= 4 { 1 } else { chain.len().div_ceil(3) };
        (1..=most).map(|rows| self.to_and_fro(chain, chain.len().div_ceil(rows))).collect()
    }

    fn to_and_fro(&self, chain: &[usize], per_row: usize) -> Vec<Rect> {
        let column =
            |nth: usize| if (nth / per_row).is_multiple_of(2) { nth % per_row } else { per_row - 1 - nth % per_row };
        let rows = chain.len().div_ceil(per_row);
        let (mut widths, mut heights) = (vec![0.0f64; per_row], vec![0.0f64; rows]);
        let (mut across, mut down) = (vec![self.gap.w; per_row], vec![self.gap.h; rows]);
        for (nth, at) in chain.iter().enumerate() {
            widths[column(nth)] = widths[column(nth)].max(self.sizes[*at].w);
            heights[nth / per_row] = heights[nth / per_row].max(self.sizes[*at].h);
            let Some(next) = chain.get(nth + 1) else { continue };
            for link in self.links_between(*at, *next) {
                if (nth + 1) % per_row == 0 {
                    down[nth / per_row] = down[nth / per_row].max(link.upright.h + 2.0 * STUB);
                } else {
                    let between = column(nth).min(column(nth + 1));
                    across[between] = across[between].max(link.level.w.max(link.across.w) + 2.0 * STUB);
                }
            }
        }
        let mut boxes = vec![Rect::default(); chain.len()];
        for (nth, at) in chain.iter().enumerate() {
            let (column, row) = (column(nth), nth / per_row);
            let x: f64 = widths[..column].iter().chain(&across[..column]).sum();
            let y: f64 = heights[..row].iter().chain(&down[..row]).sum();
            let center = Point { x: x + widths[column] / 2.0, y: y + heights[row] / 2.0 };
            boxes[*at] = Rect::at(center, self.sizes[*at]);
        }
        boxes
    }

    /// A ring in an even number of rows: along the first, back and forth through the others, and back up by the first
    /// column.
    fn folded(&self, chain: &[usize], rows: usize) -> Vec<Rect> {
        let columns = chain.len().div_ceil(rows).max(3);
        let mut cells: Vec<(usize, usize)> = (0..columns).map(|column| (column, 0)).collect();
        for row in 1..rows {
            let columns = 1..columns;
            match row % 2 {
                1 => cells.extend(columns.rev().map(|column| (column, row))),
                _ => cells.extend(columns.map(|column| (column, row))),
            }
        }
        cells.extend((1..rows).rev().map(|row| (0, row)));
        // Spare cells stay empty where the line is straight: in the first column, above its lowest cell.
        let spare = cells.len().saturating_sub(chain.len());
        let first_free = (cells.len() - (rows - 1) + 1).min(cells.len() - spare);
        let kept = cells.iter().enumerate().filter(|(at, _)| *at < first_free || *at >= first_free + spare);
        let cells: Vec<_> = kept.map(|(_, cell)| *cell).collect();
        let largest = |extent: fn(&Size) -> f64| self.sizes.iter().map(extent).fold(0.0, f64::max);
        let label = |extent: fn(&Link) -> f64| self.links.iter().map(extent).fold(0.0, f64::max);
        let across = largest(|size| size.w) + self.gap.w.max(label(|link| link.level.w) + 2.0 * STUB);
        let down = largest(|size| size.h) + self.gap.h.max(label(|link| link.upright.h) + STUB);
        let mut boxes = vec![Rect::default(); chain.len()];
        for (at, (column, row)) in chain.iter().zip(cells) {
            let center = Point { x: column as f64 * across, y: row as f64 * down };
            boxes[*at] = Rect::at(center, self.sizes[*at]);
        }
        boxes
    }

    fn links_between(&self, a: usize, b: usize) -> impl Iterator<Item = &Link> {
        self.links.iter().filter(move |link| (link.a, link.b) == (a, b) || (link.a, link.b) == (b, a))
    }

    // ── on rings ───────────────────────────────────────────────────────────────────────────────────────────────────

    /// All boxes on a ring, in this order.
    fn rings(&self, order: &[usize]) -> Vec<Vec<Rect>> {
        let place = |stretch: f64| {
            let mut points = vec![Point::default(); order.len()];
            for (at, point) in order.iter().zip(ring(order.len(), stretch)) {
                points[*at] = point;
            }
            points
        };
        self.stretched(&place)
    }

    /// A tree around its root, with each level further out. Links outside the tree join boxes in place.
    fn outward(&self, root: usize) -> Vec<Vec<Rect>> {
        let tree = self.tree(root);
        let leaves: Vec<usize> = tree.order.iter().copied().filter(|at| tree.children[*at].is_empty()).collect();
        let deepest = tree.depth.iter().copied().max().unwrap_or(0).max(1) as f64;
        let place = |stretch: f64| {
            let ring = ring(leaves.len(), stretch);
            let mut points = vec![Point::default(); self.sizes.len()];
            // Children before their parents: a parent is between its children and the middle.
            for at in tree.order.iter().rev() {
                let out = match leaves.iter().position(|leaf| leaf == at) {
                    Some(slot) => ring[slot],
                    None => {
                        let slots = |at: &usize| leaves.iter().position(|leaf| leaf == at);
                        let mine: Vec<_> = tree.leaves_of(*at).iter().filter_map(slots).collect();
                        let (first, last) = (mine[0], mine[mine.len() - 1]);
                        ring[first].toward(ring[last], 0.5).toward(ring[(first + last) / 2], 0.5)
                    }
                };
                let part = tree.depth[*at] as f64 / deepest;
                points[*at] = Point { x: out.x * part, y: out.y * part };
            }
            points
        };
        self.stretched(&place)
    }

    /// The same places in several aspect ratios, each as small as boxes and labels allow.
    fn stretched(&self, place: &dyn Fn(f64) -> Vec<Point>) -> Vec<Vec<Rect>> {
        let mean = |extent: fn(&Size) -> f64| self.sizes.iter().map(extent).sum::<f64>() / self.sizes.len() as f64;
        let (w, h) = (mean(|size| size.w) + self.gap.w, mean(|size| size.h) + self.gap.h);
        let shapes = [1.0, 1.35, 1.8, 2.4];
        shapes.into_iter().map(|shape| self.smallest(&place(shape * h / w), shape)).collect()
    }

    /// Grows until everything fits, then shrinks as far as possible in each direction.
    fn smallest(&self, points: &[Point], shape: f64) -> Vec<Rect> {
        let boxes = |x: f64, y: f64| -> Vec<Rect> {
            let center = |point: &Point| Point { x: point.x * x, y: point.y * y };
            points.iter().zip(self.sizes).map(|(point, size)| Rect::at(center(point), *size)).collect()
        };
        let mut y = 60.0;
        while !self.fits(&boxes(y * shape, y)) && y < 20_000.0 {
            y *= 1.2;
        }
        for _ in 0..8 {
            if !self.fits(&boxes(y * shape * 0.97, y * 0.97)) {
                break;
            }
            y *= 0.97;
        }
        let mut x = y * shape;
        while self.fits(&boxes(x * 0.97, y)) && x > 20.0 {
            x *= 0.97;
        }
        while self.fits(&boxes(x, y * 0.97)) && y > 20.0 {
            y *= 0.97;
        }
        boxes(x, y)
    }

    /// Whether the boxes are apart and each line has room for its label.
    fn fits(&self, boxes: &[Rect]) -> bool {
        let apart = |(index, rect): (usize, &Rect)| {
            let rect = rect.grown(self.gap.w / 2.0, self.gap.h / 2.0);
            !boxes[..index].iter().any(|other| other.grown(self.gap.w / 2.0, self.gap.h / 2.0).overlaps(rect))
        };
        boxes.iter().enumerate().all(apart)
            && self.links.iter().filter(|_| self.links.len() <= LABELLED).all(|link| {
                let (a, b) = (boxes[link.a], boxes[link.b]);
                let (from, to) = (a.exit(b.center()), b.exit(a.center()));
                let (dx, dy) = ((to.x - from.x).abs(), (to.y - from.y).abs());
                let long = dx.hypot(dy).max(1e-6);
                let label = match () {
                    () if dy > 1.2 * dx => link.upright,
                    () if dy < LEVEL => link.level,
                    () => link.across,
                };
                let inside = (label.w * long / dx.max(1e-6)).min(label.h * long / dy.max(1e-6));
                long >= inside + 2.0 * STUB
            })
    }

    /// An order that puts linked boxes near each other on a ring.
    fn order(&self) -> Vec<usize> {
        let all = self.sizes.len();
        let mut order = self.tree(self.middle()).order;
        let cost = |order: &[usize]| -> usize {
            let mut places = vec![0; all];
            for (place, at) in order.iter().enumerate() {
                places[*at] = place;
            }
            let length = |link: &Link| {
                let steps = places[link.a].abs_diff(places[link.b]);
                steps.min(all - steps).pow(2)
            };
            self.links.iter().map(length).sum()
        };
        let mut best = cost(&order);
        for _ in 0..4 {
            let before = best;
            for one in 0..all {
                for other in 0..one {
                    order.swap(one, other);
                    let now = cost(&order);
                    if now < best { best = now } else { order.swap(one, other) }
                }
            }
            if best == before {
                break;
            }
        }
        order
    }

    // ── as a tree ──────────────────────────────────────────────────────────────────────────────────────────────────

    /// The box with the least distance to its furthest box; of several, the one with the most links.
    fn middle(&self) -> usize {
        let rank = |at: &usize| {
            let tree = self.tree(*at);
            let deepest = tree.depth.iter().copied().max().unwrap_or(0);
            let sum: usize = tree.depth.iter().sum();
            (deepest, sum, std::cmp::Reverse(self.near[*at].len()), *at)
        };
        (0..self.sizes.len()).min_by_key(rank).unwrap_or(0)
    }

    fn tree(&self, root: usize) -> Tree {
        let all = self.sizes.len();
        let mut tree = Tree { depth: vec![usize::MAX; all], children: vec![Vec::new(); all], order: Vec::new() };
        tree.depth[root] = 0;
        let mut queue = std::collections::VecDeque::from([root]);
        while let Some(at) = queue.pop_front() {
            for next in &self.near[at] {
                if tree.depth[*next] == usize::MAX {
                    tree.depth[*next] = tree.depth[at] + 1;
                    tree.children[at].push(*next);
                    queue.push_back(*next);
                }
            }
        }
        tree.walk(root);
        tree
    }

    /// The root in the middle, its branches in columns to the right and to the left; or all to the right.
    fn columns(&self, root: usize) -> Vec<Vec<Rect>> {
        let tree = self.tree(root);
        let branches = &tree.children[root];
        let height = |at: &usize| self.branch_height(&tree, *at);
        let whole: f64 = branches.iter().map(height).sum();
        let mut above = 0.0;
        let half = branches.iter().take_while(|branch| {
            above += height(branch) / 2.0;
            let first = above <= whole / 2.0;
            above += height(branch) / 2.0;
            first
        });
        let (right, left) = branches.split_at(half.count());
        let mut placed = vec![self.in_columns(&tree, root, right, left)];
        if self.sizes.len() <= 12 {
            placed.push(self.in_columns(&tree, root, branches, &[]));
        }
        placed
    }

    fn branch_height(&self, tree: &Tree, at: usize) -> f64 {
        let children = &tree.children[at];
        let below: f64 = children.iter().map(|child| self.branch_height(tree, *child)).sum();
        below.max(self.sizes[at].h + self.gap.h)
    }

    fn in_columns(&self, tree: &Tree, root: usize, right: &[usize], left: &[usize]) -> Vec<Rect> {
        let mut boxes = vec![Rect::at(Point::default(), self.sizes[root]); self.sizes.len()];
        for (branches, way) in [(right, 1.0), (left, -1.0)] {
            let members: Vec<usize> = branches.iter().flat_map(|branch| tree.below(*branch)).collect();
            let deepest = members.iter().map(|at| tree.depth[*at]).max().unwrap_or(0);
            let mut x = self.sizes[root].w / 2.0;
            let mut middles = vec![0.0; deepest + 1];
            for (depth, middle) in middles.iter_mut().enumerate().skip(1) {
                let here = || members.iter().filter(|at| tree.depth[**at] == depth);
                let width = here().map(|at| self.sizes[*at].w).fold(0.0, f64::max);
                let labels = here().flat_map(|at| self.links.iter().filter(move |link| link.a == *at || link.b == *at));
                let label = labels.map(|link| link.level.w.max(link.across.w)).fold(0.0, f64::max);
                x += self.gap.w.max(label + 4.0 * STUB);
                *middle = way * (x + width / 2.0);
                x += width;
            }
            let whole: f64 = branches.iter().map(|branch| self.branch_height(tree, *branch)).sum();
            let mut top = -whole / 2.0;
            for branch in branches {
                self.hang(tree, *branch, top, &middles, &mut boxes);
                top += self.branch_height(tree, *branch);
            }
        }
        boxes
    }

    fn hang(&self, tree: &Tree, at: usize, top: f64, middles: &[f64], boxes: &mut [Rect]) {
        let height = self.branch_height(tree, at);
        let below: f64 = tree.children[at].iter().map(|child| self.branch_height(tree, *child)).sum();
        let mut next = top + (height - below) / 2.0;
        for child in &tree.children[at] {
            self.hang(tree, *child, next, middles, boxes);
            next += self.branch_height(tree, *child);
        }
        boxes[at] = Rect::at(Point { x: middles[tree.depth[at]], y: top + height / 2.0 }, self.sizes[at]);
    }
}

/// Parents and children, nearest to the root first.
struct Tree {
    depth: Vec<usize>,
    children: Vec<Vec<usize>>,
    /// Each box before its children, branch by branch.
    order: Vec<usize>,
}

impl Tree {
    fn walk(&mut self, at: usize) {
        self.order.push(at);
        for child in self.children[at].clone() {
            self.walk(child);
        }
    }

    fn below(&self, at: usize) -> Vec<usize> {
        let rest = self.children[at].iter().flat_map(|child| self.below(*child));
        std::iter::once(at).chain(rest).collect()
    }

    fn leaves_of(&self, at: usize) -> Vec<usize> {
        self.below(at).into_iter().filter(|at| self.children[*at].is_empty()).collect()
    }
}

/// Points on a ring from (-1, -1) to (1, 1), clockwise from the top, spaced for boxes: `stretch` is a box's aspect
/// ratio (height by width) relative to the ring's.
fn ring(points: usize, stretch: f64) -> Vec<Point> {
    const FINE: usize = 1440;
    let power = if points <= ROUND { 2.0 } else { 5.0 };
    let at = |turn: f64| {
        let angle = (turn - 0.25) * std::f64::consts::TAU;
        let (sin, cos) = angle.sin_cos();
        let radius = (cos.abs().powf(power) + sin.abs().powf(power)).powf(-1.0 / power);
        Point { x: cos * radius, y: sin * radius }
    };
    let fine: Vec<Point> = (0..=FINE).map(|n| at(n as f64 / FINE as f64)).collect();
    // Two boxes are apart if they are apart in one direction.
    let far = |a: Point, b: Point| ((a.x - b.x).abs() * stretch).max((a.y - b.y).abs());
    let mut way = vec![0.0];
    for pair in fine.windows(2) {
        way.push(way[way.len() - 1] + far(pair[0], pair[1]));
    }
    let whole = way[FINE];
    // An even number of points is symmetric left and right of the top.
    let first = if points.is_multiple_of(2) { 0.5 } else { 0.0 };
    let spot = |n: usize| {
        let wanted = (n as f64 + first) / points as f64 * whole;
        fine[way.partition_point(|so_far| *so_far < wanted - 1e-9).min(FINE)]
    };
    (0..points).map(spot).collect()
}
