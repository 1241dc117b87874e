//! Which credentials the program's SDK will take: they should be the role's, whatever SDK it is.

use crate::command::lookup::{Kind, Sdk, Surroundings};
use crate::failure::{Failure, Kind as FailureKind};

/// Refuses where it is not so: the program would run as somebody else. With `-v` says where it is.
pub(super) fn picks(surroundings: &Surroundings) -> Result<(), Failure> {
    let Some((takes, names)) = astray(surroundings).into_iter().next() else { return Ok(()) };
    let what = format!(
        "the program would not take the role's credentials, but {takes}, with the AWS SDK for {}; it is not started",
        names.join(", ")
    );
    Err(Failure::new(FailureKind::Other, what)
        .hint("`rolecall whoami --explain` shows where SDKs look, and what they find"))
}

/// What is taken instead, and the SDKs that take it.
fn astray(surroundings: &Surroundings) -> Vec<(String, Vec<&'static str>)> {
    let mut astray: Vec<(String, Vec<_>)> = Vec::new();
    for (sdk, found) in surroundings.picks(None) {
        if sdk == Sdk::Rolecall {
            continue;
        }
        let takes = found.as_ref().map_or_else(|| "nothing".to_owned(), ToString::to_string);
        tracing::info!(sdk = sdk.name(), takes, "what the program takes, if it uses this SDK");
        if found.is_some_and(|found| found.kind == Kind::Container && found.problem.is_none()) {
            continue;
        }
        match astray.iter_mut().find(|(known, _)| *known == takes) {
            Some((_, names)) => names.push(sdk.name()),
            None => astray.push((takes, vec![sdk.name()])),
        }
    }
    astray
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_shadows_is_said() {
        let url = ("AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://127.0.0.1:9/x");
        let elsewhere = ("AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://10.0.0.1/x");
        let dev = "[profile dev]\naws_access_key_id = A\n";
        let default = "[default]\ncredential_process = /bin/x\n";
        for (variables, config, expected, said) in [
            (vec![url], "", 0, ""),
            (vec![url], dev, 0, ""),
            (vec![url], default, 5, "profile `default`, credential_process at config:2"),
            (vec![elsewhere], "", 5, "SDKs refuse `10.0.0.1`"),
            // Two SDKs know this variable.
            (
                vec![url, ("AWS_DEFAULT_PROFILE", "dev")],
                dev,
                2,
                "profile `dev`, aws_access_key_id A at config:2",
            ),
        ] {
            let astray = astray(&Surroundings::made(&variables, config, ""));
            let names: usize = astray.iter().map(|(_, names)| names.len()).sum();
            assert_eq!(names, expected, "{variables:?} {config}: {astray:?}");
            let failure = picks(&Surroundings::made(&variables, config, "")).err();
            assert_eq!(failure.map(|failure| failure.kind().exit().code()), (expected > 0).then_some(125));
            assert!(astray.len() <= 1 && astray.iter().all(|(takes, _)| takes.contains(said)), "{astray:?}");
        }
    }
}
