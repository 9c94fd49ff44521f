//! An instance cannot forge packets: the guard at its port accepts only its own addresses, and counts the rest.
#![allow(clippy::disallowed_methods, clippy::unwrap_used)] // a test's own files and oracles

#[allow(dead_code)] // what only tests/cli.rs uses
mod support;
mod wire;

use std::cell::{Cell, RefCell};
use std::collections::BTreeSet;
use std::net::{Ipv4Addr, Ipv6Addr};

use support::{CROSS, Machine};
use wire::{ARP, BROADCAST, ICMP, IPV4, IPV6, MORE, Mac, Packet, UDP, Wire};

/// The lab, up and done: ecs-a (192.168.1.10) and ecs-b (172.16.1.10) reach each other.
struct Lab(Machine);

impl Lab {
    fn new() -> Self {
        let machine = Machine::new();
        machine.file("cross.toml", CROSS);
        machine.ok("up cross.toml");
        Lab(machine)
    }

    /// Runs a program in ecs-a.
    fn a(&self, line: &str) -> support::Run {
        self.0.program(&format!("ip netns exec cross.ecs-a {line}"))
    }

    /// A counter of VPC1's router, as nft shows it.
    fn counter(&self, table: &str, name: &str) -> u64 {
        let line = format!("ip netns exec cross.VPC1 nft list counter {table} {name}");
        let text = self.0.program(&line).exits(0).stdout;
        let after = text.split("packets ").nth(1).expect("a counter has packets");
        after.split(' ').next().and_then(|number| number.parse().ok()).expect("a number of packets")
    }

    /// ICMP messages that ecs-b has received.
    fn received(&self) -> u32 {
        let text = self.0.program("ip netns exec cross.ecs-b cat /proc/net/snmp").exits(0).stdout;
        let mut rows = text.lines().filter(|row| row.starts_with("Icmp:")).map(|row| row.split(' '));
        let (mut names, mut values) = (rows.next().unwrap(), rows.next().unwrap());
        values.nth(names.position(|name| name == "InMsgs").unwrap()).unwrap().parse().unwrap()
    }

    /// Runs a program in ecs-a that must fail; its packets must be counted under a name, and not reach ecs-b.
    fn is_stopped(&self, line: &str, table: &str, counter: &str) {
        let (counted, received) = (self.counter(table, counter), self.received());
        self.a(line).exits(1);
        assert!(self.counter(table, counter) > counted, "{line}: {counter} did not rise");
        assert_eq!(self.received(), received, "{line}: something arrived");
    }

    fn reaches(&self) {
        self.a("ping -c1 -W1 172.16.1.10").exits(0);
    }
}

#[test]
fn another_source_address_does_not_leave_the_port() {
    let lab = Lab::new();
    lab.reaches();
    lab.a("ip addr add 192.168.1.99/32 dev eth0").exits(0);
    lab.is_stopped("ping -c1 -W1 -I 192.168.1.99 172.16.1.10", "bridge guard", "spoofed");
    lab.a("ip addr add 172.16.1.11/32 dev eth0").exits(0);
    lab.is_stopped("ping -c1 -W1 -I 172.16.1.11 172.16.1.10", "bridge guard", "spoofed");
    lab.reaches();
}

#[test]
fn another_hardware_address_does_not_leave_the_port() {
    let lab = Lab::new();
    lab.a("ip link set eth0 address 02:00:00:00:00:99").exits(0);
    lab.a("ip neigh replace 192.168.1.253 lladdr 02:00:c0:a8:01:fd nud permanent dev eth0").exits(0);
    lab.is_stopped("ping -c1 -W1 172.16.1.10", "bridge guard", "spoofed");
}

#[test]
fn arp_for_another_s_address_is_dropped_and_for_the_own_answered() {
    let lab = Lab::new();
    lab.a("ip neigh del 192.168.1.253 dev eth0").exits(0);
    lab.reaches();
    lab.a("ip neigh flush dev eth0").exits(0);
    lab.a("ip addr add 192.168.1.99/32 dev eth0").exits(0);
    // Without its neighbour entry, the instance sends an ARP request from its source address.
    lab.is_stopped("ping -c1 -W1 -I 192.168.1.99 172.16.1.10", "bridge guard", "spoofed");
}

#[test]
fn ipv6_does_not_leave_the_port() {
    let lab = Lab::new();
    lab.a("ip -6 addr add fe80::1/64 dev eth0 nodad").exits(0);
    lab.is_stopped("ping -6 -c1 -W1 fe80::2%eth0", "bridge guard", "not-ipv4");
}

#[test]
fn the_router_itself_is_nobody() {
    let lab = Lab::new();
    lab.is_stopped("ping -c1 -W1 192.168.1.253", "ip vpc", "no-such-address");
}

#[test]
fn the_gateway_sends_no_redirect_and_a_spent_ttl_goes_no_further() {
    let lab = Lab::new();
    let received = lab.received();
    lab.a("ping -c1 -W1 -t1 172.16.1.10").exits(1).says("Time to live exceeded");
    assert_eq!(lab.received(), received);
    let second = lab.a("ping -c2 -i0.2 -W1 172.16.1.10").exits(0).stdout;
    assert!(!second.contains("Redirect"), "{second}");
}

