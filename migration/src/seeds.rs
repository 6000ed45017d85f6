//! Rows that come with the service: files of facts beside the migrations, one member a column.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::prelude::{ChronoDate, DateTimeUtc, Json, Uuid};
use sea_orm_migration::sea_orm::{ConnectionTrait, Statement, Value};

/// The moment from which the rows stand there, the same on every server.
const WRITTEN_AT: &str = "2025-12-01T00:00:00+00:00";

/// A file of rows by table.
pub(crate) fn parse(text: &str) -> Result<Json, DbErr> {
    text.parse().map_err(broken)
}

/// A row names its columns; one that is missing is null.
pub(crate) async fn insert(manager: &SchemaManager<'_>, table: &str, row: &Json) -> Result<(), DbErr> {
    let mut columns = vec!["version".to_owned(), "created_at".to_owned(), "updated_at".to_owned()];
    let written = WRITTEN_AT.parse::<DateTimeUtc>().map_err(broken)?;
    let mut values: Vec<Value> = vec![1_i64.into(), written.into(), written.into()];
    for (column, member) in row.as_object().into_iter().flatten() {
        columns.push(column.clone());
        values.push(value(column, member)?);
    }
    let marks: Vec<String> = (1..=values.len()).map(|number| format!("${number}")).collect();
    let sql = format!("INSERT INTO {table} ({}) VALUES ({})", columns.join(", "), marks.join(", "));
    let statement = Statement::from_sql_and_values(manager.get_database_backend(), sql, values);
    manager.get_connection().execute_raw(statement).await.map(drop)
}

/// The engines hold ids and days in types of their own.
fn value(column: &str, member: &Json) -> Result<Value, DbErr> {
    Ok(match member {
        Json::String(text) if column.ends_with("id") => text.parse::<Uuid>().map_err(broken)?.into(),
        Json::String(text) if column.ends_with("_on") || column.starts_with("valid_") => {
            text.parse::<ChronoDate>().map_err(broken)?.into()
        }
        Json::String(text) => text.clone().into(),
        Json::Bool(flag) => (*flag).into(),
        Json::Number(number) => number.as_i64().into(),
        other => other.clone().into(),
    })
}

fn broken(error: impl std::fmt::Display) -> DbErr {
    DbErr::Custom(format!("a row that comes with the service: {error}"))
}
