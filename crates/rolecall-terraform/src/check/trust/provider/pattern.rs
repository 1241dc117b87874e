//! Of a pattern for `sub`: what tokens of others it might also match. Whether it does, the engine says.

use super::Owner;

/// What a stranger could call himself.
const STRANGER: &str = "somebody-else";

/// Subjects of strangers that a pattern might match: where the wildcard stands before the end of the owner's name, he
/// takes a name that fits.
pub(super) fn strangers(pattern: &str, owner: Owner) -> Vec<String> {
    let Some(wildcard) = pattern.find(['*', '?']) else { return Vec::new() };
    let owner_ends = pattern.strip_prefix(owner.prefix).map_or(pattern.len(), |rest| {
        rest.find(owner.end).map_or(pattern.len(), |end| owner.prefix.len() + end)
    });
    // A name and what stands for a number after it, as in `repo:ours@*/…`, is GitHub's for one owner.
    if pattern.get(..wildcard).is_some_and(|name| name.ends_with('@')) {
        return Vec::new();
    }
    // The owner is written out, and what stands after it is his.
    if wildcard > owner_ends || (wildcard == owner_ends && owner_ends < pattern.len()) {
        return Vec::new();
    }
    let starts = [format!("-{STRANGER}"), STRANGER.to_owned(), format!("{}{STRANGER}", owner.prefix)];
    let ends = [
        String::new(),
        format!("{}anything", owner.end),
        format!("{}anything:ref:refs/heads/main", owner.end),
    ];
    let fillings = starts.iter().flat_map(|start| ends.iter().map(move |end| format!("{start}{end}")));
    let subjects = fillings.map(|first| filled(pattern, &first, "anything"));
    let is_strangers = |subject: &String| {
        let after = subject.strip_prefix(owner.prefix);
        after.and_then(|rest| rest.split_once(owner.end)).is_some_and(|(name, _)| name.ends_with(STRANGER))
    };
    subjects.filter(is_strangers).collect()
}

/// Subjects of something else of the same owner, where the pattern leaves open what it is of his.
pub(super) fn colleagues(pattern: &str, owner: Owner) -> Vec<String> {
    let parts = pattern.strip_prefix(owner.prefix).and_then(|rest| rest.split_once(owner.end));
    let Some((name, rest)) = parts else { return Vec::new() };
    let is_open = rest.starts_with('*') || rest.starts_with("project:*");
    if !is_open || name.contains(['*', '?']) {
        return Vec::new();
    }
    let fillings = ["anything-else:ref:refs/heads/any", "anything-else", "project:any:workspace:any"];
    fillings.iter().map(|first| filled(pattern, first, "any")).collect()
}

/// Whether a subject of GitHub names neither a repository nor its owner: it then says what everybody's token can say.
///
/// <https://docs.github.com/en/actions/reference/security/oidc#customizing-the-subject-claims-for-an-organization-or-repository>
pub(super) fn names_nobody(subject: &str) -> bool {
    let first = subject.split(':').next().unwrap_or_default();
    let says_little = [
        "actor",
        "base_ref",
        "context",
        "environment",
        "event_name",
        "head_ref",
        "ref",
        "ref_type",
        "workflow",
    ];
    let names = ["repo:", "repository", "workflow_ref:", "enterprise"];
    says_little.contains(&first) && !names.iter().any(|claim| subject.contains(claim))
}

/// A pattern with something in the place of its wildcards.
fn filled(pattern: &str, first: &str, others: &str) -> String {
    let mut filled = String::new();
    let mut filling = first;
    for c in pattern.chars() {
        match c {
            '*' => filled.push_str(std::mem::replace(&mut filling, others)),
            '?' => filled.push('x'),
            c => filled.push(c),
        }
    }
    filled
}

#[cfg(test)]
mod tests {
    use super::*;

    const GITHUB: Owner = Owner { prefix: "repo:", end: '/' };
    const HCP: Owner = Owner { prefix: "organization:", end: ':' };

    /// A pattern, and whether a stranger's subject might match it.
    #[test]
    fn who_fits_a_pattern() {
        let cases = [
            ("repo:ours*", GITHUB, true),
            ("repo:ours*/app:*", GITHUB, true),
            ("repo:*/app:ref:refs/heads/main", GITHUB, true),
            ("*/app:*", GITHUB, true),
            ("repo:ours/*", GITHUB, false),
            ("repo:ours/app:*", GITHUB, false),
            ("repo:ours/app", GITHUB, false),
            ("repo:ours@*/app@*:*", GITHUB, false),
            ("organization:ours*:project:*", HCP, true),
            ("organization:ours:*", HCP, false),
        ];
        for (pattern, owner, expected) in cases {
            let found = strangers(pattern, owner);
            let matching = found.iter().any(|subject| rolecall_iam::pattern::matches(pattern, subject));
            assert_eq!(matching, expected, "{pattern}: {found:?}");
        }
    }

    #[test]
    fn who_is_of_the_same_owner() {
        let first = |pattern, owner| colleagues(pattern, owner).into_iter().next();
        assert_eq!(first("repo:ours/*", GITHUB).unwrap(), "repo:ours/anything-else:ref:refs/heads/any");
        assert_eq!(first("repo:ours/app:*", GITHUB), None);
        assert_eq!(first("repo:*/*", GITHUB), None);
        assert!(first("organization:ours:*", HCP).is_some());
        assert_eq!(first("organization:ours:project:app:*", HCP), None);
    }

    #[test]
    fn what_names_nobody() {
        assert!(names_nobody("environment:production"));
        assert!(names_nobody("workflow:deploy:ref:refs/heads/main"));
        assert!(!names_nobody("environment:production:repository_owner_id:1"));
        assert!(!names_nobody("job_workflow_ref:ours/flows/.github/workflows/a.yml@refs/heads/main"));
        assert!(!names_nobody("repo:ours/app:environment:production"));
    }
}
