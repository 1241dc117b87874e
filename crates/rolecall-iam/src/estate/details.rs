//! An account as `aws iam get-account-authorization-details` prints it.
//!
//! <https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetAccountAuthorizationDetails.html>

use std::collections::BTreeMap;

use super::json::{Object, ReadError, text};
use super::{Account, Estate, Group, Identity, InstanceProfile, ManagedPolicy, PolicyVersion, Role, User};
use crate::arn::{AccountId, Arn};
use crate::diagnostic::{Diagnostic, Span};
use crate::policy::Policy;
use crate::text::{self, Node, Value};

/// What one text told of an account: all of it, or with `--filter` or page by page a part.
///
/// ```
/// use rolecall_iam::{Details, Estate};
/// let text = r#"{"RoleDetailList": [{
///     "RoleName": "app", "RoleId": "AROAEXAMPLEEXAMPLE123", "Path": "/",
///     "Arn": "arn:aws:iam::111111111111:role/app", "AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": []}
/// }]}"#;
/// let mut estate = Estate::default();
/// for details in Details::read(text).unwrap() {
///     estate.add(details).unwrap();
/// }
/// assert!(estate.settle().is_empty());
/// assert_eq!(estate.unique_id("arn:aws:iam::111111111111:role/app"), Some("AROAEXAMPLEEXAMPLE123"));
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Details {
    /// The account, told by the ARNs in it; `None` where there is nothing of the account in it.
    pub account: Option<Account>,
    /// The AWS-managed policies in use, by ARN.
    pub aws_policies: BTreeMap<String, Policy>,
    /// What is to be doubted in it: documents that cannot be understood, a list that breaks off.
    pub warnings: Vec<ReadError>,
}

/// The lists of the answer; with none of them it is something else.
const LISTS: [&str; 4] = ["UserDetailList", "GroupDetailList", "RoleDetailList", "Policies"];

impl Details {
    /// Reads one answer, or several of them one after another. Policy documents may be JSON, as the AWS CLI prints
    /// them, or URL-encoded, as the API sends them. Dates are not read: nothing is decided by them.
    ///
    /// # Errors
    /// The first place that is not what the API sends.
    pub fn read(text: &str) -> Result<Vec<Self>, ReadError> {
        let answers = text::read_all(text).map_err(|error| ReadError::new(error.span, error.message))?;
        let mut all = Vec::with_capacity(answers.len());
        for (index, answer) in answers.iter().enumerate() {
            let mut details = Reader { text, account: None, found: Self::nothing() }.answer(answer)?;
            let cut = Object::of(answer)?;
            let more = ["NextToken", "Marker"].into_iter().find_map(|name| cut.get(name));
            if let Some(more) = more.filter(|_| index + 1 == answers.len()) {
                details.warnings.push(ReadError::new(
                    more.span,
                    "the listing breaks off here: ask again without --max-items and --no-paginate, or add the pages \
                     that follow",
                ));
            }
            all.push(details);
        }
        Ok(all)
    }

    fn nothing() -> Self {
        Self { account: None, aws_policies: BTreeMap::new(), warnings: Vec::new() }
    }
}

impl Estate {
    /// Adds what was read. Parts of one account come together; [`Estate::settle`] is to be called after the last.
    ///
    /// # Errors
    /// The name that two parts give to two different things.
    pub fn add(&mut self, details: Details) -> Result<(), String> {
        self.aws_policies.extend(details.aws_policies);
        let Some(part) = details.account else { return Ok(()) };
        let account = self.accounts.entry(part.id).or_insert_with(|| Account::new(part.id));
        let id = part.id;
        merge(&mut account.roles, part.roles, id, "role")?;
        merge(&mut account.users, part.users, id, "user")?;
        merge(&mut account.groups, part.groups, id, "group")?;
        merge(&mut account.policies, part.policies, id, "policy")?;
        merge(&mut account.instance_profiles, part.instance_profiles, id, "instance profile")
    }
}

fn merge<T: PartialEq>(
    into: &mut BTreeMap<String, T>,
    from: BTreeMap<String, T>,
    account: AccountId,
    what: &str,
) -> Result<(), String> {
    for (name, thing) in from {
        if into.get(&name).is_some_and(|held| *held != thing) {
            return Err(format!("the {what} `{name}` of account {account} is there twice, in two versions"));
        }
        into.insert(name, thing);
    }
    Ok(())
}

struct Reader<'a> {
    text: &'a str,
    account: Option<Account>,
    found: Details,
}

