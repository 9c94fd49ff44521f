//! Endpoints of the Cloud as namespaces, and back.

use super::outcome::Answerer;
use crate::cloud::Cloud;
use crate::flow::Endpoint;
use crate::network::compile;
use crate::network::model::NamespaceName;

/// The namespace of an endpoint. An address belongs to the internet or to nobody; nothing listens for packets that
/// never leave.
pub(super) fn namespace(cloud: &Cloud, endpoint: &Endpoint) -> Option<NamespaceName> {
    match endpoint {
        Endpoint::Instance(name) => Some(compile::of_instance(cloud, name)),
        Endpoint::Internet => Some(compile::INTERNET.into()),
        Endpoint::Address(address) => {
            (!address.is_private() && !address.is_link_local()).then(|| compile::INTERNET.into())
        }
    }
}

/// The router of this namespace by its VPC's name, or `internet`.
pub(super) fn router(cloud: &Cloud, namespace: &NamespaceName) -> String {
    match who(cloud, namespace) {
        Some(Answerer::Router(vpc)) => vpc.to_string(),
        _ => namespace.to_string(),
    }
}

/// The instance or router that answers in this namespace; `None`: this Cloud has none there.
pub(super) fn who(cloud: &Cloud, namespace: &NamespaceName) -> Option<Answerer> {
    let endpoint = match namespace.as_str() {
        compile::INTERNET => Some(Endpoint::Internet),
        _ => compile::instance_of(cloud, namespace).map(Endpoint::Instance),
    };
    let router = || cloud.vpcs().find(|vpc| compile::of_vpc(&vpc.name) == *namespace).map(|vpc| vpc.name.clone());
    endpoint.map(Answerer::Endpoint).or_else(|| router().map(Answerer::Router))
}
