//! A flowchart in Mermaid's language. <https://mermaid.js.org/syntax/flowchart.html>

use super::model::{Graph, Kind};

/// All of it.
pub(super) fn write(graph: &Graph) -> String {
    let mut text = String::from("flowchart LR\n");
    for (index, account) in graph.accounts.iter().enumerate() {
        text.push_str(&format!("  subgraph a{index}[\"{}\"]\n", escaped(&account.name)));
        for (number, node) in graph.nodes.iter().enumerate().filter(|(_, node)| node.account == index) {
            let label = format!("{}<br/>{}", escaped(&node.name), escaped(node.kind.word()));
            let (open, close) = if node.kind == Kind::Role { ("[", "]") } else { ("([", "])") };
            text.push_str(&format!("    n{number}{open}\"{label}\"{close}\n"));
        }
        text.push_str("  end\n");
    }
    for edge in &graph.edges {
        let arrow = if edge.is_whole { "-->" } else { "-.->" };
        text.push_str(&format!("  n{} {arrow} n{}\n", edge.from, edge.to));
    }
    let red: Vec<String> = graph
        .edges
        .iter()
        .enumerate()
        .filter(|(_, edge)| edge.is_from_outside)
        .map(|(index, _)| index.to_string())
        .collect();
    if !red.is_empty() {
        text.push_str(&format!("  linkStyle {} stroke:#d1242f\n", red.join(",")));
    }
    text
}

/// Without what the language reads: entity codes stand for it.
fn escaped(text: &str) -> String {
    text.chars()
        .map(|c| match c {
            '"' | '#' | '<' | '>' | '&' | '`' | '\\' | ';' | '[' | ']' | '{' | '}' => {
                format!("#{};", u32::from(c))
            }
            c if c.is_control() => " ".to_owned(),
            c => c.to_string(),
        })
        .collect()
}
