//! Profiles as they are written, and what comes of them.

use std::fmt::Write as _;

use aws_types::os_shim_internal::{Env, Fs};

use super::{Base, Profile};
use crate::refresh::vectors::at_once;

/// What comes of the profiles: the names on the way, the hops, and what is given to the SDK to start from.
fn read(config: &str, credentials: &str, env: &[(&str, &str)], given: Option<&str>) -> String {
    let files = [("/home/me/.aws/config", config), ("/home/me/.aws/credentials", credentials)];
    let env: Vec<_> = [("HOME", "/home/me")].into_iter().chain(env.iter().copied()).collect();
    let (fs, env) = (Fs::from_slice(&files), Env::from_slice(&env));
    match at_once(Profile::read(&fs, &env, given)) {
        Ok(Some(profile)) => show(&profile),
        Ok(None) => "none".to_owned(),
        Err(error) => format!("error: {error}"),
    }
}

fn show(profile: &Profile) -> String {
    let mut text = profile.names().join(" > ");
    for hop in profile.hops() {
        write!(text, "\n{hop:?}").unwrap();
    }
    match &profile.base {
        Base::Said(said) => text + "\n" + said.trim_end(),
        Base::Elsewhere => text + "\nelsewhere",
    }
}

fn config(text: &str, name: &str) -> String {
    read(text, "", &[], Some(name))
}

const BASE: &str = "[profile base]\naws_access_key_id = AKIA\naws_secret_access_key = secret\n";

/// <https://docs.aws.amazon.com/sdkref/latest/guide/feature-assume-role-credentials.html>
#[test]
fn a_role_with_everything() {
    let profile = "[profile dev]\nrole_arn = arn:aws:iam::222222222222:role/dev\nsource_profile = base\n\
        role_session_name = me\nduration_seconds = 1800\nmfa_serial = arn:aws:iam::111111111111:mfa/me\n\
        session_tags = team = blue , cost=a=b\ntransitive_session_tags = team,,cost\nsource_identity = alice\n";
    let hop = config(&format!("{profile}{BASE}"), "dev");
    for part in [
        "dev > base\n",
        "role_arn: \"arn:aws:iam::222222222222:role/dev\"",
        "session_name: Some(\"me\")",
        "duration: Some(1800s)",
        "mfa_serial: Some(\"arn:aws:iam::111111111111:mfa/me\")",
        "tags: [(\"team\", \"blue\"), (\"cost\", \"a=b\")]",
        "transitive_tags: [\"team\", \"cost\"]",
        "source_identity: Some(\"alice\")",
        "[profile rolecall/start]\naws_access_key_id = AKIA\naws_secret_access_key = secret",
    ] {
        assert!(hop.contains(part), "{part}: {hop}");
    }
}

fn roles(shown: &str) -> Vec<&str> {
    shown.split("role_arn: \"").skip(1).map(|rest| rest.split('"').next().unwrap()).collect()
}

/// Chains of any length, and where each starts.
#[test]
fn chains() {
    let role = |name: &str, from: &str| format!("[profile {name}]\nrole_arn = {name}\n{from}\n");
    for (text, name, expected_roles, start) in [
        (
            role("a", "source_profile = b") + &role("b", "source_profile = base") + BASE,
            "a",
            vec!["b", "a"],
            "AKIA",
        ),
        // A profile with keys is where it starts, though it also names a role: https://github.com/smithy-lang/smithy-rs,
        // aws-config/test-data/assume-role-tests.json.
        (
            role("a", "source_profile = b")
                + &role("b", "source_profile = c\naws_access_key_id = B\naws_secret_access_key = s"),
            "a",
            vec!["a"],
            "aws_access_key_id = B",
        ),
        // The same profile's own keys.
        (
            role("a", "source_profile = a\naws_access_key_id = A\naws_secret_access_key = s"),
            "a",
            vec!["a"],
            "aws_access_key_id = A",
        ),
        (role("a", "credential_source = EcsContainer"), "a", vec!["a"], "credential_source = EcsContainer"),
        // With a web identity token the role is not a further hop.
        (
            role("a", "web_identity_token_file = /t"),
            "a",
            vec![],
            "web_identity_token_file = /t\nrole_arn = a",
        ),
        (
            role("a", "source_profile = sso")
                + "[profile sso]\nsso_session = corp\nsso_account_id = 1\nsso_role_name = r\n",
            "a",
            vec!["a"],
            "sso_account_id = 1\nsso_session = corp\nsso_role_name = r",
        ),
        (
            role("a", "source_profile = p") + "[profile p]\ncredential_process = /bin/x --y\n",
            "a",
            vec!["a"],
            "credential_process = /bin/x --y",
        ),
        (BASE.to_owned(), "base", vec![], "AKIA"),
        ("[profile r]\nregion = eu-west-1\n".to_owned(), "r", vec![], "elsewhere"),
    ] {
        let shown = config(&text, name);
        assert_eq!(roles(&shown), expected_roles, "{text}: {shown}");
        assert!(shown.contains(start), "{text}: {shown}");
    }
}

