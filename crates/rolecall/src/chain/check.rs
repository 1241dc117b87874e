//! What can be known to be wrong with a hop before AWS is asked.

use std::time::Duration;

use super::{Hop, Step};
use crate::error::Invalid;
use crate::role::{self, RoleArn};
use crate::unshown::Unshown;

/// Checks one hop. `name` is the session name it gets if it has none of its own.
pub(super) fn step(hop: Hop, number: usize, of: usize, name: &str) -> Result<Step, Invalid> {
    let wrong = |problem: String| Invalid::new(number, of, problem);
    let role: RoleArn = hop.role_arn.parse().map_err(|error| Invalid::role(number, of, error))?;
    let session_name = hop.session_name.unwrap_or_else(|| name.to_owned());
    session_name_or_identity("session name", &session_name).map_err(wrong)?;
    if let Some(id) = &hop.external_id {
        external_id(id.reveal()).map_err(wrong)?;
    }
    if let Some(wish) = hop.duration {
        duration(wish).map_err(wrong)?;
    }
    if let Some(json) = &hop.policy {
        policy(json).map_err(wrong)?;
    }
    policy_arns(&hop.policy_arns).map_err(wrong)?;
    tags(&hop.tags, &hop.transitive_tags).map_err(wrong)?;
    if let Some(identity) = &hop.source_identity {
        session_name_or_identity("source identity", identity).map_err(wrong)?;
    }
    if let Some(serial) = &hop.mfa_serial {
        mfa_serial(serial).map_err(wrong)?;
    }
    provided_contexts(&hop.provided_contexts).map_err(wrong)?;
    Ok(Step {
        number,
        of,
        role,
        session_name,
        external_id: hop.external_id,
        duration: hop.duration,
        policy: hop.policy,
        policy_arns: hop.policy_arns,
        tags: hop.tags,
        transitive_tags: hop.transitive_tags,
        source_identity: hop.source_identity,
        mfa_serial: hop.mfa_serial,
        provided_contexts: hop.provided_contexts,
    })
}

fn session_name_or_identity(what: &str, text: &str) -> Result<(), String> {
    if (2..=64).contains(&text.len()) && text.bytes().all(role::is_name) {
        return Ok(());
    }
    Err(format!("the {what} `{}` must be 2 to 64 letters, digits or any of `_+=,.@-`", text.escape_debug()))
}

/// An external id is not a secret to AWS, but some treat it as one: it is not repeated.
fn external_id(text: &str) -> Result<(), String> {
    let allowed = |byte: u8| role::is_name(byte) || byte == b':' || byte == b'/';
    if (2..=1224).contains(&text.len()) && text.bytes().all(allowed) {
        return Ok(());
    }
    Err("the external id must be 2 to 1224 letters, digits or any of `_+=,.@:/-`".to_owned())
}

/// `SerialNumber` of <https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html>
fn mfa_serial(text: &str) -> Result<(), String> {
    let allowed = |byte: u8| role::is_name(byte) || byte == b':' || byte == b'/';
    if (9..=256).contains(&text.len()) && text.bytes().all(allowed) {
        return Ok(());
    }
    Err(format!(
        "the MFA device `{}` must be a serial number or an ARN: 9 to 256 letters, digits or any of `_+=/:,.@-`",
        text.escape_debug()
    ))
}

/// <https://docs.aws.amazon.com/STS/latest/APIReference/API_ProvidedContext.html>
fn provided_contexts(contexts: &[(String, Unshown)]) -> Result<(), String> {
    if contexts.len() > 5 {
        return Err(format!("{} provided contexts are given; AWS accepts 5", contexts.len()));
    }
    for (provider, assertion) in contexts {
        let shown = provider.escape_debug();
        if !(20..=2048).contains(&provider.chars().count()) || !provider.starts_with("arn:") {
            return Err(format!(
                "`{shown}` is not the ARN of a context provider such as `arn:aws:iam::aws:contextProvider/IdentityCenter`"
            ));
        }
        if !(4..=2048).contains(&assertion.reveal().chars().count()) {
            return Err(format!(
                "the assertion of the context provider `{shown}` must have 4 to 2048 characters"
            ));
        }
    }
    Ok(())
}

fn duration(wish: Duration) -> Result<(), String> {
    if (900..=43_200).contains(&wish.as_secs()) && wish.subsec_nanos() == 0 {
        return Ok(());
    }
    Err(format!(
        "the duration of {} seconds must be 900 to 43200 whole seconds (15 minutes to 12 hours)",
        wish.as_secs_f64()
    ))
}

fn policy(json: &str) -> Result<(), String> {
    let allowed = |character: char| matches!(character, '\t' | '\n' | '\r' | ' '..='\u{ff}');
    if let Some(character) = json.chars().find(|character| !allowed(*character)) {
        return Err(format!(
            "the session policy contains `{}`, which AWS does not accept",
            character.escape_debug()
        ));
    }
    let length = json.chars().count();
    if !(1..=2048).contains(&length) {
        return Err(format!("the session policy has {length} characters; AWS accepts 1 to 2048"));
    }
    Ok(())
}

