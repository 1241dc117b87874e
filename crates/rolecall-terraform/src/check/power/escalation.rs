//! Who can make himself more than he is: by changing his own policies, or by becoming somebody who may do everything.
//!
//! Each way is asked for on the roles and users that are here. What is not certain is not reported.

use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};

use rolecall_iam::{Decision, Effect, Given, LetIn, Policy};

use super::methods::{METHODS, Method, On};
use super::{Holder, Level, Powers, account_of};
use crate::check::{Checking, Expectation, Finding, Label, Report, catalogue};

/// What somebody can write who writes policies.
const EVERYTHING: &str =
    r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}"#;

/// The policy that somebody attaches who may attach any.
const ADMINISTRATOR_ACCESS: &str = "arn:aws:iam::aws:policy/AdministratorAccess";

/// More than this many ways to somebody are not shown.
const SHOWN: usize = 3;

/// How somebody rises.
struct Rise {
    method: &'static Method,
    /// Whom or what it is done to.
    target: String,
    /// What comes of it.
    to: Level,
    /// Where the permissions stand by which it begins.
    labels: Vec<Label>,
}

/// What is the same for all who are asked about.
struct Field<'f> {
    /// The roles that each can assume, by its ARN.
    assumes: HashMap<&'f str, Vec<&'f str>>,
    everything: Policy,
}

