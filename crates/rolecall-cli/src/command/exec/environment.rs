//! The program's environment: what leads its SDK to the endpoint, and nothing that would lead it elsewhere.

use std::env;
use std::ffi::{OsStr, OsString};
use std::process::Command;

use super::shadow::Shadow;

/// What any SDK looks at before the container endpoint, or instead of it.
pub(crate) const REMOVED: [&str; 15] = [
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "AWS_SECURITY_TOKEN",
    "AWS_CREDENTIAL_EXPIRATION",
    // A file in the form of the first EC2 tools, which boto3 still reads.
    "AWS_CREDENTIAL_FILE",
    "AWS_PROFILE",
    "AWS_DEFAULT_PROFILE",
    // In ECS this one is set, and most SDKs prefer it to the full URI.
    "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
    "AWS_CONTAINER_AUTHORIZATION_TOKEN",
    "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE",
    "AWS_WEB_IDENTITY_TOKEN_FILE",
    "AWS_ROLE_ARN",
    "AWS_ROLE_SESSION_NAME",
    "AWS_CONTAINER_CREDENTIALS_FULL_URI",
];

/// What the program's environment is to say.
pub(crate) struct Plan<'a> {
    pub(crate) uri: &'a str,
    pub(crate) token: &'a str,
    pub(crate) region: Option<&'a str>,
    pub(crate) endpoint_url: Option<&'a str>,
    pub(crate) fips: bool,
    pub(crate) dual_stack: bool,
    pub(crate) shadow: &'a Shadow,
}

impl Plan<'_> {
    /// Changes the program's environment; all else stays as it is.
    pub(crate) fn apply(&self, program: &mut Command) {
        for name in REMOVED {
            program.env_remove(name);
        }
        for (name, value) in self.settings() {
            program.env(name, value);
        }
        for (name, value) in around_proxy(|name| env::var_os(name)) {
            program.env(name, value);
        }
    }

    fn settings(&self) -> Vec<(&'static str, &OsStr)> {
        let mut settings = vec![
            ("AWS_CONTAINER_CREDENTIALS_FULL_URI", OsStr::new(self.uri)),
            ("AWS_CONTAINER_AUTHORIZATION_TOKEN", OsStr::new(self.token)),
            ("AWS_EC2_METADATA_DISABLED", OsStr::new("true")),
            // boto3 would look for keys in ~/.boto and /etc/boto.cfg first:
            // https://docs.aws.amazon.com/boto3/latest/guide/credentials.html#boto2-configuration-file-support
            ("BOTO_CONFIG", OsStr::new("/dev/null")),
        ];
        if let Some(region) = self.region {
            // Some SDKs read the one, some the other.
            settings.push(("AWS_REGION", OsStr::new(region)));
            settings.push(("AWS_DEFAULT_REGION", OsStr::new(region)));
        }
        if let Some(url) = self.endpoint_url {
            settings.push(("AWS_ENDPOINT_URL", OsStr::new(url)));
        }
        // Of the profile, which the program does not read: https://docs.aws.amazon.com/sdkref/latest/guide/feature-endpoints.html
        if self.fips {
            settings.push(("AWS_USE_FIPS_ENDPOINT", OsStr::new("true")));
        }
        if self.dual_stack {
            settings.push(("AWS_USE_DUALSTACK_ENDPOINT", OsStr::new("true")));
        }
        if let Some(path) = self.shadow.credentials_file() {
            settings.push(("AWS_SHARED_CREDENTIALS_FILE", path));
        }
        if let Some(path) = self.shadow.config_file() {
            settings.push(("AWS_CONFIG_FILE", path));
        }
        settings
    }
}

