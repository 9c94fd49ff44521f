//! Random operations by random accounts: invariants hold, a refused operation changes nothing, and the same operations
//! give the same Cloud.

use std::cell::{Cell, RefCell};
use std::collections::BTreeSet;

use proptest::prelude::*;
use proptest::test_runner::{RngSeed, TestRunner};

use super::*;

/// Random numbers that select one operation on the current Cloud: mostly on existing resources, called by their owners,
/// so that operations interact.
struct Dice<'a> {
    cloud: &'a Cloud,
    rolls: std::iter::Cycle<std::slice::Iter<'a, u16>>,
    owner: Option<AccountName>,
}

impl<'a> Dice<'a> {
    fn roll(&mut self, sides: usize) -> usize {
        usize::from(*self.rolls.next().expect("a cycle has no end")) % sides
    }

    fn one_of(&mut self, all: &[&str]) -> String {
        all[self.roll(all.len())].to_string()
    }

    /// An existing resource of a kind, by name or id; one time in ten any text.
    fn existing<T: Clone>(
        &mut self,
        kind: ResourceKind,
        all: Vec<T>,
        texts: fn(&T) -> (String, &Id),
        owner: fn(&Cloud, &T) -> AccountName,
    ) -> String {
        if all.is_empty() || self.roll(10) == 0 {
            return self.one_of(&[
                "V",
                "a",
                "p",
                "g",
                "t",
                "i",
                "nothing",
                "p.initiator",
                "V/default",
                "vpc:V",
                "nothing:a",
                ":",
                "网站",
            ]);
        }
        let of_owner = all.iter().filter(|thing| self.owner.as_ref().is_none_or(|of| owner(self.cloud, thing) == *of));
        let of_owner: Vec<_> = of_owner.cloned().collect();
        let all = if of_owner.is_empty() || self.roll(4) == 0 { all } else { of_owner };
        let chosen = &all[self.roll(all.len())];
        self.owner.get_or_insert(owner(self.cloud, chosen));
        let (name, id) = texts(chosen);
        match self.roll(6) {
            0 => id.to_string(),
            1 => format!("{}:{name}", kind.keyword()),
            2 => format!("{}:{id}", kind.keyword().to_uppercase().replace('_', "-")),
            _ => name,
        }
    }

    fn vpc(&mut self) -> String {
        self.existing(
            ResourceKind::Vpc,
            self.cloud.vpcs().collect(),
            |v| (v.name.to_string(), &v.id),
            |_, v| v.account.clone(),
        )
    }

    fn subnet(&mut self) -> String {
        self.subnet_of(self.cloud.subnets().collect())
    }

    fn subnet_of(&mut self, all: Vec<&Subnet>) -> String {
        self.existing(
            ResourceKind::Subnet,
            all,
            |s| (s.name.to_string(), &s.id),
            |cloud, s| cloud.vpcs[&s.name.vpc].account.clone(),
        )
    }

    fn table(&mut self) -> String {
        let all = self.cloud.route_tables().collect();
        self.existing(
            ResourceKind::RouteTable,
            all,
            |t| (t.name.to_string(), &t.id),
            |cloud, t| cloud.vpcs[&t.vpc].account.clone(),
        )
    }

    fn group(&mut self) -> String {
        self.existing(
            ResourceKind::SecurityGroup,
            self.cloud.security_groups().collect(),
            |g| (g.name.to_string(), &g.id),
            |_, g| g.account.clone(),
        )
    }

    fn instance(&mut self) -> String {
        self.existing(
            ResourceKind::Instance,
            self.cloud.instances().collect(),
            |i| (i.name.to_string(), &i.id),
            |_, i| i.account.clone(),
        )
    }

    fn interface(&mut self) -> String {
        let all = self.cloud.router_interfaces().collect();
        self.existing(ResourceKind::RouterInterface, all, |r| (r.name.to_string(), &r.id), |_, r| r.account.clone())
    }

    fn half(&mut self) -> String {
        self.existing(
            ResourceKind::VpcPeering,
            self.cloud.vpc_peerings().collect(),
            |p| (p.name.to_string(), &p.id),
            |_, p| p.account.clone(),
        )
    }

