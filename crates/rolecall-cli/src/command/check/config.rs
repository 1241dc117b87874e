//! `rolecall.toml`: what the accounts are called, and what must hold.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use rolecall_iam::{AccountId, Arn, reference};
use rolecall_terraform::check::Expectation;
use rolecall_terraform::estate::{Infrastructure, Root};
use rolecall_terraform::{Files, Place};
use serde::Deserialize;
use toml::Spanned;

use super::inputs::is_account;
use crate::failure::{Failure, Kind};

const NAME: &str = "rolecall.toml";

/// The file, as it is written.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Content {
    #[serde(default)]
    accounts: BTreeMap<String, Spanned<AccountEntry>>,
    #[serde(default)]
    expect: Vec<Spanned<Entry>>,
}

/// An account's id, or more about it.
#[derive(Deserialize)]
#[serde(
    untagged,
    expecting = "an account is its id, or { id = \"…\", provider = \"aws.target\", profile = \"target-readonly\", environment = \"…\" }"
)]
enum AccountEntry {
    Id(String),
    More(More),
}

/// What is said of an account: its id, what its provider is called in the configuration, or both.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct More {
    id: Option<String>,
    provider: Option<String>,
    /// The profile with which a live account is read.
    profile: Option<String>,
    /// Which environment it is of.
    environment: Option<String>,
}

impl AccountEntry {
    fn id(&self) -> Option<&str> {
        match self {
            Self::Id(id) => Some(id),
            Self::More(more) => more.id.as_deref(),
        }
    }
}

/// An account that can be asked itself.
pub(super) struct Asked {
    /// What it is called.
    pub(super) name: String,
    pub(super) id: AccountId,
    pub(super) profile: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    name: Option<String>,
    from: Option<String>,
    #[serde(default)]
    via: Vec<String>,
    #[serde(default)]
    allow: Vec<String>,
    #[serde(default)]
    deny: Vec<String>,
    #[serde(default)]
    nothing_else: bool,
    nobody_else_can: Option<String>,
    #[serde(default)]
    but: Vec<String>,
    on: String,
    /// Context keys of the calls.
    #[serde(default)]
    context: BTreeMap<String, String>,
}

/// What must hold.
#[derive(Default)]
pub(super) struct Config {
    path: PathBuf,
    text: String,
    content: Content,
}

impl Config {
    /// Where it is looked for, for a root: beside it, and in the two folders above.
    pub(super) fn places(root: &Path) -> impl Iterator<Item = PathBuf> {
        root.ancestors().take(3).map(|folder| folder.join(NAME))
    }

    /// The file that is named, or the one beside a root, above all of them, or where we are.
    pub(super) fn load(named: Option<&Path>, roots: &[Root], files: &dyn Files) -> Result<Self, Failure> {
        let (path, text) = match named {
            Some(path) => {
                let text = std::fs::read_to_string(path);
                (
                    path.to_owned(),
                    text.map_err(|error| format!("`{}` cannot be read: {error}", path.display())),
                )
            }
            None => {
                let here = Path::new(".").join(NAME);
                let mut places = roots.iter().flat_map(|root| Self::places(&root.folder)).chain([here]);
                let is_there = |path: &PathBuf| {
                    let folder = path.parent().unwrap_or(Path::new("."));
                    files.list(folder).is_ok_and(|names| names.iter().any(|name| name == NAME))
                        || files.read(path).is_ok()
                };
                let Some(path) = places.find(is_there) else { return Ok(Self::default()) };
                let path = path.strip_prefix(".").map(Path::to_owned).unwrap_or(path);
                let text = files.read(&path);
                (path, text)
            }
        };
        let text = text.map_err(|error| Failure::new(Kind::Input, error))?;
        let content = toml::from_str(&text).map_err(|error| {
            let at = error.span().map(|span| place(&text, span.start)).unwrap_or_default();
            let why = error.message();
            Failure::new(Kind::Input, format!("{}{at}: {why}", path.display()))
                .hint("`rolecall check --help` shows what it looks like")
        })?;
        Ok(Self { path, text, content })
    }

