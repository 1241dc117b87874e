//! What a path leads to: a folder with configuration, a plan, a state, an account's details, a policy. Told by what is in
//! it, not by its name.

use std::path::Path;

use rolecall_iam::{Details, PolicyKind};
use serde_json::Value as Json;

use crate::archive::{self, Archive};
use crate::estate::Secrets;
use crate::evaluate::{CallOutput, Evaluator, Resource, Settings};
use crate::files::Files;
use crate::hcl::Problem;
use crate::module::{Absent, Configuration};
use crate::place::{Place, Sources};
use crate::value::{Text, Value};
use crate::{plan, state};

/// The largest file that is read: a plan of some ten thousand resources is smaller.
const LARGEST: usize = 512 << 20;

/// The largest policy that is read; AWS takes none of more than some ten thousand characters.
const LARGEST_POLICY: usize = 1 << 20;

/// What was read.
#[derive(Debug, Default)]
pub(crate) struct Read {
    /// Resources and data sources.
    pub(crate) resources: Vec<Resource>,
    /// The addresses of their blocks.
    pub(crate) blocks: Vec<String>,
    /// The names of the root module's variables.
    pub(crate) variables: Vec<String>,
    /// The accounts of its providers.
    pub(crate) accounts: Vec<Text>,
    /// What the root module calls its providers.
    pub(crate) providers: Vec<String>,
    /// The outputs of the modules that are called.
    pub(crate) outputs: Vec<CallOutput>,
    /// What IAM says of accounts.
    pub(crate) details: Vec<Details>,
    /// The files.
    pub(crate) sources: Sources,
    /// What is handed over to modules that are not there, and to whoever reads the outputs.
    pub(crate) used: Vec<Value>,
    /// Keys that are given twice in an object.
    pub(crate) duplicates: Vec<Problem>,
    /// What could not be read, and what would be refused.
    pub(crate) problems: Vec<Problem>,
    /// Modules that are not there.
    pub(crate) absent: Vec<Absent>,
    /// What was read and is not fully understood.
    pub(crate) notes: Vec<Problem>,
    /// What no report may show, beside what the resources are marked with.
    pub(crate) secrets: Secrets,
}

impl Read {
    pub(crate) fn note(&mut self, message: String) {
        self.notes.push(Problem { message, place: Place { file: 0, start: 0, end: 0 } });
    }
}

/// Reads what a path leads to.
///
/// # Errors
/// It cannot be read, or is nothing that is known.
pub(crate) fn read(
    path: &Path,
    settings: &Settings,
    files: &dyn Files,
    sources: Sources,
) -> Result<Read, String> {
    if files.list(path).is_ok() {
        return configuration(path, settings, files, sources);
    }
    let bytes = files.bytes(path)?;
    let shown = path.display();
    if bytes.len() > LARGEST {
        return Err(format!("`{shown}` is larger than {} MiB: that is not read", LARGEST >> 20));
    }
    if archive::is_archive(&bytes) {
        let archive = Archive::open(&bytes, path, files)?;
        let (settings, first) = (archive.settings(settings), sources.next());
        let mut read = configuration(archive.root(), &settings, &archive, sources)?;
        archive.finish(&mut read, first);
        return Ok(read);
    }
    let text = text(&bytes).ok_or_else(|| unknown(path, "it is neither text nor a plan file"))?;
    // Several answers of the AWS CLI, one after the other, are details of one account too.
    let mut all = serde_json::Deserializer::from_str(&text).into_iter::<Json>();
    let json = match all.next() {
        Some(Ok(json)) => json,
        Some(Err(error)) if text.trim_start().starts_with('{') => {
            let (line, column) = (error.line(), error.column());
            let why = error.to_string().replace(&format!(" at line {line} column {column}"), "");
            return Err(format!("{shown}:{line}:{column}: this is no JSON: {why}"));
        }
        Some(Err(_)) => return Err(unknown(path, "it is no JSON")),
        None => return Err(unknown(path, "it is empty: what wrote it has failed")),
    };
    if is_details(&json) {
        return details(&text, path, sources);
    }
    if all.next().is_some() {
        return Err(unknown(path, "there is something after its JSON"));
    }
    match kind(&json) {
        Some(Kind::Plan) => plan::read(&json, settings, path, sources),
        Some(Kind::ShownState) => state::shown(&json, settings, path, sources),
        Some(Kind::KeptState) => state::kept(&json, settings, path, sources),
        Some(Kind::Policy) => Ok(policy(&text, &json, path, sources)),
        None => Err(unknown(path, "it is JSON of another kind")),
    }
}

