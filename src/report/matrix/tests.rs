//! The rendering of reports.

use std::time::Duration;

use snapbox::{assert_data_eq, str};

use super::render;
use crate::flow::{Disposition, Endpoint, Protocol, Reason};
use crate::lab::Expect;
use crate::terminal::{Terminal, columns};
use crate::verify::{AnsweredBy, CheckResult, CounterResult, Observed, PairResult, Report, Summary};

fn terminal(width: usize, colour: bool) -> Terminal {
    Terminal { width, colour, ..Terminal::PLAIN }
}

fn drop(reason: Reason) -> Disposition {
    Disposition::drop(reason)
}

fn endpoint(name: &str) -> Endpoint {
    Endpoint::Instance(name.parse().unwrap())
}

fn pair(from: &str, to: &str, predicted: Disposition, observed: Observed) -> PairResult {
    let rtt = (observed == Observed::Reach).then_some(Duration::from_micros(47));
    let (from, to) = (endpoint(from), endpoint(to));
    let answered_by = AnsweredBy::default();
    PairResult { from, to, protocol: Protocol::Icmp, predicted, observed, answered_by, rtt, stands_for: 1 }
}

fn as_predicted(from: &str, to: &str, predicted: Disposition) -> PairResult {
    pair(from, to, predicted, if predicted.reaches() { Observed::Reach } else { Observed::Drop })
}

fn report(pairs: Vec<PairResult>) -> Report {
    let agree = pairs.iter().filter(|pair| pair.agrees()).count();
    let summary = Summary { pairs: pairs.len(), agree, disagree: pairs.len() - agree, ..Summary::default() };
    Report {
        lab: "lab".into(),
        summary,
        pairs: pairs.into_iter().collect(),
        checks: vec![],
        counters: vec![],
        disagreements: vec![],
        drift: vec![],
        places: vec![],
    }
}

fn three() -> Vec<PairResult> {
    vec![
        as_predicted("ecs-a", "ecs-b", Disposition::Reach),
        as_predicted("ecs-a", "ecs-c", drop(Reason::NoRoute)),
        as_predicted("ecs-b", "ecs-a", Disposition::Reach),
        as_predicted("ecs-b", "ecs-c", drop(Reason::IngressSecurityGroup)),
        as_predicted("ecs-c", "ecs-a", Disposition::Drop { reason: Reason::NoRoute, on_return: true }),
        as_predicted("ecs-c", "ecs-b", Disposition::Reach),
    ]
}

#[test]
fn rows_stand_as_a_person_sorts_them_each_with_its_own_pairs() {
    let names = ["i10", "i2", "i9"];
    let pairs = names.iter().flat_map(|from| names.iter().filter(move |to| *to != from).map(move |to| (*from, *to)));
    let predicted = |from: &str| if from == "i10" { drop(Reason::NoRoute) } else { Disposition::Reach };
    let pairs = pairs.map(|(from, to)| as_predicted(from, to, predicted(from))).collect();
    let text = render(&report(pairs), &terminal(80, false));
    let rows: Vec<_> = text.lines().take(4).collect();
    let expected = [
        "from ↓ to →  i2        i9        i10",
        "i2           ·         ✓ 0.05ms  ✓ 0.05ms",
        "i9           ✓ 0.05ms  ·         ✓ 0.05ms",
        "i10          no-route  no-route  ·",
    ];
    assert_eq!(rows, expected, "{text}");
}

