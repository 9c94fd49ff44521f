use super::*;

const GAP: Size = Size { w: 40.0, h: 40.0 };

/// Boxes of three sizes.
fn boxes(count: usize) -> Vec<Size> {
    (0..count).map(|n| Size { w: 120.0 + 40.0 * (n % 3) as f64, h: 50.0 + 30.0 * (n % 2) as f64 }).collect()
}

fn links(pairs: impl IntoIterator<Item = (usize, usize)>) -> Vec<Link> {
    let pairs: Vec<_> = pairs.into_iter().collect();
    // As in real pictures: if there are many lines, few have a label.
    let label = |nth: usize| match pairs.len() <= 60 || nth.is_multiple_of(20) {
        true => Size { w: 60.0, h: 18.0 },
        false => Size::default(),
    };
    let link = |(nth, (a, b)): (usize, &(usize, usize))| {
        let label = label(nth);
        Link { a: *a, b: *b, level: label, across: label, upright: label }
    };
    pairs.iter().enumerate().map(link).collect()
}

fn chain(n: usize) -> Vec<Link> {
    links((1..n).map(|at| (at - 1, at)))
}

fn ring(n: usize) -> Vec<Link> {
    links((0..n).filter(|_| n > 2).map(|at| (at, (at + 1) % n)))
}

fn star(n: usize) -> Vec<Link> {
    links((1..n).map(|at| (0, at)))
}

fn tree(n: usize) -> Vec<Link> {
    links((1..n).map(|at| ((at - 1) / 4, at)))
}

/// As many links as a provider allows a VPC.
fn mesh(n: usize) -> Vec<Link> {
    let reach = (n - 1).min(10) / 2;
    links((0..n).flat_map(|at| (1..=reach.max(1)).map(move |step| (at, (at + step) % n))).filter(|(a, b)| a != b))
}

fn nothing(_: usize) -> Vec<Link> {
    Vec::new()
}

type Shape = fn(usize) -> Vec<Link>;
const SHAPES: [(&str, Shape); 6] =
    [("chain", chain), ("ring", ring), ("star", star), ("tree", tree), ("mesh", mesh), ("nothing", nothing)];

/// The local VPC is on the left and the peer on the right, regardless of their names and other links.
#[test]
fn a_chain_runs_from_left_to_right_as_its_links_do() {
    // As many links in each direction: the first one decides, which is the peering, before the internet's border.
    for (count, pairs, order) in [
        (2, vec![(0, 1)], vec![0, 1]),
        (2, vec![(1, 0)], vec![1, 0]),
        (3, vec![(0, 1), (0, 2)], vec![2, 0, 1]),
        (3, vec![(1, 0), (1, 2)], vec![2, 1, 0]),
        (4, vec![(3, 2), (2, 1), (0, 1)], vec![3, 2, 1, 0]),
    ] {
        let layout = arrange(&boxes(count), &links(pairs.clone()), GAP);
        let mut seen: Vec<usize> = (0..count).collect();
        seen.sort_by(|a, b| layout.boxes[*a].x.total_cmp(&layout.boxes[*b].x));
        assert_eq!(seen, order, "{pairs:?}");
    }
}

#[test]
fn boxes_of_every_shape_stand_apart_and_inside() {
    for (name, shape) in SHAPES {
        for n in [2, 3, 4, 5, 6, 7, 8, 10, 13, 20, 35, 50] {
            let layout = arrange(&boxes(n), &shape(n), GAP);
            let whole = Rect { x: 0.0, y: 0.0, w: layout.size.w, h: layout.size.h };
            for (index, rect) in layout.boxes.iter().enumerate() {
                assert_eq!((rect.w, rect.h), (boxes(n)[index].w, boxes(n)[index].h), "{name} of {n}");
                let other = layout.boxes[..index].iter().position(|other| other.grown(8.0, 8.0).overlaps(*rect));
                assert_eq!(other, None, "{name} of {n}: box {index} stands on another");
                assert_eq!(whole.around(*rect), whole, "{name} of {n}: box {index} is outside");
            }
            for line in &layout.lines {
                assert_eq!(whole.around(line.label), whole, "{name} of {n}: a label is outside");
                for part in 0..=20 {
                    let at = line.at(part as f64 / 20.0);
                    let outside = at.x < -0.5 || at.y < -0.5 || at.x > whole.w + 0.5 || at.y > whole.h + 0.5;
                    assert!(!outside, "{name} of {n}: a line is outside");
                }
            }
        }
    }
}

