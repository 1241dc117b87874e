//! What Terraform itself would reach beyond what may be read: it confines nothing. Only paths that are written out can be
//! judged before it runs.
//!
//! <https://developer.hashicorp.com/terraform/language/functions/file>

use std::path::{Path, PathBuf};

use crate::files::{Files, clean};
use crate::hcl::{self, Body, Expression, Kind, Part};
use crate::module::{Configuration, json, literal};
use crate::place::Place;

/// Functions that read files, or say which are there.
const READERS: [&str; 11] = [
    "file",
    "filebase64",
    "filebase64sha256",
    "filebase64sha512",
    "fileexists",
    "filemd5",
    "fileset",
    "filesha1",
    "filesha256",
    "filesha512",
    "templatefile",
];

/// Ephemeral resources that ask nobody, by the provider that their types begin with.
const ALONE: [&str; 3] = ["random", "time", "tls"];

/// What the configuration reads beside its own files.
#[derive(Debug, Default)]
pub(super) struct Reach {
    /// The files, without links: all may be read.
    pub(super) read: Vec<PathBuf>,
    /// The first thing that leads out or is not known, for a person.
    pub(super) elsewhere: Option<String>,
    /// What is opened or read while planning and is no resource of the configuration.
    pub(super) asks_others: Vec<String>,
}

impl Reach {
    /// Of everything that is written in the configuration, whether it is evaluated here or not.
    pub(super) fn of(configuration: &Configuration, files: &dyn Files) -> Self {
        let mut reach = Self::default();
        let problem = configuration.problems.first().map(|problem| (&problem.message, problem.place));
        let absent = configuration.absent.first().map(|absent| (&absent.message, absent.place));
        if let Some((message, place)) = problem.or(absent) {
            reach.leads_out(&format!("what could not be read here ({message})"), configuration, place);
        }
        let root = configuration.modules.first().map_or(Path::new("."), |module| &module.folder);
        for file in 0..configuration.sources.next() {
            let start = Place { file, start: 0, end: 0 };
            let (path, text) = (configuration.sources.path(start), configuration.sources.text(start));
            let Some(folder) = configuration
                .modules
                .iter()
                .map(|module| &module.folder)
                .find(|folder| path.parent().is_some_and(|parent| clean(parent) == clean(folder)))
            else {
                continue;
            };
            let is_json = path.extension().is_some_and(|extension| extension == "json");
            let (body, _) = if is_json { json::body(text, file) } else { hcl::body(text, file) };
            let mut calls = Vec::new();
            of_body(&body, &mut |call| calls.push(call));
            for call in calls {
                match reach.path(&call, root, folder, files) {
                    Some(path) => reach.read.push(files.real(&path)),
                    None => reach.leads_out(
                        &format!("`{}`", configuration.sources.excerpt(call.place)),
                        configuration,
                        call.place,
                    ),
                }
            }
            reach.asks_others.extend(body.blocks.iter().filter_map(asks));
        }
        reach
    }

    fn leads_out(&mut self, what: &str, configuration: &Configuration, place: Place) {
        let at = configuration.sources.show(place);
        self.elsewhere.get_or_insert_with(|| format!("{what}, {at}"));
    }

    /// What a call reads, where that is written out and may be read.
    fn path(&self, call: &Call<'_>, root: &Path, module: &Path, files: &dyn Files) -> Option<PathBuf> {
        let text = written(call.arguments.first()?, root, module)?;
        if call.is_expanded || text.starts_with('~') {
            return None;
        }
        let path = Path::new(&text);
        let path =
            if path.is_absolute() || path.starts_with(root) { clean(path) } else { clean(&root.join(path)) };
        if files.outside(&path).is_some() {
            return None;
        }
        match call.name {
            // Links further down may lead out: it is one folder, and names in it.
            "fileset" => {
                let pattern = literal(call.arguments.get(1)?)?;
                if pattern.contains(['/', '\\', '{']) || pattern.contains("**") || pattern.contains("..") {
                    return None;
                }
            }
            // What it says may call functions again. One that is not there has nothing to say.
            "templatefile" => {
                if let Ok(text) = files.read(&path) {
                    let mut calls = 0;
                    of_parts(&hcl::template(&text, 0).ok()?, &mut |_| calls += 1);
                    if calls > 0 {
                        return None;
                    }
                }
            }
            _ => {}
        }
        Some(path)
    }
}

