//! A central and hosts, each in a mount and a network namespace of its own, with Debian's OVN and Open vSwitch: the userspace
//! datapath, which needs no module. Everything ends with this value.

use std::fs;
use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::Mutex;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::support::{Machine, Run};

/// Where the daemons keep their files.
const FOLDER: &str = "/run/fabric";

pub struct Fabric {
    pub machine: Machine,
    /// The servers of the northbound database, of which some may be killed.
    servers: Vec<Option<Child>>,
    daemons: Vec<Child>,
    hosts: Vec<Host>,
}

struct Host {
    name: String,
    /// The process that holds its namespaces.
    holder: Child,
    node: Mutex<Option<Child>>,
}

/// Whether the hosts' switches are the kernel's (`PEERLAB_DATAPATH=system`: module openvswitch), not in user space. Then the machine
/// is mostly an emulated one, where all takes longer.
fn in_kernel() -> bool {
    std::env::var("PEERLAB_DATAPATH").is_ok_and(|it| it == "system")
}

/// How long to wait for something that takes so many seconds at most in user space.
fn patience(seconds: u64) -> Duration {
    Duration::from_secs(if in_kernel() { 20 * seconds } else { seconds })
}

/// Where the daemons of the databases keep their files.
const CENTRAL: &str = "/run/fabric/central";

/// The options of an ovsdb-server whose keys are in its database, as Debian starts it.
const KEYS: &str = "--private-key=db:OVN_Northbound,SSL,private_key --certificate=db:OVN_Northbound,SSL,certificate \
                    --ca-cert=db:OVN_Northbound,SSL,ca_cert --remote=db:OVN_Northbound,NB_Global,connections";

impl Fabric {
    /// Starts a central with so many servers of the northbound database, a cluster if there are several, and so many hosts, with
    /// their nodes.
    pub fn new(servers: usize, hosts: usize) -> Self {
        let machine = Machine::new();
        fs::create_dir_all(CENTRAL).unwrap();
        let servers = (0..servers).map(|_| None).collect();
        let mut fabric = Fabric { machine, servers, daemons: Vec::new(), hosts: Vec::new() };
        fabric.start_central();
        for number in 1..=hosts {
            fabric.add_host(number);
        }
        for number in 1..=hosts {
            fabric.start_node(number);
        }
        fabric.until("all hosts are there", |fabric| fabric.up_hosts() == hosts);
        // The first packet between two hosts is lost: it makes their userspace tunnels ask for the other's address.
        for (from, to) in (1..=hosts).flat_map(|from| (1..=hosts).map(move |to| (from, to))).filter(|(a, b)| a != b) {
            fabric.on(from, &format!("ping -c1 -W1 10.9.0.1{to}")).exits(0);
        }
        fabric
    }

    fn run(&self, line: &str) {
        self.machine.program(line).exits(0);
    }

    fn start_central(&mut self) {
        for line in ["ip link set lo up", "ip link add br0 type bridge", "ip link set br0 up", "ethtool -K br0 tx off"]
        {
            self.run(line);
        }
        self.start_northbound();
        self.run(&format!("ovsdb-tool create {CENTRAL}/sb.db /usr/share/ovn/ovn-sb.ovsschema"));
        let remotes = format!("--remote=punix:{CENTRAL}/sb.sock --remote=ptcp:6642:10.9.0.1");
        let server = daemon(CENTRAL, &format!("ovsdb-server {remotes} --unixctl={CENTRAL}/sb.ctl {CENTRAL}/sb.db"));
        self.daemons.push(server.spawn());
        await_server(&format!("{CENTRAL}/sb.sock"));
        let (northbound, southbound) = (self.northbound(), format!("unix:{CENTRAL}/sb.sock"));
        let northd = format!("ovn-northd --ovnnb-db={northbound} --ovnsb-db={southbound}");
        self.daemons.push(daemon(CENTRAL, &northd).spawn());
        self.nbctl("init");
        self.run(&format!("ovn-sbctl --db={southbound} init"));
    }

