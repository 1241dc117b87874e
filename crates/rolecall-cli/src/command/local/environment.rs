//! What leads a program's SDK to the local AWS, and nowhere else.

use std::process::Command;

/// Points the program at `url`. An endpoint for one service, which the user may have set, would come before it.
pub(crate) fn point_at(command: &mut Command, url: &str) {
    for (name, _) in std::env::vars_os() {
        if name.to_str().is_some_and(|name| name.starts_with("AWS_ENDPOINT_URL_")) {
            command.env_remove(name);
        }
    }
    command.env_remove("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS");
    command.env("AWS_ENDPOINT_URL", url);
}
