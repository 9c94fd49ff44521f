//! A separate machine for each test: private mounts, a private network namespace and an empty `/run`.
//!
//! A test neither sees nor touches the host's `/run/netns`, `/run/peerlab` or network, or another test's; everything
//! ends with the test's thread.

#[allow(dead_code)] // what only tests that walk through many things use
pub mod at_once;
#[allow(dead_code)] // what only tests with an oracle use
pub mod oracle;
#[allow(dead_code)] // what only tests with a terminal use
pub mod pty;
#[allow(dead_code)] // what only tests of captures use
pub mod running;
pub mod served;
#[allow(dead_code)] // what only tests of an ordinary user use
pub mod user;

use std::fmt;
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::Once;

use nix::mount::{MntFlags, MsFlags, mount, umount2};
use nix::sched::{CloneFlags, unshare};
use nix::sys::signal::{SigHandler, Signal, signal};
use serde_json::Value;

/// Where a machine keeps its lab files.
const FOLDER: &str = "/run/test";

/// The program under test.
const BINARY: &str = "/run/test-peerlab";

/// A machine. Programs on it see an empty `/run` and no link except `lo`.
pub struct Machine(());

impl Machine {
    /// Moves the calling thread to a new machine. Fails without the rights; nothing is skipped.
    pub fn new() -> Self {
        assert!(
            caps::has_cap(None, caps::CapSet::Effective, caps::Capability::CAP_SYS_ADMIN).unwrap_or(false),
            "this test makes network namespaces: run it as `scripts/test` does, as root or in a user namespace"
        );
        // Only the calling thread moves; libtest gives each test a thread, and everything that it starts inherits the
        // machine.
        unshare(CloneFlags::CLONE_NEWNS | CloneFlags::CLONE_NEWNET).expect("root may make namespaces");
        let none = None::<&str>;
        mount(none, "/", none, MsFlags::MS_REC | MsFlags::MS_PRIVATE, none).expect("root may make its mounts private");
        // Mounts below the host's /run change with its labs, here too.
        for place in mounts().iter().rev().filter(|place| place.starts_with("/run/")) {
            let _ = umount2(place.as_str(), MntFlags::MNT_DETACH);
        }
        mount(Some("test"), "/run", Some("tmpfs"), MsFlags::empty(), none).expect("root may mount a tmpfs");
        fs::create_dir(FOLDER).expect("the tmpfs is empty");
        // Any user can run it there, wherever the target directory is.
        fs::write(BINARY, "").expect("the tmpfs takes it");
        let binary = Some(env!("CARGO_BIN_EXE_peerlab"));
        mount(binary, BINARY, none, MsFlags::MS_BIND, none).expect("cargo has built it");
        user::log_in();
        Machine(())
    }

    /// Writes a lab file.
    pub fn file(&self, name: &str, text: &str) -> PathBuf {
        let path = Path::new(FOLDER).join(name);
        fs::write(&path, text).expect("the tmpfs takes it");
        path
    }

    /// Runs peerlab with the words of `line`, in the folder of the lab files.
    pub fn peerlab(&self, line: &str) -> Run {
        Run::of(self.command(line))
    }

    /// Runs peerlab, and checks for exit status 0.
    pub fn ok(&self, line: &str) -> Run {
        self.peerlab(line).exits(0)
    }

    /// Checks that this verify has pairs, and that no packet contradicts its prediction.
    #[allow(dead_code)] // what only some of the tests use
    #[track_caller]
    pub fn agrees(&self, verify: &str, what: &str) {
        let summary = self.peerlab(&format!("{verify} --json")).json()["summary"].clone();
        assert!(
            summary["pairs"] != 0 && summary["disagree"] == 0 && summary["others_disagree"].is_null(),
            "{what}: {summary}"
        );
    }

