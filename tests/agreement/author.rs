//! Random stories: VPCs in chains, in rings and separate, some with the same blocks; then random operations of their
//! owners.

use std::collections::BTreeSet;

use peerlab::cloud::{Cloud, VpcName};

use crate::world::{ACCOUNTS, Line, Story};

/// SplitMix64: the same seed gives the same story on every machine.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((mixed ^ (mixed >> 31)) % sides as u64) as usize
    }

    fn one_in(&mut self, sides: usize) -> bool {
        self.roll(sides) == 0
    }

    fn pick<T: Clone>(&mut self, all: &[T]) -> T {
        all[self.roll(all.len())].clone()
    }
}

/// Blocks of VPCs, each with two subnets' blocks. The first and the third are the same; the last contains the first
/// three, but has different subnets. Two are not private; the last contains the lab's public addresses.
const BLOCKS: [(&str, [&str; 2]); 9] = [
    ("10.1.0.0/16", ["10.1.1.0/24", "10.1.2.0/28"]),
    ("10.2.0.0/16", ["10.2.1.0/24", "10.2.128.0/17"]),
    ("10.1.0.0/16", ["10.1.1.0/24", "10.1.7.0/24"]),
    ("172.16.0.0/16", ["172.16.1.0/24", "172.16.2.0/24"]),
    ("192.168.0.0/16", ["192.168.1.0/24", "192.168.2.0/24"]),
    ("10.3.0.0/20", ["10.3.0.0/20", "10.3.0.0/20"]),
    ("10.0.0.0/8", ["10.9.1.0/24", "10.2.3.0/24"]),
    ("30.1.0.0/16", ["30.1.1.0/24", "30.1.2.0/24"]),
    ("203.0.112.0/20", ["203.0.113.0/28", "203.0.115.0/24"]),
];

/// A second block of a VPC, and its subnet.
fn secondary(v: usize) -> (String, String) {
    (format!("10.20{v}.0.0/16"), format!("10.20{v}.1.0/24"))
}

/// The providers of stories.
const PROVIDERS: [&str; 4] = ["alibaba", "jdcloud", "aws", "tencent"];

/// The number of them that JD Cloud and Tencent Cloud accept: the private ones.
const PRIVATE: usize = 6;

/// Destinations in addition to the VPCs' blocks.
const DESTINATIONS: [&str; 11] = [
    "30.0.0.0/8",
    "0.0.0.0/0",
    "0.0.0.0/0",
    "10.0.0.0/8",
    "10.0.0.0/14",
    "203.0.113.0/24",
    "198.51.100.0/24",
    "8.8.8.8/32",
    "192.0.2.0/24",
    "172.16.0.0/12",
    "128.0.0.0/1",
];

/// Sources and destinations of rules in addition to the VPCs' blocks.
const PEERS: [&str; 6] = ["0.0.0.0/0", "0.0.0.0/0", "10.0.0.0/8", "203.0.113.0/25", "198.51.100.1/32", "8.8.8.0/24"];

const PROTOCOLS: [&str; 9] =
    ["icmp", "all", "all", "tcp", "tcp --port 22", "tcp --port 1/100", "udp --port 53", "udp --port 54/99", "gre"];

/// The most instances.
const INSTANCES: usize = 8;

/// What things are called: by letters of their own for each kind, in other scripts, or all alike, so that only the kind tells
/// a VPC from an instance.
#[derive(Clone, Copy, Debug)]
enum Naming {
    Plain,
    Scripts,
    Alike,
}

impl Naming {
    fn name(self, kind: &str, number: &str) -> String {
        match (self, kind) {
            (Naming::Plain, "vpc") => format!("V{number}"),
            (Naming::Plain, "subnet") => format!("s{number}"),
            (Naming::Plain, "route_table") => format!("t{number}"),
            (Naming::Plain, "security_group") => format!("g{number}"),
            (Naming::Plain, "network_acl") => format!("n{number}"),
            (Naming::Plain, "nat_gateway") => format!("w{number}"),
            (Naming::Plain, "gateway") => format!("x{number}"),
            (Naming::Plain, "instance") => format!("i{number}"),
            (Naming::Plain, _) => format!("e{number}"),
            (Naming::Scripts, "vpc") => format!("{number}_专有网络"),
            (Naming::Scripts, "subnet") => format!("подсеть.{number}"),
            (Naming::Scripts, "route_table") => format!("टेबल-{number}"),
            (Naming::Scripts, "security_group") => format!("קבוצה{number}"),
            (Naming::Scripts, "network_acl") => format!("网络ACL-{number}"),
            (Naming::Scripts, "nat_gateway") => format!("шлюз-{number}"),
            (Naming::Scripts, "gateway") => format!("网关{number}"),
            (Naming::Scripts, "instance") => number.to_string(),
            (Naming::Scripts, _) => format!("连接{number}-到很远很远很远的地方"),
            (Naming::Alike, _) => format!("prod-{number}"),
        }
    }
}

