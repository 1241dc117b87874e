//! No zip ends the process, whatever is in it, or becomes larger than what is read.

#![no_main]

use std::path::{Path, PathBuf};

use rolecall_terraform::Files;
use rolecall_terraform::estate::{Infrastructure, Root};
use rolecall_terraform::evaluate::Settings;

struct One<'a>(&'a [u8]);

impl Files for One<'_> {
    fn read(&self, _: &Path) -> Result<String, String> {
        Err("it is not there".to_owned())
    }

    fn bytes(&self, path: &Path) -> Result<Vec<u8>, String> {
        if path == Path::new("plan.tfplan") { Ok(self.0.to_owned()) } else { Err("it is not there".to_owned()) }
    }

    fn list(&self, _: &Path) -> Result<Vec<String>, String> {
        Err("there are no folders".to_owned())
    }
}

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let root = Root { folder: PathBuf::from("plan.tfplan"), settings: Settings::default() };
    if let Ok(infrastructure) = Infrastructure::read(&[root], &One(bytes)) {
        assert!(infrastructure.declared.values().all(|declared| !infrastructure.sources.is_file(declared.block)));
    }
});
