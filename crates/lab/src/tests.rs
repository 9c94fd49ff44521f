use std::net::Ipv4Addr;

use proptest::prelude::*;

use super::*;
use crate::cloud::{Call, Operation, Origin};
use crate::error::{Error, Errors, Kind, Source, Span};

fn read_text(text: &str) -> Result<Lab, Errors> {
    read(Source::new("labs/Test lab.toml", text))
}

/// A lab of two accounts that a test completes.
const PAIR: &str = r#"
[lab]
provider = "alibaba"

[account.A]
id = "1000000000000001"

[account.B]

[vpc.VPC1]
account = "A"
id = "vpc-m5e1"
region = "cn-qingdao"
cidr = "192.168.0.0/16"
routes = [{ to = "172.16.0.0/16", via = "ri-a" }]

[vpc.VPC1.subnet.vsw-1]
cidr = "192.168.1.0/24"

[vpc.VPC2]
account = "B"
region = "cn-beijing"
cidr = "172.16.0.0/16"

[vpc.VPC2.subnet.vsw-2]
cidr = "172.16.1.0/24"

[instance.free]
subnet = "VPC1/vsw-1"

[instance.fixed]
subnet = "VPC1/vsw-1"
ip = "192.168.1.1"

[security_group.sg-b]
vpc = "VPC2"
rules = [{ from = "192.168.0.0/16", protocol = "tcp", port = 22, priority = 5 }, { to = "sg-b" }]

[route_table.rtb-1]
vpc = "vpc-m5e1"
subnets = ["vsw-1"]
routes = [{ to = "10.0.0.0/8", via = "ri-a" }]

[router_interface.ri-b]
vpc = "VPC2"
role = "acceptor"
opposite_region = "cn-qingdao"
opposite = { account = "A", router = "VPC1", interface = "ri-a" }

[router_interface.ri-a]
vpc = "VPC1"
role = "initiator"
spec = "Mini.2"
opposite_region = "cn-beijing"
opposite = { account = "B", interface = "ri-b" }
connect = true
"#;

#[test]
fn tables_become_operations_in_the_formats_order_each_called_by_its_owner() {
    let lab = read_text(PAIR).unwrap();
    let done: Vec<_> = lab.base.iter().map(|op| format!("{}: {}", op.caller, op.call.name())).collect();
    assert_eq!(
        done,
        [
            "A: create-vpc",
            "B: create-vpc",
            "A: create-subnet",
            "B: create-subnet",
            "A: create-route-table",
            "B: create-security-group",
            "A: create-instance",
            "A: create-instance",
            "B: authorize-security-group",
            "B: authorize-security-group-egress",
            "B: create-router-interface",
            "A: create-router-interface",
            "B: modify-router-interface-attribute",
            "A: modify-router-interface-attribute",
            "A: connect-router-interface",
            "A: create-route-entry",
            "A: create-route-entry",
            "A: associate-route-table",
        ]
    );
    lab.build().unwrap();
}

#[test]
fn an_instance_without_an_address_does_not_take_one_that_a_later_table_asks_for() {
    let (cloud, _) = read_text(PAIR).unwrap().build().unwrap();
    let ip = |name: &str| cloud.instance(&name.parse().unwrap()).unwrap().ip.to_string();
    assert_eq!((ip("fixed").as_str(), ip("free").as_str()), ("192.168.1.1", "192.168.1.2"));
}

#[test]
fn a_subnet_of_a_route_table_is_looked_up_in_its_vpc_which_may_be_named_by_id() {
    let lab = read_text(PAIR).unwrap();
    let Some(Call::AssociateRouteTable(call)) = lab.base.last().map(|op| &op.call) else { panic!() };
    assert_eq!(call.subnet, "VPC1/vsw-1");
}