/// The author of a story.
struct Author {
    dice: Dice,
    naming: Naming,
    alibaba: bool,
    aws: bool,
    tencent: bool,
    cloud: Cloud,
    owners: Vec<&'static str>,
    lines: Vec<Line>,
    told: Vec<Vec<Line>>,
    made: usize,
}

/// The story of a seed: a beginning, then `changes` phases of a few operations each.
///
/// Its provider is one of all, or the wanted one.
pub fn story(seed: u64, changes: usize, wanted: Option<&str>) -> Story {
    let mut dice = Dice(seed.wrapping_mul(0xd134_2543_de82_ef95));
    let drawn = dice.pick(&PROVIDERS);
    let provider = PROVIDERS.into_iter().find(|name| Some(*name) == wanted).unwrap_or(drawn);
    let naming = dice.pick(&[Naming::Plain, Naming::Scripts, Naming::Alike]);
    let vpcs = 2 + dice.roll(3);
    let owners = (0..vpcs).map(|_| dice.pick(&ACCOUNTS)).collect();
    let cloud = Story::beginning(provider);
    let (alibaba, aws, tencent) = (provider == "alibaba", provider == "aws", provider == "tencent");
    let mut author =
        Author { dice, naming, alibaba, aws, tencent, cloud, owners, lines: Vec::new(), told: Vec::new(), made: 0 };
    author.begin();
    for _ in 0..changes {
        for _ in 0..=author.dice.roll(6) {
            author.act();
        }
        author.close();
    }
    Story { provider, phases: author.told }
}

impl Author {
    /// Ends a phase.
    fn close(&mut self) {
        self.told.push(std::mem::take(&mut self.lines));
    }

    /// Runs an operation, and records it if the Cloud accepted it.
    fn run(&mut self, caller: &'static str, text: String) {
        let line = Line { caller, text };
        if Story::does(&mut self.cloud, &line) {
            self.lines.push(line);
        }
    }

    /// Whether it is the provider with priorities of entries, one region and private blocks only.
    fn is_jd(&self) -> bool {
        !self.alibaba && !self.aws && !self.tencent
    }

    fn v(&self, v: usize) -> String {
        self.naming.name("vpc", &v.to_string())
    }

    fn subnet(&self, v: usize, s: usize) -> String {
        format!("{}/{}", self.v(v), self.naming.name("subnet", &s.to_string()))
    }

    fn t(&self, v: usize) -> String {
        self.naming.name("route_table", &v.to_string())
    }

    fn n(&self, v: usize) -> String {
        self.naming.name("network_acl", &v.to_string())
    }

    fn nat(&self, v: usize) -> String {
        self.naming.name("nat_gateway", &v.to_string())
    }

    fn gateway(&self, v: usize) -> String {
        self.naming.name("gateway", &v.to_string())
    }

    fn g(&self, v: usize, g: usize) -> String {
        self.naming.name("security_group", &format!("{v}{g}"))
    }

    fn vpc(&mut self) -> (usize, &'static str) {
        let v = self.dice.roll(self.owners.len());
        (v, self.owners[v])
    }

