//! `peerlab serve`: the providers' own clients drive a lab, and pings prove it; keys, limits, and clients that mean harm.
#![allow(clippy::disallowed_methods, clippy::unwrap_used)] // a test's own files, sockets and clocks

#[allow(dead_code)] // other tests use the rest
mod support;

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::os::unix::fs::MetadataExt;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use nix::sys::signal::Signal;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;
use sha1::Sha1;
use support::at_once::at_once;
use support::served::{Server, exchange, get, script};
use support::{CROSS, Machine, Run};

/// A tutorial by a client, on a lab of which no step is done. Nothing that is secret is logged.
fn tutorial(lab: &str, file: &str, words: &[&str]) {
    let machine = Machine::new();
    machine.ok(&format!("up {lab} --until 0 --no-verify"));
    let server = Server::start(&machine, "");
    let Some(run) = script(&server, file, words) else { return };
    let secret = server.account("A")["access_key_secret"].as_str().unwrap().to_owned();
    let log = server.end();
    assert!(run.ended_well(), "{run}\n{log}");
    assert!(!log.stderr.contains(&secret) && log.stderr.contains("\"outcome\":\"ok\""), "{log}");
    // Some go back to nothing.
    if machine.peerlab("verify --json").json()["summary"]["pairs"] != 0 {
        machine.agrees("verify", lab);
    }
    machine.ok("up --no-verify").tells("nothing to do");
    let all = fs::read_to_string(format!("/run/peerlab/{}/journal", lab_name(lab))).unwrap();
    assert!(!all.contains(&secret) && !machine.ok("export").stdout.contains(&secret));
    machine.ok("down --all");
}

fn lab_name(lab: &str) -> &str {
    lab.strip_suffix(".toml").map_or(lab, |path| path.rsplit('/').next().unwrap_or(path))
}

const EMPTY: &str = "[lab]\nname = \"empty\"\nprovider = \"alibaba\"\n[account.A]\nid = \"1000000000000001\"\n";

macro_rules! tutorials {
    ($($name:ident: $lab:literal $($word:literal)+;)*) => {$(
        #[test]
        fn $name() {
            tutorial($lab, "tutorials_alibaba.py", &[$($word),+]);
        }
    )*};
}

tutorials! {
    cross_account_by_the_former_sdk: "cross-account" "cross-account" "before";
    cross_account_by_the_former_sdk_through_a_proxy: "cross-account" "cross-account" "before-proxy";
    cross_account_by_todays_sdk: "cross-account" "cross-account" "today";
    cross_account_by_the_former_client_from_npm: "cross-account" "cross-account" "before-npm";
    cross_account_by_todays_client_from_npm: "cross-account" "cross-account" "today-npm";
    router_interfaces_by_the_former_sdk: "router-interfaces" "router-interfaces" "before";
    router_interfaces_by_todays_sdk: "router-interfaces" "router-interfaces" "today";
}

#[test]
fn same_account_from_nothing_by_both_sdks() {
    let file = nothing("alibaba");
    for generation in ["before", "today"] {
        std::thread::scope(|scope| {
            let file = &*file;
            scope.spawn(move || tutorial(file, "tutorials_alibaba.py", &["same-account", generation])).join().unwrap();
        });
    }
}

/// A lab with an account and nothing else, in a file of its own.
fn nothing(provider: &str) -> String {
    let empty = EMPTY.replace("alibaba", provider);
    let empty = if provider == "aws" { empty.replace("1000000000000001", "111122223333") } else { empty };
    let file = std::env::temp_dir().join(provider).join("empty.toml");
    fs::create_dir_all(file.parent().unwrap()).unwrap();
    fs::write(&file, empty).unwrap();
    file.to_str().unwrap().to_owned()
}

macro_rules! ways_to_the_internet {
    ($($name:ident: $provider:literal $file:literal $($word:literal)*;)*) => {$(
        #[test]
        fn $name() {
            tutorial(&nothing($provider), $file, &[$($word),*]);
        }
    )*};
}

