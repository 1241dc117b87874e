//! Where everything stands: a column for each step of the way, a band for each account.
//!
//! Arrows to the next column are curves in the gutter between the two, where nothing else stands. All others run in lanes
//! between the bands, one for each role that they lead to: no arrow runs behind a node.

use std::cmp::Ordering;
use std::collections::{BTreeMap, VecDeque};

use super::model::{Edge, Graph, Kind};

/// What a character takes at the size of names: monospaced fonts are about six tenths of their size wide.
const CHARACTER: f64 = 7.4;
const NODE_HEIGHT: f64 = 38.0;
const ROW: f64 = 50.0;
/// Between columns; wider where many arrows cross it.
const GUTTER: f64 = 110.0;
const WIDEST_GUTTER: f64 = 260.0;
const MARGIN: f64 = 24.0;
const PADDING: f64 = 16.0;
const HEADING: f64 = 30.0;
const BETWEEN_BANDS: f64 = 22.0;
const LANE: f64 = 7.0;
/// Longer names are cut in the picture; whoever points at them reads the whole.
const LONGEST: usize = 38;

/// A rectangle.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Area {
    pub(super) x: f64,
    pub(super) y: f64,
    pub(super) width: f64,
    pub(super) height: f64,
}

impl Area {
    fn right(self) -> f64 {
        self.x + self.width
    }

    fn middle(self) -> f64 {
        self.y + self.height / 2.0
    }
}

/// The picture.
#[derive(Debug, Default)]
pub(super) struct Layout {
    pub(super) width: f64,
    pub(super) height: f64,
    /// The boxes, in the order of the graph's accounts.
    pub(super) accounts: Vec<Area>,
    /// In the order of its nodes.
    pub(super) nodes: Vec<Area>,
    /// The paths of arrows, in SVG's language, in the order of its edges.
    pub(super) edges: Vec<String>,
}

/// A name as it is shown.
pub(super) fn cut(name: &str) -> String {
    let letters: Vec<char> = name.chars().collect();
    if letters.len() <= LONGEST {
        return name.to_owned();
    }
    let (head, tail) = (LONGEST * 2 / 3, LONGEST / 3 - 1);
    let head: String = letters.iter().take(head).collect();
    let tail: String = letters.iter().skip(letters.len() - tail).collect();
    format!("{head}…{tail}")
}

/// How wide a text is; letters of other scripts may be twice as wide.
fn width_of(text: &str) -> f64 {
    text.chars().map(|c| if c.is_ascii() { CHARACTER } else { 2.0 * CHARACTER }).sum()
}

impl Layout {
    /// Puts everything in its place.
    pub(super) fn of(graph: &Graph) -> Self {
        let near = Near::of(graph);
        let columns = columns(graph, &near);
        let bands = bands(graph, &columns);
        let mut rows = Rows::new(graph, &columns, &bands);
        for _ in 0..4 {
            rows.untangle(graph, &near);
        }
        rows.layout(graph, &near)
    }
}

/// The arrows of each node, by their numbers.
struct Near {
    into: Vec<Vec<usize>>,
    out_of: Vec<Vec<usize>>,
}

impl Near {
    fn of(graph: &Graph) -> Self {
        let none = || vec![Vec::new(); graph.nodes.len()];
        let mut near = Self { into: none(), out_of: none() };
        for (index, edge) in graph.edges.iter().enumerate() {
            near.into.get_mut(edge.to).into_iter().for_each(|list| list.push(index));
            near.out_of.get_mut(edge.from).into_iter().for_each(|list| list.push(index));
        }
        near
    }

    fn into<'a>(&'a self, graph: &'a Graph, node: usize) -> impl Iterator<Item = &'a Edge> {
        self.into.get(node).into_iter().flatten().filter_map(|index| graph.edges.get(*index))
    }

    fn out_of<'a>(&'a self, graph: &'a Graph, node: usize) -> impl Iterator<Item = &'a Edge> {
        self.out_of.get(node).into_iter().flatten().filter_map(|index| graph.edges.get(*index))
    }
}