    /// A command of peerlab with the words of `line`, not started yet.
    pub fn command(&self, line: &str) -> Command {
        let mut command = Command::new(BINARY);
        // If the tests run in the background (`cargo test &`), their processes inherit an ignored Ctrl-C. SAFETY:
        // between fork and exec one system call is made; no handler of this process is involved.
        unsafe { command.pre_exec(|| Ok(signal(Signal::SIGINT, SigHandler::SigDfl).map(drop)?)) };
        command.args(shell_words(line)).current_dir(FOLDER).stdin(Stdio::null());
        for variable in ["SUDO_UID", "SUDO_GID", "PKEXEC_UID", "DOAS_USER", "PEERLAB_LAB"] {
            command.env_remove(variable);
        }
        command.env("NO_COLOR", "1").env("COLUMNS", "80").env("LC_ALL", "C.UTF-8");
        command
    }

    /// Starts peerlab and does not wait.
    pub fn start(&self, line: &str) -> Child {
        self.command(line).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("peerlab starts")
    }

    /// Runs another program: an oracle.
    pub fn program(&self, line: &str) -> Run {
        let words = shell_words(line);
        let mut command = Command::new(&words[0]);
        command.args(&words[1..]);
        Run::of(command)
    }

    /// The namespaces there are, sorted.
    pub fn namespaces(&self) -> Vec<String> {
        let entries = fs::read_dir("/run/netns").into_iter().flatten();
        let mut names: Vec<_> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    /// Labs and namespaces in `/run`.
    pub fn left(&self) -> Vec<String> {
        let tree = tree(Path::new("/run"));
        tree.into_iter().filter(|path| ["/run/netns/", "/run/peerlab/"].iter().any(|it| path.contains(it))).collect()
    }

    /// Everything on the host that a lab must not touch: this network namespace, mounts, `/run`, `/etc`, processes.
    pub fn snapshot(&self) -> Snapshot {
        // Load modules first, because the first lab's modules add settings in every namespace.
        static MODULES: Once = Once::new();
        MODULES.call_once(|| drop(self.peerlab("doctor")));
        let mut lines = Vec::new();
        let listings = [
            "ip -d link",
            "ip addr",
            "ip route show table all",
            "ip rule",
            "ip neigh",
            "bridge fdb",
            "nft list ruleset",
        ];
        for listing in listings {
            lines.extend(self.program(listing).exits(0).stdout.lines().map(|line| format!("{listing}: {line}")));
        }
        for path in files(Path::new("/proc/sys/net")) {
            // The current number of flows is not a setting.
            if !path.ends_with("nf_conntrack_count") {
                lines.push(format!(
                    "{} = {}",
                    path.display(),
                    fs::read_to_string(&path).unwrap_or_default().trim_end()
                ));
            }
        }
        // The folders of labs are created once and stay; a test's own files do not count.
        let none = ["/run/netns ", "/run/peerlab ", FOLDER];
        let files = tree(Path::new("/run")).into_iter().chain(tree(Path::new("/etc")));
        lines.extend(files.filter(|path| !none.iter().any(|it| path.starts_with(it))));
        lines.extend(mounts().into_iter().map(|place| format!("mounted: {place}")));
        lines.extend(processes().into_iter().map(|line| format!("process: {line}")));
        Snapshot(lines)
    }

    /// Checks that the host is unchanged.
    #[track_caller]
    pub fn is_as(&self, before: &Snapshot, what: &str) {
        let now = self.snapshot();
        let only = |one: &Snapshot, other: &Snapshot| -> Vec<String> {
            one.0.iter().filter(|line| !other.0.contains(line)).cloned().collect()
        };
        assert!(now == *before, "{what}\ngone: {:#?}\nnew: {:#?}", only(before, &now), only(&now, before));
    }
}

impl Drop for Machine {
    /// Terminates the holders of users' namespaces here. This machine's mount namespace identifies them, and the next
    /// machine may get the same number.
    fn drop(&mut self) {
        for pid in self.holders() {
            let _ = nix::sys::signal::kill(nix::unistd::Pid::from_raw(pid), Signal::SIGKILL);
        }
        while !self.holders().is_empty() {
            std::thread::yield_now();
        }
    }
}

/// A host at one moment, line by line.
#[derive(PartialEq)]
pub struct Snapshot(Vec<String>);

/// The mount points, in the order of mounting.
fn mounts() -> Vec<String> {
    let mounts = fs::read_to_string("/proc/thread-self/mountinfo").unwrap();
    mounts.lines().map(|line| line.split(' ').nth(4).unwrap().to_owned()).collect()
}

/// Everything below a folder, sorted: path, mode, owner, size of a file.
fn tree(folder: &Path) -> Vec<String> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).into_iter().flatten() {
        let (path, it) = entry.and_then(|entry| Ok((entry.path(), entry.metadata()?))).unwrap();
        let size = if it.is_file() { it.len() } else { 0 };
        found.push(format!("{} {:o} {}:{} {size}", path.display(), it.mode(), it.uid(), it.gid()));
        if it.is_dir() {
            found.extend(tree(&path));
        }
    }
    found.sort();
    found
}