ways_to_the_internet! {
    to_the_internet_by_the_former_sdk_of_alibaba: "alibaba" "internet_alibaba.py" "before";
    to_the_internet_by_todays_sdk_of_alibaba: "alibaba" "internet_alibaba.py" "today";
    to_the_internet_by_the_former_client_from_npm_of_alibaba: "alibaba" "internet_alibaba.py" "before-npm";
    to_the_internet_by_todays_client_from_npm_of_alibaba: "alibaba" "internet_alibaba.py" "today-npm";
    to_the_internet_by_boto3: "aws" "internet_aws.py" "boto3";
    to_the_internet_by_the_cli_of_aws: "aws" "internet_aws.py" "aws";
    to_the_internet_by_the_client_from_npm_of_aws: "aws" "internet_aws.py" "npm";
    to_the_internet_by_the_sdk_of_jd_cloud: "jdcloud" "internet_jdcloud.py" "python";
    to_the_internet_by_the_client_from_npm_of_jd_cloud: "jdcloud" "internet_jdcloud.py" "npm";
}

macro_rules! tutorials_of_aws {
    ($($name:ident: $lab:literal $($word:literal)+;)*) => {$(
        #[test]
        fn $name() {
            tutorial($lab, "tutorials_aws.py", &[$($word),+]);
        }
    )*};
}

tutorials_of_aws! {
    aws_within_an_account_by_boto3: "aws-same-account" "same-account" "boto3";
    aws_within_an_account_by_its_cli: "aws-same-account" "same-account" "aws";
    aws_between_two_accounts_by_boto3: "aws-cross-account" "cross-account" "boto3";
    aws_by_two_accounts_at_once: "aws-cross-account" "at-once" "boto3";
    aws_within_an_account_by_its_client_from_npm: "aws-same-account" "same-account" "npm";
    aws_between_two_accounts_by_its_client_from_npm: "aws-cross-account" "cross-account" "npm";
    aws_between_two_accounts_by_its_cli: "aws-cross-account" "cross-account" "aws";
}

#[test]
fn aws_from_nothing_by_boto3_and_by_its_cli() {
    let file = nothing("aws");
    for client in ["boto3", "aws"] {
        std::thread::scope(|scope| {
            let file = &*file;
            scope.spawn(move || tutorial(file, "tutorials_aws.py", &["from-nothing", client])).join().unwrap();
        });
    }
}

#[test]
#[ignore = "Ansible is large and slow: scripts/clients --ansible, scripts/ci-full"]
fn aws_by_ansible() {
    tutorial("aws-same-account", "playbook.py", &["aws"]);
}

#[test]
#[ignore = "Ansible is large and slow: scripts/clients --ansible, scripts/ci-full"]
fn alibaba_by_ansible() {
    tutorial(&nothing("alibaba"), "playbook.py", &["alibaba"]);
}

#[test]
fn vpc_peering_by_jd_cloud_s_sdk() {
    tutorial("vpc-peering", "tutorial_jdcloud.py", &["python"]);
}

#[test]
fn vpc_peering_by_jdc() {
    tutorial("vpc-peering", "tutorial_jdcloud.py", &["jdc"]);
}

#[test]
fn vpc_peering_by_jd_cloud_s_client_from_npm() {
    tutorial("vpc-peering", "tutorial_jdcloud.py", &["npm"]);
}

#[test]
fn a_server_says_where_it_listens_and_ends_by_a_signal() {
    let machine = Machine::new();
    machine.file("cross.toml", CROSS);
    machine.ok("up cross.toml --no-verify --until 0");
    for signal in [Signal::SIGINT, Signal::SIGTERM] {
        let mut server = Server::start(&machine, "");
        let address = server.address();
        assert!(get(&address, "/healthz").ends_with("ok\n"));
        assert!(get(&address, "/metrics").contains("peerlab_labs 1"));
        // The same port again.
        let port = address.rsplit_once(':').unwrap().1;
        machine.peerlab(&format!("serve --listen 127.0.0.1:{port}")).exits(4).tells("--listen 127.0.0.1:0");
        server.signal(signal);
        let ended = Run::ended("serve".into(), server.process.take().unwrap().wait_with_output().unwrap());
        ended.exits(0);
    }
    machine.peerlab("serve nowhere --listen 127.0.0.1:0").exits(2).tells("nowhere");
    machine.ok("down --all");
}