/// A call that reads files.
struct Call<'a> {
    /// Without `core::`.
    name: &'a str,
    arguments: &'a [Expression],
    is_expanded: bool,
    place: Place,
}

/// A path that is a text, after the folder of the module or of the root where it begins with that.
fn written(expression: &Expression, root: &Path, module: &Path) -> Option<String> {
    let folder = |expression: &Expression| {
        let Kind::Attribute(of, name) = &*expression.kind else { return None };
        let Kind::Name(of) = &*of.kind else { return None };
        let folder = match (of.as_str(), name.as_str()) {
            ("path", "module") => module,
            ("path", "root" | "cwd") => root,
            _ => return None,
        };
        folder.to_str().map(str::to_owned)
    };
    let Kind::Template(parts) = &*expression.kind else { return folder(expression) };
    let mut text = String::new();
    for (at, part) in parts.iter().enumerate() {
        match part {
            Part::Text(part, _) => text.push_str(part),
            Part::Value(value) if at == 0 => text.push_str(&folder(value)?),
            Part::Value(_) | Part::If { .. } | Part::For { .. } => return None,
        }
    }
    Some(text)
}

/// What a block of the root asks while it is planned, and no `data` block at the top is.
fn asks(block: &hcl::Block) -> Option<String> {
    let label = |at: usize| block.labels.get(at).map_or("", |label| label.text.as_str());
    let is_data = |body: &Body| body.blocks("data").next().is_some() || body.attribute("data").is_some();
    match block.kind.as_str() {
        "ephemeral" if !ALONE.contains(&label(0).split('_').next().unwrap_or_default()) => {
            Some(format!("ephemeral.{}.{}", label(0), label(1)))
        }
        "check" if is_data(&block.body) => Some(format!("check.{}", label(0))),
        _ => None,
    }
}

fn of_body<'a>(body: &'a Body, see: &mut impl FnMut(Call<'a>)) {
    body.attributes.iter().for_each(|attribute| of_expression(&attribute.value, see));
    body.blocks.iter().for_each(|block| of_body(&block.body, see));
}

fn of_parts<'a>(parts: &'a [Part], see: &mut impl FnMut(Call<'a>)) {
    for part in parts {
        match part {
            Part::Text(..) => {}
            Part::Value(value) => of_expression(value, see),
            Part::If { condition, then, otherwise } => {
                of_expression(condition, see);
                of_parts(then, see);
                of_parts(otherwise, see);
            }
            Part::For { collection, body, .. } => {
                of_expression(collection, see);
                of_parts(body, see);
            }
        }
    }
}

