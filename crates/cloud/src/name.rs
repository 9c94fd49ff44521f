//! Names and ids: one type for each kind, so that they cannot be confused.

mod messages;

use std::borrow::Borrow;
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::message::Message;
use crate::msg;
use messages::Said;

/// The most characters of a name.
const LONGEST: usize = 128;

/// Whether `text` may be a resource's name: 1 to 128 letters of any script, digits, `_`, `.` and `-`, the first a
/// letter or a digit; and not `internet` or `localhost`.
pub fn check_name(text: &str) -> Result<(), NameFault> {
    let mut chars = text.chars();
    let first = chars.next().is_some_and(is_letter_or_digit);
    let rest = chars.all(|c| is_letter_or_digit(c) || is_mark(c) || "_.-".contains(c));
    if text.eq_ignore_ascii_case("internet") {
        Err(NameFault::Internet(text.to_owned()))
    } else if text.eq_ignore_ascii_case("localhost") {
        Err(NameFault::Localhost(text.to_owned()))
    } else if first && rest && text.chars().count() <= LONGEST {
        Ok(())
    } else {
        Err(NameFault::Letters(shortened(text)))
    }
}

/// Why a text is no name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NameFault {
    /// It is the host on the internet.
    Internet(String),
    /// It is every host's own name.
    Localhost(String),
    /// It is empty, too long, or has something else than letters and digits.
    Letters(String),
}

impl NameFault {
    /// What is wrong.
    pub fn message(&self) -> Message {
        match self {
            NameFault::Internet(name) | NameFault::Localhost(name) => msg!(Said::Taken { name }),
            NameFault::Letters(text) => msg!(Said::NotAName { text }),
        }
    }

    /// What to do.
    pub fn hint(&self) -> Message {
        match self {
            NameFault::Internet(_) => msg!(Said::MeansInternet),
            NameFault::Localhost(_) => msg!(Said::MeansLocalhost),
            NameFault::Letters(_) => msg!(Said::UseLetters),
        }
    }
}

/// Both in one.
impl From<NameFault> for Message {
    fn from(fault: NameFault) -> Self {
        match fault {
            NameFault::Internet(name) => msg!(Said::TakenByInternet { name }),
            NameFault::Localhost(name) => msg!(Said::TakenByLocalhost { name }),
            NameFault::Letters(text) => msg!(Said::NotANameUseLetters { text }),
        }
    }
}

/// Shortens a text that is much too long.
fn shortened(text: &str) -> String {
    if text.chars().count() <= LONGEST + 32 {
        return text.to_owned();
    }
    text.chars().take(LONGEST).chain(['…']).collect()
}

/// A letter or digit of any script, except invisible letters.
fn is_letter_or_digit(c: char) -> bool {
    c.is_alphanumeric() && !matches!(c, '\u{115f}' | '\u{1160}' | '\u{3164}' | '\u{ffa0}')
}

/// A mark that belongs to a letter: vowels, tones and accents of many scripts.
fn is_mark(c: char) -> bool {
    unicode_ident::is_xid_continue(c)
        && !matches!(c, '_' | '\u{34f}' | '\u{115f}' | '\u{1160}' | '\u{3164}' | '\u{ffa0}')
        && !matches!(c, '\u{180b}'..='\u{180f}' | '\u{fe00}'..='\u{fe0f}' | '\u{e0100}'..='\u{e01ef}')
}

macro_rules! names {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(Arc<str>);

        impl $name {
            /// As the lab spells it.
            pub fn as_str(&self) -> &str {
                &self.0
            }

            /// A name that the cloud made itself, or that was checked before.
            pub fn trusted(text: impl Into<Arc<str>>) -> Self {
                $name(text.into())
            }
        }

        impl FromStr for $name {
            type Err = Message;

            fn from_str(text: &str) -> Result<Self, Message> {
                check_name(text).map(|()| $name(text.into())).map_err(Message::from)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(&self.0)
            }
        }

        impl Borrow<str> for $name {
            fn borrow(&self) -> &str {
                &self.0
            }
        }
    )*};
}

names! {
    /// An account of the lab.
    AccountName;
    /// A VPC.
    VpcName;
    /// An instance.
    InstanceName;
    /// A route table; a VPC's default one is `VPC/default`, which no lab can take.
    RouteTableName;
    /// A security group; a VPC's default one is `VPC/default`, which no lab can take.
    GroupName;
    /// A network ACL; a VPC's default one is `VPC/default`, which no lab can take.
    NetworkAclName;
    /// A NAT gateway.
    NatGatewayName;
    /// A gateway to the internet.
    GatewayName;
    /// One side of a peering: a router interface (alibaba) or a half (jdcloud).
    PeeringName;
}

impl RouteTableName {
    /// The default table of a VPC.
    pub fn default_of(vpc: &VpcName) -> Self {
        RouteTableName::trusted(format!("{vpc}/default"))
    }
}

impl NetworkAclName {
    /// The default ACL of a VPC.
    pub fn default_of(vpc: &VpcName) -> Self {
        NetworkAclName::trusted(format!("{vpc}/default"))
    }
}

impl GroupName {
    /// The default group of a VPC.
    pub fn default_of(vpc: &VpcName) -> Self {
        GroupName::trusted(format!("{vpc}/default"))
    }
}

/// A subnet: unique in its VPC, `VPC/SUBNET` in text.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct SubnetName {
    /// The VPC it is in.
    pub vpc: VpcName,
    /// Its name in the VPC.
    pub subnet: Arc<str>,
}

impl FromStr for SubnetName {
    type Err = Message;

    fn from_str(text: &str) -> Result<Self, Message> {
        let (vpc, subnet) = text.split_once('/').ok_or_else(|| msg!(Said::NotASubnet { text }))?;
        check_name(subnet)?;
        Ok(SubnetName { vpc: vpc.parse()?, subnet: subnet.into() })
    }
}

impl fmt::Display for SubnetName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&format!("{}/{}", self.vpc, self.subnet))
    }
}

/// A provider's id of a resource: `vpc-m5e1`, or an account's number.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Id(pub Arc<str>);

impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}
