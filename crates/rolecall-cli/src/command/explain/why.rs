//! Why, by an Estate: the request of the message, decided again.

use rolecall_iam::{Ask, Chain, CheckType, Decision, Denial, Estate, EvaluatedEffect, Given, Question};
use serde_json::{Value, json};

use crate::command::ask::given::failure;
use crate::command::ask::{fix, show};
use crate::failure::{Failure, Kind};

/// What the Estate says of a refusal.
pub(super) struct Why {
    decision: Decision,
    /// It refuses too.
    pub(super) agrees: bool,
    /// It refuses for another reason.
    doubt: Option<String>,
    explanation: Vec<String>,
    fix: Option<fix::Shown>,
}

pub(super) fn of(
    denial: &Denial,
    estate: &Estate,
    resource: Option<&str>,
    given: &Given,
) -> Result<Why, Failure> {
    let missing = |what: &str, hint: &str| {
        Failure::new(
            Kind::Usage,
            format!("the message does not say {what}, so that it cannot be asked again"),
        )
        .hint(hint)
    };
    let ask_with_can = "ask with `rolecall can PRINCIPAL ACTION RESOURCE --estate …`";
    let principal = denial.principal.as_deref().ok_or_else(|| missing("who was refused", ask_with_can))?;
    let action = denial.action.as_deref().ok_or_else(|| missing("what was refused", ask_with_can))?;
    let resource = resource.or(denial.resource.as_deref());
    let resource = resource.ok_or_else(|| missing("on which resource", "name it: --resource ARN, or '*'"))?;
    let ask = Ask::new(estate);
    let question = Question { principal, through: &[], action, resource, given };
    let chain = ask.can(&question).map_err(|error| failure(&error))?;
    let decision = ask.decision(&chain);
    let explanation = chain.asked.iter().map(|asked| ask.verdict(asked).explain(&asked.request()));
    let refused = matches!(decision, Decision::ImplicitlyDenied | Decision::ExplicitlyDenied);
    let fix = chain.asked.iter().find_map(|asked| fix::of(estate, asked)).filter(|_| refused);
    let mut explanation: Vec<String> = explanation.collect();
    explanation.extend(
        show::assumptions(estate, &chain.asked).into_iter().map(|it| format!("Taken for granted: {it}.")),
    );
    let doubt = refused.then(|| disagreement(denial, &chain, &ask)).flatten();
    Ok(Why { decision, agrees: refused && doubt.is_none(), doubt, explanation, fix })
}

/// AWS names a layer that does not refuse by this Estate: something is missing in it.
fn disagreement(denial: &Denial, chain: &Chain, ask: &Ask<'_>) -> Option<String> {
    let reason = denial.reason.as_ref()?;
    let wanted = if reason.explicit { EvaluatedEffect::ExplicitDeny } else { EvaluatedEffect::ImplicitDeny };
    let shows = chain.asked.iter().any(|asked| {
        let verdict = ask.verdict(asked);
        match verdict.check(reason.layer) {
            Some(check) => check.effect == wanted,
            // A resource that must speak and has no policy has no check.
            None => !reason.explicit && reason.layer == CheckType::Resource && verdict.cross_account,
        }
    });
    let how = if reason.explicit { "a deny in" } else { "no allow in" };
    let name = reason.name;
    (!shows).then(|| {
        format!(
            "AWS says that there is {how} a {name}, and this estate does not show that: a policy, or a change of one, is \
             missing in it."
        )
    })
}

impl Why {
    pub(super) fn lines(&self) -> Vec<String> {
        let mut lines = vec![String::new()];
        lines.push(match self.decision {
            Decision::ImplicitlyDenied | Decision::ExplicitlyDenied => "By this estate:".to_owned(),
            Decision::Allowed => "By this estate it is allowed. The estate may be older than the refusal; or the session \
                                  has session policies, the call came through a VPC endpoint, or the resource has a \
                                  policy that is not in the estate:"
                .to_owned(),
            Decision::Undecided => "By this estate it is undecided; say what is known of the call with --context:".to_owned(),
        });
        lines.extend(self.explanation.iter().cloned());
        lines.extend(self.doubt.clone());
        if let Some(fix) = &self.fix {
            lines.push(String::new());
            lines.extend(fix.lines());
        }
        lines
    }

    pub(super) fn as_json(&self) -> Value {
        json!({
            "decision": self.decision.name(),
            "agrees": self.agrees,
            "disagreement": self.doubt,
            "explanation": self.explanation,
            "fix": self.fix.as_ref().map(fix::Shown::as_json),
        })
    }
}
