//! Public addresses of accounts. The Cloud knows those that an instance or a NAT gateway has. Those that an account
//! allocated, whether something has them or not, are kept beside it: for each account a word by the address, with its id.

use std::collections::BTreeMap;
use std::net::Ipv4Addr;

use peerlab_cloud::{AccountName, Fault, GIVEN_AWAY, Instance, NatGateway};

use crate::Refused;
use crate::action::{Asked, Change};
use crate::derived::derived;
use crate::kept::MADE;
use crate::made::call;

/// A public address of the caller's.
#[derive(Clone, Debug)]
pub(crate) struct PublicAddress<'a> {
    /// Its id.
    pub id: String,
    /// The address.
    pub ip: Ipv4Addr,
    /// Its region.
    pub region: String,
    /// What has it.
    pub holder: Option<Holder<'a>>,
}

/// What has a public address.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Holder<'a> {
    /// An instance.
    Instance(&'a Instance),
    /// A NAT gateway.
    NatGateway(&'a NatGateway),
}

impl<'a> Holder<'a> {
    /// As its VPC's router sees it.
    pub(crate) fn host(&self) -> &'a Instance {
        match self {
            Holder::Instance(it) => it,
            Holder::NatGateway(nat) => &nat.host,
        }
    }
}

/// The word of an instance whose address came with it, and goes with it: nobody allocated it.
const AUTOMATIC: &str = "automatic address";
/// The word with an address's region.
const REGION: &str = "region";

/// The key under which an account's addresses are kept.
fn key(account: &AccountName) -> String {
    format!("public addresses of {account}")
}

impl<'a> Asked<'a> {
    /// The caller's public addresses in the request's region, in order. Ids begin with the prefix.
    pub(crate) fn public_addresses(&self, prefix: &str) -> Vec<PublicAddress<'a>> {
        let mut all = BTreeMap::new();
        for (text, id) in self.kept.words(&key(self.caller.account), "") {
            let region = self.kept.word(id, REGION).unwrap_or_default().to_owned();
            let Ok(ip) = text.parse::<Ipv4Addr>() else { continue };
            let has = self.cloud.instance_at_public(ip).map(Holder::Instance);
            let holder = has.or_else(|| self.cloud.nat_gateway_at_public(ip).map(Holder::NatGateway));
            // A command beside the server may have given it to another account's instance.
            if holder.is_none_or(|it| self.is_mine(&it.host().account)) && self.is_region(&region) {
                all.insert(ip, PublicAddress { id: id.to_owned(), ip, region, holder });
            }
        }
        let instances = self.cloud.instances().map(Holder::Instance);
        for holder in instances.chain(self.cloud.nat_gateways().map(Holder::NatGateway)) {
            let host = holder.host();
            let Some(ip) = host.public_ip else { continue };
            let is_mine = self.is_mine(&host.account) && self.is_in_sight(&host.subnet.vpc);
            if is_mine && !self.has_automatic_address(host) {
                let (id, region) = (self.id_of_address(prefix, ip), self.region(&host.subnet.vpc).to_owned());
                all.entry(ip).or_insert(PublicAddress { id, ip, region, holder: Some(holder) });
            }
        }
        all.into_values().collect()
    }

    /// The caller's public address that fits.
    pub(crate) fn public_address(
        &self,
        prefix: &str,
        fits: impl Fn(&PublicAddress<'a>) -> bool,
    ) -> Option<PublicAddress<'a>> {
        self.public_addresses(prefix).into_iter().find(fits)
    }

    /// The id of an address of the caller's.
    pub(crate) fn id_of_address(&self, prefix: &str, ip: Ipv4Addr) -> String {
        let text = ip.to_string();
        let kept = self.kept.word(&key(self.caller.account), &text);
        kept.map_or_else(|| derived(prefix, &[&text]), str::to_owned)
    }

    /// Whether the public address of an instance came with it.
    pub(crate) fn has_automatic_address(&self, instance: &Instance) -> bool {
        let kept = self.kept.word(&instance.id.0, AUTOMATIC);
        kept.is_some_and(|kept| instance.public_ip.is_some_and(|ip| ip.to_string() == kept))
    }

    /// Whether something has an address, or somebody allocated it.
    pub(crate) fn is_taken(&self, ip: Ipv4Addr) -> bool {
        let has = self.cloud.instance_at_public(ip).is_some() || self.cloud.nat_gateway_at_public(ip).is_some();
        let text = ip.to_string();
        has || self.cloud.accounts().any(|account| self.kept.word(&key(&account.name), &text).is_some())
    }

    /// An address that is not taken: the highest, because commands take the lowest.
    pub(crate) fn free_public_address(&self) -> Result<Ipv4Addr, Refused> {
        let mut hosts: Vec<_> = GIVEN_AWAY.hosts().collect();
        hosts.reverse();
        hosts.into_iter().find(|ip| !self.is_taken(*ip)).ok_or_else(|| {
            let code = self.cloud.provider().code(Fault::QuotaExceeded, "associate-public-ip").to_string();
            Refused::new(400, code, format!("No public address of {GIVEN_AWAY} is free."))
        })
    }
}

