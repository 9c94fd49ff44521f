//! Requests that mean harm, or nothing: every action with any parameters, and any bytes.

use std::collections::BTreeSet;

use peerlab_cloud::random::random_operation;
use peerlab_cloud::{Account, AccountName, Allow, Call, Cloud, Id, Operation, Origin, Provider};
use peerlab_message::error::{Error, Kind};
use proptest::prelude::*;

use crate::parameters::Parameters;
use crate::*;

/// A Cloud on which a change takes place.
struct Place {
    cloud: Cloud,
    number: usize,
}

impl Ground for Place {
    fn cloud(&self) -> &Cloud {
        &self.cloud
    }

    fn operate(&mut self, account: &AccountName, call: Call) -> Result<(), Error> {
        let operation = Operation { caller: account.clone(), call, origin: Origin::Api("".into()) };
        let done = self.cloud.apply(&operation);
        self.number += 1;
        done.map(drop).map_err(|refusal| {
            Error::new(Kind::Refused, refusal.message).code(refusal.code.to_string()).hint(refusal.hint)
        })
    }

    fn number(&self) -> usize {
        self.number
    }

    fn awaited(&self) -> Vec<Operation> {
        Vec::new()
    }
}

/// A Cloud of two accounts after some random operations.
fn cloud(provider: &str, operations: &[Vec<u16>]) -> Cloud {
    let account = |name: &str, id: &str| Account { name: AccountName::trusted(name), id: Id(id.into()) };
    let accounts = vec![account("A", "1000000000000001"), account("B", "1000000000000002")];
    let mut cloud = Cloud::new(Provider::named(provider).unwrap(), Allow::default(), accounts);
    for rolls in operations {
        let operation = random_operation(&cloud, rolls);
        let _ = cloud.apply(&operation);
    }
    cloud
}

/// Every id of a Cloud.
fn ids(cloud: &Cloud) -> Vec<String> {
    let mut ids: Vec<String> = cloud.vpcs().flat_map(|it| [it.id.to_string(), it.router_id.to_string()]).collect();
    ids.extend(cloud.subnets().map(|it| it.id.to_string()));
    ids.extend(cloud.route_tables().map(|it| it.id.to_string()));
    ids.extend(cloud.security_groups().map(|it| it.id.to_string()));
    ids.extend(cloud.network_acls().map(|it| it.id.to_string()));
    ids.extend(cloud.instances().map(|it| it.id.to_string()));
    ids.extend(cloud.gateways().map(|it| it.id.to_string()));
    ids.extend(cloud.nat_gateways().flat_map(|it| {
        let tables = ["stb", "ftb"].map(|table| it.id.0.replacen("ngw", table, 1));
        [it.id.to_string()].into_iter().chain(tables)
    }));
    ids.extend(cloud.public_addresses().map(|(ip, _)| ip.to_string()));
    ids.extend(cloud.router_interfaces().map(|it| it.id.to_string()));
    ids.extend(cloud.vpc_peerings().map(|it| it.id.to_string()));
    ids.extend(cloud.peering_connections().map(|it| it.id.to_string()));
    ids
}

const WORDS: [&str; 47] = [
    "true",
    "True",
    "false",
    "0",
    "1",
    "-1",
    "2",
    "100",
    "101",
    "99999999999999999999",
    "r",
    "q",
    "cn-qingdao",
    "",
    "10.0.0.0/16",
    "10.1.0.0/24",
    "172.16.0.0/12",
    "0.0.0.0/0",
    "10.0.0.1/16",
    "10.0.0.5",
    "tcp",
    "udp",
    "all",
    "icmp",
    "ICMP",
    "22/22",
    "-1/-1",
    "1/65535",
    "InitiatingSide",
    "AcceptingSide",
    "VRouter",
    "Mini.2",
    "Instance",
    "RouterInterface",
    "vpc_peering",
    "internet",
    "ingress",
    "[\"i-1\"]",
    "allow",
    "6",
    "vpc-id",
    "tag:Name",
    "enableDnsSupport",
    "instanceType",
    "ami-1",
    "[[",
    "名/前 \u{202e}<&>\0",
];

