//! `peerlab schema`

use super::Ending;
use super::context::Context;
use crate::lab;

pub(super) fn run(context: &Context) -> Ending {
    context.print_json(&lab::schema());
    Ending::Done
}