impl<'a> Powers<'_, 'a> {
    /// Finds everybody who can rise.
    pub(in crate::check) fn escalations(&self, report: &mut Report) {
        let allowed = || report.links.iter().filter(|link| link.decision == Decision::Allowed);
        let mut field = Field { assumes: HashMap::new(), everything: Policy::lenient(EVERYTHING) };
        let mut comes: HashMap<&str, Vec<&str>> = HashMap::new();
        for link in allowed() {
            field.assumes.entry(&link.from).or_default().push(&link.to);
            comes.entry(&link.to).or_default().push(&link.from);
        }
        let triggers: BTreeSet<&'static str> = METHODS.iter().map(|method| method.action).collect();
        let mut found = Vec::new();
        for (_, here) in self.by_account() {
            let holders: Vec<&Holder<'a>> = here.iter().filter_map(|at| self.holders.get(*at)).collect();
            let is_caller = |holder: &&&Holder<'a>| {
                triggers.iter().any(|action| self.might(holder, action))
                    && self.level(&holder.arn) != Level::Administrator
            };
            let callers: Vec<&Holder<'a>> = holders.iter().filter(is_caller).copied().collect();
            if callers.is_empty() {
                continue;
            }
            let mut strong: BTreeMap<&str, (Level, bool)> = BTreeMap::new();
            for holder in &holders {
                let level = self.level(&holder.arn);
                if level != Level::Some {
                    strong.insert(&holder.arn, (level, false));
                }
            }
            // Who can become somebody who can rise, can rise.
            loop {
                let mut more = Vec::new();
                for caller in &callers {
                    if strong
                        .get(caller.arn.as_str())
                        .is_some_and(|(level, _)| *level == Level::Administrator)
                    {
                        continue;
                    }
                    if let Some(rise) = self.rise(caller, &strong, &field) {
                        more.push((*caller, rise));
                    }
                }
                if more.is_empty() {
                    break;
                }
                for (caller, rise) in more {
                    // A power user who rises counts as an administrator from here on, and is not asked about again.
                    strong.insert(&caller.arn, (rise.to.max(Level::Administrator), true));
                    found.push(self.risen(caller, &rise, &strong, &comes));
                }
            }
        }
        report.findings.extend(found);
    }

    /// The first way by which somebody rises.
    fn rise(
        &self,
        caller: &Holder<'a>,
        strong: &BTreeMap<&str, (Level, bool)>,
        field: &Field<'_>,
    ) -> Option<Rise> {
        let now = self.level(&caller.arn);
        let above = |arn: &str| strong.get(arn).map(|(level, _)| *level).filter(|level| *level > now);
        let stronger =
            || strong.iter().filter(|(arn, (level, _))| *level > now && **arn != caller.arn).map(|it| *it.0);
        let account = self.checking.all.estate.account(caller.account)?;
        let might = |method: &&Method| {
            let mut all =
                std::iter::once(method.action).chain(method.takes.iter().map(|(action, _)| *action));
            all.all(|action| self.might(caller, action))
        };
        for method in METHODS.iter().filter(might) {
            let is_about_roles = method.action.contains("role");
            let written = |holder: &Holder<'a>| {
                Some(self.level_with(holder, Some(&field.everything))).filter(|to| *to > now)
            };
            let targets: Vec<(String, Option<Level>)> = match method.on {
                On::Itself if is_about_roles == caller.is_role => vec![(caller.arn.clone(), written(caller))],
                On::Itself => Vec::new(),
                On::Group => {
                    let groups = caller.groups.iter();
                    let arns = groups.map(|group| account.iam_arn("group", &group.path, &group.name));
                    arns.map(|arn| (arn, written(caller))).collect()
                }
                On::Policy => {
                    let attached = caller.identities().flat_map(|identity| &identity.attached);
                    let own = attached.filter(|arn| account_of(arn) == Some(caller.account));
                    own.map(|arn| (arn.clone(), written(caller))).collect()
                }
                On::Assumed => {
                    let roles = field.assumes.get(caller.arn.as_str()).into_iter().flatten();
                    let others = roles.filter(|arn| **arn != caller.arn);
                    let held = others.filter_map(|arn| self.holder(arn));
                    let here = held.filter(|(_, holder)| holder.account == caller.account);
                    here.map(|(_, holder)| (holder.arn.clone(), written(holder))).collect()
                }
                On::Trust => stronger()
                    .filter(|arn| arn.contains(":role/") && self.might_on(caller, method.action, arn))
                    .filter(|arn| self.could_assume(caller, arn))
                    .map(|arn| (arn.to_owned(), above(arn)))
                    .collect(),
                On::User => stronger()
                    .filter(|arn| arn.contains(":user/") && self.might_on(caller, method.action, arn))
                    .map(|arn| (arn.to_owned(), above(arn)))
                    .collect(),
                On::Pass(service) => stronger()
                    .filter(|arn| arn.contains(":role/") && self.runs(service, arn))
                    .filter(|arn| self.might_on(caller, method.action, arn))
                    .map(|arn| (arn.to_owned(), above(arn)))
                    .collect(),
                On::Code(kind) => {
                    let workloads = self.checking.all.workloads.iter().filter(|it| it.kind == kind);
                    let here = workloads.filter(|it| account_of(&it.role) == Some(caller.account));
                    here.map(|it| (it.role.clone(), above(&it.role))).collect()
                }
            };
            for (target, to) in targets {
                let Some(to) = to else { continue };
                if let Some(labels) = self.can_do(caller, method, &target) {
                    return Some(Rise { method, target, to, labels });
                }
            }
        }
        None
    }

    /// Whether the role would let in somebody whom its trust policy named: nothing denies it, and nothing limits it.
    fn could_assume(&self, caller: &Holder<'a>, role: &str) -> bool {
        let given = Given::default();
        let now = self.decision(&caller.arn, "sts:AssumeRole", role, &given, None);
        now != Decision::ExplicitlyDenied && caller.identity.boundary.is_none()
    }

    /// Whether a service runs things as a role: it is trusted, and for EC2 there is an instance profile.
    fn runs(&self, service: &'static str, role: &str) -> bool {
        let trust = self.checking.all.estate.role(role).map(|role| &role.trust);
        let names = |who| who == LetIn::Service(service) || who == LetIn::Everyone;
        if !trust.is_some_and(|trust| trust.let_in().any(|(_, who)| names(who))) {
            return false;
        }
        let known = self.trusting.borrow().get(service).and_then(|roles| roles.get(role).copied());
        let is_trusted = known.unwrap_or_else(|| {
            let given = Given::default();
            let trusts = self.decision(service, "sts:AssumeRole", role, &given, None) == Decision::Allowed;
            self.trusting.borrow_mut().entry(service).or_default().insert(role.to_owned(), trusts);
            trusts
        });
        let has_profile =
            || self.checking.all.workloads.iter().any(|it| it.assumer == service && it.role == role);
        is_trusted && (service != "ec2.amazonaws.com" || has_profile())
    }

    /// Whether the caller may do everything that the way takes; and where it says so.
    fn can_do(&self, caller: &Holder<'a>, method: &Method, target: &str) -> Option<Vec<Label>> {
        let mut labels = Vec::new();
        let is_code = matches!(method.on, On::Code(_));
        if !is_code {
            let (action, _) = method.name.split_once([' ', ',']).unwrap_or((method.name, ""));
            labels = self.allowed(caller, action, target, &self.given(method, target))?;
        }
        for (action, resource) in method.takes {
            let given = Given { owner: Some(caller.account), ..Given::default() };
            let mut resources = self.candidates(caller, action, resource);
            // What is asked of two kinds of resources has to be allowed on both.
            let is_asked_twice = method.takes.iter().filter(|(other, _)| other == action).count() > 1;
            resources.truncate(if is_asked_twice { 1 } else { usize::MAX });
            let found =
                resources.iter().find_map(|resource| self.allowed(caller, action, resource, &given))?;
            if is_code && labels.is_empty() {
                labels = found;
            }
        }
        if labels.is_empty() {
            let place = self.checking.declared(&caller.arn);
            let text = format!("it may {}", method.name);
            labels.extend(place.map(|place| Label { place, text }));
        }
        Some(labels)
    }

    /// What is known of the call: which policy is attached, what the boundary of its target is, to whom a role is passed.
    ///
    /// <https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsidentityandaccessmanagementiam.html>
    fn given(&self, method: &Method, target: &str) -> Given {
        let mut given = Given::default();
        if method.action.contains(":attach") {
            given.context.insert("iam:PolicyARN", ADMINISTRATOR_ACCESS);
        }
        let is_written = matches!(method.on, On::Itself | On::Assumed);
        let boundary = self.holder(target).and_then(|(_, holder)| holder.identity.boundary.as_deref());
        match boundary.filter(|_| is_written) {
            Some(boundary) => given.context.insert("iam:PermissionsBoundary", boundary),
            None => given.absent.push("iam:PermissionsBoundary".to_owned()),
        }
        if let On::Pass(service) = method.on {
            given.context.insert("iam:PassedToService", service);
        }
        given
    }

    /// Resources of a kind that the caller may name: any, and what its own policies speak of, with something in the place
    /// of each wildcard.
    fn candidates(&self, caller: &Holder<'a>, action: &str, any: &str) -> Vec<String> {
        let account = caller.account.as_str();
        let mut found = vec![any.replace("{account}", account)];
        let kind = any.split(':').nth(2).unwrap_or_default();
        let action = action.to_ascii_lowercase();
        for statement in self.statements(caller).filter(|it| it.might_allow(&action) && !it.is_not_resource())
        {
            for pattern in statement.resources() {
                let parts: Vec<&str> = pattern.splitn(6, ':').collect();
                let [_, partition, service, region, owner, resource] = parts.as_slice() else { continue };
                if *service != kind || pattern.contains("${") {
                    continue;
                }
                let region = if region.contains(['*', '?']) { "us-east-1" } else { region };
                let owner = if owner.contains(['*', '?']) { account } else { owner };
                let resource = resource.replace('*', "rolecall-any").replace('?', "1");
                found.push(format!("arn:{partition}:{service}:{region}:{owner}:{resource}"));
            }
        }
        found
    }

    /// The statements that allow it, if it is allowed.
    fn allowed(
        &self,
        caller: &Holder<'a>,
        action: &str,
        resource: &str,
        given: &Given,
    ) -> Option<Vec<Label>> {
        let chain = self.checking.chain(&caller.arn, &[], action, resource, given).ok()?;
        if self.checking.ask.decision(&chain) != Decision::Allowed {
            return None;
        }
        let asked = chain.asked.first()?;
        let verdict = self.checking.ask.verdict(asked);
        Some(self.checking.statements(&verdict, asked, Effect::Allow))
    }

    fn risen(
        &self,
        caller: &Holder<'a>,
        rise: &Rise,
        strong: &BTreeMap<&str, (Level, bool)>,
        comes: &HashMap<&str, Vec<&str>>,
    ) -> Finding {
        let checking = self.checking;
        let (who, target) = (checking.called(&caller.arn), checking.called(&rise.target));
        let (name, what) = (rise.method.name, rise.to.name());
        let is_risen = strong.get(rise.target.as_str()).is_some_and(|(_, is_risen)| *is_risen);
        let is_indirect = is_risen && !matches!(rise.method.on, On::Itself | On::Assumed);
        let what = if is_indirect { "which can make itself more than it is" } else { what };
        let sentence = match rise.method.on {
            On::Itself => format!("{who} can make itself {what}, by {name} on itself"),
            On::Group => format!("{who} can make itself {what}, by {name} on its group {target}"),
            On::Policy => format!("{who} can make itself {what}, by {name} on its own policy {target}"),
            On::Assumed => {
                format!("{who} can make itself {what}, by {name} on {target}, which it can assume")
            }
            On::Trust | On::User | On::Pass(_) | On::Code(_) => {
                format!("{who} can become {target}, {what}, by {name}")
            }
        };
        let mut labels = rise.labels.clone();
        if rise.target != caller.arn {
            let text = "and this is whom or what it does it to".to_owned();
            labels.extend(checking.declared(&rise.target).map(|place| Label { place, text }));
        }
        labels.extend(self.who_comes(&caller.arn, comes));
        let mend = match rise.method.on {
            On::Itself | On::Group | On::Policy | On::Assumed => {
                "name the roles and policies that it is to change, none of which it has or can assume; or bind what it \
                 writes with a permissions boundary (iam:PermissionsBoundary)"
            }
            On::Trust => "name the roles whose trust policies it is to change",
            On::User => "name the users that it is to give credentials to; ${aws:username} is itself",
            On::Pass(_) => {
                "name the roles that it is to pass, and iam:PassedToService with the service they are for"
            }
            On::Code(_) => "name the functions, instances or projects that are its own",
        };
        Finding {
            check: catalogue::by_id("RC042"),
            sentence,
            labels,
            help: vec![mend.to_owned(), format!("what the call does: {}", rise.method.page)],
            patch: Vec::new(),
            hangs_on: Vec::new(),
            about: format!("{} {}", caller.arn, rise.target),
        }
    }

    /// The workloads from which a way leads to somebody, the nearest first.
    fn who_comes(&self, arn: &str, comes: &HashMap<&str, Vec<&str>>) -> Vec<Label> {
        let mut labels = Vec::new();
        let mut seen: BTreeSet<&str> = [arn].into();
        let mut queue: VecDeque<(&str, Vec<&str>)> = [(arn, Vec::new())].into();
        while let Some((at, way)) = queue.pop_front() {
            for workload in self.checking.all.workloads.iter().filter(|workload| workload.role == at) {
                let through: String =
                    way.iter().map(|role| format!(", and assumes {}", self.checking.called(role))).collect();
                let text = format!("this {} runs as {}{through}", workload.kind, self.checking.called(at));
                labels.push(Label { place: workload.place, text });
            }
            if labels.len() >= SHOWN {
                labels.truncate(SHOWN);
                break;
            }
            for from in comes.get(at).into_iter().flatten().filter(|from| seen.insert(from)) {
                let mut way = way.clone();
                way.insert(0, at);
                queue.push_back((from, way));
            }
        }
        labels
    }
}

impl Checking<'_> {
    /// What has to do with how much somebody may do.
    pub(in crate::check) fn powers(&self, expectations: &[Expectation], report: &mut Report) {
        let powers = Powers::new(self);
        powers.escalations(report);
        powers.across_accounts(report);
        powers.whole_accounts(report);
        powers.passing(report);
        powers.needs(expectations, report);
    }
}
