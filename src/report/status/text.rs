//! The state of a Cloud as tables for a terminal.

use super::{CloudStatus, EndState, InstanceState};
use crate::cloud::{Role, State};
use crate::message::{Message, Of as _};
use crate::msg;
use crate::report::listed;
use crate::report::messages::Said;
use crate::report::order::natural;
use crate::terminal::{Table, Terminal, Tone};

impl CloudStatus {
    /// Both ends of every peering with their states, and what is missing.
    pub fn render_peerings(&self, terminal: &Terminal) -> String {
        peering_table(&self.pairs(), terminal)
    }

    /// The same in short: if there are many peerings, counts those that carry traffic.
    pub fn render_peerings_in_short(&self, terminal: &Terminal) -> String {
        let pairs = self.pairs();
        if pairs.len() <= LISTED {
            return peering_table(&pairs, terminal);
        }
        let (carrying, others): (Vec<_>, Vec<_>) = pairs.into_iter().partition(|(end, _)| end.carries);
        let shown = peering_table(&others[..others.len().min(LISTED)], terminal);
        let more = others.len().saturating_sub(LISTED);
        let mut said = Vec::new();
        if more > 0 {
            said.push(msg!(Said::MoreCarryNothing { more }));
        }
        if !carrying.is_empty() {
            said.push(msg!(Said::PeeringsCarryPackets { carrying: carrying.len() }));
        }
        let said = said.iter().map(|text| terminal.wrap(&terminal.say(text), 2));
        shown + &said.collect::<String>()
    }