impl<'a> Reader<'a> {
    fn answer(mut self, node: &'a Node) -> Result<Details, ReadError> {
        let answer = Object::of(node)?;
        if LISTS.iter().all(|name| answer.get(name).is_none()) {
            let message = "this is not what `aws iam get-account-authorization-details` prints: it has none of \
                           UserDetailList, GroupDetailList, RoleDetailList and Policies";
            return Err(ReadError::new(node.span, message));
        }
        for item in answer.objects("UserDetailList")? {
            let groups = item.list("GroupList")?.iter().map(|name| Ok(text(name)?.to_ascii_lowercase()));
            let groups = groups.collect::<Result<_, _>>()?;
            let (key, identity) = self.identity(item, "user", "User")?;
            once(self.account(item)?.users.insert(key, User { identity, groups }).is_none(), item, "user")?;
        }
        for item in answer.objects("GroupDetailList")? {
            let (key, identity) = self.identity(item, "group", "Group")?;
            once(self.account(item)?.groups.insert(key, Group { identity }).is_none(), item, "group")?;
        }
        for item in answer.objects("RoleDetailList")? {
            let (key, identity) = self.identity(item, "role", "Role")?;
            let trust = self.document(item.need("AssumeRolePolicyDocument")?)?;
            for profile in item.objects("InstanceProfileList")? {
                let (name, profile) = instance_profile(profile, &key)?;
                self.account(item)?.instance_profiles.insert(name, profile);
            }
            let description = item.maybe_text("Description")?.map(str::to_owned);
            let role = Role { identity, trust, description, max_session_duration: 3600 };
            once(self.account(item)?.roles.insert(key, role).is_none(), item, "role")?;
        }
        for item in answer.objects("Policies")? {
            self.managed_policy(item)?;
        }
        self.found.account = self.account;
        Ok(self.found)
    }

    /// The account that `item` is in, by its ARN.
    fn account(&mut self, item: Object<'_>) -> Result<&mut Account, ReadError> {
        let node = item.need("Arn")?;
        let arn = text(node)?;
        let parsed = Arn::parse(arn).filter(|arn| arn.service == "iam");
        let id = parsed.and_then(|arn| arn.account_id());
        let (Some(parsed), Some(id)) = (parsed, id) else {
            return Err(ReadError::new(node.span, format!("`{arn}` is not an ARN of IAM")));
        };
        if parsed.partition != "aws" {
            let message =
                format!("`{arn}` is in the partition {}, which is not supported yet", parsed.partition);
            return Err(ReadError::new(node.span, message));
        }
        let account = self.account.get_or_insert_with(|| Account::new(id));
        if account.id != id {
            let message = format!(
                "`{arn}` is in another account than the {} before it: one file per account",
                account.id
            );
            return Err(ReadError::new(node.span, message));
        }
        Ok(account)
    }

    /// What users, groups and roles have in common, with the name in lower case. `Title` begins the names of members.
    fn identity(
        &mut self,
        item: Object<'a>,
        noun: &str,
        title: &str,
    ) -> Result<(String, Identity), ReadError> {
        let name = item.text(&format!("{title}Name"))?;
        let path = item.maybe_text("Path")?.unwrap_or("/");
        let account = self.account(item)?;
        let expected = account.iam_arn(noun, path, name);
        let arn = item.need("Arn")?;
        if text(arn)? != expected {
            let message =
                format!("this is not the ARN of the {noun} {name} with the path {path}: `{expected}`");
            return Err(ReadError::new(arn.span, message));
        }
        let mut inline = BTreeMap::new();
        for policy in item.objects(&format!("{title}PolicyList"))? {
            let document = self.document(policy.need("PolicyDocument")?)?;
            inline.insert(policy.text("PolicyName")?.to_owned(), document);
        }
        let attached = item.objects("AttachedManagedPolicies")?.into_iter();
        let attached =
            attached.map(|policy| policy.text("PolicyArn").map(str::to_owned)).collect::<Result<_, _>>()?;
        let boundary = item.get("PermissionsBoundary").map(Object::of).transpose()?;
        let boundary = boundary.map(|it| it.text("PermissionsBoundaryArn").map(str::to_owned)).transpose()?;
        let identity = Identity {
            name: name.to_owned(),
            path: path.to_owned(),
            id: item.text(&format!("{title}Id"))?.to_owned(),
            created: 0,
            inline,
            attached,
            boundary,
            tags: tags(item)?,
        };
        Ok((name.to_ascii_lowercase(), identity))
    }

