//! The picture as a Mermaid flowchart.

use std::fmt::Write as _;

use super::model::{Border, Graph, Passage, Peering, State};
use crate::message::Of as _;
use crate::msg;
use crate::report::graph::messages::Said;

/// The picture.
pub(super) fn draw(graph: &Graph) -> String {
    let mut out = String::from("flowchart LR\n");
    let title = graph.caption.title.as_deref().unwrap_or(&graph.caption.lab);
    out = format!("---\ntitle: {}\n---\n{out}", serde_json::Value::from(one_line(title)));
    for (nth, ((account, region), members)) in graph.groups().into_iter().enumerate() {
        let _ = writeln!(out, "  subgraph group{nth}[{}]", quoted(&[format!("{account} · {region}")]));
        for at in members {
            draw_vpc(&mut out, graph, at);
        }
        out += "  end\n";
    }
    if !graph.internet.is_empty() {
        out += "  internet((\"internet\"))\n";
    }
    let mut styles = String::new();
    let mut links = 0;
    let mut link = |out: &mut String, a: String, b: String, line: &str, label: &[String], state: State| {
        let label = if label.is_empty() { String::new() } else { format!("|{}|", quoted(label)) };
        let _ = writeln!(out, "  {a} {line}{label} {b}");
        let colour = match state {
            State::Good => "#1a7f37",
            State::Partly => "#9a6700",
            State::Broken => "#cf222e",
        };
        let _ = writeln!(styles, "  linkStyle {links} stroke:{colour},stroke-width:2px");
        links += 1;
    };
    for peering in &graph.peerings {
        let Some((a, b)) = peering.vpcs().filter(|(a, b)| a != b) else { continue };
        let line = if peering.carries { "---" } else { "-.-" };
        link(&mut out, format!("vpc{a}"), format!("vpc{b}"), line, &label(graph, peering), peering.state());
    }
    for border in &graph.internet {
        let Border { vpc, out: from, into } = border;
        let label = complaints(graph, &graph.vpcs[*vpc].name, "internet", from, into);
        link(&mut out, format!("vpc{vpc}"), "internet".into(), "---", &label, border.state());
    }
    out + &styles
}

fn draw_vpc(out: &mut String, graph: &Graph, at: usize) {
    let vpc = &graph.vpcs[at];
    let mut title = vec![format!("{} {}", vpc.name, vpc.cidr)];
    title.extend(vpc.notes.iter().cloned());
    let _ = writeln!(out, "    subgraph vpc{at}[{}]", quoted(&title));
    if vpc.subnets.is_empty() {
        let _ = writeln!(out, "      empty{at}[\" \"]");
    }
    for (nth, subnet) in vpc.subnets.iter().enumerate() {
        let title = quoted(&[format!("{} {}", subnet.label(), subnet.cidr)]);
        if subnet.instances.is_empty() {
            let _ = writeln!(out, "      subnet{at}_{nth}[{title}]");
            continue;
        }
        let _ = writeln!(out, "      subgraph subnet{at}_{nth}[{title}]");
        for instance in &subnet.instances {
            let it = &graph.instances[*instance];
            let mut lines = vec![it.name.clone(), it.ip.clone()];
            lines.extend(it.public_ip.as_ref().map(|ip| graph.say(msg!(Said::Public { ip }))));
            let _ = writeln!(out, "        instance{instance}[{}]", quoted(&lines));
        }
        out.push_str("      end\n");
    }
    out.push_str("    end\n");
}

/// Both ends with their states, the bandwidth, and what is wrong.
pub(super) fn label(graph: &Graph, peering: &Peering) -> Vec<String> {
    let name = |end: &super::model::End| match (&end.name, end.status) {
        (Some(name), Some(status)) => format!("{name} {}", graph.say(crate::cloud::State::of(status))),
        _ => graph.say(msg!(Said::NoEndYet)),
    };
    let vpc = |at: Option<usize>| at.map_or("?", |at| graph.vpcs[at].name.as_str());
    let far = peering.far.as_ref();
    let both = |far: &super::model::End| far.name == peering.near.name && far.status == peering.near.status;
    let mut lines = vec![match far {
        // The two ends of a connection have one name and one state.
        Some(far) if both(far) => name(far),
        _ => format!("{} – {}", name(&peering.near), far.map_or_else(|| graph.say(msg!(Said::NoEndYet)), name)),
    }];
    let quality: Vec<_> = [&peering.bandwidth, &peering.latency, &peering.mtu].into_iter().flatten().cloned().collect();
    lines.extend((!quality.is_empty()).then(|| quality.join(" · ")));
    lines.extend(peering.missing.iter().map(|lack| format!("✗ {}", lack.short)));
    let ends = (vpc(peering.near.vpc), vpc(far.and_then(|far| far.vpc)));
    lines.extend(complaints(graph, ends.0, ends.1, &peering.there, &peering.back));
    lines
}

/// The problems there and back, a line each.
pub(super) fn complaints(graph: &Graph, a: &str, b: &str, there: &Passage, back: &Passage) -> Vec<String> {
    let ways = [(there, a, b), (back, b, a)];
    let line = |(passage, from, to): (&Passage, &str, &str)| {
        let complaint = passage.complaint(graph.caption.language)?;
        Some(format!("{from} → {to}{}{complaint}", graph.say(Said::Colon)))
    };
    ways.into_iter().filter_map(line).collect()
}

/// Lines as a label in quotes.
fn quoted(lines: &[String]) -> String {
    let lines: Vec<_> = lines.iter().map(|line| entities(line)).collect();
    format!("\"{}\"", lines.join("<br/>"))
}

/// Escapes characters with a meaning in Mermaid or HTML as Mermaid's entities.
fn entities(text: &str) -> String {
    let entity = |c: char| match c {
        '"' | '#' | '&' | '<' | '>' | '`' | ';' | '\\' => format!("#{};", c as u32),
        c if c.is_control() => " ".into(),
        c => c.into(),
    };
    text.chars().map(entity).collect()
}

fn one_line(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}
