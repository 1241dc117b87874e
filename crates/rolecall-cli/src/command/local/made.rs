//! What Terraform would make, made in a local AWS: roles, users, groups, policies and tables, over the wire, by the root of
//! each account.

use std::net::SocketAddr;
use std::time::UNIX_EPOCH;

use rolecall_iam::{Account, Arn, Identity, LetIn, Policy};
use rolecall_local::{SignedAnswer, SignedClient, SigningCredentials};
use rolecall_terraform::check::shown;
use rolecall_terraform::estate::{Infrastructure, Keys, Table};
use serde_json::{Value, json};

use crate::failure::{Failure, Kind};

/// What a text that is not all known has in it.
const MARK: &str = "${rolecall:unknown/";

/// What was made: account, what, and more about it.
pub(crate) type Made = (String, String, String);

/// Makes things in a local AWS.
pub(crate) struct Maker<'a> {
    pub(crate) address: SocketAddr,
    /// Its root secret; any will do where it has none.
    pub(crate) secret: String,
    pub(crate) all: &'a Infrastructure,
    pub(crate) made: Vec<Made>,
    /// What was not made, and why.
    pub(crate) left: Vec<String>,
}

/// One call of IAM, not made yet.
struct Call {
    account: String,
    action: &'static str,
    parameters: Vec<(String, String)>,
    about: (String, String),
}

impl Maker<'_> {
    /// Makes everything that is known. What is there already stays as it is.
    ///
    /// # Errors
    /// The local AWS does not answer.
    pub(crate) async fn make(&mut self) -> Result<(), Failure> {
        let accounts: Vec<&Account> = self.all.estate.accounts.values().collect();
        let mut calls: Vec<Call> = accounts.iter().flat_map(|account| names(account)).collect();
        calls.extend(accounts.iter().flat_map(|account| grants(account)));
        // IAM refuses a principal that is not there yet: what was refused is tried again as long as others get on.
        while !calls.is_empty() {
            let mut refused = Vec::new();
            let before = calls.len();
            for call in calls {
                if call.parameters.iter().any(|(_, value)| value.contains(MARK)) {
                    self.left.push(format!("{} {}: not all of it is known", call.about.0, call.about.1));
                } else if let Some(why) = self.iam(&call).await? {
                    refused.push((call, why));
                }
            }
            if refused.len() == before {
                let lines =
                    refused.iter().map(|(call, why)| format!("{} {}: {why}", call.about.0, call.about.1));
                self.left.extend(lines.collect::<Vec<_>>());
                break;
            }
            calls = refused.into_iter().map(|(call, _)| call).collect();
        }
        for table in &self.all.tables {
            self.table(table).await?;
        }
        for (arn, policy) in accounts.iter().flat_map(|account| &account.resource_policies) {
            self.resource_policy(arn, policy).await?;
        }
        if self.all.estate.organization.is_some() {
            self.left
                .push("control policies: `rolecall local scp ACCOUNT FILE` gives an account one".to_owned());
        }
        Ok(())
    }

    /// Makes a call; the reason where IAM refuses it.
    async fn iam(&mut self, call: &Call) -> Result<Option<String>, Failure> {
        let parameters: Vec<(&str, &str)> =
            call.parameters.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let answer =
            self.root(&call.account, "us-east-1").query("iam", call.action, &parameters, unix_now()).await;
        let answer = answer.map_err(|error| Failure::new(Kind::Unreachable, error))?;
        match answer.status {
            200 => {
                let (what, how) = &call.about;
                if !what.is_empty() {
                    self.made.push((call.account.clone(), shown(self.all, what), shown(self.all, how)));
                }
                Ok(None)
            }
            _ if answer.body.contains("EntityAlreadyExists") => Ok(None),
            _ => Ok(Some(message(&answer))),
        }
    }

    async fn table(&mut self, table: &Table) -> Result<(), Failure> {
        let attributes = table.attributes.iter();
        let attributes: Vec<Value> =
            attributes.map(|(name, kind)| json!({ "AttributeName": name, "AttributeType": kind })).collect();
        let mut input = json!({
            "TableName": table.name,
            "BillingMode": "PAY_PER_REQUEST",
            "AttributeDefinitions": attributes,
            "KeySchema": key_schema(&table.keys),
        });
        for (member, is_local) in [("GlobalSecondaryIndexes", false), ("LocalSecondaryIndexes", true)] {
            let indexes = table.indexes.iter().filter(|index| index.is_local == is_local);
            let indexes: Vec<Value> = indexes
                .map(|index| {
                    let mut projection = json!({ "ProjectionType": index.projection });
                    if let (false, Some(object)) = (index.included.is_empty(), projection.as_object_mut()) {
                        object.insert("NonKeyAttributes".to_owned(), json!(index.included));
                    }
                    json!({ "IndexName": index.name, "KeySchema": key_schema(&index.keys), "Projection": projection })
                })
                .collect();
            if let (false, Some(object)) = (indexes.is_empty(), input.as_object_mut()) {
                object.insert(member.to_owned(), json!(indexes));
            }
        }
        let answer =
            self.root(&table.account, &table.region).dynamodb("CreateTable", &input, unix_now()).await;
        let answer = answer.map_err(|error| Failure::new(Kind::Unreachable, error))?;
        if answer.status == 200 {
            let (what, how) = (format!("table {}", table.name), format!("in {}", table.region));
            self.made.push((table.account.clone(), what, how));
        } else if !answer.body.contains("ResourceInUseException") {
            self.left.push(format!("table {}: {}", table.name, message(&answer)));
        }
        Ok(())
    }

    /// Of a table; nothing else that has a policy is in a local AWS.
    async fn resource_policy(&mut self, arn: &str, policy: &Policy) -> Result<(), Failure> {
        let Some(parsed) =
            Arn::parse(arn).filter(|arn| arn.service == "dynamodb" && !arn.resource.contains('*'))
        else {
            return Ok(());
        };
        if policy.text().contains(MARK) || arn.contains(MARK) {
            self.left.push(format!("the policy on {}: not all of it is known", shown(self.all, arn)));
            return Ok(());
        }
        let input = json!({ "ResourceArn": arn, "Policy": policy.text() });
        let root = self.root(parsed.account, parsed.region);
        let answer = root.dynamodb("PutResourcePolicy", &input, unix_now()).await;
        let answer = answer.map_err(|error| Failure::new(Kind::Unreachable, error))?;
        let what = format!("policy on {}", parsed.resource);
        match answer.status {
            200 => self.made.push((parsed.account.to_owned(), what, String::new())),
            _ => self.left.push(format!("{what}: {}", message(&answer))),
        }
        Ok(())
    }

    fn root(&self, account: &str, region: &str) -> SignedClient {
        let credentials = SigningCredentials::new(account.to_owned(), self.secret.clone(), None);
        SignedClient { address: self.address, credentials, region: region.to_owned() }
    }
}

