//! The trust graph: who may become which role, by account.

use std::collections::{BTreeMap, BTreeSet};

use rolecall_iam::{AccountId, Arn, Decision, LetIn};
use rolecall_terraform::check::{Link, Report, shown};
use rolecall_terraform::estate::{Infrastructure, Subject};

/// All of it. Places in the lists are what refers to their elements.
#[derive(Debug, Default)]
pub(super) struct Graph {
    pub(super) accounts: Vec<Account>,
    pub(super) nodes: Vec<Node>,
    pub(super) edges: Vec<Edge>,
}

/// A box.
#[derive(Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(super) struct Account {
    /// Whether it is not here.
    pub(super) is_outside: bool,
    pub(super) name: String,
}

/// Somebody who can take on a role, or a role.
#[derive(Debug)]
pub(super) struct Node {
    pub(super) kind: Kind,
    pub(super) account: usize,
    pub(super) name: String,
    /// All that there is to say: its ARN or address.
    pub(super) about: String,
}

/// What a node is.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(super) enum Kind {
    /// A task, a function, an instance.
    Workload(&'static str),
    Service,
    Provider,
    User,
    Role,
    /// Whoever in the account has a policy for it.
    Anybody,
    Everyone,
    /// Named by a policy, and made by nothing here.
    Missing,
}

impl Kind {
    /// A word for people.
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Workload(kind) => kind,
            Self::Service => "service",
            Self::Provider => "identity provider",
            Self::User => "user",
            Self::Role => "role",
            Self::Anybody => "all who are allowed there",
            Self::Everyone => "any AWS account",
            Self::Missing => "made by nothing here",
        }
    }

    /// Whether a way begins here.
    pub(super) fn is_source(self) -> bool {
        !matches!(self, Self::Role | Self::Missing)
    }
}

/// Somebody, and the role that is assumed.
#[derive(Debug)]
pub(super) struct Edge {
    pub(super) from: usize,
    pub(super) to: usize,
    /// Whether both sides agree and nothing denies it.
    pub(super) is_whole: bool,
    pub(super) is_from_outside: bool,
    /// One sentence.
    pub(super) about: String,
}

impl Graph {
    /// The graph of what was read.
    pub(super) fn of(all: &Infrastructure, report: &Report) -> Self {
        let mut maker = Maker {
            all,
            graph: Self::default(),
            accounts: BTreeMap::new(),
            nodes: BTreeMap::new(),
            edges: BTreeSet::new(),
        };
        maker.identities();
        maker.links(report);
        maker.trust_policies(report);
        maker.identity_policies();
        maker.graph
    }
}

struct Maker<'a> {
    all: &'a Infrastructure,
    graph: Graph,
    /// By what the account is called.
    accounts: BTreeMap<String, usize>,
    /// By ARN, address or name.
    nodes: BTreeMap<(String, usize), usize>,
    edges: BTreeSet<(usize, usize)>,
}

