//! `rolecall policy validate`: what is wrong with a policy, before AWS says so.

mod show;

use std::path::PathBuf;

use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser as _};
use rolecall_iam::{PolicyKind, Severity, Validation};
use serde_json::{Value, json};

use super::input::{self, Document};
use crate::command::policy::validate::show::Shown;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::out::Out;

const EXAMPLES: &str = "\
Examples:
  rolecall policy validate policy.json
  rolecall policy validate --type trust role/*.json
  aws iam get-role --role-name x --query Role.AssumeRolePolicyDocument | rolecall policy validate --type trust -
  rolecall policy validate --deny warning --json policy.json

Exit code 1 where a document has an error, or a finding as bad as `--deny` says.

The JSON has `schema` (`rolecall/policy-validate/1`) and `documents`: for each `file`, `type`, `valid`, `awsError` (what
AWS would answer on saving: `code` and `message`, or null) and `findings` with `severity`, `code`, `message`, `path`,
`line` and `column`.";

/// Say what is wrong with policy documents
///
/// What AWS refuses when a policy is saved, in its words; what IAM Access Analyzer finds without looking into an account,
/// under its issue codes; and what rolecall adds, under codes that start with ROLECALL_.
#[derive(Debug, clap::Args)]
#[command(after_long_help = EXAMPLES)]
pub(crate) struct Args {
    /// Policy documents; `-` is standard input
    #[arg(value_name = "FILE", required = true)]
    files: Vec<PathBuf>,

    /// What the policies are attached to
    #[arg(long = "type", value_name = "TYPE", default_value = "identity", value_parser = kinds())]
    kind: PolicyKind,

    /// Fail on findings as bad as this, too
    #[arg(long, value_name = "SEVERITY", value_parser = severities())]
    deny: Option<Severity>,

    /// Print one JSON object
    #[arg(long)]
    json: bool,
}

/// The kinds of policies, by the names that `--type` takes.
fn kinds() -> impl clap::builder::TypedValueParser<Value = PolicyKind> {
    let names = PolicyKind::NAMES.map(|(name, kind)| {
        let help = match kind {
            PolicyKind::Identity => "a managed or inline policy of a user, group or role",
            PolicyKind::Boundary => "a permissions boundary",
            PolicyKind::Trust => "a role's trust policy",
            PolicyKind::Resource => "a policy on a resource",
            PolicyKind::Session => "a session policy",
            PolicyKind::ServiceControl => "a service control policy",
            PolicyKind::ResourceControl => "a resource control policy",
            PolicyKind::VpcEndpoint => "the policy of a VPC endpoint",
            PolicyKind::Any => "not known: only what holds for every kind is checked",
        };
        PossibleValue::new(name).help(help)
    });
    PossibleValuesParser::new(names).map(|name| PolicyKind::from_name(&name).unwrap_or(PolicyKind::Any))
}

fn severities() -> impl clap::builder::TypedValueParser<Value = Severity> {
    PossibleValuesParser::new(["security-warning", "warning", "suggestion"]).map(|name| match name.as_str() {
        "security-warning" => Severity::SecurityWarning,
        "warning" => Severity::Warning,
        _ => Severity::Suggestion,
    })
}

/// Runs it.
pub(super) fn run(args: &Args, out: &mut Out) -> Result<Exit, Failure> {
    let documents = input::read(&args.files)?;
    let worst = args.deny.unwrap_or(Severity::Error);
    let mut fails = false;
    let mut reports = Vec::new();
    for document in &documents {
        let validation = rolecall_iam::validate(&document.text, args.kind);
        fails |= validation.findings.iter().any(|finding| finding.severity <= worst);
        if args.json {
            reports.push(report(document, args.kind, &validation));
        } else {
            let shown = Shown { document, kind: args.kind, validation: &validation };
            out.line(shown.to_string().trim_end())?;
        }
    }
    if args.json {
        out.line(json!({ "schema": "rolecall/policy-validate/1", "documents": reports }))?;
    }
    Ok(if fails { Exit::No } else { Exit::Success })
}

fn report(document: &Document, kind: PolicyKind, validation: &Validation) -> Value {
    let lines = show::Lines::new(&document.text);
    let findings: Vec<Value> = validation
        .findings
        .iter()
        .map(|finding| {
            let (line, column) = lines.position(finding.span.start);
            json!({
                "severity": finding.severity.as_str(),
                "code": finding.code,
                "message": finding.message,
                "path": finding.path,
                "line": line,
                "column": column,
            })
        })
        .collect();
    let aws_error =
        validation.aws_error.as_ref().map(|error| json!({ "code": error.code, "message": error.message }));
    json!({
        "file": document.name,
        "type": kind.name(),
        "valid": validation.is_valid(),
        "awsError": aws_error,
        "findings": findings,
    })
}