/// Instances of one VPC whose names are not ASCII, the VPC's own, a digit, and the same but for case; one in another VPC.
const NAMES: [&str; 6] = ["网站", "V1", "1", "web", "WEB", "सर्वर-1"];

#[test]
fn the_guard_holds_whatever_an_instance_is_called() {
    let machine = Machine::new();
    let mut lab = String::from(
        "[lab]\nname = \"names\"\nprovider = \"alibaba\"\n[account.A]\n\
         [vpc.V1]\nregion = \"cn-qingdao\"\ncidr = \"192.168.0.0/16\"\nsubnet.V1.cidr = \"192.168.1.0/24\"\n\
         [vpc.\"生产\"]\nregion = \"cn-qingdao\"\ncidr = \"172.16.0.0/16\"\nsubnet.\"生产\".cidr = \"172.16.1.0/24\"\n\
         [peering.V1]\nlocal = \"V1\"\npeer = \"生产\"\nspec = \"Large.1\"\n\
         [security_group.\"生产\"]\nvpc = \"生产\"\nrules = [{ from = \"0.0.0.0/0\" }]\n\
         [instance.\"生产\"]\nsubnet = \"生产/生产\"\nip = \"172.16.1.10\"\nsecurity_groups = [\"生产\"]\n\
         [[step]]\ntitle = \"Routes\"\nrun = [\"create-route-entry --vpc V1 --destination 172.16.0.0/16 --next-hop peering:V1\", \
         \"create-route-entry --vpc 生产 --destination 192.168.0.0/16 --next-hop peering:V1\"]\n",
    );
    for (number, name) in NAMES.iter().enumerate() {
        lab += &format!("[instance.\"{name}\"]\nsubnet = \"V1/V1\"\nip = \"192.168.1.{}\"\n", number + 10);
    }
    machine.file("names.toml", &lab);
    machine.ok("up names.toml");
    let status = machine.ok("status --json").json();
    let namespace = |kind: &str, name: &str| {
        let all = status[kind].as_array().unwrap();
        let it = all.iter().find(|it| it["name"] == name).unwrap_or_else(|| panic!("{kind} {name} in {status}"));
        it["namespace"].as_str().unwrap().to_owned()
    };
    let router = namespace("vpcs", "V1");
    let spoofed = || {
        let line = format!("ip netns exec {router} nft list counter bridge guard spoofed");
        let text = machine.program(&line).exits(0).stdout;
        text.split("packets ").nth(1).unwrap().split(' ').next().unwrap().parse::<u64>().unwrap()
    };
    for (number, name) in NAMES.iter().enumerate() {
        let inside = format!("ip netns exec {}", namespace("instances", name));
        machine.program(&format!("{inside} ping -c1 -W1 172.16.1.10")).exits(0);
        // Its neighbour's address, and one of another VPC.
        for address in [format!("192.168.1.{}", (number + 1) % NAMES.len() + 10), "172.16.1.11".to_owned()] {
            let before = spoofed();
            machine.program(&format!("{inside} ip addr add {address}/32 dev eth0")).exits(0);
            machine.program(&format!("{inside} ping -c1 -W1 -I {address} 172.16.1.10")).exits(1);
            assert!(spoofed() > before, "{name} as {address}");
            machine.program(&format!("{inside} ip addr del {address}/32 dev eth0")).exits(0);
        }
    }
    machine.ok("verify");
}

// ------------------------------------------------------------------------------------------------- frames as bytes

/// `one` forges packets. `two` is in the same subnet and accepts only UDP to ports 7 and 4000 from `one`; `three` is in
/// the VPC's other subnet and `far` in another VPC, and both accept everything.
const FORGE: &str = r#"
[lab]
name = "forge"
provider = "alibaba"
[account.A]

[vpc.V1]
region = "cn-qingdao"
cidr = "192.168.0.0/16"
routes = [{ to = "172.16.0.0/16", via = "ri-a" }]
[vpc.V1.subnet.s1]
cidr = "192.168.1.0/24"
[vpc.V1.subnet.s2]
cidr = "192.168.2.0/24"
[vpc.V2]
region = "cn-qingdao"
cidr = "172.16.0.0/16"
routes = [{ to = "192.168.0.0/16", via = "ri-b" }]
[vpc.V2.subnet.s]
cidr = "172.16.1.0/24"

[router_interface.ri-a]
vpc = "V1"
role = "initiator"
spec = "Large.1"
opposite_region = "cn-qingdao"
opposite = { account = "A", interface = "ri-b" }
connect = true
[router_interface.ri-b]
vpc = "V2"
role = "acceptor"
opposite_region = "cn-qingdao"
opposite = { account = "A", interface = "ri-a" }

[security_group.strict]
vpc = "V1"
inner_access = "drop"
rules = [{ from = "192.168.1.10/32", protocol = "udp", port = "7" }, { from = "192.168.1.10/32", protocol = "udp", port = "4000" }]
[security_group.open-1]
vpc = "V1"
rules = [{ from = "0.0.0.0/0" }]
[security_group.open-2]
vpc = "V2"
rules = [{ from = "0.0.0.0/0" }]

