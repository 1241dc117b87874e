//! The container's endpoint: which URL is asked, and which are refused.
//!
//! [Container credential provider](https://docs.aws.amazon.com/sdkref/latest/guide/feature-container-credentials.html)

use std::fmt;
use std::net::IpAddr;

use http::Uri;

/// Where ECS gives a task its credentials.
const TASK: &str = "http://169.254.170.2";
/// Besides loopback, the hosts that may be asked over plain HTTP: of ECS, and of EKS Pod Identity.
const HOSTS: [&str; 3] = ["169.254.170.2", "169.254.170.23", "fd00:ec2::23"];

/// Why there is no URL to ask.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) enum Problem {
    /// Neither variable is set.
    NotSet,
    /// It is no URL with a host.
    NoHost,
    /// A plain HTTP URL elsewhere.
    Elsewhere(String),
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotSet => f.write_str("neither variable is set"),
            Self::NoHost => f.write_str("it is not a URL with a host"),
            Self::Elsewhere(host) => write!(
                f,
                "SDKs refuse `{host}`: without TLS only this machine, ECS and EKS Pod Identity may be asked"
            ),
        }
    }
}

/// The URL that is asked, and the variable it comes from.
pub(super) fn url(
    relative: Option<&str>,
    full: Option<&str>,
    prefers_full: bool,
) -> Result<(String, &'static str), Problem> {
    const RELATIVE: &str = "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI";
    const FULL: &str = "AWS_CONTAINER_CREDENTIALS_FULL_URI";
    match (relative, full) {
        (None, None) => Err(Problem::NotSet),
        (Some(path), None) => Ok((format!("{TASK}{path}"), RELATIVE)),
        (Some(path), Some(_)) if !prefers_full => Ok((format!("{TASK}{path}"), RELATIVE)),
        (_, Some(full)) => check(full).map(|()| (full.to_owned(), FULL)),
    }
}

fn check(full: &str) -> Result<(), Problem> {
    let uri: Uri = full.parse().map_err(|_| Problem::NoHost)?;
    let host = uri.host().ok_or(Problem::NoHost)?;
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    // A name other than localhost is looked up by some SDKs and refused by others.
    let is_near = bare == "localhost"
        || HOSTS.contains(&bare)
        || bare.parse::<IpAddr>().is_ok_and(|address| address.is_loopback());
    match uri.scheme_str() {
        Some("https") => Ok(()),
        Some(_) if is_near => Ok(()),
        _ => Err(Problem::Elsewhere(bare.to_owned())),
    }
}

/// Where a URL leads, without its path: some put a secret there.
pub(super) fn host(url: &str) -> String {
    let uri: Option<Uri> = url.parse().ok();
    let authority = uri.as_ref().and_then(Uri::authority).map(ToString::to_string).unwrap_or_default();
    // What is before an @ is a secret too.
    authority.rsplit('@').next().unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use serde_json::Value;

    use super::*;

    /// The public vectors of the AWS SDKs, which are read from `shared/conform` beside the repository.
    #[test]
    fn public_vectors() {
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/conform/ecs-tests.json");
        let Ok(text) = std::fs::read_to_string(file) else {
            println!("skipped: shared/conform/ecs-tests.json is not beside the repository");
            return;
        };
        let cases: Value = serde_json::from_str(&text).unwrap();
        let cases = cases["tests"].as_array().unwrap();
        assert_eq!(cases.len(), 11);
        for case in cases {
            let variable = |name: &str| case["env"][name].as_str();
            let (relative, full) = (
                variable("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"),
                variable("AWS_CONTAINER_CREDENTIALS_FULL_URI"),
            );
            let got = url(relative, full, false).map(|(url, _)| url);
            let expected = match (case["result"]["Ok"].as_str(), case["result"]["ErrorContains"].as_str()) {
                (Some(url), None) => Ok(url.to_owned()),
                (None, Some("No environment variables were set to configure ECS provider")) => {
                    Err(Problem::NotSet)
                }
                (None, Some("URI did not specify a host")) => Err(Problem::NoHost),
                other => panic!("{other:?}"),
            };
            assert_eq!(got, expected, "{}", case["docs"]);
        }
    }

    #[test]
    fn urls() {
        for (relative, full, prefers_full, expected) in [
            (Some("/a"), Some("http://localhost/b"), false, Ok("http://169.254.170.2/a")),
            (Some("/a"), Some("http://localhost/b"), true, Ok("http://localhost/b")),
            (None, Some("http://127.9.9.9:1/b"), true, Ok("http://127.9.9.9:1/b")),
            (None, Some("http://[::1]:1/b"), true, Ok("http://[::1]:1/b")),
            (None, Some("http://10.0.0.1/b"), false, Err(Problem::Elsewhere("10.0.0.1".to_owned()))),
            (
                None,
                Some("http://169.254.170.22/b"),
                false,
                Err(Problem::Elsewhere("169.254.170.22".to_owned())),
            ),
            (None, Some("not a url"), false, Err(Problem::NoHost)),
        ] {
            let got = url(relative, full, prefers_full).map(|(url, _)| url);
            assert_eq!(got, expected.map(str::to_owned), "{relative:?} {full:?}");
        }
        assert_eq!(host("http://127.0.0.1:80/secret"), "127.0.0.1:80");
        assert_eq!(host("http://user:secret@localhost/x"), "localhost");
    }
}