    fn managed_policy(&mut self, item: Object<'a>) -> Result<(), ReadError> {
        let arn = item.text("Arn")?;
        let mut versions = BTreeMap::new();
        let mut default_version = item.maybe_text("DefaultVersionId")?.and_then(version_number);
        for version in item.objects("PolicyVersionList")? {
            let id = version.need("VersionId")?;
            let number = version_number(text(id)?);
            let number = number.ok_or_else(|| ReadError::new(id.span, "a version is `v` and a number"))?;
            if matches!(version.get("IsDefaultVersion").map(|node| &node.value), Some(Value::Bool(true))) {
                default_version = Some(number);
            }
            let Some(document) = version.get("Document") else { continue };
            let policy = self.document(document)?;
            versions.insert(number, PolicyVersion { policy, created: 0 });
        }
        let default =
            default_version.and_then(|number| Some((number, versions.get(&number)?.policy.clone())));
        let Some((default_version, document)) = default else {
            let message = format!("the default version of {arn} is not in its PolicyVersionList");
            return Err(ReadError::new(item.span, message));
        };
        if arn.starts_with("arn:aws:iam::aws:policy/") {
            self.found.aws_policies.insert(arn.to_owned(), document);
            return Ok(());
        }
        let policy = ManagedPolicy {
            name: item.text("PolicyName")?.to_owned(),
            path: item.maybe_text("Path")?.unwrap_or("/").to_owned(),
            id: item.maybe_text("PolicyId")?.unwrap_or_default().to_owned(),
            created: 0,
            updated: 0,
            description: item.maybe_text("Description")?.map(str::to_owned),
            tags: tags(item)?,
            next_version: versions.keys().next_back().map_or(1, |last| last.saturating_add(1)),
            versions,
            default_version,
        };
        once(self.account(item)?.policies.insert(arn.to_owned(), policy).is_none(), item, "policy")?;
        Ok(())
    }

    /// A policy document: JSON in the JSON, or a string that holds it, URL-encoded or not.
    fn document(&mut self, node: &Node) -> Result<Policy, ReadError> {
        let policy = match &node.value {
            Value::Object(_) => {
                Policy::lenient(self.text.get(node.span.start..node.span.end).unwrap_or_default())
            }
            Value::String(text) if text.trim_start().starts_with('{') => Policy::lenient(text),
            Value::String(text) => Policy::lenient(&url_decoded(text)),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_) => {
                return Err(ReadError::new(
                    node.span,
                    "a policy document is an object, or a string that holds one",
                ));
            }
        };
        self.doubt(&policy, node.span);
        Ok(policy)
    }

    /// IAM has saved it, so that what cannot be understood is a loss here, not a mistake there.
    fn doubt(&mut self, policy: &Policy, span: Span) {
        if policy.document().statements.iter().any(|statement| statement.broken) {
            let (_, found) = crate::parse::parse(policy.text());
            let why = found.into_iter().find(Diagnostic::is_error).map_or_else(String::new, |it| it.message);
            let message = format!(
                "a statement of this policy cannot be understood ({why}): it allows nothing, and what it may deny is undecided"
            );
            self.found.warnings.push(ReadError::new(span, message));
        }
    }
}

fn instance_profile(item: Object<'_>, role: &str) -> Result<(String, InstanceProfile), ReadError> {
    let name = item.text("InstanceProfileName")?;
    let profile = InstanceProfile {
        name: name.to_owned(),
        path: item.maybe_text("Path")?.unwrap_or("/").to_owned(),
        id: item.maybe_text("InstanceProfileId")?.unwrap_or_default().to_owned(),
        created: 0,
        role: Some(role.to_owned()),
        tags: tags(item)?,
    };
    Ok((name.to_ascii_lowercase(), profile))
}

fn tags(item: Object<'_>) -> Result<BTreeMap<String, String>, ReadError> {
    let tags = item.objects("Tags")?.into_iter();
    tags.map(|tag| Ok((tag.text("Key")?.to_owned(), tag.text("Value")?.to_owned()))).collect()
}

/// `v3`
fn version_number(text: &str) -> Option<u32> {
    text.strip_prefix('v')?.parse().ok()
}

/// `%7B` and its like, as RFC 3986 has it; what is no such code stays.
fn url_decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&first, after)) = rest.split_first() {
        let code =
            after.get(..2).filter(|_| first == b'%').and_then(|digits| std::str::from_utf8(digits).ok());
        match code.and_then(|digits| u8::from_str_radix(digits, 16).ok()) {
            Some(byte) => {
                bytes.push(byte);
                rest = after.get(2..).unwrap_or_default();
            }
            None => {
                bytes.push(first);
                rest = after;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Of two that have one name, what the other denies would be lost.
fn once(is_new: bool, item: Object<'_>, kind: &str) -> Result<(), ReadError> {
    if is_new { Ok(()) } else { Err(ReadError::new(item.span, format!("this {kind} is listed twice"))) }
}
