//! docs/cloud.md §4.

use super::*;

fn groups(provider: &str) -> Cloud {
    let mut cloud = cloud(provider);
    cloud.run_all(
        "A: create-vpc V --region r --cidr 10.0.0.0/16
         A: create-security-group g --vpc V
         B: create-vpc W --region r --cidr 172.16.0.0/16
         B: create-security-group h --vpc W",
    );
    cloud
}

fn authorize(cloud: &mut Cloud, rest: &str) -> Result<String, (Code, Option<&'static str>)> {
    let line = format!("authorize-security-group g {rest}");
    match cloud.apply(&operation("A", &line)) {
        Ok(_) => Ok(cloud.group("g").rules.last().unwrap().to_string()),
        Err(refusal) => Err((refusal.code, refusal.argument)),
    }
}

#[test]
fn protocols_and_ports() {
    let mut cloud = groups("alibaba");
    let mut rule = |rest: &str| authorize(&mut cloud, &format!("--cidr 10.0.0.0/8 {rest}"));
    let shown = |text: &str| Ok(format!("accept {text} from 10.0.0.0/8 priority 1"));
    assert_eq!(rule("--protocol tcp --port 22"), shown("tcp 22/22"));
    assert_eq!(rule("--protocol tcp --port 8000/8999"), shown("tcp 8000/8999"));
    assert_eq!(rule("--protocol udp"), shown("udp 1/65535"));
    assert_eq!(rule("--protocol icmp --port -1/-1"), shown("icmp"));
    assert_eq!(rule("--protocol gre"), shown("gre"));
    assert_eq!(rule("--protocol all --port -1/-1"), shown("all"));
    assert_eq!(rule("--protocol sctp"), Err((Code("InvalidIpProtocol.ValueNotSupported"), Some("protocol"))));
    for wrong in [
        "--protocol tcp --port 0",
        "--protocol tcp --port 9/8",
        "--protocol tcp --port 65536",
        "--protocol tcp --port a",
        "--protocol tcp --port -1/-1",
        "--protocol icmp --port 22",
        "--protocol all --port 1/65535",
        "--protocol tcp --port 1/2/3",
    ] {
        assert_eq!(rule(wrong), Err((Code("InvalidIpPortRange.Malformed"), Some("port"))), "{wrong}");
    }
}

#[test]
fn words_are_taken_in_any_case_and_shown_in_one() {
    let mut cloud = groups("alibaba");
    let line = |verb: &str, rest: &str| format!("{verb} g --cidr 10.0.0.0/8 {rest}");
    for (given, shown) in [
        ("--protocol TCP --port 22/22 --policy Accept", "accept tcp 22/22"),
        ("--protocol Udp --policy DROP", "drop udp 1/65535"),
        ("--protocol ICMP --port -1/-1", "accept icmp"),
        ("--protocol GRE", "accept gre"),
        ("--protocol All --policy accept", "accept all"),
    ] {
        let expected = Ok(format!("{shown} from 10.0.0.0/8 priority 1"));
        assert_eq!(authorize(&mut cloud, &format!("--cidr 10.0.0.0/8 {given}")), expected, "{given}");
        let lower = given.to_lowercase();
        let again = cloud.run("A", &line("authorize-security-group", &lower));
        assert!(again.warnings[0].to_string().contains("already"), "{given}: {again:?}");
        assert!(cloud.already(&operation("A", &line("authorize-security-group", &lower))), "{given}");
        cloud.run(
            "A",
            &line(
                "revoke-security-group",
                &given
                    .to_uppercase()
                    .replace("--PROTOCOL", "--protocol")
                    .replace("--PORT", "--port")
                    .replace("--POLICY", "--policy"),
            ),
        );
    }
    assert!(cloud.group("g").rules.is_empty());
    cloud.run("A", "create-security-group k --vpc V --inner-access Drop");
    assert_eq!(cloud.group("k").inner_access, Policy::Drop);
    assert!(cloud.already(&operation("A", "create-security-group k --vpc V --inner-access DROP")));
}

