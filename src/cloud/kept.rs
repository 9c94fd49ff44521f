//! A Cloud as bytes, so that the next command needs not play its operations again.
//!
//! Where a thing was written is not kept, as it is no part of what it is: [`Origin::Provider`] stands for it. So a Cloud that
//! was kept can be operated on and compiled; what is to be told of it with lines is told by one that was played.

use std::sync::Arc;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::map::Map;
use super::{Allow, Cloud, Origin, Provider, Spec};

/// All of a Cloud's maps, in the order in which they are written: behind the provider's name and what is allowed.
macro_rules! maps {
    ($($($map:ident).+),*) => {
        impl Cloud {
            /// As bytes, from which [`Cloud::from_kept`] makes it again.
            pub fn to_kept(&self) -> Vec<u8> {
                let mut out = postcard::to_stdvec(&(self.provider.name, self.allow)).expect("a string and a flag have a form");
                $(self.$($map).+.write(&mut out);)*
                out
            }

            /// The Cloud of which these bytes are. What it holds is decoded as it is asked for: they must be what
            /// [`Cloud::to_kept`] of the same source gave. `None` where that is plainly not so.
            pub fn from_kept(bytes: Vec<u8>) -> Option<Cloud> {
                let ((provider, allow), rest) = postcard::take_from_bytes::<(&str, Allow)>(&bytes).ok()?;
                let mut at = bytes.len() - rest.len();
                let mut cloud = Cloud::new(Provider::named(provider)?, allow, Vec::new());
                let bytes = Arc::new(bytes);
                $((cloud.$($map).+, at) = Map::read(&bytes, at)?;)*
                (at == bytes.len()).then_some(cloud)
            }

            /// How many entries were decoded since it was read; 0 for one that was never kept.
            #[cfg(test)]
            pub(crate) fn decoded(&self) -> usize {
                [$(self.$($map).+.decoded()),*].iter().sum()
            }
        }
    };
}

maps! {
    accounts, vpcs, subnets, route_tables, security_groups, instances, router_interfaces, vpc_peerings, addresses,
    public_addresses, free_addresses, directory.ids, directory.former, compounds, contents
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
