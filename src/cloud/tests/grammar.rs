//! A call, the line that shows it, and the call that the line parses to.

use clap::CommandFactory;
use proptest::prelude::*;

use super::*;

#[test]
fn a_call_is_shown_as_it_is_typed() {
    for line in [
        "create-vpc VPC1 --region cn-qingdao --cidr 192.168.0.0/16 --id vpc-m5e1 --router-id vrt-AAA",
        "create-instance i --subnet V/s --ip 10.0.0.1 --security-group g --security-group h",
        "create-route-entry --vpc V --destination 10.0.0.0/8 --next-hop internet",
        "delete-route-entry --table t --destination 10.0.0.0/8",
        "authorize-security-group g --protocol icmp --port=-1/-1 --group h --group-account B --policy drop --priority 2",
        "connect-router-interface ri-a",
    ] {
        assert_eq!(parse(line).to_string(), line);
    }
    assert_eq!(
        parse("create-vswitch s --vpc V --cidr 10.0.0.0/24").to_string(),
        "create-subnet s --vpc V --cidr 10.0.0.0/24"
    );
}

#[test]
fn the_grammar_is_sound_and_every_operation_has_its_own_name() {
    let command = Grammar::command();
    command.clone().debug_assert();
    let names: Vec<_> = command.get_subcommands().map(|command| command.get_name().to_string()).collect();
    assert_eq!(names.len(), 30);
    for name in names {
        let help = command.find_subcommand(&name).unwrap();
        let required = help.get_arguments().filter(|argument| argument.is_required_set()).flat_map(|argument| {
            match argument.get_long() {
                Some(long) => vec![format!("--{long}"), "x".into()],
                None => vec!["x".into()],
            }
        });
        let mut words: Vec<String> = [name.clone()].into_iter().chain(required).collect();
        if Grammar::try_parse_from(&words).is_err() {
            let either = if name.contains("entry") { "--vpc" } else { "--cidr" };
            words.extend([either.into(), "x".into()]);
        }
        assert_eq!(Grammar::try_parse_from(&words).unwrap().call.name(), name);
    }
}

/// Any text of a lab file, including quotes, dashes and blanks.
fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        "[A-Za-z][A-Za-z0-9_.-]{0,12}",
        Just("--id".to_string()),
        Just("-1/-1".to_string()),
        Just("--".to_string()),
        Just(String::new()),
        "[ -~äöü✓\n]{0,10}",
    ]
}

fn maybe() -> impl Strategy<Value = Option<String>> {
    prop::option::of(text())
}

fn rule() -> impl Strategy<Value = RuleArguments> {
    let peer = prop_oneof![
        text().prop_map(|cidr| (Some(cidr), None, None)),
        (text(), maybe()).prop_map(|(group, account)| (None, Some(group), account)),
    ];
    (text(), maybe(), peer, maybe(), maybe()).prop_map(
        |(protocol, port, (cidr, group, group_account), policy, priority)| RuleArguments {
            protocol,
            port,
            cidr,
            group,
            group_account,
            policy,
            priority,
        },
    )
}

fn table() -> impl Strategy<Value = (Option<String>, Option<String>)> {
    prop_oneof![text().prop_map(|table| (Some(table), None)), text().prop_map(|vpc| (None, Some(vpc)))]
}

