//! In which order each SDK looks.

use super::Surroundings;
use super::find::{Kind, Way};

/// What looks for credentials.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Sdk {
    /// This program.
    Rolecall,
    /// <https://docs.aws.amazon.com/sdk-for-rust/latest/dg/credproviders.html>
    Rust,
    /// <https://docs.aws.amazon.com/boto3/latest/guide/credentials.html>, and the AWS CLI.
    Python,
    /// <https://docs.aws.amazon.com/sdk-for-javascript/v3/developer-guide/setting-credentials-node.html>
    JavaScript,
    /// <https://docs.aws.amazon.com/sdk-for-go/v2/developer-guide/configure-gosdk.html>
    Go,
    /// <https://docs.aws.amazon.com/sdk-for-java/latest/developer-guide/credentials-chain.html>
    Java,
}

impl Sdk {
    /// All of them, this program first.
    pub(crate) const ALL: [Self; 6] =
        [Self::Rolecall, Self::Rust, Self::Python, Self::JavaScript, Self::Go, Self::Java];

    /// Its name.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Rolecall => "rolecall",
            Self::Rust => "Rust",
            Self::Python => "Python, AWS CLI",
            Self::JavaScript => "JavaScript v3",
            Self::Go => "Go v2",
            Self::Java => "Java v2",
        }
    }

    /// The profile it reads. `given` is the one that rolecall was given.
    pub(crate) fn profile(self, surroundings: &Surroundings, given: Option<&str>) -> String {
        // https://docs.aws.amazon.com/sdkref/latest/guide/file-format.html has AWS_PROFILE only; botocore and Go know
        // AWS_DEFAULT_PROFILE too, and botocore looks at it first.
        let names: &[&str] = match self {
            Self::Python => &["AWS_DEFAULT_PROFILE", "AWS_PROFILE"],
            Self::Go => &["AWS_PROFILE", "AWS_DEFAULT_PROFILE"],
            Self::Rolecall | Self::Rust | Self::JavaScript | Self::Java => &["AWS_PROFILE"],
        };
        let given = given.filter(|_| self == Self::Rolecall);
        let set = || names.iter().find_map(|name| surroundings.variable(name));
        given.or_else(set).unwrap_or("default").to_owned()
    }

    /// The order. Within a profile it is the one in which the SDK's sources ask for its settings.
    pub(crate) fn order(self, surroundings: &Surroundings, given: Option<&str>) -> Vec<Kind> {
        use Kind::{Container, Environment, Instance, Profile, WebIdentity};
        const KEYS: [Kind; 2] = [Profile(Way::KeysInCredentials), Profile(Way::KeysInConfig)];
        let profile = |ways: &[Way]| ways.iter().copied().map(Profile).collect::<Vec<_>>();
        let rust = || {
            [
                profile(&[Way::Role, Way::RoleAlone, Way::WebIdentity, Way::Sso, Way::Login, Way::Process]),
                KEYS.to_vec(),
            ]
            .concat()
        };
        let last = [Container, Instance];
        match self {
            // A profile that was asked for is used, whatever keys are in the environment.
            Self::Rolecall if given.is_some() => [rust(), vec![WebIdentity], last.to_vec()].concat(),
            Self::Rolecall | Self::Rust => {
                [vec![Environment], rust(), vec![WebIdentity], last.to_vec()].concat()
            }
            Self::Python => [
                vec![Environment, Profile(Way::Role), Profile(Way::RoleAlone), WebIdentity],
                profile(&[Way::WebIdentity, Way::Sso, Way::KeysInCredentials, Way::Login, Way::Process]),
                vec![Profile(Way::KeysInConfig)],
                last.to_vec(),
            ]
            .concat(),
            Self::JavaScript => {
                // With AWS_PROFILE set it does not look at keys in the environment.
                let first = surroundings.variable("AWS_PROFILE").map_or(vec![Environment], |_| Vec::new());
                let rest = profile(&[Way::WebIdentity, Way::Process, Way::Sso, Way::Login]);
                [first, vec![Profile(Way::Role)], KEYS.to_vec(), rest, vec![WebIdentity], last.to_vec()]
                    .concat()
            }
            Self::Go => {
                let rest = profile(&[Way::WebIdentity, Way::Sso, Way::Process, Way::Login]);
                let first = vec![Environment, WebIdentity, Profile(Way::Role)];
                [first, KEYS.to_vec(), rest, last.to_vec()].concat()
            }
            Self::Java => {
                let rest = profile(&[Way::WebIdentity, Way::Sso, Way::Role, Way::Login, Way::Process]);
                [vec![Environment, WebIdentity], rest, KEYS.to_vec(), last.to_vec()].concat()
            }
        }
    }

    /// Of the container's two variables, whether it looks at the full URI first.
    pub(super) fn prefers_full_uri(self) -> bool {
        self == Self::Go
    }
}