impl Change<'_> {
    /// Allocates an address in a region; `None`: any. Returns its id.
    pub(crate) fn allocate_address(
        &mut self,
        prefix: &str,
        region: &str,
        wanted: Option<Ipv4Addr>,
    ) -> Result<(String, Ipv4Addr), Refused> {
        let asked = self.asked();
        let ip = wanted.map_or_else(|| asked.free_public_address(), Ok)?;
        let text = ip.to_string();
        // No id comes twice.
        let ids = (0..).map(|number: usize| derived(prefix, &[&text, &number.to_string()]));
        let id = ids.into_iter().find(|id| asked.kept.word(id, MADE).is_none()).unwrap_or_default();
        let now = asked.caller.now.to_string();
        self.hold_address(&id, ip, region);
        self.keep_word(&id, MADE, &now);
        Ok((id, ip))
    }

    /// Keeps an address as the caller's, whatever has it.
    fn hold_address(&mut self, id: &str, ip: Ipv4Addr, region: &str) {
        let key = key(self.asked().caller.account);
        self.keep_word(&key, &ip.to_string(), id);
        self.keep_word(id, REGION, region);
    }

    /// Lets go of an address that nothing has.
    pub(crate) fn release_address(&mut self, ip: Ipv4Addr) {
        let key = key(self.asked().caller.account);
        self.keep_word(&key, &ip.to_string(), "");
    }

    /// Gives an instance, by name, an address.
    pub(crate) fn bind_address(&mut self, instance: &str, ip: Ipv4Addr) -> Result<(), Refused> {
        self.operate(call("associate-public-ip", &[("instance", instance), ("public_ip", &ip.to_string())]))
    }

    /// Takes the address away from an instance; who allocated it still has it.
    pub(crate) fn unbind_address(&mut self, prefix: &str, instance: &Instance) -> Result<(), Refused> {
        self.keep_address_of(prefix, instance);
        self.operate(call("release-public-ip", &[("instance", instance.name.as_str())]))
    }

    /// Keeps the address that a host is about to lose, unless it goes with the host.
    pub(crate) fn keep_address_of(&mut self, prefix: &str, host: &Instance) {
        let asked = self.asked();
        let Some(ip) = host.public_ip.filter(|_| !asked.has_automatic_address(host)) else { return };
        let (id, region) = (asked.id_of_address(prefix, ip), asked.region(&host.subnet.vpc).to_owned());
        self.hold_address(&id, ip, &region);
    }

    /// Notes that an instance, by id, got its address with it.
    pub(crate) fn keep_automatic_address(&mut self, instance: &str, ip: Ipv4Addr) {
        self.keep_word(instance, AUTOMATIC, &ip.to_string());
    }
}
