//! What the configuration allows now that it did not allow in a revision, and the other way round.

use rolecall_iam::{Ask, Difference, Given, changed, diff};
use rolecall_terraform::check::shown;
use rolecall_terraform::estate::Infrastructure;
use serde_json::json;

use super::disk::Disk;
use super::git::Git;
use super::inputs::Reading;
use crate::command::estate_diff;
use crate::exit::Exit;
use crate::failure::{Failure, Kind};
use crate::out::Out;

/// Compares, and prints. Exit code 1: something is allowed that was not, or changed in what nobody names.
pub(super) fn run(reading: &Reading, revision: &str, is_json: bool, out: &mut Out) -> Result<Exit, Failure> {
    let wrong = |why: String| Failure::new(Kind::Input, why);
    let Reading { roots, beside, .. } = reading;
    let folder = roots.first().map(|root| root.folder.clone()).unwrap_or_default();
    let git = Git::at(revision, &folder)?;
    let before = Infrastructure::read_beside(roots, beside, &git);
    let before = before.map_err(|why| wrong(format!("{why} (in `{revision}`)")))?;
    let after = Infrastructure::read_beside(roots, beside, &Disk).map_err(wrong)?;
    for problem in after.problems.iter().filter(|problem| !before.problems.contains(problem)) {
        out.warning(format_args!(
            "{}: {}",
            after.sources.show(problem.place),
            shown(&after, &problem.message)
        ));
    }
    let (old, new) = (Ask::new(&before.estate), Ask::new(&after.estate));
    let mut found = diff(&old, &new, &Given::default());
    let mut others = changed(&old, &new);
    others.retain(|name| !found.iter().any(|it| it.principal == *name));
    for it in &mut found {
        let name = |text: &str| shown(&after, &shown(&before, text));
        it.principal = name(&it.principal);
        it.resource = name(&it.resource);
    }
    let others: Vec<String> = others.iter().map(|name| shown(&after, &shown(&before, name))).collect();
    let (more, less): (Vec<Difference>, Vec<Difference>) = found.into_iter().partition(Difference::widens);
    if is_json {
        let list = |list: &[Difference]| list.iter().map(estate_diff::as_json).collect::<Vec<_>>();
        let all = json!({
            "schema": "rolecall/check-diff/1",
            "revision": revision,
            "more": list(&more),
            "less": list(&less),
            "changed": others,
        });
        out.line(format_args!("{all:#}"))?;
    } else {
        for line in estate_diff::lines(&more, &less, &others) {
            out.line(line)?;
        }
    }
    Ok(if more.is_empty() && others.is_empty() { Exit::Success } else { Exit::No })
}
