//! No secret is in anything that is written: the server's log at its most talkative, the journal, errors, other files
//! than those that were asked for.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use aws_credential_types::Credentials;
use e2e::{Scratch, Server, WORKLOAD};

use crate::estate::{Caller, TASK_ROLE, whole_path_as};

const ROOT_SECRET: &str = "the-secret-of-all-roots-4711";

/// Credentials of every kind, each used as it should be and as it should not.
struct Secrets(Vec<(&'static str, String)>);

impl Secrets {
    fn add(&mut self, what: &'static str, secret: &str) {
        assert!(secret.len() >= 16, "{what} is too short to be looked for");
        self.0.push((what, secret.to_owned()));
    }

    #[track_caller]
    fn are_not_in(&self, place: &str, text: &str) {
        for (what, secret) in &self.0 {
            assert!(!text.contains(secret.as_str()), "the {what} is in the {place}");
        }
    }
}

#[test]
fn no_secret_is_written_anywhere() {
    let scratch = Scratch::new();
    let data = scratch.path("data");
    let server = Server::with(["-vv", "--root-secret", ROOT_SECRET, "--data", data.to_str().unwrap()]);
    let mut secrets = Secrets(Vec::new());
    secrets.add("root secret", ROOT_SECRET);
    let root = |account: &str, secret: &str| {
        Caller::with(&server, Credentials::new(account, secret, None, None, "test"))
    };
    let workload = root(WORKLOAD, ROOT_SECRET);
    whole_path_as(&workload, &root(e2e::TARGET, ROOT_SECRET));
    let wrong = "not-the-secret-of-all-roots";
    secrets.add("wrong root secret", wrong);
    let error = workload_error(&root(WORKLOAD, wrong));
    assert!(error.contains("SignatureDoesNotMatch"), "{error}");
    secrets.are_not_in("error", &error);

    // A user's key.
    workload.wait(workload.iam().create_user().user_name("alice").send()).unwrap();
    let key = workload.wait(workload.iam().create_access_key().user_name("alice").send()).unwrap();
    let key = key.access_key().unwrap();
    secrets.add("secret access key", key.secret_access_key());
    let user = Credentials::new(key.access_key_id(), key.secret_access_key(), None, None, "test");
    let error = workload_error(&Caller::with(&server, user));
    assert!(error.contains("AccessDenied"), "{error}");
    secrets.are_not_in("error", &error);

    // A session, used as it is, with another token, and with another secret.
    let me = server.administrator().args([
        "sh",
        "-c",
        "echo $AWS_ACCESS_KEY_ID; echo $AWS_SECRET_ACCESS_KEY; echo $AWS_SESSION_TOKEN",
    ]);
    let said = me.env("ROLECALL_ROOT_SECRET", ROOT_SECRET).run().ok();
    let [id, secret, token] = said.lines().collect::<Vec<_>>()[..] else { panic!("{said}") };
    secrets.add("session's secret", secret);
    secrets.add("session token", token);
    let half = token.get(..token.len() / 2).unwrap();
    secrets.add("half of a session token", half);
    for (secret, token) in [(secret, token), (secret, half), (wrong, token)] {
        let session = Credentials::new(id, secret, Some(token.to_owned()), None, "test");
        let caller = Caller::with(&server, session);
        let error = match caller.wait(caller.iam().get_role().role_name("nobody").send()) {
            Ok(_) => panic!("there is no such role"),
            Err(error) => format!("{error:?}"),
        };
        // The SDK's own report of an error holds the answer; ours must not hold what was sent.
        secrets.are_not_in("error", &error);
    }

    // A task: its token, and what it gets with it.
    let script = "echo $AWS_CONTAINER_AUTHORIZATION_TOKEN; exec \"$@\"";
    let binary = Server::binary();
    let task = server.task(TASK_ROLE).args(["sh", "-c", script, "sh"]).arg(&binary).args(["-vvv", "whoami"]);
    let ran = task.env("ROLECALL_ROOT_SECRET", ROOT_SECRET).run();
    let token = ran.out.lines().next().unwrap_or_default().to_owned();
    secrets.add("container's token", &token);
    secrets.are_not_in("log of whoami", &ran.err);
    let rest = ran.ok().replacen(&token, "", 1);
    secrets.are_not_in("answer of whoami", &rest);

    let journal = server.rolecall(["local", "log", "--json"]).env("ROLECALL_ROOT_SECRET", ROOT_SECRET).run();
    secrets.are_not_in("journal", &journal.err);
    let journal = journal.ok();
    assert!(journal.contains("sts:AssumeRole") && journal.contains("iam:CreateAccessKey"), "{journal}");
    secrets.are_not_in("journal", &journal);
    let refused = server.rolecall(["local", "log"]).env("ROLECALL_ROOT_SECRET", wrong).run().fails();
    secrets.are_not_in("error of a wrong root secret", &refused);

    let ended = server.stop();
    assert_eq!(ended.code, 0);
    assert!(ended.written.contains("iam:CreateAccessKey"), "the log says nothing: {}", ended.written);
    secrets.are_not_in("server's log", &ended.written);

    // What was asked for is readable by its owner alone.
    for_each_file(&data, &|path, mode| {
        let wanted = if path.is_dir() { 0o700 } else { 0o600 };
        assert_eq!(mode & 0o777, wanted, "{}", path.display());
    });
}

fn workload_error(caller: &Caller) -> String {
    let refused = caller.wait(caller.iam().list_roles().send()).unwrap_err();
    format!("{refused:?}")
}

fn for_each_file(path: &Path, check: &dyn Fn(&Path, u32)) {
    check(path, fs::metadata(path).unwrap().permissions().mode());
    if path.is_dir() {
        for entry in fs::read_dir(path).unwrap() {
            for_each_file(&entry.unwrap().path(), check);
        }
    }
}