#[test]
fn lines_run_through_no_box() {
    for (name, shape) in SHAPES {
        for n in [2, 3, 5, 8, 10, 20, 50].into_iter().filter(|n| *n < 50 || name != "mesh") {
            let layout = arrange(&boxes(n), &shape(n), GAP);
            let faults = route::faults(&layout.boxes, &layout.lines);
            assert_eq!(faults.hits, 0, "{name} of {n}");
        }
    }
}

#[test]
fn lines_of_plain_shapes_do_not_cross_and_their_labels_cover_nothing() {
    for (name, shape) in &SHAPES[..4] {
        for n in [2, 3, 4, 5, 8, 10, 16, 20, 35, 50] {
            let layout = arrange(&boxes(n), &shape(n), GAP);
            let faults = route::faults(&layout.boxes, &layout.lines);
            assert_eq!((faults.crossings, faults.covered), (0, 0), "{name} of {n}");
        }
    }
}

#[test]
fn every_line_begins_and_ends_at_its_own_boxes() {
    for (name, shape) in SHAPES {
        for n in [2, 5, 10, 30] {
            let (links, layout) = (shape(n), arrange(&boxes(n), &shape(n), GAP));
            for (link, line) in links.iter().zip(&layout.lines) {
                for (end, at) in [(line.from, link.a), (line.to, link.b)] {
                    let rect = layout.boxes[at];
                    assert!(rect.grown(1.0, 1.0).contains(end), "{name} of {n}: {end:?} is not at {rect:?}");
                    assert!(!rect.grown(-1.0, -1.0).contains(end), "{name} of {n}: {end:?} is inside {rect:?}");
                }
            }
        }
    }
}

#[test]
fn a_hub_stands_in_the_middle_of_its_spokes_and_a_chain_in_a_row() {
    let layout = arrange(&boxes(7), &star(7), GAP);
    let hub = layout.boxes[0].center();
    let spokes = || layout.boxes[1..].iter().map(|spoke| spoke.center());
    let sides = [spokes().any(|at| at.x < hub.x), spokes().any(|at| at.x > hub.x)];
    let ends = [spokes().any(|at| at.y < hub.y), spokes().any(|at| at.y > hub.y)];
    assert_eq!((sides, ends), ([true; 2], [true; 2]), "spokes on every side: {layout:?}");
    let layout = arrange(&boxes(4), &chain(4), GAP);
    for pair in layout.boxes.windows(2) {
        assert!(pair[0].x + pair[0].w < pair[1].x && (pair[0].center().y - pair[1].center().y).abs() <= 1.0);
    }
}

#[test]
fn parts_stand_in_rows_where_one_row_would_be_too_wide() {
    let three = |of: usize| links((0..3).flat_map(|hub| (1..of).map(move |at| (hub * of, hub * of + at))));
    let wide = arrange(&boxes(33), &three(11), GAP).size;
    assert!(wide.w < 2.2 * wide.h, "{wide:?}");
    let few = arrange(&boxes(3), &[], GAP);
    assert!(few.boxes.windows(2).all(|pair| pair[0].x + pair[0].w < pair[1].x), "{few:?}");
}

#[test]
fn two_lines_between_the_same_boxes_are_two_lines() {
    let layout = arrange(&boxes(2), &links([(0, 1), (1, 0), (0, 1)]), GAP);
    let middles: Vec<_> = layout.lines.iter().map(|line| line.at(0.5)).collect();
    for (index, middle) in middles.iter().enumerate() {
        assert!(middles[..index].iter().all(|other| other.distance(*middle) > 15.0), "{middles:?}");
    }
}

#[test]
fn the_same_lab_is_always_drawn_alike() {
    for (_, shape) in SHAPES {
        assert_eq!(arrange(&boxes(20), &shape(20), GAP), arrange(&boxes(20), &shape(20), GAP));
    }
}

#[test]
fn a_big_lab_fits_a_slide() {
    for (name, shape) in SHAPES {
        let Size { w, h } = arrange(&boxes(50), &shape(50), GAP).size;
        assert!((0.4..4.5).contains(&(w / h)) && w < 4200.0 && h < 3000.0, "{name}: {w} by {h}");
    }
}