    fn begin(&mut self) {
        let mut free: Vec<_> = BLOCKS[..if self.is_jd() || self.tencent { PRIVATE } else { BLOCKS.len() }].into();
        free.retain(|(block, _)| !(self.aws && *block == "10.0.0.0/8"));
        let vpcs = self.owners.len();
        // In most stories all links are as usual.
        let jumbo = self.dice.one_in(4);
        for v in 0..vpcs {
            let owner = self.owners[v];
            let (block, subnets) = free.remove(self.dice.roll(free.len()));
            let region = self.dice.pick(&["r1", "r1", "r2"]);
            let mtu = if jumbo { self.dice.pick(&["", " --mtu 8500", " --mtu 1400"]) } else { "" };
            self.run(
                owner,
                format!(
                    "create-vpc {} --region {} --cidr {block}{mtu}",
                    self.v(v),
                    if self.is_jd() { "r1" } else { region }
                ),
            );
            for (s, cidr) in subnets.into_iter().enumerate() {
                let name = self.naming.name("subnet", &s.to_string());
                self.run(owner, format!("create-subnet {name} --vpc {} --cidr {cidr}", self.v(v)));
            }
            if !self.is_jd() && self.dice.one_in(4) {
                let (block, subnet) = secondary(v);
                let name = self.naming.name("subnet", "2");
                self.run(owner, format!("add-cidr {} --cidr {block}", self.v(v)));
                self.run(owner, format!("create-subnet {name} --vpc {} --cidr {subnet}", self.v(v)));
            }
            self.run(owner, format!("create-route-table {} --vpc {}", self.t(v), self.v(v)));
            for g in 0..2 {
                self.create_group(v, owner, g);
            }
        }
        for _ in 0..3 + self.dice.roll(INSTANCES - 3) {
            self.create_instance();
        }
        for v in 0..vpcs {
            let owner = self.owners[v];
            if self.dice.one_in(2) {
                let vpc = self.v(v);
                if self.aws {
                    self.create_gateway(v);
                }
                let out = self.way_out(v);
                self.run(owner, format!("create-route-entry --vpc {vpc} --destination 0.0.0.0/0 --next-hop {out}"));
            }
            for g in 0..2 {
                if !self.dice.one_in(3) {
                    let (protocol, peer) =
                        (self.dice.pick(&["all", "all", "icmp"]), self.dice.pick(&["0.0.0.0/0", "10.0.0.0/8"]));
                    self.run(
                        owner,
                        format!(
                            "authorize-security-group {} --protocol {protocol} --cidr {peer}{}",
                            self.g(v, g),
                            if self.aws { "" } else { " --priority 3" }
                        ),
                    );
                }
            }
        }
        // A chain, which half of the time is a ring; sometimes with a gap.
        for v in 0..vpcs {
            let closes = v + 1 == vpcs;
            if (closes && (vpcs == 2 || self.dice.one_in(2))) || self.dice.one_in(6) {
                continue;
            }
            self.connect(v, (v + 1) % vpcs);
        }
        // In some stories nothing is filtered at the edge of a subnet.
        if self.dice.one_in(2) {
            for v in 0..vpcs {
                self.create_acl(v);
            }
        }
        for v in 0..vpcs {
            if self.dice.one_in(4) {
                self.create_nat(v);
            }
            if self.alibaba && self.dice.one_in(5) || self.aws && !self.dice.one_in(4) {
                self.create_gateway(v);
            }
        }
        for _ in 0..self.dice.roll(16) {
            self.act();
        }
        self.close();
    }