    fn next_hop(&mut self) -> String {
        match self.roll(8) {
            0 => "internet".into(),
            1 => self.instance(),
            2 => "p".into(),
            _ if self.cloud.router_interfaces().next().is_none() => self.half(),
            _ => self.interface(),
        }
    }

    /// A priority, mostly valid for the provider.
    fn entry_priority(&mut self) -> Option<String> {
        match self.cloud.provider.entry_priority() {
            None => (self.roll(16) == 0).then(|| "1".into()),
            Some(_) => self.maybe(&["1", "2", "100", "255", "256"]),
        }
    }

    fn new_name(&mut self) -> String {
        self.one_of(&[
            "a",
            "网站",
            "1",
            "é.x",
            "सर्वर",
            "f",
            "p",
            "q",
            "p.initiator",
            "V",
            "A",
            "vpc-1",
            "10.1.0.5",
            "a-0123456789ab",
        ])
    }

    fn maybe(&mut self, all: &[&str]) -> Option<String> {
        (self.roll(4) == 0).then(|| self.one_of(all))
    }

    fn cidr(&mut self) -> String {
        self.one_of(&[
            "10.0.0.0/8",
            "10.1.0.0/16",
            "10.1.2.0/24",
            "10.2.0.0/16",
            "172.16.0.0/16",
            "192.168.0.0/16",
            "0.0.0.0/0",
            "x",
        ])
    }

    fn rule(&mut self) -> RuleArguments {
        let group = self.roll(3) == 0;
        RuleArguments {
            protocol: self.one_of(&["tcp", "udp", "icmp", "all"]),
            port: self.maybe(&["22", "80/90", "-1/-1", "0"]),
            cidr: (!group).then(|| self.cidr()),
            group: group.then(|| self.group()),
            group_account: group.then(|| self.one_of(&["A", "B"])),
            policy: self.maybe(&["accept", "drop"]),
            priority: self.maybe(&["1", "2", "101"]),
        }
    }

    /// An existing rule of a group; else any rule.
    fn rule_of_group(&mut self, direction: Direction) -> (String, RuleArguments) {
        let group = self.group();
        let rules = self.cloud.security_group(&GroupName::trusted(&*group)).map_or(&[][..], |group| &group.rules);
        let rules: Vec<_> = rules.iter().filter(|rule| rule.direction == direction).collect();
        if rules.is_empty() {
            return (group, self.rule());
        }
        let rule = rules[self.roll(rules.len())];
        let (cidr, named) = match &rule.peer {
            RulePeer::Cidr(cidr) => (Some(cidr.to_string()), None),
            RulePeer::Group { account, group, .. } => (None, Some((account.to_string(), group.to_string()))),
        };
        let arguments = RuleArguments {
            protocol: rule.protocol.to_string(),
            port: rule.ports.map(|ports| ports.to_string()),
            cidr,
            group_account: named.as_ref().map(|(account, _)| account.clone()),
            group: named.map(|(_, group)| group),
            policy: Some(rule.policy.to_string()),
            priority: Some(rule.priority.to_string()),
        };
        (group, arguments)
    }

    /// An end in this state; else any end.
    fn interface_that_is(&mut self, status: Status) -> String {
        let all: Vec<_> = self.cloud.router_interfaces().filter(|interface| interface.status == status).collect();
        if all.is_empty() {
            return self.interface();
        }
        let chosen = all[self.roll(all.len())];
        self.owner = Some(chosen.account.clone());
        chosen.name.to_string()
    }

    fn table_or_vpc(&mut self) -> (Option<String>, Option<String>) {
        if self.roll(2) == 0 { (Some(self.table()), None) } else { (None, Some(self.vpc())) }
    }