    /// Each end, with the one that points back. A pair appears once, under the end that connects or the end whose name comes
    /// first.
    fn pairs(&self) -> Vec<(&EndState, Option<&EndState>)> {
        let ends: Vec<_> = self.ends.iter().collect();
        let with_mate = |end: &&'_ EndState| {
            let mate = ends.iter().find(|other| points_at(end, other) && points_at(other, end));
            mate.copied()
        };
        let pairs = ends.iter().map(|end| (*end, with_mate(end)));
        let mut pairs: Vec<_> = pairs.filter(|(end, mate)| mate.is_none_or(|mate| rank(end) <= rank(mate))).collect();
        pairs.sort_by(|(a, _), (b, _)| natural(&a.name, &b.name));
        pairs
    }

    /// The whole state.
    pub fn render(&self, terminal: &Terminal) -> String {
        let sections = [
            (Message::from(Said::Accounts), self.render_accounts(terminal)),
            (Message::from(Said::Vpcs), self.render_vpcs(terminal)),
            (self.ends.title().into(), self.render_peerings(terminal) + &self.render_ids_of_ends(terminal)),
            (Message::from(Said::RouteTables), self.render_route_tables(terminal)),
            (Message::from(Said::SecurityGroups), self.render_security_groups(terminal)),
            (Message::from(Said::NetworkAcls), self.render_network_acls(terminal)),
            (Message::from(Said::NatGateways), self.render_nat_gateways(terminal)),
            (Message::from(Said::Gateways), self.render_gateways(terminal)),
            (Message::from(Said::Instances), self.render_instances(terminal)),
        ];
        let shown = sections.iter().filter(|(_, text)| !text.is_empty());
        let texts: Vec<_> = shown
            .map(|(title, text)| format!("{}\n{text}", terminal.paint(Tone::Strong, terminal.say(title))))
            .collect();
        texts.join("\n")
    }

    fn render_accounts(&self, terminal: &Terminal) -> String {
        let mut table = Table::new();
        for account in &self.accounts {
            table.row([(Tone::Plain, account.name.clone()), (Tone::Faint, account.id.clone())]);
        }
        table.render(terminal, 2)
    }

    fn render_vpcs(&self, terminal: &Terminal) -> String {
        let mut out = String::new();
        for vpc in &self.vpcs {
            let mut head = Table::new();
            let mut cells = vec![
                (Tone::Plain, vpc.name.clone()),
                (Tone::Plain, listed([&[vpc.cidr.clone()][..], &vpc.secondary_cidrs].concat(), terminal)),
                (Tone::Plain, vpc.region.clone()),
                (Tone::Plain, vpc.account.clone()),
                (Tone::Faint, vpc.id.clone()),
                (Tone::Faint, vpc.router_id.to_string()),
            ];
            cells.extend((!vpc.has_usual_mtu).then(|| (Tone::Plain, format!("MTU {}", vpc.mtu))));
            head.row(cells);
            out += &head.render(terminal, 2);
            let mut subnets = Table::new();
            let has_zones = vpc.subnets.iter().any(|subnet| subnet.zone.is_some());
            for subnet in &vpc.subnets {
                let mut cells = vec![(Tone::Plain, subnet.name.clone()), (Tone::Plain, subnet.cidr.clone())];
                cells.extend(has_zones.then(|| (Tone::Faint, subnet.zone.clone().unwrap_or_default())));
                cells.push((Tone::Faint, subnet.id.clone()));
                subnets.row(cells);
            }
            out += &subnets.render(terminal, 4);
        }
        out
    }

    /// The ends' ids, which the other side's owner needs.
    fn render_ids_of_ends(&self, terminal: &Terminal) -> String {
        let mut table = Table::new();
        for end in self.ends.iter() {
            table.row([(Tone::Plain, end.name.clone()), (Tone::Faint, end.id.clone())]);
        }
        table.render(terminal, 4)
    }

    fn render_route_tables(&self, terminal: &Terminal) -> String {
        let mut out = String::new();
        for table in &self.route_tables {
            let serves = match table.subnets.as_slice() {
                [] => msg!(Said::ServesNoSubnet),
                subnets => msg!(Said::Serves { subnets }),
            };
            // Skip an unused, empty default table.
            if table.subnets.is_empty() && table.entries.is_empty() && table.name.ends_with("/default") {
                continue;
            }
            let mut head = Table::new();
            let tone = if table.subnets.is_empty() { Tone::Notice } else { Tone::Faint };
            head.row([(Tone::Plain, table.name.clone()), (tone, terminal.say(&serves))]);
            out += &head.render(terminal, 2);
            let mut entries = Table::new();
            for entry in &table.entries {
                let to = (Tone::Plain, entry.to.clone());
                let via = (Tone::Plain, format!("→ {}", entry.via));
                let notes = (Tone::Faint, terminal.say(msg!(Said::Items { items: &entry.notes })));
                match (&entry.dead, &*notes.1) {
                    (Some(why), "") => entries.row([to, via, (Tone::Bad, terminal.say(msg!(Said::Dead { why })))]),
                    (Some(why), _) => {
                        entries.row([to, via, (Tone::Bad, terminal.say(msg!(Said::Dead { why }))), notes]);
                    }
                    (None, "") => entries.row([to, via]),
                    (None, _) => entries.row([to, via, notes]),
                }
            }
            out += &entries.render(terminal, 4);
        }
        out
    }

    fn render_security_groups(&self, terminal: &Terminal) -> String {
        let mut out = String::new();
        for group in &self.security_groups {
            let members = match group.members.is_empty() {
                true => terminal.say(msg!(Said::NoMembers)),
                false => listed(&group.members, terminal),
            };
            let mut head = Table::new();
            head.row([(Tone::Plain, group.name.clone()), (Tone::Faint, members)]);
            out += &head.render(terminal, 2);
            let mut rules = Table::new();
            for rule in &group.rules {
                rules.row([(Tone::Plain, terminal.say(&rule.text))]);
                if let Some(why) = &rule.stale {
                    rules.note(Tone::Notice, terminal.say(msg!(Said::Stale { why })));
                }
            }
            if let Some(remark) = &group.inner_access_text {
                rules.row([(Tone::Plain, terminal.say(remark))]);
            }
            out += &rules.render(terminal, 4);
        }
        out
    }

    fn render_network_acls(&self, terminal: &Terminal) -> String {
        let mut out = String::new();
        for acl in &self.network_acls {
            let (tone, at) = match acl.subnets.as_slice() {
                [] => (Tone::Notice, msg!(Said::FiltersNoSubnet)),
                subnets => (Tone::Faint, msg!(Said::Filters { subnets })),
            };
            let mut head = Table::new();
            head.row([(Tone::Plain, acl.name.clone()), (tone, terminal.say(&at))]);
            out += &head.render(terminal, 2);
            let mut entries = Table::new();
            for entry in &acl.entries {
                entries.row([(Tone::Plain, terminal.say(&entry.text))]);
            }
            out += &entries.render(terminal, 4);
        }
        out
    }

    fn render_nat_gateways(&self, terminal: &Terminal) -> String {
        let mut table = Table::new();
        for nat in &self.nat_gateways {
            let public = nat.public_ip.as_ref().map_or(String::new(), |ip| format!(" ({ip})"));
            let dnat = nat.dnat.iter().map(|it| format!("{}/{} → {}:{}", it.protocol, it.port, it.to, it.to_port));
            let dnat: Vec<_> = dnat.collect();
            let snat = (!nat.snat.is_empty()).then(|| msg!(Said::Snat { blocks: &nat.snat }));
            let dnat = (!dnat.is_empty()).then(|| msg!(Said::Dnat { entries: &dnat }));
            let entries: Vec<_> = snat.into_iter().chain(dnat).map(|it| terminal.say(&it)).collect();
            let (tone, entries) = match nat.leads_out {
                true => (Tone::Plain, entries.join("  ")),
                false => (Tone::Notice, terminal.say(msg!(Said::HasNoWayOut { name: &nat.name }))),
            };
            table.row([
                (Tone::Plain, nat.name.clone()),
                (Tone::Plain, format!("{}{public}", nat.ip)),
                (Tone::Faint, nat.subnet.clone()),
                (tone, entries),
                (Tone::Faint, nat.id.clone()),
            ]);
        }
        table.render(terminal, 2)
    }

    fn render_gateways(&self, terminal: &Terminal) -> String {
        let mut table = Table::new();
        for gateway in &self.gateways {
            let (name, vpc, id) = (gateway.name.clone(), gateway.vpc.clone(), gateway.id.clone());
            table.row([(Tone::Plain, name), (Tone::Faint, vpc), (Tone::Faint, id)]);
        }
        table.render(terminal, 2)
    }

    fn render_instances(&self, terminal: &Terminal) -> String {
        let mut table = Table::new();
        for instance in &self.instances {
            let public =
                instance.public_ip.as_ref().map_or(String::new(), |ip| terminal.say(msg!(Said::Public { ip })));
            table.row([
                (Tone::Plain, instance.name.clone()),
                (Tone::Plain, format!("{}{public}", instance.ip)),
                (Tone::Faint, instance.subnet.clone()),
                (Tone::Faint, listed(&instance.security_groups, terminal) + &instance.notes(terminal)),
                (Tone::Faint, instance.id.clone()),
            ]);
        }
        table.render(terminal, 2)
    }
}