    fn act(&mut self) {
        let (v, owner) = self.vpc();
        match self.dice.roll(33) {
            0 => self.create_instance(),
            1..=4 => self.create_entry(v, owner),
            5 | 6 => {
                let verbs = match self.aws {
                    true => ["unassociate", "associate", "associate", "replace-association"],
                    false => ["unassociate", "associate", "associate", "associate"],
                };
                let verb = match self.dice.pick(&verbs) {
                    "replace-association" => "replace-route-table-association".to_owned(),
                    verb => format!("{verb}-route-table"),
                };
                let s = self.dice.roll(2);
                self.run(owner, format!("{verb} {} --subnet {}", self.t(v), self.subnet(v, s)));
            }
            7 if self.aws && self.dice.one_in(3) => {
                let table = if self.dice.one_in(3) { format!("{}/default", self.v(v)) } else { self.t(v) };
                self.run(owner, format!("set-main-route-table {table}"));
            }
            7 | 8 => {
                let (w, _) = self.vpc();
                if v != w {
                    self.connect(v, w);
                }
            }
            9..=13 => self.create_rule(v, owner),
            14 => {
                let g = self.dice.roll(2);
                let verb = self.dice.pick(&["join-security-group", "join-security-group", "leave-security-group"]);
                if let Some(instance) = self.instance_of(v) {
                    self.run(owner, format!("{verb} {instance} --group {}", self.g(v, g)));
                }
            }
            15 | 16 if self.alibaba => {
                let w = self.dice.roll(self.owners.len());
                let verb = self.dice.pick(&["deactivate", "activate"]);
                self.run(owner, format!("{verb}-router-interface {}", self.end(v, w)));
            }
            17 | 18 => {
                let s = self.dice.roll(2);
                let verb = self.dice.pick(&["associate", "associate", "unassociate"]);
                self.run(owner, format!("{verb}-network-acl {} --subnet {}", self.n(v), self.subnet(v, s)));
            }
            19 => self.create_acl_entry(v, owner),
            20 | 21 => {
                let verb = self.dice.pick(&["stop", "start", "start"]);
                if let Some(instance) = self.instance_of(v) {
                    self.run(owner, format!("{verb}-instance {instance}"));
                }
            }
            22 => {
                let forwards = self.dice.one_in(2);
                if let Some(instance) = self.instance_of(v) {
                    self.run(owner, format!("modify-instance {instance} --forwards {forwards}"));
                }
            }
            23 if self.aws => self.lead_within(v, owner),
            23 | 24 => {
                let destination = self.block(&DESTINATIONS);
                let table = self.table(v);
                if let Some(instance) = self.instance_of(v) {
                    self.run(
                        owner,
                        format!(
                            "create-route-entry {table} --destination {destination} --next-hop instance:{instance}"
                        ),
                    );
                    if self.dice.one_in(2) {
                        self.run(owner, format!("stop-instance {instance}"));
                    }
                }
            }
            25 => self.create_nat(v),
            26 => self.create_nat_entry(v, owner),
            27 | 28 => {
                let associates = self.dice.one_in(2);
                if let Some(instance) = self.instance_of(v) {
                    // As in create_instance; and never the lowest, which is a router's own in the last block: a packet from
                    // that address is dropped by that router's kernel, which counts nothing.
                    let address = 40 + self.dice.roll(20);
                    self.run(
                        owner,
                        match associates {
                            true => format!("associate-public-ip {instance} --public-ip 203.0.113.{address}"),
                            false => format!("release-public-ip {instance}"),
                        },
                    );
                }
            }
            29 if self.aws && self.dice.one_in(2) => {
                let gateway = self.gateway(v);
                self.run(owner, format!("delete-gateway {gateway}"));
            }
            29 => self.create_gateway(v),
            _ => self.undo(),
        }
    }

    /// A route to a subnet of the VPC itself, by an instance that mostly forwards, or by the NAT gateway.
    fn lead_within(&mut self, v: usize, owner: &'static str) {
        let vpc: VpcName = self.v(v).parse().unwrap();
        let subnets: Vec<_> = self.cloud.subnets_of(&vpc).map(|it| it.cidr).collect();
        let (table, destination) = (self.table(v), self.dice.pick(&subnets));
        let by_nat = self.dice.one_in(5);
        let Some(instance) = self.instance_of(v) else { return };
        let hop = if by_nat { format!("nat_gateway:{}", self.nat(v)) } else { format!("instance:{instance}") };
        self.run(owner, format!("create-route-entry {table} --destination {destination} --next-hop {hop}"));
        if !by_nat && !self.dice.one_in(3) {
            self.run(owner, format!("modify-instance {instance} --forwards true"));
        }
    }

    /// A NAT gateway with entries, mostly with a route to it.
    fn create_nat(&mut self, v: usize) {
        let (owner, nat, s) = (self.owners[v], self.nat(v), self.dice.roll(2));
        let subnet = self.subnet(v, s);
        self.run(owner, format!("create-nat-gateway {nat} --subnet {subnet} --public-ip 203.0.113.{}", 100 + v));
        for _ in 0..1 + self.dice.roll(4) {
            self.create_nat_entry(v, owner);
        }
        if !self.dice.one_in(4) {
            self.lead(v, &format!("nat_gateway:{nat}"));
        }
    }

    fn create_nat_entry(&mut self, v: usize, owner: &'static str) {
        let (nat, vpc) = (self.nat(v), self.v(v));
        let vpc: VpcName = vpc.parse().unwrap();
        let Some(instance) = self.instance_of(v) else { return };
        let ip = self.cloud.instance(&instance.parse().unwrap()).unwrap().ip;
        if self.dice.one_in(2) {
            let subnets: Vec<_> = self.cloud.subnets_of(&vpc).map(|it| it.cidr.to_string()).collect();
            let block = if self.dice.one_in(4) { ip.to_string() } else { self.dice.pick(&subnets) };
            self.run(owner, format!("create-snat-entry {nat} --cidr {block}"));
        } else {
            let port = self.dice.pick(&["tcp --port 22", "tcp --port 22 --to-port 2222", "udp --port 53"]);
            self.run(owner, format!("create-dnat-entry {nat} --protocol {port} --to {ip}"));
        }
    }

