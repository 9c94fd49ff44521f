//! Every fault of an operation: a call reports only the first, a lab file all of them.

use super::{
    Call, Cloud, CreateNetworkAclEntry, CreateRouterInterface, CreateVpc, Operation, Provider, Refusal, Role,
    RuleArguments, Spec,
};

impl Cloud {
    /// Why an operation is refused: the first reason for each argument at fault, in the order in which calls would
    /// report them; empty if it is not refused. Faults that depend on a wrong argument are not reported.
    pub fn faults(&self, operation: &Operation) -> Vec<Refusal> {
        let mut operation = operation.clone();
        let mut faults: Vec<Refusal> = Vec::new();
        while let Err(refusal) = self.clone().apply(&operation) {
            if faults.iter().any(|fault| fault.argument == refusal.argument) {
                break;
            }
            let mended = refusal.argument.is_some_and(|argument| mend(&mut operation.call, argument, self.provider));
            faults.push(refusal);
            if !mended {
                break;
            }
        }
        faults
    }
}

/// Replaces an argument by a value that is valid with any others, so that these can be checked; returns whether there
/// is one.
fn mend(call: &mut Call, argument: &str, provider: &Provider) -> bool {
    match call {
        Call::CreateVpc(call) => mend_vpc(call, argument),
        Call::CreateRouterInterface(call) => mend_router_interface(call, argument, provider),
        Call::CreateInstance(call) => match argument {
            "ip" => clear(&mut call.ip),
            "public-ip" => clear(&mut call.public_ip),
            "forwards" => clear(&mut call.forwards),
            "masquerade" => clear(&mut call.masquerade),
            _ => false,
        },
        Call::CreateSecurityGroup(call) if argument == "inner-access" => clear(&mut call.inner_access),
        Call::CreatePeering(call) if argument == "spec" => set(&mut call.spec, provider.ends().specs[0].name),
        Call::CreateNetworkAcl(call) if argument == "default" => clear(&mut call.default),
        Call::AssociatePublicIp(call) if argument == "public-ip" => clear(&mut call.public_ip),
        Call::CreateNatGateway(call) if argument == "public-ip" => clear(&mut call.public_ip),
        Call::CreateDnatEntry(call) => match argument {
            "protocol" => set(&mut call.protocol, "tcp"),
            "to-port" => clear(&mut call.to_port),
            _ => false,
        },
        Call::CreateNetworkAclEntry(call) => mend_entry(call, argument),
        Call::AuthorizeSecurityGroup(call) => mend_rule(&mut call.rule, argument),
        Call::AuthorizeSecurityGroupEgress(call) => mend_rule(&mut call.rule, argument),
        Call::RevokeSecurityGroup(call) => mend_rule(&mut call.rule, argument),
        Call::RevokeSecurityGroupEgress(call) => mend_rule(&mut call.rule, argument),
        _ => false,
    }
}

fn mend_vpc(call: &mut CreateVpc, argument: &str) -> bool {
    match argument {
        "region" => set(&mut call.region, "r"),
        "cidr" => set(&mut call.cidr, "10.0.0.0/16"),
        "id" => clear(&mut call.id),
        "router-id" => clear(&mut call.router_id),
        "mtu" => clear(&mut call.mtu),
        _ => false,
    }
}

fn mend_router_interface(call: &mut CreateRouterInterface, argument: &str, provider: &Provider) -> bool {
    match argument {
        // The role that can have the spec.
        "role" => match &call.spec {
            Some(spec) if !spec.eq_ignore_ascii_case(Spec::OF_ACCEPTOR) => set(&mut call.role, "initiator"),
            _ => set(&mut call.role, "acceptor"),
        },
        "spec" if Role::named(&call.role) == Ok(Role::Initiator) => {
            call.spec = Some(provider.ends().specs[0].name.into());
            true
        }
        "spec" => clear(&mut call.spec),
        "opposite-region" => set(&mut call.opposite_region, "r"),
        "latency" => clear(&mut call.latency),
        "mtu" => clear(&mut call.mtu),
        _ => false,
    }
}

fn mend_rule(rule: &mut RuleArguments, argument: &str) -> bool {
    match argument {
        "protocol" => {
            set(&mut rule.protocol, if rule.port.as_deref().is_none_or(|port| port == "-1/-1") { "all" } else { "tcp" })
        }
        "port" => clear(&mut rule.port),
        "policy" => clear(&mut rule.policy),
        "priority" => clear(&mut rule.priority),
        "cidr" | "group" | "group-account" => {
            (rule.group, rule.group_account) = (None, None);
            rule.cidr = Some("0.0.0.0/0".into());
            true
        }
        _ => false,
    }
}

fn mend_entry(call: &mut CreateNetworkAclEntry, argument: &str) -> bool {
    match argument {
        "direction" => set(&mut call.direction, "ingress"),
        "protocol" => set(&mut call.protocol, if call.port.is_none() { "all" } else { "tcp" }),
        "port" => clear(&mut call.port),
        "cidr" => set(&mut call.cidr, "0.0.0.0/0"),
        "policy" => clear(&mut call.policy),
        _ => false,
    }
}

fn set(argument: &mut String, value: &str) -> bool {
    *argument = value.into();
    true
}

fn clear(argument: &mut Option<String>) -> bool {
    *argument = None;
    true
}