/// How many steps each node is from where ways begin; a role that nobody assumes stands where assumed ones begin.
fn columns(graph: &Graph, near: &Near) -> Vec<usize> {
    let mut columns: Vec<Option<usize>> =
        graph.nodes.iter().map(|node| node.kind.is_source().then_some(0)).collect();
    for (index, column) in columns.iter_mut().enumerate() {
        let is_entered = near.into(graph, index).any(|edge| edge.from != index);
        if column.is_none() && !is_entered {
            let Some(node) = graph.nodes.get(index) else { continue };
            let is_here = graph.accounts.get(node.account).is_some_and(|account| !account.is_outside);
            *column = Some(usize::from(is_here && node.kind == Kind::Role));
        }
    }
    let mut next: VecDeque<usize> =
        (0..columns.len()).filter(|index| at(&columns, *index) == Some(0)).collect();
    let later: Vec<usize> = (0..columns.len()).filter(|index| at(&columns, *index) == Some(1)).collect();
    next.extend(later);
    while let Some(from) = next.pop_front() {
        let step = at(&columns, from).unwrap_or_default() + 1;
        for edge in near.out_of(graph, from) {
            if let Some(column @ None) = columns.get_mut(edge.to) {
                *column = Some(step);
                next.push_back(edge.to);
            }
        }
    }
    // What is left goes round in circles.
    columns.into_iter().map(|column| column.unwrap_or(1)).collect()
}

fn at<T: Copy>(list: &[Option<T>], index: usize) -> Option<T> {
    list.get(index).copied().flatten()
}

/// The accounts from top to bottom: those where ways begin first, those that are not here last.
fn bands(graph: &Graph, columns: &[usize]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..graph.accounts.len()).collect();
    order.sort_by_key(|index| {
        let nodes = graph.nodes.iter().zip(columns).filter(|(node, _)| node.account == *index);
        let (sum, count) = nodes.fold((0, 0), |(sum, count), (_, column)| (sum + column, count + 1));
        let mean = (sum * 1000_usize).checked_div(count).unwrap_or_default();
        (graph.accounts.get(*index).map(|it| it.is_outside), mean, graph.accounts.get(*index))
    });
    order
}

/// A height to order by.
#[derive(PartialEq)]
struct Height(f64);

impl Eq for Height {}

impl PartialOrd for Height {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Height {
    fn cmp(&self, other: &Self) -> Ordering {
        self.0.total_cmp(&other.0)
    }
}

/// Which node stands in which row of its band and column.
struct Rows {
    columns: Vec<usize>,
    bands: Vec<usize>,
    /// By band and column: nodes, from top to bottom.
    cells: BTreeMap<(usize, usize), Vec<usize>>,
    /// By node, in rows from the top of the picture.
    heights: Vec<f64>,
}

impl Rows {
    fn new(graph: &Graph, columns: &[usize], order: &[usize]) -> Self {
        let mut cells: BTreeMap<(usize, usize), Vec<usize>> = BTreeMap::new();
        let mut names: Vec<usize> = (0..graph.nodes.len()).collect();
        names.sort_by_key(|index| graph.nodes.get(*index).map(|node| (node.kind, &node.name, &node.about)));
        for index in names {
            let Some(node) = graph.nodes.get(index) else { continue };
            let band = order.iter().position(|account| *account == node.account).unwrap_or_default();
            let column = columns.get(index).copied().unwrap_or_default();
            cells.entry((band, column)).or_default().push(index);
        }
        let mut rows = Self {
            columns: columns.to_vec(),
            bands: order.to_vec(),
            cells,
            heights: vec![0.0; graph.nodes.len()],
        };
        rows.count();
        rows
    }

    fn column(&self, node: usize) -> usize {
        self.columns.get(node).copied().unwrap_or_default()
    }

    /// How many rows a band has.
    fn rows(&self, band: usize) -> usize {
        let of = self.cells.iter().filter(|((of, _), _)| *of == band);
        of.map(|(_, nodes)| nodes.len()).max().unwrap_or_default()
    }

