//! The demo office's own spending regulation; the circulars of the state are in every database.

use serde_json::Value;

use crate::demo::{id, string};
use crate::error::{ApiError, ApiResult};
use crate::travel::rates::store;
use crate::write::Tx;

/// Rows are bodies of the operations, each with the reference that gives its id and, for a row, its table.
///
/// # Errors
/// When the database does not take them.
pub(super) async fn fill(tx: &Tx) -> ApiResult<()> {
    let mut file: Value = serde_json::from_str(include_str!("rates.json")).map_err(ApiError::internal)?;
    for row in rows(&mut file, "rate_tables") {
        let own = id(&taken(row, "ref"));
        store::insert_table(tx, own, &body(row)?).await?;
    }
    for row in rows(&mut file, "rates") {
        let (own, table) = (id(&taken(row, "ref")), id(&taken(row, "table")));
        let table = store::find_table(tx.db(), table).await?;
        store::insert(tx, &table, own, &body(row)?).await?;
    }
    Ok(())
}

fn rows<'a>(file: &'a mut Value, kind: &str) -> impl Iterator<Item = &'a mut Value> {
    file[kind].as_array_mut().into_iter().flatten()
}

/// Takes a text out of a row: the rest is the body.
pub(super) fn taken(row: &mut Value, field: &str) -> String {
    let text = string(row, field);
    row.as_object_mut().map(|members| members.remove(field));
    text
}

/// The body of an operation.
pub(super) fn body<T: serde::de::DeserializeOwned>(row: &Value) -> ApiResult<T> {
    serde_json::from_value(row.clone()).map_err(ApiError::internal)
}
