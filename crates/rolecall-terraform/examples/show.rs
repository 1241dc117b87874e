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
    let root = std::env::args().nth(1).unwrap();
    let c = Configuration::load(Path::new(&root), &Disk).unwrap();
    let settings = Settings::default();
    let e = Evaluator::new(&c, &settings, &Disk);
    let all = e.resources();
    for x in &all {
        for r in x.instances() {
            println!("{} [{} {}]\n    {}", r.address, r.provider.key, r.provider.account, show(&r.value));
        }
    }
    let s = e.sources();
    for p in c.problems.iter().chain(&e.problems()) {
        println!("PROBLEM {}: {}", s.show(p.place), p.message);
    }
}