fn of_expression<'a>(expression: &'a Expression, see: &mut impl FnMut(Call<'a>)) {
    let mut all: Vec<&Expression> = Vec::new();
    match &*expression.kind {
        Kind::Literal(_) | Kind::Name(_) | Kind::Item => {}
        Kind::Template(parts) => of_parts(parts, see),
        Kind::Attribute(of, _) | Kind::Unary(_, of) | Kind::Parentheses(of) => all.push(of),
        Kind::Index(one, other) | Kind::Binary(_, one, other) | Kind::Splat { of: one, each: other } => {
            all.extend([one, other]);
        }
        Kind::Conditional(condition, yes, no) => all.extend([condition, yes, no]),
        Kind::Tuple(elements) => all.extend(elements),
        Kind::Object(items) => all.extend(items.iter().flat_map(|item| [&item.key, &item.value])),
        Kind::For(it) => {
            all.extend([&it.collection, &it.result]);
            all.extend(it.result_key.iter().chain(&it.condition));
        }
        Kind::Call { name, arguments, is_expanded } => {
            let name = name.strip_prefix("core::").unwrap_or(name);
            // A template that is a value may say anything.
            if READERS.contains(&name) || name == "templatestring" {
                let arguments = if name == "templatestring" { &[] } else { arguments.as_slice() };
                see(Call { name, arguments, is_expanded: *is_expanded, place: expression.place });
            }
            all.extend(arguments);
        }
    }
    all.into_iter().for_each(|expression| of_expression(expression, see));
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::place::Sources;

    /// One module in `root`, which may read what is below `.`.
    struct Here(BTreeMap<&'static str, String>);

    impl Files for Here {
        fn read(&self, path: &Path) -> Result<String, String> {
            let path = path.to_str().unwrap_or_default();
            self.0.get(path).cloned().ok_or_else(|| "there is none".to_owned())
        }

        fn list(&self, folder: &Path) -> Result<Vec<String>, String> {
            let names = self.0.keys().filter_map(|path| Path::new(path).strip_prefix(folder).ok());
            Ok(names.filter_map(|name| Some(name.to_str()?.to_owned())).collect())
        }

        fn outside(&self, path: &Path) -> Option<String> {
            (path.is_absolute() || path.starts_with("..")).then(|| "it is outside".to_owned())
        }
    }

    fn reach(more: &str) -> Reach {
        let files = Here(BTreeMap::from([
            ("root/main.tf", more.to_owned()),
            ("root/plain.tpl", "${name} %{ if a }x%{ endif }".to_owned()),
            ("root/reads.tpl", "%{ if a }${core::file(\"/etc/passwd\")}%{ endif }".to_owned()),
        ]));
        let configuration = Configuration::load(Path::new("root"), &files, Sources::default()).unwrap();
        Reach::of(&configuration, &files)
    }

    #[test]
    fn a_path_that_leads_out_or_is_not_written_out_is_elsewhere() {
        for (expression, is_elsewhere) in [
            (r#"file("a.json")"#, false),
            (r#"file("${path.module}/../a.json")"#, false),
            (r#"templatefile("plain.tpl", {})"#, false),
            (r#"fileset(path.module, "*.json")"#, false),
            (r#"jsonencode({ a = 1 })"#, false),
            (r#"file("/etc/passwd")"#, true),
            (r#"core::file("/etc/passwd")"#, true),
            (r#"file("../../a.json")"#, true),
            (r#"file("${path.root}/../../a.json")"#, true),
            (r#"file("~/.aws/credentials")"#, true),
            (r#"file(var.path)"#, true),
            (r#"file("${var.path}.json")"#, true),
            (r#"file("a${var.path}")"#, true),
            (r#"file(["/etc/passwd"]...)"#, true),
            (r#"try(upper(filebase64("/etc/passwd")), "")"#, true),
            (r#"[for f in fileset("/etc", "*") : f]"#, true),
            (r#"fileset(".", "../../*")"#, true),
            (r#"fileset(".", "**")"#, true),
            (r#"true ? "a" : { (filesha256("/etc/passwd")) = 1 }"#, true),
            (r#""%{ if fileexists("/etc/passwd") }a%{ endif }""#, true),
            (r#"templatefile("reads.tpl", {})"#, true),
            (r#"templatefile("/etc/passwd", {})"#, true),
            (r#"templatestring(local.a, {})"#, true),
        ] {
            for text in [
                format!("locals {{\n  unused = {expression}\n}}\n"),
                format!("check \"c\" {{\n  assert {{\n    condition = {expression}\n  }}\n}}\n"),
            ] {
                assert_eq!(reach(&text).elsewhere.is_some(), is_elsewhere, "{text}");
            }
        }
    }

    #[test]
    fn what_is_opened_while_planning_is_named() {
        for (text, asked) in [
            ("ephemeral \"random_password\" \"p\" {}", None),
            (
                "ephemeral \"aws_secretsmanager_secret_version\" \"s\" {}",
                Some("ephemeral.aws_secretsmanager_secret_version.s"),
            ),
            ("check \"c\" {\n  data \"http\" \"h\" {}\n}", Some("check.c")),
        ] {
            assert_eq!(reach(text).asks_others.first().map(String::as_str), asked);
        }
    }

    #[test]
    fn what_was_not_read_may_be_anything() {
        for text in ["locals {", "module \"m\" {\n  source = \"../../other\"\n}", "resource \"a\" {}"] {
            assert!(reach(text).elsewhere.is_some(), "{text}");
        }
    }
}