    /// What must hold, with ARNs for names.
    pub(super) fn expectations(
        &self,
        infrastructure: &mut Infrastructure,
    ) -> Result<Vec<Expectation>, Failure> {
        for entry in &self.content.expect {
            let context = &entry.get_ref().context;
            let secret = context.iter().filter(|(key, _)| key.eq_ignore_ascii_case("sts:ExternalId"));
            secret.for_each(|(_, id)| infrastructure.secrets.add(id));
        }
        let file = infrastructure.sources.add(&self.path, self.text.as_str());
        let known = self.content.accounts.values().filter_map(|entry| entry.get_ref().id());
        infrastructure.known_accounts.extend(known.map(str::to_owned));
        for entry in self.content.accounts.values() {
            let AccountEntry::More(More { environment: Some(environment), .. }) = entry.get_ref() else {
                continue;
            };
            let account = self.account(entry, infrastructure)?;
            infrastructure.environments.insert(account, environment.clone());
        }
        self.content.expect.iter().map(|entry| self.expectation(entry, file, infrastructure)).collect()
    }

    fn expectation(
        &self,
        entry: &Spanned<Entry>,
        file: u32,
        infrastructure: &Infrastructure,
    ) -> Result<Expectation, Failure> {
        let at = entry.span().start;
        let offset = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
        let (start, end) = (offset(at), offset(entry.span().end));
        let entry = entry.get_ref();
        let arn = |text: &str| self.arn(text, at, infrastructure);
        let arns = |list: &[String]| list.iter().map(|text| arn(text)).collect::<Result<Vec<_>, _>>();
        let from = match (&entry.from, &entry.nobody_else_can) {
            (Some(from), _) => arn(from)?,
            (None, Some(_)) => String::new(),
            (None, None) => return Err(self.wrong(at, "an expectation says who: `from`")),
        };
        if entry.allow.is_empty() && entry.deny.is_empty() && entry.nobody_else_can.is_none() {
            return Err(self.wrong(at, "an expectation says what: `allow`, `deny` or `nobody_else_can`"));
        }
        if entry.nothing_else && entry.allow.is_empty() {
            return Err(self.wrong(at, "`nothing_else` goes with `allow`, which says what it is beside"));
        }
        let name = entry.name.clone().unwrap_or_else(|| {
            let via: String = entry.via.iter().map(|role| format!(" through {role}")).collect();
            match (&entry.from, &entry.nobody_else_can) {
                (Some(from), _) => format!("{from}{via}"),
                (None, Some(action)) => format!("nobody else can {action}"),
                (None, None) => String::new(),
            }
        });
        let on = arn(&entry.on)?;
        Ok(Expectation {
            name,
            from,
            via: arns(&entry.via)?,
            allow: entry.allow.clone(),
            deny: entry.deny.clone(),
            nothing_else: entry.nothing_else,
            nobody_else_can: entry.nobody_else_can.clone(),
            but: arns(&entry.but)?,
            on: on.clone(),
            owner: self.owner(&entry.on, at, infrastructure)?,
            doubts: entry
                .allow
                .iter()
                .chain(&entry.deny)
                .chain(&entry.nobody_else_can)
                .filter_map(|action| doubt(action, &on))
                .collect(),
            place: Some(Place { file, start, end }),
            context: entry.context.iter().map(|(key, value)| (key.clone(), value.clone())).collect(),
        })
    }

    /// The account of a bucket, `ACCOUNT:s3::BUCKET`, which its ARN does not have.
    fn owner(
        &self,
        text: &str,
        at: usize,
        infrastructure: &Infrastructure,
    ) -> Result<Option<AccountId>, Failure> {
        let Some((account, _)) = text.split_once(":s3:").filter(|(account, _)| !account.contains(':')) else {
            return Ok(None);
        };
        let root = self.arn(&format!("{account}:iam::root"), at, infrastructure)?;
        Ok(Arn::parse(&root).and_then(|arn| arn.account_id()))
    }

    /// `ACCOUNT:role/NAME`, `ACCOUNT:SERVICE:REGION:RESOURCE`, or an ARN.
    fn arn(&self, text: &str, at: usize, infrastructure: &Infrastructure) -> Result<String, Failure> {
        if text.starts_with("arn:") || text == "*" || !text.contains(':') {
            return Ok(text.to_owned());
        }
        let (account, rest) = text.split_once(':').unwrap_or(("", text));
        let id = match self.content.accounts.get(account) {
            Some(id) => self.account(id, infrastructure)?,
            None if account.len() == 12 => account.to_owned(),
            None => {
                let known: Vec<&str> = self.content.accounts.keys().map(String::as_str).collect();
                let known = if known.is_empty() {
                    "[accounts] has none".to_owned()
                } else {
                    format!("[accounts] has {}", known.join(", "))
                };
                return Err(self.wrong(at, &format!("no account is called `{account}`: {known}")));
            }
        };
        if rest.starts_with("role/") || rest.starts_with("user/") {
            return Ok(format!("arn:aws:iam::{id}:{rest}"));
        }
        match rest.splitn(3, ':').collect::<Vec<_>>().as_slice() {
            ["s3", _, bucket] => Ok(format!("arn:aws:s3:::{bucket}")),
            [service, region, resource] => Ok(format!("arn:aws:{service}:{region}:{id}:{resource}")),
            _ => Err(self.wrong(
                at,
                &format!("`{text}` is neither `ACCOUNT:role/NAME` nor `ACCOUNT:SERVICE:REGION:RESOURCE`"),
            )),
        }
    }

