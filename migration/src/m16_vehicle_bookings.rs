//! Requests for a car.

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
        ddl::table(
            manager,
            "
            CREATE TABLE vehicle_bookings (
                id {uuid} PRIMARY KEY,
                number text NOT NULL UNIQUE,
                board_id {uuid} NOT NULL REFERENCES boards (id),
                requester_id {uuid} NOT NULL REFERENCES staff (id),
                purpose text NOT NULL,
                pick_up_place text NOT NULL,
                destination text NOT NULL,
                starts_at {time} NOT NULL,
                ends_at {time} NOT NULL,
                passenger_count bigint NOT NULL CONSTRAINT vehicle_bookings_passengers_check CHECK (passenger_count BETWEEN 1 AND 500),
                vehicle_id {uuid} REFERENCES vehicles (id),
                urgent boolean NOT NULL,
                urgent_reason text,
                needs_consent boolean NOT NULL,
                status text NOT NULL CONSTRAINT vehicle_bookings_status_check CHECK (status IN ('draft', 'submitted', 'returned', 'approved', 'scheduled', 'in_progress', 'completed', 'closed', 'rejected', 'cancelled', 'expired')),
                waiting_since {time} NOT NULL,
                approved_by_id {uuid} REFERENCES staff (id),
                trip_id {uuid},
                decision_reason text,
                search text NOT NULL,
                version bigint NOT NULL CONSTRAINT vehicle_bookings_version_check CHECK (version > 0),
                created_at {time} NOT NULL,
                updated_at {time} NOT NULL,
                created_by_id {uuid},
                CONSTRAINT vehicle_bookings_period_check CHECK (ends_at > starts_at),
                CONSTRAINT vehicle_bookings_urgent_check CHECK (NOT urgent OR urgent_reason IS NOT NULL),
                CONSTRAINT vehicle_bookings_four_eyes_check CHECK (approved_by_id IS NULL OR approved_by_id <> requester_id)
            )
            ",
        )
        .await?;
        ddl::table(
            manager,
            "CREATE INDEX vehicle_bookings_by_board ON vehicle_bookings (board_id, starts_at, id)",
        )
        .await?;
        ddl::table(manager, "CREATE INDEX vehicle_bookings_by_start ON vehicle_bookings (starts_at, id)")
            .await?;
        ddl::table(
            manager,
            "CREATE INDEX vehicle_bookings_by_status ON vehicle_bookings (status, starts_at, id)",
        )
        .await
    }
}
