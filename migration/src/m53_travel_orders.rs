//! Travel orders: who goes where, for what, and who decided it. An amendment is a row of its own; one at a time is
//! on its way for an order.

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
            CREATE TABLE travel_orders (
                id {uuid} PRIMARY KEY,
                number text NOT NULL UNIQUE,
                chain_id {uuid} NOT NULL REFERENCES travel_orders (id),
                revision bigint NOT NULL CONSTRAINT travel_orders_revision_check CHECK (revision > 0),
                amends_id {uuid} REFERENCES travel_orders (id),
                amend_reason text,
                board_id {uuid} NOT NULL REFERENCES boards (id),
                requester_id {uuid} NOT NULL REFERENCES staff (id),
                traveller_id {uuid} NOT NULL REFERENCES staff (id),
                purpose text NOT NULL,
                host text,
                funding_note text,
                starts_at {time} NOT NULL,
                ends_at {time} NOT NULL,
                status text NOT NULL CONSTRAINT travel_orders_status_check CHECK (status IN ('draft', 'submitted', 'funds_checked', 'approved', 'completed', 'settled', 'returned', 'rejected', 'cancelled', 'superseded')),
                waiting_since {time} NOT NULL,
                estimate {json},
                estimated_amount bigint CONSTRAINT travel_orders_estimated_amount_check CHECK (estimated_amount BETWEEN 0 AND 999999999999999),
                budget_line_id {uuid},
                funding_source text CONSTRAINT travel_orders_funding_source_check CHECK (funding_source IN ('autonomous', 'non_autonomous')),
                submitted_by_id {uuid} REFERENCES staff (id),
                funds_checked_by_id {uuid} REFERENCES staff (id),
                approved_by_id {uuid} REFERENCES staff (id),
                decision_reason text,
                actual_starts_at {time},
                actual_ends_at {time},
                actual_estimate {json},
                actual_amount bigint CONSTRAINT travel_orders_actual_amount_check CHECK (actual_amount BETWEEN 0 AND 999999999999999),
                permit_stamped boolean,
                completion_note text,
                completed_at {time},
                completed_by_id {uuid} REFERENCES staff (id),
                settled_at {time},
                settled_by_id {uuid} REFERENCES staff (id),
                search text NOT NULL,
                version bigint NOT NULL CONSTRAINT travel_orders_version_check CHECK (version > 0),
                created_at {time} NOT NULL,
                updated_at {time} NOT NULL,
                created_by_id {uuid},
                CONSTRAINT travel_orders_period_check CHECK (ends_at > starts_at),
                CONSTRAINT travel_orders_actual_period_check CHECK ((actual_starts_at IS NULL) = (actual_ends_at IS NULL) AND (actual_ends_at IS NULL OR actual_ends_at > actual_starts_at)),
                CONSTRAINT travel_orders_amends_check CHECK ((amends_id IS NULL) = (revision = 1) AND (amends_id IS NULL) = (amend_reason IS NULL)),
                CONSTRAINT travel_orders_estimate_check CHECK (status IN ('draft', 'returned', 'rejected', 'cancelled') OR (estimate IS NOT NULL AND estimated_amount IS NOT NULL AND submitted_by_id IS NOT NULL)),
                CONSTRAINT travel_orders_funds_check CHECK (status NOT IN ('funds_checked', 'approved', 'completed', 'settled', 'superseded') OR (funding_source IS NOT NULL AND funds_checked_by_id IS NOT NULL)),
                CONSTRAINT travel_orders_approval_check CHECK (status NOT IN ('approved', 'completed', 'settled', 'superseded') OR approved_by_id IS NOT NULL),
                CONSTRAINT travel_orders_completion_check CHECK (status NOT IN ('completed', 'settled') OR (actual_starts_at IS NOT NULL AND completed_by_id IS NOT NULL AND permit_stamped IS NOT NULL)),
                CONSTRAINT travel_orders_traveller_is_not_funds_checked_by_check CHECK (funds_checked_by_id <> traveller_id),
                CONSTRAINT travel_orders_traveller_is_not_approved_by_check CHECK (approved_by_id <> traveller_id),
                CONSTRAINT travel_orders_submitted_by_is_not_funds_checked_by_check CHECK (funds_checked_by_id <> submitted_by_id),
                CONSTRAINT travel_orders_submitted_by_is_not_approved_by_check CHECK (approved_by_id <> submitted_by_id),
                CONSTRAINT travel_orders_funds_checked_by_is_not_approved_by_check CHECK (approved_by_id <> funds_checked_by_id)
            )
            ",
        )
        .await?;
        ddl::table(manager, "CREATE UNIQUE INDEX travel_orders_amends_id_key ON travel_orders (amends_id) WHERE status IN ('draft', 'submitted', 'funds_checked', 'returned')").await?;
        ddl::table(
            manager,
            "CREATE UNIQUE INDEX travel_orders_chain_id_revision_key ON travel_orders (chain_id, revision)",
        )
        .await?;
        ddl::table(manager, "CREATE INDEX travel_orders_by_board ON travel_orders (board_id, starts_at, id)")
            .await?;
        ddl::table(
            manager,
            "CREATE INDEX travel_orders_by_board_creation ON travel_orders (board_id, created_at, id)",
        )
        .await?;
        ddl::table(manager, "CREATE INDEX travel_orders_by_start ON travel_orders (starts_at, id)").await?;
        ddl::table(manager, "CREATE INDEX travel_orders_by_creation ON travel_orders (created_at, id)")
            .await?;
        ddl::table(manager, "CREATE INDEX travel_orders_by_status ON travel_orders (status, starts_at, id)")
            .await
    }
}
