//! One live account: with whose credentials it is read, and what it holds.

use rolecall::{Identity, Profile, identify};
use rolecall_iam::{AccountId, Details, Estate, Policy};
use serde_json::{Value as Json, json};

use super::super::config::Asked;
use super::call::{Caller, Failed};
use crate::command::mfa::{Codes, Terminal};
use crate::command::role::Source;
use crate::failure::{Failure, Kind};
use crate::out::Out;

/// What is needed, as a statement to paste.
const NEEDED: &str = r#"{
  "Effect": "Allow",
  "Action": ["iam:GetAccountAuthorizationDetails", "iam:SimulatePrincipalPolicy", "dynamodb:GetResourcePolicy"],
  "Resource": "*"
}"#;

/// Entries on a page: the most that IAM gives.
const PAGE: &str = "1000";

/// Who AWS takes somebody for.
pub(super) struct Signer {
    caller: Caller,
    identity: Identity,
}

/// An account that can be asked.
pub(super) struct Account {
    /// What `rolecall.toml` calls it.
    pub(super) name: String,
    pub(super) id: AccountId,
    arn: String,
    pub(super) caller: Caller,
}

/// The policy on a resource, as far as it could be read.
pub(super) enum ResourcePolicy {
    /// There is none.
    None,
    /// This one.
    Read(Policy),
    /// It was not read, because of this.
    Unread(String),
}

impl Signer {
    /// With the credentials of a profile, or else with those that the environment has.
    pub(super) async fn new(profile: Option<&str>, endpoint_url: Option<&str>) -> Result<Self, Failure> {
        let endpoint_url = endpoint_url.map(str::to_owned);
        let source = Source {
            profile: profile.map(str::to_owned),
            endpoint_url: endpoint_url.clone(),
            ..Source::default()
        };
        let config = source.environment().load().await;
        let profile = source.profile().await?;
        let codes = Codes::new(None, profile.as_ref(), &Terminal::default());
        let config = match (profile.clone().and_then(Profile::session), &profile) {
            (Some(session), _) => session.config(config).token_code(codes).build().await?.sdk_config(),
            (None, Some(profile)) => profile.config(&config),
            (None, None) => config,
        };
        let identity = identify(&config).await?;
        Ok(Self { caller: Caller::new(config, endpoint_url), identity })
    }

    pub(super) fn account(&self) -> &str {
        self.identity.account()
    }

    /// The account, if it is this one.
    pub(super) fn of(self, asked: &Asked) -> Result<Account, Failure> {
        let Self { caller, identity } = self;
        let Asked { name, id, profile } = asked;
        if identity.account() != id.as_str() {
            let whose = match profile {
                Some(profile) => format!("the profile `{profile}` is"),
                None => "the credentials of the environment are".to_owned(),
            };
            let what = format!(
                "account `{name}` is {id}, and {whose} of account {}: {}",
                identity.account(),
                identity.arn()
            );
            return Err(Failure::new(Kind::Input, what)
                .hint(format!("rolecall.toml says both: {name} = {{ id = \"{id}\", profile = \"…\" }}")));
        }
        Ok(Account { name: name.clone(), id: *id, arn: identity.arn().to_owned(), caller })
    }
}

impl Account {
    /// Adds what the account holds to an Estate: users, groups, roles, and the policies that are theirs or attached to
    /// them.
    ///
    /// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetAccountAuthorizationDetails.html>
    pub(super) async fn read(&self, estate: &mut Estate, out: &mut Out) -> Result<(), Failure> {
        estate.accounts.entry(self.id).or_insert_with(|| rolecall_iam::Account::new(self.id));
        let mut marker: Option<String> = None;
        loop {
            let mut parameters = vec![("MaxItems".to_owned(), PAGE.to_owned())];
            parameters.extend(marker.take().map(|marker| ("Marker".to_owned(), marker)));
            let answer = self.caller.iam("GetAccountAuthorizationDetails", &parameters).await;
            let mut page = answer.map_err(|failed| self.failure(&failed))?;
            let next = page.get_mut("Marker").map(Json::take);
            if let Some(page) = page.as_object_mut() {
                page.remove("Marker");
            }
            let nonsense = |why: String| {
                let what = format!("what IAM says of account {} makes no sense: {why}", self.called());
                Failure::new(Kind::Unreachable, what)
            };
            let all = Details::read(&page.to_string()).map_err(|error| nonsense(error.to_string()))?;
            for details in all {
                if let Some(other) = details.account.as_ref().filter(|account| account.id != self.id) {
                    return Err(nonsense(format!("it is of account {}", other.id)));
                }
                for warning in &details.warnings {
                    out.warning(format_args!("account {}: {warning}", self.called()));
                }
                estate.add(details).map_err(nonsense)?;
            }
            let is_cut = page.get("IsTruncated").and_then(Json::as_bool).unwrap_or(false);
            match next.as_ref().and_then(Json::as_str).filter(|_| is_cut) {
                Some(next) => marker = Some(next.to_owned()),
                None if is_cut => return Err(nonsense("it breaks off".to_owned())),
                None => return Ok(()),
            }
        }
    }

    fn failure(&self, failed: &Failed) -> Failure {
        let what = format!("account {} cannot be read: {failed}", self.called());
        match failed {
            Failed::Refused { .. } if failed.is_denied() => Failure::new(Kind::Refused, what)
                .hint(format!("{} needs this, and AWS's policy SecurityAudit has it:\n{NEEDED}", self.arn)),
            Failed::Refused { .. } => Failure::new(Kind::Refused, what),
            Failed::Credentials(_) => Failure::new(Kind::NoCredentials, what),
            Failed::Unreachable(_) | Failed::Nonsense(_) => Failure::new(Kind::Unreachable, what).hint(
                "AWS_ENDPOINT_URL_IAM, AWS_ENDPOINT_URL and `--endpoint-url` say where IAM is called, HTTPS_PROXY \
                 through what",
            ),
        }
    }

    fn called(&self) -> String {
        format!("`{}` ({})", self.name, self.id)
    }

    /// The policy on a table.
    ///
    /// <https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_GetResourcePolicy.html>
    pub(super) async fn table_policy(&self, region: &str, arn: &str) -> ResourcePolicy {
        let answer = self.caller.dynamodb(region, "GetResourcePolicy", &json!({ "ResourceArn": arn })).await;
        match answer {
            Ok(answer) => match answer.get("Policy").and_then(Json::as_str) {
                Some(text) => ResourcePolicy::Read(Policy::lenient(text)),
                None => ResourcePolicy::Unread("AWS's answer has none in it".to_owned()),
            },
            // A table that is not there has no policy either.
            Err(failed) if failed.is("PolicyNotFoundException") || failed.is("ResourceNotFoundException") => {
                ResourcePolicy::None
            }
            Err(failed) => ResourcePolicy::Unread(failed.to_string()),
        }
    }
}
