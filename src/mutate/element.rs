//! The parts of a lab that can be left out: those that decide about packets, not the resources that they refer to.

use crate::cloud::{Call, Cloud, Operation, Origin};
use crate::error::Span;

/// An operation, or a part of one.
pub(super) struct Element {
    /// Its kind, as in `this route entry`.
    pub(super) what: &'static str,
    /// Its place in the file.
    pub(super) span: Span,
    /// The operation that replaces it.
    instead: Option<Operation>,
}

impl Element {
    /// The parts of an operation that can be left out. A VPC, subnet, table, group or instance is not one of them,
    /// because the cloud refuses the other operations without it.
    pub(super) fn of(operation: &Operation) -> Vec<Self> {
        let Origin::File { span, arguments } = &operation.origin else { return Vec::new() };
        let whole = |what| vec![Element { what, span: span.clone(), instead: None }];
        let part = |what, argument: &str, place: usize, call: Call| {
            let mut places = arguments.iter().filter(|(name, _)| *name == argument).map(|(_, span)| span.clone());
            let span = places.nth(place).unwrap_or_else(|| span.clone());
            Element { what, span, instead: Some(Operation { call, ..operation.clone() }) }
        };
        match &operation.call {
            Call::CreateVpc(_)
            | Call::DeleteVpc(_)
            | Call::CreateSubnet(_)
            | Call::DeleteSubnet(_)
            | Call::CreateRouteTable(_)
            | Call::DeleteRouteTable(_)
            | Call::DeleteSecurityGroup(_)
            | Call::DeleteInstance(_) => Vec::new(),
            Call::CreateSecurityGroup(call) => {
                let without = |_: &String| {
                    let mut call = call.clone();
                    call.inner_access = None;
                    part("this inner access", "inner-access", 0, Call::CreateSecurityGroup(call))
                };
                call.inner_access.iter().map(without).collect()
            }
            Call::CreateInstance(call) => {
                let groups = (0..call.security_group.len()).map(|place| {
                    let mut call = call.clone();
                    call.security_group.remove(place);
                    part("this membership", "security-group", place, Call::CreateInstance(call))
                });
                let public_ip = call.public_ip.iter().map(|_| {
                    let mut call = call.clone();
                    call.public_ip = None;
                    part("this public address", "public-ip", 0, Call::CreateInstance(call))
                });
                groups.chain(public_ip).collect()
            }
            Call::AssociateRouteTable(_) => whole("this association"),
            Call::UnassociateRouteTable(_) => whole("taking this association back"),
            Call::CreateRouteEntry(call) if call.next_hop.len() > 1 => {
                let without = |place: usize| {
                    let mut call = call.clone();
                    call.next_hop.remove(place);
                    part("this next hop", "next-hop", place, Call::CreateRouteEntry(call))
                };
                (0..call.next_hop.len()).map(without).collect()
            }
            Call::CreateRouteEntry(_) => whole("this route entry"),
            Call::DeleteRouteEntry(_) => whole("taking this route entry out"),
            Call::AuthorizeSecurityGroup(_) | Call::AuthorizeSecurityGroupEgress(_) => whole("this rule"),
            Call::RevokeSecurityGroup(_) | Call::RevokeSecurityGroupEgress(_) => whole("taking this rule out"),
            Call::JoinSecurityGroup(_) => whole("joining this group"),
            Call::LeaveSecurityGroup(_) => whole("leaving this group"),
            Call::CreateRouterInterface(_) => whole("this router interface"),
            Call::ModifyRouterInterfaceAttribute(_) => whole("setting this other end"),
            Call::ConnectRouterInterface(_) => whole("this connect"),
            Call::ActivateRouterInterface(_) => whole("activating this end"),
            Call::DeactivateRouterInterface(_) => whole("deactivating this end"),
            Call::DeleteRouterInterface(_) => whole("deleting this end"),
            Call::ModifyRouterInterfaceSpec(_) => whole("this change of the bandwidth class"),
            Call::CreatePeering(_) => whole("this peering"),
            Call::CreateVpcPeering(_) => whole("this half of a peering"),
            Call::DeleteVpcPeering(_) => whole("deleting this half of a peering"),
        }
    }

    /// The cloud after the operation, without this part.
    pub(super) fn leave_out(&self, before: &Cloud) -> Cloud {
        let mut cloud = before.clone();
        if let Some(instead) = &self.instead {
            // If even the rest is refused, leave out all of it.
            let _ = cloud.apply(instead);
        }
        cloud
    }
}
