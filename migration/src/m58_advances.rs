//! Advances: money paid before it is spent. Nobody has two open ones for one order; what was set off and refunded
//! never exceeds what was paid; an advance is settled exactly when nothing is outstanding.

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
            CREATE TABLE advances (
                id {uuid} PRIMARY KEY,
                number text NOT NULL UNIQUE,
                board_id {uuid} NOT NULL REFERENCES boards (id),
                requester_id {uuid} NOT NULL REFERENCES staff (id),
                travel_order_id {uuid} REFERENCES travel_orders (id),
                purpose text NOT NULL,
                amount bigint NOT NULL CONSTRAINT advances_amount_check CHECK (amount BETWEEN 1 AND 999999999999999),
                settle_by {date} NOT NULL,
                status text NOT NULL CONSTRAINT advances_status_check CHECK (status IN ('requested', 'approved', 'paid', 'settled', 'rejected', 'cancelled')),
                waiting_since {time} NOT NULL,
                approved_by_id {uuid} REFERENCES staff (id),
                paid_by_id {uuid} REFERENCES staff (id),
                payment_id {uuid},
                set_off_amount bigint NOT NULL CONSTRAINT advances_set_off_check CHECK (set_off_amount >= 0),
                refunded_amount bigint NOT NULL CONSTRAINT advances_refunded_check CHECK (refunded_amount >= 0),
                decision_reason text,
                search text NOT NULL,
                version bigint NOT NULL CONSTRAINT advances_version_check CHECK (version > 0),
                created_at {time} NOT NULL,
                updated_at {time} NOT NULL,
                created_by_id {uuid},
                CONSTRAINT advances_four_eyes_check CHECK (approved_by_id <> requester_id AND paid_by_id <> requester_id AND paid_by_id <> approved_by_id),
                CONSTRAINT advances_approval_check CHECK (status NOT IN ('approved', 'paid', 'settled') OR approved_by_id IS NOT NULL),
                CONSTRAINT advances_payment_check CHECK ((status IN ('paid', 'settled')) = (payment_id IS NOT NULL) AND (payment_id IS NULL) = (paid_by_id IS NULL)),
                CONSTRAINT advances_outstanding_check CHECK (set_off_amount + refunded_amount <= amount),
                CONSTRAINT advances_unpaid_check CHECK (payment_id IS NOT NULL OR set_off_amount + refunded_amount = 0),
                CONSTRAINT advances_settled_check CHECK ((status = 'settled') = (set_off_amount + refunded_amount = amount))
            )
            ",
        )
        .await?;
        for index in [
            "CREATE UNIQUE INDEX advances_travel_order_id_requester_id_key ON advances (travel_order_id, requester_id) WHERE status IN ('requested', 'approved', 'paid')",
            "CREATE INDEX advances_by_board ON advances (board_id, created_at, id)",
            "CREATE INDEX advances_by_board_and_day ON advances (board_id, settle_by, id)",
            "CREATE INDEX advances_by_creation ON advances (created_at, id)",
            "CREATE INDEX advances_by_day ON advances (settle_by, id)",
            "CREATE INDEX advances_by_status ON advances (status, settle_by, id)",
            "CREATE INDEX advances_by_requester ON advances (requester_id, created_at, id)",
            "CREATE INDEX advances_by_order ON advances (travel_order_id)",
        ] {
            ddl::table(manager, index).await?;
        }
        Ok(())
    }
}
