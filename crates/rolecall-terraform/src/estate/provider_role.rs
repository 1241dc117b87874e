//! Roles that providers assume before they make anything: how Terraform itself calls.
//!
//! <https://registry.terraform.io/providers/hashicorp/aws/latest/docs#assuming-an-iam-role>

use std::collections::BTreeSet;

use super::Builder;
use crate::evaluate::Resource;
use crate::place::Place;

/// A role that a provider assumes.
#[derive(Clone)]
pub struct ProviderRole {
    /// As the root module calls the provider: `aws.target`.
    pub provider: String,
    /// The role's ARN.
    pub role: String,
    /// Whether it is assumed with the credentials of another role: all but the first.
    pub is_chained: bool,
    /// For how many seconds, where that is said and known.
    pub seconds: Option<u64>,
    /// Which external id is said; none is not said, and an unknown one is a mark.
    pub external_id: Option<String>,
    /// The block.
    pub place: Place,
}

/// Shows no external id.
impl std::fmt::Debug for ProviderRole {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { provider, role, is_chained, seconds, external_id, place } = self;
        f.debug_struct("ProviderRole")
            .field("provider", provider)
            .field("role", role)
            .field("is_chained", is_chained)
            .field("seconds", seconds)
            .field("external_id", &external_id.as_ref().map(|_| "(sensitive)"))
            .field("place", place)
            .finish()
    }
}

impl Builder {
    /// Takes in every `assume_role` block once.
    pub(super) fn provider_roles(&mut self, resources: &[Resource]) {
        let mut seen = BTreeSet::new();
        for resource in resources {
            for (index, block) in resource.provider.assumes.iter().enumerate() {
                let Some(place) = block.place.filter(|place| seen.insert(*place)) else { continue };
                let text =
                    |name: &str| block.member(name).filter(|it| !it.is_null()).and_then(|it| it.to_text());
                let Some(role) = text("role_arn") else { continue };
                let duration = text("duration").and_then(|text| text.as_known());
                let role = self.text(&role);
                let external_id = text("external_id").map(|id| self.text(&id));
                if let Some(id) = external_id.as_ref().filter(|id| !id.contains("${rolecall:unknown/")) {
                    self.all.secrets.add(id);
                }
                self.all.provider_roles.push(ProviderRole {
                    provider: resource.provider.key.clone(),
                    role,
                    is_chained: index > 0,
                    seconds: duration.as_deref().and_then(seconds),
                    external_id,
                    place,
                });
            }
        }
    }
}

/// A duration as Go writes it, as far as roles have use for it: `1h30m`, `900s`.
fn seconds(duration: &str) -> Option<u64> {
    let mut all = 0_u64;
    let mut rest = duration;
    while !rest.is_empty() {
        let end = rest.find(|c: char| !c.is_ascii_digit())?;
        let (number, unit) = rest.split_at(end);
        let factor = match unit.chars().next()? {
            'h' => 3600,
            'm' if !unit.starts_with("ms") => 60,
            's' => 1,
            _ => return None,
        };
        all = all.checked_add(number.parse::<u64>().ok()?.checked_mul(factor)?)?;
        rest = unit.get(1..)?;
    }
    (all > 0).then_some(all)
}

#[cfg(test)]
mod tests {
    use super::seconds;

    #[test]
    fn durations() {
        let cases = [
            ("1h30m", Some(5400)),
            ("900s", Some(900)),
            ("12h", Some(43_200)),
            ("2d", None),
            ("", None),
            ("5ms", None),
        ];
        for (duration, expected) in cases {
            assert_eq!(seconds(duration), expected, "{duration}");
        }
    }
}
