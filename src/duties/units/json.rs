//! Bodies of the office units' operations.

use chrono::{DateTime, NaiveDate, Utc};
use entity::office_unit_heads;
use entity::office_units::{Model, Verification};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;
use validator::{Validate, ValidationError};

use crate::demo;
use crate::http::input::broken;
use crate::http::reply::Resource;

/// A unit to found, with its head where one is known.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[validate(schema(function = "in_order"))]
#[schema(examples(json!({
    "code": "vptu_chuyen_doi_so", "name": "Tổ Chuyển đổi số", "name_en": "digital transformation team",
    "board_id": demo::id("vptu"), "parent_id": demo::id("vptu_co_yeu_cntt"), "head_id": demo::id("p_kien"),
    "valid_from": "2029-01-01", "decision_number": "15-QĐ/VPTU", "verification": "verified",
})))]
pub struct OfficeUnitIn {
    /// Unique whatever its case.
    #[schema(min_length = 1, max_length = 40, pattern = "^[A-Za-z][A-Za-z0-9_]*$")]
    pub code: String,
    #[schema(min_length = 1, max_length = 200)]
    pub name: String,
    #[schema(max_length = 200)]
    pub name_en: Option<String>,
    /// The board to which the unit belongs.
    pub board_id: Uuid,
    /// The unit of which it is a part.
    pub parent_id: Option<Uuid>,
    /// Who heads it from the first day on; has an appointment in the board on that day.
    pub head_id: Option<Uuid>,
    /// The first day.
    pub valid_from: NaiveDate,
    /// The last day; null while no end is known.
    pub valid_to: Option<NaiveDate>,
    /// The decision that founds it.
    #[schema(min_length = 1, max_length = 60)]
    pub decision_number: String,
    pub verification: Verification,
}

fn in_order(body: &OfficeUnitIn) -> Result<(), ValidationError> {
    days_in_order(body.valid_from, body.valid_to)
}

/// The last day is none before the first one.
pub(crate) fn days_in_order(first: NaiveDate, last: Option<NaiveDate>) -> Result<(), ValidationError> {
    if last.is_some_and(|last| last < first) {
        return Err(broken(
            "valid_to",
            "out_of_range",
            "không được trước valid_from",
            "must not be before valid_from",
        ));
    }
    Ok(())
}

/// Who heads a unit from a day on.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(examples(json!({
    "staff_id": demo::id("p_huy"), "valid_from": "2029-01-01", "decision_number": "16-QĐ/VPTU",
})))]
pub struct OfficeUnitHeadIn {
    /// Has an appointment in the unit's board on the first day.
    pub staff_id: Uuid,
    /// The first day; the head before ends on the day before. Not in the past where somebody heads the unit then.
    pub valid_from: NaiveDate,
    #[schema(min_length = 1, max_length = 60)]
    pub decision_number: String,
}

/// A unit of the office.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct OfficeUnitOut {
    pub id: Uuid,
    pub version: i64,
    pub code: String,
    pub name: String,
    pub name_en: Option<String>,
    pub board_id: Uuid,
    pub parent_id: Option<Uuid>,
    /// Who heads it on the day asked for, else today; null where nobody does.
    pub head_id: Option<Uuid>,
    /// All its heads, oldest first.
    pub heads: Vec<OfficeUnitHeadOut>,
    pub valid_from: NaiveDate,
    /// The last day; null while no end is known.
    pub valid_to: Option<NaiveDate>,
    pub decision_number: String,
    pub verification: Verification,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
    pub created_by_id: Option<Uuid>,
}

/// A head of a unit on some days.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct OfficeUnitHeadOut {
    pub staff_id: Uuid,
    pub full_name: String,
    pub valid_from: NaiveDate,
    /// The last day; null while no end is known.
    pub valid_to: Option<NaiveDate>,
    pub decision_number: String,
}

impl OfficeUnitHeadOut {
    pub(crate) fn new(row: office_unit_heads::Model, full_name: String) -> Self {
        let office_unit_heads::Model { id: _, unit_id: _, staff_id, valid_from, valid_to, decision_number } =
            row;
        Self { staff_id, full_name, valid_from, valid_to, decision_number }
    }
}

impl Resource for OfficeUnitOut {
    const COLLECTION: &'static str = "/v1/office-units";

    fn id(&self) -> Uuid {
        self.id
    }

    fn version(&self) -> i64 {
        self.version
    }
}

impl OfficeUnitOut {
    pub(crate) fn new(unit: Model, heads: Vec<OfficeUnitHeadOut>, on: NaiveDate) -> Self {
        let Model {
            id,
            code,
            code_key: _,
            name,
            name_en,
            board_id,
            parent_id,
            valid_from,
            valid_to,
            decision_number,
            verification,
            search: _,
            version,
            created_at,
            updated_at,
            created_by_id,
        } = unit;
        let head = heads
            .iter()
            .find(|head| head.valid_from <= on && head.valid_to.is_none_or(|last| last >= on))
            .map(|head| head.staff_id);
        Self {
            id,
            version,
            code,
            name,
            name_en,
            board_id,
            parent_id,
            head_id: head,
            heads,
            valid_from,
            valid_to,
            decision_number,
            verification,
            created_at,
            updated_at,
            created_by_id,
        }
    }
}

/// Which units.
#[derive(Clone, Debug, Default, Deserialize, Serialize, IntoParams, Validate)]
#[into_params(parameter_in = Query)]
pub struct OfficeUnitFilter {
    /// Units that exist on this day, with their heads of that day.
    pub on: Option<NaiveDate>,
    /// Units of this board.
    pub board_id: Option<Uuid>,
    /// Finds code and name, without case and diacritics.
    #[param(min_length = 1, max_length = 100)]
    pub q: Option<String>,
}