    /// Counts the rows above each node.
    #[expect(clippy::cast_precision_loss, reason = "a picture has no 2^52 rows")]
    fn count(&mut self) {
        let mut above = 0;
        for band in 0..self.bands.len() {
            let rows = self.rows(band);
            for ((_, _), nodes) in self.cells.iter().filter(|((of, _), _)| *of == band) {
                let first = above as f64 + (rows - nodes.len()) as f64 / 2.0;
                for (row, node) in nodes.iter().enumerate() {
                    if let Some(height) = self.heights.get_mut(*node) {
                        *height = first + row as f64;
                    }
                }
            }
            above += rows + 1;
        }
    }

    /// Puts nodes where their neighbours are, column by column: first by those before them, then by those after.
    fn untangle(&mut self, graph: &Graph, near: &Near) {
        let last = self.columns.iter().max().copied().unwrap_or_default();
        for column in 0..=last {
            self.order(column, |node| near.into(graph, node).map(|edge| edge.from).collect());
        }
        for column in (0..=last).rev() {
            self.order(column, |node| near.out_of(graph, node).map(|edge| edge.to).collect());
        }
    }

    /// Orders a column by the mean height of other nodes; those without any stay about where they are.
    fn order(&mut self, column: usize, others: impl Fn(usize) -> Vec<usize>) {
        let heights = &self.heights;
        let mean = |node: usize| {
            let others: Vec<f64> = others(node).iter().filter_map(|it| heights.get(*it).copied()).collect();
            #[expect(clippy::cast_precision_loss, reason = "a node has no 2^52 neighbours")]
            let count = others.len() as f64;
            let own = heights.get(node).copied().unwrap_or_default();
            if others.is_empty() { own } else { others.iter().sum::<f64>() / count }
        };
        for (_, nodes) in self.cells.iter_mut().filter(|((_, of), _)| *of == column) {
            // It keeps the order of those that are alike.
            nodes.sort_by_cached_key(|node| Height(mean(*node)));
        }
        self.count();
    }

    /// Whether an arrow is a curve in one gutter.
    fn is_near(&self, edge: &Edge) -> bool {
        let (from, to) = (self.column(edge.from), self.column(edge.to));
        to == from + 1 || to == from
    }

    #[expect(clippy::cast_precision_loss, reason = "a picture has no 2^52 rows")]
    fn layout(&self, graph: &Graph, near: &Near) -> Layout {
        let mut layout = Layout {
            accounts: vec![Area::default(); graph.accounts.len()],
            nodes: vec![Area::default(); graph.nodes.len()],
            ..Layout::default()
        };
        let last = self.columns.iter().max().copied().unwrap_or_default();
        let mut lefts = Vec::new();
        let mut x = MARGIN + PADDING;
        for column in 0..=last {
            let of = graph.nodes.iter().enumerate().filter(|(index, _)| self.column(*index) == column);
            let width = of
                .map(|(_, node)| width_of(&cut(&node.name)).max(width_of(node.kind.word()) * 0.85))
                .fold(60.0, f64::max)
                + 24.0;
            lefts.push((x, width));
            x += width;
            layout.width = x + PADDING + MARGIN;
            let leaving = graph.edges.iter().filter(|edge| self.column(edge.from) == column).count();
            x += (GUTTER + 3.0 * (leaving as f64 - 10.0)).clamp(GUTTER, WIDEST_GUTTER);
        }

        let mut lanes: BTreeMap<usize, f64> = BTreeMap::new();
        let mut y = MARGIN;
        for (band, account) in self.bands.iter().enumerate() {
            // The lanes above a band: one for each role in it that arrows lead to from far away.
            for to in self.cells.iter().filter(|((of, _), _)| *of == band).flat_map(|(_, nodes)| nodes) {
                if near.into(graph, *to).any(|edge| !self.is_near(edge)) {
                    lanes.insert(*to, y);
                    y += LANE;
                }
            }
            let height = HEADING + self.rows(band) as f64 * ROW + PADDING - (ROW - NODE_HEIGHT);
            let (mut left, mut right) = (f64::MAX, 0.0_f64);
            for ((_, column), nodes) in self.cells.iter().filter(|((of, _), _)| *of == band) {
                let Some((x, width)) = lefts.get(*column).copied() else { continue };
                (left, right) = (left.min(x), right.max(x + width));
                let above = (self.rows(band) - nodes.len()) as f64 * ROW / 2.0;
                for (row, node) in nodes.iter().enumerate() {
                    let y = y + HEADING + above + row as f64 * ROW;
                    if let Some(area) = layout.nodes.get_mut(*node) {
                        *area = Area { x, y, width, height: NODE_HEIGHT };
                    }
                }
            }
            let name = graph.accounts.get(*account).map(|it| width_of(&it.name)).unwrap_or_default();
            let width = (right - left + 2.0 * PADDING).max(name + 2.0 * PADDING);
            if let Some(area) = layout.accounts.get_mut(*account) {
                *area = Area { x: left - PADDING, y, width, height };
            }
            layout.width = layout.width.max(left - PADDING + width + MARGIN);
            y += height + BETWEEN_BANDS;
        }
        layout.height = y - BETWEEN_BANDS + MARGIN;
        let ports = ports(graph, near, &layout.nodes);
        layout.edges = graph
            .edges
            .iter()
            .zip(ports)
            .map(|(edge, (from, to))| {
                self.path(edge, &layout.nodes, (from, to), lanes.get(&edge.to).copied())
            })
            .collect();
        layout
    }

