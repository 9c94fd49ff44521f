//! The names of rows, and the hardware addresses of ports.

use std::net::Ipv4Addr;

use crate::cloud::{PeeringName, RouteTableName, SubnetName, VpcName, fnv};

pub(super) fn router(lab: &str, vpc: &VpcName) -> String {
    format!("{lab}.{vpc}")
}

/// A subnet's switch, and its edge router if it has one.
pub(super) fn subnet(lab: &str, subnet: &SubnetName) -> String {
    format!("{lab}.{subnet}")
}

/// The router's port in a subnet.
pub(super) fn gateway(lab: &str, subnet: &SubnetName) -> String {
    format!("{lab}.{subnet}/gateway")
}

/// The edge router's port to the VPC's router, and the other end.
pub(super) fn edge_up(lab: &str, subnet: &SubnetName) -> String {
    format!("{lab}.{subnet}/up")
}

pub(super) fn edge_down(lab: &str, subnet: &SubnetName) -> String {
    format!("{lab}.{subnet}/down")
}

pub(super) fn of_instance(lab: &str, instance: &str) -> String {
    format!("{lab}.{instance}")
}

/// A VPC's port of a peering.
pub(super) fn end(lab: &str, vpc: &VpcName, end: &PeeringName) -> String {
    format!("{lab}.{vpc}~{end}")
}

/// A switch port that leads to a router port.
pub(super) fn to_router(port: &str) -> String {
    format!("{port}/switch")
}

/// A VPC's port to the internet.
pub(super) fn uplink(lab: &str, vpc: &VpcName) -> String {
    format!("{lab}.{vpc}~internet/")
}

pub(super) fn internet(lab: &str) -> String {
    format!("{lab}/internet")
}

pub(super) fn internet_host(lab: &str) -> String {
    format!("{lab}/internet/host")
}

pub(super) fn table(lab: &str, table: &RouteTableName) -> String {
    format!("{lab}.{table}")
}

/// The table that packets from a peering or the internet look up.
pub(super) fn deliver(lab: &str, vpc: &VpcName) -> String {
    format!("{lab}.{vpc}~")
}

/// A name of a Port_Group or an Address_Set, which has only letters, digits, `_` and `.`: what can be read of the name, and a hash.
pub(super) fn set(lab: &str, kind: &str, name: &str) -> String {
    let plain = |text: &str| -> String {
        text.chars().map(|c| if c.is_ascii_alphanumeric() || c == '.' { c } else { '_' }).take(40).collect()
    };
    let hash = [lab, "\0", kind, "\0", name].iter().fold(fnv::SEED, |hash, part| fnv::hash(hash, part.as_bytes()));
    format!("pl_{}.{kind}.{}.{hash:016x}", plain(lab), plain(name))
}

/// A text in a match expression.
pub(super) fn quoted(text: &str) -> String {
    let mut quoted = String::from("\"");
    for c in text.chars() {
        if matches!(c, '"' | '\\') {
            quoted.push('\\');
        }
        quoted.push(c);
    }
    quoted.push('"');
    quoted
}

/// The hardware address of an instance or a gateway with this address.
pub(super) fn mac_of(ip: Ipv4Addr) -> String {
    let [a, b, c, d] = ip.octets();
    format!("02:00:{a:02x}:{b:02x}:{c:02x}:{d:02x}")
}

/// The hardware address of another port.
pub(super) fn mac_of_port(port: &str) -> String {
    let [a, b, c, d, e, ..] = fnv::hash(fnv::SEED, port.as_bytes()).to_be_bytes();
    format!("06:{a:02x}:{b:02x}:{c:02x}:{d:02x}:{e:02x}")
}
