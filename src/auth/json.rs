//! Bodies of signing in and out.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;
use validator::Validate;

use crate::auth::caller::Account;
use crate::auth::permissions::Limits;
use crate::demo;

/// A user name and a password.
#[derive(Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(examples(json!({"username": "an.nv", "password": demo::PASSWORD_HINT})))]
pub struct TokenIn {
    #[schema(min_length = 1, max_length = 100)]
    pub username: String,
    #[schema(min_length = 1, max_length = 1024, format = "password")]
    pub password: String,
}

/// A refresh token.
#[derive(Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(examples(json!({"refresh_token": "rt_0198c0de00007000800000000000000a_1_signature"})))]
pub struct RefreshIn {
    #[schema(min_length = 1, max_length = 200)]
    pub refresh_token: String,
}

/// A pair of tokens.
#[derive(Serialize, ToSchema)]
pub struct TokenOut {
    /// Send it as `Authorization: Bearer …`.
    #[schema(max_length = 2000)]
    pub access_token: String,
    /// Always `Bearer`.
    pub token_type: String,
    /// Seconds until the access token ends.
    pub expires_in: i64,
    /// For `POST /v1/auth/refresh`; each use gives a new one.
    pub refresh_token: String,
}

/// The caller: who it is and what it may see.
#[derive(Serialize, ToSchema)]
pub struct MeOut {
    pub user_id: Uuid,
    pub username: String,
    /// Null for a login that belongs to no member of staff.
    pub staff_id: Option<Uuid>,
    pub full_name: String,
    /// The roles in force today.
    pub roles: Vec<RoleOut>,
    /// The boards whose records the caller may see.
    pub boards: Vec<Uuid>,
    /// The service account whose key was sent; null for a person.
    pub service_account: Option<MeServiceAccount>,
}

/// The service account behind a key: what it may do of what its owner may.
#[derive(Serialize, ToSchema)]
pub struct MeServiceAccount {
    pub id: Uuid,
    pub name: String,
    /// The actions, e.g. `claim.read`; `x-action` of an operation says which one it needs.
    pub scopes: Vec<String>,
    /// The boards to which it is limited; null for all that the owner reaches.
    pub board_ids: Option<Vec<Uuid>>,
}

impl From<&Account> for MeServiceAccount {
    fn from(account: &Account) -> Self {
        let Account { id, name, limits: Limits { scopes, boards } } = account;
        let scopes = scopes.iter().map(|action| action.name().to_owned()).collect();
        Self { id: *id, name: name.clone(), scopes, board_ids: boards.clone() }
    }
}

/// A role in force today.
#[derive(Serialize, ToSchema)]
pub struct RoleOut {
    pub role: entity::user_roles::Role,
    /// Null for a role of the whole office.
    pub board_id: Option<Uuid>,
}
