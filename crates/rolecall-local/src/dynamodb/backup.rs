//! Continuous backups: there are none here, and that is what is said.
//!
//! <https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_DescribeContinuousBackups.html>

use serde_json::{Value, json};

use super::Call;
use crate::dynamodb::fault::{not_found, validation};
use crate::dynamodb::json::{Json, parse};
use crate::dynamodb::needs::required;
use crate::fault::Fault;
use crate::world::World;

/// Point-in-time recovery is off.
pub(super) async fn describe(world: &World, call: &Call) -> Result<Vec<u8>, Fault> {
    check_table(world, call).await?;
    Ok(disabled().to_string().into_bytes())
}

/// Turning it off changes nothing; turning it on is refused, because nothing could be restored.
pub(super) async fn update(world: &World, call: &Call) -> Result<Vec<u8>, Fault> {
    let json = parse(&call.body)?;
    let specification = json.object("PointInTimeRecoverySpecification")?;
    let specification = specification.ok_or_else(|| required("pointInTimeRecoverySpecification"))?;
    let is_enabled = match specification.get("PointInTimeRecoveryEnabled") {
        Some(Json::Bool(is_enabled)) => *is_enabled,
        _ => return Err(required("pointInTimeRecoverySpecification.pointInTimeRecoveryEnabled")),
    };
    if is_enabled {
        return Err(validation(
            "Point-in-time recovery is not implemented: leave point_in_time_recovery off for local tables",
        ));
    }
    check_table(world, call).await?;
    Ok(disabled().to_string().into_bytes())
}

async fn check_table(world: &World, call: &Call) -> Result<(), Fault> {
    for named in &call.named {
        if world.tables.learn(&named.table).await?.is_none() {
            let words = format!("Table not found: {}", named.table.name);
            return Err(Fault { code: "TableNotFoundException".into(), ..not_found(words) });
        }
    }
    Ok(())
}

fn disabled() -> Value {
    json!({ "ContinuousBackupsDescription": {
        "ContinuousBackupsStatus": "ENABLED",
        "PointInTimeRecoveryDescription": { "PointInTimeRecoveryStatus": "DISABLED" },
    }})
}
