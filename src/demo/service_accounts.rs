//! The demo office's service accounts. Each has a key that nobody knows; issue another one to use it.

use chrono::TimeDelta;
use entity::{service_accounts, service_keys};
use sea_orm::{ActiveModelTrait, Set};

use crate::auth::keys::{KEY, NewSecret};
use crate::demo::{Demo, id, reference, string};
use crate::error::ApiResult;
use crate::http::text::search_key;
use crate::users::service_accounts::store::TYPE;
use crate::write::{Event, Tx};

/// # Errors
/// When the database does not take them.
pub(super) async fn fill(tx: &Tx, demo: &Demo) -> ApiResult<()> {
    for row in demo.rows("service_accounts") {
        let name = string(row, "name");
        let account = service_accounts::ActiveModel {
            id: Set(reference(row, "ref")?),
            search: Set(search_key(&name)),
            name: Set(name),
            owner_id: Set(reference(row, "owner")?),
            scopes: Set(row["scopes"].clone()),
            board_ids: Set(None),
            active: Set(true),
            version: Set(1),
            created_at: Set(tx.now),
            updated_at: Set(tx.now),
            created_by_id: Set(None),
        };
        let account = account.insert(tx.db()).await?;
        let unknown = NewSecret::make(KEY)?;
        let key = service_keys::ActiveModel {
            id: Set(id(&format!("{}/key", string(row, "ref")))),
            account_id: Set(account.id),
            digest: Set(unknown.digest),
            prefix: Set(unknown.prefix),
            expires_at: Set(tx.now + TimeDelta::days(365)),
            revoked_at: Set(None),
            created_at: Set(tx.now),
            created_by_id: Set(None),
        };
        key.insert(tx.db()).await?;
        tx.record(Event::new("create", TYPE, account.id, 1)).await?;
    }
    Ok(())
}