    fn start_northbound(&mut self) {
        let servers = self.servers.len();
        let schema = "/usr/share/ovn/ovn-nb.ovsschema";
        let first = "tcp:10.9.0.1:6643";
        for number in 1..=servers {
            self.run(&format!("ip addr add 10.9.0.{number}/24 dev br0"));
            let (file, own) = (format!("{CENTRAL}/nb{number}.db"), format!("tcp:10.9.0.{number}:6643"));
            self.run(&match number {
                _ if servers == 1 => format!("ovsdb-tool create {file} {schema}"),
                1 => format!("ovsdb-tool create-cluster {file} {schema} {own}"),
                _ => format!("ovsdb-tool join-cluster {file} OVN_Northbound {own} {first}"),
            });
            self.start_server(number);
            let is_member = |it: &Self| servers == 1 || it.cluster_status(number).contains("Status: cluster member");
            self.until("the server is a member of the cluster", is_member);
        }
    }

    /// Starts a server of the northbound database.
    pub fn start_server(&mut self, number: usize) {
        let name = format!("{CENTRAL}/nb{number}");
        for rest in ["sock", "ctl"] {
            let _ = fs::remove_file(format!("{name}.{rest}"));
        }
        let remotes = format!("--remote=punix:{name}.sock --remote=ptcp:6641:10.9.0.{number} {KEYS}");
        let server = daemon(CENTRAL, &format!("ovsdb-server {remotes} --unixctl={name}.ctl {name}.db"));
        self.servers[number - 1] = Some(server.spawn());
        await_server(&format!("{name}.sock"));
        await_server(&format!("{name}.ctl"));
    }

    /// Kills the leader of the northbound database's servers, and returns its number.
    pub fn kill_leader(&mut self) -> usize {
        let mut leader = 0;
        let until = Instant::now() + patience(20);
        while leader == 0 {
            assert!(Instant::now() < until, "the cluster has no leader");
            let is_leader = |number: &usize| self.cluster_status(*number).contains("Role: leader");
            leader = (1..=self.servers.len()).find(is_leader).unwrap_or_default();
        }
        let mut server = self.servers[leader - 1].take().unwrap();
        server.kill().unwrap();
        server.wait().unwrap();
        leader
    }

    fn cluster_status(&self, number: usize) -> String {
        let line = format!("ovs-appctl -t {CENTRAL}/nb{number}.ctl cluster/status OVN_Northbound");
        self.machine.program(&line).stdout
    }

    /// The addresses of the northbound database.
    pub fn northbound(&self) -> String {
        let address = |number| format!("tcp:10.9.0.{number}:6641");
        (1..=self.servers.len()).map(address).collect::<Vec<_>>().join(",")
    }

    /// Has the northbound database speak TLS at this port, too, with keys by `ovs-pki`; returns the folder with a client's.
    pub fn speak_tls(&self, port: u16) -> String {
        let folder = format!("{CENTRAL}/tls");
        fs::create_dir_all(&folder).unwrap();
        for words in ["init", "req+sign server", "req+sign client", "req+sign stranger controller"] {
            let line = format!("cd {folder} && ovs-pki --dir={folder}/pki --log={folder}/log {words}");
            self.run(&format!("sh -c '{line}'"));
        }
        self.nbctl(&format!(
            "set-ssl {folder}/server-privkey.pem {folder}/server-cert.pem {folder}/pki/switchca/cacert.pem"
        ));
        self.nbctl(&format!("set-connection pssl:{port}:10.9.0.1"));
        folder
    }

