//! A holder's period tells when it was accepted and when it was escalated; one that has ended stays as it is, and none
//! is deleted: nobody rewrites who held a task.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DbBackend;

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
            "ALTER TABLE task_holders ADD COLUMN accepted_at {time}",
            "ALTER TABLE task_holders ADD COLUMN escalated_at {time}",
            "CREATE INDEX task_holders_by_end ON task_holders (held_to)",
        ] {
            ddl::table(manager, statement).await?;
        }
        for statement in [
            "CREATE FUNCTION task_holders_append_only() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN \
               IF TG_OP = 'UPDATE' AND OLD.held_to IS NULL \
                 AND (NEW.task_id, NEW.staff_id, NEW.board_id, NEW.held_from) = (OLD.task_id, OLD.staff_id, OLD.board_id, OLD.held_from) \
               THEN RETURN NEW; END IF; \
               RAISE EXCEPTION USING ERRCODE = 'check_violation', CONSTRAINT = 'task_holders_append_only', MESSAGE = 'task_holders_append_only'; \
             END $$",
            "CREATE TRIGGER task_holders_append_only BEFORE UPDATE OR DELETE ON task_holders \
             FOR EACH ROW EXECUTE FUNCTION task_holders_append_only()",
        ] {
            ddl::only(manager, DbBackend::Postgres, statement).await?;
        }
        for statement in [
            "CREATE TRIGGER task_holders_append_only_on_update BEFORE UPDATE ON task_holders \
             WHEN OLD.held_to IS NOT NULL OR NEW.held_from <> OLD.held_from OR NEW.task_id <> OLD.task_id OR NEW.staff_id <> OLD.staff_id OR NEW.board_id <> OLD.board_id \
             BEGIN SELECT RAISE(ABORT, 'task_holders_append_only'); END",
            "CREATE TRIGGER task_holders_append_only_on_delete BEFORE DELETE ON task_holders \
             BEGIN SELECT RAISE(ABORT, 'task_holders_append_only'); END",
        ] {
            ddl::only(manager, DbBackend::Sqlite, statement).await?;
        }
        Ok(())
    }
}
