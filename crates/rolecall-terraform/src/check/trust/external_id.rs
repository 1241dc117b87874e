//! External ids that keep nobody out: that need not be said, that can be guessed, that two third parties share.
//!
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_common-scenarios_third-party.html>

use std::collections::BTreeMap;

use rolecall_iam::{AccountId, Arn, ConditionEntry, Given};

use super::{Checking, Finding, Label, Report, Trusting, catalogue, is_plain};
use crate::place::Place;

const KEY: &str = "sts:ExternalId";

/// From this many characters on nobody tries them all.
const SHORT: usize = 6;

/// What is filled in for want of something better.
const COMMON: [&str; 12] = [
    "1234567890",
    "changeme",
    "company",
    "default",
    "example",
    "external-id",
    "external_id",
    "externalid",
    "password",
    "secret",
    "test-external-id",
    "testing",
];

/// Which external ids are asked for, by whom.
#[derive(Default)]
pub(super) struct ExternalIds<'a>(BTreeMap<&'a str, Vec<AskedFor<'a>>>);

/// Of whom an external id is asked: the accounts, the role that asks, and where.
struct AskedFor<'a> {
    accounts: Vec<String>,
    role: &'a str,
    place: Place,
}

impl Checking<'_> {
    /// An external id asked of somebody outside that does not tell his customers apart. Its value is never shown.
    pub(super) fn weak_external_id<'a>(
        &self,
        trusting: &Trusting<'a>,
        seen: &mut ExternalIds<'a>,
    ) -> Option<Finding> {
        let entries: Vec<_> = trusting.about(KEY).collect();
        let first = entries.first()?;
        let accounts = self.strangers(trusting.statement);
        let stranger = accounts.first()?;
        let demanded = entries.iter().filter(|entry| !entry.is_null() && !entry.is_negated());
        for entry in demanded.clone() {
            for value in entry.values().filter(|value| is_plain(value)) {
                let roles = seen.0.entry(value).or_default();
                let place = trusting.values(*entry);
                roles.push(AskedFor { accounts: accounts.clone(), role: trusting.role, place });
            }
        }
        let role = self.called(trusting.role);
        let found = |entry: &ConditionEntry<'_>, why: &str, text: &str| {
            let sentence = format!("{role} asks account {stranger} for an external id {why}");
            let label = (trusting.values(*entry), text);
            trusting.finding("RC025", sentence, label, &format!("{stranger} {text}"))
        };
        if self.is_needless(trusting, stranger) {
            let help = "use StringEquals, which wants the key to be there";
            return Some(found(first, "and lets it in without one", "holds where none is said").help(help));
        }
        let help = "take the id that the third party makes for you and lets no other customer use; where it lets you \
                    choose, a random one (a UUID)";
        for entry in demanded {
            let values = || entry.values().filter(|value| is_plain(value));
            if entry.has_wildcards() && values().any(|value| value.contains(['*', '?'])) {
                let help = "write all of it, under StringEquals";
                return Some(found(entry, "of which it takes many", "a pattern, not an id").help(help));
            }
            if let Some(why) = values().find_map(|value| self.guessable(value, trusting.role)) {
                return Some(found(entry, "that can be guessed", why).help(help));
            }
        }
        None
    }

    /// Whether the engine lets in somebody of that account who says no external id.
    fn is_needless(&self, trusting: &Trusting<'_>, account: &str) -> bool {
        let of_account = |arn: &&str| Arn::parse(arn).is_some_and(|arn| arn.account == account);
        let named = trusting.written.document.policy.trusted().map(|(_, arn)| arn).find(of_account);
        let somebody = format!("arn:aws:iam::{account}:role/somebody");
        let given = Given { absent: vec![KEY.to_owned()], ..Given::default() };
        self.is_let_in(named.unwrap_or(&somebody), "sts:AssumeRole", trusting.role, &given)
    }

    /// Why an external id is no secret; never what it is.
    fn guessable(&self, id: &str, role: &str) -> Option<&'static str> {
        let folded = id.to_ascii_lowercase();
        let name = role.rsplit('/').next().unwrap_or(role).to_ascii_lowercase();
        let is_account = id.parse::<AccountId>().is_ok_and(|account| {
            let own = Arn::parse(role).and_then(|arn| arn.account_id()) == Some(account);
            own || self.all.estate.account(account).is_some() || self.all.known_accounts.contains(id)
        });
        if is_account {
            Some("the number of an account of yours: no secret")
        } else if folded == name {
            Some("the name of the role: no secret")
        } else if COMMON.contains(&folded.as_str()) || counts_up(id) {
            Some("what anybody would try first")
        } else {
            (id.chars().count() < SHORT).then_some("so short that all can be tried")
        }
    }

    /// One external id asked of several third parties: each of them knows it, and can say it to the other.
    pub(super) fn shared_external_ids(&self, seen: &ExternalIds<'_>, report: &mut Report) {
        for roles in seen.0.values() {
            let Some((first, others)) = roles.split_first() else { continue };
            let differs = |other: &&AskedFor<'_>| {
                other.accounts.iter().all(|account| !first.accounts.contains(account))
            };
            let Some(other) = others.iter().find(differs) else { continue };
            report.findings.push(Finding {
                check: catalogue::by_id("RC025"),
                sentence: format!(
                    "{} asks account {} for the external id that {} asks account {} for",
                    self.called(other.role),
                    other.accounts.join(", "),
                    self.called(first.role),
                    first.accounts.join(", "),
                ),
                labels: vec![
                    Label { place: other.place, text: "the same external id".to_owned() },
                    Label { place: first.place, text: "as here, of another".to_owned() },
                ],
                help: vec!["each third party gets an external id of its own".to_owned()],
                patch: Vec::new(),
                hangs_on: Vec::new(),
                about: format!("{} {} share an external id", other.role, first.role),
            });
        }
    }
}

/// `12345678`, `11111111`, and the like.
fn counts_up(id: &str) -> bool {
    let bytes = id.as_bytes();
    let step = |by: u8| bytes.windows(2).all(|pair| matches!(pair, [a, b] if a.wrapping_add(by) == *b));
    !bytes.is_empty() && (step(0) || step(1))
}
