//! What an instance cannot do by forging its packets: the guard at its port lets through what carries its own
//! addresses, and counts the rest.
#![allow(clippy::disallowed_methods, clippy::unwrap_used)] // a test's own files and oracles

#[allow(dead_code)] // what only tests/cli.rs uses
mod support;

use support::{CROSS, Machine};

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

    /// Runs a program in ecs-a that must fail, be counted under a name, and bring nothing to ecs-b.
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
    // With its neighbour forgotten, the instance asks by ARP, in the name of the address it sends from.
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
