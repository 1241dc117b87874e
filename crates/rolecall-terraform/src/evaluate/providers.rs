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
    /// The tags of its `default_tags`; none where it has none.
    pub default_tags: Option<Value>,
    /// Whether it leaves tags of others alone: `ignore_tags`.
    pub ignores_tags: bool,
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
pub(crate) const CREDENTIALS: [&str; 7] = [
    "access_key",
    "allowed_account_ids",
    "assume_role",
    "assume_role_with_web_identity",
    "profile",
    "shared_config_files",
    "shared_credentials_files",
];

impl Evaluator<'_> {
    /// The accounts of the root's providers, those of which nothing is made among them.
    pub(crate) fn accounts_of_providers(&self) -> Vec<Text> {
        let blocks = self.module(0).into_iter().flat_map(|module| &module.providers);
        let of_aws = blocks.filter(|(local, _)| *local == "aws" || local.starts_with("aws."));
        of_aws.map(|(local, block)| self.configured(local, Some(block), 0).account).collect()
    }

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

    /// Whether nothing that is made or read has a part in a provider, but for variables.
    fn is_simple(&self, block: &Block) -> bool {
        let sources = self.sources.borrow();
        let text = sources.excerpt(block.place);
        !["aws_", "module.", "data.", "local."].iter().any(|name| text.contains(name))
    }

    fn configured(&self, key: &str, block: Option<&Block>, instance: usize) -> Provider {
        if let Some(known) = self.providers.borrow().get(key) {
            return known.clone();
        }
        let read = |block: &Block| self.arguments(&block.body, &Scope::of(instance), key, false);
        let arguments = block.map(read).unwrap_or_default();
        let own = credentials(&arguments);
        let prefix = self.instance(instance).prefix().to_owned();
        let others = self.module(instance).into_iter().flat_map(|module| &module.providers);
        let mut first = others.map(|(local, other)| (format!("{prefix}{local}"), other));
        // What a resource makes cannot be asked for here: the resource may have this very provider.
        let is_simple = block.is_some_and(|block| self.is_simple(block));
        let twin = first.find(|(other, block)| {
            let is_same = || is_simple && self.is_simple(block) && credentials(&read(block)) == own;
            !own.is_empty() && (other == key || is_same())
        });
        let made =
            Provider::new(key, &arguments, twin.as_ref().map(|(other, _)| other.as_str()), self.settings);
        self.providers.borrow_mut().insert(key.to_owned(), made.clone());
        made
    }
}

/// What says whose credentials a provider has: two of which it is the same are for one account. Of roles that are assumed
/// it is their account.
fn credentials(arguments: &BTreeMap<String, Value>) -> Vec<String> {
    let written = CREDENTIALS.iter().filter_map(|name| {
        let value = arguments.get(*name).filter(|value| !value.is_null())?;
        let role = (*name == "assume_role")
            .then(|| value.elements()?.last()?.member("role_arn")?.to_text())
            .flatten();
        let account = role.map(|role| role.marked(|unknown| format!("${{{}}}", unknown.0)));
        let account = account.and_then(|role| Some(role.split_once(":role/")?.0.to_owned()));
        Some(account.unwrap_or_else(|| format!("{name} {:?}", value.clone().without_places())))
    });
    written.collect()
}

impl Provider {
    /// Of what is written about it, and said beside that. A twin is the first provider that has the same credentials.
    pub(crate) fn new(
        key: &str,
        arguments: &BTreeMap<String, Value>,
        twin: Option<&str>,
        settings: &Settings,
    ) -> Self {
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
                let same = match twin {
                    Some(twin) => twin,
                    None if has_credentials => key,
                    None => key.split_once('.').map_or(key, |(name, _)| name),
                };
                Text::hole(Unknown::account_of(&format!("{same}{}", settings.root)))
            });
        let assumes = get("assume_role").and_then(Value::elements).map(<[Value]>::to_vec).unwrap_or_default();
        // A list of one block, or something of which nobody knows how often it is there.
        let default_tags = get("default_tags").and_then(|blocks| match blocks.elements() {
            Some(blocks) => blocks.first().and_then(|block| match block.as_object() {
                Some(_) => block.member("tags").filter(|tags| !tags.is_null()),
                None => Some(block.clone()),
            }),
            None => Some(blocks.clone()),
        });
        let ignores_tags = get("ignore_tags").is_some_and(|it| it.elements().is_none_or(|it| !it.is_empty()));
        let partition = Text::from(partition);
        Self { key: key.to_owned(), account, region, partition, assumes, default_tags, ignores_tags }
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