    /// The ids of accounts, by their providers.
    pub(super) fn accounts(&self) -> Result<BTreeMap<String, String>, Failure> {
        let mut accounts = BTreeMap::new();
        for entry in self.content.accounts.values() {
            let at = entry.span().start;
            let provider = match entry.get_ref() {
                AccountEntry::Id(_) => None,
                AccountEntry::More(More { id: None, provider: None, .. }) => {
                    return Err(self.wrong(at, "an account is told by its `id`, or by its `provider`"));
                }
                AccountEntry::More(more) => more.provider.clone(),
            };
            let Some(id) = entry.get_ref().id() else { continue };
            if !is_account(id) {
                let what = format!(
                    "`{id}` is no account id, which has twelve digits: {{ provider = \"{id}\" }} names a provider"
                );
                return Err(self.wrong(at, &what));
            }
            accounts.extend(provider.map(|provider| (provider, id.to_owned())));
        }
        Ok(accounts)
    }

    /// The accounts that have an id, to be asked themselves.
    pub(super) fn asked(&self) -> Result<Vec<Asked>, Failure> {
        let mut all = Vec::new();
        for (name, entry) in &self.content.accounts {
            let profile = match entry.get_ref() {
                AccountEntry::Id(_) => None,
                AccountEntry::More(more) => more.profile.clone(),
            };
            let id = entry.get_ref().id().and_then(|id| id.parse().ok());
            match id {
                Some(id) => all.push(Asked { name: name.clone(), id, profile }),
                None if profile.is_some() => {
                    let what =
                        "an account with a profile has an `id`: what the profile leads to is held against it";
                    return Err(self.wrong(entry.span().start, what));
                }
                None => {}
            }
        }
        Ok(all)
    }

    /// The id, or the digits that stand for the account of a provider.
    fn account(
        &self,
        entry: &Spanned<AccountEntry>,
        infrastructure: &Infrastructure,
    ) -> Result<String, Failure> {
        if let Some(id) = entry.get_ref().id() {
            return Ok(id.to_owned());
        }
        let provider = match entry.get_ref() {
            AccountEntry::Id(_) => String::new(),
            AccountEntry::More(more) => more.provider.clone().unwrap_or_default(),
        };
        let of = infrastructure.declared.iter().find(|(_, declared)| declared.provider == provider);
        let found = of.and_then(|(arn, _)| arn.split(':').nth(4));
        found.map(str::to_owned).ok_or_else(|| {
            self.wrong(
                entry.span().start,
                &format!("no provider `{provider}` makes a role, user or policy here"),
            )
        })
    }

    fn wrong(&self, at: usize, what: &str) -> Failure {
        Failure::new(Kind::Input, format!("{}{}: {what}", self.path.display(), place(&self.text, at)))
    }
}

/// Why nothing can be said about an action on a resource: its service does not have it, or it is on no such thing. Of a
/// service that is not known nothing is said.
fn doubt(action: &str, on: &str) -> Option<(String, String)> {
    let of_service = reference::service(action.split_once(':')?.0)?;
    let why = match reference::action(action) {
        None => format!(
            "the service has no action `{action}`, by the service authorization reference of {}",
            reference::date()
        ),
        Some(known) if on == "*" && known.resources().any(reference::ActionResource::is_required) => {
            format!("{action} is on one resource of {}: `on` names it", of_service.name())
        }
        Some(_) => {
            let region = Arn::parse(on)?.region;
            let letters =
                |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_alphanumeric());
            let is_region = region == region.to_ascii_lowercase() && region.split('-').all(letters);
            if region.is_empty() || (is_region && region.contains('-')) {
                return None;
            }
            format!("`{region}` is no Region")
        }
    };
    Some((action.to_owned(), why))
}

/// `:LINE:COLUMN`
fn place(text: &str, at: usize) -> String {
    let before = text.get(..at).unwrap_or_default();
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
    format!(":{line}:{column}")
}
