//! What a call needs to be allowed: actions, resources and condition keys, from what it asks for.
//!
//! The actions and keys are those of the service authorization reference:
//! <https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazondynamodb.html>. What the keys
//! hold is told in
//! <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/specifying-conditions.html>.

pub(crate) mod batch;
pub(crate) mod item;
pub(crate) mod partiql;
pub(crate) mod query;
pub(crate) mod stream;
pub(crate) mod table;
pub(crate) mod transaction;

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::Arc;

use rolecall_iam::Context;

use crate::authorize::Need;
use crate::caller::Caller;
use crate::dynamodb::expression::Attributes;
use crate::dynamodb::fault::{not_found, validation};
use crate::dynamodb::json::Json;
use crate::dynamodb::operation::Operation;
use crate::dynamodb::schema::{Schema, Tables};
use crate::dynamodb::target::{Place, Table};
use crate::fault::Fault;

/// A call while it is read.
#[derive(Debug)]
pub(crate) struct Asked<'a> {
    pub(crate) operation: &'static Operation,
    pub(crate) caller: &'a Caller,
    pub(crate) body: &'a Json<'a>,
    pub(crate) tables: &'a Tables,
    /// What was learnt of tables while this call was read.
    pub(crate) learnt: &'a HashMap<Table, Option<Arc<Schema>>>,
    /// What the call needs.
    pub(crate) needs: Vec<Need>,
    /// Where its tables are: all of them in one place.
    pub(crate) place: Option<Place>,
    /// The tables it names, in their order.
    pub(crate) named: Vec<Named>,
    /// What it cannot do, as far as its tables are known: the answer once it is allowed. Before that, nobody learns
    /// which tables there are and what their keys are.
    pub(crate) refusal: Option<Fault>,
}

/// A table as a call names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Named {
    pub(crate) table: Table,
    /// The ARN it was named by.
    pub(crate) by_arn: Option<String>,
}

/// Why a call cannot be read.
#[derive(Debug)]
pub(crate) enum Stop {
    /// It is refused.
    Fault(Box<Fault>),
    /// First the data plane has to be asked for this table.
    Learn(Box<Table>),
}

impl From<Fault> for Stop {
    fn from(fault: Fault) -> Self {
        Self::Fault(Box::new(fault))
    }
}

/// The condition keys of one need, those that the request decides.
#[derive(Debug, Default)]
pub(crate) struct Keys<'a> {
    /// Partition key values: `dynamodb:LeadingKeys`.
    pub(crate) leading: Option<Vec<String>>,
    /// `dynamodb:Attributes`
    pub(crate) attributes: Attributes<'a>,
    /// `dynamodb:Select`, in force where the request is silent.
    pub(crate) select: Option<&'a str>,
    /// `dynamodb:ReturnValues`, in force where the request is silent.
    pub(crate) return_values: Option<&'a str>,
    /// `dynamodb:ReturnConsumedCapacity`, in force where the request is silent.
    pub(crate) capacity: Option<&'a str>,
    /// `dynamodb:EnclosingOperation`
    pub(crate) enclosing: Option<&'static str>,
    /// `dynamodb:FullTableScan`
    pub(crate) full_scan: Option<bool>,
    /// The key's value is none, so that the call cannot be carried out.
    pub(crate) refusal: Option<Fault>,
}

impl<'a> Asked<'a> {
    /// The table of the member `TableName`.
    pub(crate) fn table(&mut self) -> Result<Table, Fault> {
        let Some(text) = self.body.text("TableName")? else { return Err(required("tableName")) };
        self.table_named(text)
    }

    /// The table that `text` names.
    pub(crate) fn table_named(&mut self, text: &str) -> Result<Table, Fault> {
        let table = Table::named(text, self.caller)?;
        let by_arn = text.starts_with("arn:").then(|| text.to_owned());
        self.goes_to(&table)?;
        self.named.push(Named { table: table.clone(), by_arn });
        Ok(table)
    }