    fn add_host(&mut self, number: usize) {
        let name = format!("h{number}");
        let place = format!("{FOLDER}/{name}");
        fs::create_dir_all(&place).unwrap();
        let mut holder = Command::new("unshare");
        holder.args(["-m", "-n", "--propagation", "private", "sleep", "100000"]);
        holder.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let holder = holder.spawn().unwrap();
        let pid = holder.id();
        self.hosts.push(Host { name: name.clone(), holder, node: Mutex::default() });
        let own = fs::read_link("/proc/thread-self/ns/net").unwrap();
        let until = Instant::now() + Duration::from_secs(5);
        while fs::read_link(format!("/proc/{pid}/ns/net")).unwrap() == own {
            assert!(Instant::now() < until, "unshare makes no namespace");
            std::thread::sleep(Duration::from_millis(2));
        }
        self.run(&format!("ip link add v{name} type veth peer name eth0 netns {pid}"));
        self.run(&format!("ip link set v{name} master br0 up"));
        self.run(&format!("ethtool -K v{name} tx off"));
        for line in [
            "mkdir -p /run/own/netns",
            "mount --bind /run/own/netns /run/own/netns",
            "ip link set lo up",
            "ip link set eth0 up",
            "ethtool -K eth0 tx off",
        ] {
            self.on(number, line).exits(0);
        }
        // Its own names of namespaces; the daemons' files are seen by all.
        self.on(number, "mkdir -p /run/netns").exits(0);
        self.on(number, "mount -t tmpfs netns /run/netns").exits(0);
        self.on(number, &format!("ovsdb-tool create {place}/conf.db /usr/share/openvswitch/vswitch.ovsschema"))
            .exits(0);
        let server = format!("ovsdb-server --remote=punix:{place}/db.sock {place}/conf.db");
        let server = self.daemon_on(number, &server);
        self.daemons.push(server);
        await_server(&format!("{place}/db.sock"));
        let db = format!("--db=unix:{place}/db.sock");
        self.on(number, &format!("ovs-vsctl {db} --no-wait init")).exits(0);
        let ids = format!(
            "external_ids:system-id={name} external_ids:ovn-remote=tcp:10.9.0.1:6642 external_ids:ovn-encap-type=geneve \
             external_ids:ovn-encap-ip=10.9.0.1{number} external_ids:ovn-bridge-datapath-type={} other_config:max-revalidator=100",
            if in_kernel() { "system" } else { "netdev" }
        );
        self.on(number, &format!("ovs-vsctl {db} --no-wait set open . {ids}")).exits(0);
        let switch = format!("ovs-vswitchd --monitor --pidfile={place}/ovs-vswitchd.pid unix:{place}/db.sock");
        let switch = self.daemon_on(number, &switch);
        self.daemons.push(switch);
        self.connect_switch(number, &db);
        let controller = self.daemon_on(number, &format!("ovn-controller unix:{place}/db.sock"));
        self.daemons.push(controller);
    }

    /// Makes the bridges of a host. In user space, its address is on one of them.
    fn connect_switch(&self, number: usize, db: &str) {
        let address = format!("10.9.0.1{number}/24");
        let vsctl = |line: &str| _ = self.on(number, &format!("ovs-vsctl {db} --timeout=120 {line}")).exits(0);
        if in_kernel() {
            self.on(number, &format!("ip addr add {address} dev eth0")).exits(0);
            return vsctl("add-br br-int -- set br br-int fail_mode=secure");
        }
        vsctl(
            "add-br br-int -- set br br-int datapath_type=netdev fail_mode=secure -- add-br br-phy \
             -- set br br-phy datapath_type=netdev -- add-port br-phy eth0",
        );
        let address = format!("ip addr add {address} dev br-phy");
        for line in [&*address, "ip link set br-phy up", "ethtool -K br-phy tx off"] {
            self.on(number, line).exits(0);
        }
    }

    /// A command on a host.
    pub fn command_on(&self, number: usize, line: &str) -> Command {
        let pid = self.hosts[number - 1].holder.id().to_string();
        let mut command = Command::new("nsenter");
        command.args(["-m", "-n", "-t", &pid]).args(shell_words::split(line).unwrap());
        let place = format!("{FOLDER}/h{number}");
        for variable in ["OVS_RUNDIR", "OVS_DBDIR", "OVS_LOGDIR", "OVN_RUNDIR", "OVN_LOGDIR"] {
            command.env(variable, &place);
        }
        command.env("PEERLAB_ON", self.northbound()).env("NO_COLOR", "1").stdin(Stdio::null());
        command
    }