[instance.one]
subnet = "V1/s1"
ip = "192.168.1.10"
public_ip = "203.0.113.10"
security_groups = ["open-1"]
[instance.two]
subnet = "V1/s1"
ip = "192.168.1.20"
security_groups = ["strict"]
[instance.three]
subnet = "V1/s2"
ip = "192.168.2.10"
security_groups = ["open-1"]
[instance.far]
subnet = "V2/s"
ip = "172.16.1.10"
security_groups = ["open-2"]
"#;

const ONE: Ipv4Addr = Ipv4Addr::new(192, 168, 1, 10);
const TWO: Ipv4Addr = Ipv4Addr::new(192, 168, 1, 20);
const THREE: Ipv4Addr = Ipv4Addr::new(192, 168, 2, 10);
const FAR: Ipv4Addr = Ipv4Addr::new(172, 16, 1, 10);
const OUT_THERE: Ipv4Addr = Ipv4Addr::new(198, 51, 100, 1);
const GATEWAY: Ipv4Addr = Ipv4Addr::new(192, 168, 1, 253);

/// The link where `one`'s router sees everything that `one` sends.
const PORT: &str = "forge.V1 one";
const SUBNET: &str = "forge.V1 s1";

/// The lab and another lab, with listeners in every namespace and on the host.
struct Scene {
    machine: Machine,
    wires: Vec<Wire>,
    number: Cell<u32>,
    /// The forged packets that reached the neighbour in the last round.
    arrived: RefCell<Vec<Vec<u8>>>,
}

/// The places that saw a frame: namespace and link.
type Seen = BTreeSet<String>;

impl Scene {
    fn new() -> Self {
        let machine = Machine::new();
        machine.file("forge.toml", FORGE);
        machine.ok("up forge.toml --no-verify");
        machine.ok("up forge.toml --no-verify --name beside");
        let mut wires = vec![Wire::here("host", "lo")];
        for name in machine.namespaces() {
            let (lab, space) = name.split_once('.').unwrap();
            let link = if name == "forge.one" { "eth0" } else { "lo" };
            wires.push(Wire::inside(lab, space, link));
        }
        Scene { machine, wires, number: Cell::new(0), arrived: RefCell::default() }
    }

    /// A mark that no other frame has.
    fn mark(&self) -> Vec<u8> {
        self.number.set(self.number.get() + 1);
        format!("forged-{:08}", self.number.get()).into_bytes()
    }

    fn sender(&self) -> &Wire {
        self.wires.iter().find(|wire| wire.name == "forge.one").unwrap()
    }

    /// Sends frames with a mark, and returns who saw it. Waits for packets that are sent after them on every path.
    fn send(&self, make: impl FnOnce(&[u8]) -> Vec<Vec<u8>>) -> Seen {
        let (mark, behind) = (self.mark(), self.mark());
        self.arrived.take();
        for frame in make(&mark) {
            self.sender().send(&frame).unwrap();
        }
        let (seen, arrived) = (RefCell::new(Seen::new()), RefCell::new(Seen::new()));
        let look = || {
            for wire in &self.wires {
                for frame in wire.received() {
                    let has = |mark: &[u8]| frame.bytes.windows(mark.len()).any(|part| part == mark);
                    let at = format!("{} {}", wire.name, frame.link);
                    if has(&mark) {
                        if at == "forge.two eth0" {
                            self.arrived.borrow_mut().push(frame.bytes.clone());
                        }
                        seen.borrow_mut().insert(at);
                    } else if has(&behind) {
                        arrived.borrow_mut().insert(at);
                    }
                }
            }
        };
        for to in [TWO, THREE, FAR, OUT_THERE] {
            self.sender().send(&honest(to, UDP, wire::udp(7, 7, &behind))).unwrap();
        }
        let ends = ["forge.two eth0", "forge.three eth0", "forge.far eth0", "forge.internet V1"];
        wire::wait_for(&format!("what is honest reaches {ends:?}"), || {
            look();
            ends.iter().all(|end| arrived.borrow().contains(*end))
        });
        look();
        seen.into_inner()
    }

    /// Sends frames that the guard must drop at the port and count under this name.
    #[track_caller]
    fn stops_at_the_port(&self, what: &str, counter: &str, make: impl FnOnce(&[u8]) -> Vec<Vec<u8>>) {
        let before = self.counter("bridge guard", counter);
        let seen = self.send(make);
        assert_eq!(seen, Seen::from([PORT.to_owned()]), "{what}");
        assert!(self.counter("bridge guard", counter) > before, "{what}: {counter} did not rise");
    }

    /// Sends frames that the router must neither forward nor answer.
    #[track_caller]
    fn goes_no_further(&self, what: &str, make: impl FnOnce(&[u8]) -> Vec<Vec<u8>>) {
        let mut seen = self.send(make);
        seen.remove(PORT);
        seen.remove(SUBNET);
        assert_eq!(seen, Seen::new(), "{what}");
    }

