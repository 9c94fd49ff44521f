use std::collections::BTreeSet;

use proptest::prelude::*;

use super::*;
use crate::cloud::{Cloud, Family, PeeringKind, Provider};
use crate::error::Source;
use crate::flow::{Disposition, Protocol};
use crate::lab;
use crate::language::Language;
use crate::mutate::mutate;
use crate::trace::{self, predict};

/// The finished Cloud of a file that is valid, passes every check, and causes no warning.
fn finished(text: &str) -> (lab::Lab, Cloud) {
    let lab = lab::read(Source::new("init.toml", text)).unwrap_or_else(|errors| panic!("{errors}\n{text}"));
    let (cloud, warnings) = lab.rehearse().unwrap_or_else(|errors| panic!("{errors}\n{text}"));
    assert_eq!(warnings, [] as [&str; 0]);
    for check in &lab.checks {
        let predicted = predict(&cloud, &check.from, &check.to, check.traffic());
        let expected = match check.expect {
            lab::Expect::Reach => predicted == Disposition::Reach,
            lab::Expect::Drop(Some(reason)) => predicted == reason,
            _ => false,
        };
        assert!(expected, "{} to {}: {predicted}", check.from, check.to);
    }
    (lab, cloud)
}

/// Whether two VPCs are the same or neighbours: their distance around the ring is at most one.
fn near(vpcs: u32, one: u32, two: u32) -> bool {
    let apart = one.abs_diff(two);
    apart.min(vpcs - apart) <= 1
}

fn vpc_of(instance: &str) -> u32 {
    let (vpc, _) = instance.strip_prefix('i').and_then(|rest| rest.split_once('-')).unwrap();
    vpc.parse().unwrap()
}

/// Every family of every provider.
fn families() -> Vec<(&'static Provider, &'static Family)> {
    Provider::ALL.into_iter().flat_map(|provider| provider.families.iter().map(move |it| (provider, it))).collect()
}