/// Where a proxy is set, some SDKs would ask it even for an address on this machine, and so tell it the token.
fn around_proxy(variable: impl Fn(&str) -> Option<OsString>) -> Vec<(&'static str, OsString)> {
    const PROXIES: [&str; 4] = ["HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"];
    const EXCEPTIONS: [&str; 2] = ["NO_PROXY", "no_proxy"];
    let set = |name: &str| variable(name).filter(|value| !value.is_empty());
    if !PROXIES.into_iter().any(|name| set(name).is_some()) {
        return Vec::new();
    }
    // Who sets one of the two means both: a program reads the one or the other.
    let known = EXCEPTIONS.into_iter().find_map(set);
    let with_ours = |name| {
        let mut value = set(name).or_else(|| known.clone()).unwrap_or_default();
        if !value.is_empty() {
            value.push(",");
        }
        value.push("127.0.0.1");
        (name, value)
    };
    EXCEPTIONS.into_iter().map(with_ours).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::*;

    fn changes(region: Option<&str>, endpoint_url: Option<&str>) -> HashMap<String, Option<String>> {
        let shadow = Shadow::default();
        let mut program = Command::new("true");
        let (fips, dual_stack) = (endpoint_url.is_some(), false);
        Plan {
            uri: "http://127.0.0.1:1/x",
            token: "t",
            region,
            endpoint_url,
            fips,
            dual_stack,
            shadow: &shadow,
        }
        .apply(&mut program);
        let text = |value: &OsStr| value.to_str().unwrap().to_owned();
        program.get_envs().map(|(name, value)| (text(name), value.map(text))).collect()
    }

    #[test]
    fn everything_that_comes_first_is_removed() {
        let changes = changes(None, None);
        for name in REMOVED {
            let set =
                matches!(name, "AWS_CONTAINER_CREDENTIALS_FULL_URI" | "AWS_CONTAINER_AUTHORIZATION_TOKEN");
            assert_eq!(changes[name].is_some(), set, "{name}");
        }
        assert_eq!(changes["AWS_EC2_METADATA_DISABLED"].as_deref(), Some("true"));
        assert_eq!(
            (&changes["AWS_CREDENTIAL_FILE"], changes["BOTO_CONFIG"].as_deref()),
            (&None, Some("/dev/null"))
        );
        assert!(!changes.contains_key("AWS_REGION") && !changes.contains_key("AWS_ENDPOINT_URL"));
    }

    #[test]
    fn both_regions_are_set() {
        let changes = changes(Some("eu-west-1"), Some("http://127.0.0.1:4566"));
        assert_eq!(changes["AWS_REGION"].as_deref(), Some("eu-west-1"));
        assert_eq!(changes["AWS_DEFAULT_REGION"].as_deref(), Some("eu-west-1"));
        assert_eq!(changes["AWS_ENDPOINT_URL"].as_deref(), Some("http://127.0.0.1:4566"));
        assert_eq!(changes["AWS_USE_FIPS_ENDPOINT"].as_deref(), Some("true"));
        assert!(!changes.contains_key("AWS_USE_DUALSTACK_ENDPOINT"));
    }
    #[test]
    fn the_endpoint_is_never_asked_through_a_proxy() {
        for (environment, upper, lower) in [
            (vec![], None, None),
            (vec![("NO_PROXY", "a")], None, None),
            (vec![("HTTPS_PROXY", "http://p")], None, None),
            (vec![("HTTP_PROXY", "")], None, None),
            (vec![("HTTP_PROXY", "http://p")], Some("127.0.0.1"), Some("127.0.0.1")),
            (
                vec![("all_proxy", "http://p"), ("NO_PROXY", "a,b")],
                Some("a,b,127.0.0.1"),
                Some("a,b,127.0.0.1"),
            ),
            (
                vec![("http_proxy", "http://p"), ("NO_PROXY", "a"), ("no_proxy", "b")],
                Some("a,127.0.0.1"),
                Some("b,127.0.0.1"),
            ),
        ] {
            let variable = |name: &str| {
                environment.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).into())
            };
            let changes: HashMap<_, _> = around_proxy(variable).into_iter().collect();
            let value = |name| changes.get(name).and_then(|value| value.to_str());
            assert_eq!((value("NO_PROXY"), value("no_proxy")), (upper, lower), "{environment:?}");
        }
    }
}