    fn counter(&self, table: &str, name: &str) -> u64 {
        let line = format!("ip netns exec forge.V1 nft list counter {table} {name}");
        let text = self.machine.program(&line).exits(0).stdout;
        let after = text.split("packets ").nth(1).expect("a counter has packets");
        after.split(' ').next().and_then(|number| number.parse().ok()).expect("a number of packets")
    }

    /// The neighbours, routes and forwarding entries of all namespaces in the lab except the sender's, which forged
    /// packets could change. The kernel's own multicast entries are left out.
    fn beliefs(&self) -> BTreeSet<String> {
        let mut beliefs = BTreeSet::new();
        let spaces = self.machine.namespaces();
        for name in spaces.iter().filter(|name| name.starts_with("forge.") && *name != "forge.one") {
            for line in
                ["-4 neigh show nud all", "-6 neigh show nud all", "-4 route show table all", "-6 route show table all"]
            {
                let text = self.machine.program(&format!("ip -n {name} {line}")).exits(0).stdout;
                beliefs.extend(
                    text.lines()
                        .filter(|line| !line.contains("NOARP"))
                        .map(|line| format!("{name}: {}", line.replace("linkdown", "").trim_end())),
                );
            }
            // The routes to the neighbour and to another VPC.
            for to in [ONE, TWO, FAR] {
                let text = self.machine.program(&format!("ip -n {name} route get {to}")).stdout;
                beliefs.extend(text.lines().take(1).map(|line| format!("{name}: {line}")));
            }
            let text = self.machine.program(&format!("ip netns exec {name} bridge fdb")).exits(0).stdout;
            beliefs.extend(text.lines().filter(|line| line.contains("master")).map(|line| format!("{name}: {line}")));
        }
        beliefs
    }

    /// Checks that no entry changed.
    #[track_caller]
    fn still_believe(&self, before: &BTreeSet<String>) {
        let now = self.beliefs();
        let changed: Vec<_> = now.symmetric_difference(before).collect();
        assert_eq!(changed, [] as [&str; 0]);
    }
}

/// A frame as `one` would send it.
fn honest(to: Ipv4Addr, protocol: u8, payload: Vec<u8>) -> Vec<u8> {
    ip_frame(&Packet::new(ONE, to, protocol, payload))
}

fn ip_frame(packet: &Packet) -> Vec<u8> {
    wire::frame(wire::mac_of(GATEWAY), wire::mac_of(ONE), IPV4, &packet.bytes())
}

fn ping(mark: &[u8]) -> Vec<u8> {
    wire::icmp(8, 0, [1, 2, 0, 1], mark)
}

/// The mark after an ARP message, in the frame's padding.
fn marked(message: Vec<u8>, mark: &[u8]) -> Vec<u8> {
    [&message[..], mark].concat()
}

#[test]
fn no_address_but_the_own_leaves_the_port() {
    let scene = Scene::new();
    let before = scene.beliefs();
    let neighbours =
        [TWO, GATEWAY, THREE, FAR, OUT_THERE, Ipv4Addr::new(192, 168, 1, 99), Ipv4Addr::new(203, 0, 113, 10)];
    let nobodys = ["0.0.0.0", "127.0.0.1", "169.254.0.1", "192.168.1.255", "255.255.255.255", "224.0.0.1", "192.0.2.1"];
    for from in neighbours.into_iter().chain(nobodys.map(|text| text.parse().unwrap())) {
        for to in [TWO, THREE, FAR, OUT_THERE, GATEWAY] {
            scene.stops_at_the_port(&format!("from {from} to {to}"), "spoofed", |mark| {
                vec![ip_frame(&Packet::new(from, to, UDP, wire::udp(7, 7, mark)))]
            });
        }
    }
    let port = scene.machine.program("ip -n forge.V1 -br link show dev one").exits(0).stdout;
    let port: Vec<u8> =
        port.split_whitespace().nth(2).unwrap().split(':').map(|byte| u8::from_str_radix(byte, 16).unwrap()).collect();
    let macs: [(&str, Mac); 6] = [
        ("the neighbour's", wire::mac_of(TWO)),
        ("the bridge's", wire::mac_of(GATEWAY)),
        ("the port's", port.try_into().unwrap()),
        ("nobody's", [2, 0, 0, 0, 0, 0x99]),
        ("broadcast", BROADCAST),
        ("none", [0; 6]),
    ];
    for (whose, mac) in macs {
        for to in [TWO, FAR, OUT_THERE] {
            let before = scene.counter("bridge guard", "spoofed");
            let seen = scene.send(|mark| {
                let packet = Packet::new(ONE, to, UDP, wire::udp(7, 7, mark));
                vec![wire::frame(wire::mac_of(GATEWAY), mac, IPV4, &packet.bytes())]
            });
            assert_eq!(seen, Seen::from([PORT.to_owned()]), "{whose} hardware address, to {to}");
            // The bridge itself drops frames with invalid source addresses or its own address.
            let counted = scene.counter("bridge guard", "spoofed") > before;
            assert!(counted || ["the bridge's", "broadcast", "none"].contains(&whose), "{whose}: not counted");
        }
    }
    scene.still_believe(&before);
}

