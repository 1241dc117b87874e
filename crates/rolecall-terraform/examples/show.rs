use rolecall_terraform::{
    Files,
    evaluate::{Evaluator, Settings},
    module::Configuration,
    value::{Kind, Value},
};
use std::path::Path;
struct Disk;
impl Files for Disk {
    fn read(&self, path: &Path) -> Result<String, String> {
        std::fs::read_to_string(path).map_err(|e| format!("{}: {e}", path.display()))
    }
    fn list(&self, folder: &Path) -> Result<Vec<String>, String> {
        Ok(std::fs::read_dir(folder)
            .map_err(|e| e.to_string())?
            .flatten()
            .map(|e| e.file_name().to_string_lossy().into_owned())
            .collect())
    }
}
fn show(v: &Value) -> String {
    match &v.kind {
        Kind::Null => "null".into(),
        Kind::Bool(b) => b.to_string(),
        Kind::Number(n) => n.to_string(),
        Kind::Text(t) => format!("\"{t}\""),
        Kind::List(l) => format!("[{}]", l.iter().map(show).collect::<Vec<_>>().join(", ")),
        Kind::Set(l) => format!("set[{}]", l.iter().map(show).collect::<Vec<_>>().join(", ")),
        Kind::Object(o) => format!(
            "{{{}{}}}",
            o.members.iter().map(|(k, v)| format!("{k}={}", show(v))).collect::<Vec<_>>().join(", "),
            if o.rest.is_some() { ", …" } else { "" }
        ),
        Kind::Unknown(u) => format!("⟨{}⟩", u.0),
    }
}
fn main() {
    let roots: Vec<_> = std::env::args()
        .skip(1)
        .map(|folder| rolecall_terraform::estate::Root {
            folder: folder.into(),
            settings: Settings::default(),
        })
        .collect();
    let all = rolecall_terraform::estate::Infrastructure::read(&roots, &Disk).unwrap();
    for (id, account) in &all.estate.accounts {
        println!("ACCOUNT {}", all.symbols.shown(id.as_str()));
        for role in account.roles.values() {
            println!(
                "  role {} inline {:?} attached {:?}",
                all.symbols.shown(&account.role_arn(role)),
                role.identity.inline.keys(),
                role.identity.attached
            );
        }
        for p in account.policies.keys() {
            println!("  policy {p}");
        }
    }
    for (subject, w) in &all.documents {
        println!("{subject:?} at {}", all.sources.show(w.header));
        for s in &w.document.policy.document().statements {
            println!("   statement at {:?}", w.document.place_of(s.span.start).map(|p| all.sources.show(p)));
        }
    }
    for w in &all.workloads {
        println!("WORKLOAD {} {} {}", w.kind, w.address, w.role);
    }
    for p in all.problems.iter().chain(&all.notes) {
        println!("PROBLEM {}: {}", all.sources.show(p.place), p.message);
    }
    let report = rolecall_terraform::check::Report::of(&all, &[]);
    for f in report.all_findings() {
        println!("{} {} {}", f.check.severity.name(), f.check.id, f.sentence);
        for l in &f.labels {
            println!("    {} {}", all.sources.show(l.place), l.text);
        }
        for h in &f.help {
            println!("    help: {h}");
        }
        for e in &f.patch {
            println!("    PATCH {}: {}", all.sources.show(e.place), e.text);
        }
    }
    for l in &report.links {
        println!("{l:?}");
    }
    let _ = show;
}