fn policy_arns(arns: &[String]) -> Result<(), String> {
    if arns.len() > 10 {
        return Err(format!("{} policy ARNs are given; AWS accepts 10", arns.len()));
    }
    for arn in arns {
        let is_policy =
            arn.starts_with("arn:") && arn.splitn(6, ':').nth(5).is_some_and(|it| it.starts_with("policy/"));
        if !is_policy || arn.len() > 2048 {
            return Err(format!(
                "`{}` is not the ARN of a managed policy such as `arn:aws:iam::aws:policy/ReadOnlyAccess`",
                arn.escape_debug()
            ));
        }
    }
    Ok(())
}

/// [Session tags](https://docs.aws.amazon.com/IAM/latest/UserGuide/id_session-tags.html)
fn tags(tags: &[(String, String)], transitive: &[String]) -> Result<(), String> {
    if tags.len() > 50 {
        return Err(format!("{} session tags are given; AWS accepts 50", tags.len()));
    }
    let same = |one: &str, other: &str| one.to_lowercase() == other.to_lowercase();
    for (index, (key, value)) in tags.iter().enumerate() {
        let shown = key.escape_debug();
        if !(1..=128).contains(&key.chars().count()) || !key.chars().all(is_tag) {
            return Err(format!(
                "the tag key `{shown}` must be 1 to 128 letters, digits, spaces or any of `_.:/=+-@`"
            ));
        }
        if key.to_lowercase().starts_with("aws:") {
            return Err(format!("the tag key `{shown}` starts with `aws:`, which is reserved"));
        }
        if value.chars().count() > 256 || !value.chars().all(is_tag) {
            return Err(format!(
                "the value of the tag `{shown}` must be up to 256 letters, digits, spaces or any of `_.:/=+-@`"
            ));
        }
        if tags.iter().skip(index + 1).any(|(other, _)| same(key, other)) {
            return Err(format!(
                "the tag key `{shown}` is given twice (AWS does not tell upper from lower case)"
            ));
        }
    }
    for key in transitive {
        if !tags.iter().any(|(known, _)| same(key, known)) {
            return Err(format!("the transitive tag `{}` is not among the session tags", key.escape_debug()));
        }
    }
    Ok(())
}

/// `[\p{L}\p{Z}\p{N}_.:/=+\-@]`
fn is_tag(character: char) -> bool {
    character.is_alphanumeric()
        || (character.is_whitespace() && !character.is_control())
        || "_.:/=+-@".contains(character)
}

#[cfg(test)]
mod tests {
    use super::super::Chain;
    use super::*;

    const ROLE: &str = "arn:aws:iam::222222222222:role/switch-role";

    const PROVIDER: &str = "arn:aws:iam::aws:contextProvider/IdentityCenter";

    fn check(hop: Hop) -> Result<Chain, Invalid> {
        Chain::new(Vec::new(), hop, "default-name")
    }

    /// Limits of <https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html>
    #[test]
    fn accepted() {
        for (what, hop) in [
            ("nothing said", Hop::to(ROLE)),
            ("shortest name", Hop::to(ROLE).session_name("ab")),
            ("longest name", Hop::to(ROLE).session_name("a".repeat(64))),
            ("shortest external id", Hop::to(ROLE).external_id("ab")),
            ("longest external id", Hop::to(ROLE).external_id("a:/".repeat(408))),
            ("shortest duration", Hop::to(ROLE).duration(Duration::from_secs(900))),
            ("longest duration", Hop::to(ROLE).duration(Duration::from_secs(43_200))),
            ("policy", Hop::to(ROLE).policy("{}\n\u{ff}")),
            ("policy ARN", Hop::to(ROLE).policy_arn("arn:aws:iam::aws:policy/ReadOnlyAccess")),
            ("empty tag value", Hop::to(ROLE).tag("team", "")),
            ("tag in another script", Hop::to(ROLE).tag("équipe 1", "bleu ciel")),
            ("transitive", Hop::to(ROLE).tag("Team", "x").transitive_tag("team")),
            ("source identity", Hop::to(ROLE).source_identity("alice@example.com")),
            ("a virtual MFA device", Hop::to(ROLE).mfa_serial("arn:aws:iam::111111111111:mfa/alice")),
            ("shortest serial", Hop::to(ROLE).mfa_serial("GAHT12345")),
            ("longest serial", Hop::to(ROLE).mfa_serial("a".repeat(256))),
            ("context", Hop::to(ROLE).provided_context(PROVIDER, "assertion")),
            ("longest assertion", Hop::to(ROLE).provided_context(PROVIDER, "a".repeat(2048))),
        ] {
            assert!(check(hop).is_ok(), "{what}");
        }
    }

