//! `GetAccessKeyInfo`: which account an access key id is of.
//!
//! <https://docs.aws.amazon.com/STS/latest/APIReference/API_GetAccessKeyInfo.html>

use rolecall_iam::Context;

use super::{Call, Operation};
use crate::authenticate::account_of_key;
use crate::authorize::{Need, Permit};
use crate::caller::Caller;
use crate::directory::Directory;
use crate::fault::Fault;
use crate::wire::params::{Params, constraint};
use crate::wire::xml::Xml;

pub(super) const OPERATION: Operation = Operation { name: "GetAccessKeyInfo", needs, run };

fn needs(params: &Params, caller: &Caller, _: &Directory) -> Result<Vec<Need>, Fault> {
    let id = params.required("AccessKeyId")?;
    // A root key of a local account is its twelve digits; AWS's own are sixteen characters and more.
    if id.len() < 16 && account_of_key(id).is_none() {
        return Err(constraint(id, "AccessKeyId", "Member must have length greater than or equal to 16"));
    }
    Ok(vec![Need {
        action: "sts:GetAccessKeyInfo".into(),
        resource: "*".to_owned(),
        owner: caller.account,
        context: Context::new(),
    }])
}

fn run(call: &Call<'_>, _permit: &Permit) -> Result<Xml, Fault> {
    let id = call.params.required("AccessKeyId")?;
    let account = account_of_key(id).ok_or_else(|| {
        Fault::validation(format!("The access key ID {id} does not exist or is not valid."))
    })?;
    let mut xml = Xml::new();
    xml.text("Account", account);
    Ok(xml)
}
