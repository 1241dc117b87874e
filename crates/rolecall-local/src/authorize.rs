//! The one place where access is decided, and the only maker of a [`Permit`].
//!
//! The engine of `rolecall-iam` decides, on the Estate. A service never does, and this never touches a store.

pub(crate) use rolecall_iam::Need;
use rolecall_iam::{Context, Estate, Request};

use crate::caller::Caller;

/// The proof that a call was allowed. Handlers ask for one, and only [`authorize`] makes it.
#[derive(Debug)]
pub(crate) struct Permit {
    /// What allowed it, where that was asked for.
    explanation: Option<String>,
}

impl Permit {
    /// The sentences and the checks that led to it, where they were asked for.
    pub(crate) fn explanation(&self) -> Option<&str> {
        self.explanation.as_deref()
    }
}

/// A refusal: what the client is told, and what the log says.
#[derive(Debug)]
pub(crate) struct Denied {
    /// AWS's words.
    pub(crate) message: String,
    /// The sentence, the checks that led to it, and what would mend it.
    pub(crate) explanation: String,
}

/// Decides every need of one call; the first refusal is the answer. A permission is put into words only where
/// `explain` asks for it.
pub(crate) fn authorize(
    estate: &Estate,
    caller: &Caller,
    needs: &[Need],
    explain: bool,
) -> Result<Permit, Denied> {
    let mut context = Context::new();
    let mut explanations = Vec::new();
    for need in needs {
        context.clone_from(&caller.context);
        context.extend(&need.context);
        let request = Request {
            principal: &caller.principal,
            action: &need.action,
            resource: &need.resource,
            owner: Some(need.owner),
            context: &context,
            session_policies: caller.session_policies(),
        };
        let verdict = estate.decide(&request);
        if let Some(message) = verdict.denial(&request, estate.organization.is_some()) {
            let fix = estate.fix(&request).map(|fix| format!("\n{fix}")).unwrap_or_default();
            return Err(Denied { message, explanation: verdict.explain(&request) + &fix });
        }
        if explain {
            explanations.push(verdict.explain(&request));
        }
    }
    Ok(Permit { explanation: (!explanations.is_empty()).then(|| explanations.join("\n")) })
}