    fn call(&mut self) -> Call {
        let half = self.cloud.provider.family(PeeringKind::VpcPeerings).is_some();
        match self.roll(if half { 26 } else { 38 }) {
            0 | 1 => Call::CreateVpc(CreateVpc {
                name: self.new_name(),
                region: self.one_of(&["r", "r", "r", "q"]),
                cidr: self.cidr(),
                id: self.maybe(&["vpc-1", "vpc-2", "a"]),
                router_id: self.maybe(&["vrt-1"]),
            }),
            2 => Call::DeleteVpc(DeleteVpc { name: self.vpc() }),
            3 | 4 => {
                let vpc = self.vpc();
                let base = self
                    .cloud
                    .vpc(&VpcName::trusted(&*vpc))
                    .map_or("10.0.0.0".into(), |v| v.cidr.network().to_string());
                let cidr = format!("{base}/{}", self.one_of(&["28", "24", "20", "16"]));
                Call::CreateSubnet(CreateSubnet { name: self.one_of(&["s", "t"]), vpc, cidr, id: None })
            }
            5 => Call::DeleteSubnet(DeleteSubnet { name: self.subnet() }),
            6 | 7 => Call::CreateInstance(CreateInstance {
                name: self.new_name(),
                subnet: self.subnet(),
                ip: self.maybe(&["10.1.0.5", "172.16.0.5", "172.16.0.1"]),
                public_ip: self.maybe(&["203.0.113.1", "203.0.113.2", "10.0.0.1"]),
                security_group: if self.roll(2) == 0 { vec![self.group()] } else { Vec::new() },
                id: None,
            }),
            8 => Call::DeleteInstance(DeleteInstance { name: self.instance() }),
            9 => Call::CreateRouteTable(CreateRouteTable { name: self.new_name(), vpc: self.vpc(), id: None }),
            10 => Call::DeleteRouteTable(DeleteRouteTable { name: self.table() }),
            11 => Call::AssociateRouteTable(AssociateRouteTable { table: self.table(), subnet: self.subnet() }),
            12 => {
                let associated: Vec<_> = self.cloud.subnets().filter(|subnet| subnet.association.is_some()).collect();
                let subnet = if associated.is_empty() { self.subnet() } else { self.subnet_of(associated) };
                let named = |it: &&Subnet| it.name.to_string() == subnet || *it.id.0 == *subnet;
                let association = self.cloud.subnets().find(named).and_then(|subnet| subnet.association.as_ref());
                let table = association.map_or_else(|| self.table(), |association| association.table.to_string());
                Call::UnassociateRouteTable(UnassociateRouteTable { table, subnet })
            }
            13 | 14 => {
                let (table, vpc) = self.table_or_vpc();
                let destination = self.cidr();
                let next_hop = (0..if self.roll(4) == 0 { 2 } else { 1 }).map(|_| self.next_hop()).collect();
                let priority = self.entry_priority();
                Call::CreateRouteEntry(CreateRouteEntry { table, vpc, destination, next_hop, priority })
            }
            15 => {
                let (table, vpc) = self.table_or_vpc();
                let destination = self.cidr();
                let next_hop = (self.roll(4) == 0).then(|| self.next_hop());
                let priority = self.entry_priority();
                Call::DeleteRouteEntry(DeleteRouteEntry { table, vpc, destination, next_hop, priority })
            }
            16 => Call::CreateSecurityGroup(CreateSecurityGroup {
                name: self.new_name(),
                vpc: self.vpc(),
                inner_access: self.maybe(&["accept", "drop"]),
                id: None,
            }),
            17 => Call::DeleteSecurityGroup(DeleteSecurityGroup { name: self.group() }),
            18 => {
                Call::AuthorizeSecurityGroup(AuthorizeSecurityGroup { security_group: self.group(), rule: self.rule() })
            }
            19 => Call::AuthorizeSecurityGroupEgress(AuthorizeSecurityGroupEgress {
                security_group: self.group(),
                rule: self.rule(),
            }),
            20 => {
                let (security_group, rule) = self.rule_of_group(Direction::Ingress);
                Call::RevokeSecurityGroup(RevokeSecurityGroup { security_group, rule })
            }
            21 => {
                let (security_group, rule) = self.rule_of_group(Direction::Egress);
                Call::RevokeSecurityGroupEgress(RevokeSecurityGroupEgress { security_group, rule })
            }
            22 => Call::JoinSecurityGroup(JoinSecurityGroup { instance: self.instance(), group: self.group() }),
            23 => Call::LeaveSecurityGroup(LeaveSecurityGroup { instance: self.instance(), group: self.group() }),
            24 if half => Call::DeleteVpcPeering(DeleteVpcPeering { name: self.half() }),
            _ if half => Call::CreateVpcPeering(CreateVpcPeering {
                name: self.new_name(),
                vpc: self.vpc(),
                peer_vpc_id: self.vpc(),
                latency: self.maybe(&["30ms", "30"]),
                id: None,
            }),
            24..27 => {
                let initiator = self.roll(2) == 0;
                Call::CreateRouterInterface(CreateRouterInterface {
                    name: self.new_name(),
                    vpc: self.vpc(),
                    role: if initiator { "initiator" } else { "acceptor" }.into(),
                    spec: initiator.then(|| "Mini.2".into()),
                    opposite_region: self.one_of(&["r", "r", "r", "q"]),
                    latency: self.maybe(&["30ms", "30"]),
                    id: self.maybe(&["ri-1", "ri-2"]),
                })
            }
            27..31 => {
                let name = self.interface();
                let other = self.interface();
                let account =
                    self.cloud.router_interface(&PeeringName::trusted(&*other)).map(|r| r.account.to_string());
                let router = self.cloud.router_interface(&PeeringName::trusted(&*other)).map(|r| r.vpc.to_string());
                let router = router.filter(|_| self.roll(8) > 0);
                Call::ModifyRouterInterfaceAttribute(ModifyRouterInterfaceAttribute {
                    name,
                    opposite_account: Some(account.unwrap_or("A".into())),
                    opposite_interface: Some(other),
                    opposite_router: router,
                })
            }
            31..33 => {
                Call::ConnectRouterInterface(ConnectRouterInterface { name: self.interface_that_is(Status::Idle) })
            }
            33 => {
                let name = self.interface_that_is(Status::Inactive);
                Call::ActivateRouterInterface(ActivateRouterInterface { name })
            }
            34 => {
                let name = self.interface_that_is(Status::Active);
                Call::DeactivateRouterInterface(DeactivateRouterInterface { name })
            }
            35 => Call::DeleteRouterInterface(DeleteRouterInterface { name: self.interface() }),
            36 => {
                let (name, spec) = (self.interface(), self.one_of(&["Mini.2", "Large.1", "x"]));
                Call::ModifyRouterInterfaceSpec(ModifyRouterInterfaceSpec { name, spec })
            }
            _ => Call::CreatePeering(CreatePeering {
                name: self.new_name(),
                vpc: self.vpc(),
                peer_vpc: self.vpc(),
                spec: "Mini.2".into(),
                latency: None,
            }),
        }
    }
}