    /// The way of an arrow: from the right side of the one to the left side of the other.
    fn path(&self, edge: &Edge, nodes: &[Area], (y1, y2): (f64, f64), lane: Option<f64>) -> String {
        let (Some(from), Some(to)) = (nodes.get(edge.from), nodes.get(edge.to)) else { return String::new() };
        let (x1, x2) = (from.right(), to.x);
        if self.column(edge.from) == self.column(edge.to) {
            // To the right side, as the left one is on the other side of the column.
            let bend = x1 + 46.0;
            let (y1, y2) =
                if edge.from == edge.to { (from.y + 9.0, from.y + NODE_HEIGHT - 9.0) } else { (y1, y2) };
            return format!("M{x1:.1},{y1:.1} C{bend:.1},{y1:.1} {bend:.1},{y2:.1} {x1:.1},{y2:.1}");
        }
        let half = if self.is_near(edge) { (x2 - x1) / 2.0 } else { GUTTER / 2.0 };
        match lane {
            Some(lane) if !self.is_near(edge) => format!(
                "M{x1:.1},{y1:.1} C{:.1},{y1:.1} {x1:.1},{lane:.1} {:.1},{lane:.1} H{:.1} C{x2:.1},{lane:.1} {:.1},{y2:.1} {x2:.1},{y2:.1}",
                x1 + half,
                x1 + half,
                x2 - half,
                x2 - half,
            ),
            _ => {
                format!("M{x1:.1},{y1:.1} C{:.1},{y1:.1} {:.1},{y2:.1} {x2:.1},{y2:.1}", x1 + half, x2 - half)
            }
        }
    }
}

/// The heights at which each arrow leaves and arrives: spread over the sides, so that they can be told apart.
fn ports(graph: &Graph, near: &Near, nodes: &[Area]) -> Vec<(f64, f64)> {
    let middle = |node: usize| nodes.get(node).copied().unwrap_or_default().middle();
    let mut ports = vec![(0.0, 0.0); graph.edges.len()];
    for node in 0..graph.nodes.len() {
        for (list, is_arriving) in [(near.out_of.get(node), false), (near.into.get(node), true)] {
            let mut list = list.cloned().unwrap_or_default();
            list.sort_by_cached_key(|index| {
                let edge = graph.edges.get(*index);
                let other = edge.map(|edge| if is_arriving { edge.from } else { edge.to });
                (Height(other.map(middle).unwrap_or_default()), *index)
            });
            #[expect(clippy::cast_precision_loss, reason = "a node has no 2^52 arrows")]
            let count = list.len() as f64;
            let step = (24.0 / count).min(8.0);
            let mut height = middle(node) - (count - 1.0) / 2.0 * step;
            for index in list {
                if let Some((leaves, arrives)) = ports.get_mut(index) {
                    *(if is_arriving { arrives } else { leaves }) = height;
                }
                height += step;
            }
        }
    }
    ports
}

#[cfg(test)]
mod tests {
    use super::super::model::{Account, Node};
    use super::*;

