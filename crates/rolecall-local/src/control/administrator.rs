//! Credentials of an account's administrator: a session of the role that Organizations made in it.

use rolecall_iam::AccountId;
use serde_json::{Value, json};

use crate::directory::{ADMINISTRATOR_ROLE, ADMINISTRATOR_TAG};
use crate::fault::Fault;
use crate::sts::{NewSession, session_of};
use crate::time_text;
use crate::world::World;

/// A working day; a session of the role made by `AssumeRole` lasts an hour, as on AWS.
const SESSION_SECONDS: i64 = 12 * 3600;

pub(super) fn credentials(world: &World, account: AccountId) -> Result<Value, Fault> {
    world.ensure_account(account)?;
    let directory = world.read();
    let role_arn = format!("arn:aws:iam::{account}:role/{ADMINISTRATOR_ROLE}");
    let gone =
        || Fault::no_such_entity(format!("{role_arn} was deleted: use the root key {account} instead"));
    let role = directory.estate.role(&role_arn).ok_or_else(gone)?;
    let mut session = session_of(&NewSession {
        account,
        role_arn: &role_arn,
        role,
        name: "administrator",
        now: world.clock.now(),
        duration: SESSION_SECONDS,
    });
    session.tags.push((ADMINISTRATOR_TAG.to_owned(), "true".to_owned()));
    let credentials = world.authenticator.tokens.seal(&session);
    Ok(json!({
        "access_key_id": credentials.access_key_id,
        "secret_access_key": credentials.secret_access_key.expose(),
        "session_token": credentials.session_token,
        "expiration": time_text::iso(credentials.expires),
        "role_arn": role_arn,
    }))
}