#[test]
fn a_group_is_not_the_source_of_its_own_rule() {
    let mut cloud = groups("alibaba");
    cloud.run("A", "create-security-group k --vpc V --id sg-k1");
    for (group, source) in
        [("k", "k"), ("k", "sg-k1"), ("sg-k1", "k"), ("V/default", "V/default"), ("k", "k --group-account A")]
    {
        let refused = cloud.refuse("A", &format!("authorize-security-group {group} --protocol icmp --group {source}"));
        assert_eq!((refused.code.0, refused.argument), ("InvalidParamter.Conflict", Some("group")), "{group} {source}");
    }
    cloud.run("A", "authorize-security-group k --protocol icmp --group g");
    cloud.run("A", "authorize-security-group-egress k --protocol icmp --group k");
    let jdcloud = "authorize-security-group g --protocol icmp --group g";
    assert_eq!(groups("jdcloud").code("A", jdcloud), "UnsupportedOperation");
}

#[test]
fn a_leading_zero_is_no_decimal_number() {
    let mut cloud = groups("alibaba");
    for (wrong, code, write) in [
        ("--protocol tcp --port 022 --cidr 10.0.0.0/8", Code("InvalidIpPortRange.Malformed"), "write 22 if"),
        ("--protocol tcp --port 80/0443 --cidr 10.0.0.0/8", Code("InvalidIpPortRange.Malformed"), "write 80/443 if"),
        ("--protocol icmp --priority 010 --cidr 10.0.0.0/8", Code("InvalidPriority.ValueNotSupported"), "write 10 if"),
        ("--protocol icmp --cidr 010.0.0.0/8", Code("InvalidCidrBlock.Malformed"), "write 10.0.0.0/8 if"),
        ("--protocol icmp --cidr 10.0.0.010", Code("InvalidCidrBlock.Malformed"), "write 10.0.0.10 if"),
        ("--protocol icmp --cidr 10.0.0.0/08", Code("InvalidCidrBlock.Malformed"), "write 10.0.0.0/8 if"),
    ] {
        for verb in ["authorize-security-group", "revoke-security-group-egress"] {
            let refused = cloud.refuse("A", &format!("{verb} g {wrong}"));
            assert_eq!(refused.code, code, "{wrong}");
            assert!(refused.message.to_string().contains("octal"), "{wrong}: {}", refused.message);
            assert!(refused.hint.to_string().starts_with(write), "{wrong}: {}", refused.hint);
        }
    }
}

#[test]
fn every_fault_of_a_rule_is_found() {
    let cloud = groups("alibaba");
    let found = |rest: &str| {
        let faults = cloud.faults(&operation("A", &format!("authorize-security-group g {rest}")));
        faults.iter().map(|fault| fault.argument.unwrap()).collect::<Vec<_>>().join(" ")
    };
    assert_eq!(
        found("--protocol tcpp --port 0 --policy permit --priority 0 --cidr 10.0.0.1/8"),
        "protocol port policy priority cidr"
    );
    assert_eq!(found("--protocol tcpp --port 22 --policy permit --group nobody"), "protocol policy group");
    assert_eq!(found("--protocol sctp --port -1/-1 --cidr 10.0.0.0/8"), "protocol", "its ports are right");
    assert_eq!(found("--protocol icmp --port 22 --group h --group-account Z"), "port group-account");
    assert_eq!(found("--protocol tcp --cidr 10.0.0.0/8"), "");
    let jdcloud = groups("jdcloud");
    let faults = jdcloud.faults(&operation("A", "authorize-security-group g --protocol icmp --priority 0 --group h"));
    assert_eq!(faults.len(), 2, "{faults:?}");
}

