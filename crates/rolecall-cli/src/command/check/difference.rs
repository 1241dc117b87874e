//! What the configuration allows now that it did not allow in a revision, and the other way round; or a plan, and what was there
//! before.

use rolecall_iam::{Ask, Difference, Given, changed, diff};
use rolecall_terraform::Files;
use rolecall_terraform::check::shown;
use rolecall_terraform::estate::Infrastructure;
use serde_json::json;

use super::disk::Disk;
use super::git::Git;
use super::inputs::{Found, Inputs};
use super::prior::{PRIOR_STATE, Prior};
use crate::command::estate_diff;
use crate::exit::Exit;
use crate::failure::{Failure, Kind};
use crate::out::{Out, one_line, without_commands};

/// Compares, and prints. Exit code 1: something is allowed that was not, or changed in what nobody names.
pub(super) fn run(inputs: &Inputs, revision: &str, is_json: bool, out: &mut Out) -> Result<Exit, Failure> {
    let wrong = |why: String| Failure::new(Kind::Input, why);
    let given = inputs.given(out)?;
    let disk = Disk { bounds: inputs.bounds()? };
    let is_prior = revision == PRIOR_STATE;
    let (prior, git);
    let then: &dyn Files = if is_prior {
        prior = Prior(&disk);
        &prior
    } else {
        git = Git::at(revision, &disk)?;
        &git
    };
    // Each side with its own roots and values: a change of them is a change too.
    let mut new = inputs.roots(&given, &disk)?;
    let mut old = match inputs.roots(&given, then) {
        Ok(old) => old,
        Err(failure) if is_prior => return Err(failure),
        Err(failure) => {
            out.note(format_args!("`{revision}` has nothing to compare with: {}", failure.error()));
            Found::default()
        }
    };
    // Which account is which must be the same on both sides: as the revision says, and what it does not say as it is now.
    let mut accounts = inputs.config(&new, &disk)?.accounts()?;
    if !is_prior {
        accounts.extend(inputs.config(&old, then)?.accounts()?);
    }
    let are_several = new.roots.len() > 1 || old.roots.len() > 1;
    old.settle(&accounts, are_several);
    new.settle(&accounts, are_several);
    for note in &new.notes {
        out.note(note);
    }
    let before = Infrastructure::read_beside(&old.roots, &given.beside, then)
        .map_err(|why| wrong(format!("{why} (in `{revision}`)")))?;
    let after = Infrastructure::read_beside(&new.roots, &given.beside, &disk).map_err(wrong)?;
    for note in after.notes.iter().filter(|note| !before.notes.contains(note)) {
        out.note(shown(&after, &note.message));
    }
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
            out.line(without_commands(&one_line(&line)))?;
        }
    }
    Ok(if more.is_empty() && others.is_empty() { Exit::Success } else { Exit::No })
}
