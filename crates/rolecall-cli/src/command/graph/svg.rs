//! The picture as SVG, for light and dark; names are text, and whoever points at something reads all of it.

use quick_xml::escape::escape;

use super::layout::{Area, Layout, cut};
use super::model::{Graph, Kind};

const STYLE: &str = "\
svg { background: #ffffff }
text { font: 12px ui-monospace, Menlo, Consolas, 'DejaVu Sans Mono', monospace; fill: #1f2328 }
.kind { font-size: 10px; fill: #59636e }
.account { fill: #f6f8fa; stroke: #d1d9e0 }
.outside { fill: #fff5f5; stroke: #ffb3b3 }
.heading { font-weight: 600; stroke: #ffffff; stroke-width: 4px; paint-order: stroke; stroke-linejoin: round }
.node { fill: #ffffff; stroke: #59636e }
.missing { stroke-dasharray: 3 3 }
.edge { fill: none; stroke: #59636e; stroke-width: 1.4 }
.half { stroke-dasharray: 6 4 }
.red { stroke: #d1242f }
.tip { fill: #59636e }
.redtip { fill: #d1242f }
@media (prefers-color-scheme: dark) {
svg { background: #0d1117 }
text { fill: #e6edf3 }
.kind { fill: #9198a1 }
.account { fill: #151b23; stroke: #3d444d }
.outside { fill: #25171c; stroke: #7d2a30 }
.heading { stroke: #0d1117 }
.node { fill: #0d1117; stroke: #9198a1 }
.edge { stroke: #9198a1 }
.red { stroke: #f85149 }
.tip { fill: #9198a1 }
.redtip { fill: #f85149 }
}";

/// The room for what the lines mean.
const LEGEND: f64 = 34.0;

/// The whole file.
pub(super) fn draw(graph: &Graph) -> String {
    let layout = Layout::of(graph);
    let (width, height) = (layout.width.max(620.0), layout.height + LEGEND);
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width:.0}\" height=\"{height:.0}\" viewBox=\"0 0 {width:.0} \
         {height:.0}\" role=\"img\" aria-label=\"Who may become which role\">\n<style>\n{STYLE}\n</style>\n<defs>\n{}{}</defs>\n",
        tip("tip"),
        tip("redtip"),
    );
    for (account, area) in graph.accounts.iter().zip(&layout.accounts) {
        let class = if account.is_outside { "account outside" } else { "account" };
        svg.push_str(&rectangle(class, *area, 10.0));
    }
    for (edge, path) in graph.edges.iter().zip(&layout.edges) {
        let half = if edge.is_whole { "" } else { " half" };
        let (red, tip) = if edge.is_from_outside { (" red", "redtip") } else { ("", "tip") };
        let name = |index: usize| graph.nodes.get(index).map(|node| node.name.as_str()).unwrap_or_default();
        let title = written(&format!("{} → {}: {}", name(edge.from), name(edge.to), edge.about));
        svg.push_str(&format!(
            "<g><title>{title}</title><path class=\"edge{half}{red}\" d=\"{path}\" marker-end=\"url(#{tip})\"/></g>\n"
        ));
    }
    for (account, area) in graph.accounts.iter().zip(&layout.accounts) {
        let (x, y) = (area.x + 14.0, area.y + 20.0);
        let name = written(&account.name);
        svg.push_str(&format!("<text class=\"heading\" x=\"{x:.1}\" y=\"{y:.1}\">{name}</text>\n"));
    }
    for (node, area) in graph.nodes.iter().zip(&layout.nodes) {
        let class = if node.kind == Kind::Missing { "node missing" } else { "node" };
        // A role has corners.
        let corner = if node.kind == Kind::Role { 3.0 } else { 19.0 };
        let x = area.x + area.width / 2.0;
        svg.push_str(&format!(
            "<g text-anchor=\"middle\"><title>{}</title>{}<text x=\"{x:.1}\" y=\"{:.1}\">{}</text><text class=\"kind\" x=\"{x:.1}\" \
             y=\"{:.1}\">{}</text></g>\n",
            written(&format!("{}\n{}", node.kind.word(), node.about)),
            rectangle(class, *area, corner).trim_end(),
            area.y + 17.0,
            written(&cut(&node.name)),
            area.y + 30.0,
            written(node.kind.word()),
        ));
    }
    svg.push_str(&legend(layout.height));
    svg.push_str("</svg>\n");
    svg
}

/// The tip of an arrow.
fn tip(class: &str) -> String {
    format!(
        "<marker id=\"{class}\" viewBox=\"0 0 8 8\" refX=\"7\" refY=\"4\" markerWidth=\"8\" markerHeight=\"8\" \
         markerUnits=\"userSpaceOnUse\" orient=\"auto\"><path class=\"{class}\" d=\"M0,0 L8,4 L0,8 Z\"/></marker>\n"
    )
}

fn rectangle(class: &str, area: Area, corner: f64) -> String {
    let Area { x, y, width, height } = area;
    format!(
        "<rect class=\"{class}\" x=\"{x:.1}\" y=\"{y:.1}\" width=\"{width:.1}\" height=\"{height:.1}\" rx=\"{corner}\"/>\n"
    )
}

/// What the lines mean.
fn legend(y: f64) -> String {
    let lines = [
        ("", "tip", "both sides agree", 24),
        (" half", "tip", "one side does", 214),
        (" red", "redtip", "from outside", 390),
    ];
    let mut text = String::new();
    for (class, tip, meaning, x) in lines {
        let (line, end, words) = (y + 8.0, x + 34, x + 42);
        text.push_str(&format!(
            "<path class=\"edge{class}\" d=\"M{x},{line:.1} H{end}\" marker-end=\"url(#{tip})\"/><text x=\"{words}\" y=\"{:.1}\">{meaning}</text>\n",
            line + 4.0
        ));
    }
    text
}

/// Text as XML has it.
fn written(text: &str) -> String {
    let text = text.replace(|c: char| c.is_control() && c != '\n', "\u{fffd}");
    escape(&text).into_owned()
}
