//! The order of names in output.

use std::borrow::Borrow;
use std::cmp::Ordering;
use std::collections::BTreeMap;

/// Compares names in natural order: `v2` before `v10`.
pub(crate) fn natural(a: &str, b: &str) -> Ordering {
    parts(a).cmp(&parts(b)).then_with(|| a.cmp(b))
}

/// The distinct names in natural order, and the index of each name among them.
pub(crate) fn distinct<T: Borrow<str> + Clone + Ord>(names: &[T]) -> (Vec<T>, Vec<usize>) {
    let mut distinct = names.to_vec();
    distinct.sort_by(|a, b| natural(a.borrow(), b.borrow()));
    distinct.dedup();
    let places: BTreeMap<_, _> = distinct.iter().zip(0..).collect();
    let places = names.iter().map(|name| places[name]).collect();
    (distinct, places)
}

/// Runs of digits as numbers of any size (by the count of their digits, then by these), everything else as it is.
fn parts(text: &str) -> Vec<(usize, &str)> {
    let mut parts = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let digits = first.is_ascii_digit();
        let end = rest.find(|c: char| c.is_ascii_digit() != digits).unwrap_or(rest.len());
        let (part, after) = rest.split_at(end);
        parts.push(match part.trim_start_matches('0') {
            number if digits => (number.len(), number),
            _ => (usize::MAX, part),
        });
        rest = after;
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_in_names_are_numbers() {
        let mut names = ["v10", "v2", "a", "v", "v2b", "v1"];
        names.sort_by(|a, b| natural(a, b));
        assert_eq!(names, ["a", "v", "v1", "v2", "v2b", "v10"]);
        let long = [format!("网站{}", "9".repeat(40)), format!("网站1{}", "0".repeat(40))];
        let mut names = ["网站10", "网站2", &long[1], "网站", &long[0], "10", "9", "网站02"];
        names.sort_by(|a, b| natural(a, b));
        assert_eq!(names, ["9", "10", "网站", "网站02", "网站2", "网站10", &long[0], &long[1]]);
    }
}
