//! For Graphviz. <https://graphviz.org/doc/info/lang.html>

use super::model::{Graph, Kind};

/// All of it.
pub(super) fn write(graph: &Graph) -> String {
    let mut text =
        String::from("digraph rolecall {\n  rankdir=LR;\n  node [shape=box, fontname=\"monospace\"];\n");
    for (index, account) in graph.accounts.iter().enumerate() {
        text.push_str(&format!("  subgraph cluster_{index} {{\n    label={};\n", quoted(&account.name)));
        for (number, node) in graph.nodes.iter().enumerate().filter(|(_, node)| node.account == index) {
            let label = quoted(&format!("{}\n{}", node.name, node.kind.word()));
            let shape = if node.kind == Kind::Role { "" } else { ", style=rounded" };
            text.push_str(&format!(
                "    n{number} [label={label}, tooltip={}{shape}];\n",
                quoted(&node.about)
            ));
        }
        text.push_str("  }\n");
    }
    for edge in &graph.edges {
        let style = if edge.is_whole { "solid" } else { "dashed" };
        let colour = if edge.is_from_outside { ", color=red" } else { "" };
        let about = quoted(&edge.about);
        text.push_str(&format!(
            "  n{} -> n{} [style={style}{colour}, tooltip={about}];\n",
            edge.from, edge.to
        ));
    }
    text.push_str("}\n");
    text
}

fn quoted(text: &str) -> String {
    let text = text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n");
    format!("\"{}\"", text.replace(char::is_control, " "))
}
