//! A Cloud as bytes, so that the next command needs not play its operations again.
//!
//! Where a thing was written is not kept, as it is no part of what it is: [`Origin::Provider`] stands for it. So a Cloud that
//! was kept can be operated on and compiled; what is to be told of it with lines is told by one that was played.

use std::sync::Arc;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::map::{Bytes, Keep, Map};
use super::reference::Directory;
use super::{Allow, Cloud, Origin, Provider, Spec};

/// What stands before the maps.
#[derive(Serialize, Deserialize)]
struct Head {
    provider: String,
    allow: Allow,
}

impl Cloud {
    /// As bytes, from which [`Cloud::from_kept`] makes it again, in the same build of peerlab.
    pub fn to_kept(&self) -> Vec<u8> {
        let head = Head { provider: self.provider.name.into(), allow: self.allow };
        let mut out = postcard::to_stdvec(&head).expect("a string and a flag have a form");
        self.accounts.write(&mut out);
        self.vpcs.write(&mut out);
        self.subnets.write(&mut out);
        self.route_tables.write(&mut out);
        self.security_groups.write(&mut out);
        self.instances.write(&mut out);
        self.router_interfaces.write(&mut out);
        self.vpc_peerings.write(&mut out);
        self.addresses.write(&mut out);
        self.public_addresses.write(&mut out);
        self.free_addresses.write(&mut out);
        self.directory.0.write(&mut out);
        self.contents.write(&mut out);
        out
    }

    /// The Cloud of which these bytes are. What it holds is decoded as it is asked for: they must be what [`Cloud::to_kept`]
    /// of the same build gave. `None` where that is plainly not so.
    pub fn from_kept(bytes: Vec<u8>) -> Option<Cloud> {
        let (head, rest) = postcard::take_from_bytes::<Head>(&bytes).ok()?;
        let at = bytes.len() - rest.len();
        let mut reader = Reader { at, bytes: Arc::new(bytes) };
        Some(Cloud {
            provider: Provider::named(&head.provider)?,
            allow: head.allow,
            accounts: reader.map()?,
            vpcs: reader.map()?,
            subnets: reader.map()?,
            route_tables: reader.map()?,
            security_groups: reader.map()?,
            instances: reader.map()?,
            router_interfaces: reader.map()?,
            vpc_peerings: reader.map()?,
            addresses: reader.map()?,
            public_addresses: reader.map()?,
            free_addresses: reader.map()?,
            directory: Directory(reader.map()?),
            contents: reader.map()?,
        })
    }

    /// How many entries were decoded since it was read; 0 for one that was never kept.
    pub fn decoded(&self) -> usize {
        [
            self.accounts.decoded(),
            self.vpcs.decoded(),
            self.subnets.decoded(),
            self.route_tables.decoded(),
            self.security_groups.decoded(),
            self.instances.decoded(),
            self.router_interfaces.decoded(),
            self.vpc_peerings.decoded(),
            self.addresses.decoded(),
            self.public_addresses.decoded(),
            self.free_addresses.decoded(),
            self.directory.0.decoded(),
            self.contents.decoded(),
        ]
        .iter()
        .sum()
    }
}

struct Reader {
    bytes: Bytes,
    at: usize,
}

impl Reader {
    /// The next map.
    fn map<K: Ord + Keep, V: Keep>(&mut self) -> Option<Map<K, V>> {
        let (map, behind) = Map::read(&self.bytes, self.at)?;
        self.at = behind;
        Some(map)
    }
}

impl Serialize for Origin {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_unit()
    }
}

impl<'de> Deserialize<'de> for Origin {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        <()>::deserialize(deserializer).map(|()| Origin::Provider)
    }
}

impl Serialize for Spec {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.name.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Spec {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Spec::named(<&str>::deserialize(deserializer)?).map_err(|refusal| serde::de::Error::custom(refusal.message))
    }
}
