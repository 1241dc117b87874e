//! From a profile to the credentials it starts from, along `source_profile`.
//!
//! The rules are those of the AWS SDKs:
//! [assume role](https://docs.aws.amazon.com/sdkref/latest/guide/feature-assume-role-credentials.html).

use aws_config::profile::ProfileSet;

use super::base::Base;
use super::mfa::MfaProcess;
use super::said::Said;
use super::{Profile, invalid};
use crate::error::Invalid;

/// Follows the selected profile. `given` says that somebody asked for this one.
pub(super) fn resolve(profiles: &ProfileSet, given: bool) -> Result<Option<Profile>, Invalid> {
    let selected = profiles.selected_profile();
    let Some(mut said) = Said::of(profiles, selected)? else {
        // Who has no profiles has no `default` either.
        return if given || selected != "default" { Err(missing(profiles, selected)) } else { Ok(None) };
    };
    let mut names = vec![said.name().to_owned()];
    let region = said.get("region").map(str::to_owned);
    let mut hops = Vec::new();
    let mut mfa = MfaProcess::default();
    let base = loop {
        // A profile on the way with keys of its own is where it starts, whatever else it says.
        if names.len() > 1 && Base::has_keys(&said) {
            break Base::keys(&said);
        }
        let Some(hop) = said.hop()? else { break start(&said)? };
        if let (Some(serial), Some(command)) = (said.get("mfa_serial"), said.get("mfa_process")) {
            mfa.add(serial, command);
        }
        hops.push(hop);
        let next = match (said.get("source_profile"), said.get("credential_source")) {
            (Some(_), Some(_)) => {
                return Err(said.wrong("it has a source_profile and a credential_source; only one can be"));
            }
            (None, None) => {
                return Err(said.wrong(
                    "it has a role_arn, and nothing to start from: add `source_profile = NAME`, or `credential_source = \
                     EcsContainer`, `Ec2InstanceMetadata` or `Environment`",
                ));
            }
            (None, Some(_)) => break start(&said)?,
            (Some(next), None) if next == said.name() => break start(&said)?,
            (Some(next), None) => next,
        };
        if names.iter().any(|name| name == next) {
            let path = names.iter().map(String::as_str).chain([next]).collect::<Vec<_>>().join(" → ");
            return Err(invalid(format!("the profiles lead in a circle: {path} (source_profile)")));
        }
        let from = said.name();
        said = Said::of(profiles, next)?.ok_or_else(|| {
            invalid(format!(
                "profile `{from}` starts from profile `{next}` (source_profile), which does not exist"
            ))
        })?;
        names.push(next.to_owned());
    };
    if matches!(base, Base::Elsewhere) {
        if !hops.is_empty() {
            return Err(said.wrong(
                "another profile's role starts from it, but it has no credentials: no keys, no sso_session, no \
                 credential_process, no role_arn",
            ));
        }
        if !given {
            return Ok(None);
        }
    }
    hops.reverse();
    Ok(Some(Profile { names, base, hops, mfa, region }))
}

/// Where this profile itself starts. What the AWS CLI has after `aws login` needs code that is not built in; the AWS CLI gives
/// it to others: <https://docs.aws.amazon.com/cli/latest/reference/configure/export-credentials.html>
fn start(said: &Said<'_>) -> Result<Base, Invalid> {
    const BEFORE: [&str; 5] =
        ["credential_source", "web_identity_token_file", "sso_session", "sso_start_url", "sso_account_id"];
    if said.get("login_session").is_some() && BEFORE.iter().all(|key| said.get(key).is_none()) {
        let name = said.name();
        return Err(said.wrong(&format!(
            "its login_session is not followed here; start from a profile with `credential_process = aws configure \
             export-credentials --profile {name} --format process`"
        )));
    }
    Ok(Base::of(said))
}

fn missing(profiles: &ProfileSet, name: &str) -> Invalid {
    let mut known: Vec<_> = profiles.profiles().collect();
    known.sort_unstable();
    let known = match known.as_slice() {
        [] => "there are no profiles".to_owned(),
        known => format!("there are: {}", known.join(", ")),
    };
    invalid(format!("there is no profile `{}`; {known}", name.escape_debug()))
}
