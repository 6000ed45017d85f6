//! The register of duties, and who leads them: one lead body on every day.

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
            CREATE TABLE duties (
                id {uuid} PRIMARY KEY,
                code text NOT NULL,
                code_key text NOT NULL UNIQUE,
                name text NOT NULL,
                name_en text,
                scope text,
                lead_person text NOT NULL CONSTRAINT duties_lead_person_check CHECK (lead_person IN ('head', 'board_accountant')),
                valid_from {date} NOT NULL,
                valid_to {date},
                document_number text NOT NULL,
                issuer text NOT NULL,
                verification text NOT NULL CONSTRAINT duties_verification_check CHECK (verification IN ('verified', 'press_only', 'unverified', 'demo')),
                search text NOT NULL,
                version bigint NOT NULL CONSTRAINT duties_version_check CHECK (version > 0),
                created_at {time} NOT NULL,
                updated_at {time} NOT NULL,
                created_by_id {uuid},
                CONSTRAINT duties_validity_check CHECK (valid_to IS NULL OR valid_to >= valid_from)
            )
            ",
        )
        .await?;
        ddl::table(
            manager,
            "
            CREATE TABLE duty_leads (
                id {uuid} PRIMARY KEY,
                duty_id {uuid} NOT NULL REFERENCES duties (id),
                lead_board_id {uuid} NOT NULL REFERENCES boards (id),
                lead_unit_id {uuid} REFERENCES office_units (id),
                coordinating_unit_ids {json} NOT NULL,
                coordinating_roles {json} NOT NULL,
                valid_from {date} NOT NULL,
                valid_to {date},
                decision_number text NOT NULL,
                verification text NOT NULL CONSTRAINT duty_leads_verification_check CHECK (verification IN ('verified', 'press_only', 'unverified', 'demo')),
                CONSTRAINT duty_leads_validity_check CHECK (valid_to IS NULL OR valid_to >= valid_from)
            )
            ",
        )
        .await?;
        ddl::table(manager, "CREATE INDEX duty_leads_by_unit ON duty_leads (lead_unit_id, valid_from)")
            .await?;
        ddl::no_overlap(
            manager,
            ddl::NoOverlap {
                table: "duty_leads",
                name: "duty_leads_no_overlap",
                keys: &["duty_id"],
                from: "valid_from",
                to: "valid_to",
                period: ddl::Period::Days,
                only_if: None,
            },
        )
        .await
    }
}