/// Checks that exactly the right pairs of a ring reach.
fn holds(vpcs: u32, per_vpc: u32, (provider, family): (&'static Provider, &Family)) {
    let ring = Ring::new(vpcs, per_vpc).unwrap();
    if family.per_account().is_some_and(|most| ring.peerings() as usize > most) {
        return;
    }
    let text = ring.lab_text("ring", provider, family, Language::English);
    let (lab, cloud) = finished(&text);
    assert_eq!((lab.name.as_str(), lab.provider), ("ring", provider));
    assert_eq!(cloud.vpcs().count(), vpcs as usize);
    assert_eq!(cloud.instances().count(), (vpcs * per_vpc) as usize);
    assert!(lab.checks.len() as u32 >= ring.peerings(), "each peering has its check");

    let matrix = trace::matrix(&cloud, Protocol::Icmp);
    let vpc: Vec<_> = matrix.instances().iter().map(|name| vpc_of(name.as_str())).collect();
    for (from, one) in vpc.iter().enumerate() {
        for (to, two) in vpc.iter().enumerate() {
            let reaches = matrix.at(from, to) == Disposition::Reach;
            assert_eq!(reaches, near(vpcs, *one, *two), "{vpcs}x{per_vpc}: v{one} to v{two}");
        }
    }
}

#[test]
fn rings_of_many_sizes_are_valid_and_reach_their_neighbours() {
    for family in families() {
        for vpcs in [1, 2, 3, 4, 5, 17] {
            for per_vpc in [1, 2, 3, 11] {
                holds(vpcs, per_vpc, family);
            }
        }
    }
}

#[test]
fn a_vpc_with_more_instances_than_a_subnet_holds_has_several_subnets() {
    for family in families() {
        holds(1, 251, family);
        holds(3, 250, family);
    }
}

#[test]
fn the_largest_rings_have_blocks_of_their_own_for_all() {
    for provider in Provider::ALL {
        for (vpcs, per_vpc) in [(100, 10), (255, 1), (256, 1), (500, 10)] {
            let ring = Ring::new(vpcs, per_vpc).unwrap();
            let text = ring.lab_text("ring", provider, &provider.families[0], Language::English);
            let (_, cloud) = finished(&text);
            let blocks: BTreeSet<_> = cloud.vpcs().map(|vpc| vpc.cidr).collect();
            let addresses: BTreeSet<_> = cloud.instances().map(|instance| instance.ip).collect();
            assert_eq!((blocks.len(), addresses.len()), (vpcs as usize, (vpcs * per_vpc) as usize));
        }
    }
    let last = Ring::new(MAX_VPCS, 4000).unwrap();
    assert_eq!(
        (last.block(MAX_VPCS).to_string(), last.subnet(MAX_VPCS, 16).to_string()),
        ("10.255.240.0/20".into(), "10.255.255.0/24".into())
    );
    let last = Ring::new(255, MAX_INSTANCES).unwrap();
    assert_eq!(last.subnet(255, 256).to_string(), "10.255.255.0/24");
}

#[test]
fn what_does_not_fit_is_no_ring() {
    assert_eq!(Ring::new(0, 1), Err(NoRing::Vpcs));
    assert_eq!(Ring::new(MAX_VPCS + 1, 1), Err(NoRing::Vpcs));
    assert_eq!(Ring::new(2, 0), Err(NoRing::Instances(MAX_INSTANCES)));
    assert_eq!(Ring::new(255, MAX_INSTANCES + 1), Err(NoRing::Instances(MAX_INSTANCES)));
    assert_eq!(Ring::new(256, 4001), Err(NoRing::Instances(4000)));
}

#[test]
fn a_ring_of_two_has_one_peering_and_a_ring_of_one_has_none() {
    for (vpcs, peerings) in [(1, 0), (2, 1), (3, 3), (4, 4)] {
        let ring = Ring::new(vpcs, 1).unwrap();
        assert_eq!(ring.peerings(), peerings);
        for (provider, family) in families() {
            let text = ring.lab_text("ring", provider, family, Language::English);
            let ends = if family.joins_at_once() { 1 } else { 2 };
            assert_eq!(text.matches("[peering").count() as u32, peerings * ends, "{text}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn a_ring_of_any_size_is_valid(vpcs in 1..40_u32, per_vpc in 1..30_u32, family in 0..families().len()) {
        holds(vpcs, per_vpc, families()[family]);
    }
}

#[test]
fn the_starter_is_valid_and_misses_nothing() {
    for ((provider, family), language) in
        families().into_iter().flat_map(|it| [(it, Language::English), (it, Language::Chinese)])
    {
        let text = starter("mine", "mine.toml", family, language);
        let (lab, _) = finished(&text);
        assert_eq!((lab.name.as_str(), lab.provider), ("mine", provider));
        assert!(!text.contains("LAB") && !text.contains("FILE"), "{text}");
        let report = mutate(&lab);
        assert!(report.passed() && report.parts > 5, "{report:?}");
    }
}

/// The starter's marked lines have the effects that its header describes.
#[test]
fn the_starters_mistakes_are_mistakes() {
    for (provider, family) in families() {
        let way_back = if provider.default_route { "return:no-public-ip" } else { "return:no-route" };
        let reasons = [way_back, "ingress-security-group"];
        let text = starter("mine", "mine.toml", family, Language::English);
        for (mark, reason) in ["# (1)", "# (2)"].into_iter().zip(reasons) {
            let marked: Vec<_> = text.lines().filter(|line| line.ends_with(mark)).collect();
            let [line] = marked[..] else { panic!("{mark} marks {marked:?}") };
            let lab = lab::read(Source::new("mine.toml", text.replace(line, &format!("# {line}")))).unwrap();
            let (cloud, _) = lab.rehearse().unwrap();
            let check = &lab.checks[0];
            assert_eq!(predict(&cloud, &check.from, &check.to, check.traffic()).to_string(), reason, "{mark}");
        }
        let overlapping = text.replace("cidr = \"172.16.0.0/16\"", "cidr = \"192.168.0.0/16\"");
        let overlapping = overlapping.replace("cidr = \"172.31.0.0/16\"", "cidr = \"10.0.0.0/16\"");
        assert_ne!(overlapping, text, "{}", provider.name);
        let refused = lab::read(Source::new("mine.toml", overlapping)).unwrap().rehearse();
        match (family.kind(), refused) {
            // It warns that routes to the whole VPCs reach nobody.
            (PeeringKind::PeeringConnections, said) => {
                let errors = said.expect_err("the entries lie in the VPCs' own subnets").to_string();
                assert!(!errors.is_empty());
            }
            (_, refused) => {
                let refused = refused.unwrap_err();
                assert!(refused.to_string().contains("InvalidCidrBlock"), "{refused}");
            }
        }
    }
}

/// The file without comments and without Chinese titles and texts.
fn without_words(text: &str) -> Vec<&str> {
    let lines = text.lines().map(|line| line.split_once('#').map_or(line, |(before, _)| before).trim_end());
    lines.filter(|line| !line.is_empty() && !line.starts_with("zh.")).collect()
}

/// The comments of a file, as a reader sees them: adjacent lines are one. Commands and marks do not count.
fn comments(text: &str) -> Vec<String> {
    let mut comments = vec![String::new()];
    for line in text.lines() {
        match line.split_once('#') {
            Some((_, words)) if !words.trim_start().starts_with('(') && !words.starts_with("   peerlab") => {
                comments.last_mut().unwrap().push_str(words)
            }
            _ => comments.push(String::new()),
        }
    }
    comments.retain(|comment| !comment.is_empty());
    comments
}

#[test]
fn the_chinese_ring_is_the_english_one_with_every_comment_in_chinese() {
    for (provider, family) in families() {
        let ring = Ring::new(4, 2).unwrap();
        let [english, chinese] =
            [Language::English, Language::Chinese].map(|language| ring.lab_text("ring", provider, family, language));
        finished(&chinese);
        assert_eq!(without_words(&english), without_words(&chinese), "{}", provider.name);
        let said = chinese.lines().filter(|line| line.starts_with("# ") || line.starts_with("zh.title = "));
        let in_chinese = said.map(|line| line.contains(|c| ('\u{4e00}'..='\u{9fff}').contains(&c)));
        assert_eq!(in_chinese.collect::<Vec<_>>(), [true; 4], "{chinese}");
    }
}

#[test]
fn the_chinese_starter_is_the_english_one_with_every_comment_in_chinese() {
    for (provider, family) in families() {
        let [english, chinese] =
            [Language::English, Language::Chinese].map(|language| starter("mine", "mine.toml", family, language));
        assert_eq!(without_words(&english), without_words(&chinese), "{}", provider.name);
        let (in_english, in_chinese) = (comments(&english), comments(&chinese));
        assert_eq!(in_english.len(), in_chinese.len(), "{}", provider.name);
        for (from, to) in in_english.iter().zip(&in_chinese) {
            assert!(to.contains(|c| ('\u{4e00}'..='\u{9fff}').contains(&c)), "{from:?} is {to:?}");
        }
        assert_eq!(chinese.matches("title = ").count(), 2 * english.matches("title = ").count());
        assert_eq!(chinese.matches("\nzh.text = ").count(), english.matches("\ntext = ").count());
    }
}
