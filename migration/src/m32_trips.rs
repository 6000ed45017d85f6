//! Trips: the dispatch order and the trip log in one.

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
            CREATE TABLE trips (
                id {uuid} PRIMARY KEY,
                number text UNIQUE,
                vehicle_id {uuid} NOT NULL REFERENCES vehicles (id),
                driver_id {uuid} NOT NULL REFERENCES drivers (id),
                starts_at {time} NOT NULL,
                ends_at {time} NOT NULL,
                route text NOT NULL,
                note text,
                status text NOT NULL CONSTRAINT trips_status_check CHECK (status IN ('planned', 'issued', 'departed', 'completed', 'verified', 'void')),
                waiting_since {time} NOT NULL,
                revision bigint NOT NULL CONSTRAINT trips_revision_check CHECK (revision >= 0),
                issued_at {time},
                issued_by_id {uuid} REFERENCES staff (id),
                departed_at {time},
                returned_at {time},
                odometer_start_km bigint CONSTRAINT trips_odometer_start_check CHECK (odometer_start_km BETWEEN 0 AND 9999999),
                odometer_end_km bigint CONSTRAINT trips_odometer_end_check CHECK (odometer_end_km BETWEEN 0 AND 9999999),
                mountain_km bigint CONSTRAINT trips_mountain_km_check CHECK (mountain_km >= 0),
                air_conditioned_km bigint CONSTRAINT trips_air_conditioned_km_check CHECK (air_conditioned_km >= 0),
                idling_minutes bigint CONSTRAINT trips_idling_minutes_check CHECK (idling_minutes >= 0),
                norm_id {uuid},
                norm_litres_hundredths bigint CONSTRAINT trips_norm_litres_check CHECK (norm_litres_hundredths >= 0),
                norm_working {json},
                verified_by_id {uuid} REFERENCES staff (id),
                decision_reason text,
                search text NOT NULL,
                version bigint NOT NULL CONSTRAINT trips_version_check CHECK (version > 0),
                created_at {time} NOT NULL,
                updated_at {time} NOT NULL,
                created_by_id {uuid},
                CONSTRAINT trips_period_check CHECK (ends_at > starts_at),
                CONSTRAINT trips_number_check CHECK (status IN ('planned', 'void') OR number IS NOT NULL),
                CONSTRAINT trips_departed_check CHECK (status NOT IN ('departed', 'completed', 'verified') OR (departed_at IS NOT NULL AND odometer_start_km IS NOT NULL)),
                CONSTRAINT trips_completed_check CHECK (status NOT IN ('completed', 'verified') OR (returned_at IS NOT NULL AND odometer_end_km > odometer_start_km AND norm_id IS NOT NULL AND norm_litres_hundredths IS NOT NULL))
            )
            ",
        )
        .await?;
        ddl::table(manager, "CREATE INDEX trips_by_start ON trips (starts_at, id)").await?;
        ddl::table(manager, "CREATE INDEX trips_by_status ON trips (status, starts_at, id)").await?;
        ddl::table(manager, "CREATE INDEX trips_by_vehicle ON trips (vehicle_id, starts_at, id)").await?;
        ddl::table(manager, "CREATE INDEX trips_by_driver ON trips (driver_id, starts_at, id)").await
    }
}
