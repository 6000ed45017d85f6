//! The rates of the state's circulars, as far as they are known: `seed/rates.json` has one row for each, with the
//! place where it was read. What is not known has no row.

use sea_orm_migration::prelude::*;

use crate::seeds;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    /// SQLite runs a migration outside a transaction unless it asks for one.
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let mut seed = seeds::parse(include_str!("seed/rates.json"))?;
        for table in seed["rate_tables"].as_array_mut().into_iter().flatten() {
            table["code_key"] = table["code"].as_str().unwrap_or_default().to_uppercase().into();
            seeds::insert(manager, "rate_tables", table).await?;
        }
        for rate in seed["rates"].as_array().into_iter().flatten() {
            seeds::insert(manager, "rates", rate).await?;
        }
        Ok(())
    }
}
