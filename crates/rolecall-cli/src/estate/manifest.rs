//! `estate.toml`: which files an Estate is made of, and how the accounts hang together.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use rolecall_iam::{Account, AccountId, Arn, Effect, Estate, Level, Organization, Policy, Span};
use serde::Deserialize;
use toml::Spanned;

use super::read::File;
use crate::failure::Failure;
use crate::out::Out;

/// The word for the policy that AWS attaches to every level.
const FULL_ACCESS: &str = "FullAWSAccess";

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Manifest {
    accounts: BTreeMap<Spanned<String>, AccountEntry>,
    organization: Option<OrganizationEntry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct AccountEntry {
    details: Spanned<OneOrMany>,
    /// The unit it is in; the root where it is left out.
    unit: Option<Spanned<String>>,
    /// It is not in the organisation.
    #[serde(default)]
    outside: bool,
    scp: Option<Vec<Spanned<String>>>,
    #[serde(default)]
    rcp: Vec<Spanned<String>>,
    #[serde(default)]
    resource_policies: BTreeMap<Spanned<String>, Spanned<String>>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum OneOrMany {
    One(String),
    Many(Vec<String>),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct OrganizationEntry {
    id: String,
    management: Spanned<String>,
    #[serde(default)]
    root: RootEntry,
    #[serde(default)]
    units: BTreeMap<String, UnitEntry>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct RootEntry {
    id: Option<String>,
    scp: Option<Vec<Spanned<String>>>,
    #[serde(default)]
    rcp: Vec<Spanned<String>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct UnitEntry {
    /// The unit it is in; the root where it is left out.
    parent: Option<Spanned<String>>,
    scp: Option<Vec<Spanned<String>>>,
    #[serde(default)]
    rcp: Vec<Spanned<String>>,
}

/// Reads the Estate that the file describes. Paths in it are relative to it.
pub(super) fn load(path: &Path, out: &mut Out) -> Result<Estate, Failure> {
    let file = File::read(path)?;
    let manifest: Manifest = toml::from_str(&file.text).map_err(|error| {
        let span = error.span().unwrap_or_default();
        let hint = "an estate.toml has [accounts.ID] with `details`, and [organization]; `rolecall can --help` has one";
        file.wrong(Span { start: span.start, end: span.end }, error.message()).hint(hint)
    })?;
    let folder = path.parent().unwrap_or_else(|| Path::new("")).to_owned();
    let mut builder = Builder { file, folder, estate: Estate::default() };
    for (id, entry) in &manifest.accounts {
        builder.account(id, entry, out)?;
    }
    if let Some(organization) = &manifest.organization {
        builder.organization(organization, &manifest.accounts, out)?;
    } else {
        builder.no_organization(&manifest.accounts)?;
    }
    Ok(builder.estate)
}

struct Builder {
    file: File,
    folder: PathBuf,
    estate: Estate,
}

impl Builder {
    fn account(&mut self, id: &Spanned<String>, entry: &AccountEntry, out: &mut Out) -> Result<(), Failure> {
        let account = self.account_id(id)?;
        self.estate.accounts.entry(account).or_insert_with(|| Account::new(account));
        let files = match entry.details.get_ref() {
            OneOrMany::One(file) => std::slice::from_ref(file),
            OneOrMany::Many(files) => files,
        };
        for file in files {
            let path = self.existing(&entry.details, file)?;
            let found = super::details(&path, &mut self.estate, out)?;
            if let Some(other) = found.iter().find(|other| **other != account) {
                let what = format!("{} is of account {other}, not of {account}", path.display());
                return Err(self.file.wrong(span(&entry.details), what));
            }
        }
        for (arn, file) in &entry.resource_policies {
            let parsed = Arn::parse(arn.get_ref());
            let other = parsed.and_then(|arn| arn.account_id()).filter(|owner| *owner != account);
            if parsed.is_none() {
                let what = format!("`{}` is not the ARN of a resource", arn.get_ref());
                return Err(self.file.wrong(span(arn), what));
            }
            if let Some(other) = other {
                let what = format!("`{}` is a resource of account {other}, not of {account}", arn.get_ref());
                return Err(self.file.wrong(span(arn), what));
            }
            let policy = self.policy(file)?;
            let account = self.estate.accounts.entry(account).or_insert_with(|| Account::new(account));
            account.resource_policies.insert(arn.get_ref().clone(), policy);
        }
        Ok(())
    }

    fn organization(
        &mut self,
        entry: &OrganizationEntry,
        accounts: &BTreeMap<Spanned<String>, AccountEntry>,
        out: &mut Out,
    ) -> Result<(), Failure> {
        let management = self.account_id(&entry.management)?;
        let root_id = entry.root.id.as_deref().unwrap_or("r-root");
        let mut organization = Organization {
            id: entry.id.clone(),
            management,
            root: self.level(root_id, entry.root.scp.as_deref(), &entry.root.rcp, out)?,
            units: BTreeMap::new(),
            accounts: BTreeMap::new(),
        };
        for (id, unit) in &entry.units {
            if let Some(parent) = &unit.parent {
                self.unit_exists(parent, entry)?;
            }
            let parent = unit.parent.as_ref().map(|parent| parent.get_ref().clone());
            let level = self.level(id, unit.scp.as_deref(), &unit.rcp, out)?;
            organization.units.insert(id.clone(), (parent, level));
        }
        for (id, account) in accounts {
            if account.outside {
                continue;
            }
            if let Some(unit) = &account.unit {
                self.unit_exists(unit, entry)?;
            }
            let unit = account.unit.as_ref().map(|unit| unit.get_ref().clone());
            let level = self.level(id.get_ref(), account.scp.as_deref(), &account.rcp, out)?;
            organization.accounts.insert(self.account_id(id)?, (unit, level));
        }
        self.estate.organization = Some(organization);
        Ok(())
    }

    /// What only an organisation gives a meaning to must not be dropped in silence.
    fn no_organization(&self, accounts: &BTreeMap<Spanned<String>, AccountEntry>) -> Result<(), Failure> {
        for (id, account) in accounts {
            if account.unit.is_some() || account.scp.is_some() || !account.rcp.is_empty() {
                let what = "this account has a unit, an scp or an rcp, and there is no [organization]";
                return Err(self.file.wrong(span(id), what));
            }
        }
        Ok(())
    }

    fn level(
        &self,
        id: &str,
        scp: Option<&[Spanned<String>]>,
        rcp: &[Spanned<String>],
        out: &mut Out,
    ) -> Result<Level, Failure> {
        let mut level = Level::full_access(id);
        if let Some(files) = scp {
            if files.iter().all(|file| file.get_ref() != FULL_ACCESS) {
                level.service_control.clear();
            }
            for file in files.iter().filter(|file| file.get_ref() != FULL_ACCESS) {
                level.service_control.insert(file.get_ref().clone(), self.policy(file)?);
            }
            let statements = level.service_control.values().flat_map(|policy| &policy.document().statements);
            if let Some(first) = files.first()
                && statements.clone().all(|statement| statement.effect == Effect::Deny)
            {
                let what = format!(
                    "the service control policies on {id} allow nothing, so that nothing below it is allowed; if \
                     {FULL_ACCESS} is attached too, add it to the list"
                );
                out.warning(self.file.at(span(first), what));
            }
        }
        // RCPFullAWSAccess is on every level, said or not.
        for file in rcp.iter().filter(|file| file.get_ref() != "RCPFullAWSAccess") {
            level.resource_control.insert(file.get_ref().clone(), self.policy(file)?);
        }
        Ok(level)
    }

    fn unit_exists(&self, unit: &Spanned<String>, entry: &OrganizationEntry) -> Result<(), Failure> {
        if entry.units.contains_key(unit.get_ref()) {
            return Ok(());
        }
        let what = format!("there is no [organization.units.{}]", unit.get_ref());
        Err(self.file.wrong(span(unit), what))
    }

    fn account_id(&self, id: &Spanned<String>) -> Result<AccountId, Failure> {
        id.get_ref().parse().map_err(|error| self.file.wrong(span(id), error))
    }

    fn policy(&self, file: &Spanned<String>) -> Result<Policy, Failure> {
        File::policy(&self.existing(file, file.get_ref())?)
    }

    /// The path of a file that is named at `place`.
    fn existing<T>(&self, place: &Spanned<T>, file: &str) -> Result<PathBuf, Failure> {
        let path = self.folder.join(file);
        if path.is_file() {
            return Ok(path);
        }
        let what = format!("there is no file {}; paths are relative to this file", path.display());
        Err(self.file.wrong(span(place), what))
    }
}

fn span<T>(spanned: &Spanned<T>) -> Span {
    let span = spanned.span();
    Span { start: span.start, end: span.end }
}
