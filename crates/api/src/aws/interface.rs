//! Network interfaces: of instances, which have one each, and of NAT gateways.

use peerlab_cloud::{Instance, NatGateway, SecurityGroup};
use serde_json::{Value, json};

use super::list::Listing;
use super::row::{EIP, list};
use super::{group, subnet, tagged, vpc};
use crate::action::{Action, Asked};
use crate::derived::derived;
use crate::{Refused, time};

pub(super) const ACTIONS: &[Action] = &[list(
    "DescribeNetworkInterfaces",
    "NetworkInterfaceId.N Filter.N MaxResults NextToken DryRun",
    &INTERFACES,
    "networkInterfaceSet[]: networkInterfaceId subnetId vpcId availabilityZone description ownerId status \
         macAddress privateIpAddress privateDnsName privateIpAddressesSet[] sourceDestCheck groupSet[] attachment \
         interfaceType tagSet[]; nextToken",
    |asked| INTERFACES.answer(asked),
)];

pub(super) const INTERFACES: Listing = Listing {
    set: "networkInterfaceSet",
    ids: "NetworkInterfaceId",
    id: "networkInterfaceId",
    unknown: "InvalidNetworkInterfaceID.NotFound",
    filters: &[
        ("network-interface-id", "networkInterfaceId"),
        ("vpc-id", "vpcId"),
        ("subnet-id", "subnetId"),
        ("availability-zone", "availabilityZone"),
        ("description", "description"),
        ("group-id", "groupSet.groupId"),
        ("group-name", "groupSet.groupName"),
        ("private-ip-address", "privateIpAddress"),
        ("addresses.private-ip-address", "privateIpAddressesSet.privateIpAddress"),
        ("addresses.primary", "privateIpAddressesSet.primary"),
        ("private-dns-name", "privateDnsName"),
        ("mac-address", "macAddress"),
        ("attachment.instance-id", "attachment.instanceId"),
        ("attachment.instance-owner-id", "attachment.instanceOwnerId"),
        ("attachment.attachment-id", "attachment.attachmentId"),
        ("attachment.device-index", "attachment.deviceIndex"),
        ("attachment.status", "attachment.status"),
        ("attachment.delete-on-termination", "attachment.deleteOnTermination"),
        ("attachment.attach-time", "attachment.attachTime"),
        ("interface-type", "interfaceType"),
        ("owner-id", "ownerId"),
        ("requester-id", "requesterId"),
        ("requester-managed", "requesterManaged"),
        ("source-dest-check", "sourceDestCheck"),
        ("association.public-ip", "association.publicIp"),
        ("association.allocation-id", "association.allocationId"),
        ("status", "status"),
    ],
    all: |asked, wanted| {
        let nats = asked.cloud.nat_gateways().filter(|it| asked.is_in_sight(&it.host.subnet.vpc));
        let all = mine(asked).filter(|it| wanted.takes(&interface_id(it)));
        let nats = nats.filter(|it| wanted.takes(&interface_id(&it.host)));
        let alone = |it: &Instance| {
            let mut shown = interface_shown(asked, it);
            shown["availabilityZone"] = zone_of(asked, it).into();
            if let Some((id, association)) = address_ids(asked, it) {
                shown["association"]["allocationId"] = id.into();
                shown["association"]["associationId"] = association.into();
                shown["privateIpAddressesSet"][0]["association"] = shown["association"].clone();
            }
            shown
        };
        let whole = |it: &Instance| {
            let mut shown = alone(it);
            shown["requesterManaged"] = false.into();
            shown["tagSet"] = tagged::shown(asked, &interface_id(it), "");
            shown["attachment"]["instanceId"] = it.id.to_string().into();
            shown["attachment"]["instanceOwnerId"] = asked.account_id(&it.account).into();
            shown
        };
        let of_nat = |nat: &NatGateway| {
            let mut shown = alone(&nat.host);
            shown["requesterManaged"] = true.into();
            shown["interfaceType"] = "natGateway".into();
            shown["description"] = format!("Interface for NAT Gateway {}", nat.id).into();
            shown["groupSet"] = json!([]);
            shown["tagSet"] = json!([]);
            shown["attachment"]["instanceOwnerId"] = "amazon-aws".into();
            shown["attachment"]["deleteOnTermination"] = false.into();
            shown
        };
        all.map(whole).chain(nats.map(of_nat)).collect()
    },
};

/// The id of an address's association with what has it.
pub(super) fn association_id(address: &str, host: &Instance) -> String {
    derived("eipassoc-0", &[address, &host.id.0])
}