/// A text; the byte order mark that some shells write before it is no part of it.
fn text(bytes: &[u8]) -> Option<String> {
    let utf16 = |read: fn([u8; 2]) -> u16| {
        let pairs = bytes.get(2..)?.chunks_exact(2).filter_map(|pair| pair.try_into().ok().map(read));
        String::from_utf16(&pairs.collect::<Vec<u16>>()).ok()
    };
    match bytes {
        [0xEF, 0xBB, 0xBF, rest @ ..] => String::from_utf8(rest.to_vec()).ok(),
        // PowerShell writes what it redirects so.
        [0xFF, 0xFE, ..] => utf16(u16::from_le_bytes),
        [0xFE, 0xFF, ..] => utf16(u16::from_be_bytes),
        _ => String::from_utf8(bytes.to_vec()).ok(),
    }
}

/// What a file of JSON is.
enum Kind {
    Plan,
    ShownState,
    KeptState,
    Policy,
}

fn kind(json: &Json) -> Option<Kind> {
    let has = |name: &str| json.get(name).is_some();
    if has("format_version") {
        let is_plan =
            ["planned_values", "resource_changes", "configuration", "prior_state"].into_iter().any(has);
        return Some(if is_plan { Kind::Plan } else { Kind::ShownState });
    }
    if has("version") && (has("serial") || has("lineage") || has("terraform_version")) {
        return Some(Kind::KeptState);
    }
    has("Statement").then_some(Kind::Policy)
}

fn is_details(json: &Json) -> bool {
    let lists = ["UserDetailList", "GroupDetailList", "RoleDetailList", "Policies"];
    lists.iter().any(|list| json.get(list).is_some())
}

fn unknown(path: &Path, why: &str) -> String {
    format!(
        "`{}` is nothing that can be checked: {why}. It takes a folder with Terraform configuration, a plan file \
         (`terraform plan -out`), what `terraform show -json` prints of a plan or a state, what `terraform state pull` \
         or `aws iam get-account-authorization-details` print, or a policy document",
        path.display()
    )
}

/// A folder.
fn configuration(
    folder: &Path,
    settings: &Settings,
    files: &dyn Files,
    sources: Sources,
) -> Result<Read, String> {
    let mut configuration = Configuration::load(folder, files, sources)?;
    let sources = std::mem::take(&mut configuration.sources);
    let evaluator = Evaluator::with_sources(&configuration, sources, settings, files);
    let mut read = Read::default();
    for expansion in evaluator.resources() {
        read.blocks.push(expansion.address.clone());
        read.resources.extend(expansion.instances().into_iter().cloned());
    }
    read.absent = configuration.absent.clone();
    read.problems = configuration.problems.iter().cloned().chain(evaluator.problems()).collect();
    read.used = evaluator.handed_over();
    read.outputs = evaluator.call_outputs();
    read.accounts = evaluator.accounts_of_providers();
    if let Some(root) = configuration.modules.first() {
        read.variables = root.variables.keys().cloned().collect();
        let made = read.resources.iter().map(|resource| resource.provider.key.clone());
        read.providers = root.providers.keys().cloned().chain(made).collect();
    }
    evaluator.secrets(&mut read.secrets);
    read.sources = evaluator.take_sources();
    read.duplicates = evaluator.duplicates();
    read.notes = evaluator.notes();
    Ok(read)
}

