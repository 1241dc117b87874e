//! What IAM knows: the Estate that decides, and the secrets that do not belong in it.

use std::collections::BTreeMap;

use rolecall_iam::{Account, AccountId, Estate, Identity, Level, Organization, Policy, Role};
use serde::{Deserialize, Serialize};

use crate::id;
use crate::secret::Secret;

/// The state of IAM for all accounts.
#[derive(Debug)]
pub(crate) struct Directory {
    /// Accounts, principals, policies, organisation: everything that decides.
    pub(crate) estate: Estate,
    /// Access keys of users, by their id.
    pub(crate) keys: BTreeMap<String, AccessKey>,
}

/// An access key of a user.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct AccessKey {
    /// `AKIA…`
    pub(crate) id: String,
    /// The secret that goes with it.
    pub(crate) secret: Secret,
    /// The account.
    pub(crate) account: AccountId,
    /// The user's name in lower case.
    pub(crate) user: String,
    /// Whether it may be used.
    pub(crate) active: bool,
    /// When it was made, in seconds since 1970.
    pub(crate) created: i64,
    /// When, for which service and in which Region it was last used.
    pub(crate) last_used: Option<(i64, String, String)>,
}

/// The role that AWS Organizations makes in every account it creates.
pub(crate) const ADMINISTRATOR_ROLE: &str = "OrganizationAccountAccessRole";

/// The session tag of an administrator that this AWS itself has let in. Nobody else can set it: keys that begin with
/// `aws:` are refused wherever tags are passed.
pub(crate) const ADMINISTRATOR_TAG: &str = "aws:rolecall:administrator";

/// The management account of the local organisation, where none is chosen.
pub(crate) const MANAGEMENT_ACCOUNT: AccountId = AccountId::ZERO;

/// The organisation all local accounts are in.
const ORGANIZATION_ID: &str = "o-rolecall00";

impl Directory {
    /// An organisation with nothing but its management account to come.
    pub(crate) fn new(management: AccountId) -> Self {
        let organization = Organization {
            id: ORGANIZATION_ID.to_owned(),
            management,
            root: Level::full_access("r-root"),
            units: BTreeMap::new(),
            accounts: BTreeMap::new(),
        };
        let estate = Estate { organization: Some(organization), ..Estate::default() };
        Self { estate, keys: BTreeMap::new() }
    }

    /// Makes `policy` the only service control policy attached to the account itself; without one,
    /// `FullAWSAccess` is attached again, as in an account that is new.
    pub(crate) fn set_service_control(&mut self, account: AccountId, policy: Option<Policy>) {
        let Some(organization) = &mut self.estate.organization else { return };
        let Some((_, level)) = organization.accounts.get_mut(&account) else { return };
        *level = Level::full_access(account.as_str());
        if let Some(policy) = policy {
            let arn = format!(
                "arn:aws:organizations::{}:policy/{}/service_control_policy/p-local{account}",
                organization.management, organization.id
            );
            level.service_control = BTreeMap::from([(arn, policy)]);
        }
    }

    /// Whether the account has been made.
    pub(crate) fn has_account(&self, id: AccountId) -> bool {
        self.estate.accounts.contains_key(&id)
    }

    /// The account, made as Organizations makes one where it does not exist yet.
    pub(crate) fn account(&mut self, id: AccountId, now: i64) -> &mut Account {
        if let Some(organization) = &mut self.estate.organization {
            organization.add_account(id);
        }
        let management = self.estate.organization.as_ref().map_or(id, |organization| organization.management);
        self.estate.aws_policies.entry(ADMINISTRATOR_ACCESS.to_owned()).or_insert_with(|| {
            Policy::lenient(
                r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}"#,
            )
        });
        self.estate.accounts.entry(id).or_insert_with(|| {
            let mut account = Account::new(id);
            let role = administrator_role(management, now);
            account.roles.insert(ADMINISTRATOR_ROLE.to_ascii_lowercase(), role);
            account
        })
    }
}

const ADMINISTRATOR_ACCESS: &str = "arn:aws:iam::aws:policy/AdministratorAccess";

/// Trusted by the management account, as Organizations makes it, and by the administrators that `rolecall local exec`
/// makes for the other local accounts, so that whoever runs as one account's administrator can enter the next. Whoever
/// comes to a session of this role in another way, or makes a role of its name, cannot.
/// <https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_accounts_access-cross-account-role.html>
fn administrator_role(management: AccountId, now: i64) -> Role {
    let trust = format!(
        r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Principal":{{"AWS":"{}"}},"Action":"sts:AssumeRole"}},{{"Sid":"LocalAdministrators","Effect":"Allow","Principal":{{"AWS":"*"}},"Action":["sts:AssumeRole","sts:TagSession","sts:SetSourceIdentity"],"Condition":{{"StringEquals":{{"aws:PrincipalOrgID":"{ORGANIZATION_ID}"}},"ArnLike":{{"aws:PrincipalArn":"arn:aws:iam::*:role/{ADMINISTRATOR_ROLE}"}},"Null":{{"aws:PrincipalTag/{ADMINISTRATOR_TAG}":"false"}}}}}}]}}"#,
        management.root_arn()
    );
    Role {
        identity: Identity {
            name: ADMINISTRATOR_ROLE.to_owned(),
            path: "/".to_owned(),
            id: id::unique("AROA"),
            created: now,
            attached: vec![ADMINISTRATOR_ACCESS.to_owned()],
            ..Identity::default()
        },
        trust: Policy::lenient(&trust),
        description: None,
        max_session_duration: 3600,
    }
}
