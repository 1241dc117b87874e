//! The answers, a line each.

use std::io::{self, Write};

use rolecall_iam::{
    Check, CheckType, Decision, Diagnostic, Effect, EvaluatedEffect, Request, Source, Step, Validation,
    Verdict,
};
use serde::Serialize;
use serde_json::value::RawValue;

/// A line that has no other answer.
#[derive(Serialize)]
struct Refusal<'a> {
    id: Option<&'a RawValue>,
    error: &'a str,
}

#[derive(Serialize)]
struct Evaluated<'a> {
    id: Option<&'a RawValue>,
    decision: &'static str,
    #[serde(skip_serializing_if = "is_false")]
    undecided: bool,
    checks: Vec<Checked<'a>>,
    message: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Checked<'a> {
    check_type: &'static str,
    evaluated_effect: &'static str,
    #[serde(skip_serializing_if = "is_false")]
    undecided: bool,
    matched: Vec<Matched<'a>>,
}

#[derive(Serialize)]
struct Matched<'a> {
    policy: String,
    sid: Option<&'a str>,
    index: usize,
}

#[derive(Serialize)]
struct Validated<'a> {
    id: Option<&'a RawValue>,
    valid: bool,
    findings: Vec<Finding<'a>>,
    aws_error: Option<Refused<'a>>,
}

#[derive(Serialize)]
struct Finding<'a> {
    severity: &'static str,
    code: &'static str,
    path: &'a str,
    message: &'a str,
}

#[derive(Serialize)]
struct Refused<'a> {
    code: &'static str,
    message: &'a str,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands in a reference")]
fn is_false(value: &bool) -> bool {
    !value
}

/// Says that a line cannot be answered, and why.
pub(super) fn refuse(out: &mut impl Write, id: Option<&RawValue>, error: &str) -> io::Result<()> {
    line(out, &Refusal { id, error })
}

/// Writes a decision with its checks.
pub(super) fn verdict(
    out: &mut impl Write,
    id: Option<&RawValue>,
    verdict: &Verdict<'_>,
    request: &Request<'_>,
) -> io::Result<()> {
    let undecided = verdict.decision == Decision::Undecided;
    line(
        out,
        &Evaluated {
            id,
            // What is undecided is not allowed.
            decision: if undecided { Decision::ImplicitlyDenied } else { verdict.decision }.name(),
            undecided,
            checks: checks(verdict),
            message: verdict.denial(request, one_organization(request)),
        },
    )
}

/// Writes what was found about a policy document.
pub(super) fn validation(
    out: &mut impl Write,
    id: Option<&RawValue>,
    validation: &Validation,
) -> io::Result<()> {
    let refused = validation.aws_error.as_ref();
    line(
        out,
        &Validated {
            id,
            valid: validation.is_valid(),
            findings: validation.findings.iter().map(finding).collect(),
            aws_error: refused.map(|error| Refused { code: error.code, message: &error.message }),
        },
    )
}

fn finding(found: &Diagnostic) -> Finding<'_> {
    Finding {
        severity: found.severity.as_str(),
        code: found.code,
        path: &found.path,
        message: &found.message,
    }
}

fn line(out: &mut impl Write, answer: &impl Serialize) -> io::Result<()> {
    serde_json::to_writer(&mut *out, answer)?;
    out.write_all(b"\n")
}

/// The checks in AWS's order. A resource that must speak and has no policy denies, too.
fn checks<'a>(verdict: &'a Verdict<'_>) -> Vec<Checked<'a>> {
    let mut checks: Vec<_> = verdict.checks.iter().map(|check| (check.kind, checked(check))).collect();
    let blamed = verdict.checks.iter().any(|check| check.effect == EvaluatedEffect::ImplicitDeny);
    let must_speak = verdict.cross_account || (verdict.decision == Decision::ImplicitlyDenied && !blamed);
    if must_speak && verdict.check(CheckType::Resource).is_none() {
        let (check_type, evaluated_effect) =
            (CheckType::Resource.name(), EvaluatedEffect::ImplicitDeny.name());
        let silent = Checked { check_type, evaluated_effect, undecided: false, matched: Vec::new() };
        checks.push((CheckType::Resource, silent));
        checks.sort_by_key(|(kind, _)| *kind);
    }
    checks.into_iter().map(|(_, check)| check).collect()
}

fn checked<'a>(check: &'a Check<'a>) -> Checked<'a> {
    // As AWS has it: the statements that made the effect. "An implicit denial produces no matched policies."
    // https://docs.aws.amazon.com/iam-toolbox/latest/APIReference/API_Evaluation.html
    let decisive = match check.effect {
        EvaluatedEffect::Allow => Some(Effect::Allow),
        EvaluatedEffect::ExplicitDeny => Some(Effect::Deny),
        EvaluatedEffect::NoImpact | EvaluatedEffect::ImplicitDeny | EvaluatedEffect::Undecided => None,
    };
    let steps = check.matched().filter(|step| Some(step.statement.effect) == decisive);
    let undecided = check.effect == EvaluatedEffect::Undecided;
    Checked {
        check_type: check.kind.name(),
        evaluated_effect: if undecided { EvaluatedEffect::ImplicitDeny } else { check.effect }.name(),
        undecided,
        matched: steps.map(|step| matched(check.kind, step)).collect(),
    }
}

fn matched<'a>(kind: CheckType, step: &'a Step<'a>) -> Matched<'a> {
    Matched {
        policy: place(kind, step.attached.source),
        sid: step.statement.sid.as_deref(),
        index: step.index,
    }
}

/// Where the policy stands in the case.
fn place(kind: CheckType, source: Source<'_>) -> String {
    let layer = match kind {
        CheckType::ResourceControlPolicy => "rcp",
        CheckType::ServiceControlPolicy => "scp",
        CheckType::VpcEndpoint => "vpce",
        CheckType::Resource => "resource",
        CheckType::Principal => "identity",
        CheckType::PermissionsBoundary => "boundary",
        CheckType::Session => "session",
    };
    match source {
        Source::Given(index) | Source::Session(index) => format!("{layer}[{index}]"),
        Source::Control { arn, .. } => arn.to_owned(),
        Source::Managed(_) | Source::Inline { .. } | Source::Trust(_) | Source::Resource(_) => {
            layer.to_owned()
        }
    }
}

/// Principal and resource are in one organization, as far as the request's own keys say so.
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html>
fn one_organization(request: &Request<'_>) -> bool {
    let key = |name| request.context.one(name);
    key("aws:PrincipalOrgID").is_some_and(|own| key("aws:ResourceOrgID") == Some(own))
}