    /// A gateway to the internet, mostly with a route to it.
    fn create_gateway(&mut self, v: usize) {
        let (owner, gateway) = (self.owners[v], self.gateway(v));
        self.run(owner, format!("create-gateway {gateway} --vpc {}", self.v(v)));
        if !self.dice.one_in(3) {
            self.lead(v, &format!("gateway:{gateway}"));
        }
    }

    /// The next hop to the internet.
    fn way_out(&self, v: usize) -> String {
        if self.aws { format!("gateway:{}", self.gateway(v)) } else { "internet".to_owned() }
    }

    /// A default route.
    fn lead(&mut self, v: usize, hop: &str) {
        let (owner, table) = (self.owners[v], self.table(v));
        let destination = self.dice.pick(&["0.0.0.0/0", "0.0.0.0/0", "198.51.100.0/24"]);
        let priority = if self.is_jd() { " --priority 50" } else { "" };
        self.run(owner, format!("create-route-entry {table} --destination {destination} --next-hop {hop}{priority}"));
    }

    /// An ACL that lets most pass, mostly associated with a subnet.
    fn create_acl(&mut self, v: usize) {
        let owner = self.owners[v];
        let default = if self.alibaba && self.dice.one_in(4) { " --default drop" } else { "" };
        self.run(owner, format!("create-network-acl {} --vpc {}{default}", self.n(v), self.v(v)));
        for direction in ["ingress", "egress"] {
            if !self.alibaba && !self.dice.one_in(3) {
                let protocol = self.dice.pick(&["all", "all", "icmp", "tcp --port 22", "tcp --port 1024/65535"]);
                let acl = self.n(v);
                self.run(owner, format!("create-network-acl-entry {acl} --number 200 --direction {direction} --protocol {protocol} --cidr 0.0.0.0/0"));
            }
        }
        for _ in 0..self.dice.roll(3) {
            self.create_acl_entry(v, owner);
        }
        let s = self.dice.roll(2);
        if self.dice.one_in(2) {
            self.run(owner, format!("associate-network-acl {} --subnet {}", self.n(v), self.subnet(v, s)));
        }
    }

    fn create_acl_entry(&mut self, v: usize, owner: &'static str) {
        let protocols =
            ["icmp", "all", "tcp", "tcp --port 22", "tcp --port 1024/65535", "udp --port 53", "udp --port 40000/60000"];
        let (protocol, cidr) = (self.dice.pick(&protocols), self.block(&PEERS));
        let (direction, policy) = (self.dice.pick(&["ingress", "egress"]), self.dice.pick(&["accept", "drop"]));
        let (acl, number) = (self.n(v), 1 + self.dice.roll(6));
        self.run(owner, format!(
            "create-network-acl-entry {acl} --number {number} --direction {direction} --protocol {protocol} --cidr {cidr} --policy {policy}"
        ));
    }

    fn create_group(&mut self, v: usize, owner: &'static str, g: usize) {
        let inner = if self.alibaba && self.dice.one_in(2) { " --inner-access drop" } else { "" };
        self.run(owner, format!("create-security-group {} --vpc {}{inner}", self.g(v, g), self.v(v)));
        if self.tencent && !self.dice.one_in(4) {
            let group = self.g(v, g);
            self.run(owner, format!("authorize-security-group-egress {group} --protocol all --cidr 0.0.0.0/0"));
        }
    }

    fn create_instance(&mut self) {
        if self.cloud.instances().count() == INSTANCES {
            return;
        }
        let (v, owner) = self.vpc();
        let s = self.dice.roll(3);
        let name = self.subnet(v, s);
        if !self.cloud.subnets().any(|subnet| subnet.name.to_string() == name) {
            return;
        }
        self.made += 1;
        let name = self.naming.name("instance", &self.made.to_string());
        let mut text = format!("create-instance {name} --subnet {}", self.subnet(v, s));
        if self.dice.one_in(3) {
            // In the subnet of the last block, and hardly ever the private address of an instance there: a packet from such an
            // address to itself is dropped by the receiver's kernel, which counts nothing.
            text += &format!(" --public-ip 203.0.113.{}", self.made + 6);
        }
        if self.dice.one_in(3) {
            text += " --forwards true";
        }
        if self.dice.one_in(6) {
            text += " --masquerade true";
        }
        for g in 0..2 {
            if self.dice.one_in(3) {
                text += &format!(" --security-group {}", self.g(v, g));
            }
        }
        self.run(owner, text);
    }