#[test]
fn keys_are_random_and_private_and_end_with_the_lab() {
    let machine = Machine::new();
    machine.file("cross.toml", CROSS);
    machine.ok("up cross.toml --no-verify --until 0");
    // Each address of a console is good once, so it is another each time.
    let keys = |mut account: Value| {
        account.as_object_mut().unwrap().remove("console").expect("it is there");
        account
    };
    let given = || machine.ok("credentials --json").json()["accounts"].as_array().unwrap().clone();
    let [first, again] = [given(), given()].map(|accounts| accounts.into_iter().map(keys).collect::<Vec<_>>());
    assert_eq!(again, first, "the keys stay while the lab is up");
    assert_eq!(keys(Server::start(&machine, "").account("B")), first[1]);
    assert_eq!(fs::metadata("/run/peerlab/cross/keys").unwrap().mode() & 0o777, 0o600);
    let secret = first[0]["access_key_secret"].as_str().unwrap().to_owned();
    for line in ["export", "status --json", "status"] {
        assert!(!machine.ok(line).stdout.contains(&secret), "{line}");
    }
    let by_environment = machine.ok("credentials --as A --format env").stdout;
    assert!(by_environment.contains(&format!("export ALIBABA_CLOUD_ACCESS_KEY_SECRET={secret}\n")), "{by_environment}");
    machine.peerlab("credentials --format env").exits(2).tells("--as");
    machine.peerlab("credentials --as C").exits(2).tells("A, B");
    machine.peerlab("credentials --format jdc").exits(2).tells("--format table, json, env");
    machine.ok("down cross");
    machine.ok("up cross.toml --no-verify --until 0");
    assert_ne!(given().into_iter().map(keys).collect::<Vec<_>>(), first);
    machine.ok("down cross");

    // Those of the file, which stay, and belong to one lab only.
    let own = CROSS.replacen(
        "id = \"1000000000000001\"",
        "id = \"1000000000000001\"\naccess_key = { id = \"KA\", secret = \"sa\" }",
        1,
    );
    machine.file("own.toml", &own);
    machine.ok("up own.toml --no-verify --until 0");
    assert_eq!(machine.ok("credentials --json").json()["accounts"][0]["access_key_secret"], "sa");
    machine.ok("up own.toml --no-verify --until 0 --name other");
    machine.peerlab("serve --listen 127.0.0.1:0").exits(2).tells("KA");
    drop(Server::start(&machine, "other"));
    let double = own.replacen("id = \"1000000000000002\"", "access_key = { id = \"KA\", secret = \"sb\" }", 1);
    machine.file("double.toml", &double);
    machine.peerlab("validate double.toml").exits(2).tells("KA");
    machine.file("wrong.toml", &own.replace("KA", "K/A"));
    machine.peerlab("validate wrong.toml").exits(2).tells("K/A");
    machine.ok("down --all");
    machine.ok("up aws-cross-account --no-verify --until 0");
    let profiles = machine.ok("credentials --format aws").stdout;
    assert!(profiles.contains("[profile A]\n") && profiles.contains("\n[profile B]\n"), "{profiles}");
    assert!(profiles.contains("endpoint_url = http://127.0.0.1:8765\n"), "{profiles}");
    machine.peerlab("credentials --format jdc").exits(2).tells("--format table, json, env, aws");
    machine.ok("down --all");
}

