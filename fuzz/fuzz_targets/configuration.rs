//! No configuration ends the process or takes long, and every problem stands in a file that was read.

#![no_main]

use std::path::Path;

use rolecall_terraform::evaluate::{Evaluator, Settings};
use rolecall_terraform::module::Configuration;
use rolecall_terraform::{Files, Sources};

/// The same text as HCL, as JSON, as a module and as whatever file is read.
struct Everywhere<'a>(&'a str);

impl Files for Everywhere<'_> {
    fn read(&self, _: &Path) -> Result<String, String> {
        Ok(self.0.to_owned())
    }

    fn list(&self, folder: &Path) -> Result<Vec<String>, String> {
        // No tree of folders is without end.
        if folder.components().count() > 3 {
            return Err("there is no such folder".to_owned());
        }
        let names: &[&str] =
            if folder == Path::new(".") { &["a.tf", "b.tf.json", "b_override.tf"] } else { &["a.tf"] };
        Ok(names.iter().map(|name| (*name).to_owned()).collect())
    }
}

libfuzzer_sys::fuzz_target!(|text: &str| {
    let files = Everywhere(text);
    let configuration = Configuration::load(Path::new("."), &files, Sources::default()).unwrap();
    let settings = Settings::default();
    let evaluator = Evaluator::new(&configuration, &settings, &files);
    evaluator.everything();
    let sources = evaluator.sources();
    for problem in configuration.problems.iter().chain(&evaluator.problems()) {
        assert!(problem.place.end as usize <= sources.text(problem.place).len(), "{problem:?}");
    }
});
