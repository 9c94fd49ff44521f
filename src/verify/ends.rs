//! Endpoints of the Cloud as namespaces, and back.

use crate::cloud::Cloud;
use crate::flow::Endpoint;
use crate::network::compile;
use crate::network::model::NamespaceName;

/// The namespace of an endpoint. An address belongs to the internet or to nobody; nothing listens for packets that
/// never leave.
pub(super) fn namespace(cloud: &Cloud, endpoint: &Endpoint) -> Option<NamespaceName> {
    match endpoint {
        Endpoint::Instance(name) => Some(compile::of_instance(cloud, name)),
        Endpoint::Internet => Some("internet".into()),
        Endpoint::Address(address) => (!address.is_private() && !address.is_link_local()).then(|| "internet".into()),
    }
}

/// The endpoint of an instance's or the internet's namespace.
pub(super) fn endpoint(cloud: &Cloud, namespace: &NamespaceName) -> Option<Endpoint> {
    match namespace.as_str() {
        "internet" => Some(Endpoint::Internet),
        _ => compile::instance_of(cloud, namespace).map(Endpoint::Instance),
    }
}
