//! Periodic reviews. A review has figures from the draft on, with the digest by which anybody can tell that they are the
//! same; a correction is a review of its own that supersedes the one before.

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
            CREATE TABLE reviews (
                id {uuid} PRIMARY KEY,
                number text NOT NULL UNIQUE,
                title text NOT NULL,
                from_on {date} NOT NULL,
                to_on {date} NOT NULL,
                status text NOT NULL CONSTRAINT reviews_status_check CHECK (status IN ('collecting', 'drafted', 'approved')),
                waiting_since {time} NOT NULL,
                texts {json} NOT NULL,
                figures {json},
                figures_sha256 text CONSTRAINT reviews_sha256_check CHECK (length(figures_sha256) = 64),
                revision bigint NOT NULL CONSTRAINT reviews_revision_check CHECK (revision > 0),
                supersedes_id {uuid} UNIQUE REFERENCES reviews (id),
                superseded_by_id {uuid} REFERENCES reviews (id),
                drafted_by_id {uuid} REFERENCES staff (id),
                approved_by_id {uuid} REFERENCES staff (id),
                approved_at {time},
                decision_reason text,
                search text NOT NULL,
                version bigint NOT NULL CONSTRAINT reviews_version_check CHECK (version > 0),
                created_at {time} NOT NULL,
                updated_at {time} NOT NULL,
                created_by_id {uuid},
                CONSTRAINT reviews_period_check CHECK (from_on <= to_on),
                CONSTRAINT reviews_figures_check CHECK ((status = 'collecting') = (figures IS NULL) AND (figures IS NULL) = (figures_sha256 IS NULL) AND (figures IS NULL) = (drafted_by_id IS NULL)),
                CONSTRAINT reviews_approved_check CHECK ((status = 'approved') = (approved_by_id IS NOT NULL) AND (approved_by_id IS NULL) = (approved_at IS NULL)),
                CONSTRAINT reviews_superseded_check CHECK (superseded_by_id IS NULL OR status = 'approved'),
                CONSTRAINT reviews_first_check CHECK ((revision = 1) = (supersedes_id IS NULL)),
                CONSTRAINT reviews_four_eyes_check CHECK (approved_by_id <> drafted_by_id)
            )
            ",
        )
        .await?;
        ddl::table(manager, "CREATE INDEX reviews_by_period ON reviews (to_on, id)").await
    }
}