impl Maker<'_> {
    fn text(&self, text: &str) -> String {
        shown(self.all, text)
    }

    /// The last part of an ARN; where that is part of something sensitive, none of it.
    fn last(&self, arn: &str) -> String {
        let name = arn.rsplit('/').next().unwrap_or(arn);
        let secrets = &self.all.secrets;
        if secrets.is_in(arn) && !secrets.is_in(name) { self.text(arn) } else { self.text(name) }
    }

    fn account(&mut self, id: AccountId) -> usize {
        let is_outside = self.all.estate.account(id).is_none();
        let name = self.text(&id.to_string());
        let name = if name.starts_with('⟨') { name } else { format!("account {name}") };
        self.place(if is_outside { format!("{name}, which is not here") } else { name }, is_outside)
    }

    /// The account that an ARN is in; where there is none, outside.
    fn account_of(&mut self, arn: &str) -> usize {
        match Arn::parse(arn).and_then(|arn| arn.account_id()) {
            Some(id) => self.account(id),
            None => self.place("elsewhere".to_owned(), true),
        }
    }

    fn place(&mut self, name: String, is_outside: bool) -> usize {
        let next = self.graph.accounts.len();
        let index = *self.accounts.entry(name.clone()).or_insert(next);
        if index == next {
            self.graph.accounts.push(Account { is_outside, name });
        }
        index
    }

    fn node(&mut self, key: &str, kind: Kind, account: usize, name: &str) -> usize {
        let next = self.graph.nodes.len();
        let index = *self.nodes.entry((key.to_owned(), account)).or_insert(next);
        if index == next {
            let declared = self.all.declared.get(key);
            let address = declared.map(|it| format!("\n{}", it.address)).unwrap_or_default();
            let about = format!("{}{}", self.text(key), self.text(&address));
            self.graph.nodes.push(Node { kind, account, name: self.text(name), about });
        }
        index
    }

    fn edge(&mut self, from: usize, to: usize, is_whole: bool, about: &str) {
        if !self.edges.insert((from, to)) {
            return;
        }
        let account = self.graph.nodes.get(from).and_then(|node| self.graph.accounts.get(node.account));
        let is_from_outside = account.is_some_and(|account| account.is_outside);
        self.graph.edges.push(Edge { from, to, is_whole, is_from_outside, about: about.to_owned() });
    }

    /// Every role and user, whether somebody assumes it or not.
    fn identities(&mut self) {
        let all = self.all;
        for (id, account) in &all.estate.accounts {
            let place = self.account(*id);
            for role in account.roles.values() {
                self.node(&account.role_arn(role), Kind::Role, place, &role.identity.name);
            }
            for user in account.users.values() {
                self.node(&account.user_arn(user), Kind::User, place, &user.identity.name);
            }
        }
    }

    /// A role or user by its ARN: here, elsewhere, or nowhere.
    fn principal(&mut self, arn: &str) -> usize {
        let account = self.account_of(arn);
        let is_outside = self.graph.accounts.get(account).is_some_and(|account| account.is_outside);
        let is_user = Arn::parse(arn).is_some_and(|arn| arn.resource.starts_with("user/"));
        let kind = match (is_outside, is_user) {
            (false, _) => Kind::Missing,
            (true, true) => Kind::User,
            (true, false) => Kind::Role,
        };
        let name = self.last(arn);
        self.node(arn, kind, account, &name)
    }

    fn links(&mut self, report: &Report) {
        let all = self.all;
        for link in &report.links {
            let to = self.principal(&link.to);
            let (is_whole, about) = agreed(link);
            if link.from.starts_with("arn:") {
                let from = self.principal(&link.from);
                self.edge(from, to, is_whole, about);
                continue;
            }
            for workload in &all.workloads {
                if workload.assumer == link.from && workload.role == link.to {
                    let account = self.account_of(&link.to);
                    let name = workload.address.rsplit('.').next().unwrap_or(&workload.address);
                    let key = format!("{} ({})", workload.address, workload.kind);
                    let from = self.node(&key, Kind::Workload(workload.kind), account, name);
                    self.edge(from, to, is_whole, about);
                }
            }
        }
    }

    /// Whom trust policies let in beside the roles and users that are here.
    fn trust_policies(&mut self, report: &Report) {
        let all = self.all;
        for (subject, written) in &all.documents {
            let Subject::Trust(role) = subject else { continue };
            for (statement, who) in written.document.policy.let_in() {
                let to = self.principal(role);
                let bound = if statement.condition_keys().next().is_some() { ", on conditions" } else { "" };
                let from = match who {
                    LetIn::Everyone => {
                        let place = self.place("anyone".to_owned(), true);
                        self.node("*", Kind::Everyone, place, "everyone")
                    }
                    LetIn::Account(id) => {
                        let place = self.account(id);
                        let is_used = |link: &Link| {
                            let of = Arn::parse(&link.from).and_then(|arn| arn.account_id());
                            link.to == *role && of == Some(id)
                        };
                        // Its own policies say who, and those who are meant have their arrows.
                        if report.links.iter().any(is_used) {
                            continue;
                        }
                        let key = format!("arn:aws:iam::{id}:root");
                        self.node(&key, Kind::Anybody, place, "the account")
                    }
                    LetIn::Principal(arn) => self.principal(arn),
                    LetIn::Service(service) => {
                        let runs = |it: &rolecall_terraform::estate::Workload| {
                            it.role == *role && it.assumer == service
                        };
                        if all.workloads.iter().any(runs) {
                            continue;
                        }
                        let place = self.account_of(role);
                        self.node(service, Kind::Service, place, service)
                    }
                    LetIn::Federated(provider) => {
                        let place = self.account_of(role);
                        let shown = self.text(provider);
                        let name = shown.split_once("-provider/").map_or(shown.as_str(), |(_, name)| name);
                        self.node(provider, Kind::Provider, place, name)
                    }
                    LetIn::Other(name) => {
                        let place = self.place("elsewhere".to_owned(), true);
                        self.node(name, Kind::Missing, place, name)
                    }
                };
                let is_known = self.graph.nodes.get(from).is_some_and(|node| {
                    !matches!(node.kind, Kind::Missing)
                        && (node.kind != Kind::Anybody || self.is_outside(node.account))
                });
                let about = match is_known {
                    true => format!("trusted{bound}"),
                    false => format!("trusted{bound}; the other side is not here"),
                };
                self.edge(from, to, is_known, &about);
            }
        }
    }

    fn is_outside(&self, account: usize) -> bool {
        self.graph.accounts.get(account).is_some_and(|account| account.is_outside)
    }

    /// Roles that are not here, and that identity policies name.
    fn identity_policies(&mut self) {
        let all = self.all;
        for account in all.estate.accounts.values() {
            let roles = account.roles.values().map(|role| (account.role_arn(role), &role.identity));
            let users = account.users.values().map(|user| (account.user_arn(user), &user.identity));
            for (arn, identity) in roles.chain(users) {
                let attached = identity.attached.iter().map(|policy| Subject::Managed(policy.clone()));
                let inline = identity.inline.keys().map(|name| Subject::Inline(arn.clone(), name.clone()));
                for written in attached.chain(inline).filter_map(|subject| all.documents.get(&subject)) {
                    for (_, role) in written.document.policy.named_for("sts:AssumeRole") {
                        if role.starts_with("arn:") && !role.contains(['*', '?', '$']) {
                            let (from, to) = (self.principal(&arn), self.principal(role));
                            self.edge(
                                from,
                                to,
                                false,
                                "allowed by its own policies; the other side is not here",
                            );
                        }
                    }
                }
            }
        }
    }
}

/// Whether both sides agree, and in words.
fn agreed(link: &Link) -> (bool, &'static str) {
    match (link.is_allowed_by_identity, link.is_trusted, link.decision) {
        (_, _, Decision::ExplicitlyDenied) => (false, "something denies it"),
        (_, _, Decision::Allowed) => (true, "both sides agree"),
        (_, _, Decision::Undecided) => {
            (link.is_trusted, "trusted; the rest hangs on what is not known, or on the call")
        }
        (true, false, Decision::ImplicitlyDenied) => (false, "allowed by its own policies, and not trusted"),
        (false, true, Decision::ImplicitlyDenied) => (false, "trusted, and not allowed by its own policies"),
        (_, _, Decision::ImplicitlyDenied) => (false, "not allowed"),
    }
}
