//! A ring of VPCs, of any size: each is peered with the next, and the last with the first.

use std::fmt::{self, Write};

use ipnet::Ipv4Net;

use crate::cloud::{Family, Policy, Provider, Quota};
use crate::init::messages::Said;
use crate::language::Language;
use crate::message::Message;
use crate::msg;

/// The most VPCs of a ring.
pub const MAX_VPCS: u32 = 4095;
/// The most instances per VPC with at most 255 VPCs.
pub const MAX_INSTANCES: u32 = 256 * PER_SUBNET;

/// Instances per subnet, a /24 of which the provider reserves four addresses.
const PER_SUBNET: u32 = 250;

/// A ring of VPCs with the same number of instances each, which reach those of their own VPC and of the neighbouring
/// VPCs.
///
/// Names and addresses follow from the size alone. VPC `v2` is 10.2.0.0/16; with more than 255 VPCs, each has a /20.
/// Its subnets `s1`, `s2`, … are its /24s, its instances `i2-1`, `i2-2`, ….
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ring {
    vpcs: u32,
    per_vpc: u32,
}

/// Why a size is not possible.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoRing {
    /// It has no VPC, or too many.
    Vpcs,
    /// Its VPCs have no instance, or more than this many.
    Instances(u32),
}

impl From<NoRing> for Message {
    fn from(why: NoRing) -> Self {
        match why {
            NoRing::Vpcs => msg!(Said::VpcsOfRing { most: MAX_VPCS }),
            NoRing::Instances(most) => msg!(Said::InstancesOfVpc { most }),
        }
    }
}

/// A peering of a ring, as seen from one of its VPCs.
#[derive(Clone, Copy)]
struct Link {
    /// The VPC that is peered with the next one.
    from: u32,
    own: u32,
    other: u32,
}

impl Ring {
    /// The ring of `vpcs` VPCs with `per_vpc` instances each.
    pub fn new(vpcs: u32, per_vpc: u32) -> Result<Self, NoRing> {
        let most = match vpcs {
            1..=255 => MAX_INSTANCES,
            256..=MAX_VPCS => 16 * PER_SUBNET,
            _ => return Err(NoRing::Vpcs),
        };
        if (1..=most).contains(&per_vpc) { Ok(Ring { vpcs, per_vpc }) } else { Err(NoRing::Instances(most)) }
    }

    /// The total number of instances.
    pub fn instances(self) -> u32 {
        self.vpcs * self.per_vpc
    }

    /// The number of peerings: a ring of two has one, a ring of one has none.
    pub fn peerings(self) -> u32 {
        if self.vpcs > 2 { self.vpcs } else { self.vpcs - 1 }
    }

    /// The ring as a lab file, for a lab called `lab`, with peerings of this family and comments in this language.
    pub fn lab_text(self, lab: &str, provider: &Provider, family: &Family, language: Language) -> String {
        let mut text = String::new();
        self.write(&mut text, lab, (provider, family), language).expect("a String takes all that is written");
        text
    }

    fn after(self, vpc: u32) -> u32 {
        vpc % self.vpcs + 1
    }

    /// The peerings of `vpc`: with the next VPC and with the previous one.
    fn links(self, vpc: u32) -> impl Iterator<Item = Link> {
        let before = if vpc == 1 { self.vpcs } else { vpc - 1 };
        let link = move |from| Link { from, own: vpc, other: if from == vpc { self.after(vpc) } else { from } };
        [vpc, before].into_iter().filter(move |from| *from <= self.peerings()).map(link)
    }

    pub(super) fn block(self, vpc: u32) -> Ipv4Net {
        let prefix = if self.vpcs <= 255 { 16 } else { 20 };
        Ipv4Net::new_assert(((10 << 24) + (vpc << (32 - prefix))).into(), prefix)
    }

    pub(super) fn subnet(self, vpc: u32, subnet: u32) -> Ipv4Net {
        Ipv4Net::new_assert((u32::from(self.block(vpc).network()) + ((subnet - 1) << 8)).into(), 24)
    }

    fn write(
        self,
        out: &mut String,
        lab: &str,
        (provider, family): (&Provider, &Family),
        language: Language,
    ) -> fmt::Result {
        let Ring { vpcs, per_vpc } = self;
        let name = provider.name;
        let command = language.say(msg!(Said::WrittenBy { name, vpcs, per_vpc }));
        let means = language.say(Said::WhatItIs);
        writeln!(out, "{command}\n{means}")?;
        let title = msg!(Said::Title { vpcs, per_vpc });
        writeln!(out, "[lab]\nname = \"{lab}\"\ntitle = \"{title}\"")?;
        if language != Language::English {
            writeln!(out, "{}.title = \"{}\"", language.tag(), language.say(&title))?;
        }
        writeln!(out, "provider = \"{name}\"")?;
        if provider.vpc_limits.is_some_and(|limits| vpcs as usize > limits.per_region) {
            writeln!(out, "quotas = {{ {} = {vpcs} }}", Quota::VpcsPerRegion.key())?;
        }
        writeln!(out, "\n[account.A]")?;
        for vpc in 1..=vpcs {
            self.write_vpc(out, vpc, provider, family)?;
        }
        out.write_str("\n")?;
        for link in (1..=vpcs).flat_map(|vpc| self.links(vpc)) {
            write_peering(out, link, family)?;
        }
        self.write_checks(out, provider)
    }

