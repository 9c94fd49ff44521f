//! The keys of the families' tables, and keys of other tables that differ by provider, with their descriptions for the
//! schema and the reference.

use super::Needed::{Optional, Required};
use super::Takes::{Boolean, Matching, Number, Table, Text, TextOrTexts, Texts, Word};
use super::{Key, TableKind};

/// Why no check covers a table.
pub const UNCHECKED: Key = Key("unchecked", Text, Optional, "Why no check covers this table (`peerlab test --mutate`)");
/// A resource's id.
pub const ID: Key = Key("id", Text, Optional, "The resource's id; derived from its name by default");
/// A peering's delay.
pub const DELAY: Key = Key(
    "latency",
    Matching(LATENCY),
    Optional,
    "One-way delay, as in `\"30ms\"`; needs netem in the kernel, and `up` warns if it leaves the delay out",
);
/// A peering's MTU.
pub const MTU: Key = Key(
    "mtu",
    Number,
    Optional,
    "The size of the largest IP packet that passes it, in bytes, 1280 to 9216; by default, and at most, the smaller MTU of both VPCs",
);
/// The MTU of a VPC's links.
pub const VPC_MTU: Key = Key(
    "mtu",
    Number,
    Optional,
    "The size of the largest IP packet of its links, in bytes, 1280 to 9216, as in `8500`; default 1500",
);
/// The pattern of a delay.
const LATENCY: &str = "^[0-9]+(\\.[0-9]+)?(us|ms|s)$";
/// The pattern of a region's name.
pub const REGION: &str = "^[A-Za-z0-9-]+$";
/// The id of a VPC's router.
pub const ROUTER_ID: Key = Key("router_id", Text, Optional, "The id of its router (alibaba)");
/// The other blocks of a VPC.
pub const SECONDARY_CIDRS: Key = Key("secondary_cidrs", Texts, Optional, "Its other blocks (alibaba, aws, tencent)");
/// The next hops of a route entry.
pub const VIA: Key = Key(
    "via",
    TextOrTexts,
    Required,
    "The next hop: a router interface, a peering, an instance, or `\"internet\"` (jdcloud); with several, each takes the flows of some instances",
);
/// The priority of a route entry.
pub const ENTRY_PRIORITY: Key = Key(
    "priority",
    Number,
    Optional,
    "1 (first) to 255, default 100; among a destination's entries, the first whose next hop carries traffic is in use (jdcloud)",
);

/// `[router_interface.NAME]`.
pub const ROUTER_INTERFACE: TableKind = TableKind {
    name: "router_interface",
    about: "One end of a peering (alibaba)",
    keys: &[
        Key("vpc", Text, Required, "The VPC whose router it is on"),
        Key("role", Word(&["initiator", "acceptor"]), Required, "The side of the handshake"),
        Key("spec", Text, Optional, "The initiator's bandwidth class, as in `\"Mini.2\"`, or its bandwidth: `\"2Mb\"`"),
        DELAY,
        MTU,
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
};
/// All of these tables.
pub const ROUTER_INTERFACES: &str = "Ends of peerings, by name (alibaba)";
/// `opposite = { … }` in it.
pub const OPPOSITE: TableKind = TableKind {
    name: "opposite",
    about: "The other end",
    keys: &[
        Key("account", Text, Optional, "Its account; optional if the lab has one account"),
        Key("router", Text, Optional, "Its router; looked up by default"),
        Key("interface", Text, Required, "Its name or id"),
    ],
};
/// `[peering_connection.NAME]`.
pub const PEERING_CONNECTION: TableKind = TableKind {
    name: "peering_connection",
    about: "A peering connection: one side requests it, the other accepts it (alibaba, aws)",
    keys: &[
        Key("vpc", Text, Required, "The requester's VPC"),
        Key("peer_vpc", Text, Required, "The accepter's VPC, by name or id"),
        Key("peer_account", Text, Optional, "The account of the accepter's VPC; its owner by default"),
        Key("peer_region", Matching(REGION), Optional, "The region of the accepter's VPC; looked up by default"),
        Key(
            "bandwidth",
            Text,
            Optional,
            "The bandwidth between two regions, as in `\"100Mbit\"`; in one region it is not limited",
        ),
        DELAY,
        MTU,
        Key(
            "accept",
            Boolean,
            Optional,
            "Whether the peer accepts the request; not needed where the provider accepts it by itself",
        ),
        ID,
        UNCHECKED,
    ],
};
/// `[peering.NAME]`.
pub const PEERING: TableKind = TableKind {
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
        MTU,
        ID,
        UNCHECKED,
    ],
};
