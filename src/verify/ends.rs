//! Endpoints of the Cloud as namespaces, and back.

use crate::cloud::Cloud;
use crate::flow::Endpoint;
use crate::network::compile;
use crate::network::model::NamespaceName;

/// The namespace of an endpoint. An address is somebody's out there, or nobody's: nothing listens for what never
/// leaves.
pub(super) fn namespace(cloud: &Cloud, endpoint: &Endpoint) -> Option<NamespaceName> {
    match endpoint {
        Endpoint::Instance(name) => Some(compile::of_instance(cloud, name)),
        Endpoint::Internet => Some("internet".into()),
        Endpoint::Address(address) => (!address.is_private() && !address.is_link_local()).then(|| "internet".into()),
    }
}

/// The endpoint that a namespace of instances, or the internet's, is.
pub(super) fn endpoint(cloud: &Cloud, namespace: &NamespaceName) -> Option<Endpoint> {
    match namespace.as_str() {
        "internet" => Some(Endpoint::Internet),
        _ => compile::instance_of(cloud, namespace).map(Endpoint::Instance),
    }
}