#[test]
fn what_is_no_request_of_a_provider_is_answered_and_harms_nobody() {
    let machine = Machine::new();
    machine.file("cross.toml", CROSS);
    machine.ok("up cross.toml --no-verify --until 0");
    let server = Server::start(&machine, "");
    let address = server.address();
    assert!(get(&address, "/").starts_with("HTTP/1.1 404") && get(&address, "/").contains("NotAnApiCall"));
    for (bytes, answer) in [
        (&b"nonsense\r\n\r\n"[..], "HTTP/1.1 400"),
        (b"GET / HTTP/9.9\r\n\r\n", "HTTP/1.1 400"),
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", ""),
        (b"POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 99999999999\r\nconnection: close\r\n\r\n", "HTTP/1.1 413"),
        (b"POST /?Action=DescribeVpcs HTTP/1.1\r\nhost: x\r\ncontent-length: 0\r\nconnection: close\r\n\r\n", "HTTP/1.1 400"),
        (b"GET /v1/regions/x/vpcs HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n", "HTTP/1.1 401"),
        (b"GET /?AccessKeyId=%ff%fe&Signature=%00&Timestamp=%%% HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n", "HTTP/1.1 400"),
        (b"POST / HTTP/1.1\r\nhost: x\r\nauthorization: ACS3-HMAC-SHA256 \xff\xfe\r\ncontent-length: 0\r\nconnection: close\r\n\r\n", "HTTP/1.1 400"),
    ] {
        let answered = exchange(&address, bytes);
        assert!(answered.starts_with(answer), "{}: {answered}", String::from_utf8_lossy(bytes));
    }
    let huge = format!("GET /?{} HTTP/1.1\r\nhost: x\r\n\r\n", "a".repeat(1 << 20));
    assert!(exchange(&address, huge.as_bytes()).starts_with("HTTP/1.1 4"));
    // Slow clients keep their own connections only.
    let slow: Vec<_> = (0..100)
        .map(|_| {
            let mut stream = TcpStream::connect(&address).unwrap();
            stream.write_all(b"POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 10\r\n\r\n1").unwrap();
            stream
        })
        .collect();
    let begun = Instant::now();
    assert!(get(&address, "/healthz").ends_with("ok\n"));
    assert!(begun.elapsed() < Duration::from_secs(2), "{:?}", begun.elapsed());
    drop(slow);
    let log = server.end().exits(0);
    assert!(log.stderr.lines().all(|line| serde_json::from_str::<Value>(line).is_ok()), "{log}");
    machine.ok("up --no-verify").tells("nothing to do");
    machine.ok("down --all");
}

#[test]
fn two_accounts_at_once() {
    tutorial("cross-account", "two_accounts.py", &[]);
}

#[test]
fn what_the_how_to_shows_runs() {
    let page = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/how-to/sdk.md");
    let parts = [("cross-account", "alibaba"), ("vpc-peering", "jdcloud"), ("aws-same-account", "aws")];
    let run = at_once(parts.into(), |(lab, provider)| tutorial(lab, "how_to.py", &[page, provider]));
    assert!(run.iter().all(Result::is_ok), "a part does not run: see above");
}

/// A caller without an SDK: HMAC-SHA1 as docs/api.md says.
#[derive(Clone)]
struct Caller {
    address: String,
    id: String,
    secret: String,
}

impl Caller {
    fn of(server: &Server, account: &str) -> Self {
        let account = server.account(account);
        let text = |name: &str| account[name].as_str().unwrap().to_owned();
        Caller { address: server.address(), id: text("access_key_id"), secret: text("access_key_secret") }
    }

    /// Calls an action; the status and the reply. `None`: the server is gone.
    fn call(&self, version: &str, action: &str, parameters: &[(&str, &str)]) -> Option<(u16, Value)> {
        let now = peerlab::api::at_second(since_1970());
        let all = [("AccessKeyId", &*self.id), ("Action", action), ("Format", "JSON"), ("Version", version)];
        let more = [
            ("SignatureMethod", "HMAC-SHA1"),
            ("SignatureVersion", "1.0"),
            ("SignatureNonce", "n"),
            ("Timestamp", &*now),
        ];
        let mut pairs: Vec<_> =
            all.iter().chain(&more).chain(parameters).map(|(name, value)| (encoded(name), encoded(value))).collect();
        pairs.sort();
        let query = pairs.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("&");
        let text = format!("GET&%2F&{}", encoded(&query));
        let mac = Hmac::<Sha1>::new_from_slice(format!("{}&", self.secret).as_bytes()).unwrap();
        let signature = STANDARD.encode(mac.chain_update(text).finalize().into_bytes());
        let answer = try_get(&self.address, &format!("/?{query}&Signature={}", encoded(&signature)))?;
        let (head, body) = answer.split_once("\r\n\r\n")?;
        let status = head.split(' ').nth(1)?.parse().ok()?;
        Some((status, serde_json::from_str(body).ok()?))
    }

    /// A call that is done.
    fn does(&self, version: &str, action: &str, parameters: &[(&str, &str)]) -> Value {
        let (status, reply) = self.call(version, action, parameters).unwrap();
        assert_eq!(status, 200, "{action}: {reply}");
        reply
    }
}

const VPC: &str = "2016-04-28";
const ECS: &str = "2014-05-26";

fn since_1970() -> i64 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    since.as_secs().try_into().unwrap()
}

fn encoded(text: &str) -> String {
    const RESERVED: AsciiSet = NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');
    utf8_percent_encode(text, &RESERVED).to_string()
}

