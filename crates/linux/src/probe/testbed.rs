//! A small network built with `ip`, independent of peerlab's code, for the tests of the probes.

use std::io::Write;
use std::net::Ipv4Addr;
use std::process::{Command, Stdio};

use crate::network::model::NamespaceName;

/// A router `<lab>.vpc` with a bridge, and instances `<lab>.i0`, `<lab>.i1`, … behind it, which reach one another only
/// through the router. Removed when dropped.
pub(crate) struct Testbed {
    /// The lab's name.
    pub lab: String,
    names: Vec<String>,
}

impl Testbed {
    /// Builds the network with this many instances. Names are unique to the process and the test.
    pub(crate) fn new(test: &str, instances: usize) -> Self {
        assert!(nix::unistd::geteuid().is_root(), "this test makes namespaces: run it as root (scripts/as-root does)");
        let lab = format!("probe-{test}-{}", std::process::id());
        let names =
            ["vpc".into(), "internet".into()].into_iter().chain((0..instances).map(|i| format!("i{i}"))).collect();
        let bed = Testbed { lab, names };
        let add: String = bed.names.iter().map(|name| format!("netns add {}.{name}\n", bed.lab)).collect();
        ip(&["-batch", "-"], &add);
        let router = format!("{}.vpc", bed.lab);
        let mut wires =
            String::from("link add br0 address 02:00:0a:00:00:01 type bridge\nlink set br0 up\nlink set lo up\n");
        wires += "addr add 10.0.0.1/16 dev br0\n";
        for i in 0..instances {
            let mac = mac(i);
            wires +=
                &format!("link add p{i} master br0 type veth peer name eth0 address {mac} netns {}.i{i}\n", bed.lab);
            wires += &format!("link set p{i} up\nneigh replace {} lladdr {mac} nud permanent dev br0\n", address(i));
        }
        ip(&["-n", &router, "-batch", "-"], &wires);
        bed.sysctl(
            "vpc",
            &[
                "ipv4/ip_forward=1",
                "ipv4/conf/br0/send_redirects=0",
                "ipv4/conf/all/send_redirects=0",
                "bridge/bridge-nf-call-iptables=0",
            ],
        );
        for i in 0..instances {
            let wires = format!(
                "link set lo up\nlink set eth0 up\naddr add {}/16 dev eth0 noprefixroute\n\
                 neigh replace 10.0.0.1 lladdr 02:00:0a:00:00:01 nud permanent dev eth0\n\
                 route add default via 10.0.0.1 dev eth0 onlink\n",
                address(i)
            );
            ip(&["-n", &format!("{}.i{i}", bed.lab), "-batch", "-"], &wires);
        }
        bed
    }

    /// Runs `ip` in one of the namespaces.
    pub(crate) fn ip(&self, namespace: &str, batch: &str) {
        ip(&["-n", &format!("{}.{namespace}", self.lab), "-batch", "-"], batch);
    }

    /// Deletes an instance's namespace, and waits until the kernel has dismantled it.
    pub(crate) fn delete(&self, i: usize) {
        ip(&["netns", "del", &format!("{}.i{i}", self.lab)], "");
        let link = ["-n", &format!("{}.vpc", self.lab), "link", "show", &format!("p{i}")].map(str::to_owned);
        while Command::new("ip").args(&link).output().unwrap().status.success() {
            std::thread::sleep(std::time::Duration::from_millis(10));
        }
    }

    /// Runs a program in one of the namespaces, to its end.
    pub(crate) fn exec(&self, namespace: &str, command: &[&str]) {
        let namespace = format!("{}.{namespace}", self.lab);
        let status = Command::new("ip").args(["netns", "exec", &namespace]).args(command).status().unwrap();
        assert!(status.success(), "{command:?} in {namespace}: {status}");
    }

    /// Gives the router an uplink to `internet`, where every address answers.
    pub(crate) fn uplink(&self) {
        let internet = format!("{}.internet", self.lab);
        self.ip("vpc", &format!("link add up0 type veth peer name down0 netns {internet}\nlink set up0 up\naddr add 169.254.1.1/30 dev up0\n"));
        self.ip("internet", "link set lo up\nlink set down0 up\naddr add 169.254.1.2/30 dev down0\nroute add 10.0.0.0/16 via 169.254.1.1\nroute add local 0.0.0.0/0 dev lo\n");
        self.ip("vpc", "route add default via 169.254.1.2\n");
    }

    /// Adds rules to the router's forward chain, with a counter `dropped` for them.
    pub(crate) fn forward(&self, rules: &str) {
        let text = format!(
            "table inet test {{ counter dropped {{ packets 0 bytes 0; }}; chain forward {{ type filter hook forward priority 0; {rules}; }}; }}"
        );
        self.exec("vpc", &["nft", &text]);
    }

    /// How many packets `dropped` has counted.
    pub(crate) fn dropped(&self) -> u64 {
        let namespace = format!("{}.vpc", self.lab);
        let list = ["netns", "exec", &namespace, "nft", "list", "counter", "inet", "test", "dropped"];
        let output = Command::new("ip").args(list).output().unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        let packets = text.split_whitespace().skip_while(|word| *word != "packets").nth(1);
        packets.expect("nft lists the counter").parse().unwrap()
    }

    fn sysctl(&self, namespace: &str, settings: &[&str]) {
        let lines: String = settings
            .iter()
            .filter_map(|s| s.split_once('='))
            .map(|(k, v)| format!("[ ! -e /proc/sys/net/{k} ] || echo {v} > /proc/sys/net/{k}\n"))
            .collect();
        self.exec(namespace, &["sh", "-c", &lines]);
    }
}

impl Drop for Testbed {
    fn drop(&mut self) {
        for name in &self.names {
            let _ = Command::new("ip").args(["netns", "del", &format!("{}.{name}", self.lab)]).status();
        }
    }
}

/// The name of an instance.
pub(crate) fn instance(i: usize) -> NamespaceName {
    NamespaceName(format!("i{i}").into())
}

/// The address of an instance.
pub(crate) fn address(i: usize) -> Ipv4Addr {
    Ipv4Addr::new(10, 0, (i / 200) as u8, (i % 200 + 10) as u8)
}

fn mac(i: usize) -> String {
    let [a, b, c, d] = address(i).octets();
    format!("02:00:{a:02x}:{b:02x}:{c:02x}:{d:02x}")
}

fn ip(arguments: &[&str], batch: &str) {
    let mut child = Command::new("ip").args(arguments).stdin(Stdio::piped()).spawn().expect("the tests need ip");
    child.stdin.take().unwrap().write_all(batch.as_bytes()).unwrap();
    let status = child.wait().unwrap();
    assert!(status.success(), "ip {arguments:?}: {status}\n{batch}");
}
