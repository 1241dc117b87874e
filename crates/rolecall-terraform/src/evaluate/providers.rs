//! Which provider makes a resource, and whose account that is.

use std::collections::BTreeMap;

use super::{Evaluator, Settings};
use crate::evaluate::scope::Scope;
use crate::hcl::{Block, Body, Expression, Kind as Hcl};
use crate::module::literal;
use crate::value::{Text, Unknown, Value};

/// A provider as it is configured.
#[derive(Clone, Debug)]
pub struct Provider {
    /// What the root module calls it: `aws`, `aws.target`; with `module.NAME.` before it where a module has its own.
    pub key: String,
    /// The account its resources are in: twelve digits, or a text that is not known.
    pub account: Text,
    /// Its Region.
    pub region: Text,
    /// `aws`, `aws-cn`, `aws-us-gov`.
    pub partition: Text,
    /// Its `assume_role` blocks, in order.
    pub assumes: Vec<Value>,
}

/// `aws`, `aws.target`, or the same in quotes.
pub(super) fn name(expression: &Expression) -> Option<String> {
    if let Hcl::Name(name) = &*expression.kind {
        return Some(name.clone());
    }
    if let Hcl::Attribute(of, name) = &*expression.kind {
        return Some(format!("{}.{name}", self::name(of)?));
    }
    literal(expression)
}

/// What makes the credentials of a provider others than those of the default one.
const CREDENTIALS: [&str; 7] = [
    "access_key",
    "allowed_account_ids",
    "assume_role",
    "assume_role_with_web_identity",
    "profile",
    "shared_config_files",
    "shared_credentials_files",
];

impl Evaluator<'_> {
    /// The provider of a resource.
    pub(super) fn provider_of(&self, body: &Body, kind: &str, instance: usize) -> Provider {
        let local = body.attribute("provider").and_then(|it| name(&it.value));
        let local = local.unwrap_or_else(|| kind.split('_').next().unwrap_or(kind).to_owned());
        self.provider(&local, instance)
    }

    /// The provider that a module knows by this name: its own, one it was given, or its caller's of the same name.
    fn provider(&self, local: &str, instance: usize) -> Provider {
        let of = self.instance(instance);
        let own = self.module(instance).and_then(|module| module.providers.get(local));
        match (&of.parent, of.providers.get(local)) {
            (Some((parent, _)), Some(given)) => self.provider(given, *parent),
            (Some((parent, _)), None) if own.is_none() => self.provider(local, *parent),
            _ => self.configured(&format!("{}{local}", of.prefix()), own, instance),
        }
    }

    fn configured(&self, key: &str, block: Option<&Block>, instance: usize) -> Provider {
        let arguments = block.map(|block| self.arguments(&block.body, &Scope::of(instance), key, false));
        let arguments = arguments.unwrap_or_default();
        Provider::new(key, &arguments, self.settings)
    }
}

impl Provider {
    /// Of what is written about it, and said beside that.
    pub(crate) fn new(key: &str, arguments: &BTreeMap<String, Value>, settings: &Settings) -> Self {
        let get = |name: &str| arguments.get(name).filter(|value| !value.is_null());
        let region = get("region").and_then(Value::to_text);
        let region =
            region.unwrap_or_else(|| Text::hole(Unknown::new(format!("the Region of provider {key}"))));
        let known = region.as_known().unwrap_or_default();
        let partition = match known.split('-').next() {
            Some("cn") => "aws-cn",
            _ if known.starts_with("us-gov-") => "aws-us-gov",
            _ => "aws",
        };
        let account = settings.accounts.get(key).map(|account| Text::from(account.as_str()));
        let account = account
            .or_else(|| assumed(get("assume_role")))
            .or_else(|| the_only_one(get("allowed_account_ids")))
            .unwrap_or_else(|| {
                // One that differs from the default provider in its Region only has the same credentials.
                let has_credentials = CREDENTIALS.iter().any(|name| get(name).is_some());
                let same =
                    if has_credentials { key } else { key.split_once('.').map_or(key, |(name, _)| name) };
                Text::hole(Unknown::account_of(&format!("{same}{}", settings.root)))
            });
        let assumes = get("assume_role").and_then(Value::elements).map(<[Value]>::to_vec).unwrap_or_default();
        Self { key: key.to_owned(), account, region, partition: Text::from(partition), assumes }
    }
}

/// The account of the role that the provider assumes, which is the last if there are several: its digits, or the account
/// that a resource makes.
fn assumed(roles: Option<&Value>) -> Option<Text> {
    let role = roles?.elements()?.last()?.member("role_arn")?.to_text()?;
    if let Some(role) = role.as_known() {
        let account = role.split(':').nth(4).filter(|account| account.len() == 12)?;
        return Some(Text::from(account));
    }
    let mut pieces = role.pieces().iter();
    let before = pieces.next()?.content.as_ref().ok()?;
    let account = pieces.next()?.content.as_ref().err().filter(|unknown| unknown.is_account())?;
    before.ends_with(":iam::").then(|| Text::hole(account.clone()))
}

fn the_only_one(accounts: Option<&Value>) -> Option<Text> {
    match accounts?.elements()? {
        [account] => account.to_text().filter(|account| account.as_known().is_some()),
        _ => None,
    }
}
