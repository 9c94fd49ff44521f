//! Limits of every kernel, checked before anything is created.

use std::collections::BTreeMap;

use crate::error::{Error, Errors};
use crate::kernel::messages::Said;
use crate::msg;
use crate::network::model::{LinkKind, Network};

/// A bridge's ports (BR_MAX_PORTS, net/bridge/br_private.h), minus the number that means none.
const PORTS: usize = 1023;

/// Checks that a kernel can hold this network.
pub fn fits(lab: &str, desired: &Network) -> Result<(), Errors> {
    let mut errors = Errors::default();
    for (name, namespace) in &desired.namespaces {
        let mut ports: BTreeMap<_, usize> = BTreeMap::new();
        for link in namespace.links.values() {
            if let LinkKind::Veth { bridge: Some(bridge), .. } = &link.kind {
                *ports.entry(bridge).or_default() += 1;
            }
        }
        for (bridge, ports) in ports.into_iter().filter(|(_, ports)| *ports > PORTS) {
            let full = namespace.links.get(bridge).and_then(|link| link.altname.as_deref());
            let subnet = full.unwrap_or(bridge.as_str());
            let message = msg!(Said::TooManyPorts { subnet, lab, name, instances: ports, ports: PORTS });
            errors.0.push(Error::host(message).code("EXFULL").hint(Said::AnotherSubnet));
        }
    }
    errors.into_result()
}
