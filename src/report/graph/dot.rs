//! The picture for Graphviz.

use std::fmt::Write as _;

use super::mermaid::{complaints, label};
use super::model::{Graph, State};
use crate::msg;
use crate::report::graph::messages::Said;

/// The picture.
pub(super) fn draw(graph: &Graph) -> String {
    let title = graph.caption.title.as_deref().unwrap_or(&graph.caption.lab);
    let about = [&graph.caption.lab, &graph.caption.provider, &graph.caption.state].map(String::as_str).join(" · ");
    let mut out = format!(
        "graph {} {{\n  graph [compound=true, rankdir=LR, labelloc=t, fontname=\"sans-serif\", label={}, ranksep=1.6, nodesep=0.3]\n  \
         node [shape=box, style=\"rounded,filled\", fillcolor=white, fontname=\"sans-serif\", fontsize=11]\n  \
         edge [fontname=\"sans-serif\", fontsize=10, penwidth=2]\n",
        quoted(std::slice::from_ref(&graph.caption.lab)),
        quoted(&[title.to_owned(), about])
    );
    for (nth, ((account, region), members)) in graph.groups().into_iter().enumerate() {
        let _ = writeln!(
            out,
            "  subgraph cluster_group{nth} {{\n    label={}; style=\"rounded,dashed\"; color=\"#8250df\"",
            quoted(&[format!("{account} · {region}")])
        );
        for at in members {
            draw_vpc(&mut out, graph, at);
        }
        out += "  }\n";
    }
    if !graph.internet.is_empty() {
        out += "  internet [shape=ellipse, label=\"internet\"]\n";
    }
    for peering in &graph.peerings {
        let Some((a, b)) = peering.vpcs().filter(|(a, b)| a != b) else { continue };
        let style = if peering.carries { "solid" } else { "dashed" };
        let _ = writeln!(
            out,
            "  router{a} -- router{b} [ltail=cluster_vpc{a}, lhead=cluster_vpc{b}, style={style}, {}]",
            looks(peering.state(), &label(graph, peering))
        );
    }
    for border in &graph.internet {
        let at = border.vpc;
        let label = complaints(graph, &graph.vpcs[at].name, "internet", &border.out, &border.into);
        let _ = writeln!(out, "  router{at} -- internet [ltail=cluster_vpc{at}, {}]", looks(border.state(), &label));
    }
    out + "}\n"
}

fn looks(state: State, label: &[String]) -> String {
    let colour = match state {
        State::Good => "#1a7f37",
        State::Partly => "#9a6700",
        State::Broken => "#cf222e",
    };
    format!("color=\"{colour}\", fontcolor=\"{colour}\", label={}", quoted(label))
}

fn draw_vpc(out: &mut String, graph: &Graph, at: usize) {
    let vpc = &graph.vpcs[at];
    let mut title = vec![format!("{} {}", vpc.name, vpc.cidr)];
    title.extend(vpc.notes.iter().cloned());
    let _ = writeln!(
        out,
        "    subgraph cluster_vpc{at} {{\n      label={}; style=rounded; color=\"#57606a\"\n      router{at} [shape=point, width=0.08, label=\"\"]",
        quoted(&title)
    );
    for (nth, subnet) in vpc.subnets.iter().enumerate() {
        let title = quoted(&[format!("{} {}", subnet.label(), subnet.cidr)]);
        if subnet.instances.is_empty() {
            let _ = writeln!(out, "      subnet{at}_{nth} [shape=plaintext, style=\"\", label={title}]");
            continue;
        }
        let _ = writeln!(
            out,
            "      subgraph cluster_subnet{at}_{nth} {{\n        label={title}; style=\"rounded,filled\"; color=\"#f3f5f8\"; fontsize=10"
        );
        for instance in &subnet.instances {
            let it = &graph.instances[*instance];
            let mut lines = vec![it.name.clone(), it.ip.clone()];
            lines.extend(it.public_ip.as_ref().map(|ip| graph.say(msg!(Said::Public { ip }))));
            let _ = writeln!(out, "        instance{instance} [label={}]", quoted(&lines));
        }
        out.push_str("      }\n");
    }
    out.push_str("    }\n");
}

/// Lines as a label in quotes.
fn quoted(lines: &[String]) -> String {
    // Graphviz reads entities in every label.
    let escaped = |line: &String| line.replace('\\', "\\\\").replace('"', "\\\"").replace('&', "&amp;");
    let lines: Vec<_> = lines.iter().map(escaped).collect();
    format!("\"{}\"", lines.join("\\n"))
}