/// The operation that these random numbers select on this Cloud.
pub(crate) fn random_operation(cloud: &Cloud, rolls: &[u16]) -> Operation {
    let mut dice = Dice { cloud, rolls: rolls.iter().cycle(), owner: None };
    let call = dice.call();
    let stranger = ["A", "B"][dice.roll(2)];
    let caller = match dice.owner.take() {
        Some(owner) if dice.roll(10) != 0 => owner,
        _ => AccountName::trusted(stranger),
    };
    Operation { caller, call, origin: Origin::Provider }
}

/// A Cloud on which the random operations find something to work on.
fn ground(provider: &str) -> Cloud {
    let mut cloud = cloud(provider);
    cloud.run_all(
        "A: create-vpc V --region r --cidr 10.1.0.0/16
         B: create-vpc W --region r --cidr 172.16.0.0/16
         A: create-subnet s --vpc V --cidr 10.1.0.0/28
         B: create-subnet s --vpc W --cidr 172.16.0.0/24
         A: create-instance i --subnet V/s
         B: create-security-group h --vpc W",
    );
    if provider == "alibaba" {
        // One connected pair and one bound pair.
        cloud.run_all(
            "A: create-vpc X --region r --cidr 192.168.0.0/16
             A: create-router-interface x --vpc V --role initiator --spec Mini.2 --opposite-region r
             B: create-router-interface y --vpc W --role acceptor --opposite-region r
             B: modify-router-interface-attribute y --opposite-account A --opposite-interface x --opposite-router V
             A: modify-router-interface-attribute x --opposite-account B --opposite-interface y --opposite-router W
             A: connect-router-interface x
             A: create-router-interface z --vpc X --role initiator --spec Mini.2 --opposite-region r
             B: create-router-interface w --vpc W --role acceptor --opposite-region r
             B: modify-router-interface-attribute w --opposite-account A --opposite-interface z --opposite-router X
             A: modify-router-interface-attribute z --opposite-account B --opposite-interface w --opposite-router W",
        );
    }
    cloud
}