    /// Runs a program on a host.
    pub fn on(&self, number: usize, line: &str) -> Run {
        Run::of(self.command_on(number, line))
    }

    /// Runs peerlab on a host.
    pub fn peerlab_on(&self, number: usize, line: &str) -> Run {
        self.on(number, &format!("/run/test-peerlab {line}"))
    }

    fn daemon_on(&self, number: usize, line: &str) -> Child {
        let log = fs::File::create(format!("{FOLDER}/h{number}/{}.err", line.split(' ').next().unwrap())).unwrap();
        let mut command = self.command_on(number, &format!("{line} -vconsole:warn"));
        command.stdout(Stdio::null()).stderr(log).spawn().unwrap()
    }

    /// Starts a host's node.
    pub fn start_node(&self, number: usize) {
        self.start_node_with(number, &[("PEERLAB_ON", &self.northbound())]);
    }

    /// Starts a host's node with these variables.
    pub fn start_node_with(&self, number: usize, variables: &[(&str, &str)]) {
        let log = fs::File::options().create(true).append(true).open(format!("{FOLDER}/h{number}/node.err")).unwrap();
        let line = format!("/run/test-peerlab node --ovs unix:{FOLDER}/h{number}/db.sock");
        let mut node = self.command_on(number, &line);
        let node = node.envs(variables.iter().copied()).stdout(Stdio::null()).stderr(log).spawn().unwrap();
        *self.hosts[number - 1].node.lock().unwrap() = Some(node);
    }

    /// Has the northbound database at one more port.
    pub fn also_listen(&self, port: u16) {
        self.run(&format!("ovs-appctl -t {CENTRAL}/nb1.ctl ovsdb-server/add-remote ptcp:{port}:10.9.0.1"));
    }

    /// Kills a host's node.
    pub fn kill_node(&self, number: usize) {
        let mut node = self.hosts[number - 1].node.lock().unwrap().take().unwrap();
        node.kill().unwrap();
        node.wait().unwrap();
    }

    /// The hosts, each with the process that holds its namespaces: `h1=4711 h2=4712`.
    pub fn processes(&self) -> String {
        let host = |host: &Host| format!("{}={}", host.name, host.holder.id());
        self.hosts.iter().map(host).collect::<Vec<_>>().join(" ")
    }

    /// What a node said.
    pub fn log_of(&self, number: usize) -> String {
        fs::read_to_string(format!("{FOLDER}/h{number}/node.err")).unwrap_or_default()
    }

    /// What the hosts' daemons and nodes said.
    pub fn logs(&self) -> String {
        let one = |number: usize, name: &str| {
            let said = fs::read_to_string(format!("{FOLDER}/h{number}/{name}.err")).unwrap_or_default();
            if said.is_empty() { said } else { format!("h{number} {name}:\n{said}\n") }
        };
        let names = ["ovsdb-server", "ovs-vswitchd", "ovn-controller", "node"];
        (1..=self.hosts.len()).flat_map(|number| names.map(|name| one(number, name))).collect()
    }

    /// The names of a host's namespaces.
    pub fn namespaces_on(&self, number: usize) -> Vec<String> {
        let listed = self.on(number, "ls /run/netns").exits(0).stdout;
        listed.lines().map(str::to_owned).collect()
    }

    /// Runs peerlab beside the central.
    pub fn peerlab(&self, line: &str) -> Run {
        let mut command = self.machine.command(line);
        command.env("PEERLAB_ON", self.northbound());
        Run::of(command)
    }

