//! Bodies of the service accounts' operations.

use chrono::{DateTime, NaiveDate, Utc};
use entity::service_accounts::Model;
use entity::service_keys;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use serde_with::rust::double_option;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;
use validator::Validate;

use crate::demo;
use crate::http::reply::Resource;

/// A service account to make.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(examples(json!({
    "name": "Hệ thống theo dõi xe", "owner_id": demo::id("lg_thinh"), "scopes": ["booking.read", "directory.read"],
    "board_ids": null,
})))]
pub struct ServiceAccountIn {
    /// What it is for; unique. The history shows it.
    #[schema(min_length = 1, max_length = 100)]
    pub name: String,
    /// The login of the person for whom it acts; a login that belongs to a member of staff.
    pub owner_id: Uuid,
    /// The actions that it may do, all of them among the owner's: the `x-action` of the operations, e.g. `claim.read`.
    #[schema(min_items = 1, max_items = 100)]
    pub scopes: Vec<String>,
    /// The only boards whose records it may touch; null for all that the owner reaches. Directory records (boards,
    /// staff, cars) belong to no board and can be read anyway.
    #[schema(min_items = 1)]
    pub board_ids: Option<Vec<Uuid>>,
}

/// Changes of a service account. They hold from its next request on.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(examples(json!({"scopes": ["claim.read", "changes.read"]})))]
pub struct ServiceAccountPatch {
    #[schema(min_length = 1, max_length = 100, nullable = false)]
    pub name: Option<String>,
    /// All scopes from now on.
    #[schema(min_items = 1, max_items = 100, nullable = false)]
    pub scopes: Option<Vec<String>>,
    /// All boards from now on; null takes the limit away.
    #[schema(min_items = 1)]
    #[serde(default, with = "double_option")]
    pub board_ids: Option<Option<Vec<Uuid>>>,
    /// The keys of a closed account do not work; they do again when it is opened.
    #[schema(nullable = false)]
    pub active: Option<bool>,
}

/// A key to issue.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(examples(json!({"expires_on": null})))]
pub struct ServiceKeyIn {
    /// The last day on which the key works, at most 365 days ahead; null for 90 days.
    pub expires_on: Option<NaiveDate>,
}

/// A key to revoke.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(examples(json!({"key_id": demo::id("sa_nightly/key"), "reason": "Máy chủ đã thay"})))]
pub struct ServiceKeyRevokeIn {
    pub key_id: Uuid,
    #[schema(min_length = 1, max_length = 500)]
    pub reason: String,
}

/// A service account.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ServiceAccountOut {
    pub id: Uuid,
    pub version: i64,
    pub name: String,
    /// The login for which it acts.
    pub owner_id: Uuid,
    /// What it may do of what its owner may.
    pub scopes: Vec<String>,
    /// The only boards whose records it may touch; null for all that the owner reaches.
    pub board_ids: Option<Vec<Uuid>>,
    pub active: bool,
    /// The latest fifty, newest first, those that have ended included.
    #[schema(max_items = 50)]
    pub keys: Vec<ServiceKeyOut>,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
    pub created_by_id: Option<Uuid>,
}

/// A key of a service account, without the key.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ServiceKeyOut {
    pub id: Uuid,
    /// How the key begins, to recognise it by.
    pub prefix: String,
    /// From this instant on it does not work.
    pub expires_at: DateTime<Utc>,
    /// Null unless it was revoked.
    pub revoked_at: Option<DateTime<Utc>>,
    pub created_at: DateTime<Utc>,
    /// Null for a key from the command line.
    pub created_by_id: Option<Uuid>,
}

/// A key that was issued just now.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ServiceKeyIssued {
    pub service_account_id: Uuid,
    pub key_id: Uuid,
    /// The key, this once: nobody can read it again. Send it as `Authorization: Bearer …`. Null in the answer to a
    /// repeated request: revoke the key and issue another one.
    #[schema(max_length = 100)]
    pub key: Option<String>,
    /// How the key begins.
    pub prefix: String,
    /// From this instant on it does not work.
    pub expires_at: DateTime<Utc>,
}

impl From<service_keys::Model> for ServiceKeyOut {
    fn from(row: service_keys::Model) -> Self {
        let service_keys::Model {
            id,
            account_id: _,
            digest: _,
            prefix,
            expires_at,
            revoked_at,
            created_at,
            created_by_id,
        } = row;
        Self { id, prefix, expires_at, revoked_at, created_at, created_by_id }
    }
}

impl ServiceAccountOut {
    pub fn new(account: Model, keys: Vec<service_keys::Model>) -> Self {
        let Model {
            id,
            name,
            owner_id,
            scopes,
            board_ids,
            active,
            search: _,
            version,
            created_at,
            updated_at,
            created_by_id,
        } = account;
        Self {
            id,
            version,
            name,
            owner_id,
            scopes: texts(&scopes),
            board_ids: board_ids.map(|ids| texts(&ids).iter().filter_map(|id| id.parse().ok()).collect()),
            active,
            keys: keys.into_iter().map(ServiceKeyOut::from).collect(),
            created_at,
            updated_at,
            created_by_id,
        }
    }
}

fn texts(list: &Value) -> Vec<String> {
    list.as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect()
}

impl Resource for ServiceAccountOut {
    const COLLECTION: &'static str = "/v1/service-accounts";

    fn id(&self) -> Uuid {
        self.id
    }

    fn version(&self) -> i64 {
        self.version
    }
}

/// Which service accounts.
#[derive(Clone, Debug, Default, Deserialize, Serialize, IntoParams, Validate)]
#[into_params(parameter_in = Query)]
pub struct ServiceAccountFilter {
    pub active: Option<bool>,
    /// Those that act for this login.
    pub owner_id: Option<Uuid>,
    /// Finds a part of the name, without case and diacritics.
    #[param(min_length = 1, max_length = 100)]
    pub q: Option<String>,
    /// Order of the list.
    #[param(inline)]
    pub sort: Option<ServiceAccountSort>,
}

/// `-` means descending.
#[derive(Clone, Copy, Debug, Default, Deserialize, Serialize, ToSchema)]
pub enum ServiceAccountSort {
    #[default]
    #[serde(rename = "name")]
    Name,
    #[serde(rename = "-name")]
    NameDescending,
}