/// The files below a folder that can be read, sorted.
fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).into_iter().flatten() {
        let (path, it) = entry.and_then(|entry| Ok((entry.path(), entry.metadata()?))).unwrap();
        match () {
            () if it.is_dir() => found.extend(files(&path)),
            () if it.mode() & 0o444 != 0 => found.push(path),
            () => {}
        }
    }
    found.sort();
    found
}

/// The processes in this thread's network namespace, by their command lines.
fn processes() -> Vec<String> {
    let here = fs::read_link("/proc/thread-self/ns/net").unwrap();
    let of = |entry: fs::DirEntry| {
        let there = fs::read_link(entry.path().join("ns/net")).ok()?;
        let line = fs::read_to_string(entry.path().join("cmdline")).ok()?;
        (there == here).then(|| line.replace('\0', " "))
    };
    let mut found: Vec<_> = fs::read_dir("/proc").unwrap().filter_map(|entry| of(entry.unwrap())).collect();
    found.sort();
    found
}

fn shell_words(line: &str) -> Vec<String> {
    shell_words::split(line).expect("a test's own line is well formed")
}

/// The result of a program.
pub struct Run {
    line: String,
    pub stdout: String,
    pub stderr: String,
    status: Result<i32, i32>,
}

impl Run {
    /// Runs a command to its end.
    pub fn of(mut command: Command) -> Self {
        let output = command.output().expect("the program runs");
        Run::ended(format!("{command:?}"), output)
    }

    /// The result of a started program.
    pub fn ended(line: String, output: Output) -> Self {
        let status = output.status;
        Run {
            line,
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
            status: status.code().ok_or_else(|| status.signal().expect("it exited or was killed")),
        }
    }

    /// The exit status, or the signal that ended it.
    pub fn status(&self) -> Result<i32, i32> {
        self.status
    }

    /// Checks for this exit status.
    #[track_caller]
    pub fn exits(self, status: i32) -> Self {
        assert_eq!(self.status, Ok(status), "{self}");
        self
    }

    /// Whether it exited with status 0.
    pub fn ended_well(&self) -> bool {
        self.status == Ok(0)
    }

    /// Whether it ended with this exit status.
    pub fn ended_with(&self, status: i32) -> bool {
        self.status == Ok(status)
    }

    /// Checks for the signal that ended it.
    #[track_caller]
    pub fn killed_by(self, signal: i32) -> Self {
        assert_eq!(self.status, Err(signal), "{self}");
        self
    }

    /// Checks that standard output contains this.
    #[track_caller]
    pub fn says(self, part: &str) -> Self {
        assert!(self.stdout.contains(part), "no {part:?} on stdout of {self}");
        self
    }

    /// Checks that standard error contains this.
    #[track_caller]
    pub fn tells(self, part: &str) -> Self {
        assert!(self.stderr.contains(part), "no {part:?} on stderr of {self}");
        self
    }

    /// The result as JSON.
    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("{error} in stdout of {self}"))
    }

    /// The first error as JSON.
    #[track_caller]
    pub fn error(&self) -> Value {
        self.errors().into_iter().next().unwrap_or_else(|| panic!("no error: {self}"))
    }

    /// Every error as JSON.
    #[track_caller]
    pub fn errors(&self) -> Vec<Value> {
        let read =
            |line| serde_json::from_str::<Value>(line).unwrap_or_else(|error| panic!("{error} in stderr of {self}"));
        self.stderr.lines().filter(|line| line.starts_with('{')).map(|line| read(line)["error"].clone()).collect()
    }
}

