//! The organisation: units, accounts, and the control policies that are attached to them.
//!
//! <https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps_evaluation.html>

use std::collections::BTreeMap;

use rolecall_iam::{AccountId, Level, Organization, Policy};

use super::holder::first_mark;
use super::perhaps::{perhaps, perhaps_for};
use super::policies::whether;
use super::{Builder, Subject};
use crate::document::{Document, Layer};
use crate::evaluate::Resource;
use crate::value::Unknown;

/// What AWS attaches to every level. `RCPFullAWSAccess` it attaches too, and the engine knows.
const FULL_ACCESS: (&str, &str) = (
    "arn:aws:organizations::aws:policy/service_control_policy/p-FullAWSAccess",
    r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}"#,
);

/// A control policy, before it is attached.
struct Control {
    arn: String,
    policy: Policy,
    is_resource_control: bool,
}

impl Builder {
    /// Puts the organisation together, where one is declared or its policies are attached.
    pub(super) fn organization(&mut self, resources: &[Resource]) {
        let of = |kind: &'static str| resources.iter().filter(move |resource| resource.name.kind == kind);
        let attachments: Vec<&Resource> = of("aws_organizations_policy_attachment").collect();
        let declared = of("aws_organizations_organization").next();
        let Some(first) = declared.or(attachments.first().copied()) else { return };
        let Some(own) = self.account(first) else { return };
        // Who attaches policies may be a delegated administrator, whose account they hold for.
        // https://docs.aws.amazon.com/organizations/latest/userguide/orgs_delegate_policies.html
        let management = if declared.is_some() { own } else { self.unknown_management(own) };
        let root = declared.and_then(|it| {
            let root = it.get("roots")?.elements()?.first()?.member("id")?.to_text()?;
            Some(self.text(&root))
        });
        let root = root.unwrap_or_else(|| "r-root".to_owned());
        let id =
            declared.and_then(|it| self.argument(it, "id")).unwrap_or_else(|| "o-organization".to_owned());
        let mut organization = Organization {
            id,
            management,
            root: level(&root),
            units: BTreeMap::new(),
            accounts: BTreeMap::new(),
        };
        for unit in of("aws_organizations_organizational_unit") {
            let Some(id) = self.argument(unit, "id") else { continue };
            let parent = self.argument(unit, "parent_id").filter(|parent| is_unit(parent, &root));
            organization.units.insert(id.clone(), (parent, level(&id)));
        }
        for member in of("aws_organizations_account") {
            let id: Option<AccountId> = self.argument(member, "id").and_then(|id| id.parse().ok());
            let parent = self.argument(member, "parent_id").filter(|parent| is_unit(parent, &root));
            if let Some(id) = id {
                organization.accounts.insert(id, (parent, level(id.as_str())));
            }
        }
        let controls = self.controls(of("aws_organizations_policy"));
        for attachment in attachments {
            self.attach_control(attachment, &controls, &mut organization);
        }
        if declared.is_none() {
            leave_open(&mut organization, own);
        }
        // Nobody says that the others are in it; an organisation is made so that they are.
        let others: Vec<AccountId> = self.all.estate.accounts.keys().copied().collect();
        for id in others {
            organization.accounts.entry(id).or_insert_with(|| (None, level(id.as_str())));
        }
        self.all.estate.organization = Some(organization);
    }

    /// An account that stands for the management account, where nobody says which it is.
    fn unknown_management(&mut self, own: AccountId) -> AccountId {
        let unknown = Unknown::account_made(&Unknown::new("the organization"));
        self.all.symbols.stand_for(&unknown).and_then(|digits| digits.parse().ok()).unwrap_or(own)
    }

