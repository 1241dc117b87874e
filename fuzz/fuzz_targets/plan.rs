//! No plan, no state, no account's details and no policy ends the process, whatever is in it; what is said of it has a
//! place, and nothing of it is edited.

#![no_main]

use std::path::{Path, PathBuf};

use rolecall_terraform::Files;
use rolecall_terraform::check::Report;
use rolecall_terraform::estate::{Infrastructure, Root};
use rolecall_terraform::evaluate::Settings;

struct One<'a>(&'a str);

impl Files for One<'_> {
    fn read(&self, path: &Path) -> Result<String, String> {
        if path == Path::new("plan.json") { Ok(self.0.to_owned()) } else { Err("it is not there".to_owned()) }
    }

    fn list(&self, _: &Path) -> Result<Vec<String>, String> {
        Err("there are no folders".to_owned())
    }
}

libfuzzer_sys::fuzz_target!(|text: &str| {
    let root = Root { folder: PathBuf::from("plan.json"), settings: Settings::default() };
    let Ok(infrastructure) = Infrastructure::read(&[root], &One(text)) else { return };
    for written in infrastructure.documents.values() {
        assert!(!infrastructure.sources.is_file(written.block));
        let place = written.document.place_of(0).unwrap_or(written.block);
        let text = infrastructure.sources.text(place);
        assert!(text.get(place.start as usize..place.end as usize).is_some(), "{place:?}");
    }
    assert!(Report::of(&infrastructure, &[]).patch(&infrastructure).is_empty());
});