#[test]
fn a_few_instances_are_a_table_with_round_trips_and_reasons() {
    assert_data_eq!(
        render(&report(three()), &terminal(80, false)),
        str![[r#"
from ↓ to →  ecs-a       ecs-b     ecs-c
ecs-a        ·           ✓ 0.05ms  no-route
ecs-b        ✓ 0.05ms    ·         ingress-grp
ecs-c        ↩ no-route  ✓ 0.05ms  ·

6 pairs: 3 reach, 3 dropped; all as predicted

"#]]
    );
}

#[test]
fn colour_adds_nothing_to_the_text() {
    let coloured = render(&report(three()), &terminal(80, true));
    assert!(coloured.contains("\u{1b}[32m✓ 0.05ms\u{1b}[0m"), "{coloured:?}");
    let plain: String = anstream::adapter::strip_str(&coloured).to_string();
    let lines = |text: &str| text.lines().map(|line| line.trim_end().to_owned()).collect::<Vec<_>>();
    assert_eq!(lines(&plain), lines(&render(&report(three()), &terminal(80, false))));
}

#[test]
fn where_the_table_is_too_wide_letters_stand_for_the_reasons() {
    let page = render(&report(three()), &terminal(30, false));
    assert_data_eq!(
        page,
        str![[r#"
from ↓ to →   123
ecs-a       1 ·✓r
ecs-b       2 ✓·i
ecs-c       3 R✓·
✓ reach  r no-route
i ingress-security-group
· itself
capitals: on the way back

6 pairs: 3 reach, 3 dropped
all as predicted

"#]]
    );
}

#[test]
fn what_is_wrong_is_listed_with_expected_predicted_and_observed() {
    let mut report = report(vec![
        pair("ecs-a", "ecs-b", Disposition::Reach, Observed::Drop),
        pair("ecs-b", "ecs-a", drop(Reason::NoRoute), Observed::Reach),
    ]);
    report.checks = vec![CheckResult {
        source_port: None,
        size: None,
        from: endpoint("ecs-a"),
        to: endpoint("ecs-b"),
        protocol: Protocol::Icmp,
        expected: Expect::Reach,
        predicted: Disposition::Reach,
        observed: Observed::Drop,
        answered_by: AnsweredBy::default(),
        passed: false,
        line: 41,
    }];
    report.counters = vec![CounterResult { reason: Reason::NoRoute, predicted: 4, counted: 2 }];
    report.summary = Summary { disagree: 2, others_disagree: 1, checks_failed: 1, ..report.summary };
    assert_data_eq!(
        render(&report, &terminal(80, false)),
        str![[r#"
from ↓ to →  ecs-a    ecs-b
ecs-a        ·        ! drop
ecs-b        ! reach  ·

✗ check at line 41: ecs-a → ecs-b icmp
    expected reach, predicted reach, observed drop
✗ ecs-a → ecs-b icmp: predicted reach, observed drop
✗ ecs-b → ecs-a icmp: predicted no-route, observed reach
✗ drops counted as no-route: predicted 4, counted 2
What is not as predicted is a defect of peerlab, or the kernel was changed behind
its back: `peerlab up` repairs the kernel, `peerlab explain FROM TO` shows the way.
2 pairs: 1 reach, 1 dropped; 3 not as predicted; 1 of 1 check failed

"#]]
    );
}

#[test]
fn a_checks_line_names_its_size_and_its_port() {
    let check = |protocol, source_port, size, expected| CheckResult {
        source_port,
        size,
        from: endpoint("a"),
        to: endpoint("b"),
        protocol,
        expected,
        predicted: drop(Reason::TooBig),
        observed: Observed::Drop,
        answered_by: AnsweredBy::default(),
        passed: false,
        line: 7,
    };
    let mut report = report(vec![as_predicted("a", "b", Disposition::Reach)]);
    report.checks = vec![
        check(Protocol::Icmp, None, Some(8500), Expect::Reach),
        check(Protocol::Tcp(22), Some(443), None, Expect::Reach),
        check(Protocol::Icmp, None, None, Expect::Bandwidth(crate::cloud::Bandwidth(2_000_000))),
        // As expected, but not as predicted, though the pair's own ping was.
        CheckResult {
            passed: true,
            observed: Observed::Reach,
            ..check(Protocol::Icmp, None, Some(8500), Expect::Reach)
        },
    ];
    let text = render(&report, &terminal(80, false));
    for line in [
        "check at line 7: a → b icmp 8500 B\n",
        "check at line 7: a → b tcp/443→22\n",
        "check at line 7: a → b bandwidth\n",
        "a → b icmp 8500 B (check at line 7): predicted too-big, observed reach\n",
    ] {
        assert!(text.contains(line), "no {line}in\n{text}");
    }
}

/// VPCs `v0`, `v1`, … with this many instances each. Those of one VPC reach one another and the first of all.
fn many(vpcs: usize, instances: usize) -> Report {
    let names: Vec<_> = (0..vpcs).flat_map(|v| (0..instances).map(move |i| (v, format!("v{v}-{i:02}")))).collect();
    let mut pairs = Vec::new();
    for (of, from) in &names {
        for (other, to) in names.iter().filter(|(_, to)| to != from) {
            let reaches = of == other || to == "v0-00" || from == "v0-00";
            let predicted = if reaches { Disposition::Reach } else { drop(Reason::NotTransitive) };
            pairs.push(as_predicted(from, to, predicted));
        }
    }
    let mut report = report(pairs);
    let place = |(v, name): &(usize, String)| crate::verify::Place {
        instance: name.parse().unwrap(),
        vpc: format!("v{v}").parse().unwrap(),
    };
    report.places = names.iter().map(place).collect();
    report
}

#[test]
fn a_dozen_instances_fit_with_a_letter_each() {
    assert_data_eq!(
        render(&many(3, 4), &terminal(80, false)),
        str![[r#"
                         1 11
from ↓ to →    12345 67890 12
v0-00        1 ·✓✓✓✓ ✓✓✓✓✓ ✓✓
v0-01        2 ✓·✓✓t ttttt tt
v0-02        3 ✓✓·✓t ttttt tt
v0-03        4 ✓✓✓·t ttttt tt
v1-00        5 ✓ttt· ✓✓✓tt tt
v1-01        6 ✓ttt✓ ·✓✓tt tt
v1-02        7 ✓ttt✓ ✓·✓tt tt
v1-03        8 ✓ttt✓ ✓✓·tt tt
v2-00        9 ✓tttt ttt·✓ ✓✓
v2-01       10 ✓tttt ttt✓· ✓✓
v2-02       11 ✓tttt ttt✓✓ ·✓
v2-03       12 ✓tttt ttt✓✓ ✓·
✓ reach  t not-transitive  · itself

132 pairs: 52 reach, 80 dropped; all as predicted

"#]]
    );
}

#[test]
fn more_than_forty_instances_are_shown_by_vpc() {
    assert_data_eq!(
        render(&many(3, 20), &terminal(80, false)),
        str![[r#"
60 instances, by VPC:
from ↓ to →   123
v0          1 ✓%%
v1          2 %✓t
v2          3 %t✓
✓ reach  t not-transitive  % some reach, or for several reasons

3540 pairs: 1220 reach, 2320 dropped; all as predicted

"#]]
    );
}

#[test]
fn of_many_pairs_that_disagree_the_first_are_listed() {
    let pairs = (0..60).map(|i| pair(&format!("a{i:02}"), "b", Disposition::Reach, Observed::Drop)).collect();
    let page = render(&report(pairs), &terminal(80, false));
    assert_eq!(page.matches(": predicted reach, observed drop").count(), 20);
    assert!(page.contains("✗ and 40 pairs more (--json has them all)"), "{page}");
}

#[test]
fn no_line_of_forty_instances_is_wider_than_the_terminal() {
    for instances in [10, 20, 40] {
        let page = render(&many(1, instances), &terminal(80, false));
        let widest = page.lines().map(|line| line.chars().count()).max();
        assert!(widest <= Some(80), "{page}");
    }
}

#[test]
fn forty_instances_fit_a_narrow_terminal_each_in_a_row() {
    let names: Vec<_> = (1..=40).map(|n| format!("instance-{n:02}")).collect();
    let pairs = names.iter().flat_map(|from| names.iter().map(move |to| (from, to))).filter(|(from, to)| from != to);
    let report = report(pairs.map(|(from, to)| as_predicted(from, to, Disposition::Reach)).collect());
    for (width, times) in [(80, 1), (60, 1), (45, 2), (35, 3)] {
        let text = render(&report, &terminal(width, false));
        let wide: Vec<_> = text.lines().filter(|line| columns(line) > width).collect();
        assert!(wide.is_empty(), "{width} columns: {wide:#?}");
        let rows = text.lines().filter(|line| line.starts_with("instan") && line.contains("-07 "));
        assert_eq!(rows.clone().count(), times, "{width} columns: {text}");
        let letters: usize = rows.map(|line| line.matches(['✓', '·']).count()).sum();
        assert_eq!(letters, 40, "{width} columns: {text}");
    }
}