    /// A VPC with its routes, its group, its subnets and its instances.
    fn write_vpc(self, out: &mut String, vpc: u32, provider: &Provider, family: &Family) -> fmt::Result {
        let region = provider.regions[0];
        writeln!(out, "\n[vpc.v{vpc}]\nregion = \"{region}\"\ncidr = \"{}\"", self.block(vpc))?;
        let entry = |link: Link| format!("to = \"{}\", via = \"{}\"", self.block(link.other), next_hop(link, family));
        write_list(out, "routes", self.links(vpc).map(entry))?;
        for subnet in 1..=self.per_vpc.div_ceil(PER_SUBNET) {
            writeln!(out, "[vpc.v{vpc}.subnet.s{subnet}]\ncidr = \"{}\"", self.subnet(vpc, subnet))?;
        }

        let own = (provider.groups().inner_access == Policy::Drop).then_some(vpc);
        let sources = own.into_iter().chain(self.links(vpc).map(|link| link.other));
        writeln!(out, "[security_group.sg{vpc}]\nvpc = \"v{vpc}\"")?;
        let sources = sources.map(|from| format!("from = \"{}\"", self.block(from)));
        let groups = provider.groups();
        let lets_out =
            (groups.unmatched_egress == Policy::Drop && !groups.new_lets_out).then(|| "to = \"0.0.0.0/0\"".to_owned());
        write_list(out, "rules", sources.chain(lets_out))?;

        for instance in 1..=self.per_vpc {
            let subnet = instance.div_ceil(PER_SUBNET);
            writeln!(out, "[instance.i{vpc}-{instance}]")?;
            writeln!(out, "subnet = \"v{vpc}/s{subnet}\"\nsecurity_groups = [\"sg{vpc}\"]")?;
        }
        Ok(())
    }

    /// Checks from the first instance of each VPC: it reaches the last one of its own and of the next VPC, and not that
    /// of the VPC after next.
    fn write_checks(self, out: &mut String, provider: &Provider) -> fmt::Result {
        let last = self.per_vpc;
        for vpc in 1..=self.vpcs {
            let after = self.after(vpc);
            let beyond = self.after(after);
            if last > 1 {
                write_check(out, (vpc, 1), (vpc, last), "\"reach\"\nboth_ways = true")?;
            }
            if vpc <= self.peerings() {
                write_check(out, (vpc, 1), (after, last), "\"reach\"\nboth_ways = true")?;
            }
            if self.vpcs > 3 {
                let reason = if provider.default_route { "no-public-ip" } else { "no-route" };
                write_check(out, (vpc, 1), (beyond, last), &format!("\"drop\"\nbecause = \"{reason}\""))?;
            }
        }
        Ok(())
    }
}

/// A list of inline tables, unless it is empty.
fn write_list(out: &mut String, key: &str, tables: impl Iterator<Item = String>) -> fmt::Result {
    let mut tables = tables.peekable();
    if tables.peek().is_none() {
        return Ok(());
    }
    writeln!(out, "{key} = [")?;
    tables.try_for_each(|table| writeln!(out, "  {{ {table} }},"))?;
    writeln!(out, "]")
}

fn write_check(out: &mut String, from: (u32, u32), to: (u32, u32), expect: &str) -> fmt::Result {
    writeln!(out, "\n[[check]]\nfrom = \"i{}-{}\"\nto = \"i{}-{}\"\nexpect = {expect}", from.0, from.1, to.0, to.1)
}

/// If both ends are created at once, the first of the two VPCs creates them; otherwise each creates its own.
fn write_peering(out: &mut String, link: Link, family: &Family) -> fmt::Result {
    let Link { from, own, other } = link;
    if family.joins_at_once() && own != from {
        return Ok(());
    }
    let (table, [near, far]) = family.table();
    writeln!(out, "[{table}.{}]\n{near} = \"v{own}\"\n{far} = \"v{other}\"", next_hop(link, family))?;
    family.other_keys().into_iter().try_for_each(|line| writeln!(out, "{line}"))
}

/// The next hop of a route entry through a peering.
fn next_hop(link: Link, family: &Family) -> String {
    match family.joins_at_once() {
        true => format!("p{}", link.from),
        false => format!("v{}-v{}", link.own, link.other),
    }
}
