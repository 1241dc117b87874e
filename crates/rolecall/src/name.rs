//! A session name that says who is calling, for CloudTrail, when none is given.

use crate::role;

const LONGEST: usize = 64;

/// Makes a name from what the environment says about the task: in ECS the container's id, in Lambda the function, in
/// GitHub Actions the repository and run, in Kubernetes the pod; else the program and its process id.
///
/// `variable` looks up an environment variable.
pub(crate) fn describe(
    variable: impl Fn(&str) -> Option<String>,
    program: Option<&str>,
    process: u32,
) -> String {
    let set = |name: &str| variable(name).filter(|value| !value.is_empty());
    let last = |path: String| path.trim_end_matches('/').rsplit('/').next().unwrap_or_default().to_owned();
    let name = if let Some(uri) = set("ECS_CONTAINER_METADATA_URI_V4") {
        // http://169.254.170.2/v4/TASK_ID-NUMBER
        format!("ecs-{}", last(uri))
    } else if let Some(function) = set("AWS_LAMBDA_FUNCTION_NAME") {
        format!("lambda-{function}")
    } else if let (Some(repository), Some(run)) = (set("GITHUB_REPOSITORY"), set("GITHUB_RUN_ID")) {
        format!("github-{run}-{}", last(repository))
    } else if let (Some(_), Some(pod)) = (set("KUBERNETES_SERVICE_HOST"), set("HOSTNAME")) {
        format!("pod-{pod}")
    } else {
        format!("{}-{process}", program.unwrap_or("rolecall"))
    };
    let letters = name.bytes().map(|byte| if role::is_name(byte) { char::from(byte) } else { '-' });
    letters.take(LONGEST).collect()
}

/// The name for this process.
pub(crate) fn of_this_process() -> String {
    let program = std::env::args_os().next();
    let program = program.as_deref().map(std::path::Path::new).and_then(|path| path.file_stem());
    let program = program.map(|stem| stem.to_string_lossy());
    #[expect(
        clippy::disallowed_methods,
        reason = "the name of the task is in its environment, and is no setting"
    )]
    let variable = |name: &str| std::env::var(name).ok();
    describe(variable, program.as_deref(), std::process::id())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names() {
        let ecs = ("ECS_CONTAINER_METADATA_URI_V4", "http://169.254.170.2/v4/0123456789abcdef-42");
        let (long, longest) = ("x".repeat(100), "x".repeat(64));
        for (environment, program, expected) in [
            (vec![ecs], Some("task"), "ecs-0123456789abcdef-42"),
            (vec![("AWS_LAMBDA_FUNCTION_NAME", "orders")], Some("bootstrap"), "lambda-orders"),
            (vec![("GITHUB_REPOSITORY", "me/app"), ("GITHUB_RUN_ID", "7")], Some("x"), "github-7-app"),
            (vec![("KUBERNETES_SERVICE_HOST", "10.0.0.1"), ("HOSTNAME", "web-1")], Some("x"), "pod-web-1"),
            (vec![("HOSTNAME", "laptop")], Some("my task"), "my-task-9"),
            (vec![("AWS_LAMBDA_FUNCTION_NAME", "")], None, "rolecall-9"),
            (vec![], Some("é"), "---9"),
            (vec![], Some(long.as_str()), longest.as_str()),
        ] {
            let variable = |name: &str| {
                environment.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned())
            };
            let name = describe(variable, program, 9);
            assert_eq!(name, expected);
            assert!((2..=64).contains(&name.len()));
        }
    }
}
