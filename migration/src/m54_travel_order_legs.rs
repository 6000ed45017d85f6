//! The legs of a travel order, as planned and as travelled.

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
            CREATE TABLE travel_order_legs (
                id {uuid} PRIMARY KEY,
                order_id {uuid} NOT NULL REFERENCES travel_orders (id) ON DELETE CASCADE,
                kind text NOT NULL CONSTRAINT travel_order_legs_kind_check CHECK (kind IN ('planned', 'actual')),
                position bigint NOT NULL,
                from_place text NOT NULL,
                to_place text NOT NULL,
                starts_at {time} NOT NULL,
                ends_at {time} NOT NULL,
                place_class text,
                other_place_classes {json} NOT NULL,
                transport text NOT NULL CONSTRAINT travel_order_legs_transport_check CHECK (transport IN ('office_car', 'private', 'public', 'air', 'hired', 'none')),
                one_way_km_hundredths bigint CONSTRAINT travel_order_legs_km_check CHECK (one_way_km_hundredths BETWEEN 0 AND 9999999),
                round_trip boolean NOT NULL,
                difficult_area boolean NOT NULL,
                at_sea boolean NOT NULL,
                ticket_amount bigint CONSTRAINT travel_order_legs_ticket_check CHECK (ticket_amount BETWEEN 1 AND 999999999999999),
                lodging text NOT NULL CONSTRAINT travel_order_legs_lodging_check CHECK (lodging IN ('none', 'lump_sum', 'receipt', 'free_room')),
                room_amount bigint CONSTRAINT travel_order_legs_room_check CHECK (room_amount BETWEEN 1 AND 999999999999999),
                room_occupants bigint CONSTRAINT travel_order_legs_occupants_check CHECK (room_occupants BETWEEN 1 AND 10),
                late_check_out_cause text CONSTRAINT travel_order_legs_late_cause_check CHECK (late_check_out_cause IN ('work_until_end_of_day', 'transport_only_between_18_and_24')),
                late_check_out_reason text,
                CONSTRAINT travel_order_legs_period_check CHECK (ends_at > starts_at),
                CONSTRAINT travel_order_legs_late_check CHECK ((late_check_out_cause IS NULL) = (late_check_out_reason IS NULL)),
                UNIQUE (order_id, kind, position)
            )
            ",
        )
        .await
    }
}