fn try_get(address: &str, path: &str) -> Option<String> {
    let mut stream = TcpStream::connect(address).ok()?;
    stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    stream.write_all(format!("GET {path} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n\r\n").as_bytes()).ok()?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).ok()?;
    String::from_utf8(answer).ok()
}

#[test]
fn a_killed_server_loses_nothing_that_it_answered() {
    let machine = Machine::new();
    machine.file("cross.toml", CROSS);
    machine.ok("up cross.toml --no-verify --until 0");
    let mut made = std::collections::BTreeMap::new();
    let mut vpc = String::new();
    for round in 0..8_u32 {
        let server = Server::start(&machine, "");
        let caller = Caller::of(&server, "A");
        let described = caller.does(VPC, "DescribeVpcs", &[("RegionId", "cn-qingdao")]);
        vpc = described["Vpcs"]["Vpc"][0]["VpcId"].as_str().unwrap().to_owned();
        let (killed, done) = (AtomicBool::new(false), AtomicUsize::new(0));
        let answered = std::thread::scope(|scope| {
            let calls = scope.spawn(|| {
                let mut answered = Vec::new();
                for number in 0.. {
                    let name = format!("group {round}/{number}");
                    let parameters = [
                        ("RegionId", "cn-qingdao"),
                        ("VpcId", &*vpc),
                        ("SecurityGroupName", &*name),
                        ("ClientToken", &*name),
                    ];
                    match caller.call(ECS, "CreateSecurityGroup", &parameters) {
                        Some((200, reply)) => {
                            answered.push((name, reply["SecurityGroupId"].as_str().unwrap().to_owned()));
                            done.fetch_add(1, Ordering::SeqCst);
                        }
                        Some((_, reply)) => panic!("{reply}"),
                        None if killed.load(Ordering::SeqCst) => break,
                        None => panic!("the server is gone"),
                    }
                }
                answered
            });
            while done.load(Ordering::SeqCst) < 2 {
                std::thread::sleep(Duration::from_micros(200));
            }
            std::thread::sleep(Duration::from_micros(u64::from(round) * 1_300));
            killed.store(true, Ordering::SeqCst);
            server.signal(Signal::SIGKILL);
            calls.join().unwrap()
        });
        made.extend(answered);
        drop(server);
    }
    assert!(made.len() > 8, "{made:?}");
    let server = Server::start(&machine, "");
    let caller = Caller::of(&server, "A");
    for (name, id) in &made {
        let named = [("RegionId", "cn-qingdao"), ("SecurityGroupName", &**name)];
        let found = caller.does(ECS, "DescribeSecurityGroups", &named);
        assert_eq!(found["SecurityGroups"]["SecurityGroup"][0]["SecurityGroupId"], **id, "{name}: {found}");
        // The same request again has the same answer.
        let again =
            [("RegionId", "cn-qingdao"), ("VpcId", &*vpc), ("SecurityGroupName", &**name), ("ClientToken", &**name)];
        assert_eq!(caller.does(ECS, "CreateSecurityGroup", &again)["SecurityGroupId"], **id);
        let (status, other) = caller
            .call(ECS, "CreateSecurityGroup", &[("RegionId", "cn-qingdao"), ("VpcId", &vpc), ("ClientToken", name)])
            .unwrap();
        assert_eq!((status, &other["Code"]), (400, &"IdempotentParameterMismatch".into()));
    }
    server.end();
    machine.ok("up --no-verify");
    machine.agrees("verify", "after kills");
    machine.ok("down --all");
}

