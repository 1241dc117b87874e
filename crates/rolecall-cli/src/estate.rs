//! An Estate from files: the details that AWS prints for each account, and what an `estate.toml` puts around them.
//!
//! The conversion is `rolecall-iam`'s; here files are found, read, and named where something is wrong with them.

mod manifest;
pub(crate) mod read;

use std::path::{Path, PathBuf};

use rolecall_iam::{Details, Estate};

use crate::failure::Failure;
use crate::out::Out;
use read::{File, broken};

/// What the long help of the commands that take an Estate says of it.
const HELP: &str = "\
The estate: a directory with an estate.toml, that file itself, a directory with one JSON file for
each account, or one such file. For each account:
  aws iam get-account-authorization-details > 111111111111.json
An estate.toml adds what IAM does not print:
  [accounts.111111111111]
  details = \"111111111111.json\"      # or a list of parts
  [accounts.222222222222]
  details = \"222222222222.json\"
  unit = \"ou-data\"                   # left out: under the root
  # outside = true                   # it is not in the organization
  [accounts.222222222222.resource-policies]  # tables, buckets, keys, queues
  \"arn:aws:dynamodb:eu-west-1:222222222222:table/orders\" = \"policies/orders.json\"
  [organization]
  id = \"o-example0000\"
  management = \"999999999999\"
  [organization.root]
  id = \"r-exam\"
  [organization.units.ou-data]       # `parent`: the unit it is in
  scp = [\"FullAWSAccess\", \"policies/only-eu.json\"]
`scp` and `rcp` go with the root, a unit or an account. Left out, `scp` is [\"FullAWSAccess\"], as
AWS attaches it. A resource that is not listed has no policy. Accounts that are not in the estate
are not known: what hangs on them is undecided.";

/// The end of a command's long help: its examples, and how to make an Estate.
pub(crate) fn help(examples: &str) -> String {
    format!("{examples}\n\n{HELP}")
}

/// Where the Estate is.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct Source {
    /// Accounts and their policies: a directory, an estate.toml, or what `aws iam get-account-authorization-details`
    /// printed
    #[arg(long, value_name = "PATH")]
    pub(crate) estate: PathBuf,
}

impl Source {
    /// Reads it. What is doubtful is said on standard error.
    pub(crate) fn load(&self, out: &mut Out) -> Result<Estate, Failure> {
        load(&self.estate, out)
    }
}

/// Reads the Estate at `path`.
pub(crate) fn load(path: &Path, out: &mut Out) -> Result<Estate, Failure> {
    let manifest = path.join("estate.toml");
    let mut estate = if path.extension().is_some_and(|extension| extension == "toml") {
        manifest::load(path, out)?
    } else if manifest.is_file() {
        manifest::load(&manifest, out)?
    } else if path.is_dir() {
        directory(path, out)?
    } else {
        let mut estate = Estate::default();
        details(path, &mut estate, out)?;
        estate
    };
    for missing in estate.settle() {
        out.warning(missing);
    }
    Ok(estate)
}

/// Every JSON file of a directory, each an account or a part of one.
fn directory(path: &Path, out: &mut Out) -> Result<Estate, Failure> {
    let entries = std::fs::read_dir(path).map_err(|error| read::unreadable(path, &error))?;
    let mut files = Vec::new();
    for entry in entries {
        let file = entry.map_err(|error| read::unreadable(path, &error))?.path();
        if file.extension().is_some_and(|extension| extension == "json") {
            files.push(file);
        }
    }
    if files.is_empty() {
        let what = format!("{} has neither an estate.toml nor a JSON file in it", path.display());
        return Err(broken(what).hint(
            "write what each account holds into it: aws iam get-account-authorization-details > 111111111111.json",
        ));
    }
    files.sort();
    let mut estate = Estate::default();
    for file in files {
        details(&file, &mut estate, out)?;
    }
    Ok(estate)
}

/// Adds what one file of details holds; the account ids in it, as its ARNs have them.
fn details(path: &Path, estate: &mut Estate, out: &mut Out) -> Result<Vec<rolecall_iam::AccountId>, Failure> {
    let file = File::read(path)?;
    if file.text.trim().is_empty() {
        let what = format!("{} is empty", path.display());
        return Err(broken(what)
            .hint("what wrote it has failed: `aws iam get-account-authorization-details` says why"));
    }
    let answers = Details::read(&file.text).map_err(|error| file.wrong(error.span, &error))?;
    let mut accounts = Vec::new();
    for answer in answers {
        for warning in &answer.warnings {
            out.warning(file.at(warning.span, warning));
        }
        accounts.extend(answer.account.as_ref().map(|account| account.id));
        estate.add(answer).map_err(|message| broken(format!("{}: {message}", path.display())))?;
    }
    Ok(accounts)
}
