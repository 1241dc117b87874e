//! Which policies apply to a request, layer by layer, as the Estate has them.

use std::sync::LazyLock;

use crate::arn::{AccountId, Arn};
use crate::estate::{Account, Estate, Identity};
use crate::organization::Level;
use crate::policy::Policy;
use crate::rcp_services::RCP_SERVICES;
use crate::request::{Principal, Request};
use crate::resource::may_be;
use crate::unknown::unknown;

/// The policies that apply to one request. `None` means that the layer does not apply; a layer that applies
/// and is empty allows nothing.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Layers<'a> {
    /// Resource control policies by level, without `RCPFullAWSAccess`, which every level has.
    pub resource_control: Option<Vec<Vec<Attached<'a>>>>,
    /// Service control policies by level.
    pub service_control: Option<Vec<Vec<Attached<'a>>>>,
    /// The policy of the VPC endpoint the request goes through.
    pub endpoint: Option<Vec<Attached<'a>>>,
    /// The policy on the resource, or the trust policy of the role.
    pub resource: Option<Attached<'a>>,
    /// The resource's own policy must speak first: a trust policy or a KMS key policy, where identity policies
    /// count only if it delegates to the account.
    pub resource_decides: bool,
    /// The principal's identity policies.
    pub identity: Option<Vec<Attached<'a>>>,
    /// The principal's permissions boundary; present and dangling allows nothing.
    pub boundary: Option<Vec<Attached<'a>>>,
    /// The session's policies.
    pub session: Option<Vec<Attached<'a>>>,
}

/// A policy and the way it comes to apply.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Attached<'a> {
    /// How it is attached.
    pub source: Source<'a>,
    /// The policy.
    pub policy: &'a Policy,
}