    fn instance_of(&mut self, v: usize) -> Option<String> {
        let vpc: VpcName = self.v(v).parse().unwrap();
        let all: Vec<_> = self.cloud.instances_of(&vpc).map(|it| it.name.to_string()).collect();
        (!all.is_empty()).then(|| self.dice.pick(&all))
    }

    /// A block that something has, or one of `others`.
    fn block(&mut self, others: &[&str]) -> String {
        let blocks: BTreeSet<_> = match self.dice.roll(4) {
            0 => return self.dice.pick(others).to_owned(),
            1 => self.cloud.subnets().map(|it| it.cidr).collect(),
            2 => self.cloud.instances().map(|it| it.ip.into()).collect(),
            _ => self.cloud.vpcs().flat_map(|it| it.blocks().collect::<Vec<_>>()).collect(),
        };
        let blocks: Vec<_> = blocks.into_iter().map(|it| it.to_string()).collect();
        if blocks.is_empty() { "0.0.0.0/0".to_owned() } else { self.dice.pick(&blocks) }
    }

    fn table(&mut self, v: usize) -> String {
        if self.dice.one_in(3) { format!("--table {}", self.t(v)) } else { format!("--vpc {}", self.v(v)) }
    }

    fn end(&self, v: usize, w: usize) -> String {
        self.naming.name("peering", &format!("{v}{w}"))
    }

    /// The connection of two VPCs, from whichever side.
    fn tie(&self, v: usize, w: usize) -> String {
        self.naming.name("connection", &format!("{}{}c", v.min(w), v.max(w)))
    }

    /// A connection, or an end, as a next hop, which an instance may be as well.
    fn hop(&self, v: usize, w: usize) -> String {
        let tie = self.tie(v, w);
        if self.cloud.peering_connections().any(|connection| connection.name.as_str() == tie) {
            return format!("peering_connection:{tie}");
        }
        format!("{}:{}", if self.alibaba { "router_interface" } else { "peering" }, self.end(v, w))
    }

    fn create_entry(&mut self, v: usize, owner: &'static str) {
        let table = self.table(v);
        let destination = self.block(&DESTINATIONS);
        let hop = match self.dice.roll(6) {
            0 | 1 => self.way_out(v),
            2 => self.instance_of(v).map_or_else(|| self.way_out(v), |it| format!("instance:{it}")),
            _ => {
                let w = self.dice.roll(self.owners.len());
                self.hop(v, w)
            }
        };
        let mut text = format!("create-route-entry {table} --destination {destination} --next-hop {hop}");
        if self.dice.one_in(3) {
            let w = self.dice.roll(self.owners.len());
            text += &format!(" --next-hop {}", self.hop(v, w));
        }
        if self.is_jd() && self.dice.one_in(2) {
            text += &self.priority();
        }
        self.run(owner, text);
    }

