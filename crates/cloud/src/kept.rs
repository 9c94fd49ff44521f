//! A Cloud as bytes, so that the next command need not replay its operations.
//!
//! An origin keeps the place of the whole operation, not those of its arguments: only a refusal of that operation shows
//! them.

use std::sync::Arc;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::map::Map;
use super::{Allow, Clock, Cloud, Family, Origin, Provider, Spec};
use crate::error::Span;

/// The identifier of the form of these bytes (`build.rs`): those of another form cannot be read.
pub const FORM: &[u8; 16] = match env!("PEERLAB_CLOUD_FORM").as_bytes().as_array() {
    Some(form) => form,
    None => panic!("build.rs gives 16 digits"),
};

/// All of a Cloud's maps, in the order in which they are written, after the provider's name and the relaxations.
macro_rules! maps {
    ($($($map:ident).+),*) => {
        impl Cloud {
            /// Encodes it as bytes for [`Cloud::from_kept`].
            pub fn to_kept(&self) -> Vec<u8> {
                let mut out = postcard::to_stdvec(&(self.provider.name, self.allow, self.clock)).expect("a string and numbers have a form");
                $(self.$($map).+.write(&mut out);)*
                out
            }

            /// The Cloud of these bytes, which must come from [`Cloud::to_kept`] of the same source. Entries are
            /// decoded on demand. `None` if the bytes are obviously wrong.
            pub fn from_kept(bytes: Vec<u8>) -> Option<Cloud> {
                let ((provider, allow, clock), rest) = postcard::take_from_bytes::<(&str, Allow, Clock)>(&bytes).ok()?;
                let mut at = bytes.len() - rest.len();
                let mut cloud = Cloud::new(Provider::named(provider)?, allow, Vec::new());
                cloud.clock = clock;
                let bytes = Arc::new(bytes);
                $((cloud.$($map).+, at) = Map::read(&bytes, at)?;)*
                (at == bytes.len()).then_some(cloud)
            }

            /// The same Cloud with every entry decoded, for code that looks at all of it.
            pub fn whole(self) -> Cloud {
                let mut cloud = self;
                $(cloud.$($map).+.become_whole();)*
                cloud
            }

            /// The number of its entries that are not as they were kept; all, for a Cloud that was never kept.
            pub fn renewed(&self) -> usize {
                [$(self.$($map).+.renewed()),*].iter().sum()
            }

            /// The number of its kept entries that were decoded so far, which is what an operation on it costs.
            pub fn decoded(&self) -> usize {
                [$(self.$($map).+.decoded()),*].iter().sum()
            }
        }
    };
}

maps! {
    accounts, vpcs, subnets, route_tables, security_groups, network_acls, instances, nat_gateways, gateways, router_interfaces, vpc_peerings, peering_connections, addresses,
    public_addresses, free_addresses, directory.ids, directory.former, compounds, contents
}

/// The kept form of an origin.
#[derive(Serialize, Deserialize)]
enum Written {
    Provider,
    File(Span),
    Api(Arc<str>),
}

impl Serialize for Origin {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let written = match self {
            Origin::Provider => Written::Provider,
            Origin::File { span, .. } => Written::File(span.clone()),
            Origin::Api(line) => Written::Api(line.clone()),
        };
        written.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Origin {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Written::deserialize(deserializer).map(|written| match written {
            Written::Provider => Origin::Provider,
            Written::File(span) => Origin::File { span, values: Arc::default() },
            Written::Api(line) => Origin::Api(line),
        })
    }
}

impl Serialize for Spec {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.name.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Spec {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = <&str>::deserialize(deserializer)?;
        let families = Provider::ALL.into_iter().flat_map(|provider| provider.families);
        let mut specs = families.flat_map(Family::specs);
        specs.find(|spec| spec.name == name).copied().ok_or_else(|| serde::de::Error::custom(name))
    }
}