/// What has a name of its own: managed policies, groups, users, roles.
fn names(account: &Account) -> Vec<Call> {
    let id = account.id.to_string();
    let call = |action, parameters: Vec<(&str, String)>, what: &str, name: &str, how: String| Call {
        account: id.clone(),
        action,
        parameters: parameters.into_iter().map(|(name, value)| (name.to_owned(), value)).collect(),
        about: (format!("{what} {name}"), how),
    };
    let mut calls = Vec::new();
    for policy in account.policies.values() {
        let Some(document) = policy.document() else { continue };
        let parameters = vec![
            ("PolicyName", policy.name.clone()),
            ("Path", policy.path.clone()),
            ("PolicyDocument", document.text().to_owned()),
        ];
        let how = format!("allows {}", actions(document));
        calls.push(call("CreatePolicy", parameters, "policy", &policy.name, how));
    }
    for group in account.groups.values() {
        let parameters =
            vec![("GroupName", group.identity.name.clone()), ("Path", group.identity.path.clone())];
        calls.push(call("CreateGroup", parameters, "group", &group.identity.name, String::new()));
    }
    for user in account.users.values() {
        let mut parameters =
            vec![("UserName", user.identity.name.clone()), ("Path", user.identity.path.clone())];
        parameters.extend(user.identity.boundary.clone().map(|arn| ("PermissionsBoundary", arn)));
        calls.push(call("CreateUser", parameters, "user", &user.identity.name, String::new()));
    }
    for role in account.roles.values() {
        let identity = &role.identity;
        let mut parameters = vec![
            ("RoleName", identity.name.clone()),
            ("Path", identity.path.clone()),
            ("AssumeRolePolicyDocument", role.trust.text().to_owned()),
            ("MaxSessionDuration", role.max_session_duration.to_string()),
        ];
        parameters.extend(identity.boundary.clone().map(|arn| ("PermissionsBoundary", arn)));
        let how = format!("trusts {}", trusted(&role.trust));
        let mut role = call("CreateRole", parameters, "role", &identity.name, how);
        for (number, (key, value)) in (1..).zip(&identity.tags) {
            role.parameters.push((format!("Tags.member.{number}.Key"), key.clone()));
            role.parameters.push((format!("Tags.member.{number}.Value"), value.clone()));
        }
        calls.push(role);
    }
    calls
}