#[test]
fn policies_and_priorities() {
    let mut cloud = groups("alibaba");
    let mut rule = |rest: &str| authorize(&mut cloud, &format!("--cidr 10.0.0.1 --protocol icmp {rest}"));
    assert_eq!(rule("--policy drop --priority 100"), Ok("drop icmp from 10.0.0.1/32 priority 100".into()));
    for wrong in ["0", "101", "-1", "first"] {
        assert_eq!(
            rule(&format!("--priority {wrong}")),
            Err((Code("InvalidPriority.ValueNotSupported"), Some("priority"))),
            "{wrong}"
        );
    }
    assert_eq!(rule("--policy refuse"), Err((Code("InvalidPolicy.Malformed"), Some("policy"))));
    assert_eq!(
        authorize(&mut cloud, "--protocol icmp --cidr 10.0.0.1/8"),
        Err((Code("InvalidCidrBlock"), Some("cidr")))
    );
}

#[test]
fn jd_cloud_knows_blocks_only_and_no_inner_access() {
    let mut cloud = groups("jdcloud");
    let mut rule = |rest: &str| authorize(&mut cloud, &format!("--protocol icmp {rest}"));
    assert!(rule("--cidr 10.0.0.0/8 --policy accept").is_ok());
    let unsupported = |argument| Err((Code("UnsupportedOperation"), Some(argument)));
    assert!(rule("--cidr 10.0.0.0/8 --policy drop --priority 100").is_ok());
    assert_eq!(
        rule("--cidr 10.0.0.0/8 --priority 101"),
        Err((Code("InvalidPriority.ValueNotSupported"), Some("priority")))
    );
    assert_eq!(rule("--group g"), unsupported("group"));
    let line = "create-security-group k --vpc V --inner-access accept";
    assert_eq!(cloud.refuse("A", line).argument, Some("inner-access"));
    assert_eq!(cloud.group("g").inner_access, Policy::Drop, "members do not reach each other by themselves");
}

#[test]
fn a_rule_that_is_there_changes_nothing() {
    let mut cloud = groups("alibaba");
    cloud.run("A", "authorize-security-group g --protocol tcp --port 22 --cidr 10.0.0.0/8");
    let outcome =
        cloud.run("A", "authorize-security-group g --protocol tcp --port 22/22 --cidr 10.0.0.0/8 --priority 1");
    assert_eq!((cloud.group("g").rules.len(), outcome.warnings.len()), (1, 1));
    cloud.run("A", "authorize-security-group-egress g --protocol tcp --port 22 --cidr 10.0.0.0/8");
    assert_eq!(cloud.group("g").rules.len(), 2, "the other direction is another rule");
}

#[test]
fn a_rule_is_revoked_by_saying_the_same() {
    let mut cloud = groups("alibaba");
    cloud.run("A", "authorize-security-group g --protocol icmp --cidr 10.0.0.0/8 --policy drop");
    let refusal = cloud.refuse("A", "revoke-security-group g --protocol icmp --cidr 10.0.0.0/8");
    assert_eq!(refusal.code, Code("InvalidGroupAuthItem.NotFound"));
    assert!(refusal.hint.to_string().contains("drop icmp from 10.0.0.0/8"), "{}", refusal.hint);
    assert_eq!(
        cloud.code("A", "revoke-security-group-egress g --protocol icmp --cidr 10.0.0.0/8 --policy drop"),
        "InvalidGroupAuthItem.NotFound"
    );
    cloud.run("A", "revoke-security-group g --protocol icmp --port -1/-1 --cidr 10.0.0.0/8 --policy drop --priority 1");
    assert!(cloud.group("g").rules.is_empty());
}

#[test]
fn a_group_of_another_account_needs_the_account() {
    let mut cloud = groups("alibaba");
    let refusal = cloud.refuse("A", "authorize-security-group g --protocol all --group h");
    assert_eq!((refusal.code, refusal.argument), (Code("InvalidSourceGroupId.NotFound"), Some("group")));
    assert!(refusal.hint.to_string().contains("--group-account B"), "{}", refusal.hint);
    let refusal = cloud.refuse("A", "authorize-security-group g --protocol all --group h --group-account C");
    assert_eq!((refusal.code, refusal.argument), (Code("InvalidSourceGroupId.NotFound"), Some("group-account")));
    assert_eq!(
        cloud.code("A", "authorize-security-group g --protocol all --group none"),
        "InvalidSourceGroupId.NotFound"
    );
    cloud.run("A", "authorize-security-group g --protocol all --group h --group-account 2");
    cloud.run("A", "create-security-group k --vpc V");
    cloud.run("A", "authorize-security-group g --protocol all --group k");
}

