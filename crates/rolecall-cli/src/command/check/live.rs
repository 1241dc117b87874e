//! `--live`: the accounts of `rolecall.toml` as they are now.
//!
//! What IAM says of them is read to the same Estate as from a file, and asked the same; beside it AWS's own simulator is
//! asked what it can say, which is about the identity policies of the last role.

mod account;
mod answer;
mod call;
mod resource;
mod simulate;

use rolecall_iam::Estate;
use rolecall_terraform::check::Expectation;
use rolecall_terraform::estate::Infrastructure;

use self::account::{Account, Signer};
use super::config::Config;
use crate::failure::{Failure, Kind};
use crate::out::Out;
use crate::runtime;

/// Accounts that answer.
pub(super) struct Live {
    accounts: Vec<Account>,
}

impl Live {
    /// Reads all accounts that `rolecall.toml` names and that there are credentials for.
    pub(super) fn read(
        config: &Config,
        endpoint_url: Option<&str>,
        out: &mut Out,
    ) -> Result<(Self, Estate), Failure> {
        let asked = config.asked()?;
        if asked.is_empty() {
            let what = "`--live` reads the accounts that rolecall.toml names, and there is none with an id";
            return Err(Failure::new(Kind::Input, what).hint(
                "[accounts]\nworkload = { id = \"111111111111\", profile = \"workload-readonly\" }\n\
                 target   = { id = \"222222222222\", profile = \"target-readonly\" }",
            ));
        }
        runtime::current_thread()?.block_on(async {
            let mut accounts = Vec::new();
            let (named, unnamed): (Vec<_>, Vec<_>) =
                asked.into_iter().partition(|asked| asked.profile.is_some());
            for asked in &named {
                let signer = Box::pin(Signer::new(asked.profile.as_deref(), endpoint_url)).await;
                let signer = signer.map_err(|failure| {
                    failure.hint(format!("account `{}` is read with its profile in rolecall.toml", asked.name))
                })?;
                accounts.push(signer.of(asked)?);
            }
            // The environment's credentials are of one account.
            if !unnamed.is_empty() {
                match Box::pin(Signer::new(None, endpoint_url)).await {
                    Ok(signer) => {
                        let own = unnamed.iter().find(|asked| asked.id.as_str() == signer.account());
                        // Where nothing else is read, it is said whose credentials these are.
                        let asked = own.or_else(|| unnamed.first().filter(|_| accounts.is_empty()));
                        if let Some(asked) = asked {
                            accounts.push(signer.of(asked)?);
                        }
                    }
                    Err(failure) if accounts.is_empty() => return Err(failure),
                    Err(failure) => out.warning(format_args!("no credentials beside the profiles: {}", failure.error())),
                }
            }
            for asked in &unnamed {
                if !accounts.iter().any(|account| account.id == asked.id) {
                    out.note(format_args!(
                        "account `{name}` ({id}) is not read: there are no credentials for it, and what hangs on it is \
                         undecided. In rolecall.toml: {name} = {{ id = \"{id}\", profile = \"…\" }}",
                        name = asked.name,
                        id = asked.id,
                    ));
                }
            }
            let mut estate = Estate::default();
            for account in &accounts {
                account.read(&mut estate, out).await?;
            }
            Ok((Self { accounts }, estate))
        })
    }

    /// Reads the policies of the resources that expectations are about, as far as that can be done.
    pub(super) fn resources(
        &self,
        infrastructure: &mut Infrastructure,
        expectations: &[Expectation],
        out: &mut Out,
    ) -> Result<(), Failure> {
        runtime::current_thread()?.block_on(resource::read(&self.accounts, infrastructure, expectations, out))
    }

    /// Asks AWS's simulator the same, and says where it differs.
    pub(super) fn compare(
        &self,
        infrastructure: &mut Infrastructure,
        expectations: &[Expectation],
        out: &mut Out,
    ) -> Result<(), Failure> {
        runtime::current_thread()?.block_on(async {
            simulate::compare(&self.accounts, infrastructure, expectations, out).await;
        });
        Ok(())
    }
}
