//! Where credentials and settings are looked for.

use aws_config::BehaviorVersion;
use aws_config::default_provider::credentials::DefaultCredentialsChain;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_types::SdkConfig;
use aws_types::region::Region;
use aws_types::sdk_ua_metadata::FrameworkMetadata;

/// Where credentials and settings are looked for: the usual places, with these changes.
///
/// The places are [those of the AWS SDK for Rust](https://docs.aws.amazon.com/sdk-for-rust/latest/dg/credproviders.html),
/// in this order: environment variables, the profile, a web identity token, the container's endpoint, the instance's.
#[derive(Clone, Debug, Default)]
#[must_use]
pub struct Environment {
    profile: Option<String>,
    region: Option<String>,
    endpoint_url: Option<String>,
    fips: Option<bool>,
    dual_stack: Option<bool>,
}

impl Environment {
    /// The profile to use, instead of the one `AWS_PROFILE` names or `default`.
    pub fn profile(mut self, name: impl Into<String>) -> Self {
        self.profile = Some(name.into());
        self
    }

    /// The region, instead of the one found.
    pub fn region(mut self, region: impl Into<String>) -> Self {
        self.region = Some(region.into());
        self
    }

    /// The URL at which every service is called, instead of AWS's own.
    pub fn endpoint_url(mut self, url: impl Into<String>) -> Self {
        self.endpoint_url = Some(url.into());
        self
    }

    /// Whether to call endpoints validated under FIPS 140.
    pub fn fips(mut self, yes: bool) -> Self {
        self.fips = Some(yes);
        self
    }

    /// Whether to call endpoints that also have IPv6 addresses.
    pub fn dual_stack(mut self, yes: bool) -> Self {
        self.dual_stack = Some(yes);
        self
    }

    /// The profile that somebody asked for.
    pub(crate) fn given_profile(&self) -> Option<&str> {
        self.profile.as_deref()
    }

    /// Looks in all the places for settings. The credentials are loaded when they are needed.
    ///
    /// They are those that the AWS SDK for Rust finds, where keys in the environment come before any profile, and it reads
    /// over some of what a profile says. [`Profile`](crate::Profile) is a profile in full.
    pub async fn load(self) -> SdkConfig {
        let mut loader = aws_config::defaults(BehaviorVersion::v2026_01_12());
        if let Some(profile) = &self.profile {
            loader = loader.profile_name(profile);
        }
        if let Some(region) = self.region {
            loader = loader.region(Region::new(region));
        }
        if let Some(url) = self.endpoint_url {
            loader = loader.endpoint_url(url);
        }
        if let Some(yes) = self.fips {
            loader = loader.use_fips(yes);
        }
        if let Some(yes) = self.dual_stack {
            loader = loader.use_dual_stack(yes);
        }
        // One pool of connections for all that starts from here: the SDK makes one for each client where it is given none.
        loader = loader.http_client(crate::http::client());
        // AWS can tell from the user agent what called.
        if let Ok(metadata) = FrameworkMetadata::new("rolecall", Some(env!("CARGO_PKG_VERSION"))) {
            loader = loader.framework_metadata(metadata);
        }
        let config = loader.load().await;
        if config.region().is_some() {
            return config;
        }
        // Without a region nothing that needs STS could give credentials, such as a profile with a role. Any region's
        // STS will do for that; for other services there is still none.
        let mut chain = DefaultCredentialsChain::builder().region(Region::from_static("us-east-1"));
        if let Some(profile) = &self.profile {
            chain = chain.profile_name(profile);
        }
        config
            .into_builder()
            .credentials_provider(SharedCredentialsProvider::new(chain.build().await))
            .build()
    }
}