#[test]
fn every_argument_of_a_table_stands_where_it_was_written() {
    let lab = read_text(PAIR).unwrap();
    let entry = lab.base.iter().find(|op| op.call.name() == "create-route-entry").unwrap();
    let Origin::File { span, values } = &entry.origin else { panic!() };
    let text = |span: &Span| &lab.source.text[span.clone()];
    assert_eq!(text(span), r#"{ to = "172.16.0.0/16", via = "ri-a" }"#);
    let arguments: Vec<_> = values.iter().map(|value| (value.argument, text(&value.span))).collect();
    assert_eq!(arguments, [("vpc", "VPC1"), ("destination", "\"172.16.0.0/16\""), ("next-hop", "\"ri-a\"")]);
}

#[test]
fn a_lab_without_a_name_is_named_for_its_file_and_has_account_ids() {
    let lab = read_text(PAIR).unwrap();
    assert_eq!(lab.name, "test-lab");
    assert_eq!(&*lab.accounts[0].id.0, "1000000000000001");
    assert_eq!(lab.accounts[1].id.0.len(), 16);
}

fn steps(steps: &str) -> Lab {
    read_text(&format!("{PAIR}{steps}")).unwrap()
}

#[test]
fn what_people_call_a_provider_is_pointed_to_its_name() {
    let hint = |provider: &str| {
        let errors = read_text(&format!("[lab]\nprovider = \"{provider}\"\n[account.A]\n")).unwrap_err();
        errors.0[0].hint.as_ref().unwrap().to_string()
    };
    for (right, called) in [
        ("alibaba", ["aliyun", "AliCloud", "alibaba-cloud", "Alibaba Cloud", "阿里云"]),
        ("jdcloud", ["jd", "JD", "jd-cloud", "JD Cloud", "京东云"]),
        ("aws", ["amazon", "Amazon AWS", "amazon web services", "ec2", "AWS "]),
        ("tencent", ["qcloud", "QCloud", "tencent-cloud", "TencentCloud", "腾讯云"]),
    ] {
        for called in called {
            assert_eq!(hint(called), format!("did you mean {right}?"), "{called}");
        }
        read_text(&format!("[lab]\nprovider = \"{}\"\n[account.A]\n", right.to_uppercase())).unwrap();
    }
    assert_eq!(hint("azure"), "provider is one of alibaba, jdcloud, aws, tencent");
}

#[test]
fn words_of_closed_lists_are_read_in_any_case() {
    let lab = read_text(
        r#"
[lab]
provider = "JDCloud"
allow = ["Cross-Region-Group"]
pace = "REAL"

[account.A]

[vpc.V]
region = "cn-north-1"
cidr = "10.0.0.0/16"
routes = [{ to = "0.0.0.0/0", via = "Internet", priority = 10 }]
subnet.s.cidr = "10.0.1.0/24"

[instance.i]
subnet = "V/s"
state = "Stopped"

[instance.j]
subnet = "V/s"

[[check]]
from = "i"
to = "INTERNET"
expect = "Drop"
because = "Return:No-Route"

[[check]]
from = "i"
to = "j"
bandwidth = "2MBIT"
protocol = "TCP/22"
expect = "Reach"

[[fault]]
kind = "Route"
account = "A"
run = ["delete-route-entry --vpc V --destination 0.0.0.0/0 --next-hop INTERNET --priority 10"]
"#,
    )
    .unwrap();
    lab.rehearse().unwrap();
    assert_eq!(lab.checks[0].to, crate::flow::Endpoint::Internet);
    assert_eq!(lab.faults[0].kind, FaultKind::Route);
}

#[test]
fn a_step_passes_over_what_was_done_by_hand() {
    let lab = steps(
        "[[step]]\ntitle = \"One\"\naccount = \"B\"\n\
         run = [\"create-security-group sg-c --vpc VPC2\", \"authorize-security-group sg-c --protocol icmp --cidr 0.0.0.0/0\"]",
    );
    let (mut cloud, _) = lab.build().unwrap();
    cloud.apply(&lab.steps[0].operations[0]).unwrap();
    let done = lab.play(&mut cloud, 0).unwrap();
    assert!(matches!(done[0].result, DoneResult::Already(None)), "{done:?}");
    assert!(matches!(done[1].result, DoneResult::Applied(_)), "{done:?}");
    assert_eq!(cloud, lab.rehearse().unwrap().0);
}

#[test]
fn a_step_that_is_refused_leaves_the_cloud_as_it_was() {
    let lab = steps(
        "[[step]]\ntitle = \"One\"\naccount = \"B\"\n\
         run = [\"create-security-group sg-c --vpc VPC2\", \"delete-vpc VPC1\"]",
    );
    let (mut cloud, _) = lab.build().unwrap();
    let before = cloud.clone();
    let error = lab.play(&mut cloud, 0).unwrap_err();
    assert_eq!((error.kind, error.code.as_deref()), (Kind::Refused, Some("Forbidden.NotOwner")));
    assert_eq!(&lab.source.text[error.place.unwrap().span], "VPC1");
    assert_eq!(cloud, before);
    assert_eq!(lab.rehearse().unwrap_err().0.len(), 1);
}

#[test]
fn a_refusal_that_a_step_expects_is_no_error() {
    let lab = steps(
        "[[step]]\ntitle = \"One\"\naccount = \"A\"\nrun = [\"connect-router-interface ri-a\"]\nrefused = \"IncorrectStatus\"",
    );
    let (mut cloud, _) = lab.build().unwrap();
    let done = lab.play(&mut cloud, 0).unwrap();
    assert!(matches!(&done[0].result, DoneResult::Refused(refusal) if refusal.code.0 == "IncorrectStatus"), "{done:?}");
}

#[test]
fn a_step_that_runs_nothing_needs_no_account_where_there_are_several() {
    let lab = steps("[[step]]\ntitle = \"Ping\"\ntext = \"From either side.\"\n");
    assert_eq!(lab.steps[0].account, None);
    let run = "[[step]]\ntitle = \"One\"\nrun = [\"create-security-group sg-c --vpc VPC2\"]";
    let errors = read_text(&format!("{PAIR}{run}")).unwrap_err();
    assert_eq!(errors.0[0].code.as_deref(), Some("MissingKey"));
    let one = PAIR.replace("[account.B]", "").replace("account = \"B\"", "account = \"A\"");
    let lab = read_text(&format!("{one}[[step]]\ntitle = \"Ping\"\n")).unwrap();
    assert_eq!(lab.steps[0].account, Some(lab.accounts[0].name.clone()));
}

#[test]
fn checks_after_the_last_step_are_the_labs_own() {
    let lab = steps(
        "[[check]]\nfrom = \"free\"\nto = \"fixed\"\nexpect = \"reach\"\n\
         [[step]]\ntitle = \"One\"\naccount = \"A\"\n\
         [[step.check]]\nfrom = \"free\"\nto = \"198.51.100.9\"\nexpect = \"drop\"\n\
         [[step]]\ntitle = \"Two\"\naccount = \"A\"\n",
    );
    assert!(lab.checks_after(0).is_empty());
    assert_eq!(lab.checks_after(1), lab.steps[0].checks);
    assert_eq!(lab.checks_after(2), lab.checks);
    assert_eq!(lab.addresses().collect::<Vec<_>>(), ["198.51.100.9".parse::<Ipv4Addr>().unwrap()]);
    let whole = &lab.source.text[lab.checks[0].span.clone()];
    assert!(whole.starts_with("[[check]]") && whole.ends_with("\"reach\""), "{whole}");
}

#[test]
fn a_typed_operation_points_at_its_own_words() {
    let error = parse_operation("connect-router-interface --name ri-a").unwrap_err();
    let place = error.place.unwrap();
    assert_eq!((&*place.source.name, &place.source.text[place.span]), ("api", "--name"));
}

/// The argument at fault: its name, what was written, and the text at its place with that before it.
fn at_fault(error: &Error) -> (String, String, String) {
    let (argument, place) = (error.argument.as_ref().unwrap(), error.place.as_ref().unwrap());
    let line = place.source.text[..place.span.end].lines().next_back().unwrap();
    (argument.name.to_string(), argument.written.to_string(), line.to_owned())
}

#[track_caller]
fn is_at_fault(error: &Error, name: &str, written: &str, line: &str) {
    assert_eq!(at_fault(error), (name.to_owned(), written.to_owned(), line.to_owned()));
}

#[test]
fn the_argument_at_fault_of_a_table_is_what_its_key_has() {
    let first = |old: &str, new: &str| {
        assert!(PAIR.contains(old), "{old}");
        let lab = read_text(&PAIR.replacen(old, new, 1)).unwrap();
        lab.rehearse().unwrap_err().0.remove(0)
    };
    let cidr = "cidr = \"192.168.1.0/24\"";
    is_at_fault(&first(cidr, "cidr = \"10.0.0.0/33\""), "cidr", "10.0.0.0/33", "cidr = \"10.0.0.0/33\"");
    is_at_fault(&first(cidr, "cidr = '10.0.0.0/33'"), "cidr", "10.0.0.0/33", "cidr = '10.0.0.0/33'");
    is_at_fault(&first(cidr, "cidr = \"\\u0031/33\""), "cidr", "1/33", "cidr = \"\\u0031/33\"");
    is_at_fault(&first(cidr, "cidr = \"\\\"1\\\"\""), "cidr", "\"1\"", "cidr = \"\\\"1\\\"\"");
    // A subnet is written by its name in the VPC; the operation has its path.
    is_at_fault(&first("[\"vsw-1\"]", "[\"vsw-9\"]"), "subnet", "vsw-9", "subnets = [\"vsw-9\"");
    // Of several values, the refused one, also if another is the same.
    let via = "10.0.0.0/8\", via = \"ri-a\"";
    let twice = first(via, "10.0.0.0/8\", via = [\"ri-a\", 'ri-a']");
    is_at_fault(&twice, "next-hop", "ri-a", "routes = [{ to = \"10.0.0.0/8\", via = [\"ri-a\", 'ri-a'");
    let nowhere = first(via, "10.0.0.0/8\", via = [\"ri-a\", \"ri-x\"]");
    is_at_fault(&nowhere, "next-hop", "ri-x", "routes = [{ to = \"10.0.0.0/8\", via = [\"ri-a\", \"ri-x\"");
}

#[test]
fn the_argument_at_fault_of_a_run_line_is_without_the_shells_quotes() {
    for (cidr, written) in [
        ("--cidr 10.0.0.0/33", "10.0.0.0/33"),
        ("--cidr '10.0.0.0/33'", "10.0.0.0/33"),
        ("--cidr='10.0.0.0/33'", "10.0.0.0/33"),
        ("--cidr 10.0.'0.0 /33'", "10.0.0.0 /33"),
    ] {
        let line = format!("create-vpc V9 --region cn-qingdao {cidr}");
        let lab = steps(&format!("[[step]]\ntitle = \"One\"\naccount = \"A\"\nrun = [\"{line}\"]"));
        is_at_fault(&lab.rehearse().unwrap_err().0[0], "cidr", written, &format!("run = [\"{line}"));
        // The same typed.
        let (cloud, _) = lab.build().unwrap();
        let operation = Operation {
            caller: lab.accounts[0].name.clone(),
            call: parse_operation(&line).unwrap(),
            origin: Origin::Api(line.as_str().into()),
        };
        let refusal = cloud.clone().apply(&operation).unwrap_err();
        is_at_fault(&refused(&operation, &refusal, &lab.source), "cidr", written, &line);
    }
    let line = "create-instance i9 --subnet VPC2/vsw-2 --security-group sg-b --security-group 'sg-x'";
    let lab = steps(&format!("[[step]]\ntitle = \"One\"\naccount = \"B\"\nrun = [\"{line}\"]"));
    is_at_fault(&lab.rehearse().unwrap_err().0[0], "security-group", "sg-x", &format!("run = [\"{line}"));
}

#[test]
fn a_run_line_with_escapes_is_pointed_at_as_a_whole() {
    let text = format!("{PAIR}[[step]]\ntitle = \"One\"\naccount = \"A\"\nrun = [\"delete-vpc\\tVPC1 --now\"]");
    let error = read_text(&text).unwrap_err().0.remove(0);
    assert_eq!(&text[error.place.unwrap().span], "\"delete-vpc\\tVPC1 --now\"");
}

proptest! {
    #[test]
    fn arbitrary_text_never_panics(text in "\\PC{0,200}") {
        let _ = read_text(&text);
    }

    #[test]
    fn arbitrary_toml_like_text_never_panics(
        lines in prop::collection::vec(
            prop_oneof![
                "\\[{1,2}(lab|vpc|vpc\\.V|vpc\\.V\\.subnet\\.s|account\\.A|step|step\\.check|check|instance\\.i)\\]{0,2}",
                "(name|provider|account|region|cidr|routes|run|from|to|expect|because|opposite|title|a\\.b) ?= ?(\"[ -~é\n]{0,12}\"?|\\[|\\{ to = \"x\"|true|[0-9]{1,20}|1\\.5|1979-05-27)",
                "[\\[\\]{}=\",#'\\\\\\x00\\x1b\r]{0,8}",
                "provider = \"(alibaba|jdcloud)\"",
            ],
            0..20,
        )
    ) {
        let _ = read_text(&lines.join("\n"));
    }

    /// A valid lab with a part removed: the errors are reported.
    #[test]
    fn a_damaged_lab_never_panics(at in 0usize..PAIR.len(), length in 0usize..40, filling in "[\\PC\n]{0,8}") {
        let mut text = PAIR.to_owned();
        text.replace_range(at..(at + length).min(PAIR.len()), &filling);
        let result = read_text(&text).and_then(|lab| lab.rehearse().map(|_| ()));
        if let Err(errors) = result {
            prop_assert!(!errors.0.is_empty());
        }
    }
}

/// USERS A6: errors that are not shown are counted.
#[test]
fn the_errors_that_are_left_out_are_counted_whatever_they_are() {
    for vpcs in [60, 99, 200, 1000] {
        let mut text = "[lab]\nname = \"l\"\nprovider = \"alibaba\"\n[account.A]\n".to_owned();
        for n in 0..vpcs {
            text += &format!("[vpc.v{n}]\nregion = \"cn-qingdao\"\ncidr = \"10.0.0.0/99\"\ncolour = \"red\"\n");
        }
        let errors = super::read(Source::new("lab.toml", text)).unwrap_err().0;
        let last = errors.last().unwrap().message.to_string();
        assert_eq!((errors.len(), last), (101, format!("there are {} more errors", 2 * vpcs - 100)));
    }
}

/// Its sibling: what is no TOML is counted as well, whatever the slip.
#[test]
fn lines_that_are_no_toml_are_counted_all() {
    for slip in ["x y", "= 1", "colour = ", "colour = \"red", "cidr : \"10.0.0.0/16\"", "a-b! = 1"] {
        for vpcs in [60_usize, 150, 333, 1200] {
            let mut text = "[lab]\nname = \"l\"\nprovider = \"alibaba\"\n[account.A]\n".to_owned();
            text.extend((0..vpcs).map(|n| format!("[vpc.v{n}]\n{slip}\n")));
            let errors = super::read(Source::new("lab.toml", text)).unwrap_err().0;
            let syntax = errors.iter().filter(|error| error.code.as_deref() == Some("Syntax")).count();
            let more = errors.last().unwrap().message.to_string();
            match vpcs.checked_sub(100) {
                None => assert_eq!(syntax, vpcs, "{slip}"),
                Some(left) => assert_eq!((syntax, more), (100, format!("there are {left} more errors")), "{slip}"),
            }
        }
    }
}

/// USERS D: it was reported one line after the end of the file.
#[test]
fn what_is_nested_too_deep_is_reported_where_it_stands() {
    let deep = vec!["a"; 300].join(".");
    let lab = "[lab]\nname = \"x\"\nprovider = \"alibaba\"\n[account.A]\n";
    let below = "x = 1\n\n[vpc.V]\nregion = \"cn-beijing\"\ncidr = \"10.0.0.0/16\" # 1.2.3.4.5.6\n";
    let arrays = "[".repeat(300) + &"]".repeat(300);
    for (text, line) in [
        (format!("{lab}[{deep}]\n{below}"), 5),
        (format!("{lab}[{deep}]"), 5),
        (format!("{lab}[[{deep}]]\n\n\n"), 5),
        (format!("{lab}\n[x]\n{deep} = 1\n{below}"), 7),
        (format!("{lab}\n[x]\ny = {arrays}\n[y]\n"), 7),
    ] {
        let errors = read_text(&text).unwrap_err();
        let deep: Vec<_> = errors.0.iter().filter(|error| error.message == "this is nested too deep").collect();
        let [error] = deep[..] else { panic!("{errors:?}") };
        let place = error.place.as_ref().unwrap();
        assert_eq!(place.source.line(place.span.start), line, "{text}");
    }
}