    #[test]
    fn refused() {
        let many_tags = (0..51).fold(Hop::to(ROLE), |hop, n| hop.tag(format!("k{n}"), "v"));
        let many_arns = (0..11).fold(Hop::to(ROLE), |hop, _| hop.policy_arn("arn:aws:iam::aws:policy/X"));
        let many_contexts = (0..6).fold(Hop::to(ROLE), |hop, _| hop.provided_context(PROVIDER, "assertion"));
        for (hop, says) in [
            (Hop::to("nonsense"), "ARN of a role"),
            (Hop::to(ROLE).session_name("a"), "session name `a`"),
            (Hop::to(ROLE).session_name("a".repeat(65)), "session name"),
            (Hop::to(ROLE).session_name("has space"), "session name"),
            (Hop::to(ROLE).external_id("a"), "external id"),
            (Hop::to(ROLE).external_id("a".repeat(1225)), "external id"),
            (Hop::to(ROLE).external_id("a b"), "external id"),
            (Hop::to(ROLE).duration(Duration::from_secs(899)), "899"),
            (Hop::to(ROLE).duration(Duration::from_secs(43_201)), "43201"),
            (Hop::to(ROLE).duration(Duration::from_millis(900_500)), "whole seconds"),
            (Hop::to(ROLE).policy(""), "0 characters"),
            (Hop::to(ROLE).policy("a".repeat(2049)), "2049 characters"),
            (Hop::to(ROLE).policy("{\"\u{2713}\"}"), "does not accept"),
            (Hop::to(ROLE).policy_arn("arn:aws:iam::222222222222:role/x"), "managed policy"),
            (many_arns, "11 policy ARNs"),
            (many_tags, "51 session tags"),
            (Hop::to(ROLE).tag("", "v"), "tag key"),
            (Hop::to(ROLE).tag("a".repeat(129), "v"), "tag key"),
            (Hop::to(ROLE).tag("aws:x", "v"), "reserved"),
            (Hop::to(ROLE).tag("k", "v".repeat(257)), "value of the tag `k`"),
            (Hop::to(ROLE).tag("k", "a\nb"), "value of the tag `k`"),
            (Hop::to(ROLE).tag("k", "v").tag("K", "w"), "given twice"),
            (Hop::to(ROLE).transitive_tag("k"), "not among"),
            (Hop::to(ROLE).source_identity("x"), "source identity"),
            (Hop::to(ROLE).mfa_serial("GAHT1234"), "the MFA device `GAHT1234`"),
            (Hop::to(ROLE).mfa_serial("a".repeat(257)), "the MFA device"),
            (Hop::to(ROLE).mfa_serial("has a space"), "the MFA device"),
            (Hop::to(ROLE).provided_context("arn:aws:iam::aws:xy", "assertion"), "context provider"),
            (
                Hop::to(ROLE).provided_context("IdentityCenter of this account", "assertion"),
                "context provider",
            ),
            (Hop::to(ROLE).provided_context(PROVIDER, "abc"), "4 to 2048"),
            (Hop::to(ROLE).provided_context(PROVIDER, "a".repeat(2049)), "4 to 2048"),
            (many_contexts, "6 provided contexts"),
        ] {
            let error = check(hop.clone()).unwrap_err().to_string();
            assert!(error.contains(says), "{hop:?}: {error}");
            assert!(!error.contains('\n'), "{error}");
        }
    }

    #[test]
    fn what_is_not_shown() {
        let hop = Hop::to(ROLE).external_id("partner-7").provided_context(PROVIDER, "an-assertion");
        let session = crate::Session::builder(ROLE).external_id("partner-7").via(hop.clone());
        let said = format!("{hop:?} {session:?} {:?}", check(hop.clone()).unwrap());
        assert!(!said.contains("partner-7") && !said.contains("an-assertion"), "{said}");
        assert!(said.contains("(not shown)") && said.contains(PROVIDER), "{said}");
    }

    #[test]
    fn a_wrong_hop_is_named() {
        let error = Chain::new(vec![Hop::to(ROLE), Hop::to("x")], Hop::to(ROLE), "name").unwrap_err();
        assert_eq!(error.hop(), 2);
        assert!(error.to_string().starts_with("hop 2 of 3: "), "{error}");
    }

    #[test]
    fn session_names_come_from_the_last_hop() {
        let via = vec![Hop::to(ROLE), Hop::to(ROLE).session_name("own")];
        let chain = Chain::new(via, Hop::to(ROLE).session_name("mine"), "unused").unwrap();
        let names: Vec<_> =
            chain.via.iter().chain([&chain.last]).map(|step| step.session_name.as_str()).collect();
        assert_eq!(names, ["mine", "own", "mine"]);
    }
}
