//! `rolecall demo`: nothing is needed but the binary.

use e2e::{Program, Server};

/// It ends well only if the path works, each broken link is refused as expected, and it works again when mended.
#[test]
fn the_whole_path_and_every_broken_link() {
    let said = Program::new(Server::binary()).arg("demo").limit(60).run().ok();
    assert_eq!(said.matches(r#"ListTables: ["orders"]"#).count(), 2, "{said}");
    for words in [
        "because no identity-based policy allows the sts:AssumeRole action",
        "because no role trust policy allows the sts:AssumeRole action",
        "because no identity-based policy allows the dynamodb:ListTables action",
        "sts:ExternalId is another",
        "with an explicit deny in a service control policy",
    ] {
        assert!(said.contains(words), "no `{words}` in\n{said}");
    }
}