    /// Starts peerlab beside the central.
    pub fn start(&self, line: &str) -> Child {
        let mut command = self.machine.command(line);
        command.env("PEERLAB_ON", self.northbound()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
    }

    /// Runs peerlab, and checks for exit status 0.
    #[track_caller]
    pub fn ok(&self, line: &str) -> Run {
        self.peerlab(line).exits(0)
    }

    /// Runs `ovn-nbctl`.
    pub fn nbctl(&self, line: &str) -> String {
        let run =
            self.machine.program(&format!("ovn-nbctl --db={} --no-leader-only --timeout=20 {line}", self.northbound()));
        run.exits(0).stdout
    }

    fn up_hosts(&self) -> usize {
        let hosts = self.ok("hosts --json").json();
        let hosts = hosts["hosts"].as_array().unwrap();
        hosts.iter().filter(|host| host["state"] == "up").count()
    }

    /// Waits until something is so.
    #[track_caller]
    pub fn until(&self, what: &str, is_so: impl Fn(&Self) -> bool) {
        let until = Instant::now() + patience(30);
        while !is_so(self) {
            assert!(Instant::now() < until, "not so: {what}\n{}", self.logs());
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// The host of an instance, by its number.
    pub fn host_of(&self, lab: &str, instance: &str) -> usize {
        let status = self.ok(&format!("status {lab} --json")).json();
        let found = status["instances"].as_array().unwrap().iter().find(|it| it["name"] == instance).unwrap().clone();
        found["host"].as_str().unwrap()[1..].parse().unwrap()
    }
}

impl Drop for Fabric {
    fn drop(&mut self) {
        let nodes = self.hosts.iter_mut().flat_map(|host| host.node.get_mut().unwrap());
        for child in nodes.chain(&mut self.daemons).chain(self.servers.iter_mut().flatten()) {
            let _ = child.kill().and_then(|()| child.wait());
        }
        for host in &mut self.hosts {
            let _ = host.holder.kill().and_then(|()| host.holder.wait());
            // `--monitor` has a child of its own, which ends by its pidfile's process.
            let pidfile = PathBuf::from(FOLDER).join(&host.name).join("ovs-vswitchd.pid");
            let pid = fs::read_to_string(pidfile).ok().and_then(|text| text.trim().parse().ok());
            if let Some(pid) = pid {
                let _ = nix::sys::signal::kill(nix::unistd::Pid::from_raw(pid), nix::sys::signal::Signal::SIGKILL);
            }
        }
    }
}

struct Daemon(Command);

fn daemon(place: &str, line: &str) -> Daemon {
    let words = shell_words::split(&format!("{line} -vconsole:warn")).unwrap();
    let mut command = Command::new(&words[0]);
    command.args(&words[1..]).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    for variable in ["OVS_RUNDIR", "OVS_DBDIR", "OVS_LOGDIR", "OVN_RUNDIR", "OVN_LOGDIR"] {
        command.env(variable, place);
    }
    Daemon(command)
}

impl Daemon {
    fn spawn(mut self) -> Child {
        self.0.spawn().unwrap()
    }
}

/// Waits until a server listens at a socket, which is there a little sooner.
fn await_server(path: &str) {
    let until = Instant::now() + patience(10);
    while UnixStream::connect(path).is_err() {
        assert!(Instant::now() < until, "nobody listens at {path}");
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// A lab's pairs and checks, as `verify --json` has them.
#[track_caller]
pub fn agrees(report: &Value, what: &str) {
    let summary = &report["summary"];
    assert!(
        summary["disagree"] == 0 && summary["others_disagree"].is_null() && summary["checks_failed"] == 0,
        "{what}: {summary}\n{}",
        wrong(report)
    );
}

/// The pairs that are not as predicted, and the checks that fail.
pub fn wrong(report: &Value) -> String {
    let mut text = String::new();
    for pair in report["pairs"].as_array().into_iter().flatten() {
        let reached = pair["observed"] == "reach";
        if reached != (pair["predicted"] == "reach") || pair["observed"] == "unknown" {
            text += &format!("{pair}\n");
        }
    }
    if !report["counters"].is_null() {
        text += &format!("{}\n{}\n", report["counters"], report["disagreements"]);
    }
    for check in report["checks"].as_array().into_iter().flatten().filter(|it| it["passed"] == false) {
        text += &format!("{check}\n");
    }
    text
}
