//! Which credentials each SDK takes.

use super::{Sdk, Surroundings};

fn picks(surroundings: &Surroundings, given: Option<&str>) -> String {
    let picks = surroundings.picks(given).into_iter();
    let line = |(sdk, found): (Sdk, Option<super::Found>)| {
        format!("{}: {}", sdk.name(), found.map_or_else(|| "nothing".to_owned(), |found| found.to_string()))
    };
    picks.map(line).collect::<Vec<_>>().join("\n")
}

const KEYS: [(&str, &str); 2] = [("AWS_ACCESS_KEY_ID", "AKIAENV"), ("AWS_SECRET_ACCESS_KEY", "the-secret")];
const DISABLED: (&str, &str) = ("AWS_EC2_METADATA_DISABLED", "true");

/// Measured with each SDK but Java, whose page says so:
/// <https://docs.aws.amazon.com/sdk-for-java/latest/developer-guide/credentials-chain.html>
#[test]
fn keys_in_the_environment_and_a_profile() {
    let config =
        "[profile dev]\nregion = x\nrole_arn = arn:aws:iam::222222222222:role/x\nsource_profile = dev\n";
    let variables = [KEYS[0], KEYS[1], ("AWS_PROFILE", "dev")];
    let surroundings = Surroundings::made(&variables, config, "");
    insta::assert_snapshot!(picks(&surroundings, None), @r#"
    rolecall: keys in the environment (AWS_ACCESS_KEY_ID AKIAENV)
    Rust: keys in the environment (AWS_ACCESS_KEY_ID AKIAENV)
    Python, AWS CLI: keys in the environment (AWS_ACCESS_KEY_ID AKIAENV)
    JavaScript v3: profile `dev`, role_arn arn:aws:iam::222222222222:role/x at config:3
    Go v2: keys in the environment (AWS_ACCESS_KEY_ID AKIAENV)
    Java v2: keys in the environment (AWS_ACCESS_KEY_ID AKIAENV)
    "#);
    insta::assert_snapshot!(picks(&surroundings, Some("dev")), @r#"
    rolecall: profile `dev`, role_arn arn:aws:iam::222222222222:role/x at config:3
    Rust: keys in the environment (AWS_ACCESS_KEY_ID AKIAENV)
    Python, AWS CLI: keys in the environment (AWS_ACCESS_KEY_ID AKIAENV)
    JavaScript v3: profile `dev`, role_arn arn:aws:iam::222222222222:role/x at config:3
    Go v2: keys in the environment (AWS_ACCESS_KEY_ID AKIAENV)
    Java v2: keys in the environment (AWS_ACCESS_KEY_ID AKIAENV)
    "#);
}

/// <https://docs.aws.amazon.com/sdkref/latest/guide/feature-container-credentials.html>: Go alone looks at the full URI
/// first.
#[test]
fn both_container_variables() {
    let variables = [
        ("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "/v2/secret"),
        ("AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://127.0.0.1:99/secret"),
    ];
    insta::assert_snapshot!(picks(&Surroundings::made(&variables, "", ""), None), @r#"
    rolecall: the container's endpoint at 169.254.170.2 (AWS_CONTAINER_CREDENTIALS_RELATIVE_URI)
    Rust: the container's endpoint at 169.254.170.2 (AWS_CONTAINER_CREDENTIALS_RELATIVE_URI)
    Python, AWS CLI: the container's endpoint at 169.254.170.2 (AWS_CONTAINER_CREDENTIALS_RELATIVE_URI)
    JavaScript v3: the container's endpoint at 169.254.170.2 (AWS_CONTAINER_CREDENTIALS_RELATIVE_URI)
    Go v2: the container's endpoint at 127.0.0.1:99 (AWS_CONTAINER_CREDENTIALS_FULL_URI)
    Java v2: the container's endpoint at 169.254.170.2 (AWS_CONTAINER_CREDENTIALS_RELATIVE_URI)
    "#);
}

/// On EKS with IRSA, and a default profile besides: <https://docs.aws.amazon.com/sdkref/latest/guide/standardized-credentials.html>
#[test]
fn a_web_identity_and_a_default_profile() {
    let variables =
        [("AWS_WEB_IDENTITY_TOKEN_FILE", "/token"), ("AWS_ROLE_ARN", "arn:aws:iam::222222222222:role/x")];
    let keys = "[default]\naws_access_key_id = AKIAFILE ; mine\naws_secret_access_key = the-secret\n";
    insta::assert_snapshot!(picks(&Surroundings::made(&variables, "", keys), None), @r#"
    rolecall: profile `default`, aws_access_key_id AKIAFILE at credentials:2
    Rust: profile `default`, aws_access_key_id AKIAFILE at credentials:2
    Python, AWS CLI: the web identity token in `/token` (AWS_WEB_IDENTITY_TOKEN_FILE)
    JavaScript v3: profile `default`, aws_access_key_id AKIAFILE at credentials:2
    Go v2: the web identity token in `/token` (AWS_WEB_IDENTITY_TOKEN_FILE)
    Java v2: the web identity token in `/token` (AWS_WEB_IDENTITY_TOKEN_FILE)
    "#);
}

#[test]
fn several_ways_in_one_profile() {
    let config = "[default]\nsso_session = corp\ncredential_process = /bin/x the-secret\naws_access_key_id = A\naws_secret_access_key = x\n";
    insta::assert_snapshot!(picks(&Surroundings::made(&[DISABLED], config, ""), None), @r#"
    rolecall: profile `default`, sso_session at config:2
    Rust: profile `default`, sso_session at config:2
    Python, AWS CLI: profile `default`, sso_session at config:2
    JavaScript v3: profile `default`, aws_access_key_id A at config:4
    Go v2: profile `default`, aws_access_key_id A at config:4
    Java v2: profile `default`, sso_session at config:2
    "#);
}

#[test]
fn nothing_and_what_will_not_do() {
    let elsewhere = [DISABLED, ("AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://10.0.0.1/x")];
    for (variables, expected) in [
        (&[][..], "the instance's metadata service, if there is one"),
        (&[DISABLED], "nothing"),
        (
            &elsewhere,
            "the container's endpoint (AWS_CONTAINER_CREDENTIALS_FULL_URI): SDKs refuse `10.0.0.1`: without TLS only this \
             machine, ECS and EKS Pod Identity may be asked",
        ),
        (
            &[("AWS_WEB_IDENTITY_TOKEN_FILE", "/t"), DISABLED],
            "the web identity token in `/t` (AWS_WEB_IDENTITY_TOKEN_FILE): AWS_ROLE_ARN is not set",
        ),
    ] {
        let surroundings = Surroundings::made(variables, "", "");
        for line in picks(&surroundings, None).lines() {
            assert!(line.ends_with(&format!(": {expected}")), "{line}");
        }
    }
}

/// Measured with boto3; the others look further.
#[test]
fn what_stops_python() {
    let named = [KEYS[0], KEYS[1], ("AWS_PROFILE", "nope")];
    let half = [KEYS[0], DISABLED];
    for (variables, config, python, rust) in [
        (
            &named[..],
            "",
            "profile `nope`: it does not exist",
            "keys in the environment (AWS_ACCESS_KEY_ID AKIAENV)",
        ),
        (
            &named,
            "[profile nope]\n",
            "keys in the environment (AWS_ACCESS_KEY_ID AKIAENV)",
            "keys in the environment (AWS_ACCESS_KEY_ID AKIAENV)",
        ),
        (&half, "", "keys in the environment: AWS_SECRET_ACCESS_KEY is not set", "nothing"),
    ] {
        let surroundings = Surroundings::made(variables, config, "");
        let takes = |sdk| {
            surroundings.pick(sdk, None).map_or_else(|| "nothing".to_owned(), |found| found.to_string())
        };
        assert_eq!((takes(Sdk::Python).as_str(), takes(Sdk::Rust).as_str()), (python, rust), "{config}");
    }
}

/// A key without its secret, and a setting that is written twice.
#[test]
fn half_keys_and_duplicates() {
    for (credentials, expected) in [
        (
            "[default]\naws_access_key_id = A\n",
            "profile `default`, aws_access_key_id A at credentials:2: it has no aws_secret_access_key",
        ),
        (
            "[default]\naws_access_key_id = A\naws_secret_access_key = s\n[default]\naws_access_key_id = B\n",
            "profile `default`, aws_access_key_id B at credentials:5",
        ),
    ] {
        let found = Surroundings::made(&[DISABLED], "", credentials).pick(Sdk::Rust, None);
        assert_eq!(found.unwrap().to_string(), expected);
    }
}

/// Which profile, where two variables name one: measured.
#[test]
fn two_variables_name_a_profile() {
    let surroundings = Surroundings::made(&[("AWS_PROFILE", "a"), ("AWS_DEFAULT_PROFILE", "b")], "", "");
    let names: Vec<_> = Sdk::ALL.into_iter().map(|sdk| sdk.profile(&surroundings, None)).collect();
    assert_eq!(names, ["a", "a", "b", "a", "a", "a"]);
    assert_eq!(Sdk::Rolecall.profile(&surroundings, Some("c")), "c");
}

#[test]
fn what_is_written_and_what_is_not_shown() {
    let config = "[profile a]\nrole_arn = r\nsource_profile = b\nexternal_id = the-secret\nduration_seconds = 900\n\
        include_profile = c\n[profile b]\naws_access_key_id = A\naws_secret_access_key = the-secret\n\
        source_profile = a\n[profile c]\nregion = x\n";
    let surroundings = Surroundings::made(&[], config, "");
    let lines: Vec<_> = surroundings
        .written("a")
        .into_iter()
        .map(|it| {
            let value = it.value.as_deref().unwrap_or("(not shown)");
            format!(
                "{} {} {value} {} {}",
                it.profile,
                it.key,
                it.place,
                it.read_over_by().unwrap_or_default()
            )
        })
        .collect();
    insta::assert_snapshot!(lines.join("\n"), @r#"
    a role_arn r config:2 
    a source_profile b config:3 
    a external_id (not shown) config:4 
    a duration_seconds 900 config:5 the SDK for Rust does not read it
    a include_profile c config:6 no SDK reads it
    c region x config:12 
    b aws_access_key_id A config:8 
    b aws_secret_access_key (not shown) config:9 
    b source_profile a config:10
    "#);
}
