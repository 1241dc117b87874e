//! Whether actions exist.

use crate::reference;
use crate::validate::findings::Findings;
use crate::validate::known::near::nearest;
use crate::validate::written::{Text, Written};

/// To find what was meant takes a while: not for a document full of what is none.
const ENOUGH: usize = 20;

pub(super) fn check(policy: &Written<'_>, found: &mut Findings) {
    let mut wrong = 0;
    let names = ["Action", "NotAction"];
    for text in policy.statements.iter().flat_map(|it| names.into_iter().flat_map(|name| it.strings(name))) {
        if text.text != "*" && !text.text.contains("${") {
            one(text, &mut wrong, found);
        }
    }
}

fn one(action: Text<'_>, wrong: &mut usize, found: &mut Findings) {
    let Some((prefix, name)) = action.text.split_once(':') else {
        let message = format!("The action {} does not exist.", action.text);
        found.error("INVALID_ACTION", action.span, message);
        return;
    };
    let meant =
        |guess: Option<String>| guess.map_or(String::new(), |guess| format!(" Did you mean {guess}?"));
    if prefix.contains(['*', '?']) {
        let message = "Avoid using wildcards (*, ?) in the service name because it might grant unintended access to \
                       other AWS services with similar names.";
        found.suggestion("WILDCARD_IN_SERVICE_NAME", action.span, message);
    } else if reference::service(prefix).is_none() {
        *wrong += 1;
        let guess =
            || nearest(prefix, reference::services().map(reference::Service::prefix)).map(str::to_owned);
        let guess = if *wrong <= ENOUGH { guess() } else { None };
        let message = format!("The service {prefix} specified in the action does not exist.{}", meant(guess));
        found.error("INVALID_SERVICE_IN_ACTION", action.span, message);
        return;
    }
    let is_pattern = action.text.contains(['*', '?']);
    let exists = match is_pattern {
        true => reference::matching_actions(action.text).next().is_some(),
        false => reference::action(action.text).is_some(),
    };
    if !exists {
        *wrong += 1;
        let guess = || {
            let service = reference::service(prefix).filter(|_| !is_pattern)?;
            let name = nearest(name, service.actions().map(reference::Action::name))?;
            Some(format!("{}:{name}", service.prefix()))
        };
        let guess = if *wrong <= ENOUGH { guess() } else { None };
        let message = format!("The action {} does not exist.{}", action.text, meant(guess));
        found.error("INVALID_ACTION", action.span, message);
    }
}
