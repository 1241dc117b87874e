//! What one profile says: its own settings, and those of the profiles it includes.

use std::time::Duration;

use aws_config::profile::{Profile, ProfileSet};

use super::invalid;
use crate::chain::Hop;
use crate::error::Invalid;

/// The settings of a profile. What it does not say itself, the profiles say that it includes.
pub(super) struct Said<'a> {
    name: &'a str,
    layers: Vec<&'a Profile>,
}

impl<'a> Said<'a> {
    /// The profile with this name, if there is one.
    pub(super) fn of(profiles: &'a ProfileSet, name: &str) -> Result<Option<Self>, Invalid> {
        let Some(own) = profiles.get_profile(name) else { return Ok(None) };
        let mut said = Self { name: own.name(), layers: vec![own] };
        let mut last = own;
        while let Some(next) = last.get("include_profile").filter(|name| !name.is_empty()) {
            let path = || said.layers.iter().map(|layer| layer.name()).chain([next]).collect::<Vec<_>>();
            if said.layers.iter().any(|layer| layer.name() == next) {
                return Err(invalid(format!(
                    "profile `{name}` includes itself: {} (include_profile)",
                    path().join(" → ")
                )));
            }
            last = profiles.get_profile(next).ok_or_else(|| {
                let from = last.name();
                invalid(format!("profile `{from}` includes `{next}` (include_profile), which does not exist"))
            })?;
            said.layers.push(last);
        }
        Ok(Some(said))
    }

    pub(super) fn name(&self) -> &'a str {
        self.name
    }

    /// A setting. An empty one counts as none.
    pub(super) fn get(&self, key: &str) -> Option<&'a str> {
        self.layers.iter().find_map(|layer| layer.get(key).map(str::trim).filter(|value| !value.is_empty()))
    }

    /// The role it names, with all that it says about it. With a web identity token the role is no further hop but where
    /// the credentials start.
    pub(super) fn hop(&self) -> Result<Option<Hop>, Invalid> {
        let Some(role_arn) = self.get("role_arn").filter(|_| self.get("web_identity_token_file").is_none())
        else {
            return Ok(None);
        };
        let mut hop = Hop::to(role_arn);
        if let Some(name) = self.get("role_session_name") {
            hop = hop.session_name(name);
        }
        if let Some(id) = self.get("external_id") {
            hop = hop.external_id(id);
        }
        if let Some(seconds) = self.get("duration_seconds") {
            let wish = seconds.parse().map_err(|_| {
                self.wrong(&format!("duration_seconds is `{}`; it must be a number", seconds.escape_debug()))
            })?;
            hop = hop.duration(Duration::from_secs(wish));
        }
        if let Some(serial) = self.get("mfa_serial") {
            hop = hop.mfa_serial(serial);
        }
        for tag in list(self.get("session_tags")) {
            let (key, value) = tag.split_once('=').ok_or_else(|| {
                self.wrong("session_tags must be `key=value,key=value`, and one of them has no `=`")
            })?;
            hop = hop.tag(key.trim(), value.trim());
        }
        for key in list(self.get("transitive_session_tags")) {
            hop = hop.transitive_tag(key);
        }
        if let Some(identity) = self.get("source_identity") {
            hop = hop.source_identity(identity);
        }
        Ok(Some(hop))
    }

    pub(super) fn wrong(&self, problem: &str) -> Invalid {
        invalid(format!("profile `{}`: {problem}", self.name))
    }
}

/// What is between commas.
fn list(value: Option<&str>) -> impl Iterator<Item = &str> {
    value.unwrap_or_default().split(',').map(str::trim).filter(|item| !item.is_empty())
}
