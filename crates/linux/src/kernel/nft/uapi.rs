//! The kernel's numbers, from `linux/netlink.h`, `linux/netfilter/nfnetlink.h` and `nf_tables.h`;
//! set types and user data are `nft`'s own (`datatype.h`, `libnftnl/udata.h`). Each is called as it is there, without the
//! prefix that its module names.

/// `NLM_F_*`.
pub(super) mod flag {
    pub(crate) const REQUEST: u16 = 1;
    pub(crate) const ACK: u16 = 4;
    pub(crate) const DUMP: u16 = 0x300;
    pub(crate) const EXCLUSIVE: u16 = 0x200;
    pub(crate) const CREATE: u16 = 0x400;
    pub(crate) const APPEND: u16 = 0x800;
}

/// Message types: `NFNL_MSG_BATCH_*`, `NFNL_SUBSYS_NFTABLES << 8 | NFT_MSG_*`.
pub(super) mod msg {
    pub(crate) const BATCH_BEGIN: u16 = 0x10;
    pub(crate) const BATCH_END: u16 = 0x11;
    pub(crate) const NEW_TABLE: u16 = 0xa00;
    pub(crate) const GET_TABLE: u16 = 0xa01;
    pub(crate) const DELETE_TABLE: u16 = 0xa02;
    pub(crate) const NEW_CHAIN: u16 = 0xa03;
    pub(crate) const GET_CHAIN: u16 = 0xa04;
    pub(crate) const DELETE_CHAIN: u16 = 0xa05;
    pub(crate) const NEW_RULE: u16 = 0xa06;
    pub(crate) const GET_RULE: u16 = 0xa07;
    pub(crate) const DELETE_RULE: u16 = 0xa08;
    pub(crate) const NEW_SET: u16 = 0xa09;
    pub(crate) const GET_SET: u16 = 0xa0a;
    pub(crate) const DELETE_SET: u16 = 0xa0b;
    pub(crate) const NEW_ELEMENTS: u16 = 0xa0c;
    pub(crate) const GET_ELEMENTS: u16 = 0xa0d;
    pub(crate) const DELETE_ELEMENTS: u16 = 0xa0e;
    pub(crate) const NEW_OBJECT: u16 = 0xa12;
    pub(crate) const GET_OBJECT: u16 = 0xa13;
    pub(crate) const DELETE_OBJECT: u16 = 0xa14;
    pub(crate) const GET_FLOWTABLE: u16 = 0xa17;
}

/// `NFNL_SUBSYS_NFTABLES`.
pub(super) const SUBSYSTEM_NFTABLES: u16 = 10;

/// `NFPROTO_*`.
pub(super) mod family {
    pub(crate) const UNSPECIFIED: u8 = 0;
    pub(crate) const INET: u8 = 1;
    pub(crate) const IP: u8 = 2;
    pub(crate) const ARP: u8 = 3;
    pub(crate) const NETDEV: u8 = 5;
    pub(crate) const BRIDGE: u8 = 7;
    pub(crate) const IP6: u8 = 10;
}

/// `NFTA_LIST_ELEM`.
pub(super) const LIST_ELEMENT: u16 = 1;

/// `NFTA_TABLE_*`.
pub(super) mod table {
    pub(crate) const NAME: u16 = 1;
    pub(crate) const FLAGS: u16 = 2;
}

/// `NFTA_CHAIN_*`.
pub(super) mod chain {
    pub(crate) const TABLE: u16 = 1;
    pub(crate) const NAME: u16 = 3;
    pub(crate) const HOOK: u16 = 4;
    pub(crate) const POLICY: u16 = 5;
    pub(crate) const TYPE: u16 = 7;
    pub(crate) const FLAGS: u16 = 10;
    /// `NFT_CHAIN_BASE`.
    pub(crate) const BASE: u32 = 1;
    /// `NFT_CHAIN_BINDING`: a chain that a rule has for itself alone.
    pub(crate) const BINDING: u32 = 4;
}

/// `NFTA_HOOK_*`.
pub(super) mod hook {
    pub(crate) const NUMBER: u16 = 1;
    pub(crate) const PRIORITY: u16 = 2;
}

/// `NFTA_RULE_*`.
pub(super) mod rule {
    pub(crate) const TABLE: u16 = 1;
    pub(crate) const CHAIN: u16 = 2;
    pub(crate) const HANDLE: u16 = 3;
    pub(crate) const EXPRESSIONS: u16 = 4;
    pub(crate) const COMPAT: u16 = 5;
    /// The handle of the rule before it.
    pub(crate) const POSITION: u16 = 6;
    pub(crate) const USERDATA: u16 = 7;
    /// `NFTNL_UDATA_RULE_COMMENT`.
    pub(crate) const UDATA_COMMENT: u8 = 0;
}