#[test]
fn a_rule_by_group_is_stale_without_an_active_peering() {
    let mut cloud = groups("alibaba");
    let outcome = cloud.run("A", "authorize-security-group g --protocol all --group h --group-account B");
    assert!(outcome.warnings[0].to_string().contains("no active peering"), "{:?}", outcome.warnings);
    let stale = |cloud: &Cloud| cloud.stale(cloud.group("g"), &cloud.group("g").rules[0]);
    assert_eq!(stale(&cloud), Some(Stale::NoActivePeering));
    cloud.run_all(
        "A: create-router-interface ri-a --vpc V --role initiator --spec Mini.2 --opposite-region r
         B: create-router-interface ri-b --vpc W --role acceptor --opposite-region r
         B: modify-router-interface-attribute ri-b --opposite-account A --opposite-interface ri-a --opposite-router V
         A: modify-router-interface-attribute ri-a --opposite-account B --opposite-interface ri-b --opposite-router W
         A: connect-router-interface ri-a",
    );
    assert_eq!(stale(&cloud), None);
    cloud.run("B", "deactivate-router-interface ri-b");
    assert_eq!(stale(&cloud), Some(Stale::NoActivePeering));

    let outcome = cloud.run("B", "delete-security-group h");
    assert!(
        outcome.warnings[0].to_string().contains("A's group g"),
        "another account's rules do not hold it: {:?}",
        outcome.warnings
    );
    assert_eq!(stale(&cloud), Some(Stale::GroupGone));
    cloud.run("A", "create-security-group h --vpc V");
    assert_eq!(stale(&cloud), Some(Stale::GroupGone), "a group of the same name is another account's");
    cloud.run("A", "delete-security-group h");
    cloud.run("A", "revoke-security-group g --protocol all --group h --group-account B");
}

#[test]
fn a_group_of_the_own_vpc_is_never_stale() {
    let mut cloud = groups("alibaba");
    cloud.run("A", "authorize-security-group g --protocol all --group V/default");
    assert_eq!(cloud.stale(cloud.group("g"), &cloud.group("g").rules[0]), None);
}

#[test]
fn a_group_in_use_stays() {
    let mut cloud = groups("alibaba");
    cloud.run_all(
        "A: create-subnet s --vpc V --cidr 10.0.0.0/24
         A: create-instance i --subnet V/s --security-group g
         A: create-security-group k --vpc V
         A: authorize-security-group k --protocol all --group g",
    );
    let refusal = cloud.refuse("A", "delete-security-group g");
    assert_eq!(refusal.code, Code("DependencyViolation"));
    assert!(refusal.message.to_string().contains("members: i"), "{refusal}");
    cloud.run("A", "leave-security-group i --group g");
    let refusal = cloud.refuse("A", "delete-security-group g");
    assert!(refusal.message.to_string().contains("rules of k"), "{refusal}");
    cloud.run("A", "revoke-security-group k --protocol all --group g");
    cloud.run("A", "delete-security-group g");
    assert_eq!(cloud.code("A", "delete-security-group V/default"), "OperationDenied.DefaultResource");
}

#[test]
fn a_group_has_two_hundred_rules() {
    let mut cloud = groups("alibaba");
    for port in 1..=200 {
        cloud.run("A", &format!("authorize-security-group g --protocol tcp --port {port} --cidr 10.0.0.0/8"));
    }
    let line = "authorize-security-group g --protocol tcp --port 201 --cidr 10.0.0.0/8";
    assert_eq!(cloud.code("A", line), "AuthorizationLimitExceed");
    cloud.run("A", "authorize-security-group g --protocol tcp --port 1 --cidr 10.0.0.0/8");
}