/// What they are given: inline policies, attachments, memberships.
fn grants(account: &Account) -> Vec<Call> {
    let roles = account.roles.values().map(|role| ("Role", &role.identity));
    let users = account.users.values().map(|user| ("User", &user.identity));
    let groups = account.groups.values().map(|group| ("Group", &group.identity));
    let mut calls: Vec<Call> = roles
        .chain(users)
        .chain(groups)
        .flat_map(|(noun, identity)| given(account, noun, identity))
        .collect();
    for user in account.users.values() {
        for group in &user.groups {
            let name = account.groups.get(group).map_or(group, |group| &group.identity.name);
            calls.push(Call {
                account: account.id.to_string(),
                action: "AddUserToGroup",
                parameters: vec![
                    ("UserName".to_owned(), user.identity.name.clone()),
                    ("GroupName".to_owned(), name.clone()),
                ],
                about: (String::new(), format!("{} in group {name}", user.identity.name)),
            });
        }
    }
    calls
}

fn given(account: &Account, noun: &str, identity: &Identity) -> Vec<Call> {
    let (put, attach) = match noun {
        "Role" => ("PutRolePolicy", "AttachRolePolicy"),
        "User" => ("PutUserPolicy", "AttachUserPolicy"),
        _ => ("PutGroupPolicy", "AttachGroupPolicy"),
    };
    let of = |action, more: Vec<(&str, String)>, what: String, how: String| {
        let mut parameters = vec![(format!("{noun}Name"), identity.name.clone())];
        parameters.extend(more.into_iter().map(|(name, value)| (name.to_owned(), value)));
        Call { account: account.id.to_string(), action, parameters, about: (what, how) }
    };
    let inline = identity.inline.iter().map(|(name, policy)| {
        let parameters = vec![("PolicyName", name.clone()), ("PolicyDocument", policy.text().to_owned())];
        let how = format!("of {}, allows {}", identity.name, actions(policy));
        of(put, parameters, format!("policy {name}"), how)
    });
    let attached = identity.attached.iter().map(|arn| {
        let name = arn.rsplit('/').next().unwrap_or(arn);
        let how = format!("{name} on {}", identity.name);
        of(attach, vec![("PolicyArn", arn.clone())], "attachment".to_owned(), how)
    });
    inline.chain(attached).collect()
}

fn key_schema(keys: &Keys) -> Value {
    let key = |name: &String, kind: &str| json!({ "AttributeName": name, "KeyType": kind });
    let range = keys.range.iter().map(|name| key(name, "RANGE"));
    Value::Array(std::iter::once(key(&keys.hash, "HASH")).chain(range).collect())
}

/// What a policy allows, as it is written there.
fn actions(policy: &Policy) -> String {
    let text = policy.text();
    let lower = text.to_ascii_lowercase();
    let as_written = |action: &str| {
        let written = lower.find(action).and_then(|at| text.get(at..at + action.len()));
        written.unwrap_or(action).to_owned()
    };
    let actions: Vec<String> = policy.allowed_actions().map(as_written).collect();
    listed(actions.iter().map(String::as_str))
}

/// Whom a trust policy names.
fn trusted(policy: &Policy) -> String {
    let named: Vec<String> = policy
        .let_in()
        .map(|(_, who)| match who {
            LetIn::Everyone => "everyone".to_owned(),
            LetIn::Account(id) => format!("account {id}"),
            LetIn::Principal(arn) => arn.to_owned(),
            LetIn::Service(name) | LetIn::Federated(name) | LetIn::Other(name) => name.to_owned(),
        })
        .collect();
    listed(named.iter().map(String::as_str))
}

/// The first few, for a line.
fn listed<'t>(texts: impl Iterator<Item = &'t str>) -> String {
    let texts: Vec<&str> = texts.collect();
    match texts.as_slice() {
        [] => "nothing".to_owned(),
        [one, another, _, ..] => format!("{one}, {another}, …"),
        few => few.join(", "),
    }
}

/// What a refusal says.
fn message(answer: &SignedAnswer) -> String {
    let between = |start: &str, end: &str| {
        let (_, rest) = answer.body.split_once(start)?;
        rest.split_once(end).map(|(text, _)| text.to_owned())
    };
    let text = between("<Message>", "</Message>").or_else(|| between("\"message\":\"", "\""));
    text.unwrap_or_else(|| format!("it was answered with {}", answer.status))
}

fn unix_now() -> i64 {
    let since = crate::clock::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_secs()).unwrap_or(i64::MAX)
}