/// `NFTA_SET_*`.
pub(super) mod set {
    pub(crate) const TABLE: u16 = 1;
    pub(crate) const NAME: u16 = 2;
    pub(crate) const FLAGS: u16 = 3;
    pub(crate) const KEY_TYPE: u16 = 4;
    pub(crate) const KEY_LENGTH: u16 = 5;
    pub(crate) const DATA_TYPE: u16 = 6;
    pub(crate) const DATA_LENGTH: u16 = 7;
    pub(crate) const DESCRIPTION: u16 = 9;
    pub(crate) const ID: u16 = 10;
    pub(crate) const USERDATA: u16 = 13;
    /// `NFT_SET_ANONYMOUS`.
    pub(crate) const ANONYMOUS: u32 = 1;
    /// `NFT_SET_MAP`.
    pub(crate) const MAP: u32 = 8;
    /// `NFT_DATA_VERDICT`.
    pub(crate) const DATA_VERDICT: u32 = 0xffff_ff00;
    /// `NFTNL_UDATA_SET_KEYBYTEORDER`.
    pub(crate) const UDATA_KEY_ORDER: u8 = 0;
    /// `NFTNL_UDATA_SET_DATABYTEORDER`.
    pub(crate) const UDATA_DATA_ORDER: u8 = 1;
    /// `enum byteorder`: unknown, of the host, of the network.
    pub(crate) const ORDER_NONE: u32 = 0;
    pub(crate) const ORDER_HOST: u32 = 1;
    pub(crate) const ORDER_NETWORK: u32 = 2;
    /// `enum datatypes`, six bits for each field of a concatenation.
    pub(crate) const TYPE_IPADDR: u32 = 7;
    pub(crate) const TYPE_ETHERADDR: u32 = 9;
    pub(crate) const TYPE_IFINDEX: u32 = 20;
    pub(crate) const TYPE_CT_STATE: u32 = 26;
    pub(crate) const TYPE_BITS: u32 = 6;
}

/// `NFTA_SET_ELEM_LIST_*`.
pub(super) mod elements {
    pub(crate) const TABLE: u16 = 1;
    pub(crate) const SET: u16 = 2;
    pub(crate) const ELEMENTS: u16 = 3;
}

/// `NFTA_SET_ELEM_*`.
pub(super) mod element {
    pub(crate) const KEY: u16 = 1;
    pub(crate) const DATA: u16 = 2;
    pub(crate) const PAD: u16 = 8;
}

/// `NFTA_DATA_*`.
pub(super) mod data {
    pub(crate) const VALUE: u16 = 1;
    pub(crate) const VERDICT: u16 = 2;
}

/// `NFTA_VERDICT_*`, `NF_*` and `NFT_*` verdicts.
pub(super) mod verdict {
    pub(crate) const CODE: u16 = 1;
    pub(crate) const CHAIN: u16 = 2;
    pub(crate) const DROP: u32 = 0;
    pub(crate) const ACCEPT: u32 = 1;
    pub(crate) const JUMP: u32 = -3i32 as u32;
    pub(crate) const GOTO: u32 = -4i32 as u32;
    pub(crate) const RETURN: u32 = -5i32 as u32;
}

/// `NFTA_OBJ_*`.
pub(super) mod object {
    pub(crate) const TABLE: u16 = 1;
    pub(crate) const NAME: u16 = 2;
    pub(crate) const TYPE: u16 = 3;
    pub(crate) const DATA: u16 = 4;
    /// `NFT_OBJECT_COUNTER`.
    pub(crate) const COUNTER: u32 = 1;
}

/// `NFTA_FLOWTABLE_*`.
pub(super) mod flowtable {
    pub(crate) const TABLE: u16 = 1;
    pub(crate) const NAME: u16 = 2;
}

/// `NFTA_EXPR_*`.
pub(super) mod expr {
    pub(crate) const NAME: u16 = 1;
    pub(crate) const DATA: u16 = 2;
}

/// Registers: `NFT_REG_1` is the first of 16 of four bytes; the others are named `NFT_REG32_*`.
pub(super) mod register {
    pub(crate) const VERDICT: u32 = 0;
    pub(crate) const FIRST: u32 = 1;
    pub(crate) const SECOND: u32 = 2;
    pub(crate) const FIRST_OF_4_BYTES: u32 = 8;
    /// Slots of four bytes in all.
    pub(crate) const SLOTS: u32 = 16;
}