#[test]
fn every_call_is_counted_and_logged() {
    let machine = Machine::new();
    machine.file("cross.toml", CROSS);
    machine.ok("up cross.toml --no-verify --until 0");
    let server = Server::start(&machine, "");
    let caller = Caller::of(&server, "A");
    let region = [("RegionId", "cn-qingdao")];
    for _ in 0..2 {
        caller.does(VPC, "DescribeVpcs", &region);
    }
    let refused = |caller: &Caller, action: &str, parameters: &[(&str, &str)]| {
        let (status, reply) = caller.call(VPC, action, parameters).unwrap();
        (status, reply["Code"].as_str().unwrap().to_owned())
    };
    let gone = (404, "InvalidVpcId.NotFound".to_owned());
    assert_eq!(refused(&caller, "DeleteVpc", &[("VpcId", "vpc-nowhere")]), gone);
    assert_eq!(refused(&caller, "NoSuchAction", &region), (404, "InvalidAction.NotFound".into()));
    let stranger = Caller { secret: "wrong".into(), ..caller.clone() };
    assert_eq!(refused(&stranger, "DescribeVpcs", &region), (400, "SignatureDoesNotMatch".into()));
    let unknown = Caller { id: "LTAInobody".into(), ..caller };
    assert_eq!(refused(&unknown, "DescribeVpcs", &region), (404, "InvalidAccessKeyId.NotFound".into()));

    let metrics = get(&server.address(), "/metrics");
    for (action, outcome, count) in [
        ("DescribeVpcs", "ok", 2),
        ("DeleteVpc", "InvalidVpcId.NotFound", 1),
        ("other", "InvalidAction.NotFound", 1),
        ("other", "SignatureDoesNotMatch", 1),
        ("other", "InvalidAccessKeyId.NotFound", 1),
    ] {
        let line =
            format!("peerlab_calls_total{{provider=\"alibaba\",action=\"{action}\",outcome=\"{outcome}\"}} {count}\n");
        assert!(metrics.contains(&line), "{line}{metrics}");
    }
    for line in [
        "peerlab_call_seconds_count{action=\"DescribeVpcs\"} 2\n",
        "peerlab_call_seconds_bucket{action=\"DescribeVpcs\",le=\"+Inf\"} 2\n",
        "peerlab_call_seconds_count{action=\"other\"} 3\n",
    ] {
        assert!(metrics.contains(line), "{line}{metrics}");
    }
    let log = server.end().exits(0);
    let calls: Vec<Value> = log.stderr.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let seen: Vec<_> =
        calls.iter().map(|it| [&it["account"], &it["action"], &it["outcome"]].map(Value::as_str)).collect();
    let known = |action: &'static str, outcome: &'static str| [Some("A"), Some(action), Some(outcome)];
    let nobody = |outcome: &'static str| [None, Some("-"), Some(outcome)];
    let wanted = [
        known("DescribeVpcs", "ok"),
        known("DescribeVpcs", "ok"),
        known("DeleteVpc", "InvalidVpcId.NotFound"),
        known("?", "InvalidAction.NotFound"),
        nobody("SignatureDoesNotMatch"),
        nobody("InvalidAccessKeyId.NotFound"),
    ];
    assert_eq!(seen, wanted, "{log}");
    assert!(calls.iter().all(|it| it["ms"].as_f64().is_some() && it["time"].as_str().is_some()), "{log}");

    // The same for people.
    let mut plain = machine.command("serve --listen 127.0.0.1:8700");
    let mut plain = plain.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
    let caller = Caller { address: "127.0.0.1:8700".into(), ..unknown };
    let begun = Instant::now();
    while caller.call(VPC, "DescribeVpcs", &region).is_none() {
        assert!(begun.elapsed() < Duration::from_secs(20), "it does not listen");
        std::thread::sleep(Duration::from_millis(50));
    }
    nix::sys::signal::kill(nix::unistd::Pid::from_raw(plain.id() as i32), Signal::SIGTERM).unwrap();
    let mut log = String::new();
    plain.stderr.take().unwrap().read_to_string(&mut log).unwrap();
    plain.wait().unwrap();
    let line: Vec<_> = log.lines().last().unwrap_or_default().split(' ').collect();
    assert!(matches!(line[..], [_, "-", "-", "InvalidAccessKeyId.NotFound", ms] if ms.parse::<f64>().is_ok()), "{log}");
    machine.ok("down --all");
}

/// More lines than a pipe takes are read only when the server has been told to end.
#[test]
fn the_last_lines_of_the_log_are_written_before_the_end() {
    const CALLS: usize = 800;
    let machine = Machine::new();
    machine.file("cross.toml", CROSS);
    machine.ok("up cross.toml --no-verify --until 0");
    let server = Server::start(&machine, "");
    let caller = Caller::of(&server, "A");
    for _ in 0..CALLS {
        caller.does(VPC, "DescribeVpcs", &[("RegionId", "cn-qingdao")]);
    }
    server.signal(Signal::SIGTERM);
    std::thread::sleep(Duration::from_millis(200));
    let log = server.end().exits(0).stderr;
    assert_eq!(log.matches("DescribeVpcs").count(), CALLS);
    machine.ok("down --all");
}

