//! The tables of the northbound database, and their columns, as far as a lab uses them.

use std::fmt;

use peerlab_ovsdb::{Datum, Need, Row};

/// The key in `external_ids` that names the lab to which a row belongs.
pub const OWNER: &str = "peerlab";

/// The key in `external_ids` that identifies a row in its table and lab.
pub const KEY: &str = "key";

/// A table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Table {
    /// A subnet.
    LogicalSwitch,
    /// A port of a subnet: an instance, the subnet's router, a wire.
    LogicalSwitchPort,
    /// A VPC, or the edge of a subnet with a network ACL.
    LogicalRouter,
    /// A port of a router: a subnet, a peering, the internet.
    LogicalRouterPort,
    /// A route of a table.
    StaticRoute,
    /// What a router decides after the routes.
    Policy,
    /// A public address.
    Nat,
    /// The host where a router's port to the internet is.
    GatewayChassis,
    /// The members of a security group.
    PortGroup,
    /// A rule of a security group.
    Acl,
    /// Addresses by a name.
    AddressSet,
}

impl Table {
    /// All tables, those first that nothing refers to.
    pub const ALL: [Table; 11] = [
        Table::LogicalSwitch,
        Table::LogicalRouter,
        Table::PortGroup,
        Table::AddressSet,
        Table::LogicalSwitchPort,
        Table::LogicalRouterPort,
        Table::StaticRoute,
        Table::Policy,
        Table::Nat,
        Table::GatewayChassis,
        Table::Acl,
    ];

    /// Its name in the schema.
    pub const fn name(self) -> &'static str {
        match self {
            Table::LogicalSwitch => "Logical_Switch",
            Table::LogicalSwitchPort => "Logical_Switch_Port",
            Table::LogicalRouter => "Logical_Router",
            Table::LogicalRouterPort => "Logical_Router_Port",
            Table::StaticRoute => "Logical_Router_Static_Route",
            Table::Policy => "Logical_Router_Policy",
            Table::Nat => "NAT",
            Table::GatewayChassis => "Gateway_Chassis",
            Table::PortGroup => "Port_Group",
            Table::Acl => "ACL",
            Table::AddressSet => "Address_Set",
        }
    }

    /// Whether its rows stay without a reference. The server forgets a row of any other table once nothing refers to it.
    pub fn is_root(self) -> bool {
        matches!(self, Table::LogicalSwitch | Table::LogicalRouter | Table::PortGroup | Table::AddressSet)
    }

    /// The columns that refer to other rows.
    pub fn references(self) -> &'static [&'static str] {
        match self {
            Table::LogicalSwitch => &["ports"],
            Table::LogicalRouter => &["nat", "policies", "ports", "static_routes"],
            Table::LogicalRouterPort => &["gateway_chassis"],
            Table::PortGroup => &["acls", "ports"],
            _ => &[],
        }
    }

    /// Every column that a row can have, with the value of a row that says nothing about it. All are compared and written: a column
    /// that is not written keeps its old value.
    pub fn defaults(self) -> Row {
        let (none, map, text) = (Datum::none(), Datum::map::<&str, &str>([]), Datum::one(""));
        let columns: &[(&str, &Datum)] = match self {
            Table::LogicalSwitch => &[("name", &text), ("ports", &none), ("acls", &none), ("other_config", &map)],
            Table::LogicalSwitchPort => &[
                ("name", &text),
                ("type", &text),
                ("addresses", &none),
                ("port_security", &none),
                ("options", &map),
                ("enabled", &none),
            ],
            Table::LogicalRouter => &[
                ("name", &text),
                ("ports", &none),
                ("static_routes", &none),
                ("policies", &none),
                ("nat", &none),
                ("options", &map),
                ("enabled", &none),
            ],
            Table::LogicalRouterPort => &[
                ("name", &text),
                ("mac", &text),
                ("networks", &none),
                ("peer", &none),
                ("options", &map),
                ("gateway_chassis", &none),
                ("enabled", &none),
            ],
            Table::StaticRoute => &[
                ("ip_prefix", &text),
                ("nexthop", &text),
                ("output_port", &none),
                ("route_table", &text),
                ("policy", &none),
                ("options", &map),
            ],
            Table::Policy => {
                &[("priority", &none), ("match", &text), ("action", &text), ("nexthops", &none), ("options", &map)]
            }
            Table::Nat => &[
                ("type", &text),
                ("external_ip", &text),
                ("logical_ip", &text),
                ("external_mac", &none),
                ("logical_port", &none),
                ("options", &map),
            ],
            Table::GatewayChassis => &[("name", &text), ("chassis_name", &text), ("priority", &none)],
            Table::PortGroup => &[("name", &text), ("ports", &none), ("acls", &none)],
            Table::Acl => {
                &[("direction", &text), ("priority", &none), ("match", &text), ("action", &text), ("options", &map)]
            }
            Table::AddressSet => &[("name", &text), ("addresses", &none)],
        };
        columns.iter().map(|(column, value)| ((*column).to_owned(), (*value).clone())).collect()
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

const fn need(table: &'static str, column: &'static str, since: &'static str) -> Need {
    Need { table, column, since }
}

/// The columns without which a lab cannot be written.
pub const NEEDS: &[Need] = &[
    need("Logical_Router_Static_Route", "route_table", "OVN 21.09"),
    need("Logical_Router_Static_Route", "output_port", "OVN 2.10"),
    need("Logical_Router_Policy", "nexthops", "OVN 21.03"),
    need("Logical_Router_Port", "gateway_chassis", "OVN 2.10"),
    need("Port_Group", "acls", "OVN 2.10"),
    need("ACL", "options", "OVN 21.12"),
    need("DNS", "external_ids", "OVN 2.10"),
];
