//! Claims draw on the money of their conference, and cars are booked for it.

use sea_orm_migration::prelude::*;

use crate::ddl;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    /// SQLite runs a migration outside a transaction unless it asks for one.
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for statement in [
            "ALTER TABLE expense_claims ADD COLUMN conference_id {uuid} CONSTRAINT expense_claims_conference_id_fkey REFERENCES conferences (id) CONSTRAINT expense_claims_conference_check CHECK (conference_id IS NULL OR kind IN ('conference', 'reception'))",
            "CREATE INDEX expense_claims_by_conference ON expense_claims (conference_id)",
            "ALTER TABLE vehicle_bookings ADD COLUMN conference_id {uuid} CONSTRAINT vehicle_bookings_conference_id_fkey REFERENCES conferences (id)",
            "CREATE INDEX vehicle_bookings_by_conference ON vehicle_bookings (conference_id)",
        ] {
            ddl::table(manager, statement).await?;
        }
        Ok(())
    }
}