/// What IAM says of an account.
fn details(text: &str, path: &Path, mut sources: Sources) -> Result<Read, String> {
    let number = sources.add_made(path, text);
    let at = |span: rolecall_iam::Span| {
        let offset = |offset: usize| u32::try_from(offset).unwrap_or(u32::MAX);
        Place { file: number, start: offset(span.start), end: offset(span.end) }
    };
    let details =
        Details::read(text).map_err(|error| format!("{}: {error}", sources.show(at(error.span))))?;
    let warnings = details.iter().flat_map(|details| &details.warnings);
    let notes =
        warnings.map(|warning| Problem { message: warning.to_string(), place: at(warning.span) }).collect();
    Ok(Read { details, sources, notes, ..Read::default() })
}

/// A policy document by itself: what is wrong with it.
fn policy(text: &str, json: &Json, path: &Path, mut sources: Sources) -> Read {
    let number = sources.add_made(path, text);
    let validation = rolecall_iam::validate(text, policy_kind(json));
    let mut read = Read::default();
    read.secrets.add_external_ids(&rolecall_iam::Policy::lenient(text));
    for finding in &validation.findings {
        let offset = |offset: usize| u32::try_from(offset).unwrap_or(u32::MAX);
        let place = Place { file: number, start: offset(finding.span.start), end: offset(finding.span.end) };
        let problem = Problem { message: finding.message.clone(), place };
        if finding.severity == rolecall_iam::Severity::Error {
            read.problems.push(problem);
        } else {
            read.notes.push(problem);
        }
    }
    read.sources = sources;
    read
}

/// A file that must be a policy document: its text, whether it names principals, and the sources with it. What is wrong
/// with the document, the checks of all documents say.
///
/// # Errors
/// It cannot be read, or is something else.
pub(crate) fn policy_alone(
    path: &Path,
    files: &dyn Files,
    mut sources: Sources,
) -> Result<(String, bool, Sources), String> {
    let shown = path.display();
    let bytes = files.bytes(path)?;
    let text = text(&bytes).filter(|_| bytes.len() <= LARGEST_POLICY);
    let text =
        text.ok_or_else(|| format!("`{shown}` is no policy document: it is no text, or a large one"))?;
    let json: Json = serde_json::from_str(&text).map_err(|error| {
        let (line, column) = (error.line(), error.column());
        let why = error.to_string().replace(&format!(" at line {line} column {column}"), "");
        format!("{shown}:{line}:{column}: this is no JSON: {why}")
    })?;
    if !matches!(kind(&json), Some(Kind::Policy)) {
        return Err(format!("`{shown}` is no policy document: it has no Statement"));
    }
    let names_principals = policy_kind(&json) != PolicyKind::Identity;
    sources.add_made(path, text.as_str());
    Ok((text, names_principals, sources))
}

/// Which kind of policy a document is: one that names principals is on a resource, or the trust policy of a role.
fn policy_kind(policy: &Json) -> PolicyKind {
    let statements = match policy.get("Statement") {
        Some(Json::Array(statements)) => statements.as_slice(),
        Some(one) => std::slice::from_ref(one),
        None => &[],
    };
    let has = |name: &str| statements.iter().any(|statement| statement.get(name).is_some());
    if !has("Principal") && !has("NotPrincipal") {
        PolicyKind::Identity
    } else if has("Resource") || has("NotResource") {
        PolicyKind::Resource
    } else {
        PolicyKind::Trust
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn texts_are_read_as_shells_write_them() {
        let words = "{\"ü\": 1}";
        let wide = |read: fn(u16) -> [u8; 2]| words.encode_utf16().flat_map(read).collect::<Vec<u8>>();
        let cases: [(&str, Vec<u8>); 4] = [
            ("UTF-8", words.as_bytes().to_vec()),
            ("UTF-8 with a mark", [b"\xEF\xBB\xBF", words.as_bytes()].concat()),
            ("PowerShell", [b"\xFF\xFE".to_vec(), wide(u16::to_le_bytes)].concat()),
            ("UTF-16", [b"\xFE\xFF".to_vec(), wide(u16::to_be_bytes)].concat()),
        ];
        for (name, bytes) in cases {
            assert_eq!(super::text(&bytes).as_deref(), Some(words), "{name}");
        }
        assert_eq!(super::text(b"\xFF\xFF"), None);
    }
}
