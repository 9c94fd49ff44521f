//! The Cloud, walked as the tutorials' readers walk it.

mod accounts;
mod already;
mod aws;
mod client;
mod clock;
mod grammar;
mod instance;
mod kept;
mod names;
mod network_acl;
mod peering_connection;
mod random;
mod refusals;
mod route_table;
mod router_interface;
mod security_group;
mod tencent;
mod tutorials;
mod vpc;
mod vpc_peering;

use std::sync::Arc;

use super::*;

/// A call as typed.
fn parse(line: &str) -> Call {
    line.parse().unwrap_or_else(|fault| panic!("{line}: {fault:?}"))
}

fn operation(caller: &str, line: &str) -> Operation {
    let caller = AccountName::trusted(caller);
    Operation { caller, call: parse(line), origin: Origin::Api(Arc::from(line)) }
}

/// A Cloud of one provider with the accounts A (id 1) and B (id 2).
fn cloud(provider: &str) -> Cloud {
    cloud_that(provider, Allow::default())
}

fn cloud_that(provider: &str, allow: Allow) -> Cloud {
    let account = |name: &str, id: &str| Account { name: AccountName::trusted(name), id: Id(id.into()) };
    Cloud::new(Provider::named(provider).unwrap(), allow, vec![account("A", "1"), account("B", "2")])
}

impl Cloud {
    /// Encodes it as bytes and decodes it again.
    fn kept_and_read(&self) -> Cloud {
        Cloud::from_kept(self.to_kept()).expect("it is kept whole")
    }

    /// Runs `line` as `caller`; it must be accepted.
    #[track_caller]
    fn run(&mut self, caller: &str, line: &str) -> Outcome {
        let outcome = self.apply(&operation(caller, line)).unwrap_or_else(|refusal| panic!("{line}: {refusal}"));
        self.check_invariants().unwrap_or_else(|broken| panic!("after {line}: {broken}"));
        outcome
    }

    /// Runs each line; the caller is its first word, as in `A: create-vpc …`.
    #[track_caller]
    fn run_all(&mut self, script: &str) {
        for line in script.lines().map(str::trim).filter(|line| !line.is_empty()) {
            let (caller, line) = line.split_once(": ").expect("ACCOUNT: OPERATION");
            self.run(caller, line);
        }
    }

    /// The refusal of `line`; checks that nothing changed.
    #[track_caller]
    fn refuse(&mut self, caller: &str, line: &str) -> Refusal {
        let before = self.clone();
        let refusal = match self.apply(&operation(caller, line)) {
            Ok(outcome) => panic!("{line} was not refused: {outcome:?}"),
            Err(refusal) => refusal,
        };
        assert_eq!(*self, before, "{line} was refused and changed something");
        let says = [&refusal.hint, &refusal.message].map(ToString::to_string);
        assert!(says.iter().all(|said| !said.is_empty()), "{refusal:?} says too little");
        refusal
    }

    /// The code of the refusal of `line`.
    #[track_caller]
    fn code(&mut self, caller: &str, line: &str) -> &'static str {
        self.refuse(caller, line).code.0
    }

    fn end(&self, name: &str) -> Peering {
        self.peering(&PeeringName::trusted(name)).unwrap_or_else(|| panic!("no peering {name}"))
    }

    fn host(&self, name: &str) -> &Instance {
        self.instance(&InstanceName::trusted(name)).unwrap_or_else(|| panic!("no instance {name}"))
    }

    fn group(&self, name: &str) -> &SecurityGroup {
        self.security_group(&GroupName::trusted(name)).unwrap_or_else(|| panic!("no group {name}"))
    }

    fn table(&self, name: &str) -> &RouteTable {
        self.route_table(&RouteTableName::trusted(name)).unwrap_or_else(|| panic!("no route table {name}"))
    }

    /// The problems that keep an end from carrying traffic, in words.
    fn lacks(&self, name: &str) -> Vec<String> {
        self.missing(&PeeringName::trusted(name))
            .iter()
            .map(|missing| crate::message::Message::from(missing).to_string())
            .collect()
    }
}

/// Two VPCs of two accounts in two regions with an instance each, as in the cross-account tutorial.
fn two_accounts() -> Cloud {
    let mut cloud = cloud("alibaba");
    cloud.run_all(
        "A: create-vpc VPC1 --region cn-qingdao --cidr 192.168.0.0/16 --id vpc-m5e1 --router-id vrt-AAA
         A: create-subnet vsw-1 --vpc VPC1 --cidr 192.168.1.0/24
         A: create-instance ecs-a --subnet VPC1/vsw-1 --ip 192.168.1.10
         B: create-vpc VPC2 --region cn-beijing --cidr 172.16.0.0/16
         B: create-subnet vsw-2 --vpc VPC2 --cidr 172.16.1.0/24
         B: create-instance ecs-b --subnet VPC2/vsw-2 --ip 172.16.1.10",
    );
    cloud
}

/// Both ends created and bound, not connected.
fn bound() -> Cloud {
    let mut cloud = two_accounts();
    cloud.run_all(
        "A: create-router-interface ri-a --vpc VPC1 --role initiator --spec Mini.2 --opposite-region cn-beijing
         B: create-router-interface ri-b --vpc VPC2 --role acceptor --opposite-region cn-qingdao
         B: modify-router-interface-attribute ri-b --opposite-account A --opposite-interface ri-a --opposite-router VPC1
         A: modify-router-interface-attribute ri-a --opposite-account B --opposite-interface ri-b --opposite-router VPC2",
    );
    cloud
}

/// The same, connected.
fn connected() -> Cloud {
    let mut cloud = bound();
    cloud.run("A", "connect-router-interface ri-a");
    cloud
}

/// Two VPCs of one region on JD Cloud, of two accounts.
fn jd() -> Cloud {
    let mut cloud = cloud("jdcloud");
    cloud.run_all(
        "A: create-vpc VPCA --region cn-south-1 --cidr 10.0.0.0/16 --id vpc-xxvpcforpeeringaxx
         A: create-subnet sa --vpc VPCA --cidr 10.0.1.0/24
         B: create-vpc VPCB --region cn-south-1 --cidr 172.16.0.0/16 --id vpc-xxvpcforpeeringbxx
         B: create-subnet sb --vpc VPCB --cidr 172.16.1.0/24",
    );
    cloud
}