#[test]
fn arp_says_nothing_but_the_truth() {
    let scene = Scene::new();
    let before = scene.beliefs();
    let (own, none): (Mac, Mac) = (wire::mac_of(ONE), [0; 6]);
    for (what, to, sender, target) in [
        ("asks as the neighbour", BROADCAST, (own, TWO), (none, GATEWAY)),
        ("asks as the gateway", BROADCAST, (own, GATEWAY), (none, TWO)),
        ("asks with another hardware address", BROADCAST, (wire::mac_of(TWO), ONE), (none, GATEWAY)),
        ("looks for a duplicate", BROADCAST, (own, Ipv4Addr::UNSPECIFIED), (none, TWO)),
        ("announces the neighbour's address", BROADCAST, (own, TWO), (none, TWO)),
        ("announces the gateway's address", BROADCAST, (own, GATEWAY), (BROADCAST, GATEWAY)),
        ("announces another VPC's address", BROADCAST, (own, FAR), (none, FAR)),
        ("tells the neighbour that it is the gateway", wire::mac_of(TWO), (own, GATEWAY), (wire::mac_of(TWO), TWO)),
        (
            "tells the gateway that it is the neighbour",
            wire::mac_of(GATEWAY),
            (own, TWO),
            (wire::mac_of(GATEWAY), GATEWAY),
        ),
    ] {
        for operation in [1, 2] {
            scene.stops_at_the_port(&format!("{what} ({operation})"), "spoofed", |mark| {
                vec![wire::frame(to, own, ARP, &marked(wire::arp(operation, sender, target), mark))]
            });
        }
    }
    for from in [wire::mac_of(TWO), [2, 0, 0, 0, 0, 0x99]] {
        scene.stops_at_the_port("the truth from another hardware address", "spoofed", |mark| {
            vec![wire::frame(BROADCAST, from, ARP, &marked(wire::arp(1, (own, ONE), (none, GATEWAY)), mark))]
        });
    }
    // Valid ARP reaches only the subnet's gateway, whatever its destination.
    for (to, target) in [(BROADCAST, TWO), (BROADCAST, ONE), (wire::mac_of(TWO), TWO), (BROADCAST, FAR)] {
        for operation in [1, 2] {
            scene.goes_no_further(&format!("to {to:?} about {target}"), |mark| {
                vec![wire::frame(to, own, ARP, &marked(wire::arp(operation, (own, ONE), (none, target)), mark))]
            });
        }
    }
    scene.still_believe(&before);
}