/// <https://github.com/99designs/aws-vault/blob/master/USAGE.md#include_profile>
#[test]
fn included_profiles() {
    let text = "[profile common]\nmfa_serial = arn:aws:iam::111111111111:mfa/me\nsource_profile = base\n\
        duration_seconds = 900\n[profile dev]\ninclude_profile = common\nrole_arn = dev\nduration_seconds = 1800\n";
    let shown = config(&format!("{text}{BASE}"), "dev");
    assert!(shown.starts_with("dev > base\n"), "{shown}");
    assert!(shown.contains("mfa/me") && shown.contains("duration: Some(1800s)"), "{shown}");
    assert!(shown.contains("AKIA"), "{shown}");
}

#[test]
fn contradictions() {
    for (text, said) in [
        ("", "there is no profile `a`; there are no profiles"),
        ("[profile b]\nregion = x\n", "there is no profile `a`; there are: b"),
        ("[profile a]\nrole_arn = x\n", "profile `a`: it has a role_arn, and nothing to start from"),
        (
            "[profile a]\nrole_arn = x\nsource_profile = a\ncredential_source = Environment\n",
            "profile `a`: it has a source_profile and a credential_source",
        ),
        (
            "[profile a]\nrole_arn = x\nsource_profile = b\n",
            "profile `a` starts from profile `b` (source_profile), which does not exist",
        ),
        (
            "[profile a]\nrole_arn = x\nsource_profile = b\n[profile b]\nrole_arn = y\nsource_profile = a\n",
            "the profiles lead in a circle: a → b → a (source_profile)",
        ),
        (
            "[profile a]\nrole_arn = x\nsource_profile = b\n[profile b]\nregion = x\n",
            "profile `b`: another profile's role starts from it, but it has no credentials",
        ),
        ("[profile a]\ninclude_profile = a\n", "profile `a` includes itself: a → a (include_profile)"),
        (
            "[profile a]\ninclude_profile = z\n",
            "profile `a` includes `z` (include_profile), which does not exist",
        ),
        (
            "[profile a]\nrole_arn = x\nsource_profile = a\nduration_seconds = 1h\n",
            "profile `a`: duration_seconds is `1h`; it must be a number",
        ),
        (
            "[profile a]\nrole_arn = x\nsource_profile = a\nsession_tags = team\n",
            "profile `a`: session_tags must be `key=value,key=value`",
        ),
        (
            "[profile a]\nlogin_session = arn:aws:iam::111111111111:user/me\n",
            "profile `a`: its login_session is not followed here; start from a profile with `credential_process = aws \
             configure export-credentials --profile a --format process`",
        ),
        (
            "[profile b]\n[profile a\n",
            "the shared configuration files cannot be read: could not parse profile file: error parsing \
             /home/me/.aws/config on line 2: ",
        ),
    ] {
        let error = config(text, "a");
        assert!(error.starts_with(&format!("error: {said}")), "{text}: {error}");
        assert!(!error.contains('\n'), "{error}");
    }
}

/// Which profile it is: <https://docs.aws.amazon.com/sdkref/latest/guide/file-format.html>
#[test]
fn which_profile() {
    let keys = [("AWS_ACCESS_KEY_ID", "A"), ("AWS_SECRET_ACCESS_KEY", "s")];
    let both = [keys[0], keys[1], ("AWS_PROFILE", "base")];
    let default = "[default]\naws_access_key_id = D\naws_secret_access_key = s\n";
    let region = "[default]\nregion = eu-west-1\n";
    for (text, env, given, expected) in [
        (BASE, &[][..], None, "none"),
        (BASE, &[("AWS_PROFILE", "base")], None, "base\n"),
        (BASE, &both, None, "none"),
        (BASE, &both, Some("base"), "base\n"),
        (BASE, &[("AWS_PROFILE", "x")], None, "error: there is no profile `x`; there are: base"),
        (default, &[], None, "default\n"),
        (default, &keys, None, "none"),
        (region, &[], None, "none"),
        (region, &[], Some("default"), "default\nelsewhere"),
    ] {
        let shown = read(text, "", env, given);
        assert!(shown.starts_with(expected), "{text} {env:?} {given:?}: {shown}");
    }
    let credentials = "[base]\naws_access_key_id = C\naws_secret_access_key = s\n";
    assert!(
        read("[profile base]\nregion = x\n", credentials, &[], Some("base"))
            .contains("aws_access_key_id = C")
    );
}

#[test]
fn nothing_of_the_credentials_is_shown() {
    let files = [(
        "/home/me/.aws/config",
        "[default]\naws_access_key_id = AKIA\naws_secret_access_key = the-secret\n",
    )];
    let (fs, env) = (Fs::from_slice(&files), Env::from_slice(&[("HOME", "/home/me")]));
    let shown = format!("{:?}", at_once(Profile::read(&fs, &env, None)).unwrap().unwrap());
    assert!(shown.contains("default") && !shown.contains("the-secret") && !shown.contains("AKIA"), "{shown}");
}
