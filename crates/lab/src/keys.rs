//! Every key of a lab file, for the JSON Schema ([`super::schema`]) and the reference ([`super::reference`]).
//!
//! The reader ([`super::file`]) does not use it; tests compare the two, key by key and type by type.

use std::borrow::Cow;
use std::iter;

use super::lab::FaultKind;
use crate::cloud::table::{
    ENTRY_PRIORITY, FamilyTable, ID, REGION, ROUTER_ID, SECONDARY_CIDRS, UNCHECKED, VIA, VPC_MTU,
};
pub(super) use crate::cloud::table::{Key, Needed, Takes};

/// A kind of table.
#[derive(Clone)]
pub(super) struct TableKind {
    pub(super) name: &'static str,
    pub(super) about: &'static str,
    pub(super) keys: Cow<'static, [Key]>,
}

use Needed::{Optional, Required};
use Takes::*;

/// Letters, digits, `_`, `.` and `-`, beginning with a letter.
pub(super) const NAME: &str = "^[A-Za-z][A-Za-z0-9_.-]{0,62}$";
/// A number without a leading zero, and four of them.
macro_rules! decimal {
    () => {
        "(0|[1-9][0-9]*)"
    };
}
macro_rules! address {
    () => {
        concat!(decimal!(), "(\\.", decimal!(), "){3}")
    };
}
const CIDR: &str = concat!("^", address!(), "/", decimal!(), "$");
/// A block, or one address.
const DESTINATION: &str = concat!("^", address!(), "(/", decimal!(), ")?$");
const IPV4: &str = concat!("^", address!(), "$");
const PROTOCOL: &str = "^([Ii][Cc][Mm][Pp]|([Tt][Cc][Pp]|[Uu][Dd][Pp])/[1-9][0-9]*)$";

const ROUTES: Key = Key("routes", Tables("route_entry"), Optional, "Its entries: `{ to = CIDR, via = NEXT_HOP }`");
/// Every kind of table; those of a family's objects are the family's own.
pub(super) fn tables() -> Vec<TableKind> {
    let mut tables = TABLES.to_vec();
    let rows = FamilyTable::ALL.map(|family| Key(family.table.name, Named(family.table.name), Optional, family.listed));
    for file in tables.iter_mut().filter(|table| table.name == "file") {
        let before = file.keys.iter().position(|key| key.0 == "check").unwrap_or_default();
        file.keys.to_mut().splice(before..before, rows);
    }
    let families = FamilyTable::ALL.into_iter().flat_map(|family| iter::once(&family.table).chain(family.inner));
    let families = families.map(|it| TableKind { name: it.name, about: it.about, keys: Cow::Borrowed(it.keys) });
    let before = TABLES.iter().position(|table| table.name == "check").unwrap_or_default();
    tables.splice(before..before, families);
    tables
}