/// `NFTA_META_*`, `NFT_META_*`.
pub(super) mod meta {
    pub(crate) const DREG: u16 = 1;
    pub(crate) const KEY: u16 = 2;
    pub(crate) const PROTOCOL: u32 = 1;
    pub(crate) const IIF: u32 = 4;
    pub(crate) const OIF: u32 = 5;
    pub(crate) const NFPROTO: u32 = 15;
    pub(crate) const L4PROTO: u32 = 16;
    pub(crate) const PKTTYPE: u32 = 19;
    pub(crate) const IIFGROUP: u32 = 21;
    pub(crate) const OIFGROUP: u32 = 22;
}

/// `NFTA_PAYLOAD_*`, `NFT_PAYLOAD_*_HEADER`.
pub(super) mod payload {
    pub(crate) const DREG: u16 = 1;
    pub(crate) const BASE: u16 = 2;
    pub(crate) const OFFSET: u16 = 3;
    pub(crate) const LENGTH: u16 = 4;
    pub(crate) const LINK: u32 = 0;
    pub(crate) const NETWORK: u32 = 1;
    pub(crate) const TRANSPORT: u32 = 2;
}

/// `NFTA_CT_*`, `NFT_CT_*`.
pub(super) mod ct {
    pub(crate) const DREG: u16 = 1;
    pub(crate) const KEY: u16 = 2;
    pub(crate) const SREG: u16 = 4;
    pub(crate) const STATE: u32 = 0;
    pub(crate) const DIRECTION: u32 = 1;
    pub(crate) const STATUS: u32 = 2;
    pub(crate) const MARK: u32 = 3;
}

/// `NFTA_RT_*`, `NFT_RT_*`.
pub(super) mod rt {
    pub(crate) const DREG: u16 = 1;
    pub(crate) const KEY: u16 = 2;
    pub(crate) const NEXTHOP4: u32 = 1;
}

/// `NFTA_BITWISE_*`.
pub(super) mod bitwise {
    pub(crate) const SREG: u16 = 1;
    pub(crate) const DREG: u16 = 2;
    pub(crate) const LENGTH: u16 = 3;
    pub(crate) const MASK: u16 = 4;
    pub(crate) const XOR: u16 = 5;
    pub(crate) const OP: u16 = 6;
}

/// `NFTA_CMP_*`, `NFT_CMP_*`.
pub(super) mod cmp {
    pub(crate) const SREG: u16 = 1;
    pub(crate) const OP: u16 = 2;
    pub(crate) const DATA: u16 = 3;
    pub(crate) const EQ: u32 = 0;
    pub(crate) const NEQ: u32 = 1;
    pub(crate) const LTE: u32 = 3;
    pub(crate) const GTE: u32 = 5;
}

/// `NFTA_LOOKUP_*`.
pub(super) mod lookup {
    pub(crate) const SET: u16 = 1;
    pub(crate) const SREG: u16 = 2;
    pub(crate) const DREG: u16 = 3;
    pub(crate) const FLAGS: u16 = 5;
    pub(crate) const INVERTED: u32 = 1;
}

/// `NFTA_COUNTER_*`.
pub(super) mod counter {
    pub(crate) const BYTES: u16 = 1;
    pub(crate) const PACKETS: u16 = 2;
}

/// `NFTA_OBJREF_*`.
pub(super) mod objref {
    pub(crate) const TYPE: u16 = 1;
    pub(crate) const NAME: u16 = 2;
}

/// `NFTA_IMMEDIATE_*`.
pub(super) mod immediate {
    pub(crate) const DREG: u16 = 1;
    pub(crate) const DATA: u16 = 2;
}

/// `NFTA_NAT_*`.
pub(super) mod nat {
    pub(crate) const TYPE: u16 = 1;
    pub(crate) const FAMILY: u16 = 2;
    pub(crate) const ADDRESS_MIN: u16 = 3;
    pub(crate) const ADDRESS_MAX: u16 = 4;
    pub(crate) const PORT_MIN: u16 = 5;
    pub(crate) const PORT_MAX: u16 = 6;
    pub(crate) const FLAGS: u16 = 7;
    /// `NF_NAT_RANGE_MAP_IPS`.
    pub(crate) const MAP_ADDRESSES: u32 = 1;
    /// `NF_NAT_RANGE_PROTO_SPECIFIED`.
    pub(crate) const PORT: u32 = 2;
    pub(crate) const SOURCE: u32 = 0;
    pub(crate) const DESTINATION: u32 = 1;
}