impl fmt::Display for Run {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Run { line, stdout, stderr, status } = self;
        write!(f, "{line}\nended with {status:?}\n--- stdout\n{stdout}--- stderr\n{stderr}")
    }
}

/// Turns a running lab into one whose last change was interrupted, according to its journal.
pub fn unsettle(lab: &str) {
    let (journal, snapshot) = (format!("/run/peerlab/{lab}/journal"), format!("/run/peerlab/{lab}/snapshot"));
    let log = fs::read_to_string(&journal).unwrap();
    let last = log.trim_end().rfind('\n').unwrap() + 1;
    assert!(log[last..].contains("settled"), "{log}");
    fs::write(journal, &log[..last]).unwrap();
    // The message says that there was more.
    fs::remove_file(snapshot).unwrap();
}

/// Two accounts, two VPCs, a peering in five steps: a minimal version of Alibaba's cross-account tutorial.
pub const CROSS: &str = r#"
[lab]
name = "cross"
title = "Connect two VPCs of two accounts"
provider = "alibaba"

[account.A]
id = "1000000000000001"
[account.B]
id = "1000000000000002"

[vpc.VPC1]
account = "A"
region = "cn-qingdao"
cidr = "192.168.0.0/16"
[vpc.VPC1.subnet.vsw-1]
cidr = "192.168.1.0/24"

[vpc.VPC2]
account = "B"
region = "cn-beijing"
cidr = "172.16.0.0/16"
[vpc.VPC2.subnet.vsw-2]
cidr = "172.16.1.0/24"

[instance.ecs-a]
subnet = "VPC1/vsw-1"
ip = "192.168.1.10"
[instance.ecs-b]
subnet = "VPC2/vsw-2"
ip = "172.16.1.10"

[[check]]
from = "ecs-a"
to = "ecs-b"
expect = "reach"
both_ways = true

[[step]]
title = "Create the initiator"
account = "A"
text = "Account A creates the initiator on VPC1's router."
run = ["create-router-interface ri-a --vpc VPC1 --role initiator --spec Mini.2 --opposite-region cn-beijing"]

[[step]]
title = "Create the acceptor"
account = "B"
text = "Account B creates the acceptor, and binds it to A's."
run = [
  "create-router-interface ri-b --vpc VPC2 --role acceptor --opposite-region cn-qingdao",
  "modify-router-interface-attribute ri-b --opposite-account A --opposite-interface ri-a --opposite-router VPC1",
]

[[step]]
title = "Connect"
account = "A"
text = "Account A binds its own end, and connects."
run = [
  "modify-router-interface-attribute ri-a --opposite-account B --opposite-interface ri-b --opposite-router VPC2",
  "connect-router-interface ri-a",
]
[[step.check]]
from = "ecs-a"
to = "ecs-b"
expect = "drop"
because = "no-route"

[[step]]
title = "Route to VPC2"
account = "A"
text = "Account A adds the route on VPC1's router."
run = ["create-route-entry --vpc VPC1 --destination 172.16.0.0/16 --next-hop ri-a"]
[[step.check]]
from = "ecs-a"
to = "ecs-b"
expect = "drop"
because = "return:no-route"

[[step]]
title = "Route to VPC1"
account = "B"
text = "Account B adds the route back."
run = ["create-route-entry --vpc VPC2 --destination 192.168.0.0/16 --next-hop ri-b"]
"#;

/// A lab without steps, of one VPC.
pub const SMALL: &str = r#"
[lab]
name = "small"
provider = "jdcloud"
[account.A]
[vpc.VPC1]
account = "A"
region = "cn-south-1"
cidr = "10.0.0.0/16"
[vpc.VPC1.subnet.s1]
cidr = "10.0.1.0/24"
[instance.one]
subnet = "VPC1/s1"
[instance.two]
subnet = "VPC1/s1"
[[check]]
from = "one"
to = "two"
expect = "reach"
"#;