    fn graph(accounts: usize, nodes: &[(Kind, usize)], edges: &[(usize, usize)]) -> Graph {
        let account =
            |index: usize| Account { is_outside: index == accounts - 1, name: format!("account {index}") };
        let node = |(index, (kind, account)): (usize, &(Kind, usize))| Node {
            kind: *kind,
            account: *account,
            name: format!("name-{}", "x".repeat(index % 45)),
            about: String::new(),
        };
        let edge = |(from, to): &(usize, usize)| Edge {
            from: *from,
            to: *to,
            is_whole: true,
            is_from_outside: false,
            about: String::new(),
        };
        Graph {
            accounts: (0..accounts).map(account).collect(),
            nodes: nodes.iter().enumerate().map(node).collect(),
            edges: edges.iter().map(edge).collect(),
        }
    }

    /// Fifty roles in four accounts, each role assumed by some other, with circles and long ways.
    fn fifty() -> Graph {
        let mut nodes: Vec<(Kind, usize)> = (0..10).map(|it| (Kind::Workload("ECS task"), it % 4)).collect();
        nodes.extend((0..50).map(|it| (Kind::Role, (it * 7) % 4)));
        let mut edges: Vec<(usize, usize)> = (0..10).map(|it| (it, 10 + it)).collect();
        edges.extend((0..60).map(|it| (10 + (it * 13) % 50, 10 + (it * 29 + 3) % 50)));
        graph(4, &nodes, &edges)
    }

    fn overlap(one: &Area, other: &Area) -> bool {
        one.x < other.right()
            && other.x < one.right()
            && one.y < other.y + other.height
            && other.y < one.y + one.height
    }

    #[test]
    fn nothing_stands_on_anything_else() {
        let graph = fifty();
        let layout = Layout::of(&graph);
        for list in [&layout.nodes, &layout.accounts] {
            for (index, one) in list.iter().enumerate() {
                for other in &list[index + 1..] {
                    assert!(!overlap(one, other), "{one:?} stands on {other:?}");
                }
            }
        }
        for (node, area) in graph.nodes.iter().zip(&layout.nodes) {
            let band = layout.accounts[node.account];
            assert!(area.x > band.x && area.right() < band.right(), "{area:?} is not in {band:?}");
            assert!(area.y >= band.y + HEADING && area.y + area.height < band.y + band.height);
            assert!(width_of(&cut(&node.name)) < area.width, "`{}` is wider than its box", node.name);
        }
        let picture = Area { x: 0.0, y: 0.0, width: layout.width, height: layout.height };
        for area in &layout.accounts {
            assert!(area.x > 0.0 && area.right() < picture.width && area.y + area.height < picture.height);
        }
    }

    #[test]
    fn no_lane_runs_behind_anything() {
        let graph = fifty();
        let layout = Layout::of(&graph);
        let lanes: Vec<f64> = layout
            .edges
            .iter()
            .filter(|path| path.contains(" H"))
            .filter_map(|path| path.split(" H").next()?.rsplit(',').next()?.parse().ok())
            .collect();
        assert!(!lanes.is_empty(), "no way is long");
        for y in lanes {
            let crossed = layout.accounts.iter().find(|area| y > area.y && y < area.y + area.height);
            assert_eq!(crossed, None, "the lane at {y}");
        }
    }

    #[test]
    fn columns_are_steps_from_where_ways_begin() {
        let role = (Kind::Role, 0);
        // A task, a way of three, a circle that nobody enters, a role for itself.
        let nodes = [(Kind::Workload("ECS task"), 0), role, role, role, role, role, role];
        let graph = graph(2, &nodes, &[(0, 1), (1, 2), (2, 3), (1, 3), (4, 5), (5, 4)]);
        assert_eq!(columns(&graph, &Near::of(&graph)), [0, 1, 2, 2, 1, 1, 1]);
    }

    #[test]
    fn nothing_at_all() {
        let layout = Layout::of(&Graph::default());
        assert!(layout.width > 0.0 && layout.height > 0.0);
    }

    #[test]
    fn long_names_are_cut() {
        assert_eq!(cut("a-name"), "a-name");
        let long = format!("{}-{}", "a".repeat(40), "z".repeat(40));
        assert_eq!(cut(&long), format!("{}…{}", "a".repeat(25), "z".repeat(11)));
    }
}
