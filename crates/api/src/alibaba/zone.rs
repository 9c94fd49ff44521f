//! Which zone a vSwitch is in.

use peerlab_cloud::Subnet;

use crate::action::Asked;
use crate::kept::ZONE;

/// The zone of something in a region, unless the request named another.
pub(super) fn usual_zone(region: &str) -> String {
    format!("{region}-a")
}

/// The zone of a vSwitch.
pub(super) fn zone_of(asked: &Asked<'_>, subnet: &Subnet) -> String {
    let usual = || usual_zone(asked.region(&subnet.name.vpc));
    asked.kept.word(&subnet.id.0, ZONE).map_or_else(usual, str::to_owned)
}
