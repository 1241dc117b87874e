//! What the command line gives beside configurations: estates, and policies in files of their own.

use std::path::{Path, PathBuf};

use rolecall_iam::Estate;
use rolecall_terraform::estate::{Beside, Loose};

use crate::estate;
use crate::failure::{Failure, Kind};
use crate::out::Out;

/// The arguments, by what they are.
#[derive(Default)]
pub(super) struct Given {
    /// Configurations, plans, states and accounts, with the account that is said of each.
    pub(super) paths: Vec<(Option<String>, PathBuf)>,
    pub(super) beside: Beside,
}

/// Tells them apart: `ARN=FILE` is a policy; an estate.toml, a folder with one or with accounts as JSON, is an estate.
pub(super) fn sort(arguments: &[String], out: &mut Out) -> Result<Given, Failure> {
    let mut given = Given::default();
    for argument in arguments {
        if argument.starts_with("arn:") {
            given.beside.policies.push(policy(argument)?);
            continue;
        }
        let (account, path) = match argument.split_once('=') {
            Some((account, path)) if !account.contains('/') => (Some(account.to_owned()), path),
            _ => (None, argument.as_str()),
        };
        if account.is_none() && is_estate(Path::new(path)) {
            // A wrong command line of others is wrong input here.
            let loaded = estate::load(Path::new(path), out).map_err(|failure| failure.of(Kind::Input))?;
            join(&mut given.beside.estate, loaded, path)?;
        } else {
            given.paths.push((account, PathBuf::from(path)));
        }
    }
    Ok(given)
}

/// The path of an argument, and whether it is one file that was named for itself.
pub(super) fn path(argument: &str) -> (bool, PathBuf) {
    if argument.starts_with("arn:") {
        return (true, split(argument).map_or_else(PathBuf::new, |(_, path)| PathBuf::from(path)));
    }
    match argument.split_once('=') {
        Some((account, path)) if !account.contains('/') => (false, PathBuf::from(path)),
        _ => (false, PathBuf::from(argument)),
    }
}

/// `ARN=FILE`. Names in ARNs may have a `=`, and so may files: it is the first behind which there is a file.
fn split(argument: &str) -> Option<(&str, &str)> {
    let splits = || {
        argument.match_indices('=').filter_map(|(at, _)| Some((argument.get(..at)?, argument.get(at + 1..)?)))
    };
    splits().find(|(_, file)| Path::new(file).is_file()).or_else(|| splits().next_back())
}

fn policy(argument: &str) -> Result<Loose, Failure> {
    let (arn, path) = split(argument).ok_or_else(|| {
        let what = format!("`{argument}` is an ARN without a policy");
        Failure::new(Kind::Input, what)
            .hint("give the file that holds the policy: arn:aws:iam::111111111111:role/app=policy.json")
    })?;
    Ok(Loose { arn: arn.to_owned(), path: PathBuf::from(path) })
}

fn is_estate(path: &Path) -> bool {
    if path.is_file() {
        return path.extension().is_some_and(|extension| extension == "toml");
    }
    if path.join("estate.toml").is_file() {
        // Beside configuration it may be a stranger's, and would be read instead.
        return !has_configuration(path, 0);
    }
    let names = std::fs::read_dir(path).into_iter().flatten().flatten();
    let names: Vec<String> = names.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
    let ends = |end: &str| names.iter().any(|name| name.ends_with(end));
    let has_folders =
        || std::fs::read_dir(path).into_iter().flatten().flatten().any(|entry| entry.path().is_dir());
    ends(".json") && !ends(".tf") && !ends(".tf.json") && !has_folders()
}

/// Whether there is Terraform in a folder or below it.
fn has_configuration(folder: &Path, depth: usize) -> bool {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    entries.into_iter().any(|entry| {
        let name = entry.file_name().to_string_lossy().into_owned();
        let is_folder =
            || depth < 8 && !name.starts_with('.') && entry.file_type().is_ok_and(|it| it.is_dir());
        name.ends_with(".tf")
            || name.ends_with(".tf.json")
            || (is_folder() && has_configuration(&entry.path(), depth + 1))
    })
}

/// Puts two estates together: of no account may both know.
pub(super) fn join(into: &mut Estate, other: Estate, whose: &str) -> Result<(), Failure> {
    let Estate { accounts, aws_policies, organization } = other;
    let wrong = |what: String| Err(Failure::new(Kind::Input, format!("`{whose}`: {what}")));
    for (id, account) in accounts {
        if into.accounts.insert(id, account).is_some() {
            return wrong(format!("account {id} is read twice: which of the two holds?"));
        }
    }
    into.aws_policies.extend(aws_policies);
    if into.organization.is_some() && organization.is_some() {
        return wrong("there is an organization already: one estate.toml describes it".to_owned());
    }
    into.organization = into.organization.take().or(organization);
    Ok(())
}
