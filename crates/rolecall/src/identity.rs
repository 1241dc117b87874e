//! Whose credentials they are, and where they came from.

use std::time::SystemTime;

use aws_credential_types::Credentials;
use aws_credential_types::credential_feature::AwsCredentialFeature;
use aws_credential_types::provider::ProvideCredentials as _;
use aws_credential_types::provider::error::CredentialsError;
use aws_types::SdkConfig;

use crate::assume::source_failure;
use crate::error::{Call, Error, Refused, Unanswered};
use crate::sts::{Client, Failure, Sts};

/// Whose credentials they are, where they came from, and until when they last.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Identity {
    account: String,
    arn: String,
    user_id: String,
    access_key_id: String,
    origin: Vec<Origin>,
    expires: Option<SystemTime>,
}

impl Identity {
    /// The twelve digits of the account.
    pub fn account(&self) -> &str {
        &self.account
    }

    /// The ARN of the user or session.
    pub fn arn(&self) -> &str {
        &self.arn
    }

    /// The unique id: `AIDA…` of a user, `AROA…:session` of a role's session, the account's digits of its root.
    pub fn user_id(&self) -> &str {
        &self.user_id
    }

    /// The id of the access key that signed the question.
    pub fn access_key_id(&self) -> &str {
        &self.access_key_id
    }

    /// Where the credentials came from, the outermost first: for a profile with a role, the profile, then the call that
    /// assumed it. Empty when the provider does not say.
    pub fn origin(&self) -> &[Origin] {
        &self.origin
    }

    /// When the credentials end, if they do and the provider says so.
    pub fn expires(&self) -> Option<SystemTime> {
        self.expires
    }
}

/// A place credentials come from, or a way they come about.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Origin {
    /// `AWS_ACCESS_KEY_ID` and its companions.
    Environment,
    /// A profile in the shared configuration files.
    Profile,
    /// IAM Identity Center (`aws sso login`).
    Sso,
    /// `aws login`.
    Login,
    /// The program a profile names as `credential_process`.
    Process,
    /// A web identity token, as IRSA gives it.
    WebIdentity,
    /// The container's endpoint, in ECS, with EKS Pod Identity, or of `rolecall exec`.
    Container,
    /// The instance metadata service of EC2.
    Instance,
    /// A call of AssumeRole.
    AssumeRole,
    /// Given by the program itself.
    Code,
}

/// Asks AWS whose credentials this configuration has.
///
/// # Errors
/// There are no credentials, or AWS refuses or does not answer.
pub async fn identify(config: &SdkConfig) -> Result<Identity, Error> {
    let Some(provider) = config.credentials_provider() else {
        return Err(source_failure(CredentialsError::not_loaded_no_source()));
    };
    let credentials = provider.provide_credentials().await.map_err(source_failure)?;
    ask(&Client::new(config, "aws"), &credentials).await
}

/// Asks AWS whose credentials these are.
async fn ask(sts: &dyn Sts, credentials: &Credentials) -> Result<Identity, Error> {
    let caller = sts.caller_identity(credentials).await.map_err(|failure| match failure {
        Failure::Refused(answer) => {
            Error::Refused(Box::new(Refused { call: Call::CallerIdentity, caller: None, answer }))
        }
        Failure::Unanswered { problem, cause, .. } => {
            Error::Unanswered(Unanswered { step: None, problem, cause, permanent: false })
        }
    })?;
    Ok(Identity {
        account: caller.account,
        arn: caller.arn,
        user_id: caller.user_id,
        access_key_id: credentials.access_key_id().to_owned(),
        origin: origin(credentials),
        expires: credentials.expiry(),
    })
}

/// What the SDK wrote down about how the credentials came about. It writes from the inside out.
fn origin(credentials: &Credentials) -> Vec<Origin> {
    use AwsCredentialFeature as Feature;
    let features = credentials.get_property::<Vec<Feature>>().map(Vec::as_slice).unwrap_or_default();
    let mut origin: Vec<Origin> = features
        .iter()
        .rev()
        .filter_map(|feature| match feature {
            Feature::CredentialsEnvVars => Some(Origin::Environment),
            Feature::CredentialsProfile
            | Feature::CredentialsProfileSourceProfile
            | Feature::CredentialsProfileNamedProvider => Some(Origin::Profile),
            Feature::CredentialsProfileSso | Feature::CredentialsSso => Some(Origin::Sso),
            Feature::CredentialsProfileLogin | Feature::CredentialsLogin => Some(Origin::Login),
            Feature::CredentialsProfileProcess | Feature::CredentialsProcess => Some(Origin::Process),
            Feature::CredentialsEnvVarsStsWebIdToken
            | Feature::CredentialsProfileStsWebIdToken
            | Feature::CredentialsStsAssumeRoleWebId => Some(Origin::WebIdentity),
            Feature::CredentialsHttp => Some(Origin::Container),
            Feature::CredentialsImds => Some(Origin::Instance),
            Feature::CredentialsStsAssumeRole => Some(Origin::AssumeRole),
            Feature::CredentialsCode => Some(Origin::Code),
            // Services and tokens, and what later versions of the SDK may write down.
            Feature::ResolvedAccountId
            | Feature::CredentialsStsAssumeRoleSaml
            | Feature::CredentialsStsFederationToken
            | Feature::CredentialsStsSessionToken
            | Feature::BearerServiceEnvVars
            | Feature::S3ExpressBucket
            | _ => None,
        })
        .collect();
    origin.dedup();
    origin
}
