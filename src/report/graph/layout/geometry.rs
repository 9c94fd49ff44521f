//! Points, rectangles, and intersections.

/// A point, in pixels.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
#[allow(missing_docs)]
pub struct Point {
    pub x: f64,
    pub y: f64,
}

/// A size, in pixels.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
#[allow(missing_docs)]
pub struct Size {
    pub w: f64,
    pub h: f64,
}

/// A rectangle, by its left upper corner.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
#[allow(missing_docs)]
pub struct Rect {
    pub x: f64,
    pub y: f64,
    pub w: f64,
    pub h: f64,
}

impl Point {
    pub(crate) fn toward(self, other: Point, part: f64) -> Point {
        Point { x: self.x + (other.x - self.x) * part, y: self.y + (other.y - self.y) * part }
    }

    pub(crate) fn distance(self, other: Point) -> f64 {
        (self.x - other.x).hypot(self.y - other.y)
    }

    pub(crate) fn moved(self, x: f64, y: f64) -> Point {
        Point { x: self.x + x, y: self.y + y }
    }

    /// Rounds to a tenth of a pixel.
    pub(crate) fn rounded(self) -> Point {
        Point { x: (self.x * 10.0).round() / 10.0, y: (self.y * 10.0).round() / 10.0 }
    }
}

impl Rect {
    /// A rectangle around a point, with its corner on a whole pixel.
    pub(crate) fn at(center: Point, size: Size) -> Rect {
        Rect { x: (center.x - size.w / 2.0).round(), y: (center.y - size.h / 2.0).round(), w: size.w, h: size.h }
    }

    /// Its centre.
    pub fn center(self) -> Point {
        Point { x: self.x + self.w / 2.0, y: self.y + self.h / 2.0 }
    }

    /// The smallest rectangle that contains both.
    pub fn around(self, other: Rect) -> Rect {
        let (x, y) = (self.x.min(other.x), self.y.min(other.y));
        let (right, bottom) = ((self.x + self.w).max(other.x + other.w), (self.y + self.h).max(other.y + other.h));
        Rect { x, y, w: right - x, h: bottom - y }
    }

    pub(crate) fn moved(self, x: f64, y: f64) -> Rect {
        Rect { x: self.x + x, y: self.y + y, ..self }
    }

    /// Enlarged by this on every side.
    pub fn grown(self, w: f64, h: f64) -> Rect {
        Rect { x: self.x - w, y: self.y - h, w: self.w + 2.0 * w, h: self.h + 2.0 * h }
    }

    /// Whether the two share more than an edge.
    pub fn overlaps(self, other: Rect) -> bool {
        self.x < other.x + other.w
            && other.x < self.x + self.w
            && self.y < other.y + other.h
            && other.y < self.y + self.h
    }

    pub(crate) fn contains(self, point: Point) -> bool {
        point.x > self.x && point.x < self.x + self.w && point.y > self.y && point.y < self.y + self.h
    }

    /// Whether a straight line passes through the inside.
    pub(crate) fn is_crossed(self, a: Point, b: Point) -> bool {
        // Liang and Barsky: the part of the line between all four edges.
        let (mut first, mut last) = (0.0f64, 1.0f64);
        let (dx, dy) = (b.x - a.x, b.y - a.y);
        for (step, room) in
            [(-dx, a.x - self.x), (dx, self.x + self.w - a.x), (-dy, a.y - self.y), (dy, self.y + self.h - a.y)]
        {
            if step.abs() < 1e-9 {
                if room <= 0.0 {
                    return false;
                }
            } else if step < 0.0 {
                first = first.max(room / step);
            } else {
                last = last.min(room / step);
            }
        }
        first + 1e-9 < last
    }

    /// The point where the line from the centre toward `point` leaves the rectangle.
    pub(crate) fn exit(self, point: Point) -> Point {
        let center = self.center();
        let (dx, dy) = (point.x - center.x, point.y - center.y);
        let part = (self.w / 2.0 / dx.abs().max(1e-9)).min(self.h / 2.0 / dy.abs().max(1e-9));
        center.toward(point, part.min(1.0))
    }
}

/// Whether two straight lines cross, other than at their ends.
pub(crate) fn cross(a: (Point, Point), b: (Point, Point)) -> bool {
    let side = |p: Point, q: Point, r: Point| (q.x - p.x) * (r.y - p.y) - (q.y - p.y) * (r.x - p.x);
    let apart = |one: f64, other: f64| (one > 1e-6 && other < -1e-6) || (one < -1e-6 && other > 1e-6);
    apart(side(a.0, a.1, b.0), side(a.0, a.1, b.1)) && apart(side(b.0, b.1, a.0), side(b.0, b.1, a.1))
}
