//! Circles of roles that can assume each other, or themselves: a session that renews itself has no end.
//!
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles.html#iam-term-role-chaining>

use std::collections::{BTreeMap, BTreeSet};

use rolecall_iam::Decision;

use super::{Checking, Finding, Label, Report, catalogue};
use crate::estate::Subject;

impl Checking<'_> {
    /// Looks for circles among the links that hold.
    pub(super) fn circles(&self, report: &mut Report) {
        let mut links: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for link in report.links.iter().filter(|link| link.decision == Decision::Allowed) {
            links.entry(&link.from).or_default().push(&link.to);
        }
        let found: Vec<Finding> = circles(&links).iter().map(|circle| self.circle(circle, &links)).collect();
        report.findings.extend(found);
    }

    fn circle(&self, circle: &BTreeSet<&str>, links: &BTreeMap<&str, Vec<&str>>) -> Finding {
        let mut labels = Vec::new();
        for (from, to) in
            circle.iter().flat_map(|from| links.get(from).into_iter().flatten().map(move |to| (from, to)))
        {
            let Some(written) = self.all.documents.get(&Subject::Trust((*to).to_owned())) else { continue };
            let named = written.document.policy.trusted().find(|(_, who)| who == from);
            if let Some((statement, who)) = named.filter(|_| circle.contains(to)) {
                let text = if from == to { "it trusts itself" } else { "trusted here" };
                labels.push(Label { place: written.principal(statement, who), text: text.to_owned() });
            }
        }
        let names: Vec<String> = circle.iter().map(|role| self.called(role)).collect();
        let sentence = match names.as_slice() {
            [one] => format!("{one} can assume itself: a session of it can be renewed without end"),
            several => format!(
                "{} can assume each other: a session of them can be renewed without end",
                several.join(", ")
            ),
        };
        Finding {
            check: catalogue::by_id("RC037"),
            sentence,
            labels,
            help: vec![
                "take out the way back: what runs in AWS gets new credentials without it, and so does a session of \
                 rolecall"
                    .to_owned(),
            ],
            patch: Vec::new(),
            hangs_on: Vec::new(),
            about: circle.iter().copied().collect::<Vec<_>>().join(" "),
        }
    }
}

/// The sets of roles from each of which a way leads to each other (Tarjan's strongly connected components), without those
/// of one that does not lead to itself. No recursion: ways may be long.
fn circles<'l>(links: &BTreeMap<&'l str, Vec<&'l str>>) -> Vec<BTreeSet<&'l str>> {
    let next = |at: &str| links.get(at).map(Vec::as_slice).unwrap_or_default();
    let (mut found, mut stack) = (Vec::new(), Vec::new());
    let mut order: BTreeMap<&str, usize> = BTreeMap::new();
    let mut lowest: BTreeMap<&str, usize> = BTreeMap::new();
    let mut open: BTreeSet<&str> = BTreeSet::new();
    for start in links.keys() {
        let mut work: Vec<(&'l str, usize)> =
            if order.contains_key(start) { Vec::new() } else { vec![(start, 0)] };
        while let Some((at, done)) = work.pop() {
            if done == 0 {
                let number = order.len();
                order.insert(at, number);
                lowest.insert(at, number);
                stack.push(at);
                open.insert(at);
            }
            if let Some(to) = next(at).get(done) {
                work.push((at, done + 1));
                match order.get(to) {
                    None => work.push((to, 0)),
                    Some(number) if open.contains(to) => lower(&mut lowest, at, *number),
                    Some(_) => {}
                }
                continue;
            }
            let low = lowest.get(at).copied().unwrap_or_default();
            if let Some((above, _)) = work.last() {
                lower(&mut lowest, above, low);
            }
            if order.get(at) == Some(&low) {
                let mut circle = BTreeSet::new();
                while let Some(one) = stack.pop() {
                    open.remove(one);
                    circle.insert(one);
                    if one == at {
                        break;
                    }
                }
                if circle.len() > 1 || next(at).contains(&at) {
                    found.push(circle);
                }
            }
        }
    }
    found
}

fn lower<'l>(lowest: &mut BTreeMap<&'l str, usize>, at: &'l str, number: usize) {
    lowest.entry(at).and_modify(|low| *low = (*low).min(number)).or_insert(number);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn circles_of_any_length() {
        let links: BTreeMap<&str, Vec<&str>> = [
            ("a", vec!["b"]),
            ("b", vec!["c", "d"]),
            ("c", vec!["a"]),
            ("d", vec!["d", "e"]),
            ("f", vec!["a", "g"]),
            ("g", vec!["f"]),
        ]
        .into();
        let found: BTreeSet<Vec<&str>> =
            circles(&links).into_iter().map(|circle| circle.into_iter().collect()).collect();
        assert_eq!(found, [vec!["a", "b", "c"], vec!["d"], vec!["f", "g"]].into());
    }

    #[test]
    fn a_long_way_takes_no_stack() {
        let names: Vec<String> = (0..100_000).map(|number| number.to_string()).collect();
        let pairs = names.iter().zip(names.iter().cycle().skip(1));
        let links = pairs.map(|(from, to)| (from.as_str(), vec![to.as_str()])).collect();
        assert_eq!(circles(&links).len(), 1);
    }
}
