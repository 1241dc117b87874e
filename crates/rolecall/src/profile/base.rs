//! The credentials a profile starts from: loaded by the AWS SDK, from what the profile says about them alone.

use aws_config::ecs::EcsCredentialsProvider;
use aws_config::imds::credentials::ImdsCredentialsProvider;
use aws_config::meta::credentials::CredentialsProviderChain;
use aws_config::profile::ProfileFileCredentialsProvider;
use aws_config::provider_config::ProviderConfig;
use aws_config::web_identity_token::WebIdentityTokenCredentialsProvider;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_runtime::env_config::file::{EnvConfigFileKind, EnvConfigFiles};
use aws_types::SdkConfig;
use aws_types::region::Region;
use zeroize::Zeroizing;

use super::said::Said;

/// Any of these makes a profile one that credentials start from.
const SOURCES: [&str; 8] = [
    "aws_access_key_id",
    "credential_process",
    "credential_source",
    "login_session",
    "sso_account_id",
    "sso_session",
    "sso_start_url",
    "web_identity_token_file",
];
const KEYS: [&str; 4] = ["aws_access_key_id", "aws_secret_access_key", "aws_session_token", "aws_account_id"];
/// What else the SDK reads to get credentials.
const COMPANIONS: [&str; 3] = ["sso_region", "sso_role_name", "region"];
/// With a web identity token the role belongs to it.
const WEB_IDENTITY: [&str; 2] = ["role_arn", "role_session_name"];
/// The profile that the SDK is given. No other can have a name like it by chance.
const NAME: &str = "rolecall/start";

/// Where a profile's credentials start.
#[derive(Clone, Eq, PartialEq)]
pub(super) enum Base {
    /// In what the profile says: these settings, as a file has them. There may be secrets in it.
    Said(Zeroizing<String>),
    /// It says nothing about credentials: a web identity in the environment, the container's endpoint, the instance's.
    Elsewhere,
}

impl Base {
    pub(super) fn of(said: &Said<'_>) -> Self {
        if SOURCES.iter().all(|key| said.get(key).is_none()) {
            return Self::Elsewhere;
        }
        let is_web_identity = said.get("web_identity_token_file").is_some();
        let role = if is_web_identity { &WEB_IDENTITY[..] } else { &[] };
        let settings = SOURCES.iter().chain(&KEYS).chain(&COMPANIONS).chain(role);
        Self::Said(text(said, settings.copied()))
    }

    pub(super) fn has_keys(said: &Said<'_>) -> bool {
        said.get("aws_access_key_id").is_some() && said.get("aws_secret_access_key").is_some()
    }

    /// The keys alone.
    pub(super) fn keys(said: &Said<'_>) -> Self {
        Self::Said(text(said, KEYS.into_iter()))
    }

    pub(super) fn credential_process(&self) -> Option<&str> {
        match self {
            Self::Said(text) => text.lines().find_map(|line| line.strip_prefix("credential_process = ")),
            Self::Elsewhere => None,
        }
    }

    pub(super) fn provider(&self, config: &SdkConfig) -> SharedCredentialsProvider {
        // Any region's STS will do for credentials.
        let region = config.region().cloned().unwrap_or(Region::from_static("us-east-1"));
        let mut settings = ProviderConfig::without_region()
            .with_region(Some(region))
            .with_use_fips(config.use_fips())
            .with_use_dual_stack(config.use_dual_stack());
        if let Some(client) = config.http_client() {
            settings = settings.with_http_client(client);
        }
        if let Some(clock) = config.time_source() {
            settings = settings.with_time_source(clock);
        }
        if let Some(sleep) = config.sleep_impl() {
            settings = settings.with_sleep_impl(sleep);
        }
        match self {
            Self::Said(text) => {
                // Beside the user's files, which have the sections that it may name.
                let files = EnvConfigFiles::builder()
                    .include_default_config_file(true)
                    .include_default_credentials_file(true)
                    .with_contents(EnvConfigFileKind::Config, text.as_str())
                    .build();
                let profile = ProfileFileCredentialsProvider::builder().configure(&settings);
                SharedCredentialsProvider::new(profile.profile_files(files).profile_name(NAME).build())
            }
            Self::Elsewhere => {
                let token = WebIdentityTokenCredentialsProvider::builder().configure(&settings).build();
                let container = EcsCredentialsProvider::builder().configure(&settings).build();
                let instance = ImdsCredentialsProvider::builder().configure(&settings).build();
                let chain = CredentialsProviderChain::first_try("WebIdentityToken", token)
                    .or_else("EcsContainer", container)
                    .or_else("Ec2InstanceMetadata", instance);
                SharedCredentialsProvider::new(chain)
            }
        }
    }
}

/// A file with one profile of these settings.
fn text<'a>(said: &Said<'_>, keys: impl Iterator<Item = &'a str>) -> Zeroizing<String> {
    let mut text = Zeroizing::new(format!("[profile {NAME}]\n"));
    for key in keys {
        if let Some(value) = said.get(key) {
            text.push_str(key);
            text.push_str(" = ");
            // A value of several lines goes on where a line is indented.
            for (index, line) in value.lines().enumerate() {
                text.push_str(if index == 0 { "" } else { "\n  " });
                text.push_str(line.trim());
            }
            text.push('\n');
        }
    }
    text
}
