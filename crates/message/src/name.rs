//! Names as values of messages: each reads the same in every language, and is `{"kind","name"}` for programs.

use std::fmt;
use std::sync::Arc;

use serde_json::{Value, json};

use super::{Of, Say};
use crate::language::Language;

macro_rules! names {
    ($($(#[$doc:meta])* $name:ident = $kind:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq)]
        pub struct $name(Arc<str>);

        /// Of a name, an id, or what somebody wrote for one.
        impl<T: fmt::Display> Of<T> for $name {
            fn of(from: T) -> Self {
                $name(from.to_string().into())
            }
        }

        impl Say for $name {
            fn say(&self, _: Language, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }

            fn json(&self) -> Value {
                json!({ "kind": $kind, "name": &*self.0 })
            }
        }
    )*};
}

names! {
    /// An account.
    Account = "account";
    /// A VPC.
    Vpc = "vpc";
    /// A subnet, `VPC/SUBNET`.
    Subnet = "subnet";
    /// An instance.
    Instance = "instance";
    /// A route table.
    RouteTable = "route-table";
    /// A security group.
    Group = "security-group";
    /// A network ACL.
    NetworkAcl = "network-acl";
    /// A NAT gateway.
    NatGateway = "nat-gateway";
    /// A gateway to the internet.
    Gateway = "gateway";
    /// One side of a peering, of either provider.
    Peering = "peering";
    /// A lab.
    Lab = "lab";
}