thread_local! {
    /// The operations that succeeded.
    static SEEN: RefCell<BTreeSet<&'static str>> = const { RefCell::new(BTreeSet::new()) };
    /// How many ways of joining two VPCs were done to their end.
    static JOINED: Cell<usize> = const { Cell::new(0) };
}

fn holds(ground: &Cloud, all_rolls: &[Vec<u16>]) -> Result<(), TestCaseError> {
    let mut cloud = ground.clone();
    // The same Cloud, encoded and decoded every few operations.
    let mut kept = ground.kept_and_read();
    let mut done = Vec::new();
    for (number, rolls) in all_rolls.iter().enumerate() {
        let operation = random_operation(&cloud, rolls);
        let (before, kept_before) = (cloud.clone(), kept.clone());
        let outcome = cloud.apply(&operation);
        prop_assert_eq!(&kept.apply(&operation), &outcome, "{} of a kept Cloud", operation.call);
        prop_assert_eq!(kept_before.vpcs_that_differ(&kept), before.vpcs_that_differ(&cloud), "{}", operation.call);
        if number % 8 == 7 {
            prop_assert!(kept == cloud, "a kept Cloud became another, not later than by {}", operation.call);
            kept = kept.kept_and_read();
        }
        match outcome {
            Ok(_) => {
                let checked = cloud.check_invariants();
                checked.map_err(|broken| {
                    TestCaseError::fail(format!("{}: {}: {broken}", operation.caller, operation.call))
                })?;
                SEEN.with_borrow_mut(|all| all.insert(operation.call.name()));
                what_is_missing_can_be_done(&cloud)?;
                done.push(operation);
            }
            Err(_) => {
                prop_assert!(cloud == before, "{} was refused and changed something", operation.call);
            }
        }
    }
    let mut again = ground.clone();
    for operation in &done {
        prop_assert!(again.apply(operation).is_ok(), "{} is refused when replayed", operation.call);
    }
    prop_assert!(again == cloud, "a replay gives another Cloud");
    what_joins_two_vpcs_can_be_done(&cloud)?;
    prop_assert!(kept == cloud && kept.kept_and_read() == cloud, "a kept Cloud became another");
    Ok(())
}

/// The cloud accepts every proposal of `missing`, and repeating them leads to a peering that carries traffic, or to the
/// end's deletion.
fn what_is_missing_can_be_done(cloud: &Cloud) -> Result<(), TestCaseError> {
    for end in cloud.peerings() {
        let mut cloud = cloud.clone();
        let mut steps = Vec::new();
        while let Some(now) = cloud.peering(&end.name).filter(|end| !end.carries) {
            let missing = cloud.missing(&end.name);
            prop_assert!(!missing.is_empty(), "{} is {} and lacks nothing, after {:?}", end.name, now.status, steps);
            let mut next = None;
            for missing in missing {
                let Next::Call(caller, call) = missing.next else { continue };
                let operation = Operation { caller, call, origin: Origin::Provider };
                let mut changed = cloud.clone();
                let done = changed.apply(&operation);
                prop_assert!(
                    done.is_ok(),
                    "{}: {} is refused: {:?}, after {:?}",
                    end.name,
                    operation.call,
                    done,
                    steps
                );
                next.get_or_insert((changed, operation));
            }
            // A value must be chosen, or nothing can be done.
            let Some((changed, operation)) = next else { break };
            steps.push(operation.call.to_string());
            prop_assert!(steps.len() <= 12, "{} gets nowhere: {:?}", end.name, steps);
            cloud = changed;
        }
    }
    Ok(())
}

