//! Things that were deleted within the last hour, which lists still show as they were last.

use serde_json::{Value, json};

use super::list::Wanted;
use super::region;
use crate::action::{Asked, Change};
use crate::aside::Aside;

/// How long what is gone is seen, in seconds.
const SEEN: i64 = 3_600;

/// The caller's things of a kind that are gone from the request's region, unless one with the id is there again.
pub(super) fn seen(
    asked: &Asked<'_>,
    kind: &Aside,
    wanted: &Wanted<'_>,
    is_there: impl Fn(&str) -> bool,
) -> Vec<Value> {
    let read = |(id, text): (&str, &str)| {
        let kept: Value = serde_json::from_str(text).ok()?;
        let [shown, region, at] = ["shown", "region", "at"].map(|member| kept[member].clone());
        let here = region == *region::here(asked) && asked.caller.now - at.as_i64()? < SEEN;
        (here && !is_there(id)).then_some(shown)
    };
    kind.all(asked).into_iter().filter(|(id, _)| wanted.takes(id)).filter_map(read).collect()
}

/// Keeps a thing that goes, as it is seen afterwards.
pub(super) fn keep(change: &mut Change<'_>, kind: &Aside, id: &str, shown: &Value) {
    let asked = change.asked();
    let kept = json!({"shown": shown, "region": region::here(&asked), "at": asked.caller.now});
    kind.put(change, id, &kept.to_string());
}
