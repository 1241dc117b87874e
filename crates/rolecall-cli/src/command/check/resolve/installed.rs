//! Whether what `terraform init` installs is what whoever runs this has installed. A repository can bring a folder
//! `.terraform` of its own, with programs as providers and a lock file that fits them, and Terraform runs those.
//!
//! <https://developer.hashicorp.com/terraform/cli/commands/init#plugin-installation>

use std::fs;
use std::path::Path;

use super::super::bounds::{Bounds, Top};
use super::super::git;

/// Why nothing of it is run, for a person. Links in it may lead anywhere: Terraform makes them, to its cache.
pub(super) fn brought_along(root: &Path, data: &Path, bounds: &Bounds) -> Option<String> {
    let Ok(root) = fs::canonicalize(root) else { return Some("its folder cannot be read".to_owned()) };
    let data = root.join(data);
    for path in [data.clone(), data.join("providers"), data.join("modules")] {
        let is_link = fs::symlink_metadata(&path).is_ok_and(|it| it.is_symlink());
        if is_link && bounds.inside(&path).is_err() {
            return Some(format!("`{}` is a link that leads out", path.display()));
        }
    }
    let tops = bounds.repositories().filter(|top| root.starts_with(&top.real));
    // A repository may be in another: git says nothing about the inner one's files there.
    let folders = tops.flat_map(|top| root.ancestors().take_while(|folder| folder.starts_with(&top.real)));
    let repositories = folders.filter(|folder| fs::symlink_metadata(folder.join(".git")).is_ok());
    for folder in repositories {
        let top = Top { written: folder.to_owned(), real: folder.to_owned(), is_repository: true };
        let Ok(inside) = data.strip_prefix(folder) else { continue };
        match git::tracked(&top, inside) {
            Ok(None) => {}
            Ok(Some(path)) => {
                return Some(format!("`{path}` is in the repository, and would be run or read"));
            }
            Err(why) => {
                return Some(format!("whether its `.terraform` is in the repository is not known: {why}"));
            }
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;
    use std::process::Command;

    use super::*;

    fn git(folder: &Path, arguments: &[&str]) {
        let author = ["-c", "user.name=test", "-c", "user.email=test@example.com"];
        let out = Command::new("git").arg("-C").arg(folder).args(author).args(arguments).output().unwrap();
        assert!(out.status.success(), "{out:?}");
    }

    fn why(root: &Path) -> Option<String> {
        let bounds = Bounds::of(&[root.to_owned()], &[]).unwrap();
        brought_along(root, Path::new(".terraform"), &bounds)
    }

    fn repository() -> (tempfile::TempDir, std::path::PathBuf) {
        let kept = tempfile::tempdir().unwrap();
        let root = kept.path().canonicalize().unwrap().join("infra");
        fs::create_dir_all(root.join(".terraform/providers/x")).unwrap();
        fs::write(root.join("main.tf"), "").unwrap();
        fs::write(root.join(".terraform/providers/x/p"), "").unwrap();
        git(kept.path(), &["init", "-q"]);
        git(kept.path(), &["add", "infra/main.tf"]);
        (kept, root)
    }

    #[test]
    fn what_terraform_has_installed_is_run_and_what_the_repository_brings_is_not() {
        let (kept, root) = repository();
        assert_eq!(why(&root), None);
        symlink("/", root.join(".terraform/providers/cache")).unwrap();
        assert_eq!(why(&root), None, "a link to a cache");
        git(kept.path(), &["add", "infra/.terraform/providers/x/p"]);
        assert_eq!(
            why(&root).as_deref(),
            Some("`infra/.terraform/providers/x/p` is in the repository, and would be run or read")
        );
    }

    #[test]
    fn a_name_in_other_letters_is_the_same_on_some_disks() {
        let (kept, root) = repository();
        fs::create_dir(root.join(".Terraform")).unwrap();
        fs::write(root.join(".Terraform/p"), "").unwrap();
        git(kept.path(), &["add", "infra/.Terraform/p"]);
        assert!(why(&root).unwrap().contains("is in the repository"));
    }

    #[test]
    fn a_link_is_not_followed_out_nor_if_it_is_in_the_repository() {
        for (to, because) in [("/opt", "is a link that leads out"), ("../payload", "is in the repository")] {
            let (kept, root) = repository();
            fs::remove_dir_all(root.join(".terraform")).unwrap();
            fs::create_dir(kept.path().join("payload")).unwrap();
            symlink(to, root.join(".terraform")).unwrap();
            git(kept.path(), &["add", "infra/.terraform"]);
            assert!(why(&root).unwrap().contains(because), "{to}");
        }
    }

    #[test]
    fn a_repository_in_a_repository_and_one_that_git_cannot_read() {
        let (kept, root) = repository();
        git(&root, &["init", "-q"]);
        assert_eq!(why(&root), None);
        git(&root, &["add", ".terraform"]);
        assert!(why(&root).unwrap().contains("is in the repository"));
        fs::remove_dir_all(root.join(".git")).unwrap();
        fs::remove_dir_all(kept.path().join(".git")).unwrap();
        fs::create_dir(kept.path().join(".git")).unwrap();
        assert!(why(&root).unwrap().contains("is not known"));
    }
}
