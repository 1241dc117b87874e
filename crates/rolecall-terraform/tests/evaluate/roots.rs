//! Our evaluator beside Terraform's own: each root in `tests/roots/`, and what Terraform makes of it in the file of the same
//! name beside it (`cargo run -p xtask -- roots` asks it anew).

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use rolecall_terraform::evaluate::{Evaluator, Settings};
use rolecall_terraform::module::Configuration;
use rolecall_terraform::value::{Kind, Value};
use rolecall_terraform::{Files, Sources, variables};
use serde_json::{Map, Value as Json};

/// Reads below one folder, as if it were the current one.
struct Below(PathBuf);

impl Files for Below {
    fn read(&self, path: &Path) -> Result<String, String> {
        fs::read_to_string(self.0.join(path)).map_err(|error| error.to_string())
    }

    fn list(&self, folder: &Path) -> Result<Vec<String>, String> {
        let entries = fs::read_dir(self.0.join(folder)).map_err(|error| error.to_string())?;
        Ok(entries.flatten().map(|entry| entry.file_name().to_string_lossy().into_owned()).collect())
    }
}

/// As the answers have it: what is not known is `⟨what it is⟩`.
fn json(value: &Value) -> Json {
    let array = |all: &[Value]| all.iter().map(json).collect();
    match &value.kind {
        Kind::Null => Json::Null,
        Kind::Bool(it) => Json::from(*it),
        #[expect(clippy::cast_possible_truncation, reason = "it is whole")]
        Kind::Number(number) if number.fract() == 0.0 => Json::from(*number as i64),
        Kind::Number(number) => Json::from(*number),
        Kind::Text(text) => {
            let piece = |piece: &rolecall_terraform::value::Piece| match &piece.content {
                Ok(text) => text.clone(),
                Err(unknown) => format!("⟨{}⟩", unknown.0),
            };
            let text: String = text.pieces().iter().map(piece).collect();
            if text.trim_start().starts_with('{') {
                return serde_json::from_str(&text).unwrap_or(Json::String(text));
            }
            Json::String(text)
        }
        Kind::List(all) | Kind::Set(all) => Json::Array(array(all)),
        Kind::Object(object) => {
            let members: Map<String, Json> =
                object.members.iter().map(|(name, value)| (name.clone(), json(value))).collect();
            Json::Object(members)
        }
        Kind::Unknown(unknown) => Json::String(format!("⟨{}⟩", unknown.0)),
    }
}

/// Where two values differ: leaf by leaf.
fn compare(path: &str, terraform: &Json, ours: &Json, differences: &mut Vec<String>) {
    match (terraform, ours) {
        (Json::Object(theirs), Json::Object(ours)) => {
            for name in theirs.keys().chain(ours.keys()).collect::<BTreeSet<_>>() {
                let none = Json::Null;
                let (one, other) = (theirs.get(name), ours.get(name));
                if one.is_none() || other.is_none() {
                    differences.push(format!(
                        "{path}.{name}: {} ≠ {}",
                        one.unwrap_or(&none),
                        other.unwrap_or(&none)
                    ));
                    continue;
                }
                compare(&format!("{path}.{name}"), one.unwrap_or(&none), other.unwrap_or(&none), differences);
            }
        }
        (Json::Array(theirs), Json::Array(ours)) if theirs.len() == ours.len() => {
            for (index, (one, other)) in theirs.iter().zip(ours).enumerate() {
                compare(&format!("{path}[{index}]"), one, other, differences);
            }
        }
        (Json::Number(one), Json::Number(other)) if one.as_f64() == other.as_f64() => {}
        (one, other) if one == other => {}
        (one, other) => differences.push(format!("{path}: {one} ≠ {other}")),
    }
}

