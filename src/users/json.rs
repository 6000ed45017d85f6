//! Bodies of the users' operations.

use chrono::{DateTime, NaiveDate, Utc};
use entity::user_roles::{self, Role};
use entity::users::Model;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;
use validator::{Validate, ValidationError};

use crate::clock::office_day;
use crate::demo;
use crate::error::{ApiError, ApiResult, text};
use crate::http::input::broken;
use crate::http::reply::Resource;

/// A login to make.
#[derive(Clone, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(examples(json!({"username": "mai.moi", "password": "một câu dài dễ nhớ 2026", "staff_id": null})))]
pub struct UserIn {
    /// Lower-case letters, digits and single dots; unique.
    #[schema(min_length = 3, max_length = 60)]
    pub username: String,
    /// At least 15 characters.
    #[schema(min_length = 1, max_length = 1024, format = "password")]
    pub password: String,
    /// Whose login it is; null for one of nobody, which can manage but not sign anything.
    pub staff_id: Option<Uuid>,
}

/// Changes of a login.
#[derive(Clone, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(examples(json!({"active": false})))]
pub struct UserPatch {
    /// A closed login cannot sign in, and its sessions end.
    #[schema(nullable = false)]
    pub active: Option<bool>,
}

/// A role to give.
#[derive(Clone, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[validate(schema(function = "fitting_scope"))]
#[schema(examples(json!({
    "role": "requester", "board_id": demo::id("bnctu"), "valid_from": "2029-01-01", "decision_number": "60-QĐ/TU",
})))]
pub struct RoleIn {
    pub role: Role,
    /// Required for `board_head` and `requester`, null for the roles of the whole office.
    pub board_id: Option<Uuid>,
    pub valid_from: NaiveDate,
    /// The last day, e.g. of a delegation; null for no end.
    pub valid_to: Option<NaiveDate>,
    /// The decision behind it.
    #[schema(max_length = 60)]
    pub decision_number: Option<String>,
}

impl RoleIn {
    pub(super) fn administrator(now: DateTime<Utc>) -> Self {
        Self {
            role: Role::Admin,
            board_id: None,
            valid_from: office_day(now),
            valid_to: None,
            decision_number: None,
        }
    }
}

fn fitting_scope(given: &RoleIn) -> Result<(), ValidationError> {
    if given.role == Role::Accountant {
        return Err(broken(
            "role",
            "follows_from_assignments",
            "vai trò kế toán theo phân công, không cấp ở đây",
            "is not given here: put the accountant in charge of a board",
        ));
    }
    let of_board = matches!(given.role, Role::BoardHead | Role::Requester);
    if of_board != given.board_id.is_some() {
        return Err(broken(
            "board_id",
            "wrong_scope",
            "bắt buộc với board_head và requester, để trống với vai trò của cả văn phòng",
            "is required for board_head and requester, and null for roles of the whole office",
        ));
    }
    if given.valid_to.is_some_and(|last| last < given.valid_from) {
        return Err(broken(
            "valid_to",
            "before_start",
            "phải từ valid_from trở đi",
            "must not be before valid_from",
        ));
    }
    Ok(())
}

/// A role to take away.
#[derive(Clone, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(examples(json!({"role_id": demo::id("lg_nghiem/requester/btctu"), "reason": "Chuyển công tác"})))]
pub struct RoleEndIn {
    pub role_id: Uuid,
    #[schema(min_length = 1, max_length = 500)]
    pub reason: String,
}

/// A password to set.
#[derive(Clone, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(examples(json!({"password": "một câu dài dễ nhớ 2026"})))]
pub struct PasswordIn {
    /// At least 15 characters.
    #[schema(min_length = 1, max_length = 1024, format = "password")]
    pub password: String,
}

/// A login and its roles.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct UserOut {
    pub id: Uuid,
    pub version: i64,
    pub username: String,
    pub staff_id: Option<Uuid>,
    pub active: bool,
    /// All roles, those of the past and of the future included.
    pub roles: Vec<UserRoleOut>,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
    pub created_by_id: Option<Uuid>,
}

/// A role of a login.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct UserRoleOut {
    pub id: Uuid,
    pub role: Role,
    pub board_id: Option<Uuid>,
    pub valid_from: NaiveDate,
    pub valid_to: Option<NaiveDate>,
    pub decision_number: Option<String>,
}

impl From<user_roles::Model> for UserRoleOut {
    fn from(row: user_roles::Model) -> Self {
        let user_roles::Model { id, user_id: _, role, board_id, valid_from, valid_to, decision_number } = row;
        Self { id, role, board_id, valid_from, valid_to, decision_number }
    }
}

impl UserOut {
    pub fn new(user: Model, roles: Vec<user_roles::Model>) -> Self {
        let Model {
            id,
            username,
            password_hash: _,
            staff_id,
            active,
            version,
            created_at,
            updated_at,
            created_by_id,
        } = user;
        let roles = roles.into_iter().map(UserRoleOut::from).collect();
        Self { id, version, username, staff_id, active, roles, created_at, updated_at, created_by_id }
    }
}

impl Resource for UserOut {
    const COLLECTION: &'static str = "/v1/users";

    fn id(&self) -> Uuid {
        self.id
    }

    fn version(&self) -> i64 {
        self.version
    }
}

/// Which users.
#[derive(Clone, Debug, Default, Deserialize, Serialize, IntoParams, Validate)]
#[into_params(parameter_in = Query)]
pub struct UserFilter {
    pub active: Option<bool>,
    /// The login of this member of staff.
    pub staff_id: Option<Uuid>,
    /// Finds a part of the user name.
    #[param(min_length = 1, max_length = 100)]
    pub q: Option<String>,
    /// Order of the list.
    #[param(inline)]
    pub sort: Option<UserSort>,
}

/// `-` means descending.
#[derive(Clone, Copy, Debug, Default, Deserialize, Serialize, ToSchema)]
pub enum UserSort {
    #[default]
    #[serde(rename = "username")]
    Username,
    #[serde(rename = "-username")]
    UsernameDescending,
}

/// A user name that can be told apart by everyone: lower case, ASCII.
///
/// # Errors
/// 422 with what would be right.
pub fn username(typed: &str) -> ApiResult<String> {
    let name = typed.trim().to_lowercase();
    let sound = name.len() >= 3
        && name.bytes().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == b'.')
        && !name.starts_with('.')
        && !name.ends_with('.')
        && !name.contains("..");
    if sound {
        return Ok(name);
    }
    Err(ApiError::rule(
        "username",
        "malformed",
        text("chỉ gồm chữ a-z, số và dấu chấm đơn", "may hold letters a-z, digits and single dots only"),
    ))
}
