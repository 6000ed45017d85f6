//! Bodies of the classification's operations.

use chrono::{DateTime, NaiveDate, Utc};
use entity::verification::Verification;
use entity::{expense_kinds, sub_items};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;
use validator::Validate;

use crate::http::reply::Resource;

/// A sub-item of the budget's classification.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(examples(json!({
    "code": "6606", "item": "6600", "name": "Tuyên truyền", "document_number": "324/2016/TT-BTC",
    "issuer": "Bộ Tài chính", "valid_from": "2029-01-01", "verification": "unverified",
})))]
pub struct SubItemIn {
    /// The code of the sub-item (tiểu mục).
    #[schema(pattern = "^[0-9]{4}$", max_length = 4)]
    pub code: String,
    /// The code of the item (mục) that it belongs to.
    #[schema(pattern = "^[0-9]{4}$", max_length = 4)]
    pub item: String,
    #[schema(min_length = 1, max_length = 200)]
    pub name: String,
    /// The same in English.
    #[schema(min_length = 1, max_length = 200)]
    pub name_en: Option<String>,
    /// The regulation that sets it.
    #[schema(min_length = 1, max_length = 60)]
    pub document_number: String,
    #[schema(min_length = 1, max_length = 200)]
    pub issuer: String,
    /// The first day. A row of the same code that still runs ends on the day before.
    pub valid_from: NaiveDate,
    /// How well it is proved.
    pub verification: Verification,
}

/// A sub-item of the budget's classification.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct SubItemOut {
    pub id: Uuid,
    pub version: i64,
    pub code: String,
    /// The item that it belongs to.
    pub item: String,
    pub name: String,
    pub name_en: Option<String>,
    pub document_number: String,
    pub issuer: String,
    pub valid_from: NaiveDate,
    /// The last day; null while no end is known.
    pub valid_to: Option<NaiveDate>,
    pub verification: Verification,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
    pub created_by_id: Option<Uuid>,
}

impl Resource for SubItemOut {
    const COLLECTION: &'static str = "/v1/sub-items";

    fn id(&self) -> Uuid {
        self.id
    }

    fn version(&self) -> i64 {
        self.version
    }
}

impl From<sub_items::Model> for SubItemOut {
    fn from(row: sub_items::Model) -> Self {
        Self {
            id: row.id,
            version: row.version,
            code: row.code,
            item: row.item,
            name: row.name,
            name_en: row.name_en,
            document_number: row.document_number,
            issuer: row.issuer,
            valid_from: row.valid_from,
            valid_to: row.valid_to,
            verification: row.verification,
            created_at: row.created_at,
            updated_at: row.updated_at,
            created_by_id: row.created_by_id,
        }
    }
}

/// Which sub-item a kind of expense is booked on.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(examples(json!({
    "expense_kind": "vehicle_repair", "name": "Sửa chữa xe", "sub_item": "6901",
    "document_number": "02-QC/VPTU", "issuer": "Văn phòng Tỉnh ủy", "valid_from": "2029-01-01", "verification": "verified",
})))]
pub struct ExpenseKindIn {
    /// The kind, as in the lines of claims and estimates.
    #[schema(pattern = "^[a-z][a-z0-9_]*$", max_length = 60)]
    pub expense_kind: String,
    #[schema(min_length = 1, max_length = 200)]
    pub name: String,
    /// A sub-item in force on the first day; null where the accountant chooses, and where the kind is not paid.
    #[schema(pattern = "^[0-9]{4}$", max_length = 4)]
    pub sub_item: Option<String>,
    /// What the accountant chooses from, where `sub_item` is null; empty for any.
    #[serde(default)]
    #[schema(max_items = 20)]
    pub sub_item_candidates: Vec<String>,
    /// False for what is never paid, such as gifts.
    #[serde(default = "yes")]
    #[schema(default = true)]
    pub allowed: bool,
    /// The regulation that says so.
    #[schema(min_length = 1, max_length = 60)]
    pub document_number: String,
    #[schema(min_length = 1, max_length = 200)]
    pub issuer: String,
    /// The first day. A row of the same kind that still runs ends on the day before.
    pub valid_from: NaiveDate,
    /// How well it is proved.
    pub verification: Verification,
}

fn yes() -> bool {
    true
}

/// Which sub-item a kind of expense is booked on.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ExpenseKindOut {
    pub id: Uuid,
    pub version: i64,
    /// The kind, as in the lines of claims and estimates.
    pub expense_kind: String,
    pub name: String,
    /// Null where the accountant chooses, and where the kind is not paid.
    pub sub_item: Option<String>,
    /// What the accountant chooses from; empty for any.
    pub sub_item_candidates: Vec<String>,
    /// False for what is never paid.
    pub allowed: bool,
    pub document_number: String,
    pub issuer: String,
    pub valid_from: NaiveDate,
    /// The last day; null while no end is known.
    pub valid_to: Option<NaiveDate>,
    pub verification: Verification,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
    pub created_by_id: Option<Uuid>,
}

impl Resource for ExpenseKindOut {
    const COLLECTION: &'static str = "/v1/expense-kinds";

    fn id(&self) -> Uuid {
        self.id
    }

    fn version(&self) -> i64 {
        self.version
    }
}

impl From<expense_kinds::Model> for ExpenseKindOut {
    fn from(row: expense_kinds::Model) -> Self {
        Self {
            id: row.id,
            version: row.version,
            expense_kind: row.expense_kind,
            name: row.name,
            sub_item: row.sub_item,
            // The column is written from this type only.
            sub_item_candidates: serde_json::from_value(row.sub_item_candidates).unwrap_or_default(),
            allowed: row.allowed,
            document_number: row.document_number,
            issuer: row.issuer,
            valid_from: row.valid_from,
            valid_to: row.valid_to,
            verification: row.verification,
            created_at: row.created_at,
            updated_at: row.updated_at,
            created_by_id: row.created_by_id,
        }
    }
}

/// Which rows.
#[derive(Clone, Debug, Default, Deserialize, Serialize, IntoParams, Validate)]
#[into_params(parameter_in = Query)]
pub struct CodeFilter {
    /// Rows in force on this day.
    pub on: Option<NaiveDate>,
}
