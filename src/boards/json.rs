//! Bodies of the boards' operations.

use chrono::{DateTime, NaiveDate, Utc};
use entity::boards::{BoardKind, Model};
use serde::{Deserialize, Serialize};
use serde_with::rust::double_option;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;
use validator::{Validate, ValidationError};

use crate::demo;
use crate::http::input::broken;
use crate::http::reply::Resource;

/// A board to found.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(examples(json!({
    "code": "BCSTU", "name": "Ban Chính sách Tỉnh ủy", "name_en": "policy board", "kind": "advisory_body",
    "valid_from": "2029-01-01", "accountant_id": demo::id("p_mai/accountant"), "decision_number": "31-QĐ/TU",
})))]
pub struct BoardIn {
    /// Short code, unique whatever its case.
    #[schema(min_length = 1, max_length = 20)]
    pub code: String,
    #[schema(min_length = 1, max_length = 200)]
    pub name: String,
    #[schema(max_length = 200)]
    pub name_en: Option<String>,
    #[schema(max_length = 60)]
    pub short_name: Option<String>,
    pub kind: BoardKind,
    /// The first day.
    pub valid_from: NaiveDate,
    /// The accountant in charge from the first day on.
    pub accountant_id: Uuid,
    /// The decision that puts the accountant in charge.
    #[schema(min_length = 1, max_length = 60)]
    pub decision_number: String,
}

/// Changes of a board's names. Its days follow from founding and merging only.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(examples(json!({"short_name": "Tổ chức"})))]
pub struct BoardPatch {
    #[schema(min_length = 1, max_length = 200, nullable = false)]
    pub name: Option<String>,
    #[serde(default, with = "double_option")]
    #[schema(max_length = 200)]
    pub name_en: Option<Option<String>>,
    #[serde(default, with = "double_option")]
    #[schema(max_length = 60)]
    pub short_name: Option<Option<String>>,
}

/// A merger: this board takes over from others.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[validate(schema(function = "each_once"))]
#[schema(examples(json!({"predecessor_ids": [demo::id("bnctu")], "reason": "Sáp nhập theo 40-QĐ/TU"})))]
pub struct MergeIn {
    /// The boards that end on the day before this one begins. Boards that have ended by then keep their last day.
    #[schema(min_items = 1, max_items = 10)]
    pub predecessor_ids: Vec<Uuid>,
    #[schema(max_length = 500)]
    pub reason: Option<String>,
}

fn each_once(merger: &MergeIn) -> Result<(), ValidationError> {
    let distinct: std::collections::BTreeSet<_> = merger.predecessor_ids.iter().collect();
    if distinct.len() == merger.predecessor_ids.len() {
        return Ok(());
    }
    Err(broken("predecessor_ids", "duplicate", "mỗi ban chỉ nêu một lần", "names a board twice"))
}

/// A board.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct BoardOut {
    pub id: Uuid,
    pub version: i64,
    pub code: String,
    pub name: String,
    pub name_en: Option<String>,
    pub short_name: Option<String>,
    pub kind: BoardKind,
    pub valid_from: NaiveDate,
    /// The last day; null while the board lives.
    pub valid_to: Option<NaiveDate>,
    /// The boards that it took over from directly.
    pub successor_of_ids: Vec<Uuid>,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
    pub created_by_id: Option<Uuid>,
}

impl Resource for BoardOut {
    const COLLECTION: &'static str = "/v1/boards";

    fn id(&self) -> Uuid {
        self.id
    }

    fn version(&self) -> i64 {
        self.version
    }
}

impl BoardOut {
    pub fn new(board: Model, successor_of_ids: Vec<Uuid>) -> Self {
        let Model {
            id,
            code,
            code_key: _,
            name,
            name_en,
            short_name,
            kind,
            valid_from,
            valid_to,
            search: _,
            version,
            created_at,
            updated_at,
            created_by_id,
        } = board;
        Self {
            id,
            version,
            code,
            name,
            name_en,
            short_name,
            kind,
            valid_from,
            valid_to,
            successor_of_ids,
            created_at,
            updated_at,
            created_by_id,
        }
    }
}

/// Which boards.
#[derive(Clone, Debug, Default, Deserialize, Serialize, IntoParams, Validate)]
#[into_params(parameter_in = Query)]
pub struct BoardFilter {
    /// Boards that exist on this day.
    pub on: Option<NaiveDate>,
    /// Boards of this kind.
    #[param(inline)]
    pub kind: Option<BoardKind>,
    /// Finds code and name, without case and diacritics.
    #[param(min_length = 1, max_length = 100)]
    pub q: Option<String>,
    /// Order of the list.
    #[param(inline)]
    pub sort: Option<BoardSort>,
}

/// `-` means descending.
#[derive(Clone, Copy, Debug, Default, Deserialize, Serialize, ToSchema)]
pub enum BoardSort {
    #[default]
    #[serde(rename = "code")]
    Code,
    #[serde(rename = "-code")]
    CodeDescending,
    #[serde(rename = "name")]
    Name,
    #[serde(rename = "-name")]
    NameDescending,
}