    /// Rarely, the MTU of a peering.
    fn mtu(&mut self) -> &'static str {
        if self.dice.one_in(12) { self.dice.pick(&[" --mtu 1300", " --mtu 9000"]) } else { "" }
    }

    /// A priority out of a few, so that entries of one destination share them.
    fn priority(&mut self) -> String {
        format!(" --priority {}", self.dice.pick(&[50, 100, 150]))
    }

    /// A peering, mostly whole, mostly with routes both ways.
    fn connect(&mut self, v: usize, w: usize) {
        let (near, far) = (self.end(v, w), self.end(w, v));
        let (owner, other) = (self.owners[v], self.owners[w]);
        let (here, there) = (self.v(v), self.v(w));
        let of = |cloud: &Cloud, name: &str| cloud.vpc(&name.parse().unwrap()).cloned();
        let regions =
            [&here, &there].map(|name| of(&self.cloud, name).map_or_else(String::new, |it| it.region.to_string()));
        // Where the blocks are one, an answer may go astray to an instance that did not ask.
        let apart = of(&self.cloud, &here).map(|it| it.cidr) != of(&self.cloud, &there).map(|it| it.cidr);
        if self.aws || self.tencent || self.alibaba && apart && self.dice.one_in(2) {
            let tie = self.tie(v, w);
            let mtu = self.mtu();
            let more = match self.aws {
                true => format!(" --peer-account {other} --peer-region {}", regions[1]),
                false if regions[0] == regions[1] => String::new(),
                false => self.dice.pick(&["", " --bandwidth 50Mbit"]).to_owned(),
            };
            self.run(owner, format!("create-vpc-peering-connection {tie} --vpc {here} --peer-vpc {there}{more}{mtu}"));
            if owner != other || self.aws {
                match self.dice.roll(8) {
                    0 => {}
                    1 => self.run(other, format!("reject-vpc-peering-connection {tie}")),
                    2 => self.run(other, "pass-time 7d".to_owned()),
                    _ => self.run(other, format!("accept-vpc-peering-connection {tie}")),
                }
            }
        } else if self.alibaba {
            let (spec, mtu) = (self.dice.pick(&["Small.5", "Large.5", "Large.5"]), self.mtu());
            self.run(
                owner,
                format!(
                    "create-router-interface {near} --vpc {here} --role initiator --spec {spec} --opposite-region {}{mtu}",
                    regions[1]
                ),
            );
            self.run(
                other,
                format!("create-router-interface {far} --vpc {there} --role acceptor --opposite-region {}", regions[0]),
            );
            self.run(
                owner,
                format!(
                    "modify-router-interface-attribute {near} --opposite-account {other} --opposite-interface {far} --opposite-router {there}"
                ),
            );
            self.run(
                other,
                format!(
                    "modify-router-interface-attribute {far} --opposite-account {owner} --opposite-interface {near} --opposite-router {here}"
                ),
            );
            if !self.dice.one_in(8) {
                self.run(owner, format!("connect-router-interface {near}"));
            }
        } else {
            let mtu = self.mtu();
            self.run(owner, format!("create-vpc-peering {near} --vpc {here} --peer-vpc-id {there}{mtu}"));
            if !self.dice.one_in(8) {
                self.run(other, format!("create-vpc-peering {far} --vpc {there} --peer-vpc-id {here}"));
            }
        }
        for (v, w, owner) in [(v, w, owner), (w, v, other)] {
            let (vpc, end) = (self.v(v), self.hop(v, w));
            let blocks: Vec<_> = of(&self.cloud, &self.v(w)).iter().flat_map(|vpc| vpc.blocks()).collect();
            let block = blocks.first().copied();
            for block in &blocks {
                if !self.dice.one_in(5) {
                    let table = self.table(v);
                    self.run(owner, format!("create-route-entry {table} --destination {block} --next-hop {end}"));
                }
            }
            // A second route for the same destination, over another VPC or the same: it shares the traffic, is the
            // standby, or takes precedence.
            if self.dice.one_in(3)
                && let Some(block) = block
            {
                let table = self.table(v);
                let hop = self.dice.roll(self.owners.len());
                let hop = self.hop(v, hop);
                let priority = if self.is_jd() { self.priority() } else { String::new() };
                self.run(owner, format!("create-route-entry {table} --destination {block} --next-hop {hop}{priority}"));
            }
            if let Some(block) = block
                && self.dice.one_in(5)
            {
                self.lead_nowhere(v, owner, block);
            }
            // Packets for the internet, sent to the peer, which does not forward them.
            if self.dice.one_in(4) {
                let out = self.dice.pick(&["203.0.113.0/24", "198.51.100.0/24"]);
                self.run(owner, format!("create-route-entry --vpc {vpc} --destination {out} --next-hop {end}"));
            }
        }
    }

    /// Replaces the entry for a peer's block: by an instance, mostly a stopped one, or by an end that has no other end.
    fn lead_nowhere(&mut self, v: usize, owner: &'static str, block: ipnet::Ipv4Net) {
        let vpc = self.v(v);
        let hop = match self.instance_of(v) {
            Some(instance) if self.dice.one_in(2) => {
                if !self.dice.one_in(3) {
                    self.run(owner, format!("stop-instance {instance}"));
                }
                format!("instance:{instance}")
            }
            _ if self.alibaba => {
                let end = self.naming.name("peering", &format!("{v}9"));
                self.run(
                    owner,
                    format!("create-router-interface {end} --vpc {vpc} --role acceptor --opposite-region r1"),
                );
                format!("router_interface:{end}")
            }
            _ if self.aws => {
                let gateway = self.gateway(v);
                self.run(owner, format!("create-gateway {gateway} --vpc {vpc}"));
                self.way_out(v)
            }
            _ => return,
        };
        self.run(owner, format!("delete-route-entry --vpc {vpc} --destination {block}"));
        self.run(owner, format!("create-route-entry --vpc {vpc} --destination {block} --next-hop {hop}"));
        if self.aws && hop == self.way_out(v) {
            let gateway = self.gateway(v);
            self.run(owner, format!("delete-gateway {gateway}"));
        }
    }

    fn create_rule(&mut self, v: usize, owner: &'static str) {
        let direction = if self.dice.one_in(3) { "-egress" } else { "" };
        let group = match self.dice.roll(4) {
            0 => format!("{}/default", self.v(v)),
            _ => {
                let g = self.dice.roll(2);
                self.g(v, g)
            }
        };
        let peer = if !self.is_jd() && self.dice.one_in(3) {
            let (w, other) = self.vpc();
            let group = match (self.dice.one_in(4), self.dice.roll(2)) {
                (true, _) => format!("{}/default", self.v(w)),
                (false, g) => self.g(w, g),
            };
            format!("--group {group} --group-account {other}")
        } else {
            format!("--cidr {}", self.block(&PEERS))
        };
        let protocol = self.dice.pick(&PROTOCOLS);
        let mut text = format!("authorize-security-group{direction} {group} --protocol {protocol} {peer}");
        let policies = if direction.is_empty() { ["accept", "accept", "drop"] } else { ["accept", "drop", "drop"] };
        if !self.aws {
            let policy = self.dice.pick(&policies);
            text += &format!(" --policy {policy} --priority {}", 1 + self.dice.roll(3));
        }
        self.run(owner, text);
    }

    /// Reverses an earlier operation.
    fn undo(&mut self) {
        let done: Vec<_> = self.told.iter().flatten().chain(&self.lines).cloned().collect();
        if done.is_empty() {
            return;
        }
        let Line { caller, text } = self.dice.pick(&done);
        let (verb, rest) = text.split_once(' ').expect("a verb and what it is done to");
        let name = rest.split(' ').next().unwrap_or_default();
        let undone = match verb {
            "create-route-entry" => format!("delete-route-entry {}", first_hop(rest)),
            "authorize-security-group" => format!("revoke-security-group {rest}"),
            "authorize-security-group-egress" => format!("revoke-security-group-egress {rest}"),
            "join-security-group" => format!("leave-security-group {rest}"),
            "add-cidr" => format!("remove-cidr {rest}"),
            "stop-instance" => format!("start-instance {name}"),
            "associate-public-ip" => format!("release-public-ip {name}"),
            "create-snat-entry" | "create-dnat-entry" => {
                let words: Vec<_> = rest.split(' ').take(if verb.contains("snat") { 3 } else { 5 }).collect();
                format!("delete-{} {}", &verb["create-".len()..], words.join(" "))
            }
            "associate-network-acl" => format!("unassociate-network-acl {rest}"),
            "create-network-acl-entry" => {
                let words: Vec<_> = rest.split(' ').take(5).collect();
                format!("delete-network-acl-entry {}", words.join(" "))
            }
            "associate-route-table" => format!("unassociate-route-table {rest}"),
            "connect-router-interface" => format!("deactivate-router-interface {name}"),
            "create-instance"
            | "create-router-interface"
            | "create-vpc-peering"
            | "create-nat-gateway"
            | "create-gateway" => {
                format!("delete-{} {name}", &verb["create-".len()..])
            }
            "create-vpc-peering-connection" => format!("delete-vpc-peering-connection {name} --force"),
            _ => return,
        };
        self.run(caller, undone);
    }
}

/// The arguments for `delete-route-entry`, which accepts only one of the next hops of `create-route-entry`.
fn first_hop(rest: &str) -> String {
    let mut words: Vec<_> = rest.split(' ').collect();
    while let Some(last) = words.iter().rposition(|word| *word == "--next-hop")
        && words.iter().filter(|word| **word == "--next-hop").count() > 1
    {
        words.drain(last..last + 2);
    }
    words.join(" ")
}