/// How a policy is attached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source<'a> {
    /// A managed policy, by ARN.
    Managed(&'a str),
    /// An inline policy of a user, group or role.
    Inline {
        /// The user, group or role.
        of: &'a str,
        /// The policy's name.
        name: &'a str,
    },
    /// The trust policy of the role with this name.
    Trust(&'a str),
    /// The policy on the resource with this ARN.
    Resource(&'a str),
    /// A control policy, by ARN, and the id of the level it is attached to.
    Control {
        /// The policy's ARN.
        arn: &'a str,
        /// The level: `r-…`, `ou-…` or an account id.
        level: &'a str,
    },
    /// The n-th policy the session was made with, from 0.
    Session(usize),
    /// A policy handed in for this question, by its place.
    Given(usize),
}

impl Layers<'_> {
    /// The layers as they apply to `request`, where they were gathered by hand: control policies reach neither
    /// service-linked roles nor, those of services, principals without an account; and a trust or key policy decides
    /// first. An Estate's own ([`Estate::layers`]) are so already.
    ///
    /// <https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps.html>
    /// <https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_rcps.html>
    #[must_use]
    pub fn reaching(mut self, request: &Request<'_>) -> Self {
        let linked = request.principal.is_service_linked();
        if linked {
            self.resource_control = None;
        }
        if linked || request.principal.account().is_none() {
            self.service_control = None;
        }
        self.resource_decides = request.is_for_trust() || request.is_for_key();
        self
    }
}

impl Estate {
    /// The layers that apply to `request`.
    pub fn layers<'a>(&'a self, request: &Request<'a>) -> Layers<'a> {
        let principal = request.principal;
        let owner = request.owner.or_else(|| principal.account());
        let mut layers = Layers {
            resource_control: owner.and_then(|owner| self.resource_control(owner, request)),
            service_control: self.service_control(principal),
            session: request.session_policies.map(|policies| {
                let numbered = policies.iter().enumerate();
                numbered.map(|(index, policy)| Attached { source: Source::Session(index), policy }).collect()
            }),
            ..Layers::default()
        };
        self.resource_policy(request, owner, &mut layers);
        match principal {
            Principal::User { .. } | Principal::RoleSession(_) => {
                let mut policies = Vec::new();
                if let Some((account, identity)) = self.identity_of(principal) {
                    self.identity_policies(identity, &mut policies);
                    let user =
                        account.user(&identity.name).filter(|user| std::ptr::eq(&user.identity, identity));
                    let groups = user.into_iter().flat_map(|user| &user.groups);
                    for group in groups.filter_map(|group| account.groups.get(group)) {
                        self.identity_policies(&group.identity, &mut policies);
                    }
                    layers.boundary = self.boundary(identity);
                }
                layers.identity = Some(policies);
            }
            Principal::FederatedUser { .. } => layers.identity = Some(Vec::new()),
            Principal::Root(_) | Principal::Federated(_) | Principal::Service(_) | Principal::Anonymous => {}
        }
        layers.reaching(request)
    }

    /// The user or role behind a principal. One that was made again under the name is somebody else: the session of a
    /// role that was deleted has nothing.
    pub(crate) fn identity_of(&self, principal: &Principal) -> Option<(&Account, &Identity)> {
        let account = self.account(principal.account()?)?;
        let identity = match principal {
            Principal::User { name, .. } => &account.user(name)?.identity,
            Principal::RoleSession(session) => &account.role(&session.role_name)?.identity,
            Principal::Root(_)
            | Principal::FederatedUser { .. }
            | Principal::Federated(_)
            | Principal::Service(_)
            | Principal::Anonymous => return None,
        };
        let same = principal.unique_id().is_none_or(|id| id == identity.id);
        same.then_some((account, identity))
    }

    fn identity_policies<'a>(&'a self, identity: &'a Identity, policies: &mut Vec<Attached<'a>>) {
        for (name, policy) in &identity.inline {
            policies.push(Attached { source: Source::Inline { of: &identity.name, name }, policy });
        }
        for arn in &identity.attached {
            if let Some(policy) = self.managed_policy(arn) {
                policies.push(Attached { source: Source::Managed(arn), policy });
            }
        }
    }

    /// A boundary whose policy is gone is an empty layer: it allows nothing.
    fn boundary<'a>(&'a self, identity: &'a Identity) -> Option<Vec<Attached<'a>>> {
        let arn = identity.boundary.as_deref()?;
        let policy = self.managed_policy(arn);
        Some(policy.map(|policy| Attached { source: Source::Managed(arn), policy }).into_iter().collect())
    }

    fn resource_policy<'a>(
        &'a self,
        request: &Request<'a>,
        owner: Option<AccountId>,
        layers: &mut Layers<'a>,
    ) {
        if request.is_for_trust() {
            let role = self.role(request.resource);
            layers.resource =
                role.map(|role| Attached { source: Source::Trust(&role.identity.name), policy: &role.trust });
            return;
        }
        let Some(arn) = Arn::parse(request.resource) else { return };
        let account = owner.and_then(|owner| self.account(owner));
        layers.resource = account.and_then(|account| account.resource_policy(request.resource, &arn));
        let own_policy_is_unknown = layers.resource.is_none()
            && account.is_some_and(|account| {
                // Every key has a policy, and behind an access point is a bucket with its own.
                request.is_for_key()
                    || (arn.service == "s3" && arn.resource.starts_with("accesspoint/"))
                    || account.resource_policies.keys().any(|held| {
                        // Either may have a part that is not known.
                        may_be(request.resource, held) || may_be(held, request.resource)
                    })
            });
        if own_policy_is_unknown {
            let source = Source::Resource(request.resource);
            layers.resource = Some(Attached { source, policy: &UNKNOWN });
        }
    }

    /// Service control policies hold for every principal of a member account, its root user too, but not for
    /// the management account and not for service-linked roles.
    /// <https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps.html>
    fn service_control(&self, principal: &Principal) -> Option<Vec<Vec<Attached<'_>>>> {
        let account = principal.account()?;
        let levels = self.member_levels(account)?;
        Some(levels.into_iter().map(|level| control(level, &level.service_control)).collect())
    }

    /// Resource control policies hold for the resources of member accounts, whoever asks, in the services that
    /// support them; not for the calls of service-linked roles.
    /// <https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_rcps.html>
    fn resource_control(&self, owner: AccountId, request: &Request<'_>) -> Option<Vec<Vec<Attached<'_>>>> {
        let service = request.action.split(':').next().unwrap_or_default();
        if !RCP_SERVICES.iter().any(|supported| supported.eq_ignore_ascii_case(service)) {
            return None;
        }
        let levels = self.member_levels(owner)?;
        Some(levels.into_iter().map(|level| control(level, &level.resource_control)).collect())
    }

    fn member_levels(&self, account: AccountId) -> Option<Vec<&Level>> {
        let organization = self.organization.as_ref()?;
        if account == organization.management { None } else { organization.levels(account) }
    }
}

/// Stands for the policy on a resource that has one which nobody has read.
static UNKNOWN: LazyLock<Policy> = LazyLock::new(|| {
    let about = unknown("the policy on the resource");
    let statement = |effect: &str| {
        format!(r#"{{"Effect":"{effect}","Principal":"*","Action":"*","Resource":"{about}"}}"#)
    };
    let (allow, deny) = (statement("Allow"), statement("Deny"));
    Policy::lenient(&format!(r#"{{"Version":"2012-10-17","Statement":[{allow},{deny}]}}"#))
});

impl Account {
    /// The policy on a resource. The indexes of a table are under the table's policy, objects under their bucket's; a
    /// stream has its own.
    /// <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/rbac-considerations.html>
    fn resource_policy<'a>(&'a self, text: &'a str, arn: &Arn<'_>) -> Option<Attached<'a>> {
        let own = self.resource_policies.get_key_value(text);
        let holder = || {
            let (holder, _) = match arn.service {
                "dynamodb" => text.split_once("/index/")?,
                "s3" => text.split_once('/')?,
                _ => return None,
            };
            self.resource_policies.get_key_value(holder)
        };
        let (arn, policy) = own.or_else(holder)?;
        Some(Attached { source: Source::Resource(arn), policy })
    }
}

fn control<'a>(
    level: &'a Level,
    policies: &'a std::collections::BTreeMap<String, Policy>,
) -> Vec<Attached<'a>> {
    let policies = policies.iter();
    policies
        .map(|(arn, policy)| Attached { source: Source::Control { arn, level: &level.id }, policy })
        .collect()
}
