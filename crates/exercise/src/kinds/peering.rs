//! Peerings: an end that is inactive, missing, or bound to another; a request that nobody accepts.

use super::Candidates;
use crate::cloud::{Cloud, broken_peerings};

pub(super) fn propose(cloud: &Cloud, to: &mut Candidates) {
    broken_peerings(cloud).into_iter().for_each(|(account, lines)| to.add(&account, lines));
}