/// A learner whose last call was refused is shown as stuck until one of their calls succeeds, whether they use an SDK or the
/// console.
#[test]
fn a_teacher_sees_whose_sdk_is_refused() {
    let machine = Machine::new();
    machine.file("cross.toml", CROSS);
    machine.ok("up cross.toml --no-verify --until 0");
    let server = Server::start(&machine, "");
    let (address, caller) = (server.address(), Caller::of(&server, "A"));
    let link =
        server.served["teacher"].as_str().unwrap().strip_prefix(&format!("http://{address}")).unwrap().to_owned();
    let signed_in = get(&address, &link);
    let cookie = signed_in.lines().find_map(|line| line.strip_prefix("set-cookie: ")).unwrap();
    let cookie = cookie.split(';').next().unwrap();
    let class = || {
        let head = format!("GET /t/ HTTP/1.1\r\nhost: {address}\r\ncookie: {cookie}\r\nconnection: close\r\n\r\n");
        exchange(&address, head.as_bytes())
    };
    let stuck = "A: InvalidVpcId.NotFound";
    assert!(!class().contains(stuck));
    let region = ("RegionId", "cn-qingdao");
    let delete = || caller.call(VPC, "DeleteVpc", &[region, ("VpcId", "vpc-nowhere")]).unwrap().0;
    assert_eq!(delete(), 404);
    assert!(class().contains(stuck), "{}", class());
    // Who looks is no further.
    let vpcs = caller.does(VPC, "DescribeVpcs", &[region]);
    assert!(class().contains(stuck));
    let vpc = vpcs["Vpcs"]["Vpc"][0]["VpcId"].as_str().unwrap();
    caller.does(ECS, "CreateSecurityGroup", &[region, ("VpcId", vpc)]);
    assert!(!class().contains(stuck), "{}", class());
    server.end().exits(0);
    machine.ok("down --all");
}

#[test]
fn connections_are_limited_and_silent_ones_are_closed() {
    let machine = Machine::new();
    let server = Server::start(&machine, "");
    let address = server.address();
    let begun = Instant::now();
    let open = |bytes: &[u8]| {
        let mut stream = TcpStream::connect(&address).unwrap();
        stream.write_all(bytes).unwrap();
        stream
    };
    // As many as are served at once, each silent in the middle of a head or of a body; and one more, which waits.
    let mut silent: Vec<_> = (0..128).map(|_| open(b"GET /healthz HTTP/1.1\r\nhost: x\r\n")).collect();
    silent.extend((0..128).map(|_| open(b"POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 9\r\n\r\n1")));
    let mut waits = open(b"GET /healthz HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n");
    waits.set_read_timeout(Some(Duration::from_millis(1500))).unwrap();
    assert!(waits.read(&mut [0; 64]).is_err(), "it is served beyond the limit");
    drop(silent.swap_remove(0));
    waits.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
    let mut answer = String::new();
    waits.read_to_string(&mut answer).unwrap();
    assert!(answer.ends_with("ok\n"), "{answer}");
    // A body gets an answer, a head none; both are closed after half a minute.
    for mut stream in silent {
        stream.set_read_timeout(Some(Duration::from_secs(45).saturating_sub(begun.elapsed()))).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("it is closed");
        assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 408"), "{answer}");
    }
    assert!(begun.elapsed() > Duration::from_secs(25), "{:?}", begun.elapsed());
    server.end().exits(0);
}

