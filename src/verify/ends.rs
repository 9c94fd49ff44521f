//! Endpoints of the Cloud as namespaces, and back.

use std::fmt;

use crate::cloud::{Cloud, VpcName};
use crate::flow::Endpoint;
use crate::network::compile;
use crate::network::model::NamespaceName;

/// Somebody who answers.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Answerer {
    /// An instance, or the internet.
    Endpoint(Endpoint),
    /// The router of a VPC, which answers only after a change of the kernel by hand.
    Router(VpcName),
}

impl From<Endpoint> for Answerer {
    fn from(endpoint: Endpoint) -> Self {
        Answerer::Endpoint(endpoint)
    }
}

/// `ecs-b`, `internet`; a router as `vpc:VPC1`.
impl fmt::Display for Answerer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Answerer::Endpoint(endpoint) => endpoint.fmt(f),
            Answerer::Router(vpc) => f.pad(&format!("vpc:{vpc}")),
        }
    }
}

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