impl InstanceState {
    /// What sets it apart from an ordinary instance that runs.
    fn notes(&self, terminal: &Terminal) -> String {
        let stopped = self.state.map(|_| Said::Stopped);
        let forwards = self.forwards.then_some(if self.masquerade { Said::PassesTranslated } else { Said::Passes });
        let notes = [stopped, forwards].into_iter().flatten();
        let host = self.host.as_ref().map(|host| terminal.say(msg!(Said::OnHost { host })));
        let notes = notes.map(|note| terminal.say(note)).chain(host);
        notes.map(|note| format!("  {note}")).collect()
    }
}

/// The number of peerings listed in the short form.
const LISTED: usize = 10;

/// The column before which a pair that does not fit is split: the sign between its ends.
const BETWEEN: usize = 4;

fn peering_table(pairs: &[(&EndState, Option<&EndState>)], terminal: &Terminal) -> String {
    let mut table = Table::new();
    table.fold_before(BETWEEN);
    for (end, mate) in pairs {
        end.add_to(&mut table, *mate, terminal);
    }
    table.render(terminal, 2)
}

fn points_at(end: &EndState, other: &EndState) -> bool {
    end.opposite.as_ref().is_some_and(|opposite| opposite.name == other.name)
}

fn rank(end: &EndState) -> (bool, &str) {
    (end.is_second, &end.name)
}

impl EndState {
    fn tone(&self) -> Tone {
        if self.carries { Tone::Good } else { Tone::Notice }
    }

    fn place(&self, terminal: &Terminal) -> String {
        terminal.say(msg!(Said::VpcOf { vpc: &self.vpc, account: &self.account }))
    }

    fn add_to(&self, table: &mut Table, mate: Option<&EndState>, terminal: &Terminal) {
        let role = self.role.as_deref().and_then(|role| Role::named(role).ok());
        let role = role.map(|role| terminal.say(role)).unwrap_or_default();
        let mut cells = vec![
            (Tone::Strong, self.name.clone()),
            (Tone::Faint, role),
            (Tone::Plain, self.place(terminal)),
            (self.tone(), terminal.say(State::of(self.status))),
        ];
        match (mate, &self.opposite) {
            // A connection: its other side has the same name and state.
            (Some(mate), Some(opposite)) if mate.name == self.name => {
                cells.push((Tone::Faint, if self.carries { "═══".into() } else { "─ ─".into() }));
                let (vpc, account) = (opposite.vpc.as_deref().unwrap_or("?"), opposite.account.as_deref());
                let place = msg!(Said::VpcOf { vpc, account: account.unwrap_or("?") });
                cells.push((Tone::Plain, terminal.say(place)));
            }
            (Some(mate), _) => {
                cells.push((Tone::Faint, if self.carries { "═══".into() } else { "─ ─".into() }));
                cells.push((mate.tone(), terminal.say(State::of(mate.status))));
                cells.push((Tone::Strong, mate.name.clone()));
                cells.push((Tone::Plain, mate.place(terminal)));
            }
            (None, Some(opposite)) => {
                cells.push((Tone::Faint, "──▷".into()));
                let status = opposite.status.map_or(Said::NotThere, |_| Said::DoesNotPointBack);
                cells.push((Tone::Faint, terminal.say(status)));
                cells.push((Tone::Plain, opposite.name.clone()));
            }
            (None, None) => cells.push((Tone::Faint, "──▷".into())),
        }
        if let Some(bandwidth) = &self.bandwidth_text {
            cells.push((Tone::Plain, bandwidth.clone()));
        }
        cells.extend((!self.has_usual_mtu).then(|| (Tone::Plain, format!("MTU {}", self.mtu))));
        table.row(cells);
        let missing = self.missing.iter().chain(mate.map_or(&[][..], |mate| &mate.missing));
        let mut said = Vec::new();
        for missing in missing {
            let command = match (&missing.account, &missing.operation) {
                (Some(account), Some(operation)) => format!("peerlab api --as {account} {operation}"),
                _ => terminal.say(&missing.what),
            };
            if !said.contains(&command) {
                table.note(Tone::Notice, terminal.say(msg!(Said::Missing { command })));
                said.push(command);
            }
        }
    }
}