#[test]
fn two_labs_do_not_wait_for_each_other_and_labs_come_and_go() {
    let machine = Machine::new();
    machine.file("cross.toml", CROSS);
    let server = Server::start(&machine, "");
    assert_eq!(server.served["labs"], serde_json::json!([]));
    for name in ["one", "two"] {
        machine.ok(&format!("up cross.toml --no-verify --until 0 --name {name}"));
    }
    let caller = |lab: &str| {
        let keys = machine.ok(&format!("credentials {lab} --json")).json();
        let text = |name: &str| keys["accounts"][0][name].as_str().unwrap().to_owned();
        Caller { address: server.address(), id: text("access_key_id"), secret: text("access_key_secret") }
    };
    let (one, two) = (caller("one"), caller("two"));
    let region = [("RegionId", "cn-qingdao")];
    let vpc = |caller: &Caller| {
        caller.does(VPC, "DescribeVpcs", &region)["Vpcs"]["Vpc"][0]["VpcId"].as_str().unwrap().to_owned()
    };
    let (vpc_of_one, vpc_of_two) = (vpc(&one), vpc(&two));
    // Somebody has the lock of lab one: its changes wait, its descriptions and lab two do not.
    let mut holder = Command::new("bash");
    let lock = "/run/peerlab/one/lock";
    holder.args(["-c", "exec 9<>\"$1\"; flock 9; echo held; exec sleep 60", "-", lock]);
    let mut holder = holder.stdout(Stdio::piped()).spawn().unwrap();
    let mut held = String::new();
    BufReader::new(holder.stdout.take().unwrap()).read_line(&mut held).unwrap();
    std::thread::scope(|scope| {
        let waits =
            scope.spawn(|| one.does(ECS, "CreateSecurityGroup", &[("RegionId", "cn-qingdao"), ("VpcId", &vpc_of_one)]));
        let begun = Instant::now();
        for _ in 0..5 {
            vpc(&one);
            two.does(ECS, "CreateSecurityGroup", &[("RegionId", "cn-qingdao"), ("VpcId", &vpc_of_two)]);
        }
        assert!(begun.elapsed() < Duration::from_secs(10), "{:?}", begun.elapsed());
        holder.kill().unwrap();
        holder.wait().unwrap();
        waits.join().unwrap();
    });
    // A lab that goes down takes its keys with it; one that comes up again has others.
    machine.ok("down one");
    let (status, reply) = one.call(VPC, "DescribeVpcs", &region).unwrap();
    assert_eq!((status, &reply["Code"]), (404, &"InvalidAccessKeyId.NotFound".into()));
    machine.ok("up cross.toml --no-verify --until 0 --name one");
    vpc(&caller("one"));
    server.end().exits(0);
    machine.ok("down --all");
}

/// A background job of a script ignores Ctrl-C; what clients and learners run in instances does not.
#[test]
fn programs_in_instances_can_be_interrupted_though_the_server_cannot() {
    use std::os::unix::process::CommandExt;

    use nix::sys::signal::{SigHandler, signal};
    let machine = Machine::new();
    machine.file("cross.toml", CROSS);
    machine.ok("up cross.toml --no-verify --until 0");
    let server = Server::start_by(&machine, "", |command| {
        let ignore = || {
            for ignored in [Signal::SIGINT, Signal::SIGQUIT, Signal::SIGHUP] {
                // SAFETY: no handler of this process is involved.
                unsafe { signal(ignored, SigHandler::SigIgn) }?;
            }
            Ok(())
        };
        // SAFETY: between fork and exec only system calls are made.
        unsafe { command.pre_exec(ignore) };
    });
    server.signal(Signal::SIGINT);
    let caller = Caller::of(&server, "A");
    let region = ("RegionId", "cn-qingdao");
    let described = caller.does(ECS, "DescribeInstances", &[region]);
    let instance = described["Instances"]["Instance"][0]["InstanceId"].as_str().unwrap().to_owned();
    let command = [
        region,
        ("Type", "RunShellScript"),
        ("InstanceId.1", &instance),
        ("CommandContent", "grep SigIgn /proc/self/status"),
    ];
    let invoked = caller.does(ECS, "RunCommand", &command);
    let invoked = invoked["InvokeId"].as_str().unwrap().to_owned();
    let begun = Instant::now();
    let output = loop {
        let results = caller.does(ECS, "DescribeInvocationResults", &[region, ("InvokeId", &invoked)]);
        let result = &results["Invocation"]["InvocationResults"]["InvocationResult"][0];
        if result["InvokeRecordStatus"] == "Finished" {
            break String::from_utf8(STANDARD.decode(result["Output"].as_str().unwrap()).unwrap()).unwrap();
        }
        assert!(begun.elapsed() < Duration::from_secs(20), "{results}");
        std::thread::sleep(Duration::from_millis(20));
    };
    assert_eq!(output.split_whitespace().last(), Some("0000000000000000"), "{output}");
    server.end().exits(0);
    machine.ok("down --all");
}