/// The tables that belong to no family, the file's own first.
const TABLES: &[TableKind] = &[
    TableKind {
        name: "file",
        about: "A lab of peerlab",
        keys: Cow::Borrowed(&[
            Key("lab", Table("lab"), Required, "What the lab is"),
            Key("account", Named("account"), Required, "The cloud's accounts, by name"),
            Key("vpc", Named("vpc"), Optional, "VPCs, by name"),
            Key("instance", Named("instance"), Optional, "Instances, by name"),
            Key("security_group", Named("security_group"), Optional, "Security groups, by name"),
            Key("network_acl", Named("network_acl"), Optional, "Network ACLs, by name"),
            Key("nat_gateway", Named("nat_gateway"), Optional, "NAT gateways, by name"),
            Key("gateway", Named("gateway"), Optional, "Gateways to the internet, by name"),
            Key("route_table", Named("route_table"), Optional, "Custom route tables, by name"),
            Key("check", Tables("check"), Optional, "What must be true of the finished lab"),
            Key("step", Tables("step"), Optional, "The tutorial, in order"),
            Key("fault", Tables("fault"), Optional, "What an exercise breaks; `up` and `test` leave it out (§8)"),
            Key(
                "exercise",
                Table("exercise"),
                Optional,
                "Makes an exercise of the lab; `peerlab exercise start` writes it (§8)",
            ),
        ]),
    },
    TableKind {
        name: "lab",
        about: "What the lab is",
        keys: Cow::Borrowed(&[
            Key(
                "name",
                Matching("^[a-z0-9][a-z0-9-]{0,31}$"),
                Optional,
                "The lab's name, and the prefix of its namespaces: 1 to 32 of a-z, 0-9 and -, not beginning with -. Default: the file's name without its ending, in lower case, with `-` for `_`, `.` and spaces; required if that is not a valid name",
            ),
            Key("title", Text, Optional, "The title"),
            Key(
                "text",
                Text,
                Optional,
                "The prerequisites and what the lab teaches; `up -v` shows it, and `next` before the first step",
            ),
            Key("provider", Provider, Required, "The provider of the cloud"),
            Key(
                "until",
                Number,
                Optional,
                "The number of steps that `up` does without `--until`; default: all. `peerlab export` writes it",
            ),
            Key(
                "allow",
                Some(&["cross-region-group"]),
                Optional,
                "Relaxed rules: with this one, a rule by group across regions causes only a warning, and takes effect",
            ),
            Key(
                "quotas",
                Table("quotas"),
                Optional,
                "Limits of the provider that this lab raises, as on request: `{ peerings_per_vpc = 125 }`",
            ),
            Key(
                "pace",
                Word(&["at-once", "real"]),
                Optional,
                "How long a change of a peering takes that `peerlab api` or an SDK makes: no time (the default), or with `\"real\"` a moment, in which its transient state shows and other operations are refused",
            ),
            Key("pace_seconds", Number, Optional, "The seconds of that moment, 1 to 3600. Default: 3"),
            Key("zh", Table("wording"), Optional, "Title and text in Chinese, for a Chinese locale"),
        ]),
    },
    TableKind {
        name: "quotas",
        about: "Limits that the provider raises on request",
        keys: Cow::Borrowed(&[
            Key("vpcs_per_region", Number, Optional, "VPCs of an account in a region"),
            Key("subnets_per_vpc", Number, Optional, "Subnets of a VPC"),
            Key("route_tables_per_vpc", Number, Optional, "Route tables of a VPC, with the main one"),
            Key("routes_per_table", Number, Optional, "Entries of a route table"),
            Key("peerings_per_vpc", Number, Optional, "Active peering connections of a VPC"),
            Key("rules_per_security_group", Number, Optional, "Rules of a security group in each direction"),
            Key("rules_per_network_acl", Number, Optional, "Entries of a network ACL in each direction"),
        ]),
    },
    TableKind {
        name: "account",
        about: "An account of the cloud",
        keys: Cow::Borrowed(&[
            Key("id", Text, Optional, "The account's id, by which other accounts refer to it"),
            Key(
                "default_vpc",
                Boolean,
                Optional,
                "aws: whether it has its default VPC, called `default-ACCOUNT`: 172.31.0.0/16 with subnets `a`, `b` and `c`, an internet gateway and a route to it",
            ),
            Key("region", Matching(REGION), Optional, "The region of its default VPC"),
            Key(
                "access_key",
                Table("access_key"),
                Optional,
                "The key by which `peerlab serve` knows the account: `{ id = \"LTAI5tA\", secret = \"…\" }`; else made with the lab",
            ),
        ]),
    },
    TableKind {
        name: "access_key",
        about: "An access key of an account, for the providers' own clients",
        keys: Cow::Borrowed(&[
            Key("id", Text, Required, "Its id; up to 128 visible ASCII characters without `/`, `,` and `=`"),
            Key("secret", Text, Required, "Its secret; up to 128 visible ASCII characters"),
        ]),
    },
    TableKind {
        name: "vpc",
        about: "A VPC",
        keys: Cow::Borrowed(&[
            Key(
                "account",
                Text,
                Optional,
                "The owner, which calls all operations on what is in the VPC. Optional if the lab has one account",
            ),
            Key("region", Matching(REGION), Required, "As in `\"cn-qingdao\"`"),
            Key("cidr", Matching(CIDR), Required, "Its block"),
            SECONDARY_CIDRS,
            VPC_MTU,
            ID,
            ROUTER_ID,
            ROUTES,
            Key("subnet", Named("subnet"), Optional, "Its subnets, by name"),
        ]),
    },
    TableKind {
        name: "subnet",
        about: "A subnet of a VPC",
        keys: Cow::Borrowed(&[
            Key("cidr", Matching(CIDR), Required, "Its block, inside the VPC's"),
            Key("zone", Text, Optional, "Its availability zone, as in `\"us-east-1a\"` or `\"ap-guangzhou-3\"`"),
            ID,
        ]),
    },
    TableKind {
        name: "route_entry",
        about: "An entry of a route table",
        keys: Cow::Borrowed(&[
            Key("to", Matching(DESTINATION), Required, "The destination: a CIDR block, or one address"),
            VIA,
            ENTRY_PRIORITY,
            UNCHECKED,
        ]),
    },
    TableKind {
        name: "route_table",
        about: "A custom route table",
        keys: Cow::Borrowed(&[
            Key("vpc", Text, Required, "The VPC it belongs to"),
            ID,
            Key("subnets", Texts, Optional, "The subnets of this VPC that use it, as in `[\"vsw-1\"]`"),
            ROUTES,
            UNCHECKED,
        ]),
    },
    TableKind {
        name: "security_group",
        about: "A security group",
        keys: Cow::Borrowed(&[
            Key("vpc", Text, Required, "The VPC whose instances may join"),
            ID,
            Key(
                "inner_access",
                Word(&["accept", "drop"]),
                Optional,
                "Whether members reach each other if no rule matches",
            ),
            Key(
                "rules",
                Tables("rule"),
                Optional,
                "Its rules: their priority decides, or where they are a list, their order",
            ),
        ]),
    },
    TableKind {
        name: "rule",
        about: "A rule of a security group",
        keys: Cow::Borrowed(&[
            Key("from", Text, Optional, "Ingress rule: the source, a CIDR block, an address, or a group"),
            Key("to", Text, Optional, "Egress rule: the destination, a CIDR block, an address, or a group"),
            Key("account", Text, Optional, "The group's account, if it is another account"),
            Key("protocol", Word(&["tcp", "udp", "icmp", "gre", "all"]), Optional, "Default: `\"all\"`"),
            Key("port", Number, Optional, "`22`, or `\"8000/8999\"`; with tcp and udp"),
            Key("policy", Word(&["accept", "drop"]), Optional, "Default: `\"accept\"`"),
            Key(
                "priority",
                Number,
                Optional,
                "1 (first, default) to 100; where rules are a list, its place, else the last",
            ),
            UNCHECKED,
        ]),
    },
    TableKind {
        name: "network_acl",
        about: "A network ACL: a stateless filter at the edge of subnets",
        keys: Cow::Borrowed(&[
            Key("vpc", Text, Required, "The VPC it belongs to"),
            ID,
            Key("subnets", Texts, Optional, "The subnets of this VPC that use it, as in `[\"vsw-1\"]`"),
            Key(
                "rules",
                Tables("acl_rule"),
                Optional,
                "Its entries; by number, the first that matches decides. Anything else is dropped",
            ),
            UNCHECKED,
        ]),
    },
    TableKind {
        name: "acl_rule",
        about: "An entry of a network ACL",
        keys: Cow::Borrowed(&[
            Key("number", Number, Required, "1 (first) to 32766, unique in its direction"),
            Key("from", Text, Optional, "Into the subnet: the source, a CIDR block or an address"),
            Key("to", Text, Optional, "Out of the subnet: the destination, a CIDR block or an address"),
            Key("protocol", Word(&["tcp", "udp", "icmp", "gre", "all"]), Optional, "Default: `\"all\"`"),
            Key("port", Number, Optional, "The destination ports: `22`, or `\"1024/65535\"`; with tcp and udp only"),
            Key("policy", Word(&["accept", "drop"]), Optional, "Default: `\"accept\"`"),
            UNCHECKED,
        ]),
    },
    TableKind {
        name: "nat_gateway",
        about: "A NAT gateway",
        keys: Cow::Borrowed(&[
            Key("subnet", Matching("^[^/]+/[^/]+$"), Required, "The subnet that it is in, as `\"VPC/SUBNET\"`"),
            Key(
                "public_ip",
                Matching(IPV4),
                Optional,
                "Its public address. Default: the lowest free one of 203.0.113.0/24",
            ),
            Key("snat", Texts, Optional, "The sources that it translates: CIDR blocks in its VPC, or addresses"),
            Key("dnat", Tables("dnat"), Optional, "The ports of its public address that lead to instances"),
            ID,
            UNCHECKED,
        ]),
    },
    TableKind {
        name: "dnat",
        about: "A DNAT entry of a NAT gateway",
        keys: Cow::Borrowed(&[
            Key("protocol", Word(&["tcp", "udp"]), Required, "The protocol"),
            Key("port", Number, Required, "The port at the public address"),
            Key("to", Matching(IPV4), Required, "The private address of an instance"),
            Key("to_port", Number, Optional, "The port of the instance. Default: the same"),
            UNCHECKED,
        ]),
    },
    TableKind {
        name: "gateway",
        about: "A gateway between a VPC and the internet",
        keys: Cow::Borrowed(&[Key("vpc", Text, Required, "The VPC that it is attached to"), ID, UNCHECKED]),
    },
    TableKind {
        name: "instance",
        about: "An instance",
        keys: Cow::Borrowed(&[
            Key("subnet", Matching("^[^/]+/[^/]+$"), Required, "Its subnet, as `\"VPC/SUBNET\"`"),
            ID,
            Key(
                "ip",
                Matching(IPV4),
                Optional,
                "The private address. Default: the lowest free address that no other table asks for",
            ),
            Key("public_ip", Matching(IPV4), Optional, "The public address, mapped one to one"),
            Key("security_groups", Texts, Optional, "The groups that it joins. Default: its VPC's default group"),
            Key("forwards", Boolean, Optional, "Whether it passes on packets that are not for it, as a next hop"),
            Key("masquerade", Boolean, Optional, "Whether it puts its own address on what it passes on"),
            Key("state", Word(&["running", "stopped"]), Optional, "Default: `\"running\"`"),
            UNCHECKED,
        ]),
    },
    TableKind {
        name: "check",
        about: "What must be true of packets",
        keys: Cow::Borrowed(&[
            Key("from", Text, Required, "An instance, or `\"internet\"`"),
            Key(
                "to",
                Text,
                Required,
                "An instance, `\"internet\"` (the host 198.51.100.1 on the internet), or an IPv4 address",
            ),
            Key("protocol", Matching(PROTOCOL), Optional, "`\"icmp\"` (default), `\"tcp/22\"`, `\"udp/53\"`"),
            Key("expect", Word(&["reach", "drop"]), Optional, "The expected result"),
            Key("because", Reason, Optional, "With `\"drop\"`: the expected reason (§3)"),
            Key("both_ways", Boolean, Optional, "Whether to check from `to` to `from` as well"),
            Key(
                "source_port",
                Number,
                Optional,
                "With tcp and udp: the port from which the flow is opened. Default: 50000",
            ),
            Key(
                "size",
                Number,
                Optional,
                "With icmp: the bytes of the IP packet, which is sent with \"don't fragment\", as in `8500`; its answer may be fragmented",
            ),
            Key(
                "bandwidth",
                Text,
                Optional,
                "The expected TCP throughput between two instances, within 15 %: `\"2Mbit\"`, `\"500kbit\"`, `\"1Gbit\"`. Excludes `because`, `expect` other than `\"reach\"`, and `protocol` other than TCP, whose port is used; by default, a port that the groups accept",
            ),
        ]),
    },
    TableKind {
        name: "step",
        about: "A step of the tutorial",
        keys: Cow::Borrowed(&[
            Key("title", Text, Required, "What the step does"),
            Key(
                "account",
                Text,
                Optional,
                "The calling account; optional if the lab has one account, or the step runs nothing",
            ),
            Key("text", Text, Optional, "The tutorial's instructions"),
            Key("run", Texts, Optional, "Operations (§2), as `peerlab api` takes them: split into words as by a shell"),
            Key(
                "refused",
                Text,
                Optional,
                "The code with which the cloud must refuse the last line of `run`, as in `\"IncorrectStatus\"`. An HTTP status may precede it or replace it: `\"409 AlreadyExists\"`, `\"AlreadyExists\"` and `\"409\"` are the same",
            ),
            Key("check", Tables("check"), Optional, "What is true once this step is done"),
            UNCHECKED,
            Key("zh", Table("wording"), Optional, "Title and text in Chinese, for a Chinese locale"),
        ]),
    },
    TableKind {
        name: "wording",
        about: "A lab or a step in another language",
        keys: Cow::Borrowed(&[Key("title", Text, Optional, "The title"), Key("text", Text, Optional, "The text")]),
    },
    TableKind {
        name: "fault",
        about: "A fault of an exercise",
        keys: Cow::Borrowed(&[
            Key("kind", Word(FaultKind::WORDS), Required, "Its kind"),
            Key("account", Text, Optional, "The calling account; optional if the lab has one account"),
            Key("run", Texts, Optional, "The operations that make it (§2), at least one, after all steps"),
            TICKET,
            HINTS,
            Key("zh", Table("fault_wording"), Optional, "Ticket and hints in Chinese, for a Chinese locale"),
        ]),
    },
    TableKind { name: "fault_wording", about: "A fault in another language", keys: Cow::Borrowed(&[TICKET, HINTS]) },
    TableKind {
        name: "exercise",
        about: "What makes an exercise of a lab",
        keys: Cow::Borrowed(&[
            Key("seed", Number, Optional, "The seed that its faults were made by"),
            Key("learner", Text, Optional, "Who does it"),
        ]),
    },
];

const TICKET: Key = Key("ticket", Text, Optional, "The symptom, as a user of the cloud reports it");
const HINTS: Key = Key("hints", Texts, Optional, "Hints, one step more each");