/// Every id of what is kept beside a Cloud: addresses, and what is not in the Cloud.
fn kept_ids(notes: &[Note]) -> Vec<String> {
    let words = notes.iter().filter_map(|note| match note {
        Note::Word { word, text, .. } => Some([word, text]),
        Note::Answer { .. } => None,
    });
    let is_id =
        |text: &&String| ["eip", "fip", "igw-", "ngw-", "nat-", "ipv4gw-"].iter().any(|it| text.starts_with(it));
    words.flatten().filter(is_id).cloned().collect()
}

/// The names that an action's row has, each as a client writes it.
fn names(action: &Action) -> Vec<String> {
    let words = action.parameters.split(|c: char| c.is_whitespace() || c == ',').filter(|it| !it.is_empty());
    let mut names: BTreeSet<String> =
        words.map(|it| it.trim_end_matches('*').replace(".N", ".1").replace(".M", ".1")).collect();
    if let Some((_, path)) = action.path {
        names.extend(path.split(['{', '}']).skip(1).step_by(2).map(str::to_owned));
    }
    for spec in ["routeTableRuleSpecs", "modifyRouteTableRuleSpecs", "networkSecurityGroupRuleSpecs"] {
        if names.remove(&format!("{spec}.1")) {
            let parts = [
                "nextHopType",
                "nextHopId",
                "addressPrefix",
                "priority",
                "ruleId",
                "protocol",
                "direction",
                "fromPort",
                "toPort",
            ];
            names.extend(parts.map(|part| format!("{spec}.1.{part}")));
        }
    }
    names.into_iter().collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    /// An action answers whatever it gets, changes all or nothing, reaches only the caller's own, and says the same to the
    /// same request.
    #[test]
    fn every_action_takes_any_parameters(
        dialect in prop::sample::select(&DIALECTS[..]),
        operations in prop::collection::vec(prop::collection::vec(any::<u16>(), 8..40), 0..24),
        calls in prop::collection::vec((any::<prop::sample::Index>(), prop::collection::vec(any::<u16>(), 24)), 1..40),
    ) {
        let mut place = Place { cloud: cloud(dialect.provider, &operations), number: 0 };
        let mut kept = Kept::since(0);
        let mut noted = Vec::new();
        let account = AccountName::trusted("A");
        let theirs = |cloud: &Cloud| -> Vec<String> {
            let mine = |vpc: &peerlab_cloud::VpcName| cloud.vpc(vpc).is_some_and(|vpc| vpc.account == account);
            let vpcs = cloud.vpcs().filter(|it| it.account != account).map(|it| it.id.to_string());
            let tables = cloud.route_tables().filter(|it| !mine(&it.vpc)).map(|it| format!("{} {:?}", it.id, it.entries));
            let groups = cloud.security_groups().filter(|it| it.account != account);
            let addresses = cloud.instances().filter(|it| it.account != account);
            let addresses = addresses.map(|it| format!("{} {:?}", it.id, it.public_ip));
            vpcs.chain(tables).chain(groups.map(|it| format!("{} {:?}", it.id, it.rules))).chain(addresses).collect()
        };
        for (which, rolls) in &calls {
            let actions = dialect.actions();
            let action = actions[which.index(actions.len())];
            let mut ids = ids(&place.cloud);
            ids.extend(kept_ids(&noted));
            let mut rolls = rolls.iter().map(|roll| usize::from(*roll)).cycle();
            let mut roll = |sides: usize| rolls.next().unwrap() % sides.max(1);
            let mut pairs = Vec::new();
            for name in names(action) {
                let needed = action.required().any(|it| name == it || name == format!("{it}.1"));
                if !needed && roll(2) == 0 {
                    continue;
                }
                let text = match roll(3) {
                    // The server refuses a required parameter that is empty before.
                    0 => Some(WORDS[roll(WORDS.len())]).filter(|word| !(needed && word.is_empty())).unwrap_or("r").to_owned(),
                    _ if ids.is_empty() || name.contains("egion") => ["r", "q"][roll(2)].to_owned(),
                    _ => ids[roll(ids.len())].clone(),
                };
                pairs.push((name, text));
            }
            // The region of a signature's scope, and of a path.
            if dialect.provider == "aws" {
                pairs.push(("RegionId".to_owned(), ["r", "q"][roll(2)].to_owned()));
            }
            let of_path = pairs.iter().find(|(name, _)| name == "regionId").map(|(_, region)| region.clone());
            pairs.extend(of_path.map(|region| ("RegionId".to_owned(), region)));
            let parameters = Parameters::new(pairs, serde_json::Value::Null);
            let caller = dialect.caller(&account, &parameters, 1_767_323_045, None);
            match action.does {
                Does::Describe(does) => {
                    let asked = Asked { cloud: &place.cloud, caller, kept: (&kept).into() };
                    prop_assert_eq!(dialect.describe(does, &asked), dialect.describe(does, &asked));
                }
                Does::Run(does) => _ = does(&Asked { cloud: &place.cloud, caller, kept: (&kept).into() }),
                Does::Ran(does) => _ = does(&Asked { cloud: &place.cloud, caller, kept: (&kept).into() }, &[]),
                Does::Change(_) | Does::Send(..) => {
                    let before = theirs(&place.cloud);
                    let cloud = place.cloud.clone();
                    match dialect.change(action, &mut place, caller, &kept) {
                        Ok(done) => {
                            // What a table of another account leads to may lose its end, as when a peering is deleted.
                            let after = theirs(&place.cloud);
                            prop_assert!(before.len() == after.len(), "{} changed another account's things", action.name);
                            noted.extend(done.notes.iter().cloned());
                            done.notes.into_iter().for_each(|note| kept.note(note));
                            place.cloud.check_invariants().unwrap();
                        }
                        Err(refused) => {
                            prop_assert!((400..500).contains(&refused.status), "{}: {refused:?}", action.name);
                            place.cloud = cloud;
                        }
                    }
                }
            }
        }
    }

    /// No bytes are too odd.
    #[test]
    fn any_request_is_answered(
        method in "[A-Z]{0,7}",
        path in "(/v1/regions/|/)?\\PC{0,40}",
        query in "\\PC{0,80}",
        authorization in "(ACS3-HMAC-SHA256 |JDCLOUD3-HMAC-SHA256 |JDCLOUD2-HMAC-SHA256 |AWS4-HMAC-SHA256 )?(Credential=[^,]{0,20}(/[0-9a-z]{0,8}){0,5}, ?SignedHeaders=[a-z;]{0,20}, ?Signature=[0-9a-fx]{0,70})?",
        date in "(20260102T030405Z|2026-01-02T03:04:05Z|\\PC{0,20})",
        body in prop::collection::vec(any::<u8>(), 0..60),
    ) {
        let headers = [
            ("authorization", authorization),
            ("x-jdcloud-date", date.clone()),
            ("x-amz-date", date.clone()),
            ("x-acs-date", date),
            ("x-acs-action", "DescribeVpcs".into()),
            ("x-acs-version", "2016-04-28".into()),
            ("content-type", "application/x-www-form-urlencoded".into()),
        ];
        let headers = headers.map(|(name, value)| (name.to_owned(), value)).into();
        let request = Request::new(method, path, query, headers, body);
        if let Some(dialect) = Dialect::of(&request) {
            let refused = match dialect.signed(&request) {
                Ok(signed) => dialect.check(&request, &signed, Some("secret"), signed.time).unwrap_err(),
                Err(refused) => refused,
            };
            let reply = dialect.error(&request, "id", &refused);
            prop_assert!((400..500).contains(&reply.status));
            let _ = dialect.inquiry(&request);
        }
    }
}

#[test]
fn every_row_names_operations_that_exist_and_is_found_by_its_name() {
    for dialect in DIALECTS {
        let mut seen = BTreeSet::new();
        for action in dialect.actions() {
            assert!(seen.insert((action.product, action.name)), "{} is there twice", action.name);
            for operation in action.operations {
                assert!(peerlab_cloud::OperationKind::named(operation).is_some(), "{}: {operation}", action.name);
            }
            let changes = matches!(action.does, Does::Change(_) | Does::Send(..));
            assert!(changes || action.operations.is_empty(), "{} describes", action.name);
        }
    }
}