    fn controls<'r>(&mut self, policies: impl Iterator<Item = &'r Resource>) -> BTreeMap<String, Control> {
        let mut controls = BTreeMap::new();
        for resource in policies {
            let Some(id) = self.argument(resource, "id") else { continue };
            let kind = self.argument(resource, "type").unwrap_or_else(|| "SERVICE_CONTROL_POLICY".to_owned());
            let is_resource_control = kind == "RESOURCE_CONTROL_POLICY";
            if !is_resource_control && kind != "SERVICE_CONTROL_POLICY" {
                continue;
            }
            let layer = if is_resource_control { Layer::Resource } else { Layer::Identity };
            let document = self.required(resource, "content", layer);
            let arn = format!(
                "arn:aws:organizations::{}:policy/{}/{id}",
                self.text(&resource.provider.account),
                kind.to_ascii_lowercase()
            );
            controls.insert(
                id,
                Control { arn: arn.clone(), policy: document.policy.clone(), is_resource_control },
            );
            self.write(Subject::Control(arn), resource, document);
        }
        controls
    }

    fn attach_control(
        &mut self,
        attachment: &Resource,
        controls: &BTreeMap<String, Control>,
        organization: &mut Organization,
    ) {
        let (policy, target) =
            (self.argument(attachment, "policy_id"), self.argument(attachment, "target_id"));
        let (Some(policy), Some(target)) = (policy, target) else { return };
        if policy.ends_with("FullAWSAccess") {
            return;
        }
        let is_known = |text: &str| !text.contains("${rolecall:unknown/");
        let control = controls.get(&policy);
        let certain = control.filter(|_| is_known(&target) && !attachment.is_uncertain);
        let account: Option<AccountId> = target.parse().ok();
        let Organization { root, units, accounts, .. } = organization;
        let level = match account {
            Some(id) => &mut accounts.entry(id).or_insert_with(|| (None, level(id.as_str()))).1,
            None if is_unit(&target, &root.id) && units.contains_key(&target) => match units.get_mut(&target)
            {
                Some((_, level)) => level,
                None => root,
            },
            // Of a unit that nobody declares it is not known who is in it: everybody may be.
            None => root,
        };
        let is_root_or_known = account.is_some() || level.id == target || target.starts_with("r-");
        match certain.filter(|_| is_root_or_known) {
            Some(Control { arn, policy, is_resource_control: true }) => {
                level.resource_control.insert(arn.clone(), policy.clone());
            }
            Some(Control { arn, policy, is_resource_control: false }) => {
                level.service_control.insert(arn.clone(), policy.clone());
            }
            None => {
                // This policy, or any one, may be attached here.
                let why = first_mark(&target).unwrap_or_else(|| whether(attachment));
                let unknown = |layer| Document::unknown(&Unknown::new(why.as_str()), None, layer).policy;
                let of_kind = |is_resource_control: bool, layer| match control {
                    Some(control) if control.is_resource_control == is_resource_control => {
                        Some(perhaps(&control.policy, layer, &why))
                    }
                    Some(_) => None,
                    None => Some(unknown(layer)),
                };
                let key = || attachment.address.clone();
                level.service_control.extend(of_kind(false, Layer::Identity).map(|it| (key(), it)));
                level.resource_control.extend(of_kind(true, Layer::Resource).map(|it| (key(), it)));
            }
        }
    }
}

/// The account that may be the management account, which control policies do not restrict: for it they may be in force.
/// <https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps.html>
fn leave_open(organization: &mut Organization, account: AccountId) {
    let Organization { root, units, accounts, .. } = organization;
    let why = format!("whether {account} is the organization's management account");
    let units = units.values_mut().map(|(_, level)| level);
    let accounts = accounts.values_mut().map(|(_, level)| level);
    for level in units.chain(accounts).chain([root]) {
        for (arn, policy) in &mut level.service_control {
            if arn != FULL_ACCESS.0 {
                *policy =
                    perhaps_for(account.as_str(), "aws:PrincipalAccount", policy, Layer::Identity, &why);
            }
        }
        for policy in level.resource_control.values_mut() {
            *policy = perhaps_for(account.as_str(), "aws:ResourceAccount", policy, Layer::Resource, &why);
        }
    }
}

fn level(id: &str) -> Level {
    let (arn, text) = FULL_ACCESS;
    let service_control = BTreeMap::from([(arn.to_owned(), Policy::lenient(text))]);
    Level { id: id.to_owned(), service_control, resource_control: BTreeMap::new() }
}

/// Whether it is a unit, not the root.
fn is_unit(id: &str, root: &str) -> bool {
    id != root && !id.starts_with("r-")
}