#[test]
fn nothing_but_ipv4_and_arp_leaves_the_port() {
    let scene = Scene::new();
    let before = scene.beliefs();
    let (own, gateway) = (wire::mac_of(ONE), wire::mac_of(GATEWAY));
    let all_nodes: Ipv6Addr = "ff02::1".parse().unwrap();
    let link_local: Ipv6Addr = "fe80::c0ff:a8ff:fe01:10a".parse().unwrap();
    let ipv6 = |to: Ipv6Addr, message: Vec<u8>| wire::icmp6(link_local, to, &message);
    let of = |kind: u8, rest: &[u8], mark: &[u8]| [&[kind, 0, 0, 0][..], rest, mark, &[0]].concat();
    // A prefix option: 64 bits, on the link and for addresses, for good.
    let mut prefix = vec![3, 4, 64, 0xc0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0];
    prefix.extend([0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
    let advertisement = [&[64, 0, 255, 255, 0, 0, 0, 0, 0, 0, 0, 0][..], &prefix].concat();
    let multicast: Mac = [0x33, 0x33, 0, 0, 0, 1];
    let target = |ip: Ipv6Addr| [&[0, 0, 0, 0][..], &ip.octets()].concat();
    type Make<'a> = Box<dyn Fn(&[u8]) -> Vec<u8> + 'a>;
    let messages: [(&str, Make); 5] = [
        ("router advertisement", Box::new(|mark| of(134, &advertisement, mark))),
        ("router solicitation", Box::new(|mark| of(133, &[0; 4], mark))),
        ("neighbour advertisement", Box::new(|mark| of(136, &target("fe80::1".parse().unwrap()), mark))),
        ("neighbour solicitation", Box::new(|mark| of(135, &target("fe80::1".parse().unwrap()), mark))),
        ("ping", Box::new(|mark| of(128, &[0, 1, 0, 1], mark))),
    ];
    for (what, message) in &messages {
        for to in [multicast, BROADCAST, gateway, wire::mac_of(TWO)] {
            scene.stops_at_the_port(&format!("IPv6 {what} to {to:?}"), "not-ipv4", |mark| {
                vec![wire::frame(to, own, IPV6, &ipv6(all_nodes, message(mark)))]
            });
        }
    }
    // Other EtherTypes: RARP, slow protocols' neighbours, MPLS, PPPoE, EAPOL, LLDP, loopback test, IPX, 802.3.
    for kind in [0x8035, 0x8847, 0x8863, 0x8864, 0x888e, 0x88cc, 0x88a8, 0x9000, 0x8137, 0x0026] {
        for to in [gateway, wire::mac_of(TWO), BROADCAST] {
            scene.stops_at_the_port(&format!("EtherType {kind:04x}"), "not-ipv4", |mark| {
                vec![wire::frame(to, own, kind, &[&[0x42, 0x42, 3][..], mark, &[0; 40]].concat())]
            });
        }
    }
    scene.still_believe(&before);
}

#[test]
fn a_neighbour_is_not_reached_by_its_hardware_address_nor_by_everybodys() {
    let scene = Scene::new();
    let own = wire::mac_of(ONE);
    // A port that the neighbour's group accepts from `one`: only the path is wrong.
    for to in [
        wire::mac_of(TWO),
        wire::mac_of(THREE),
        wire::mac_of(FAR),
        BROADCAST,
        [1, 0, 0x5e, 0, 0, 1],
        [1, 0, 0x5e, 1, 2, 3],
    ] {
        for ip in
            [TWO, FAR, OUT_THERE, Ipv4Addr::new(192, 168, 1, 255), Ipv4Addr::BROADCAST, Ipv4Addr::new(224, 0, 0, 1)]
        {
            scene.goes_no_further(&format!("{ip} at {to:02x?}"), |mark| {
                vec![wire::frame(to, own, IPV4, &Packet::new(ONE, ip, UDP, wire::udp(7, 7, mark)).bytes())]
            });
        }
    }
    // A VLAN tag does not bypass the guard: 0 means no VLAN, any other is another network.
    for tag in [1, 2, 100, 4094] {
        for to in [wire::mac_of(GATEWAY), wire::mac_of(TWO), BROADCAST] {
            for from in [ONE, TWO] {
                scene.goes_no_further(&format!("from {from} with tag {tag} to {to:02x?}"), |mark| {
                    vec![wire::tagged(to, own, tag, IPV4, &Packet::new(from, TWO, UDP, wire::udp(7, 7, mark)).bytes())]
                });
            }
        }
    }
    for tag in [0, 0x2000] {
        scene.stops_at_the_port(&format!("another address with tag {tag:04x}"), "spoofed", |mark| {
            vec![wire::tagged(
                wire::mac_of(GATEWAY),
                own,
                tag,
                IPV4,
                &Packet::new(TWO, FAR, UDP, wire::udp(7, 7, mark)).bytes(),
            )]
        });
        let twice = |mark: &[u8]| {
            let packet = Packet::new(ONE, TWO, UDP, wire::udp(7, 7, mark)).bytes();
            [&tag.to_be_bytes()[..], &IPV4.to_be_bytes(), &packet].concat()
        };
        scene.goes_no_further("two tags", |mark| {
            vec![wire::tagged(wire::mac_of(GATEWAY), own, tag, 0x8100, &twice(mark))]
        });
    }
}

#[test]
fn frames_for_bridges_alone_pass_no_guard_and_reach_nobody() {
    let scene = Scene::new();
    let before = scene.beliefs();
    let own = wire::mac_of(ONE);
    // 01:80:c2:00:00:0x is link-local: the kernel delivers it on the port itself, bypassing the bridge's prerouting.
    for last in 0..16 {
        let to = [1, 0x80, 0xc2, 0, 0, last];
        for ip in [TWO, GATEWAY, FAR] {
            scene.goes_no_further(&format!("{ip} at {to:02x?}"), |mark| {
                vec![wire::frame(to, own, IPV4, &Packet::new(TWO, ip, ICMP, ping(mark)).bytes())]
            });
        }
        let six: Ipv6Addr = "fe80::1".parse().unwrap();
        for kind in [134, 135, 136] {
            scene.goes_no_further(&format!("ICMPv6 {kind} at {to:02x?}"), |mark| {
                let message = [&[kind, 0, 0, 0, 64, 0, 255, 255][..], &[0; 16], mark, &[0]].concat();
                vec![wire::frame(to, own, IPV6, &wire::icmp6(six, "ff02::1".parse().unwrap(), &message))]
            });
        }
        for sender in [ONE, TWO, Ipv4Addr::new(192, 168, 1, 99)] {
            scene.goes_no_further(&format!("ARP of {sender} at {to:02x?}"), |mark| {
                vec![wire::frame(to, own, ARP, &marked(wire::arp(1, (own, sender), ([0; 6], GATEWAY)), mark))]
            });
        }
    }
    scene.still_believe(&before);
}

#[test]
fn the_router_answers_nobody_at_any_of_its_addresses() {
    let scene = Scene::new();
    let addresses = [
        "192.168.1.253",
        "192.168.2.253",
        "172.16.1.253",
        "169.254.0.1",
        "192.0.2.1",
        "127.0.0.1",
        "127.1.2.3",
        "0.0.0.0",
        "0.1.2.3",
        "192.168.1.255",
        "192.168.1.0",
        "192.168.2.255",
        "172.16.1.255",
        "255.255.255.255",
        "224.0.0.1",
        "224.0.0.5",
        "224.0.0.22",
        "239.1.2.3",
        "240.0.0.1",
    ];
    for to in addresses.map(|text| text.parse().unwrap()) {
        // Packets to the other VPC are dropped by its router.
        let beyond: &[&str] = if Ipv4Addr::octets(&to)[0] == 172 { &["forge.V2 ri-b"] } else { &[] };
        type Make = fn(&[u8]) -> Vec<u8>;
        let messages: [(&str, u8, Make); 4] = [
            ("ping", ICMP, ping),
            ("time", ICMP, |mark| wire::icmp(13, 0, [1, 2, 0, 1], &[&[0; 12][..], mark].concat())),
            ("udp", UDP, |mark| wire::udp(7, 53, mark)),
            ("protocol 47", 47, |mark| [&[0, 0, 8, 0][..], mark].concat()),
        ];
        for (what, protocol, make) in messages {
            let mut seen = scene.send(|mark| vec![honest(to, protocol, make(mark))]);
            assert!(seen.remove(PORT), "{to}: {what}");
            seen.remove(SUBNET);
            assert_eq!(seen.iter().map(String::as_str).collect::<Vec<_>>(), beyond, "{to}: {what}");
        }
    }
}

#[test]
fn a_group_sees_through_fragments() {
    let scene = Scene::new();
    let whole = |port: u16, mark: &[u8]| Packet::new(ONE, TWO, UDP, wire::udp(7, port, &[mark, &[b'.'; 64]].concat()));
    // Fragmented so that the first fragment contains the mark: accepted for port 7, not for 9.
    let cut =
        |port, id, size, mark: &[u8]| whole(port, mark).fragments(id, size).iter().map(ip_frame).collect::<Vec<_>>();
    let seen = scene.send(|mark| cut(7, 1, 32, mark));
    assert!(seen.contains("forge.two eth0"), "what is allowed arrives in fragments too: {seen:?}");
    let before = scene.counter("ip vpc", "ingress-security-group");
    for (id, size) in [(2, 8), (3, 16), (4, 32), (5, 64)] {
        scene.goes_no_further(&format!("fragments of {size} bytes"), |mark| cut(9, id, size, mark));
        scene.goes_no_further(&format!("fragments of {size} bytes, last first"), |mark| {
            let mut frames = cut(9, id + 100, size, mark);
            frames.reverse();
            frames
        });
    }
    assert!(scene.counter("ip vpc", "ingress-security-group") >= before + 8, "each was put together and judged");
    // If two fragments have the same offset, the first counts, in the router and at the receiver, so only port 7
    // arrives.
    for (id, first, second) in [(6, 9, 7), (7, 7, 9)] {
        let seen = scene.send(|mark| {
            let mut fragments = whole(first, mark).fragments(id, 32);
            fragments.insert(1, whole(second, mark).fragments(id, 32).remove(0));
            fragments.iter().map(ip_frame).collect()
        });
        assert_eq!(seen.contains("forge.two eth0"), first == 7, "{first}, then {second}");
        let arrived = scene.arrived.take();
        let ports: Vec<_> = arrived.iter().map(|frame| u16::from_be_bytes([frame[36], frame[37]])).collect();
        assert_eq!(ports, if first == 7 { vec![7] } else { vec![] }, "{first}, then {second}");
    }
    scene.goes_no_further("fragments that overlap by half", |mark| {
        let mut honest = whole(7, mark).fragments(7, 32);
        let lie =
            Packet { fragment: (7, MORE | 1), payload: whole(9, mark).payload[8..40].to_vec(), ..honest[0].clone() };
        honest.insert(1, lie);
        honest.iter().map(ip_frame).collect()
    });
    // A fragment without a beginning, which has no port at all.
    scene.goes_no_further("a later fragment alone", |mark| {
        vec![ip_frame(&Packet { fragment: (8, 4), payload: mark.to_vec(), ..whole(9, mark) })]
    });
    scene.goes_no_further("a first fragment alone", |mark| vec![cut(7, 9, 32, mark).remove(0)]);
    // Larger than an IP packet can be.
    scene.goes_no_further("the ping of death", |mark| {
        let end = Packet { fragment: (10, 0x1fff), payload: vec![0; 1024], ..whole(7, mark) };
        cut(7, 10, 32, mark).into_iter().take(1).chain([ip_frame(&end)]).collect()
    });
}

#[test]
fn a_packet_does_not_choose_its_way() {
    let scene = Scene::new();
    let before = scene.beliefs();
    // Loose and strict source routes: through the gateway to the neighbour, whose group lets only UDP 7 in.
    for kind in [131, 137] {
        for (to, then) in [(GATEWAY, TWO), (GATEWAY, FAR), (FAR, TWO), (THREE, TWO)] {
            scene.goes_no_further(&format!("source route ({kind}) by {to} to {then}"), |mark| {
                let options = [&[kind, 7, 4][..], &then.octets(), &[0]].concat();
                vec![ip_frame(&Packet { options, ..Packet::new(ONE, to, UDP, wire::udp(7, 9, mark)) })]
            });
        }
    }
    // Options that are truncated, or longer than the header.
    for options in [vec![131, 39, 4, 0], vec![7, 0, 0, 0], vec![68, 40, 5, 1], vec![148, 3, 0, 0]] {
        let mut seen = scene.send(|mark| {
            vec![ip_frame(&Packet { options: options.clone(), ..Packet::new(ONE, TWO, UDP, wire::udp(7, 9, mark)) })]
        });
        // The router sends an error to the sender.
        seen.remove("forge.one eth0");
        assert_eq!(seen, Seen::from([PORT, SUBNET].map(String::from)), "options {options:?}");
    }
    // A redirect to the sender, which quotes a packet that was never sent, or one that was.
    for (to, about) in [(TWO, FAR), (TWO, ONE), (GATEWAY, FAR), (FAR, ONE), (THREE, FAR)] {
        for code in 0..4 {
            scene.goes_no_further(&format!("redirect ({code}) to {to} about {about}"), |mark| {
                let quoted = Packet::new(to, about, UDP, wire::udp(9, 9, mark)).bytes();
                vec![honest(to, ICMP, wire::icmp(5, code, ONE.octets(), &quoted))]
            });
        }
    }
    // Errors about flows that do not exist.
    for (kind, code) in [(3, 1), (3, 3), (3, 4), (4, 0), (11, 0), (12, 0)] {
        scene.goes_no_further(&format!("error {kind}/{code}"), |mark| {
            let quoted = Packet::new(TWO, FAR, UDP, wire::udp(9, 9, mark)).bytes();
            vec![honest(TWO, ICMP, wire::icmp(kind, code, [0, 0, 2, 0], &quoted))]
        });
    }
    scene.still_believe(&before);
}

#[test]
fn a_packet_that_is_spent_or_broken_goes_no_further() {
    let scene = Scene::new();
    let allowed = |mark: &[u8]| Packet::new(ONE, TWO, UDP, wire::udp(7, 7, mark));
    for ttl in [0, 1] {
        // The router sends an error to the sender, as routers do.
        let mut seen = scene.send(|mark| vec![ip_frame(&Packet { ttl, ..allowed(mark) })]);
        seen.remove("forge.one eth0");
        assert_eq!(seen, Seen::from([PORT, SUBNET].map(String::from)), "ttl {ttl}");
    }
    type Break = fn(&mut Vec<u8>);
    let broken: [(&str, Break); 7] = [
        ("a checksum", |bytes| bytes[10] ^= 1),
        ("version 6", |bytes| bytes[0] = 0x65),
        ("version 0", |bytes| bytes[0] = 0x05),
        ("a header of four words", |bytes| bytes[0] = 0x44),
        ("a header of fifteen words", |bytes| bytes[0] = 0x4f),
        ("a length beyond the frame", |bytes| bytes[2] = 0xff),
        ("a length below the header", |bytes| (bytes[2], bytes[3]) = (0, 19)),
    ];
    for (what, breaks) in broken {
        scene.goes_no_further(what, |mark| {
            let mut bytes = allowed(mark).bytes();
            breaks(&mut bytes);
            vec![wire::frame(wire::mac_of(GATEWAY), wire::mac_of(ONE), IPV4, &bytes)]
        });
    }
    for length in [0, 1, 12, 19] {
        let frame = wire::frame(wire::mac_of(GATEWAY), wire::mac_of(ONE), IPV4, &allowed(b"short").bytes()[..length]);
        scene.sender().send(&frame).unwrap();
    }
    // Larger than the MTU of the link's other side, regardless of the instance's own MTU.
    scene.machine.program("ip -n forge.one link set eth0 mtu 9000").exits(0);
    let long = honest(TWO, UDP, wire::udp(7, 7, &[0; 8000]));
    assert_eq!(scene.sender().send(&long), Err(nix::errno::Errno::ENOBUFS));
}

#[test]
fn a_router_that_was_made_to_take_source_routes_is_mended() {
    let scene = Scene::new();
    scene.machine.program("ip netns exec forge.V1 sysctl -w net.ipv4.conf.all.accept_source_route=1").exits(0);
    scene.machine.ok("up forge.toml --no-verify").tells("1 change");
    let line = "ip netns exec forge.V1 cat /proc/sys/net/ipv4/conf/all/accept_source_route";
    assert_eq!(scene.machine.program(line).exits(0).stdout, "0\n");
}

#[test]
fn a_bridge_that_was_made_to_keep_frames_from_the_guard_is_mended() {
    let scene = Scene::new();
    let mask = || {
        let link = scene.machine.program("ip -n forge.V1 -d link show s1").exits(0).stdout;
        link.split("group_fwd_mask ").nth(1).and_then(|rest| rest.split(' ').next()).unwrap_or_default().to_owned()
    };
    assert_eq!(mask(), "0xfff8");
    scene.machine.program("ip -n forge.V1 link set s1 type bridge group_fwd_mask 0").exits(0);
    scene.machine.ok("up forge.toml --no-verify").tells("1 change");
    assert_eq!(mask(), "0xfff8");
    scene.machine.ok("up forge.toml --no-verify").tells("nothing to do");
}
