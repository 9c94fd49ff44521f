//! Order: a teardown that went half way, and what was made again after something that needs it.

use super::Candidates;
use crate::cloud::{Cloud, disordered_peerings};

pub(super) fn propose(cloud: &Cloud, to: &mut Candidates) {
    disordered_peerings(cloud).into_iter().for_each(|(account, lines)| to.add(&account, lines));
}