fn call() -> impl Strategy<Value = Call> {
    let t = text;
    prop_oneof![
        (t(), t(), t(), maybe(), maybe()).prop_map(|(name, region, cidr, id, router_id)| {
            Call::CreateVpc(CreateVpc { name, region, cidr, id, router_id })
        }),
        (t(), t(), t(), maybe()).prop_map(|(name, vpc, cidr, id)| Call::CreateSubnet(CreateSubnet {
            name,
            vpc,
            cidr,
            id
        })),
        (t(), t(), maybe(), maybe(), prop::collection::vec(t(), 0..3), maybe()).prop_map(
            |(name, subnet, ip, public_ip, security_group, id)| {
                Call::CreateInstance(CreateInstance { name, subnet, ip, public_ip, security_group, id })
            }
        ),
        (t(), t(), maybe()).prop_map(|(name, vpc, id)| Call::CreateRouteTable(CreateRouteTable { name, vpc, id })),
        (t(), t()).prop_map(|(table, subnet)| Call::AssociateRouteTable(AssociateRouteTable { table, subnet })),
        (t(), t()).prop_map(|(table, subnet)| Call::UnassociateRouteTable(UnassociateRouteTable { table, subnet })),
        (table(), t(), prop::collection::vec(t(), 1..3), maybe()).prop_map(
            |((table, vpc), destination, next_hop, priority)| {
                Call::CreateRouteEntry(CreateRouteEntry { table, vpc, destination, next_hop, priority })
            }
        ),
        (table(), t(), maybe(), maybe()).prop_map(|((table, vpc), destination, next_hop, priority)| {
            Call::DeleteRouteEntry(DeleteRouteEntry { table, vpc, destination, next_hop, priority })
        }),
        (t(), t(), maybe(), maybe()).prop_map(|(name, vpc, inner_access, id)| {
            Call::CreateSecurityGroup(CreateSecurityGroup { name, vpc, inner_access, id })
        }),
        (t(), rule()).prop_map(|(security_group, rule)| {
            Call::AuthorizeSecurityGroup(AuthorizeSecurityGroup { security_group, rule })
        }),
        (t(), rule()).prop_map(|(security_group, rule)| {
            Call::AuthorizeSecurityGroupEgress(AuthorizeSecurityGroupEgress { security_group, rule })
        }),
        (t(), rule()).prop_map(|(security_group, rule)| {
            Call::RevokeSecurityGroup(RevokeSecurityGroup { security_group, rule })
        }),
        (t(), rule()).prop_map(|(security_group, rule)| {
            Call::RevokeSecurityGroupEgress(RevokeSecurityGroupEgress { security_group, rule })
        }),
        (t(), t()).prop_map(|(instance, group)| Call::JoinSecurityGroup(JoinSecurityGroup { instance, group })),
        (t(), t()).prop_map(|(instance, group)| Call::LeaveSecurityGroup(LeaveSecurityGroup { instance, group })),
        (t(), t(), t(), maybe(), t(), maybe(), maybe()).prop_map(
            |(name, vpc, role, spec, opposite_region, latency, id)| {
                Call::CreateRouterInterface(CreateRouterInterface {
                    name,
                    vpc,
                    role,
                    spec,
                    opposite_region,
                    latency,
                    id,
                })
            }
        ),
        (t(), maybe(), maybe(), maybe()).prop_map(|(name, opposite_account, opposite_interface, opposite_router)| {
            Call::ModifyRouterInterfaceAttribute(ModifyRouterInterfaceAttribute {
                name,
                opposite_account,
                opposite_interface,
                opposite_router,
            })
        }),
        (t(), t()).prop_map(|(name, spec)| Call::ModifyRouterInterfaceSpec(ModifyRouterInterfaceSpec { name, spec })),
        (t(), t(), t(), t(), maybe()).prop_map(|(name, vpc, peer_vpc, spec, latency)| {
            Call::CreatePeering(CreatePeering { name, vpc, peer_vpc, spec, latency })
        }),
        (t(), t(), t(), maybe(), maybe()).prop_map(|(name, vpc, peer_vpc_id, latency, id)| {
            Call::CreateVpcPeering(CreateVpcPeering { name, vpc, peer_vpc_id, latency, id })
        }),
        (0usize..10, t()).prop_map(|(which, name)| match which {
            0 => Call::DeleteVpc(DeleteVpc { name }),
            1 => Call::DeleteSubnet(DeleteSubnet { name }),
            2 => Call::DeleteInstance(DeleteInstance { name }),
            3 => Call::DeleteRouteTable(DeleteRouteTable { name }),
            4 => Call::DeleteSecurityGroup(DeleteSecurityGroup { name }),
            5 => Call::ConnectRouterInterface(ConnectRouterInterface { name }),
            6 => Call::ActivateRouterInterface(ActivateRouterInterface { name }),
            7 => Call::DeactivateRouterInterface(DeactivateRouterInterface { name }),
            8 => Call::DeleteRouterInterface(DeleteRouterInterface { name }),
            _ => Call::DeleteVpcPeering(DeleteVpcPeering { name }),
        }),
    ]
}

proptest! {
    #[test]
    fn what_is_shown_parses_back_to_the_same_call(call in call()) {
        let line = call.to_string();
        let words = shell_words::split(&line).expect("the line splits into words");
        let parsed = Grammar::try_parse_from(words).map_err(|error| TestCaseError::fail(format!("{line}: {error}")))?;
        prop_assert_eq!(parsed.call, call);
    }
}