    /// The call is about this table, in the caller's account or, where AWS allows it, in another; all its tables
    /// are in one account.
    pub(crate) fn goes_to(&mut self, table: &Table) -> Result<(), Fault> {
        if table.place.account != self.caller.account && !self.operation.cross_account {
            // https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/rbac-iam-actions.html
            let who = self.caller.principal.arn().unwrap_or_default();
            let message = format!(
                "User: {who} is not authorized to perform: dynamodb:{} on resource: {}",
                self.operation.name,
                table.arn()
            );
            return Err(Fault::new(400, "AccessDeniedException", message));
        }
        match &self.place {
            Some(place) if *place != table.place => {
                Err(validation("All tables of one request must be in the same account"))
            }
            Some(_) => Ok(()),
            None => {
                self.place = Some(table.place.clone());
                Ok(())
            }
        }
    }

    /// What is known of a table; `None` where it does not exist.
    ///
    /// # Errors
    /// [`Stop::Learn`]: it has to be asked for first.
    pub(crate) fn schema(&self, table: &Table) -> Result<Option<Arc<Schema>>, Stop> {
        if let Some(schema) = self.tables.known(&table.arn()) {
            return Ok(Some(schema));
        }
        match self.learnt.get(table) {
            Some(schema) => Ok(schema.clone()),
            None => Err(Stop::Learn(Box::new(table.clone()))),
        }
    }

    /// The schema of a table whose items are to be read or written, through an index where one is named.
    pub(crate) fn schema_of_items(
        &mut self,
        table: &Table,
        index: Option<&str>,
    ) -> Result<Option<Arc<Schema>>, Stop> {
        let schema = self.schema(table)?;
        let fault = match (&schema, index) {
            (None, _) => not_found("Requested resource not found"),
            (Some(known), Some(index)) if known.partition_key(Some(index)).is_none() => {
                validation(format!("The table does not have the specified index: {index}"))
            }
            (Some(_), _) => return Ok(schema),
        };
        self.refusal.get_or_insert(fault);
        Ok(schema)
    }

    /// Needs `action` on a table or something of it.
    pub(crate) fn needs(
        &mut self,
        action: impl Into<Cow<'static, str>>,
        resource: String,
        table: &Table,
        schema: Option<&Schema>,
        mut keys: Keys<'_>,
    ) {
        self.refusal = self.refusal.take().or(keys.refusal.take());
        let mut context = keys.context();
        resource_tags(schema, &mut context);
        self.needs.push(Need { action: action.into(), resource, owner: table.place.account, context });
    }

    /// Needs the action that has the operation's name on a table, whose tags count too.
    pub(crate) fn needs_operation_on(&mut self, table: &Table) -> Result<(), Stop> {
        let schema = self.schema(table)?;
        self.needs(self.operation.action, table.arn(), table, schema.as_deref(), Keys::default());
        Ok(())
    }

    /// `ReturnConsumedCapacity`, which is `NONE` where it is not given.
    pub(crate) fn capacity(&self) -> Result<Option<&'a str>, Fault> {
        Ok(Some(self.body.text("ReturnConsumedCapacity")?.unwrap_or("NONE")))
    }
}

impl Keys<'_> {
    fn context(self) -> Context {
        let mut context = Context::new();
        if let Some(leading) = self.leading {
            // The table's partition key has one attribute: it is the first, too.
            context.insert_many("dynamodb:FirstPartitionKeyValues", leading.iter().map(String::as_str));
            context.insert_many("dynamodb:LeadingKeys", leading);
        }
        let mut names = self.attributes.names().peekable();
        if names.peek().is_some() {
            context.insert_many("dynamodb:Attributes", names);
        }
        let singles = [
            ("dynamodb:Select", self.select),
            ("dynamodb:ReturnValues", self.return_values),
            ("dynamodb:ReturnConsumedCapacity", self.capacity),
            ("dynamodb:EnclosingOperation", self.enclosing),
            ("dynamodb:FullTableScan", self.full_scan.map(|scan| if scan { "true" } else { "false" })),
        ];
        for (key, value) in singles {
            if let Some(value) = value {
                context.insert(key, value);
            }
        }
        context
    }
}

/// `aws:ResourceTag/…`
/// <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/attribute-based-access-control.html>
pub(crate) fn resource_tags(schema: Option<&Schema>, context: &mut Context) {
    for (key, value) in schema.iter().flat_map(|schema| &schema.tags) {
        context.insert(&format!("aws:ResourceTag/{key}"), value);
    }
}

/// The refusal of a member that is missing; `member` begins with a small letter.
pub(crate) fn required(member: &str) -> Fault {
    validation(format!(
        "1 validation error detected: Value null at '{member}' failed to satisfy constraint: Member must not be \
         null"
    ))
}
