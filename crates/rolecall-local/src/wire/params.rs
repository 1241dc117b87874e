//! The parameters of a Query request.

use crate::fault::Fault;

/// Names and values, as the form had them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Params(Vec<(String, String)>);

/// No call of IAM or STS has as many: the longest carry fifty tags. Lists are looked up member by member, which
/// takes time by the square of their length.
const MOST: usize = 1000;

impl Params {
    /// Reads `application/x-www-form-urlencoded`, from a body or a query string.
    pub(crate) fn parse(form: &[u8]) -> Self {
        // One more than may be, so that it shows.
        let pairs = form_urlencoded::parse(form).take(MOST + 1);
        Self(pairs.map(|(name, value)| (name.into_owned(), value.into_owned())).collect())
    }

    /// Refuses what has more parameters than any call.
    ///
    /// # Errors
    /// There are more than a thousand.
    pub(crate) fn check_count(&self) -> Result<(), Fault> {
        if self.0.len() <= MOST {
            return Ok(());
        }
        Err(Fault::new(400, "MalformedInput", format!("The request has more than {MOST} parameters")))
    }

    /// The value of `name`, where it was given.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(given, _)| given == name).map(|(_, value)| value.as_str())
    }

    /// The value of `name`.
    ///
    /// # Errors
    /// AWS's words for a parameter that is missing.
    pub(crate) fn required(&self, name: &str) -> Result<&str, Fault> {
        self.get(name).ok_or_else(|| constraint("null", name, "Member must not be null"))
    }

    /// The whole number given for `name`, where one was given.
    ///
    /// # Errors
    /// The value is not a whole number.
    pub(crate) fn integer(&self, name: &str) -> Result<Option<i64>, Fault> {
        let Some(text) = self.get(name) else { return Ok(None) };
        let number = text
            .parse()
            .map_err(|_| Fault::new(400, "MalformedInput", format!("Invalid integer for {name}")))?;
        Ok(Some(number))
    }

    /// The list `name.member.1`, `name.member.2`, … in its order.
    pub(crate) fn members(&self, name: &str) -> Vec<&str> {
        (1..).map_while(|index| self.get(&format!("{name}.member.{index}"))).collect()
    }

    /// The pairs `name.member.1.Key`, `name.member.1.Value`, … in their order.
    ///
    /// # Errors
    /// A key without a value.
    pub(crate) fn pairs(&self, name: &str, key: &str, value: &str) -> Result<Vec<(&str, &str)>, Fault> {
        let mut pairs = Vec::new();
        for index in 1.. {
            let Some(found) = self.get(&format!("{name}.member.{index}.{key}")) else { break };
            pairs.push((found, self.required(&format!("{name}.member.{index}.{value}"))?));
        }
        Ok(pairs)
    }
}

/// AWS's words for a value outside its limits; `name` is the parameter as the API spells it.
pub(crate) fn constraint(value: &str, name: &str, limit: &str) -> Fault {
    let mut field = name.to_owned();
    if let Some(first) = field.get_mut(..1) {
        first.make_ascii_lowercase();
    }
    let value = if value == "null" { String::new() } else { format!(" '{value}'") };
    Fault::validation(format!(
        "1 validation error detected: Value{value} at '{field}' failed to satisfy constraint: {limit}"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_more_parameters_than_any_call_has() {
        let form = |count: usize| (0..count).map(|n| format!("p{n}=")).collect::<Vec<_>>().join("&");
        assert_eq!(Params::parse(form(1000).as_bytes()).check_count(), Ok(()));
        for count in [1001, 100_000] {
            let params = Params::parse(form(count).as_bytes());
            assert_eq!(params.check_count().unwrap_err().code, "MalformedInput");
            assert_eq!(params.0.len(), 1001);
        }
    }

    #[test]
    fn lists_and_pairs() {
        let params = Params::parse(
            b"Action=CreateRole&Tags.member.1.Key=a&Tags.member.1.Value=&Tags.member.2.Key=b+c&Tags.member.2.Value=%26\
              &PolicyArns.member.1=x&PolicyArns.member.3=z",
        );
        assert_eq!(params.pairs("Tags", "Key", "Value").unwrap(), [("a", ""), ("b c", "&")]);
        assert_eq!(params.members("PolicyArns"), ["x"]);
        assert_eq!(
            params.required("RoleName").unwrap_err().message,
            "1 validation error detected: Value at 'roleName' failed to satisfy constraint: Member must not be null"
        );
    }
}
