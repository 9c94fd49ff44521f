//! From the Cloud to the Network: a function of the Cloud alone.

use super::model::Network;
use crate::cloud::Cloud;

/// The kernel that carries this Cloud.
pub fn compile(cloud: &Cloud) -> Network {
    let _ = cloud;
    todo!("compile helper")
}
