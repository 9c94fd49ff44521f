//! Namespaces, `nft` and `ip`, and the kernel's own bytes.

use std::collections::BTreeMap;
use std::io::Write;
use std::process::{Command, Stdio};

use netlink_sys::protocols::NETLINK_NETFILTER;
use nix::libc::MSG_DONTWAIT;
use nix::sched::{CloneFlags, unshare};

/// Runs `test` on a thread in a namespace that ends with the thread.
pub fn in_namespace<T: Send>(test: impl FnOnce() -> T + Send) -> T {
    std::thread::scope(|scope| {
        let inside = || {
            unshare(CloneFlags::CLONE_NEWNET).expect("these tests make network namespaces: run them as root");
            test()
        };
        scope.spawn(inside).join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
    })
}

/// Runs a program in the thread's namespace, and returns what it prints.
pub fn run(program: &str, arguments: &[&str], input: &str) -> String {
    let mut child = Command::new(program)
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap_or_else(|error| panic!("{program} is needed to check against: {error}"));
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "{program} {arguments:?} failed on:\n{input}");
    String::from_utf8(output.stdout).unwrap()
}

pub fn load(text: &str) {
    run("nft", &["-f", "-"], text);
}

pub fn list() -> String {
    run("nft", &["list", "ruleset"], "")
}

/// An object's name and its compared attributes.
pub type Object = (String, Vec<Vec<u8>>);

/// A dump of the thread's namespace: for each object its name, and its attributes of these types, byte for byte.
fn raw_dump(kind: u16, name: &[u16], compared: &[u16]) -> Vec<Object> {
    let mut socket = netlink_sys::Socket::new(NETLINK_NETFILTER).unwrap();
    socket.bind_auto().unwrap();
    let mut request = vec![20, 0, 0, 0];
    request.extend_from_slice(&(0xa00 | kind).to_ne_bytes());
    request.extend_from_slice(&0x301u16.to_ne_bytes());
    request.extend_from_slice(&[0; 12]);
    socket.send(&request, 0).unwrap();
    let mut objects = Vec::new();
    loop {
        let mut buffer = Vec::with_capacity(64 * 1024);
        if socket.recv(&mut buffer, MSG_DONTWAIT).is_err() {
            return objects;
        }
        let mut rest = &buffer[..];
        while rest.len() >= 20 {
            let length = u32::from_ne_bytes(rest[..4].try_into().unwrap()) as usize;
            if rest[5] == 0xa {
                let attributes = attributes(&rest[20..length]);
                let value = |kind: &u16| attributes.get(kind).cloned().unwrap_or_default();
                let text = |kind| String::from_utf8(value(kind)).unwrap().trim_end_matches('\0').to_string();
                let name: Vec<String> = name.iter().map(text).collect();
                objects.push((name.join(" "), compared.iter().map(value).collect()));
            }
            rest = &rest[length.next_multiple_of(4).min(rest.len())..];
        }
    }
}

fn attributes(mut bytes: &[u8]) -> BTreeMap<u16, Vec<u8>> {
    let mut attributes = BTreeMap::new();
    while bytes.len() >= 4 {
        let length = usize::from(u16::from_ne_bytes([bytes[0], bytes[1]]));
        let kind = u16::from_ne_bytes([bytes[2], bytes[3]]) & 0x3fff;
        attributes.insert(kind, bytes[4..length].to_vec());
        bytes = &bytes[length.next_multiple_of(4).min(bytes.len())..];
    }
    attributes
}

const GET_CHAIN: u16 = 4;
const GET_RULE: u16 = 7;
const GET_SET: u16 = 10;
const GET_OBJECT: u16 = 19;

/// Everything that the kernel lists of the namespace's ruleset, except handles and the order of tables.
pub fn all_bytes() -> BTreeMap<&'static str, Vec<Object>> {
    // Table, chain; expressions and user data.
    let rules = raw_dump(GET_RULE, &[1, 2], &[4, 7]);
    // Table, name; hook, policy, type, flags.
    let chains = raw_dump(GET_CHAIN, &[1, 3], &[4, 5, 7, 10]);
    // Table, name; flags, key type and length, data type and length, description.
    let sets = raw_dump(GET_SET, &[1, 2], &[3, 4, 5, 6, 7, 9]);
    // Table, name; type, data.
    let objects = raw_dump(GET_OBJECT, &[1, 2], &[3, 4]);
    let mut all = BTreeMap::from([("rules", rules), ("chains", chains), ("sets", sets), ("objects", objects)]);
    // Rules keep their order within a chain: the sort is stable.
    all.values_mut().for_each(|objects| objects.sort_by(|a, b| a.0.cmp(&b.0)));
    all
}
