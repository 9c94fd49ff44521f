//! What the clouds have and peerlab leaves out, so that whoever asks for it learns why, and what to do instead
//! (docs/cloud.md §17).

mod messages;

use std::net::Ipv6Addr;

use crate::message::Message;
use crate::msg;
use messages::Said;

/// A thing that peerlab leaves out: the words that mean it, and the reason.
type LeftOut = (&'static [&'static str], fn() -> Message);

/// The words mean a thing in an operation, option, key or value, in small letters and joined by dashes. The first that occur
/// count.
const LEFT_OUT: [LeftOut; 10] = [
    (&["ipv6", "icmpv6", "eui-64"], || msg!(Said::Ipv6)),
    (&["prefix-list", "pl"], || msg!(Said::PrefixLists)),
    (&["security-group-source-port", "security-group-egress-source-port"], || msg!(Said::SourcePorts)),
    (&["transit-router", "transit-gateway", "cen", "tgw", "enterprise-router"], || msg!(Said::TransitRouters)),
    (&["enterprise", "security-group-type"], || msg!(Said::EnterpriseGroups)),
    (&["network-interface", "eni", "havip", "ha-vip", "private-ips", "secondary-private-ip"], || {
        msg!(Said::SecondInterfaces)
    }),
    (
        &[
            "vpn",
            "vbr",
            "virtual-border-router",
            "customer-gateway",
            "physical-connection",
            "direct-connect",
            "health-check",
        ],
        || msg!(Said::OnPremises),
    ),
    (&["dns", "private-zone", "hosted-zone", "dhcp-options"], || msg!(Said::PrivateDns)),
    (&["gateway-route-table"], || msg!(Said::GatewayRouteTables)),
    (&["endpoint"], || msg!(Said::Endpoints)),
];

/// Why peerlab leaves out what these words ask for, and what to do instead; `None`: they ask for no such thing.
pub fn left_out(text: &str) -> Option<Message> {
    if text.split('/').next().is_some_and(|address| address.parse::<Ipv6Addr>().is_ok()) {
        return Some(msg!(Said::Ipv6));
    }
    let words = format!("-{}-", dashed(text));
    let occurs = |word: &&str| words.contains(&format!("-{word}-"));
    LEFT_OUT.iter().find(|(words, _)| words.iter().any(occurs)).map(|(_, why)| why())
}

/// The words of an operation, option, key or value in small letters, joined by dashes: `VpnGateway`, `vpn_gateway:x` and
/// `--vpn-gateway` alike.
fn dashed(text: &str) -> String {
    let mut words = String::new();
    let mut before = '-';
    for letter in text.chars() {
        let begins = letter.is_ascii_uppercase() && before.is_ascii_lowercase();
        if (begins || !letter.is_ascii_alphanumeric()) && !words.ends_with('-') {
            words.push('-');
        }
        if letter.is_ascii_alphanumeric() {
            words.push(letter.to_ascii_lowercase());
        }
        before = letter;
    }
    words.trim_matches('-').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn why(text: &str) -> String {
        left_out(text).map(|why| why.to_string()).unwrap_or_default()
    }

    #[test]
    fn every_spelling_asks_for_the_same() {
        for text in ["--ipv6-cidr", "EnableIpv6", "ipv6_cidr", "assign-ipv6-addresses", "icmpv6", "fd00::/48", "::/0"] {
            assert!(why(text).contains("IPv4 only"), "{text}");
        }
        for text in ["vpn_gateway:x", "VpnGateway", "create-vpn-gateway", "create-vbr", "CreateVirtualBorderRouter"] {
            assert!(why(text).contains("other side"), "{text}");
        }
        for text in ["create-transit-router", "EnterpriseRouter", "create-cen"] {
            assert!(why(text).contains("transit routers"), "{text}");
        }
        for text in ["create-security-group --type", "authorize-security-group --source-port", "pl-1a2b", "havip:x"] {
            assert!(!why(text).is_empty(), "{text}");
        }
    }

    #[test]
    fn other_words_ask_for_nothing_that_is_left_out() {
        for text in ["plan", "create-vpc", "genie", "central", "", "--cidr", "sg-type", "zone", "en:i"] {
            assert_eq!(why(text), "", "{text}");
        }
    }
}
