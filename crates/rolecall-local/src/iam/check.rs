//! One helper for the tests: a directory, calls by name with a form, and what comes back.

use rolecall_iam::{AccountId, Principal};

use crate::authorize::{Permit, authorize};
use crate::caller::Caller;
use crate::directory::Directory;
use crate::fault::Fault;
use crate::iam::{self, Asked, Call, NAMESPACE};
use crate::wire::params::Params;
use crate::wire::xml;

pub(super) const ACCOUNT: &str = "111111111111";
pub(super) const NOW: i64 = 1_767_225_600;

/// A directory and who calls.
pub(super) struct Iam {
    pub(super) directory: Directory,
    pub(super) caller: Caller,
}

impl Iam {
    /// An account with nothing but what it is born with, and its root user calling.
    pub(super) fn new() -> Self {
        let account: AccountId = ACCOUNT.parse().unwrap();
        let mut directory = Directory::new("000000000000".parse().unwrap());
        directory.account(account, NOW);
        Self { directory, caller: caller(Principal::Root(account)) }
    }

    /// Calls an operation; the answer is its XML.
    pub(super) fn call(&mut self, name: &str, pairs: &[(&str, &str)]) -> Result<String, Fault> {
        let form = form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish();
        let params = Params::parse(form.as_bytes());
        let operation = iam::operation(name).unwrap();
        let permit = self.permit();
        let before = self.directory.clone_for_comparison();
        let mut call =
            Call { params: &params, caller: &self.caller, directory: &mut self.directory, now: NOW + 60 };
        let result = (operation.run)(&mut call, &permit);
        if result.is_err() || !operation.changes {
            assert_eq!(before, self.directory.clone_for_comparison(), "{name} changed something");
        }
        Ok(xml::response(NAMESPACE, name, &result?, "request"))
    }

    /// Calls an operation that must succeed.
    #[track_caller]
    pub(super) fn ok(&mut self, name: &str, pairs: &[(&str, &str)]) -> String {
        self.call(name, pairs).unwrap_or_else(|fault| panic!("{name}: {}: {}", fault.code, fault.message))
    }

    /// Calls an operation that must be refused: `status code: message`.
    #[track_caller]
    pub(super) fn refused(&mut self, name: &str, pairs: &[(&str, &str)]) -> String {
        match self.call(name, pairs) {
            Ok(answer) => panic!("{name} succeeded: {answer}"),
            Err(fault) => format!("{} {}: {}", fault.status, fault.code, fault.message),
        }
    }

    /// What the call would be asked to be allowed: action and resource, and the context of the first.
    pub(super) fn needs(&self, name: &str, pairs: &[(&str, &str)]) -> Vec<crate::authorize::Need> {
        let form = form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish();
        let params = Params::parse(form.as_bytes());
        let account = self.directory.estate.account(self.caller.account).unwrap();
        iam::needs(iam::operation(name).unwrap(), &Asked { params: &params, caller: &self.caller, account })
    }

    /// The permit of somebody who may do what nobody asked for.
    fn permit(&self) -> Permit {
        authorize(&self.directory.estate, &self.caller, &[], false).unwrap()
    }
}

impl Directory {
    fn clone_for_comparison(&self) -> (String, Vec<String>) {
        let mut estate = self.estate.clone();
        // Which of AWS's policies lie ready decides nothing.
        estate.aws_policies.clear();
        (serde_json::to_string(&estate).unwrap(), self.keys.keys().cloned().collect())
    }
}

/// Somebody who calls.
pub(super) fn caller(principal: Principal) -> Caller {
    Caller {
        account: principal.account().unwrap(),
        context: principal.context(),
        principal,
        access_key_id: ACCOUNT.to_owned(),
        session: None,
        region: "us-east-1".to_owned(),
    }
}

/// The text of the first element of this name.
#[track_caller]
pub(super) fn text(answer: &str, element: &str) -> String {
    let rest =
        answer.split_once(&format!("<{element}>")).unwrap_or_else(|| panic!("{element} in {answer}")).1;
    rest.split_once("</").unwrap().0.to_owned()
}

/// A trust policy for one principal.
pub(super) fn trust(principal: &str) -> String {
    format!(
        r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Principal":{principal},"Action":"sts:AssumeRole"}}]}}"#
    )
}

/// A trust policy that ECS may use.
pub(super) fn ecs() -> String {
    trust(r#"{"Service":"ecs-tasks.amazonaws.com"}"#)
}

/// An identity policy.
pub(super) const POLICY: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"dynamodb:ListTables","Resource":"*"}]}"#;