/// What an instance's interface shows of its public address.
fn association(asked: &Asked<'_>, host: &Instance) -> Option<Value> {
    let owner = match asked.has_automatic_address(host) {
        true => "amazon".to_owned(),
        false => asked.account_id(&host.account),
    };
    host.public_ip.map(
        |ip| json!({"publicIp": ip.to_string(), "ipOwnerId": owner, "publicDnsName": public_dns_name(asked, host)}),
    )
}

/// The ids of a host's public address, and of its association; none: it has none, or one that came with it.
pub(super) fn address_ids(asked: &Asked<'_>, host: &Instance) -> Option<(String, String)> {
    let ip = host.public_ip.filter(|_| !asked.has_automatic_address(host))?;
    let id = asked.id_of_address(EIP, ip);
    let association = association_id(&id, host);
    Some((id, association))
}

/// The caller's instances in the request's region.
pub(super) fn mine<'a>(asked: &Asked<'a>) -> impl Iterator<Item = &'a Instance> {
    asked.cloud.instances().filter(|it| asked.is_mine(&it.account) && asked.is_in_sight(&it.subnet.vpc))
}

/// The id of an instance's network interface.
pub(super) fn interface_id(it: &Instance) -> String {
    derived("eni-0", &[&it.id.0])
}

/// The instance with this network interface.
pub(super) fn with_interface<'a>(asked: &Asked<'a>, id: &str) -> Result<&'a Instance, Refused> {
    mine(asked).find(|it| interface_id(it) == id).ok_or_else(|| INTERFACES.not_found(id))
}

/// The zone of an instance.
pub(super) fn zone_of(asked: &Asked<'_>, it: &Instance) -> String {
    asked.cloud.subnet(&it.subnet).map_or_else(String::new, |subnet| subnet::zone_of(asked, subnet))
}

/// The groups of an instance.
pub(super) fn groups_shown(asked: &Asked<'_>, it: &Instance) -> Vec<Value> {
    let shown = |it: &&SecurityGroup| json!({"groupId": it.id.to_string(), "groupName": group::name_of(asked, it)});
    asked.cloud.groups_of(it).iter().map(shown).collect()
}

/// The name that DNS has for an instance's private address.
pub(super) fn dns_name(asked: &Asked<'_>, it: &Instance) -> String {
    let name = format!("ip-{}", it.ip.to_string().replace('.', "-"));
    match asked.region(&it.subnet.vpc) {
        "us-east-1" => format!("{name}.ec2.internal"),
        region => format!("{name}.{region}.compute.internal"),
    }
}

/// The name that DNS has for an instance's public address, in a VPC whose instances have such names; else nothing.
pub(super) fn public_dns_name(asked: &Asked<'_>, it: &Instance) -> String {
    let named = |vpc: &peerlab_cloud::Vpc| vpc::has(asked, &vpc.id.0, "enableDnsHostnames");
    let Some(ip) = it.public_ip.filter(|_| asked.cloud.vpc(&it.subnet.vpc).is_some_and(named)) else {
        return String::new();
    };
    let name = format!("ec2-{}", ip.to_string().replace('.', "-"));
    match asked.region(&it.subnet.vpc) {
        "us-east-1" => format!("{name}.compute-1.amazonaws.com"),
        region => format!("{name}.{region}.compute.amazonaws.com"),
    }
}

/// An instance's interface, as the instance shows it.
pub(super) fn interface_shown(asked: &Asked<'_>, it: &Instance) -> Value {
    let dns = dns_name(asked, it);
    let association = association(asked, it);
    // As the kernel's link has it: peerlab derives it from the address.
    let [a, b, c, d] = it.ip.octets();
    json!({
        "networkInterfaceId": interface_id(it),
        "subnetId": asked.subnet_id(&it.subnet),
        "vpcId": asked.vpc_id(&it.subnet.vpc),
        "description": "",
        "ownerId": asked.account_id(&it.account),
        "status": "in-use",
        "macAddress": format!("02:00:{a:02x}:{b:02x}:{c:02x}:{d:02x}"),
        "privateIpAddress": it.ip.to_string(),
        "privateDnsName": dns,
        "sourceDestCheck": !it.forwards,
        "interfaceType": "interface",
        "groupSet": groups_shown(asked, it),
        "ipv6AddressesSet": [],
        "association": association,
        "attachment": {
            "attachmentId": derived("eni-attach-0", &[&it.id.0]),
            "deviceIndex": 0,
            "networkCardIndex": 0,
            "status": "attached",
            "attachTime": time::at_second(asked.kept.made(&it.id.0)),
            "deleteOnTermination": true,
        },
        "privateIpAddressesSet": [
            {"privateIpAddress": it.ip.to_string(), "privateDnsName": dns, "primary": true, "association": association},
        ],
    })
}