/// What a provider makes of arguments: numbers of texts, sets of lists; what is empty is not there. Lists of one are the
/// one, and the order of lists says nothing: so it is in policies, and in what the provider keeps as sets.
fn settled(value: &Json) -> Json {
    match value {
        Json::Array(all) => {
            let mut all: Vec<Json> = all.iter().map(settled).filter(|it| !it.is_null()).collect();
            all.sort_by_key(ToString::to_string);
            all.dedup();
            match all.len() {
                0 => Json::Null,
                1 => all.remove(0),
                _ => Json::Array(all),
            }
        }
        Json::Object(members) => {
            let members: Map<String, Json> = members
                .iter()
                .map(|(name, value)| (name.clone(), settled(value)))
                .filter(|(_, value)| !value.is_null())
                .collect();
            Json::Object(members)
        }
        Json::Null => Json::Null,
        Json::String(text) => Json::String(text.clone()),
        Json::Bool(it) => Json::from(it.to_string()),
        Json::Number(number) => Json::from(number.to_string()),
    }
}

/// The same of our resource, as far as Terraform's says something.
fn compare_resource(address: &str, terraform: &Json, ours: &Value, differences: &mut Vec<String>) {
    for (name, theirs) in terraform.as_object().unwrap() {
        let path = format!("{address}.{name}");
        let mine = ours.member(name).unwrap_or_else(Value::null);
        compare(&path, &settled(theirs), &settled(&json(&mine)), differences);
    }
}

fn differences(root: &Path) -> Vec<String> {
    let files = Below(root.to_owned());
    let told = fs::read_to_string(root.join("settings.json")).unwrap_or_else(|_| "{}".to_owned());
    let told: Json = serde_json::from_str(&told).unwrap();
    let environment: BTreeMap<String, String> = told["variables"]
        .as_object()
        .into_iter()
        .flatten()
        .map(|(name, value)| (name.clone(), value.as_str().unwrap().to_owned()))
        .collect();
    let settings = Settings {
        variables: variables::collect(Path::new("."), &environment, &[], &files).unwrap(),
        workspace: told["workspace"].as_str().map(ToOwned::to_owned),
        ..Settings::default()
    };
    let configuration = Configuration::load(Path::new("."), &files, Sources::default()).unwrap();
    let evaluator = Evaluator::new(&configuration, &settings, &files);
    let mut differences = Vec::new();

    let answer: Json =
        serde_json::from_str(&fs::read_to_string(root.with_extension("json")).unwrap()).unwrap();
    for (name, theirs) in answer["outputs"].as_object().unwrap() {
        let Some(ours) = evaluator.output(name) else {
            differences.push(format!("output.{name}: it is not there"));
            continue;
        };
        compare(&format!("output.{name}"), theirs, &json(&ours), &mut differences);
    }
    let expansions = evaluator.resources();
    let mut ours = BTreeMap::new();
    for resource in expansions.iter().flat_map(|expansion| expansion.instances()) {
        ours.insert(resource.address.clone(), resource);
    }
    let theirs = answer["resources"].as_object().unwrap();
    for (address, terraform) in theirs {
        match ours.get(address) {
            Some(resource) => compare_resource(address, terraform, &resource.value, &mut differences),
            None => differences.push(format!("{address}: it is not there")),
        }
    }
    for address in ours.keys().filter(|address| !theirs.contains_key(*address)) {
        differences.push(format!("{address}: Terraform has none"));
    }
    let sources = evaluator.sources();
    for problem in configuration.problems.iter().chain(&evaluator.problems()) {
        differences.push(format!("{}: {}", sources.show(problem.place), problem.message));
    }
    differences
}

#[test]
fn terraform_says_the_same() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/roots");
    let mut roots: Vec<PathBuf> = fs::read_dir(folder).unwrap().flatten().map(|entry| entry.path()).collect();
    roots.retain(|path| path.is_dir());
    roots.sort();
    assert!(!roots.is_empty());
    let mut all = String::new();
    for root in roots {
        for difference in differences(&root) {
            all.push_str(&format!("{}: {difference}\n", root.file_name().unwrap().to_string_lossy()));
        }
    }
    assert!(all.is_empty(), "Terraform's ≠ ours:\n{all}");
}
