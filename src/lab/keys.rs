//! Every key of a lab file, said once: for the JSON Schema ([`super::schema`]) and for the reference ([`super::reference`]).
//!
//! The reader ([`super::file`]) does not use it: tests hold the two together, key by key and type by type.

/// A kind of table.
pub(super) struct TableKind {
    pub(super) name: &'static str,
    pub(super) about: &'static str,
    pub(super) keys: &'static [Key],
}

/// A key: its name, what it takes, whether it must be there, what it is.
pub(super) struct Key(pub(super) &'static str, pub(super) Takes, pub(super) Needed, pub(super) &'static str);

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Needed {
    Required,
    Optional,
}

/// What a key takes.
#[derive(Clone, Copy)]
pub(super) enum Takes {
    Text,
    /// A string that matches.
    Matching(&'static str),
    /// One of these words.
    One(&'static [&'static str]),
    /// One of these words, in any case: the provider's own.
    Word(&'static [&'static str]),
    Provider,
    Reason,
    /// A whole number, or a string.
    Number,
    Boolean,
    Texts,
    /// A string, or an array of them.
    TextOrTexts,
    /// Some of these words.
    Some(&'static [&'static str]),
    /// An inline table.
    Table(&'static str),
    /// An array of tables.
    Tables(&'static str),
    /// Tables by name.
    Named(&'static str),
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
const REGION: &str = "^[A-Za-z0-9-]+$";
const LATENCY: &str = "^[0-9]+(\\.[0-9]+)?(us|ms|s)$";

const ID: Key = Key("id", Text, Optional, "The resource's id; derived from its name by default");
const UNCHECKED: Key = Key("unchecked", Text, Optional, "Why no check covers this table (`peerlab test --mutate`)");
const ROUTES: Key = Key("routes", Tables("route_entry"), Optional, "Its entries: `{ to = CIDR, via = NEXT_HOP }`");
const DELAY: Key = Key(
    "latency",
    Matching(LATENCY),
    Optional,
    "One-way delay, as in `\"30ms\"`; needs netem in the kernel, and `up` warns if it leaves the delay out",
);

pub(super) const TABLES: &[TableKind] = &[
    TableKind {
        name: "file",
        about: "A lab of peerlab",
        keys: &[
            Key("lab", Table("lab"), Required, "What the lab is"),
            Key("account", Named("account"), Required, "The cloud's accounts, by name"),
            Key("vpc", Named("vpc"), Optional, "VPCs, by name"),
            Key("instance", Named("instance"), Optional, "Instances, by name"),
            Key("security_group", Named("security_group"), Optional, "Security groups, by name"),
            Key("route_table", Named("route_table"), Optional, "Custom route tables, by name"),
            Key("router_interface", Named("router_interface"), Optional, "Ends of peerings, by name (alibaba)"),
            Key(
                "peering",
                Named("peering"),
                Optional,
                "Both ends of a peering (alibaba), or one side's half (jdcloud)",
            ),
            Key("check", Tables("check"), Optional, "What must be true of the finished lab"),
            Key("step", Tables("step"), Optional, "The tutorial, in order"),
        ],
    },
    TableKind {
        name: "lab",
        about: "What the lab is",
        keys: &[
            Key(
                "name",
                Matching("^[a-z0-9][a-z0-9-]{0,31}$"),
                Optional,
                "The lab's name, and the prefix of its namespaces. Default: the file's name without its ending, in lower case, with `-` for `_`, `.` and spaces; required if that is not a valid name",
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
            Key("zh", Table("wording"), Optional, "Title and text in Chinese, for a Chinese locale"),
        ],
    },
    TableKind {
        name: "account",
        about: "An account of the cloud",
        keys: &[Key("id", Text, Optional, "The account's id, by which other accounts refer to it")],
    },
    TableKind {
        name: "vpc",
        about: "A VPC",
        keys: &[
            Key(
                "account",
                Text,
                Optional,
                "The owner, which calls all operations on what is in the VPC. Optional if the lab has one account",
            ),
            Key("region", Matching(REGION), Required, "As in `\"cn-qingdao\"`"),
            Key("cidr", Matching(CIDR), Required, "Its block"),
            ID,
            Key("router_id", Text, Optional, "The id of its router (alibaba)"),
            ROUTES,
            Key("subnet", Named("subnet"), Optional, "Its subnets, by name"),
        ],
    },
    TableKind {
        name: "subnet",
        about: "A subnet of a VPC",
        keys: &[Key("cidr", Matching(CIDR), Required, "Its block, inside the VPC's"), ID],
    },
    TableKind {
        name: "route_entry",
        about: "An entry of a route table",
        keys: &[
            Key("to", Matching(DESTINATION), Required, "The destination: a CIDR block, or one address"),
            Key(
                "via",
                TextOrTexts,
                Required,
                "The next hop: a router interface, a peering, an instance, or `\"internet\"` (jdcloud); with several, each takes the flows of some instances",
            ),
            Key(
                "priority",
                Number,
                Optional,
                "1 (first) to 255, default 100; among a destination's entries, the first whose next hop carries traffic is in use (jdcloud)",
            ),
            UNCHECKED,
        ],
    },
    TableKind {
        name: "route_table",
        about: "A custom route table",
        keys: &[
            Key("vpc", Text, Required, "The VPC it belongs to"),
            ID,
            Key("subnets", Texts, Optional, "The subnets of this VPC that use it, as in `[\"vsw-1\"]`"),
            ROUTES,
            UNCHECKED,
        ],
    },
    TableKind {
        name: "security_group",
        about: "A security group",
        keys: &[
            Key("vpc", Text, Required, "The VPC whose instances may join"),
            ID,
            Key(
                "inner_access",
                Word(&["accept", "drop"]),
                Optional,
                "Whether members reach each other if no rule matches",
            ),
            Key("rules", Tables("rule"), Optional, "Its rules, in any order: their priority decides"),
        ],
    },
    TableKind {
        name: "rule",
        about: "A rule of a security group",
        keys: &[
            Key("from", Text, Optional, "Ingress rule: the source, a CIDR block, an address, or a group"),
            Key("to", Text, Optional, "Egress rule: the destination, a CIDR block, an address, or a group"),
            Key("account", Text, Optional, "The group's account, if it is another account"),
            Key("protocol", Word(&["tcp", "udp", "icmp", "gre", "all"]), Optional, "Default: `\"all\"`"),
            Key("port", Number, Optional, "`22`, or `\"8000/8999\"`; with tcp and udp"),
            Key("policy", Word(&["accept", "drop"]), Optional, "Default: `\"accept\"`"),
            Key("priority", Number, Optional, "1 (first, default) to 100"),
            UNCHECKED,
        ],
    },
    TableKind {
        name: "instance",
        about: "An instance",
        keys: &[
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
            UNCHECKED,
        ],
    },
    TableKind {
        name: "router_interface",
        about: "One end of a peering (alibaba)",
        keys: &[
            Key("vpc", Text, Required, "The VPC whose router it is on"),
            Key("role", Word(&["initiator", "acceptor"]), Required, "The side of the handshake"),
            Key(
                "spec",
                Text,
                Optional,
                "The initiator's bandwidth class, as in `\"Mini.2\"`, or its bandwidth: `\"2Mb\"`",
            ),
            DELAY,
            Key("opposite_region", Matching(REGION), Required, "The other end's region"),
            ID,
            Key(
                "opposite",
                Table("opposite"),
                Optional,
                "The other end: `{ account, router, interface }`; not set by default",
            ),
            Key("connect", Boolean, Optional, "Whether this initiator connects"),
            UNCHECKED,
        ],
    },
    TableKind {
        name: "opposite",
        about: "The other end",
        keys: &[
            Key("account", Text, Optional, "Its account; optional if the lab has one account"),
            Key("router", Text, Optional, "Its router; looked up by default"),
            Key("interface", Text, Required, "Its name or id"),
        ],
    },
    TableKind {
        name: "peering",
        about: "Both ends of a peering (alibaba), or one side's half (jdcloud)",
        keys: &[
            Key("local", Text, Required, "This side's VPC"),
            Key("peer", Text, Required, "The other VPC"),
            Key(
                "spec",
                Text,
                Optional,
                "The bandwidth class, as in `\"Large.1\"`, or its bandwidth: `\"1Gb\"` (alibaba, required there)",
            ),
            DELAY,
            ID,
            UNCHECKED,
        ],
    },
    TableKind {
        name: "check",
        about: "What must be true of packets",
        keys: &[
            Key("from", Text, Required, "An instance, or `\"internet\"`"),
            Key(
                "to",
                Text,
                Required,
                "An instance, `\"internet\"` (the host 198.51.100.1 on the internet), or an IPv4 address",
            ),
            Key("protocol", Matching(PROTOCOL), Optional, "`\"icmp\"` (default), `\"tcp/22\"`, `\"udp/53\"`"),
            Key("expect", One(&["reach", "drop"]), Optional, "The expected result"),
            Key("because", Reason, Optional, "With `\"drop\"`: the expected reason (§3)"),
            Key("both_ways", Boolean, Optional, "Whether to check from `to` to `from` as well"),
            Key(
                "bandwidth",
                Text,
                Optional,
                "The expected TCP throughput between two instances, within 15 %: `\"2Mbit\"`, `\"500kbit\"`, `\"1Gbit\"`. Excludes `because`, `expect` other than `\"reach\"`, and `protocol` other than TCP, whose port is used; by default, a port that the groups accept",
            ),
        ],
    },
    TableKind {
        name: "step",
        about: "A step of the tutorial",
        keys: &[
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
        ],
    },
    TableKind {
        name: "wording",
        about: "A lab or a step in another language",
        keys: &[Key("title", Text, Optional, "The title"), Key("text", Text, Optional, "The text")],
    },
];
