//! The form of a security group rule of 2018: by block, by group, across accounts.

use super::words as w;
use crate::choices::Choice;
use crate::field::Field;
use crate::form::{Form, Page};
use crate::groups::group_of;
use crate::view::View;

pub(super) fn page(view: &View<'_>, id: &str) -> Option<Page> {
    let group = group_of(view, id)?;
    let back = format!("/compute/security-groups/{}", group.id);
    let nic = Field::fixed(view, w::NIC, view.word(w::INTERNAL));
    let directions = vec![Choice::new("ingress", view.word(w::INBOUND)), Choice::new("egress", view.word(w::OUTBOUND))];
    let direction = Field::radios(view, "direction", w::DIRECTION, directions);
    let policies = vec![Choice::new("accept", view.word(w::ALLOW)), Choice::new("drop", view.word(w::FORBID))];
    let policy = Field::radios(view, "policy", w::POLICY, policies).of(&["policy"]);
    let all = [
        ("all", w::EVERYTHING, ""),
        ("tcp", w::CUSTOM_TCP, ""),
        ("udp", w::CUSTOM_UDP, ""),
        ("icmp", w::ALL_ICMP, ""),
        ("gre", w::ALL_GRE, ""),
    ];
    let named = [("ssh", "SSH", "22"), ("http", "HTTP", "80"), ("https", "HTTPS", "443"), ("rdp", "RDP", "3389")];
    let mut protocols: Vec<_> = all.iter().map(|(id, word, _)| Choice::new(*id, view.word(*word))).collect();
    protocols.extend(named.iter().map(|(id, word, port)| Choice::new(*id, *word).note(format!("tcp {port}"))));
    let protocol = Field::select(view, "protocol", w::PROTOCOL, protocols).or(view, "all").of(&["protocol"]);
    let known = named.iter().find(|(id, _, _)| *id == protocol.value);
    let has_ports = matches!(&*protocol.value, "tcp" | "udp");
    let ports = Field::text(view, "port", w::PORTS).or(view, "-1/-1").of(&["port"]).when("protocol", &["tcp", "udp"]);
    let port = match known {
        Some((_, _, port)) => (*port).to_owned(),
        // A port that was typed for a protocol without ports is refused, as the API refuses it.
        None if has_ports || ports.value != "-1/-1" => ports.value.clone(),
        None => String::new(),
    };
    let priority = Field::text(view, "priority", w::PRIORITY).or(view, "1").of(&["priority"]).note("1–100");
    let kinds = vec![Choice::new("block", view.word(w::BY_BLOCK)), Choice::new("group", view.word(w::BY_GROUP))];
    let kind = Field::radios(view, "authorization", w::AUTHORIZATION, kinds);
    let scopes = vec![Choice::new("own", view.word(w::THIS_SCOPE)), Choice::new("other", view.word(w::OTHER_SCOPE))];
    let scope = Field::radios(view, "scope", w::ACCOUNT_SCOPE, scopes).when("authorization", &["group"]);
    let object = Field::text(view, "object", w::OBJECT).of(&["cidr", "group"]);
    let account = Field::text(view, "account", w::ACCOUNT_ID).of(&["group-account"]).when("scope", &["other"]);
    let operation = match &*direction.value {
        "egress" => "authorize-security-group-egress",
        _ => "authorize-security-group",
    };
    let by_group = kind.value == "group";
    let other = if by_group && scope.value == "other" { &*account.value } else { "" };
    let id = group.id.to_string();
    let rule = if known.is_some() { "tcp" } else { &protocol.value };
    // Several blocks, by commas, are a rule each.
    let objects: Vec<_> = object.value.split([',', '，']).map(str::trim).collect();
    let mut form =
        Form::new(view.word(w::CONFIRM), (view.word(w::CANCEL), &back)).then(format!("{back}?tab={}", direction.value));
    for object in objects {
        let (cidr, group) = if by_group { ("", object) } else { (object, "") };
        form = form.call(
            operation,
            &[
                ("security_group", &id),
                ("protocol", rule),
                ("port", &port),
                ("cidr", cidr),
                ("group", group),
                ("group_account", other),
                ("policy", &policy.value),
                ("priority", &priority.value),
            ],
        );
    }
    let form = form.fields(vec![nic, direction, policy, protocol, ports, priority, kind, scope, object, account]);
    Some(Page::of_form(view.word(w::ADD_RULE), form).below(view.word(w::RULES), back))
}