/// Whatever `ways_to_join` proposes is done, call by call, and then a peering carries; where nothing does, the cloud refuses
/// the last call and no other. What is there already goes on with what `missing` says.
fn what_joins_two_vpcs_can_be_done(cloud: &Cloud) -> Result<(), TestCaseError> {
    let vpcs: Vec<_> = cloud.vpcs().map(|vpc| vpc.name.clone()).collect();
    let joined = |cloud: &Cloud, own: &VpcName, peer: &VpcName| {
        cloud.peerings_of(own).any(|end| end.carries && end.far.is_some_and(|far| far.vpc == *peer))
    };
    for (own, peer) in vpcs.iter().flat_map(|own| vpcs.iter().map(move |peer| (own, peer))) {
        if own == peer || joined(cloud, own, peer) {
            continue;
        }
        let ways = cloud.ways_to_join(cloud.vpc(own).expect("it is there"), cloud.vpc(peer).expect("it is there"));
        prop_assert!(!ways.is_empty(), "no way from {own} to {peer}");
        for way in &ways {
            let mut changed = cloud.clone();
            let said = || way.iter().map(|it| format!("{}: {}", it.caller, it.call)).collect::<Vec<_>>();
            for (number, operation) in way.iter().enumerate() {
                let done = changed.apply(operation);
                let may_be_refused = ways.len() == 1 && number + 1 == way.len();
                prop_assert!(done.is_ok() || may_be_refused, "{}: {:?} of {:?}", operation.call, done, said());
                if done.is_ok() && number + 1 == way.len() {
                    prop_assert!(joined(&changed, own, peer), "{own} and {peer} are not joined after {:?}", said());
                    JOINED.set(JOINED.get() + 1);
                }
            }
        }
        // What is there and said to lack this or that is not passed over for something new.
        let end = cloud.end_toward(own, peer);
        let far = end.as_ref().and_then(|end| cloud.counterpart(&end.name)).and_then(|name| cloud.peering(&name));
        // One that is connected with another is nobody's other end.
        let is_meant = |end: &Peering| {
            let free = |far: &Peering| far.far.as_ref().is_none_or(|it| it.name == end.name);
            far.as_ref().is_some_and(|far| far.vpc == *peer && free(far))
        };
        let Some(end) = end.filter(is_meant) else { continue };
        let next = cloud.missing(&end.name).into_iter().find_map(|missing| match missing.next {
            Next::Call(caller, call) => Some((caller, call)),
            Next::Choose(..) | Next::Nothing => None,
        });
        if let Some(next) = next {
            let is_part = ways.iter().flatten().any(|it| (&it.caller, &it.call) == (&next.0, &next.1));
            prop_assert!(is_part, "{}: missing says {}, no way does: {:?}", end.name, next.1, ways);
        }
    }
    Ok(())
}

/// Runs many random sequences; each of the provider's operations must succeed in one of them, or the test proves
/// nothing about it.
fn walk(provider: &'static str) {
    let ground = ground(provider);
    let strategy = prop::collection::vec(prop::collection::vec(any::<u16>(), 24), 1..50);
    let mut config = ProptestConfig { failure_persistence: None, ..ProptestConfig::default() };
    // PROPTEST_CASES makes it longer.
    config.cases *= 4;
    // The same sequences every time, for reproducible results; PROPTEST_RNG_SEED tries others.
    if config.rng_seed == RngSeed::Random {
        config.rng_seed = RngSeed::Fixed(1);
    }
    let mut runner = TestRunner::new(config);
    if let Err(failure) = runner.run(&strategy, |rolls| holds(&ground, &rolls)) {
        panic!("{failure}");
    }
    let seen = SEEN.take();
    let own = |kind: &&&OperationKind| kind.peering.is_none_or(|peering| ground.provider.family(peering).is_some());
    let names = OperationKind::ALL.iter().filter(own).map(|kind| kind.name);
    let never: Vec<_> = names.filter(|name| !seen.contains(name)).collect();
    assert!(never.is_empty(), "never done: {never:?}");
    assert!(JOINED.take() > 100, "hardly any two VPCs could be joined");
}

#[test]
fn no_sequence_breaks_a_cloud_of_alibaba() {
    walk("alibaba");
}

#[test]
fn no_sequence_breaks_a_cloud_of_jd_cloud() {
    walk("jdcloud");
}
