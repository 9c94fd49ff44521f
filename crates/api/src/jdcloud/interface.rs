//! Network interfaces: instances and NAT gateways have one each.

use peerlab_cloud::Instance;

use crate::derived::derived;

/// The id of a network interface.
pub(super) fn interface_id(it: &Instance) -> String {
    derived("port-", &[&it.id.0])
}
